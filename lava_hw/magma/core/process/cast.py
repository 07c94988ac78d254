"""Numbers into integer types: fractions are cut off, and what has no defined value is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.errors import UndefinedValueError

__all__ = ["cast", "outside", "whole"]

Array = npt.NDArray[Any]


def outside(values: Array, low: int, high: int) -> npt.NDArray[np.bool_] | None:
    """Where values are not finite or, without their fraction, not between two integers; None if nowhere."""
    if not values.size or values.dtype.kind == "b":
        return None
    if values.dtype.kind in "iu":
        info = np.iinfo(values.dtype)
        if low <= int(values.min()) and int(values.max()) <= high:
            return None
        # A comparison with what the type cannot hold is not the same in all versions of numpy.
        below = values < low if low > info.min else np.zeros(values.shape, np.bool_)
        above = values > high if high < info.max else np.zeros(values.shape, np.bool_)
        return below | above
    wide = values if values.dtype.itemsize > 8 else values.astype(np.float64, copy=False)
    # Beyond 2^53 not every integer is a float64, but every float64 is one: there the limit is compared.
    under, over = float(low - 1), float(high + 1)
    with np.errstate(invalid="ignore"):
        good = wide > under if under == low - 1 else wide >= low
        good &= wide < over if over == high + 1 else wide <= high
    return None if good.all() else ~good


def refusal(values: Array, bad: npt.NDArray[np.bool_], where: str, holds: str) -> UndefinedValueError:
    """The error for the first element that is bad."""
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    element = f"element {place} is" if place else "the value is"
    return UndefinedValueError(f"{where}: {element} {values[place]!s}; {holds}")


def whole(values: Any, low: int, high: int, where: str, holds: str = "") -> Array:
    """Values without their fraction, as integers between two limits.

    Parameters
    ----------
    values : array-like
        Numbers of any type.
    low, high : int
        Limits, within 64 bits.
    where : str
        `process.var` or `process.port`, for the message.
    holds : str, optional
        What is held there, for the message.

    Returns
    -------
    np.ndarray of an integer type, or bool

    Raises
    ------
    UndefinedValueError
        If one of them is not finite, or lies outside; the message names the first one and its place.
    """
    array = np.asarray(values)
    holds = holds or f"integers from {low} to {high} are held there"
    if array.dtype.kind == "O" and all(isinstance(v, int) for v in array.flat):
        # Python integers that no type of numpy holds.
        bad = np.array([not low <= v <= high for v in array.flat], np.bool_).reshape(array.shape)
        if bad.any():
            raise refusal(array, bad, where, holds)
        return array.astype(np.uint64 if high >= 1 << 63 else np.int64)
    if array.dtype.kind not in "biuf":
        raise UndefinedValueError(f"{where}: values of type {array.dtype} are given; {holds}")
    found = outside(array, low, high)
    if found is not None:
        raise refusal(array, found, where, holds)
    if array.dtype.kind != "f":
        return array
    return array.astype(np.uint64 if low >= 0 and high >= 1 << 63 else np.int64)


def cast(values: Array, dtype: np.dtype[Any], where: str) -> Array:
    """Values in a type, as numpy converts them, but nothing without a defined value in an integer type.

    Raises
    ------
    UndefinedValueError
        See `whole`.
    """
    if dtype.kind not in "iu" or values.dtype == dtype or np.can_cast(values.dtype, dtype):
        return values.astype(dtype)
    info = np.iinfo(dtype)
    holds = f"{dtype.name} holds {info.min} to {info.max}"
    return whole(values, int(info.min), int(info.max), where, holds).astype(dtype)
