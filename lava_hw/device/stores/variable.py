"""`StoredVariable`: a variable of a process, its type and its store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.device.errors import ValueRefused
from lava_hw.device.exact import INT32_MAX, INT32_MIN, exact_int32
from lava_hw.device.stores.store import Values
from lava_hw.image.manifest import PatternEntry
from lava_hw.sparse_values import entries


def _or(limit: int | None, other: int) -> int:
    return other if limit is None else limit


def element(flat: int, shape: tuple[int, ...], pattern: PatternEntry | None) -> str:
    """Say which element of a Var number `flat` is; with a pattern, an entry of the matrix."""
    if pattern is None:
        place = tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
    else:
        row = int(np.searchsorted(np.array(pattern.first), flat, "right")) - 1
        place = (row, pattern.columns[flat])
    return f"element {place}"


@dataclass(frozen=True)
class StoredVariable:
    """A variable of a process, and where it is.

    With a `pattern` it is a sparse matrix, and its elements are the entries of the pattern.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    store: Any
    low: int | None = None
    high: int | None = None
    pattern: PatternEntry | None = None

    @property
    def held(self) -> tuple[int, ...]:
        """Shape of the elements."""
        return self.shape if self.pattern is None else (len(self.pattern.columns),)

    def given(self, value: Any) -> NDArray[Any]:
        """Give what a user sets as an array, not yet checked: the elements, or one value for all.

        Raises
        ------
        ValueRefused
            If its shape, or its pattern, is another one.
        """
        if self.pattern is not None:
            first, columns = np.array(self.pattern.first), np.array(self.pattern.columns)
            try:
                return entries(value, self.shape, first, columns, self.name)
            except ValueError as error:
                raise ValueRefused(str(error)) from None
        array = np.asarray(value.toarray() if hasattr(value, "tocsr") else value)
        if array.shape != self.shape and array.size != 1:
            raise ValueRefused(
                f"{self.name}: the value has shape {array.shape}; the variable has {self.shape}"
            )
        return array.reshape(()) if array.size == 1 else array

    def check(self, value: Any) -> Values:
        """Give `value` as flat int64 array of the variable's elements.

        As in a Python model, fractions are cut off.

        Raises
        ------
        ValueRefused
            If the shape is neither the variable's nor one value, a sparse matrix has another pattern, or a
            value without its fraction is no number of the variable's type, of 32 bits, and between its
            limits.
        """
        array = self.given(value)
        if array.dtype.kind == "f" and self.dtype.kind in "iu":
            array = np.trunc(array)
        low, high = INT32_MIN, INT32_MAX
        if self.dtype.kind in "iu":
            low, high = max(low, int(np.iinfo(self.dtype).min)), min(high, int(np.iinfo(self.dtype).max))
        low, high = max(low, _or(self.low, low)), min(high, _or(self.high, high))
        exact = exact_int32(array, self.name, "element", low, high)
        return np.broadcast_to(exact, self.held).reshape(-1)

    def shaped(self, values: NDArray[Any]) -> Any:
        """Give flat values in the variable's shape and type; a csr_matrix if it has a pattern."""
        typed = values.astype(self.dtype)
        if self.pattern is None:
            return typed.reshape(self.shape)
        from scipy.sparse import csr_matrix  # images without sparse matrices are read without scipy

        first, columns = np.array(self.pattern.first, np.int32), np.array(self.pattern.columns, np.int32)
        return csr_matrix((typed.reshape(-1), columns, first), shape=self.shape)
