"""Chip model of PrototypeLIF. What the values are is said by `models.PrototypeLIFBitAcc`."""

from __future__ import annotations

from collections.abc import Iterable

from lava_hw.ir import Constant, FlatProcess, KeptVar, NeuronInput, NeuronState
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.lif.hw_models import CURRENT, INPUT_SHIFT, LOAD, SEND_TRACES, VOLTAGE, HwLearningLif

__all__ = ["HwPrototypeLif"]

_ONE_SHOT = 127


@implements(proc=PrototypeLIF, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwPrototypeLif(HwLearningLif):
    """PrototypeLIF as a population of the chip; all neurons get the first element of a_third_factor_in."""

    inputs = (
        NeuronInput("a_in", INPUT_SHIFT),
        NeuronInput("a_third_factor_in", broadcast=True),
        NeuronInput("reset_in"),
    )
    body = (
        *LOAD,
        *CURRENT,
        *VOLTAGE,
        "cmp p0, r2 > #0",
        "mov r3, #0 if p0",
        "mov r4, #0 if p0",
        "st [u], r3",
        "cmp p0, r4 > {threshold}",
        "idx r5",
        "add r5, r5, #1",
        "cmp p1, r1 == r5",
        "cmp p2, r1 != #0",
        "plog p0, p0, p2, andnot",
        "plog p0, p0, p1, or",
        "mov r4, #0 if p0",
        "st [v], r4",
        "mov r5, [y1]",
        "mov r5, #0 if p2",
        "mov r5, one_shot if p1",
        "st [y1], r5",
        "emitm ch0 if p0",
        "emitm ch1 if p1",
        *SEND_TRACES,
    )

    @classmethod
    def parameters(cls, process: FlatProcess) -> Iterable[tuple[NeuronState | Constant, KeptVar | None]]:
        """See `AbstractHwLif`."""
        yield from super().parameters(process)
        yield Constant("one_shot", _ONE_SHOT), None
