"""RFZero as a text of equations, for the chip. `models.PyRFZeroModelFixed` defines the numbers."""

from __future__ import annotations

from typing import Any

from lava_hw.equations import Equations, Graded, Input, Parameter, State, wrapping

__all__ = ["RFZeroText"]


class RFZeroText(Equations):
    """RFZero; products and sums wrap at 32 bits."""

    u_in = Input()
    v_in = Input()
    s_out = Graded()
    u = State()
    v = State()
    lct = State()
    lst = State()
    uth = Parameter()

    def step(n: Any) -> None:
        """One step."""

        def part(a: Any, factor: Any) -> Any:
            return wrapping(a * factor) >> 15

        u = wrapping(part(n.u, n.lct) - part(n.v, n.lst) + n.u_in)
        v = wrapping(part(n.v, n.lct) + part(n.u, n.lst) + n.v_in)
        n.s_out.send(u, where=(u > n.uth) & (v >= 0) & (n.v < 0))
        n.u, n.v = u, v
