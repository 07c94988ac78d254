"""Dense as images know it: a source row of bytes for each source, a byte for each target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import DescriptorKind, Fields
from lava_hw.image.connections.layout import BYTES, KEPT, ZERO, Ints, WeightLayout
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import Integer, at_most, fail
from lava_hw.image.segments import synapse_address
from lava_hw.regs import ConnKind


@dataclass(frozen=True)
class DenseLayout(WeightLayout, kind="dense"):
    """Source row i begins in line `line` + i * `stride`; its byte k is the weight of target k.

    Attributes
    ----------
    sources : Elements
        Source row i is that of this column of the matrix.
    targets : Elements
        Byte k is that of this row of the matrix.
    """

    line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
    stride: Annotated[int, Integer(0, lambda chip: chip.synapse_lines)]
    sources: Elements
    targets: Elements

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if self.sources.count and self.targets.count:
            lines = -(-self.targets.count // chip.lanes)
            last = self.line + (self.sources.count - 1) * self.stride + lines
            at_most(last, chip.synapse_lines, f"{where}: synapse lines")

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `WeightLayout`."""
        if len(shape) != 2:
            fail(where, f"needs a Var with two dimensions, targets and sources; it has {len(shape)}")
        self.targets.check_size(shape[0], f"{where}.targets")
        self.sources.check_size(shape[1], f"{where}.sources")

    def addresses(self, chip: Chip) -> Ints:
        """See `WeightLayout`."""
        lines = self.line + np.arange(self.sources.count, dtype=np.int64) * self.stride
        part = np.arange(-(-self.targets.count // BYTES), dtype=np.int64)
        return (synapse_address() + lines[:, None] * (chip.lanes // BYTES) + part[None, :]).reshape(-1)

    def elements(self, shape: tuple[int, ...]) -> Ints:
        """See `WeightLayout`: the last word of a row may be shared."""
        targets, sources = self.targets.array, self.sources.array
        count = len(targets)
        found = np.full((len(sources), -(-count // BYTES) * BYTES), KEPT, np.int64)
        found[:, :count] = targets[None, :] * shape[1] + sources[:, None]
        found[:, :count][:, targets < 0] = ZERO
        found[sources < 0, :count] = ZERO
        return found.reshape(-1)

    def __str__(self) -> str:
        """See `WeightLayout`."""
        return f"line {self.line}"


class DenseDescriptor(DescriptorKind, kind=ConnKind.DENSE):
    """A descriptor of a run of source rows."""

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = []
        if fields["sources"]:
            last = fields["syn_base"] + (fields["sources"] - 1) * fields["stride"] + fields["groups"]
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
        sign = ("" if fields["is_signed"] else "un") + "signed" + (" negated" if fields["negate"] else "")
        return (
            f", {fields['sources']} sources to {fields['targets']} targets"
            f", lines {fields['syn_base']} step {fields['stride']}, {sign}"
        )
