"""Chip model of ProdNeuron. What the values are is said by `models.PyProdNeuronModelFixed`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lava_hw.equations import Equations, Graded, Input, Parameter, absolute, mul, shift_by, wrapping
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["HwProdNeuron", "ProdNeuronText"]


class ProdNeuronText(Equations):
    """ProdNeuron; exp is held negated, because it shifts to the right."""

    a_in1 = Input()
    a_in2 = Input()
    s_out = Graded()
    vth = Parameter()
    exp = Parameter(-MOST, 0)

    def step(n: Any) -> None:
        """One step."""
        product = shift_by(wrapping(mul(n.a_in1, n.a_in2)), n.exp)
        n.s_out.send(product, where=wrapping(absolute(product)) > n.vth)


@implements(proc=ProdNeuron, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwProdNeuron(AbstractHwWords):
    """ProdNeuron as a population of the chip; the product wraps before its shift."""

    constants: Mapping[str, tuple[int, int, int]] = {"vth": (1, LEAST, MOST), "exp": (-1, 0, MOST)}
    unread = ("v",)
    text = ProdNeuronText
