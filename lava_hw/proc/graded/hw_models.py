"""Chip models of the neurons that send graded values. What the values are is said by `models`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, NormVecDelay
from lava_hw.proc.graded.texts import GradedReluVecText, GradedVecText, NormVecDelayText
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["AbstractHwVec", "HwGradedReluVec", "HwGradedVec", "HwNormVecDelay"]


class AbstractHwVec(AbstractHwWords):
    """A vector of values and a threshold."""

    states: Sequence[str] = ("v",)
    constants: Mapping[str, tuple[int, int, int]] = {"vth": (1, LEAST, MOST)}
    unread = ("exp",)


@implements(proc=GradedVec, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwGradedVec(AbstractHwVec):
    """GradedVec as a population of the chip."""

    text = GradedVecText


@implements(proc=GradedReluVec, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwGradedReluVec(AbstractHwVec):
    """GradedReluVec as a population of the chip."""

    text = GradedReluVecText


@implements(proc=NormVecDelay, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwNormVecDelay(AbstractHwVec):
    """NormVecDelay as a population of the chip, with two inputs and two outputs."""

    states = ("v", "v2")
    text = NormVecDelayText
