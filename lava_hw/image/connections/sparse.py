"""Sparse rows as images know them: a table leads to rows in which each lane has a target group of its own."""

from __future__ import annotations

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.contents import SynapseMemory, delay_problems, not_set
from lava_hw.image.connections.descriptor import FORMATS, DescriptorKind, Fields, beyond, form, form_of
from lava_hw.image.connections.layout import BYTES
from lava_hw.image.connections.words import GROUPS, Ints, WordForm
from lava_hw.regs import SPARSE_ROW, ConnKind


class SparseDescriptor(DescriptorKind, kind=ConnKind.SPARSE):
    """A descriptor of a run of entries of the table."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        lines = -(-fields["sources"] * BYTES // chip.lanes)
        return beyond("its table", fields["table_base"], lines, chip) if fields["sources"] else []

    def content_problems(self, fields: Fields, chip: Chip, memory: SynapseMemory) -> list[str]:
        """See `DescriptorKind`."""
        entries = memory.table(fields["table_base"], np.arange(fields["sources"]))
        if entries is None:
            return [not_set("table")]
        words = SPARSE_ROW.get_array(entries.astype(np.uint64), "words")
        lines = fields["syn_base"] + SPARSE_ROW.get_array(entries.astype(np.uint64), "line")
        form = form_of(fields, 2 if fields["wide"] else 1)
        for length in np.unique(words[words > 0]).tolist():
            mine = np.flatnonzero(words == length)
            found = self._row_problems(fields, chip, memory, form, length, mine, lines[mine])
            if found:
                return found
        return []

    def _row_problems(
        self,
        fields: Fields,
        chip: Chip,
        memory: SynapseMemory,
        form: WordForm,
        words: int,
        sources: Ints,
        lines: Ints,
    ) -> list[str]:
        """Give a sentence per thing in rows of so many words, which begin in these lines."""
        if words % form.together:
            return [
                f"the row of source {sources[0]} has {words} words; with weights of 4 bits it must be an "
                "even number, because two words share a line"
            ]
        last = int(lines.argmax())
        out = beyond(f"the row of source {sources[last]}", int(lines[last]), form.lines_of(words), chip)
        if out:
            return out
        found = memory.lines(lines[:, None] + form.lines_with(GROUPS, words))
        if found is None:
            return [not_set(f"rows of {words} words")]
        parts = found.reshape(len(lines), words, form.group_lines, chip.lanes).astype(np.int64)
        groups = (parts << 8 * np.arange(form.group_lines)[:, None]).sum(axis=2)
        of_row = groups.reshape(len(lines), -1).max(axis=1)
        worst = int(of_row.argmax())
        if of_row[worst] >= fields["groups"]:
            out.append(
                f"the row of source {sources[worst]} adds to target group {of_row[worst]}, and the "
                f"descriptor has {fields['groups']} (0 to {fields['groups'] - 1}); correct the row, or raise "
                "groups"
            )
        return out + delay_problems(form, lines, words, fields["slot"], chip, memory)

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        wide = ", target groups of 16 bits" if fields["wide"] else ""
        return (
            f", {fields['sources']} sources to {fields['targets']} targets, rows from line "
            f"{fields['syn_base']}, table {fields['table_base']}, {form(fields)}{wide}"
        )
