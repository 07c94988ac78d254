"""Chip model of PrototypeLIF. What the values are is said by `models.PrototypeLIFBitAcc`."""

from __future__ import annotations

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.lif.hw_models import HwLearningLif
from lava_hw.proc.lif.texts import PrototypeLifText

__all__ = ["HwPrototypeLif"]


@implements(proc=PrototypeLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwPrototypeLif(HwLearningLif):
    """PrototypeLIF as a population of the chip; all neurons get the first element of a_third_factor_in."""

    text = PrototypeLifText
