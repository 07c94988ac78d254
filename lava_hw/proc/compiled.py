"""Steps of fixed-point models in C++ (`sim/bridge/steps.hpp`), where the extension is there.

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

__all__ = ["dense_sums", "lif_spikes", "sparse_sums"]

Array = npt.NDArray[Any]
Int32 = npt.NDArray[np.int32]

_extension: Any = bridge._ring if hasattr(bridge._ring, "lif_steps") else None
_INT32 = np.dtype(np.int32)
_MOST_SHIFT = 31
_EXACT_SHIFT = 21
"""Inputs that are shifted further left need more than the 53 bits that numpy's way has."""


def _contiguous(rows: Array) -> Int32:
    """Integers of a port as contiguous int32; wider ones wrap."""
    if rows.dtype != _INT32:
        rows = rows.astype(_INT32)
    return rows if rows.flags.c_contiguous else np.ascontiguousarray(rows)


def _messages(rows: Array, exponent: Any, graded: bool) -> Int32 | None:
    """Messages to a connection, if C++ has sums of such ones."""
    if _extension is None or rows.dtype.kind not in "iub" or not isinstance(exponent, (int, np.integer)):
        return None
    if not -_MOST_SHIFT <= exponent <= _MOST_SHIFT:
        return None
    if rows.dtype == _INT32:
        return _contiguous(rows)
    if not graded:
        return _contiguous(rows != 0)
    # Wider ones make wider products.
    return _contiguous(rows) if np.promote_types(rows.dtype, _INT32) == _INT32 else None


def _plain(array: Any) -> bool:
    """Whether a variable is a contiguous array of int32."""
    return isinstance(array, np.ndarray) and array.dtype == _INT32 and array.flags.c_contiguous


def lif_spikes(
    rows: Array, u: Array, v: Array, bias: Array, u_kept: Any, v_kept: Any, input_shift: int, threshold: Any
) -> npt.NDArray[np.bool_] | None:
    """Advance u and v of LIF neurons with one threshold, in place.

    Parameters
    ----------
    rows : int array, [steps, *shape]
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
    if rows.dtype.kind not in "iub" or not (_plain(u) and _plain(v) and _plain(bias)):
        return None
    if bias.shape != v.shape:
        return None
    spikes = np.empty(rows.shape, np.bool_)
    # Beyond 24 bits, what matters is the sign.
    bounded = max(min(threshold, 1 << 24), -1 << 24)
    _extension.lif_steps(_contiguous(rows), u, v, bias, spikes, u_kept, v_kept, input_shift, bounded)
    return spikes


def dense_sums(rows: Array, weights: Array, exponent: int, graded: bool) -> Int32 | None:
    """Sums of the weights of active inputs, times 2^exponent.

    Parameters
    ----------
    rows : int array, [steps, n_in]
        Messages.
    weights : int32 array, [n_out, n_in]
        In Fortran order.
    exponent : int
        Left shift, or with a minus right shift, of the sums.
    graded : bool
        Whether weights are multiplied by messages.

    Returns
    -------
    int32 array, [steps, n_out], or None
        Sums.
    """
    columns = weights.T
    given = _messages(rows, exponent, graded)
    if given is None or not columns.size or not _plain(columns):
        return None
    sums = np.empty((len(rows), len(weights)), _INT32)
    _extension.dense_sums(given, columns, sums, exponent, graded)
    return sums


def sparse_sums(
    rows: Array, columns: Columns, weights: Array, outputs: int, exponent: int, graded: bool
) -> Int32 | None:
    """Sums as `dense_sums` has them, of a sparse matrix.

    Parameters
    ----------
    rows : int array, [steps, n_in]
        Messages.
    columns : Columns
        Where its entries are.
    weights : int32 array, [n]
        Their values.
    outputs : int
        Number of sums.
    exponent, graded
        See `dense_sums`.

    Returns
    -------
    int32 array, [steps, outputs], or None
        Sums.
    """
    given, places = _messages(rows, exponent, graded), columns.narrow()
    if given is None or places is None or not _plain(weights):
        return None
    sums = np.empty((len(rows), outputs), _INT32)
    _extension.sparse_sums(given, *places, weights, sums, exponent, graded)
    return sums
