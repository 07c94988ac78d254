"""Words of weights in the synapse memory, decoded (docs/chip.md section 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lava_hw.regs import WeightFormat

__all__ = ["BITS", "WordForm", "Words"]

BITS = {int(WeightFormat.BITS8): 8, int(WeightFormat.BITS4): 4, int(WeightFormat.BITS16): 16}
"""Bits of a weight in each format."""


@dataclass(frozen=True)
class Words:
    """Words of some rows: int32 arrays, (rows, words, LANES); None for what they do not have."""

    weights: NDArray[np.int32]
    groups: NDArray[np.int32] | None
    delays: NDArray[np.int32] | None


@dataclass(frozen=True)
class WordForm:
    """Which lines a word has.

    Attributes
    ----------
    bits : int
        Of a weight: 4, 8 or 16. Two words of 4 bits share a line of weights.
    is_signed : bool
        Whether weights have a sign.
    group_lines : int
        Lines of target groups: 0, 1 or 2.
    delays : bool
        Whether there is a line of delays.
    """

    bits: int
    is_signed: bool
    group_lines: int = 0
    delays: bool = False

    @property
    def together(self) -> int:
        """Words that share lines."""
        return 2 if self.bits == 4 else 1

    @property
    def unit(self) -> int:
        """Lines of the words that share lines."""
        return self.together * (self.group_lines + self.delays) + (2 if self.bits == 16 else 1)

    def lines_of(self, words: int) -> int:
        """Give the lines of a row; the last of an odd number of words has no partner."""
        alone = words % self.together
        return words // self.together * self.unit + alone * (1 + self.group_lines + self.delays)

    def decoded(self, lines: NDArray[np.uint8], words: int) -> Words:
        """Give the words of rows.

        Parameters
        ----------
        lines : uint8 array, (rows, lines, LANES)
            As many lines as `lines_of` counts.
        """
        rows, _, lanes = lines.shape
        units = -(-words // self.together)
        full = np.zeros((rows, units * self.unit, lanes), np.uint8)
        full[:, : lines.shape[1]] = lines
        parts = full.reshape(rows, units, self.unit, lanes)
        at = self.together * self.group_lines  # the line of weights
        groups = delays = None
        if self.group_lines:
            of = parts[:, :, :at].reshape(rows, units * self.together, self.group_lines, lanes)
            groups = of[:, :words, 0].astype(np.int32)
            if self.group_lines == 2:
                groups |= of[:, :words, 1].astype(np.int32) << 8
        if self.delays:
            behind = parts[:, :, self.unit - self.together :]
            delays = behind.reshape(rows, units * self.together, lanes)[:, :words].astype(np.int32)
        return Words(self._weights(parts[:, :, at:], words), groups, delays)

    def _weights(self, parts: NDArray[np.uint8], words: int) -> NDArray[np.int32]:
        rows, units, _, lanes = parts.shape
        if self.bits == 16:
            found = parts[:, :, 0].astype(np.int32) | parts[:, :, 1].astype(np.int32) << 8
        elif self.bits == 4:
            pairs = np.stack([parts[:, :, 0] & 15, parts[:, :, 0] >> 4], axis=2)
            found = pairs.reshape(rows, 2 * units, lanes)[:, :words].astype(np.int32)
        else:
            first = parts[:, :, 0]
            return (first.view(np.int8) if self.is_signed else first).astype(np.int32)
        if self.is_signed:
            half = np.int32(1 << (self.bits - 1))
            found = (found ^ half) - half
        return found
