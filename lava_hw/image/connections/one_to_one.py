"""One-to-one connections as images know them: a row with a weight for each source."""

from __future__ import annotations

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import (
    BITS,
    FORMATS,
    DescriptorKind,
    Fields,
    beyond,
    form,
    not_meant,
)
from lava_hw.image.connections.words import lines_of
from lava_hw.regs import ConnKind


class OneToOneDescriptor(DescriptorKind, kind=ConnKind.ONE_TO_ONE):
    """A descriptor of one row."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = not_meant(fields, ("wide",))
        words = -(-fields["sources"] // chip.lanes)
        if words > fields["groups"]:
            out.append(f"{fields['sources']} sources in {fields['groups']} groups of {chip.lanes}")
        if words and fields["format"] in BITS:
            lines = lines_of(words, BITS[fields["format"]]) + words * fields["delays"]
            out += beyond("row", fields["syn_base"], lines, chip)
        return out

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        delays = ", delays" if fields["delays"] else ""
        return f", {fields['sources']} sources, line {fields['syn_base']}, {form(fields)}{delays}"
