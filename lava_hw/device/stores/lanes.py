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
        self._core, self._elements, self._offset, self._part = (
            np.concatenate([part[i] for part in parts] or [np.zeros(0, np.int64)]) for i in range(4)
        )
        # Of copies in several places one is read.
        keys, self._read = np.unique(self._part * self._size + self._elements, return_index=True)
        for part in np.unique(self._part) if len(keys) else [0]:
            there = np.count_nonzero(keys // self._size == part) if len(keys) else 0
            if there != self._size:
                of_part = f" of part {part}" if part else ""
                raise DeviceError(f"{where}: the image has {there} of {self._size} elements{of_part}")

    def _piece(self, piece: StatePiece | AccPiece) -> tuple[Values, Values, Values, Values]:
        elements, lanes = piece.elements.array, self._chip.lanes
        k = np.arange(len(elements), dtype=np.int64)
        line = piece.base + k // lanes
        if isinstance(piece, StatePiece):
            line = piece.base + k // lanes * piece.nvars + piece.var
        offset = line * lanes + k % lanes
        used = elements >= 0
        count = int(used.sum())
        part = piece.part if isinstance(piece, AccPiece) else 0
        return np.full(count, piece.core), elements[used], offset[used], np.full(count, part)

    def locate(self, step: int) -> Places:
        """See `store.Store`; accumulators are those of the slot that the next step reads."""
        assert self.region is not None
        addr = self._offset + region_address(self.region)
        if self._acc:
            slot = (step + 1) % self._chip.delay_slots
            addr = addr + slot * self._chip.acc_pitch * self._chip.lanes
        return Places(self._core, addr)

    def decode(self, words: Words) -> Values:
        """See `store.Store`."""
        sums = np.zeros(self._size, np.uint32)
        np.add.at(sums, self._elements[self._read], np.ascontiguousarray(words, np.uint32)[self._read])
        return self._linear.decode(sums)

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`."""
        words = self._linear.encode(values, name, self._shape)[self._elements]
        words[self._part > 0] = 0
        return words

    def needs_old(self) -> bool:
        """See `store.Store`."""
        return False
