"""A dense connection: a row with a weight for each target, for each source."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.connection import Connection
from lava_hw.golden.connections.words import BITS, decoded, lines_of
from lava_hw.golden.memory import Memory
from lava_hw.regs import ConnKind

__all__ = ["Dense"]


class Dense(Connection):
    """See `Connection`. The weights are kept in a form that numpy sums quickly."""

    kind = ConnKind.DENSE

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip)
        self.known = fields["format"] in BITS and not fields["delays"] and not fields["wide"]
        self._signed, self._negate = bool(fields["is_signed"]), fields["negate"]
        self._base, self._stride = fields["syn_base"], fields["stride"]
        self._rows: NDArray[np.uint8] | None = None
        self._values: NDArray[np.int32] | None = None
        if self.known:
            self._bits = BITS[fields["format"]]
            self._lines = lines_of(self.groups, self._bits)
            self._find_rows(chip)

    def _find_rows(self, chip: Chip) -> None:
        """Look for the source rows as one view; decode them once if they are not more than the memory."""
        synapse, lanes = self.memory.synapse, self.lanes
        end = self._base + (self.limit - 1) * self._stride + self._lines
        if self.limit and end <= chip.synapse_lines:
            self._rows = as_strided(
                synapse[self._base :],
                (self.limit, self._lines, lanes),
                (self._stride * synapse.strides[0], synapse.strides[0], 1),
                writeable=False,
            )
            if self._rows.size <= synapse.size:
                self._values = self._decode(self._rows)

    def _decode(self, rows: NDArray[np.uint8]) -> NDArray[np.int32]:
        values = decoded(np.ascontiguousarray(rows), self.groups, self._bits, self._signed)
        values = values.reshape(len(rows), self.groups * self.lanes)
        if self._negate:
            np.negative(values, out=values)
        return np.left_shift(values, self.shift, out=values)

    def weights(self, sources: NDArray[np.int64]) -> NDArray[np.int32]:
        """Give the source rows of `sources`, int32 (sources, groups * LANES), as they are added."""
        if self._values is not None:
            return self._values.take(sources, axis=0)
        if self._rows is not None:
            return self._decode(self._rows[sources])
        # Source rows that leave the memory: the address counts modulo its depth.
        lines = self._base + sources[:, None] * self._stride + np.arange(self._lines)
        return self._decode(self.memory.synapse[lines % len(self.memory.synapse)])

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        self.memory.synops += self.targets * len(sources)
        weights = self.weights(sources)
        factors = self.factors(len(sources), values, sign)
        if factors is not None:
            weights = weights * factors[:, None]
        total = np.add.reduce(weights, axis=0, dtype=np.int32).reshape(-1, self.lanes)
        self.add_groups(self.lines[slot], total)
