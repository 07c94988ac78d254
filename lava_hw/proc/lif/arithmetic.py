"""Integer arithmetic of the fixed-point neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["UV_LIMIT", "decay", "integer", "shift_bias", "wrap_current"]

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]

UV_LIMIT = 1 << 23
"""u lies in (-UV_LIMIT, UV_LIMIT], v in [-(UV_LIMIT - 1), UV_LIMIT - 1]."""


def integer(value: Any, name: str) -> Any:
    """Value of an integer parameter: a Python int if it is one number, else an int64 array.

    Raises
    ------
    TypeError
        If it is no integer.
    """
    if type(value) is int:
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "iub":
        raise TypeError(f"{name}={value!r} is not an integer; the fixed-point model needs integers.")
    return int(array.reshape(-1)[0]) if array.size == 1 else array.astype(np.int64)


def decay(state: Int32, factor: Any) -> Int64:
    """State * factor / 2^12, rounded toward zero, with a 64-bit product."""
    product = state.astype(np.int64)
    product *= factor
    # Adding 4095 to negative products makes the flooring shift round toward zero.
    product += (product >> np.int64(63)) & np.int64(4095)
    product >>= np.int64(12)
    return product


def wrap_current(u: Int32) -> None:
    """Wrap into (-2^23, 2^23], in place, and once only: what is beyond 3 * 2^23 stays out of range."""
    # One unsigned comparison finds both sides; most steps end here.
    if ((u + np.int32(UV_LIMIT - 1)).view(np.uint32) > np.uint32(2 * UV_LIMIT - 1)).any():
        above, below = u > UV_LIMIT, u <= -UV_LIMIT
        u[above] -= np.int32(2 * UV_LIMIT)
        u[below] += np.int32(2 * UV_LIMIT)


def shift_bias(mantissa: npt.NDArray[Any], exponent: npt.NDArray[Any]) -> Int32:
    """Mantissa * 2^exponent, wrapping at 32 bits; a negative exponent shifts right and floors."""
    mant = np.asarray(mantissa).astype(np.int32)
    exp = np.asarray(exponent).astype(np.int32)
    return np.where(
        exp >= 0, np.left_shift(mant, np.maximum(exp, 0)), np.right_shift(mant, np.maximum(-exp, 0))
    )
