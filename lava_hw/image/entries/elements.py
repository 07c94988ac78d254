"""`Elements`: which elements of a port or Var some places hold, in the order of the places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.image.entries.forms import ELEMENTS, Integer, Numbers, fail
from lava_hw.image.entries.records import Entry

Ints = NDArray[np.int64]
NONE = -1
"""Stands for a place without an element."""


@dataclass(frozen=True)
class Elements(Entry):
    """Place k holds element `order[k]`, or `first` + k where `order` is None; `NONE` for none.

    Elements are counted in C order.
    """

    count: Annotated[int, Integer(0, ELEMENTS)]
    first: Annotated[int, Integer(0, ELEMENTS)] = 0
    order: Annotated[tuple[int, ...], Numbers(NONE, ELEMENTS)] | None = None

    @classmethod
    def of(cls, elements: Ints) -> Elements:
        """Give the shortest form of some elements."""
        count = len(elements)
        first = int(elements[0]) if count else 0
        if first >= 0 and np.array_equal(elements, np.arange(first, first + count)):
            return cls(count, first)
        return cls(count, order=tuple(elements.tolist()))

    @cached_property
    def array(self) -> Ints:
        """The elements, int64 [count], read-only."""
        if self.order is None:
            array = np.arange(self.first, self.first + self.count, dtype=np.int64)
        else:
            array = np.array(self.order, np.int64)
        array.flags.writeable = False
        return array

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if self.order is not None and len(self.order) != self.count:
            fail(f"{where}.order", f"has {len(self.order)} elements for a count of {self.count}")

    def check_size(self, size: int, where: str) -> None:
        """Check that all are elements of a port or Var of `size` elements.

        Raises
        ------
        ImageError
            If one is not.
        """
        if self.order is None:
            if self.first + self.count > size:
                fail(where, f"elements {self.first} to {self.first + self.count - 1} of {size}")
        elif self.order and max(self.order) >= size:
            fail(f"{where}.order", f"element {max(self.order)} of {size}")
