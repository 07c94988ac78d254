"""`StoredVariable`: a variable of a process, its type and its store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.errors import ValueRefused
from lava_hw.device.exact import INT32_MAX, INT32_MIN, exact_int32
from lava_hw.device.stores.store import Values


def _or(limit: int | None, other: int) -> int:
    return other if limit is None else limit


@dataclass(frozen=True)
class StoredVariable:
    """A variable of a process, and where it is."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    store: Any
    low: int | None = None
    high: int | None = None

    def check(self, value: ArrayLike) -> Values:
        """Give `value` as flat int64 array of the variable's size.

        As in a Python model, fractions are cut off.

        Raises
        ------
        ValueRefused
            If the shape is neither the variable's nor one value, or a value without its fraction is no
            number of the variable's type, of 32 bits, and between its limits.
        """
        array = np.asarray(value)
        if array.shape != self.shape and array.size != 1:
            raise ValueRefused(
                f"{self.name}: the value has shape {array.shape}; the variable has {self.shape}"
            )
        if array.size == 1:
            array = array.reshape(())
        if array.dtype.kind == "f" and self.dtype.kind in "iu":
            array = np.trunc(array)
        low, high = INT32_MIN, INT32_MAX
        if self.dtype.kind in "iu":
            low, high = max(low, int(np.iinfo(self.dtype).min)), min(high, int(np.iinfo(self.dtype).max))
        low, high = max(low, _or(self.low, low)), min(high, _or(self.high, high))
        exact = exact_int32(array, self.name, "element", low, high)
        return np.broadcast_to(exact, self.shape).reshape(-1)

    def shaped(self, values: NDArray[Any]) -> NDArray[Any]:
        """Give flat values in the variable's shape and type."""
        return values.astype(self.dtype).reshape(self.shape)
