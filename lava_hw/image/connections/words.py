"""Where the numbers of words of weights lie in the lines of the synapse memory (docs/chip.md section 6).

A *unit* is the part of a memory word that holds one number or a part of it: a byte, and half a byte for
numbers of 4 bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNIT = {4: 4, 8: 8, 16: 8}
"""Bits of a unit, by the bits of a number."""
WEIGHTS, DELAYS, GROUPS = "weights", "delays", "groups"
"""Parts of a word: its numbers, its delays, its target groups."""


@dataclass(frozen=True)
class WordForm:
    """Which lines a word has.

    Attributes
    ----------
    bits : int
        Of a weight: 4, 8 or 16. Two words of 4 bits share a line of weights.
    group_lines : int, default 0
        Lines of target groups: 0, 1 or 2.
    delays : bool, default False
        Whether it has a line of delays.
    """

    bits: int
    group_lines: int = 0
    delays: bool = False

    @property
    def together(self) -> int:
        """Words that share lines."""
        return 2 if self.bits == 4 else 1

    def lines_of(self, words: int) -> int:
        """Give the lines of so many words."""
        units, alone = divmod(words, self.together)
        return units * len(self._unit(self.together)) + (len(self._unit(alone)) if alone else 0)

    def lines_with(self, part: str, words: int) -> Ints:
        """Give the lines that hold a part of so many words, counted from the first line of the row."""
        units, alone = divmod(words, self.together)
        kinds = self._unit(self.together) * units + (self._unit(alone) if alone else [])
        return np.flatnonzero(np.array(kinds) == part)

    def _unit(self, words: int) -> list[str]:
        """What is in each line of words that share lines."""
        weights = [WEIGHTS] * (2 if self.bits == 16 else 1)
        return [GROUPS] * (words * self.group_lines) + weights + [DELAYS] * (words * self.delays)


def lines_of(words: int, bits: int, group_lines: int = 0, delays: bool = False) -> int:
    """Give the lines that so many words take; see `WordForm`."""
    return WordForm(bits, group_lines, delays).lines_of(words)


def in_units(numbers: Ints, bits: int, empty: int) -> Ints:
    """Give what stands in each unit of rows of words.

    Parameters
    ----------
    numbers : int64 array, (rows, words, lanes)
        A name for each number.
    bits : int
        Of a number: 4, 8 or 16.
    empty : int
        Stands for a unit without a number.

    Returns
    -------
    int64 array, (rows, units)
        In the order of the memory, lines of other parts left out; the lowest unit of a 32-bit word first.
    """
    rows, words, lanes = numbers.shape
    if bits == 8:
        return numbers.reshape(rows, words * lanes)
    if bits == 16:
        return np.repeat(numbers, 2, axis=1).reshape(rows, 2 * words * lanes)
    pairs = np.full((rows, words + words % 2, lanes), empty, np.int64)
    pairs[:, :words] = numbers
    paired = pairs.reshape(rows, (words + 1) // 2, 2, lanes)
    return paired.transpose(0, 1, 3, 2).reshape(rows, (words + words % 2) * lanes)


def low_bits(rows: int, words: int, lanes: int, bits: int) -> Ints | None:
    """Give the bit of its number with which each unit of `in_units` begins; None where all begin with 0."""
    if bits < 16:
        return None
    return np.tile(np.repeat(np.array([0, 8], np.int64), lanes), rows * words)
