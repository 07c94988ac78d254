"""Which numbers a chip holds: integers of 32 signed bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.errors import ValueRefused

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def exact_int32(
    values: ArrayLike, where: str, what: str = "value", low: int = INT32_MIN, high: int = INT32_MAX
) -> NDArray[np.int64]:
    """Give `values` as int64 if all of them are integers that 32 signed bits hold.

    Parameters
    ----------
    values : array_like
        Booleans, integers, or floats without a fraction.
    where : str
        Name of the port or variable, for the message.
    what : str
        What one of the values is called in the message.
    low, high : int
        Least and greatest value, where they are closer.

    Raises
    ------
    ValueRefused
        If one of them is not such an integer; the message names the first one and its place.
    """
    array = np.asarray(values)
    if array.dtype.kind == "O" and all(isinstance(value, int) for value in array.flat):
        array = np.asarray(array, np.float64)  # integers beyond all types of numpy
    if array.dtype.kind not in "biuf":
        raise ValueRefused(f"{where}: values of type {array.dtype} are not numbers; give integers")
    if array.dtype.kind == "b" or (
        array.dtype.kind in "iu" and array.dtype.itemsize < 4 and low == INT32_MIN
    ):
        return array.astype(np.int64)
    with np.errstate(invalid="ignore"):
        # Small types are compared in a wide one, which holds both limits.
        wide = array.astype(np.float64) if array.dtype.itemsize < 8 else array
        bad = ~((wide >= low) & (wide <= high))
        if array.dtype.kind == "f":
            bad |= array != np.trunc(array)
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        value = array[place]
        limit = f"{low} to {high}"
        if array.dtype.kind == "f" and np.isfinite(value) and value != np.trunc(value):
            limit = "integers only; scale it first"
        raise ValueRefused(
            f"{where}: {f'{what} {place}' if place else 'it'} is {value}; the chip holds {limit}"
        )
    return array.astype(np.int64)
