"""Chip model of LIF. What the values are is said by `models.PyLifModelBitAcc`."""

from __future__ import annotations

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.lif.process import LIF

__all__ = ["HwLif"]


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwLif(AbstractHwProcessModel):
    """LIF as a population of the chip."""
