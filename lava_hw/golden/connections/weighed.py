"""What kinds of connections with weights have in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections.connection import Connection
from lava_hw.golden.connections.words import BITS, WordForm, Words
from lava_hw.golden.memory import Memory

__all__ = ["Weighed"]


class Weighed(Connection):
    """See `Connection`. Lines and accumulators beyond their memories count modulo their numbers.

    Parameters
    ----------
    may_delay, may_be_wide : bool
        Whether the kind knows the fields `delays` and `wide`.
    group_lines : int
        Lines of target groups of a word, if `wide` is not set.
    """

    kind = -1

    def __init__(
        self,
        memory: Memory,
        fields: Mapping[str, int],
        chip: Chip,
        *,
        may_delay: bool = False,
        may_be_wide: bool = False,
        group_lines: int = 0,
    ) -> None:
        super().__init__(memory, fields, chip)
        self.payload = bool(fields["payload"])
        self.known = (
            fields["format"] in BITS
            and (may_delay or not fields["delays"])
            and (may_be_wide or not fields["wide"])
        )
        self.base, self.stride, self.negate = fields["syn_base"], fields["stride"], fields["negate"]
        self.form = WordForm(
            BITS.get(fields["format"], 8),
            bool(fields["is_signed"]),
            group_lines + (1 if group_lines and fields["wide"] else 0),
            bool(fields["delays"]),
        )
        self.slot, self.slots, self.pitch, self.acc_base = (
            fields["slot"],
            chip.delay_slots,
            chip.acc_pitch,
            fields["acc_base"],
        )

    def words_at(self, lines: NDArray[np.int64], words: int) -> Words:
        """Give the words of rows that begin in these lines."""
        every = lines[:, None] + np.arange(self.form.lines_of(words))
        return self.form.decoded(self.memory.synapse[every % len(self.memory.synapse)], words)

    def table(self, base: int, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give 32-bit words of a table that begins in line `base`."""
        words = self.memory.synapse.reshape(-1).view("<u4")
        return words[(base * (self.lanes // 4) + numbers) % len(words)].astype(np.int64)

    def added(
        self, weights: NDArray[np.int32], values: NDArray[np.int32] | None, sign: int
    ) -> NDArray[np.int32]:
        """Give what weights, (rows, words, LANES), add, for a source a row with its value."""
        out = np.negative(weights) if self.negate else weights.copy()
        np.left_shift(out, self.shift, out=out)
        if self.payload:
            out *= np.int32(sign) if values is None else values[:, None, None]
        return out

    def add_at(
        self, time: int, group: NDArray[np.int64], delays: NDArray[np.int32] | None, added: NDArray[np.int32]
    ) -> None:
        """Add to groups of the connection, (rows, words) or (rows, words, LANES), in the slot of `time`."""
        acc = self.memory.acc
        if delays is None and group.ndim == 2:
            np.add.at(acc, (self.lines[time] + group) % len(acc), added)
            return
        if group.ndim == 2:
            group = group[:, :, None]
        late = np.zeros(1, np.int64) if delays is None else delays
        line = (time + self.slot + late) % self.slots * self.pitch + self.acc_base + group
        place = line % len(acc) * self.lanes + np.arange(self.lanes)
        np.add.at(acc.reshape(-1), np.broadcast_to(place, added.shape), added)
