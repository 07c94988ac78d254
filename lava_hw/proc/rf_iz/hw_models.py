"""Chip model of RF_IZ. What the values are is said by `models.PyRF_IZModelFixed`."""

from __future__ import annotations

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.rf.hw_models import AbstractHwRF
from lava_hw.proc.rf.texts import rf_iz_text
from lava_hw.proc.rf_iz.process import RF_IZ

__all__ = ["HwRF_IZ"]


@implements(proc=RF_IZ, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwRF_IZ(AbstractHwRF):  # as the process
    """RF_IZ as a population of the chip."""

    text = staticmethod(rf_iz_text)
