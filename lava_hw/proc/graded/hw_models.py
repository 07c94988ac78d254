"""Chip models of the neurons that send graded values. What the values are is said by `models`."""

from __future__ import annotations

from collections.abc import Mapping

from lava_hw.ir import NeuronInput, NeuronOutput
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, NormVecDelay
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["HwGradedReluVec", "HwGradedVec", "HwNormVecDelay"]

_CLEAR = ("mov r1, #0", "st [v], r1")


@implements(proc=GradedVec, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwGradedVec(AbstractHwWords):
    """GradedVec as a population of the chip."""

    states = ("v",)
    constants: Mapping[str, tuple[int, int, int]] = {"vth": (1, LEAST, MOST)}
    unread = ("exp",)
    body = (
        "mov r1, [v]",
        "add r1, r1, r0",
        "abs r2, r1",
        "cmp p0, r2 > vth",
        "emitg ch0, r1 if p0",
        *_CLEAR,
    )


@implements(proc=GradedReluVec, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwGradedReluVec(AbstractHwWords):
    """GradedReluVec as a population of the chip."""

    states = ("v",)
    constants: Mapping[str, tuple[int, int, int]] = {"vth": (1, LEAST, MOST)}
    unread = ("exp",)
    body = ("mov r1, [v]", "add r1, r1, r0", "cmp p0, r1 > vth", "emitg ch0, r1 if p0", *_CLEAR)


@implements(proc=NormVecDelay, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwNormVecDelay(AbstractHwWords):
    """NormVecDelay as a population of the chip, with two inputs and two outputs."""

    inputs = (NeuronInput("a_in1"), NeuronInput("a_in2"))
    outputs = (NeuronOutput("s_out", "graded"), NeuronOutput("s2_out", "graded", 1))
    states = ("v", "v2")
    constants: Mapping[str, tuple[int, int, int]] = {"vth": (1, LEAST, MOST)}
    unread = ("exp",)
    body = (
        "mul r2, r0, r0, >>0",
        "emitg ch1, r2",
        "mov r2, [v]",
        "st [v2], r2",
        "st [v], r0",
        "mul r2, r2, r1, >>0",
        "abs r3, r2",
        "cmp p0, r3 > vth",
        "emitg ch0, r2 if p0",
    )
