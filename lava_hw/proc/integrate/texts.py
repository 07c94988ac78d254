"""Our integrators as texts of equations, for the chip. The fixed-point models define the numbers.

Nothing wraps: an input that is clipped to 2^25, shifted, saturates whatever it meets.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lava_hw.equations import (
    TOWARD_ZERO,
    Equations,
    Graded,
    Input,
    Parameter,
    Spikes,
    State,
    clip,
    mul,
    select,
)
from lava_hw.proc.integrate.process import LIMIT

__all__ = ["if_text", "integrator_text", "lif_subtract_text"]

_INPUT_BITS = 25


def _arrived(n: Any, shift: int) -> Any:
    return clip(n.a_in, 1 << (_INPUT_BITS - shift)) << shift


class _Plain(Equations):
    a_in = Input()
    v = State(-LIMIT, LIMIT)
    bias = Parameter(-LIMIT, LIMIT)


class _Leaky(_Plain):
    u = State(-LIMIT, LIMIT)
    du_keep = Parameter(0, 4096)
    dv_keep = Parameter(0, 4096)


def _leak(n: Any, shift: int) -> Any:
    """The voltage after a step; the current is kept."""
    n.u = clip(mul(n.u, n.du_keep, 12, TOWARD_ZERO) + _arrived(n, shift), LIMIT)
    return clip(mul(n.v, n.dv_keep, 12, TOWARD_ZERO) + n.u + n.bias, LIMIT)


def _fire(n: Any, v: Any, shift: int, reset: str) -> None:
    threshold = n.vth << shift
    spikes = v > threshold
    n.s_out.send(spikes)
    n.v = select(spikes, 0 if reset == "zero" else clip(v - threshold, LIMIT), v)


@cache
def lif_subtract_text(shift: int, reset: str) -> type[Equations]:
    """LIFSubtract with an input shift and a way of reset."""

    class LifSubtractText(_Leaky):
        """LIFSubtract."""

        s_out = Spikes()
        vth = Parameter(0, LIMIT)

        def step(n: Any) -> None:
            """One step."""
            _fire(n, _leak(n, shift), shift, reset)

    return LifSubtractText


@cache
def if_text(shift: int, reset: str) -> type[Equations]:
    """IF with an input shift and a way of reset."""

    class IfText(_Plain):
        """IF."""

        s_out = Spikes()
        vth = Parameter(0, LIMIT)

        def step(n: Any) -> None:
            """One step."""
            _fire(n, clip(n.v + _arrived(n, shift) + n.bias, LIMIT), shift, reset)

    return IfText


@cache
def integrator_text(shift: int, _reset: str) -> type[Equations]:
    """LeakyIntegrator with an input shift."""

    class LeakyIntegratorText(_Leaky):
        """LeakyIntegrator."""

        s_out = Graded()

        def step(n: Any) -> None:
            """One step."""
            n.v = _leak(n, shift)
            n.s_out.send(n.v)

    return LeakyIntegratorText
