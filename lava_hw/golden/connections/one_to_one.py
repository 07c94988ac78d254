"""A one-to-one connection: source i is lane i of the accumulators, with a weight of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.weighed import Weighed
from lava_hw.golden.memory import Memory
from lava_hw.regs import ConnKind

__all__ = ["OneToOne"]


class OneToOne(Weighed):
    """See `Connection`."""

    kind = ConnKind.ONE_TO_ONE

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip, may_delay=True)

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        self.memory.synops += len(sources)
        group, lane = np.divmod(sources, self.lanes)
        unit, place = np.divmod(group, self.form.together)
        words = self.words_at(self.base + unit * self.form.unit, self.form.together)
        row = np.arange(len(sources))
        only = np.zeros((len(sources), 1, self.lanes), np.int32)
        only[row, 0, lane] = words.weights[row, place, lane]
        delays = None if words.delays is None else words.delays[row, place][:, None]
        self.add_at(slot, group[:, None], delays, self.added(only, values, sign))
