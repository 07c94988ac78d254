"""Dense as images know it: a source row of bytes for each source, a byte for each target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import BITS, FORMATS, DescriptorKind, Fields, form, not_meant
from lava_hw.image.connections.layout import BYTES, KEPT, ZERO, Ints, WeightLayout
from lava_hw.image.connections.words import in_units, lines_of, low_bits
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import Integer, OneOf, at_most, fail
from lava_hw.image.segments import synapse_address
from lava_hw.regs import ConnKind


@dataclass(frozen=True)
class DenseLayout(WeightLayout, kind="dense"):
    """Source row i begins in line `line` + i * `stride`; its number k is the weight of target k.

    Attributes
    ----------
    sources : Elements
        Source row i is that of this column of the matrix.
    targets : Elements
        Number k is that of this row of the matrix.
    bits : int
        Of a number.
    """

    line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
    stride: Annotated[int, Integer(0, lambda chip: chip.synapse_lines)]
    sources: Elements
    targets: Elements
    bits: Annotated[int, OneOf(4, 8, 16)] = 8

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if self.sources.count and self.targets.count:
            last = self.line + (self.sources.count - 1) * self.stride + self._lines(chip)
            at_most(last, chip.synapse_lines, f"{where}: synapse lines")

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `WeightLayout`."""
        if len(shape) != 2:
            fail(where, f"needs a Var with two dimensions, targets and sources; it has {len(shape)}")
        self.targets.check_size(shape[0], f"{where}.targets")
        self.sources.check_size(shape[1], f"{where}.sources")

    def _groups(self, chip: Chip) -> int:
        return -(-self.targets.count // chip.lanes)

    def _lines(self, chip: Chip) -> int:
        return lines_of(self._groups(chip), self.bits)

    def addresses(self, chip: Chip) -> Ints:
        """See `WeightLayout`."""
        lines = self.line + np.arange(self.sources.count, dtype=np.int64) * self.stride
        words = -(-self.targets.count // BYTES) if self.bits == 8 else self._lines(chip) * chip.lanes // BYTES
        part = np.arange(words, dtype=np.int64)
        return (synapse_address() + lines[:, None] * (chip.lanes // BYTES) + part[None, :]).reshape(-1)

    def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
        """See `WeightLayout`: what is left of the last word, or line, of a row may be somebody else's."""
        targets, sources = self.targets.array, self.sources.array
        count = len(targets)
        width = -(-count // BYTES) * BYTES if self.bits == 8 else self._groups(chip) * chip.lanes
        found = np.full((len(sources), width), KEPT, np.int64)
        found[:, :count] = targets[None, :] * shape[1] + sources[:, None]
        found[:, :count][:, targets < 0] = ZERO
        found[sources < 0, :count] = ZERO
        if self.bits == 8:
            return found.reshape(-1)
        return in_units(found.reshape(len(sources), -1, chip.lanes), self.bits, KEPT).reshape(-1)

    def low_bits(self, chip: Chip) -> Ints | None:
        """See `WeightLayout`."""
        if self.bits < 16:
            return None
        return low_bits(self.sources.count, self._groups(chip), chip.lanes, self.bits)

    def __str__(self) -> str:
        """See `WeightLayout`."""
        return f"line {self.line}"


class DenseDescriptor(DescriptorKind, kind=ConnKind.DENSE):
    """A descriptor of a run of source rows."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = not_meant(fields, ("wide",))
        if fields["sources"] and fields["format"] in BITS:
            lines = lines_of(fields["groups"], BITS[fields["format"]]) + fields["groups"] * fields["delays"]
            last = fields["syn_base"] + (fields["sources"] - 1) * fields["stride"] + lines
            if last > chip.synapse_lines:
                out.append(
                    f"needs synapse lines {fields['syn_base']} to {last - 1}, and a core of the chip has "
                    f"{chip.synapse_lines} (0 to {chip.synapse_lines - 1}); move its rows to lower lines, "
                    "or use a chip with more synapse_lines"
                )
            if fields["targets"] > fields["groups"] * chip.lanes:
                out.append(
                    f"{fields['targets']} targets in {fields['groups']} groups of {chip.lanes}; "
                    f"{fields['groups'] * chip.lanes} at most"
                )
        return out

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return (
            f", {fields['sources']} sources to {fields['targets']} targets"
            f", lines {fields['syn_base']} step {fields['stride']}, {form(fields)}"
        )
