"""Steps of models in C++ (`sim/bridge/steps.hpp`), where the extension is there.

A function looks at what does not change from step to step, and gives another one that does steps. Either
gives None where C++ does not take such arrays, the first also where there is no extension; the caller then
does what numpy does. Both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw import bridge
from lava_hw.magma.core.process.cast import cast

if TYPE_CHECKING:
    from lava_hw.proc.sparse.columns import Columns

__all__ = ["Steps", "dense_steps", "float_lif_steps", "lif_steps", "sparse_steps"]

Array = npt.NDArray[Any]
Steps = Callable[[Array], "Array | None"]
"""Does some steps: a row of what arrives for each, and a row of what comes of it."""

_extension: Any = bridge._ring if hasattr(bridge._ring, "lif_steps") else None
_INT32, _FLOAT = np.dtype(np.int32), np.dtype(np.float64)
_MOST_SHIFT = 31
_EXACT_SHIFT = 21
"""Inputs that are shifted further left need more than the 53 bits that numpy's way has."""


def _as(rows: Array, dtype: np.dtype[Any]) -> Array:
    """What a port received as a contiguous array of a type.

    Raises
    ------
    UndefinedValueError
        If the type is an integer one that cannot hold a value.
    """
    if rows.dtype != dtype:
        rows = cast(rows, dtype, "a message")
    return rows if rows.flags.c_contiguous else np.ascontiguousarray(rows)


def _messages(rows: Array, dtype: np.dtype[Any], graded: bool) -> Array | None:
    """Messages to a connection with weights of a type, if C++ has sums of them."""
    if dtype == _FLOAT:
        return _as(rows, _FLOAT) if rows.dtype.kind in "iubf" and rows.dtype.itemsize <= 8 else None
    if rows.dtype == _INT32:
        return _as(rows, _INT32)
    if rows.dtype.kind not in "iub":
        return None
    if not graded:
        return _as(rows != 0, _INT32)
    # Wider messages make wider products.
    return _as(rows, _INT32) if np.promote_types(rows.dtype, _INT32) == _INT32 else None


def _summable(weights: Any, exponent: Any) -> bool:
    """Whether C++ has sums of such weights."""
    if _extension is None or not (isinstance(weights, np.ndarray) and weights.flags.c_contiguous):
        return False
    if weights.dtype == _FLOAT:
        return True
    shifted = isinstance(exponent, (int, np.integer)) and -_MOST_SHIFT <= exponent <= _MOST_SHIFT
    return bool(weights.dtype == _INT32 and shifted)


def _are(dtype: np.dtype[Any], shape: tuple[int, ...], *arrays: Any) -> bool:
    """Whether variables are contiguous arrays of such a type and shape."""
    return all(
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.shape == shape
        and array.flags.c_contiguous
        for array in arrays
    )


def lif_steps(
    u: Array, v: Array, bias: Array, u_kept: Any, v_kept: Any, input_shift: int, threshold: Any
) -> Steps | None:
    """Steps of LIF neurons with one threshold.

    Parameters
    ----------
    u, v, bias : int32 arrays, [*shape]
        State, which is advanced in place, and what is added to v.
    u_kept, v_kept : int
        What a step leaves of 4096.
    input_shift : int
        Left shift of the input.
    threshold : int
        Above it, v spikes.

    Returns
    -------
    callable or None
        Gives the spikes, bool [steps, *shape], for inputs, [steps, *shape].
    """
    numbers = (u_kept, v_kept, input_shift, threshold)
    if _extension is None or not all(type(number) is int for number in numbers):
        return None
    if not (0 <= u_kept <= 4096 and 0 <= v_kept <= 4096 and 0 <= input_shift <= _EXACT_SHIFT):
        return None
    # Beyond 24 bits, what matters is the sign.
    bounded = max(min(threshold, 1 << 24), -1 << 24)
    return _lif(_INT32, _extension.lif_steps, (u, v, bias), (u_kept, v_kept, input_shift, bounded))


def float_lif_steps(
    u: Array, v: Array, bias: Array, u_kept: Array, v_kept: Array, threshold: Array
) -> Steps | None:
    """Steps of LIF neurons in floating point; see `lif_steps`.

    Parameters
    ----------
    u_kept, v_kept, threshold : array of one number
        What a step leaves of u and v; above the last one, v spikes.
    """
    numbers = (u_kept, v_kept, threshold)
    if _extension is None or not all(
        each.size == 1 and each.ndim <= 1 and each.dtype.kind in "iuf" and each.dtype.itemsize <= 8
        for each in numbers
    ):
        return None
    return _lif(_FLOAT, _extension.float_lif_steps, (u, v, bias), tuple(float(n.item()) for n in numbers))


def _lif(dtype: np.dtype[Any], do: Any, arrays: tuple[Any, ...], numbers: tuple[Any, ...]) -> Steps | None:
    shape = np.shape(arrays[1])
    kinds = "iub" if dtype == _INT32 else "f"
    if not _are(dtype, shape, *arrays):
        return None

    def steps(rows: Array) -> Array | None:
        if rows.shape[1:] != shape or rows.dtype.kind not in kinds or rows.dtype.itemsize > 8:
            return None
        spikes = np.empty(rows.shape, np.bool_)
        do(_as(rows, dtype), *arrays, spikes, *numbers)
        return spikes

    return steps


def dense_steps(weights: Array, exponent: Any, graded: bool) -> Steps | None:
    """Sums of the weights of active inputs, times 2^exponent.

    Parameters
    ----------
    weights : int32 or float64 array, [n_out, n_in]
        In Fortran order.
    exponent : int
        Left shift, or with a minus right shift, of sums of integers; 0 for floats.
    graded : bool
        Whether weights are multiplied by messages.

    Returns
    -------
    callable or None
        Gives sums, [steps, n_out] in the type of the weights, for messages, [steps, n_in].
    """
    columns, outputs, dtype = weights.T, len(weights), weights.dtype
    # numpy adds the floats of one output in an order of its own.
    if not _summable(columns, exponent) or not columns.size or (outputs == 1 and dtype == _FLOAT):
        return None
    do = _extension.float_dense_sums if dtype == _FLOAT else _extension.dense_sums

    def steps(rows: Array) -> Array | None:
        given = _messages(rows, dtype, graded)
        if given is None:
            return None
        sums = np.empty((len(rows), outputs), dtype)
        do(given, columns, sums, exponent, graded)
        return sums

    return steps


def sparse_steps(columns: Columns, weights: Array, outputs: int, exponent: Any, graded: bool) -> Steps | None:
    """Sums as `dense_steps` has them, of a sparse matrix.

    Parameters
    ----------
    columns : Columns
        Where its entries are.
    weights : int32 or float64 array, [n]
        Their values.
    outputs : int
        Number of sums.
    exponent, graded
        See `dense_steps`.

    Returns
    -------
    callable or None
        See `dense_steps`.
    """
    places = columns.narrow() if _summable(weights, exponent) else None
    if places is None:
        return None
    dtype = weights.dtype
    do = _extension.float_sparse_sums if dtype == _FLOAT else _extension.sparse_sums

    def steps(rows: Array) -> Array | None:
        given = _messages(rows, dtype, graded)
        if given is None:
            return None
        sums = np.empty((len(rows), outputs), dtype)
        do(given, *places, weights, sums, exponent, graded)
        return sums

    return steps
