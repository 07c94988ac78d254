"""Sparse rows as images know them: a table leads to rows in which each lane has a target group of its own."""

from __future__ import annotations

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import FORMATS, DescriptorKind, Fields, beyond, form
from lava_hw.image.connections.layout import BYTES
from lava_hw.regs import ConnKind


class SparseDescriptor(DescriptorKind, kind=ConnKind.SPARSE):
    """A descriptor of a run of entries of the table."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        lines = -(-fields["sources"] * BYTES // chip.lanes)
        return beyond("table", fields["table_base"], lines, chip) if fields["sources"] else []

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        delays = ", delays" if fields["delays"] else ""
        return (
            f", {fields['sources']} sources to {fields['targets']} targets, rows from line "
            f"{fields['syn_base']}, table {fields['table_base']}, {form(fields)}{delays}"
        )
