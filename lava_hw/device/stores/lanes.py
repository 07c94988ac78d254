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
        self._core, self._elements, self._offset = (
            np.concatenate([part[i] for part in parts] or [np.zeros(0, np.int64)]) for i in range(3)
        )
        if len(np.unique(self._elements)) != self._size:
            raise DeviceError(
                f"{where}: the image has {len(np.unique(self._elements))} of {self._size} elements"
            )

    def _piece(self, piece: StatePiece | AccPiece) -> tuple[Values, Values, Values]:
        elements, lanes = piece.elements.array, self._chip.lanes
        k = np.arange(len(elements), dtype=np.int64)
        line = piece.base + k // lanes
        if isinstance(piece, StatePiece):
            line = piece.base + k // lanes * piece.nvars + piece.var
        offset = line * lanes + k % lanes
        used = elements >= 0
        return np.full(int(used.sum()), piece.core, np.int64), elements[used], offset[used]

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
        values = np.zeros(self._size, np.int64)
        values[self._elements] = self._linear.decode(words)
        return values

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`."""
        return self._linear.encode(values, name, self._shape)[self._elements]

    def needs_old(self) -> bool:
        """See `store.Store`."""
        return False
