"""Steps of models in C++ (`sim/bridge/steps.hpp`), where the extension is there.

A function gives None where its arrays are not those that C++ takes, or there is no extension; the caller then
does what numpy does. Both give the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw import bridge

if TYPE_CHECKING:
    from lava_hw.proc.sparse.columns import Columns

__all__ = ["dense_sums", "float_lif_spikes", "lif_spikes", "sparse_sums"]

Array = npt.NDArray[Any]

_extension: Any = bridge._ring if hasattr(bridge._ring, "lif_steps") else None
_INT32, _FLOAT = np.dtype(np.int32), np.dtype(np.float64)
_MOST_SHIFT = 31
_EXACT_SHIFT = 21
"""Inputs that are shifted further left need more than the 53 bits that numpy's way has."""


def _as(rows: Array, dtype: np.dtype[Any]) -> Array:
    """What a port received as a contiguous array of a type; wider integers wrap."""
    if rows.dtype != dtype:
        rows = rows.astype(dtype)
    return rows if rows.flags.c_contiguous else np.ascontiguousarray(rows)


def _messages(rows: Array, weights: Array, exponent: Any, graded: bool) -> Array | None:
    """Messages to a connection with such weights, if C++ has sums of them."""
    if _extension is None or not (isinstance(weights, np.ndarray) and weights.flags.c_contiguous):
        return None
    if weights.dtype == _FLOAT:
        return _as(rows, _FLOAT) if rows.dtype.kind in "iubf" and rows.dtype.itemsize <= 8 else None
    if weights.dtype != _INT32 or rows.dtype.kind not in "iub":
        return None
    if not (isinstance(exponent, (int, np.integer)) and -_MOST_SHIFT <= exponent <= _MOST_SHIFT):
        return None
    if not graded:
        return _as(rows if rows.dtype == _INT32 else rows != 0, _INT32)
    # Wider messages make wider products.
    return _as(rows, _INT32) if np.promote_types(rows.dtype, _INT32) == _INT32 else None


def _are(dtype: np.dtype[Any], shape: tuple[int, ...], *arrays: Any) -> bool:
    """Whether variables are contiguous arrays of such a type and shape."""
    return all(
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.shape == shape
        and array.flags.c_contiguous
        for array in arrays
    )


def lif_spikes(
    rows: Array, u: Array, v: Array, bias: Array, u_kept: Any, v_kept: Any, input_shift: int, threshold: Any
) -> npt.NDArray[np.bool_] | None:
    """Advance u and v of LIF neurons with one threshold, in place.

    Parameters
    ----------
    rows : array, [steps, *shape]
        Input of each step.
    u, v, bias : int32 arrays, [*shape]
        State, and what is added to v.
    u_kept, v_kept : int
        What a step leaves of 4096.
    input_shift : int
        Left shift of the input.
    threshold : int
        Above it, v spikes.

    Returns
    -------
    bool array, [steps, *shape], or None
        Spikes.
    """
    numbers = (u_kept, v_kept, input_shift, threshold)
    if _extension is None or not all(type(number) is int for number in numbers):
        return None
    if not (0 <= u_kept <= 4096 and 0 <= v_kept <= 4096 and 0 <= input_shift <= _EXACT_SHIFT):
        return None
    if rows.dtype.kind not in "iub" or not _are(_INT32, rows.shape[1:], u, v, bias):
        return None
    spikes = np.empty(rows.shape, np.bool_)
    # Beyond 24 bits, what matters is the sign.
    bounded = max(min(threshold, 1 << 24), -1 << 24)
    _extension.lif_steps(_as(rows, _INT32), u, v, bias, spikes, u_kept, v_kept, input_shift, bounded)
    return spikes


def float_lif_spikes(
    rows: Array, u: Array, v: Array, bias: Array, u_kept: Array, v_kept: Array, threshold: Array
) -> npt.NDArray[np.bool_] | None:
    """Advance u and v of LIF neurons in floating point; see `lif_spikes`.

    Parameters
    ----------
    u_kept, v_kept, threshold : array of one number
        What a step leaves of u and v; above the last one, v spikes.
    """
    if _extension is None or not _are(_FLOAT, rows.shape[1:], u, v, bias):
        return None
    numbers = (u_kept, v_kept, threshold)
    if rows.dtype != _FLOAT or not all(
        each.size == 1 and each.ndim <= 1 and each.dtype.kind in "iuf" and each.dtype.itemsize <= 8
        for each in numbers
    ):
        return None
    spikes = np.empty(rows.shape, np.bool_)
    floats = [float(each.item()) for each in numbers]
    _extension.float_lif_steps(_as(rows, _FLOAT), u, v, bias, spikes, *floats)
    return spikes


def dense_sums(rows: Array, weights: Array, exponent: int, graded: bool) -> Array | None:
    """Sums of the weights of active inputs, times 2^exponent.

    Parameters
    ----------
    rows : array, [steps, n_in]
        Messages.
    weights : int32 or float64 array, [n_out, n_in]
        In Fortran order.
    exponent : int
        Left shift, or with a minus right shift, of sums of integers; 0 for floats.
    graded : bool
        Whether weights are multiplied by messages.

    Returns
    -------
    array, [steps, n_out], or None
        Sums, in the type of the weights.
    """
    columns, outputs = weights.T, len(weights)
    given = _messages(rows, columns, exponent, graded)
    # numpy adds the floats of one output in an order of its own.
    if given is None or not columns.size or (outputs == 1 and columns.dtype == _FLOAT):
        return None
    sums = np.empty((len(rows), outputs), columns.dtype)
    do = _extension.float_dense_sums if columns.dtype == _FLOAT else _extension.dense_sums
    do(given, columns, sums, exponent, graded)
    return sums


def sparse_sums(
    rows: Array, columns: Columns, weights: Array, outputs: int, exponent: int, graded: bool
) -> Array | None:
    """Sums as `dense_sums` has them, of a sparse matrix.

    Parameters
    ----------
    rows : array, [steps, n_in]
        Messages.
    columns : Columns
        Where its entries are.
    weights : int32 or float64 array, [n]
        Their values.
    outputs : int
        Number of sums.
    exponent, graded
        See `dense_sums`.

    Returns
    -------
    array, [steps, outputs], or None
        Sums, in the type of the weights.
    """
    given = _messages(rows, weights, exponent, graded)
    places = None if given is None else columns.narrow()
    if given is None or places is None:
        return None
    sums = np.empty((len(rows), outputs), weights.dtype)
    do = _extension.float_sparse_sums if weights.dtype == _FLOAT else _extension.sparse_sums
    do(given, *places, weights, sums, exponent, graded)
    return sums
