"""Values in lanes of the state memory or of the accumulators."""

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
        self._core, self._elements, self._offset, self._slot, self._part = (
            np.concatenate([part[i] for part in parts] or [np.zeros(0, np.int64)]) for i in range(5)
        )
        there = np.unique(self._elements[self._part == 0])
        if len(there) != self._size:
            raise DeviceError(f"{where}: the image has {len(there)} of {self._size} elements")

    def _piece(self, piece: StatePiece | AccPiece) -> tuple[Values, Values, Values, Values, Values]:
        elements, lanes = piece.elements.array, self._chip.lanes
        k = np.arange(len(elements), dtype=np.int64)
        if isinstance(piece, StatePiece):
            line, slot, part = piece.base + k // lanes * piece.nvars + piece.var, 0, 0
        else:
            line, slot, part = piece.base + k // lanes, piece.slot, piece.part
        offset = line * lanes + k % lanes
        used = elements >= 0
        count = int(used.sum())
        same = (np.full(count, number, np.int64) for number in (piece.core, slot, part))
        core, slots, parts = same
        return core, elements[used], offset[used], slots, parts

    def locate(self, step: int) -> Places:
        """See `store.Store`; accumulators are those of the slots that the next steps read."""
        assert self.region is not None
        addr = self._offset + region_address(self.region)
        if self._acc:
            slot = (step + 1 + self._slot) % self._chip.delay_slots
            addr = addr + slot * self._chip.acc_pitch * self._chip.lanes
        return Places(self._core, addr)

    def decode(self, words: Words) -> Values:
        """See `store.Store`; parts of an element add up, modulo 2^32."""
        numbers = self._linear.decode(words)
        parts = int(self._part.max(initial=0)) + 1
        values = np.zeros((parts, self._size), np.int64)
        values[self._part, self._elements] = numbers
        if parts == 1:
            return values[0]
        return values.sum(axis=0).astype(np.int32).astype(np.int64)

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`."""
        words = self._linear.encode(values, name, self._shape)[self._elements]
        words[self._part > 0] = 0
        return words

    def needs_old(self) -> bool:
        """See `store.Store`."""
        return False
