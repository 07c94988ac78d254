"""Integer arithmetic of the fixed-point neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.cast import cast

__all__ = ["UV_LIMIT", "decay", "integer", "integers", "shift_bias", "to_int32", "wrap_current"]

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]

UV_LIMIT = 1 << 23
"""u lies in (-UV_LIMIT, UV_LIMIT], v in [-(UV_LIMIT - 1), UV_LIMIT - 1]."""

_EXACT = 1 << 21
_OFFSET = np.int32(UV_LIMIT - 1)
_RANGE = np.uint32(2 * UV_LIMIT - 1)


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


def integers(values: npt.NDArray[Any], port: str) -> Int32:
    """What a port received, as int32.

    Whole numbers in floating point, from a source in floating point, are taken as what they are.

    Raises
    ------
    TypeError
        If there are other values; they are never rounded silently.
    UndefinedValueError
        If int32 cannot hold one.
    """
    if values.dtype == np.int32:
        return values
    if values.dtype.kind not in "iub":
        fraction = values.dtype.kind != "f" or bool(
            np.any((values != np.trunc(values)) & np.isfinite(values))
        )
        if fraction:
            raise TypeError(
                f"{port} received {values.dtype} values that are no integers; the fixed-point model needs "
                "integers. Use a fixed-point source, for example with select_tag='fixed_pt'."
            )
    return cast(values, np.dtype(np.int32), port)


def decay(state: Int32, factor: Any, bits: int = 12) -> Float64:
    """Product of state and factor over 2^bits, rounded toward zero: whole numbers, held in float64.

    With 32 bits of state and 21 of the factor the product is exact in the 53 bits of a float64, dividing by
    a power of two keeps it exact, and truncation is the wanted rounding. This takes two operations where
    integers take six.
    """
    if type(factor) is int and -_EXACT < factor < _EXACT:
        product: Float64 = np.multiply(state, factor / float(1 << bits), dtype=np.float64)
        return np.trunc(product, out=product)
    whole = state.astype(np.int64) * factor
    # Adding 2^bits - 1 to negative products makes the flooring shift round toward zero.
    below = (whole >> np.int64(63)) & np.int64((1 << bits) - 1)
    return ((whole + below) >> np.int64(bits)).astype(np.float64)


def to_int32(whole: Float64) -> Int32:
    """Whole numbers below 2^63 as int32, wrapping."""
    return whole.astype(np.int64).astype(np.int32)


def wrap_current(u: Int32) -> None:
    """Wrap into (-2^23, 2^23], in place, and once only: what is beyond 3 * 2^23 stays out of range."""
    # One unsigned comparison finds both sides; most steps end here.
    if ((u + _OFFSET).view(np.uint32) > _RANGE).any():
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
