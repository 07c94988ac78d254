"""Chip model of RF_IZ. What the values are is said by `models.PyRF_IZModelFixed`."""

from __future__ import annotations

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.rf.hw_models import AbstractHwRF
from lava_hw.proc.rf_iz.process import RF_IZ

__all__ = ["HwRF_IZ"]


@implements(proc=RF_IZ, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwRF_IZ(AbstractHwRF):  # as the process
    """RF_IZ as a population of the chip."""

    answer = (
        "cmp p0, r5 >= vth",
        "mov r4, #0 if p0",
        "mov r6, vth",
        "sub r6, r6, #1",
        "mov r5, r6 if p0",
        "emitm ch0 if p0",
    )
