"""One value for all elements, in the constants of cores."""

from __future__ import annotations

import numpy as np

from lava_hw.device.places import Places, Words, region_address
from lava_hw.device.stores.store import Linear, Values, refuse
from lava_hw.image.manifest import ConstEntry
from lava_hw.regs import CoreRegion


class ConstStore:
    """One value, the same in all places of the constants."""

    def __init__(self, entry: ConstEntry, shape: tuple[int, ...]) -> None:
        self.region: int | None = int(CoreRegion.CONSTANT)
        self._shape = shape
        self._linear = Linear(entry.scale, entry.offset)
        places = np.array([(place.core, place.index) for place in entry.at], np.int64)
        self._places = Places(places[:, 0], places[:, 1] + region_address(CoreRegion.CONSTANT))

    def locate(self, step: int) -> Places:
        """See `store.Store`."""
        return self._places

    def decode(self, words: Words) -> Values:
        """See `store.Store`."""
        size = int(np.prod(self._shape, dtype=np.int64))
        return np.repeat(self._linear.decode(words[:1]), size)

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`."""
        differs = np.flatnonzero(values != values[0])
        if len(differs):
            limit = (
                f"the image holds one value for all elements ({int(values[0])}); compile with the new values"
            )
            raise refuse(name, self._shape, int(differs[0]), int(values[differs[0]]), limit)
        return np.repeat(self._linear.encode(values[:1], name, self._shape), len(self._places))

    def needs_old(self) -> bool:
        """See `store.Store`."""
        return False
