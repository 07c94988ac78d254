"""Inverse square root of integers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["clz", "inv_sqrt", "make_fpinv_table"]

Int64 = npt.NDArray[np.int64]

_BITS = 24
# Centres the error of the first guess within an interval between two powers of two.
_CENTRE = 1.238982962


def make_fpinv_table(fp_base: int) -> Int64:
    """First guesses, twice the inverse square root of a power of two, by the number of leading zeros.

    Parameters
    ----------
    fp_base : int
        Bits behind the point.

    Returns
    -------
    np.ndarray of int64, [24]
    """
    table = np.zeros(_BITS, dtype=np.int64)
    for power in range(_BITS):
        table[_BITS - 1 - power] = 2 * int(2**fp_base / (2 ** ((power - fp_base) / 2) * _CENTRE))
    return table


def clz(val: Any) -> Any:
    """Leading zeros of positive integers in 24 bits (negative from 2^24 on).

    Parameters
    ----------
    val : int or array of int
        At least 1.
    """
    # A float64 holds 32 bits exactly, and its exponent is their length.
    return _BITS - np.frexp(np.asarray(val, dtype=np.float64))[1]


def inv_sqrt(s_fp: Any, n_iters: int = 5, b_fraction: int = 12) -> Any:
    """Inverse square root; see `InvSqrt` for the equations.

    Parameters
    ----------
    s_fp : int or array of int
        At least 1, with `b_fraction` bits behind the point.
    n_iters : int, default 5
        Steps of the iteration.
    b_fraction : int, default 12
        Bits behind the point.

    Returns
    -------
    np.int64 or np.ndarray of int64
        With `b_fraction` bits behind the point.
    """
    b = np.asarray(s_fp).astype(np.int64)
    factor = make_fpinv_table(b_fraction)[clz(b)]
    y = factor >> 1
    shift = np.int64(b_fraction + 1)
    for _ in range(n_iters):
        b = (((b * factor) >> shift) * factor) >> shift
        factor = np.int64(3 << b_fraction) - b
        y = (y * factor) >> shift
    return y
