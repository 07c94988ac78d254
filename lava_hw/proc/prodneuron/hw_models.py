"""Chip model of ProdNeuron. What the values are is said by `models.PyProdNeuronModelFixed`."""

from __future__ import annotations

from collections.abc import Mapping

from lava_hw.ir import NeuronInput
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["HwProdNeuron"]


@implements(proc=ProdNeuron, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwProdNeuron(AbstractHwWords):
    """ProdNeuron as a population of the chip; the product wraps before its shift.

    exp is held negated, because it shifts to the right.
    """

    inputs = (NeuronInput("a_in1"), NeuronInput("a_in2"))
    constants: Mapping[str, tuple[int, int, int]] = {"vth": (1, LEAST, MOST), "exp": (-1, 0, MOST)}
    unread = ("v",)
    body = (
        "mul r0, r0, r1, >>0",
        "shv r0, r0, exp",
        "abs r1, r0",
        "cmp p0, r1 > vth",
        "emitg ch0, r0 if p0",
    )
