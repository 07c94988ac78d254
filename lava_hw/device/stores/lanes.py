"""Values in lanes of the state memory or of the accumulators; there the parts of a sum may lie on several
cores.
"""

from __future__ import annotations

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import DeviceError
from lava_hw.device.places import Places, Words, region_address
from lava_hw.device.stores.store import Linear, Values
from lava_hw.image.manifest import AccEntry, AccPiece, StateEntry, StatePiece
from lava_hw.regs import CoreRegion


class LaneStore:
    """Values in lanes of the state memory or of the accumulators, one word each."""

    def __init__(self, entry: StateEntry | AccEntry, shape: tuple[int, ...], chip: Chip, where: str) -> None:
        self._acc = isinstance(entry, AccEntry)
        self.region: int | None = int(CoreRegion.ACC if self._acc else CoreRegion.STATE)
        self._shape, self._chip = shape, chip
        self._size = int(np.prod(shape, dtype=np.int64))
        if isinstance(entry, AccEntry):
            self._linear = Linear(shift=entry.shift, bits=entry.bits)
        else:
            self._linear = Linear(entry.scale, entry.offset)
        parts = [self._piece(piece) for piece in entry.pieces]
        self._core, self._elements, self._offset, self._slot, self._part, self._area = (
            np.concatenate([part[i] for part in parts] or [np.zeros(0, np.int64)]) for i in range(6)
        )
        # Of copies in several places one is read.
        self._areas = int(self._area.max(initial=0)) + 1
        place = (self._part * self._areas + self._area) * self._size + self._elements
        self._read = np.unique(place, return_index=True)[1]
        for part in np.unique(self._part) if len(place) else [0]:
            mine = (self._part == part) & (self._area == 0)
            there = len(np.unique(self._elements[mine]))
            if there != self._size:
                of_part = f" of part {part}" if part else ""
                raise DeviceError(f"{where}: the image has {there} of {self._size} elements{of_part}")

    def _piece(self, piece: StatePiece | AccPiece) -> tuple[Values, ...]:
        """Core, element, place, slot, part and area of each value."""
        elements, lanes = piece.elements.array, self._chip.lanes
        k = np.arange(len(elements), dtype=np.int64)
        if isinstance(piece, StatePiece):
            line = piece.base + k // lanes * piece.nvars + piece.var
            slot = part = area = 0
        else:
            line, slot = piece.base + k // lanes, piece.slot
            part, area = piece.part, piece.area
        offset = line * lanes + k % lanes
        used = elements >= 0
        count = int(used.sum())
        core, *others = (np.full(count, number, np.int64) for number in (piece.core, slot, part, area))
        return core, elements[used], offset[used], *others

    def locate(self, step: int) -> Places:
        """See `store.Store`; accumulators are those of the slots that the next steps read."""
        assert self.region is not None
        addr = self._offset + region_address(self.region)
        if self._acc:
            slot = (step + 1 + self._slot) % self._chip.delay_slots
            addr = addr + slot * self._chip.acc_pitch * self._chip.lanes
        return Places(self._core, addr)

    def decode(self, words: Words) -> Values:
        """See `store.Store`; parts of a sum are added first, areas when their bits are known, modulo 2^32."""
        sums = np.zeros((self._areas, self._size), np.uint32)
        read = self._read
        words = np.ascontiguousarray(words, np.uint32)[read]
        np.add.at(sums, (self._area[read], self._elements[read]), words)
        values = np.array([self._linear.decode(area) for area in sums])
        return values[0] if self._areas == 1 else values.sum(axis=0).astype(np.int32).astype(np.int64)

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`."""
        words = self._linear.encode(values, name, self._shape)[self._elements]
        words[(self._part > 0) | (self._area > 0)] = 0
        return words

    def needs_old(self) -> bool:
        """See `store.Store`."""
        return False
