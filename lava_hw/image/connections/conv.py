"""Conv as images know it: kernels that are stored once, and tables that say where they are used."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import FORMATS, DescriptorKind, Fields, beyond, form, not_meant
from lava_hw.image.connections.layout import BYTES, ZERO, Ints, WeightLayout
from lava_hw.image.connections.words import in_units, lines_of, low_bits
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import Integer, OneOf, at_most, fail
from lava_hw.image.segments import synapse_address
from lava_hw.regs import ConnKind


@dataclass(frozen=True)
class ConvLayout(WeightLayout, kind="conv"):
    """From line `line` on there are rows of `words` words of numbers; an element may stand in many places.

    Attributes
    ----------
    elements_of : Elements
        Element of the Var of each number: row by row, word by word, lane by lane.
    bits : int
        Of a number.
    """

    line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
    words: Annotated[int, Integer(1, 4095)]
    elements_of: Elements
    bits: Annotated[int, OneOf(4, 8, 16)] = 8

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        width = self.words * chip.lanes
        if self.elements_of.count % width:
            fail(f"{where}.elements_of", f"has {self.elements_of.count} numbers, no multiple of {width}")
        lines = self._rows(chip) * lines_of(self.words, self.bits)
        at_most(self.line + lines, chip.synapse_lines, f"{where}: synapse lines")

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `WeightLayout`."""
        self.elements_of.check_size(math.prod(shape), f"{where}.elements_of")

    def _rows(self, chip: Chip) -> int:
        return self.elements_of.count // (self.words * chip.lanes)

    def addresses(self, chip: Chip) -> Ints:
        """See `WeightLayout`."""
        count = self._rows(chip) * lines_of(self.words, self.bits) * chip.lanes // BYTES
        return synapse_address() + self.line * (chip.lanes // BYTES) + np.arange(count, dtype=np.int64)

    def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
        """See `WeightLayout`."""
        numbers = self.elements_of.array.reshape(self._rows(chip), self.words, chip.lanes)
        return in_units(np.where(numbers < 0, ZERO, numbers), self.bits, ZERO).reshape(-1)

    def low_bits(self, chip: Chip) -> Ints | None:
        """See `WeightLayout`."""
        if self.bits < 16:
            return None
        return low_bits(self._rows(chip), self.words, chip.lanes, self.bits)

    def __str__(self) -> str:
        """See `WeightLayout`."""
        return f"line {self.line}"


class ConvDescriptor(DescriptorKind, kind=ConnKind.CONV):
    """A descriptor of a run of input positions."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = not_meant(fields, ("delays", "wide"))
        if fields["sources"]:
            positions = -(-fields["sources"] >> fields["channel_bits"])
            out += beyond(
                "table of positions", fields["table_base"], -(-positions * BYTES // chip.lanes), chip
            )
            out += beyond("table of taps", fields["taps_base"], 1, chip)
            out += beyond("kernels", fields["syn_base"], 1, chip)
        return out

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return (
            f", {fields['sources']} sources of {1 << fields['channel_bits']} channels to {fields['targets']} "
            f"targets, kernels from line {fields['syn_base']}, positions {fields['table_base']}, taps "
            f"{fields['taps_base']}, {form(fields)}"
        )
