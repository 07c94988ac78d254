"""The port of a population: messages are added to its accumulators without weights."""

from __future__ import annotations

from lava_hw.chip import Chip
from lava_hw.image.connections.descriptor import DescriptorKind, Fields, not_meant
from lava_hw.regs import ConnKind


class PortDescriptor(DescriptorKind, kind=ConnKind.PORT):
    """A descriptor without weights."""

    def problems(self, fields: Fields, chip: Chip) -> list[str]:
        """See `DescriptorKind`."""
        return not_meant(fields, ("delays", "wide"))

    def describe(self, fields: Fields) -> str:
        """See `DescriptorKind`."""
        return ""
