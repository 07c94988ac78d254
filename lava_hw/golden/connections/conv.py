"""A convolution: kernels that are stored once, and tables that say where they are used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.connection import Connection
from lava_hw.golden.connections.words import BITS, decoded, lines_of
from lava_hw.golden.memory import Memory
from lava_hw.regs import CONV_POSITION, CONV_TAP, ConnKind

__all__ = ["Conv"]


class Conv(Connection):
    """See `Connection`. The tables are decoded once; lines beyond the memory count modulo its depth."""

    kind = ConnKind.CONV

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        super().__init__(memory, fields, chip)
        self.known = fields["format"] in BITS and not fields["delays"] and not fields["wide"]
        self._signed, self._negate = bool(fields["is_signed"]), fields["negate"]
        self._base, self._stride = fields["syn_base"], fields["stride"]
        self._channel_bits = fields["channel_bits"]
        if not self.known:
            return
        self._bits = BITS[fields["format"]]
        self._lines = lines_of(self.groups, self._bits)
        positions = -(-self.limit >> self._channel_bits)
        entries = self._words(fields["table_base"], np.arange(positions))
        self._count = _field(entries, CONV_POSITION.fields["taps"])
        self._first = _field(entries, CONV_POSITION.fields["first"])
        self._taps_base = fields["taps_base"]

    def _words(self, base: int, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """32-bit words of a table that begins in line `base`."""
        words = self.memory.synapse.reshape(-1).view("<u4")
        return words[(base * (self.lanes // 4) + numbers) % len(words)].astype(np.int64)

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """See `Connection`."""
        factors = self.factors(len(sources), values, sign)
        position, channel = sources >> self._channel_bits, sources & ((1 << self._channel_bits) - 1)
        count = self._count[position]
        self.memory.synops += int(count.sum()) * self.groups * self.lanes
        # One row for each tap of each source.
        source = np.repeat(np.arange(len(sources)), count)
        number = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
        taps = self._words(self._taps_base, self._first[position][source] + number)
        line = self._base + _field(taps, CONV_TAP.fields["line"]) + channel[source] * self._stride
        lines = (line[:, None] + np.arange(self._lines)) % len(self.memory.synapse)
        weights = decoded(self.memory.synapse[lines], self.groups, self._bits, self._signed)
        if self._negate:
            np.negative(weights, out=weights)
        np.left_shift(weights, self.shift, out=weights)
        if factors is not None:
            weights *= factors[source][:, None, None]
        group = _field(taps, CONV_TAP.fields["group"])[:, None] + np.arange(self.groups)
        acc = self.memory.acc
        np.add.at(acc, (self.lines[slot] + group) % len(acc), weights)


def _field(words: NDArray[np.int64], field: object) -> NDArray[np.int64]:
    return words >> field.lsb & field.mask  # type: ignore[attr-defined]
