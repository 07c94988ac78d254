"""A sparse connection: rows of words in which each lane has a target group of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.weighed import Weighed
from lava_hw.golden.memory import Memory
from lava_hw.regs import SPARSE_ROW, ConnKind

__all__ = ["Sparse"]


class Sparse(Weighed):
    """See `Connection`."""

    kind = ConnKind.SPARSE

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip, may_delay=True, may_be_wide=True, group_lines=1)
        self._table_base = fields["table_base"]

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        rows = self.table(self._table_base, sources).astype(np.uint64)
        lengths = SPARSE_ROW.get_array(rows, "words")
        lines = self.base + SPARSE_ROW.get_array(rows, "line")
        self.memory.synops += int(lengths.sum()) * self.lanes
        for length in np.unique(lengths):
            if length:
                mine = lengths == length
                words = self.words_at(lines[mine], int(length))
                added = self.added(words.weights, None if values is None else values[mine], sign)
                assert words.groups is not None
                self.add_at(slot, words.groups.astype(np.int64), words.delays, added)
