"""A one-to-one connection: for each source a word, with its weight (bits 7 to 0) and its lane (19 to 8)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.connection import Connection
from lava_hw.golden.memory import Memory
from lava_hw.regs import ConnKind

__all__ = ["OneToOne"]


class OneToOne(Connection):
    """See `Connection`. The stride of the descriptor is the number of its first source row."""

    kind = ConnKind.ONE_EACH

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip)
        self._first = fields["syn_base"] * chip.lanes // 4 + fields["stride"]

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`; what an event says besides its source does not count."""
        words = self.memory.synapse.reshape(-1).view("<u4")[self._first + sources]
        weights = (words & 0xFF).astype(np.uint8).view(np.int8).astype(np.int32) << self.shift
        line = self.lines[slot]
        acc = self.memory.acc[line : line + self.groups].reshape(-1)
        np.add.at(acc, (words >> 8 & 0xFFF).astype(np.int64), weights)
        self.memory.synops += len(sources)
