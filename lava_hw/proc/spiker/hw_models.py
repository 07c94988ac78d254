"""Chip model of Spiker. What the values are is said by `models.SpikerModel`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lava_hw.equations import Equations, Graded, State, select, wrapping
from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.spiker.process import Spiker
from lava_hw.proc.words import LEAST, MOST, AbstractHwWords

__all__ = ["HwSpiker", "SpikerText"]

# A counter that has missed its rate goes on for 2^30 steps before it would wrap.
_MOST_COUNTER = 1 << 30


class SpikerText(Equations):
    """Spiker."""

    s_out = Graded()
    rate = State()
    counter = State()
    payload = State()

    def step(n: Any) -> None:
        """One step."""
        fires = n.counter == n.rate
        n.s_out.send(n.payload, where=fires)
        n.counter = select(fires, 1, wrapping(n.counter + 1))


@implements(proc=Spiker, protocol=LoihiProtocol)
@requires(NeuroCore)
@tag("fixed_pt")
class HwSpiker(AbstractHwWords):
    """Spiker as a population of the chip, for payloads of 32 bits; without an input from outside."""

    states = ("rate", "counter", "payload")
    limits: Mapping[str, tuple[int, int]] = {
        "rate": (LEAST, MOST),
        "counter": (LEAST, _MOST_COUNTER),
        "payload": (LEAST, MOST),
    }
    types: Mapping[str, str] = dict.fromkeys(states, "int64")
    text = SpikerText

    @classmethod
    def fits(cls, proc: AbstractProcess) -> bool:
        """Whether what it counts and sends are integers of 32 bits."""
        given = {name: np.asarray(getattr(proc, name).init) for name in cls.limits}
        return all(
            value.dtype.kind in "iu" and bool(np.all((value >= least) & (value <= most)))
            for value, (least, most) in ((given[name], limits) for name, limits in cls.limits.items())
        )
