"""`RowsLayout`: rows of words, each number of which says its element; for all kinds but Dense."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.layout import BYTES, ZERO, Ints, WeightLayout
from lava_hw.image.connections.words import DELAYS, GROUPS, WEIGHTS, WordForm, in_units, low_bits
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import Integer, OneOf, at_most, fail
from lava_hw.image.segments import synapse_address


@dataclass(frozen=True)
class RowsLayout(WeightLayout, kind="rows"):
    """From line `line` on there are rows of `words` words of numbers; an element may stand in many places.

    Kernels of a convolution are such rows, and the row of a one-to-one connection. The rows of a sparse
    connection are rows of a word, or of two if its weights have 4 bits.

    Attributes
    ----------
    elements_of : Elements
        Element of the Var of each number: row by row, word by word, lane by lane.
    bits : int, default 8
        Of a weight.
    group_lines : int, default 0
        Lines of target groups of a word.
    delays : bool, default False
        Whether words have a line of delays.
    part : str, default "weights"
        Which numbers they are: weights, delays or (target) groups.
    """

    line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
    words: Annotated[int, Integer(1, 4095)]
    elements_of: Elements
    bits: Annotated[int, OneOf(4, 8, 16)] = 8
    group_lines: Annotated[int, OneOf(0, 1, 2)] = 0
    delays: bool = False
    part: Annotated[str, OneOf(WEIGHTS, DELAYS, GROUPS)] = WEIGHTS

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if self.part == DELAYS and not self.delays:
            fail(f"{where}.part", "is delays, and its words have none")
        if self.part == GROUPS and not self.group_lines:
            fail(f"{where}.part", "is groups, and its words have none")
        width = self.words * chip.lanes
        if self.elements_of.count % width:
            fail(f"{where}.elements_of", f"has {self.elements_of.count} numbers, no multiple of {width}")
        lines = self._rows(chip) * self._form.lines_of(self.words)
        at_most(self.line + lines, chip.synapse_lines, f"{where}: synapse lines")

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `WeightLayout`."""
        self.elements_of.check_size(math.prod(shape), f"{where}.elements_of")

    @property
    def _form(self) -> WordForm:
        return WordForm(self.bits, self.group_lines, self.delays)

    @property
    def _bits(self) -> int:
        """Bits of a number of the part."""
        return {WEIGHTS: self.bits, DELAYS: 8, GROUPS: 8 * self.group_lines}[self.part]

    def _rows(self, chip: Chip) -> int:
        return self.elements_of.count // (self.words * chip.lanes)

    def addresses(self, chip: Chip) -> Ints:
        """See `WeightLayout`."""
        parts = chip.lanes // BYTES
        rows = np.arange(self._rows(chip), dtype=np.int64) * self._form.lines_of(self.words)
        lines = self.line + rows[:, None] + self._form.lines_with(self.part, self.words)
        return (synapse_address() + lines.reshape(-1, 1) * parts + np.arange(parts)).reshape(-1)

    def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
        """See `WeightLayout`."""
        numbers = self.elements_of.array.reshape(self._rows(chip), self.words, chip.lanes)
        return in_units(np.where(numbers < 0, ZERO, numbers), self._bits, ZERO).reshape(-1)

    def low_bits(self, chip: Chip) -> Ints | None:
        """See `WeightLayout`."""
        return low_bits(self._rows(chip), self.words, chip.lanes, self._bits)

    def __str__(self) -> str:
        """See `WeightLayout`."""
        return f"line {self.line}" + (f", {self.part}" if self.part != WEIGHTS else "")
