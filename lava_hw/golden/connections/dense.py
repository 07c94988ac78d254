"""A dense connection: a row with a weight for each target, for each source."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.weighed import Weighed
from lava_hw.golden.memory import Memory
from lava_hw.regs import ConnKind

__all__ = ["Dense"]


class Dense(Weighed):
    """See `Connection`. Without delays the weights are kept in a form that numpy sums quickly."""

    kind = ConnKind.DENSE

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip, may_delay=True)
        self._values: NDArray[np.int32] | None = None
        rows = self.limit * self.form.lines_of(self.groups)
        end = self.base + (self.limit - 1) * self.stride + self.form.lines_of(self.groups)
        fits = end <= chip.synapse_lines and rows <= chip.synapse_lines
        if self.known and not self.form.delays and self.limit and fits:
            self._values = self._weights(np.arange(self.limit))

    def _weights(self, sources: NDArray[np.int64]) -> NDArray[np.int32]:
        """Weights of sources as they are added without a value, int32 (sources, groups * LANES)."""
        words = self.words_at(self.base + sources * self.stride, self.groups)
        values = np.negative(words.weights) if self.negate else words.weights
        return np.left_shift(values, self.shift).reshape(len(sources), self.groups * self.lanes)

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        self.memory.synops += self.targets * len(sources)
        if self.form.delays:
            words = self.words_at(self.base + sources * self.stride, self.groups)
            group = np.broadcast_to(np.arange(self.groups), (len(sources), self.groups))
            self.add_at(slot, group, words.delays, self.added(words.weights, values, sign))
            return
        if self._values is not None:
            weights = self._values.take(sources, axis=0)
        else:
            weights = self._weights(sources)
        if self.payload:
            weights = weights * (np.int32(sign) if values is None else values[:, None])
        total = np.add.reduce(weights, axis=0, dtype=np.int32).reshape(self.groups, self.lanes)
        line, acc = self.lines[slot], self.memory.acc
        if line + self.groups <= len(acc):
            part = acc[line : line + self.groups]
            np.add(part, total, out=part)
        else:
            np.add.at(acc, (line + np.arange(self.groups)) % len(acc), total)
