"""A neuron of a user's own: Izhikevich's, in fixed point, in twenty lines."""

from __future__ import annotations

from typing import Any

from lava_hw.equations import Equations, Graded, Input, Parameter, Spikes, State, clip, mul, neuron, select

ONE = 1 << 14
"""One millivolt."""


@neuron
class Izhikevich(Equations):
    """Izhikevich's neurons, a millisecond in two halves; a, b, c, d and current in units of 2^-14."""

    a_in = Input()
    s_out = Spikes()
    v_out = Graded()
    v = State(-200 * ONE, 200 * ONE, init=-65 * ONE)
    u = State(-400 * ONE, 400 * ONE, init=-13 * ONE)
    a = Parameter(0, ONE, init=328)
    b = Parameter(0, ONE, init=3277)
    c = Parameter(-100 * ONE, 0, init=-65 * ONE)
    d = Parameter(0, 20 * ONE, init=8 * ONE)

    def step(n: Any) -> None:
        """One step."""
        current, v = clip(n.a_in, 400 * ONE), n.v
        for _ in range(2):
            square = mul(mul(v, v, 14), 655, 14)  # 0.04 v^2
            v = clip(v + ((square + 5 * v + 140 * ONE - n.u + current) >> 1), 200 * ONE)
        u = clip(n.u + mul(n.a, mul(n.b, v, 14) - n.u, 14), 380 * ONE)
        spikes = v >= 30 * ONE
        n.s_out.send(spikes)
        n.v_out.send(v)
        n.v, n.u = select(spikes, n.c, v), select(spikes, u + n.d, u)
