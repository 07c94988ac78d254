"""Chip model of RFZero. What the values are is said by `models.PyRFZeroModelFixed`."""

from __future__ import annotations

from collections.abc import Mapping

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.resfire.texts import RFZeroText
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["HwRFZero"]


@implements(proc=RFZero, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwRFZero(AbstractHwWords):
    """RFZero as a population of the chip; products and sums wrap at 32 bits, as in Python."""

    states = ("u", "v", "lct", "lst")
    constants: Mapping[str, tuple[int, int, int]] = {"uth": (1, LEAST, MOST)}
    text = RFZeroText
