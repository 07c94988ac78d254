"""Chip model of Dense. What the values are is said by `models.PyDenseModelBitAcc`."""

from __future__ import annotations

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.process import Dense

__all__ = ["HwDense"]


@implements(proc=Dense, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwDense(AbstractHwProcessModel):
    """Dense as a connection of the chip."""
