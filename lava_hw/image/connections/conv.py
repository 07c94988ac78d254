"""Conv as images know it: kernels that are stored once, and tables that say where they are used."""

from __future__ import annotations

import numpy as np

from lava_hw.chip import Chip
from lava_hw.image.connections.contents import SynapseMemory, not_set
from lava_hw.image.connections.descriptor import (
    FORMATS,
    DescriptorKind,
    Fields,
    beyond,
    form,
    form_of,
    not_meant,
)
from lava_hw.image.connections.layout import BYTES
from lava_hw.regs import CONV_POSITION, CONV_TAP, ConnKind


class ConvDescriptor(DescriptorKind, kind=ConnKind.CONV):
    """A descriptor of a run of input positions."""

    formats = FORMATS

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        out = not_meant(fields, ("delays", "wide"))
        if fields["sources"]:
            lines = -(-self._positions(fields) * BYTES // chip.lanes)
            out += beyond("its table of positions", fields["table_base"], lines, chip)
        return out

    def _positions(self, fields: Fields) -> int:
        return -(-fields["sources"] >> fields["channel_bits"])

    def content_problems(self, fields: Fields, chip: Chip, memory: SynapseMemory) -> list[str]:
        """See `DescriptorKind`."""
        entries = memory.table(fields["table_base"], np.arange(self._positions(fields)))
        if entries is None:
            return [not_set("table of positions")]
        count = CONV_POSITION.get_array(entries.astype(np.uint64), "taps")
        first = CONV_POSITION.get_array(entries.astype(np.uint64), "first")
        starts = np.repeat(first - (np.cumsum(count) - count), count)
        numbers = np.unique(starts + np.arange(len(starts)))
        if not len(numbers):
            return []
        out = beyond(
            "its table of taps", fields["taps_base"], -(-(int(numbers[-1]) + 1) * BYTES // chip.lanes), chip
        )
        if out:
            return out
        taps = memory.table(fields["taps_base"], numbers)
        if taps is None:
            return [not_set("table of taps")]
        group = fields["acc_base"] + CONV_TAP.get_array(taps.astype(np.uint64), "group")
        line = fields["syn_base"] + CONV_TAP.get_array(taps.astype(np.uint64), "line")
        worst = int(group.argmax())
        if group[worst] + fields["groups"] > chip.acc_groups:
            out.append(
                f"tap {numbers[worst]} adds to accumulator groups {group[worst]} to "
                f"{group[worst] + fields['groups'] - 1}, and a core of the chip has {chip.acc_groups} (0 to "
                f"{chip.acc_groups - 1}); move them to lower numbers, or use a chip with more acc_groups"
            )
        worst = int(line.argmax())
        channels = min(1 << fields["channel_bits"], fields["sources"])
        lines = (channels - 1) * fields["stride"] + form_of(fields).lines_of(fields["groups"])
        return out + beyond(f"the kernel of tap {numbers[worst]}", int(line[worst]), lines, chip)

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return (
            f", {fields['sources']} sources of {1 << fields['channel_bits']} channels to {fields['targets']} "
            f"targets, kernels from line {fields['syn_base']}, positions {fields['table_base']}, taps "
            f"{fields['taps_base']}, {form(fields)}"
        )
