"""One-to-one: a word for each source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import DescriptorKind, Fields
from lava_hw.image.connections.layout import BYTES, KEPT, Ints, WeightLayout
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import Integer, fail
from lava_hw.image.segments import synapse_address
from lava_hw.regs import ConnKind

__all__ = ["OneToOneDescriptor", "OneToOneLayout"]


@dataclass(frozen=True)
class OneToOneLayout(WeightLayout, kind="one_each"):
    """The weight of source row i is the lowest byte of word i from line `line` on.

    Attributes
    ----------
    sources : Elements
        Element of the Var of each source row; none where the weight lies in another table.
    """

    line: Annotated[int, Integer(0, lambda chip: chip.synapse_lines - 1)]
    sources: Elements

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `WeightLayout`."""
        if len(shape) != 1:
            fail(where, f"needs a Var with one dimension; it has {len(shape)}")
        self.sources.check_size(shape[0], f"{where}.sources")

    def addresses(self, chip: Chip) -> Ints:
        """See `WeightLayout`."""
        words = np.arange(self.sources.count, dtype=np.int64)
        return synapse_address() + self.line * (chip.lanes // BYTES) + words

    def elements(self, shape: tuple[int, ...], chip: Chip) -> Ints:
        """See `WeightLayout`."""
        found = np.full((self.sources.count, BYTES), KEPT, np.int64)
        found[:, 0] = np.where(self.sources.array < 0, KEPT, self.sources.array)
        return found.reshape(-1)

    def __str__(self) -> str:
        """See `WeightLayout`."""
        return f"line {self.line}"


class OneToOneDescriptor(DescriptorKind, kind=ConnKind.ONE_EACH):
    """A descriptor of a run of words."""

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        words = chip.synapse_lines * chip.lanes // BYTES
        last = fields["syn_base"] * chip.lanes // BYTES + fields["stride"] + fields["sources"]
        return [] if last <= words else [f"needs words up to {last - 1} of {words}"]

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return f", {fields['sources']} sources, line {fields['syn_base']}"
