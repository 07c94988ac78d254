"""Dense as images know it: a source row of bytes for each source, a byte for each target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.contents import SynapseMemory, delay_problems
from lava_hw.image.connections.descriptor import (
    BITS,
    FORMATS,
    DescriptorKind,
    Fields,
    beyond,
    form,
    form_of,
    not_meant,
)
from lava_hw.image.connections.layout import BYTES, KEPT, ZERO, Ints, WeightLayout
from lava_hw.image.connections.words import DELAYS, WEIGHTS, WordForm, in_units, low_bits
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
    bits : int, default 8
        Of a weight.
    delays : bool, default False
        Whether words have a line of delays.
    part : str, default "weights"
        Which numbers they are: weights or delays.
    """

    line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
    stride: Annotated[int, Integer(0, lambda chip: chip.synapse_lines)]
    sources: Elements
    targets: Elements
    bits: Annotated[int, OneOf(4, 8, 16)] = 8
    delays: bool = False
    part: Annotated[str, OneOf(WEIGHTS, DELAYS)] = WEIGHTS

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if self.part == DELAYS and not self.delays:
            fail(f"{where}.part", "is delays, and its words have none")
        if self.sources.count and self.targets.count:
            lines = self._form.lines_of(self._groups(chip))
            last = self.line + (self.sources.count - 1) * self.stride + lines
            at_most(last, chip.synapse_lines, f"{where}: synapse lines")

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `WeightLayout`."""
        if len(shape) != 2:
            fail(where, f"needs a Var with two dimensions, targets and sources; it has {len(shape)}")
        self.targets.check_size(shape[0], f"{where}.targets")
        self.sources.check_size(shape[1], f"{where}.sources")

    @property
    def _form(self) -> WordForm:
        return WordForm(self.bits, 0, self.delays)

    @property
    def _bits(self) -> int:
        """Bits of a number of the part."""
        return 8 if self.part == DELAYS else self.bits

    @property
    def _cut(self) -> bool:
        """Whether only those words of a line that have targets are named."""
        return self.bits == 8 and not self.delays

    def _groups(self, chip: Chip) -> int:
        return -(-self.targets.count // chip.lanes)

    def addresses(self, chip: Chip) -> Ints:
        """See `WeightLayout`."""
        parts = chip.lanes // BYTES
        lines = self._form.lines_with(self.part, self._groups(chip))
        words = (lines[:, None] * parts + np.arange(parts)).reshape(-1)
        if self._cut:
            words = words[: -(-self.targets.count // BYTES)]
        rows = (self.line + np.arange(self.sources.count, dtype=np.int64) * self.stride) * parts
        return (synapse_address() + rows[:, None] + words).reshape(-1)

    def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
        """See `WeightLayout`: what is left of the last word, or line, of a row may be somebody else's."""
        targets, sources = self.targets.array, self.sources.array
        count = len(targets)
        width = -(-count // BYTES) * BYTES if self._cut else self._groups(chip) * chip.lanes
        found = np.full((len(sources), width), KEPT, np.int64)
        found[:, :count] = targets[None, :] * shape[1] + sources[:, None]
        found[:, :count][:, targets < 0] = ZERO
        found[sources < 0, :count] = ZERO
        if self._cut:
            return found.reshape(-1)
        return in_units(found.reshape(len(sources), -1, chip.lanes), self._bits, KEPT).reshape(-1)

    def low_bits(self, chip: Chip) -> Ints | None:
        """See `WeightLayout`."""
        return low_bits(self.sources.count, self._groups(chip), chip.lanes, self._bits)

    def __str__(self) -> str:
        """See `WeightLayout`."""
        return f"line {self.line}" + (", delays" if self.part == DELAYS else "")


class DenseDescriptor(DescriptorKind, kind=ConnKind.DENSE):
    """A descriptor of a run of source rows."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = not_meant(fields, ("wide",))
        if fields["sources"] and fields["format"] in BITS:
            lines = (fields["sources"] - 1) * fields["stride"] + form_of(fields).lines_of(fields["groups"])
            out += beyond("its rows", fields["syn_base"], lines, chip)
            if fields["targets"] > fields["groups"] * chip.lanes:
                out.append(
                    f"{fields['targets']} targets in {fields['groups']} groups of {chip.lanes}; "
                    f"{fields['groups'] * chip.lanes} at most"
                )
        return out

    def content_problems(self, fields: Fields, chip: Chip, memory: SynapseMemory) -> list[str]:
        """See `DescriptorKind`."""
        rows = fields["syn_base"] + np.arange(fields["sources"], dtype=np.int64) * fields["stride"]
        return delay_problems(form_of(fields), rows, fields["groups"], fields["slot"], chip, memory)

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return (
            f", {fields['sources']} sources to {fields['targets']} targets"
            f", lines {fields['syn_base']} step {fields['stride']}, {form(fields)}"
        )
