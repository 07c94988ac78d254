"""A convolution: kernels that are stored once, and tables that say where they are used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.weighed import Weighed
from lava_hw.golden.memory import Memory
from lava_hw.regs import CONV_POSITION, CONV_TAP, ConnKind

__all__ = ["Conv"]


class Conv(Weighed):
    """See `Connection`. The table of positions is decoded once."""

    kind = ConnKind.CONV

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip)
        self._channel_bits, self._taps_base = fields["channel_bits"], fields["taps_base"]
        positions = -(-self.limit >> self._channel_bits)
        entries = self.table(fields["table_base"], np.arange(positions)).astype(np.uint64)
        self._count = CONV_POSITION.get_array(entries, "taps")
        self._first = CONV_POSITION.get_array(entries, "first")

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        position, channel = sources >> self._channel_bits, sources & ((1 << self._channel_bits) - 1)
        count = self._count[position]
        self.memory.synops += int(count.sum()) * self.groups * self.lanes
        # One row for each tap of each source.
        source = np.repeat(np.arange(len(sources)), count)
        number = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
        taps = self.table(self._taps_base, self._first[position][source] + number).astype(np.uint64)
        line = self.base + CONV_TAP.get_array(taps, "line") + channel[source] * self.stride
        words = self.words_at(line, self.groups)
        group = CONV_TAP.get_array(taps, "group")[:, None] + np.arange(self.groups)
        added = self.added(words.weights, None if values is None else values[source], sign)
        self.add_at(slot, group, None, added)
