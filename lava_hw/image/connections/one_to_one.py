"""One-to-one connections as images know them: a row with a weight for each source."""

from __future__ import annotations

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
from lava_hw.regs import ConnKind


class OneToOneDescriptor(DescriptorKind, kind=ConnKind.ONE_TO_ONE):
    """A descriptor of one row."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = not_meant(fields, ("wide",))
        words = -(-fields["sources"] // chip.lanes)
        if words > fields["groups"]:
            out.append(
                f"{fields['sources']} sources in {fields['groups']} groups of {chip.lanes}; "
                f"{fields['groups'] * chip.lanes} at most"
            )
        if words and fields["format"] in BITS:
            out += beyond("its row", fields["syn_base"], form_of(fields).lines_of(words), chip)
        return out

    def content_problems(self, fields: Fields, chip: Chip, memory: SynapseMemory) -> list[str]:
        """See `DescriptorKind`."""
        words = -(-fields["sources"] // chip.lanes)
        row = np.array([fields["syn_base"]])
        return delay_problems(form_of(fields), row, words, fields["slot"], chip, memory)

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return f", {fields['sources']} sources, line {fields['syn_base']}, {form(fields)}"
