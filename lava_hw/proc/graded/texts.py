"""Neurons that send graded values as texts of equations, for the chip. `models` defines the numbers.

All of it wraps at 32 bits, as in Python.
"""

from __future__ import annotations

from typing import Any

from lava_hw.equations import Equations, Graded, Input, Parameter, State, absolute, mul, wrapping

__all__ = ["GradedReluVecText", "GradedVecText", "NormVecDelayText"]


class _Sender(Equations):
    a_in = Input()
    s_out = Graded()
    v = State()
    vth = Parameter()


class GradedVecText(_Sender):
    """GradedVec."""

    def step(n: Any) -> None:
        """One step."""
        v = wrapping(n.v + n.a_in)
        n.s_out.send(v, where=wrapping(absolute(v)) > n.vth)
        n.v = 0


class GradedReluVecText(_Sender):
    """GradedReluVec."""

    def step(n: Any) -> None:
        """One step."""
        v = wrapping(n.v + n.a_in)
        n.s_out.send(v, where=v > n.vth)
        n.v = 0


class NormVecDelayText(Equations):
    """NormVecDelay."""

    a_in1 = Input()
    a_in2 = Input()
    s_out = Graded()
    s2_out = Graded()
    v = State()
    v2 = State()
    vth = Parameter()

    def step(n: Any) -> None:
        """One step."""
        n.s2_out.send(wrapping(mul(n.a_in1, n.a_in1)))
        n.v2 = n.v
        n.v = n.a_in1
        product = wrapping(mul(n.v2, n.a_in2))
        n.s_out.send(product, where=wrapping(absolute(product)) > n.vth)
