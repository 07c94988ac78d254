"""A port: a source is a lane of the accumulators, and its value is added as it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.connection import Connection
from lava_hw.golden.memory import Memory
from lava_hw.regs import ConnKind, WeightFormat

__all__ = ["Port"]


class Port(Connection):
    """See `Connection`. Its sources are limited by the accumulators, not by the field of the descriptor."""

    kind = ConnKind.PORT

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip)
        self.known = fields["format"] == WeightFormat.BITS8 and not fields["delays"] and not fields["wide"]
        self.limit = self.groups * chip.lanes

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        line, acc = self.lines[slot], self.memory.acc
        if values is None:
            values = np.full(len(sources), sign, np.int32)
        values = np.left_shift(values, self.shift)
        if line + self.groups <= len(acc):
            np.add.at(acc[line : line + self.groups].reshape(-1), sources, values)
        else:
            np.add.at(acc.reshape(-1), (line * self.lanes + sources) % acc.size, values)
