"""Sigma, delta and sigma-delta neurons as texts of equations, for the chip. `models` defines the numbers.

All of it wraps at 32 bits, as in Python. state_exp is held negated: it shifts to the right.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lava_hw.equations import (
    Equations,
    Graded,
    Input,
    Parameter,
    State,
    absolute,
    maximum,
    select,
    shift_by,
    wrapping,
)

__all__ = ["MOST_EXPONENT", "DeltaText", "SigmaText", "sigma_delta_text"]

MOST_EXPONENT = (1 << 30) - 1
"""The sum of two exponents has 32 bits."""


class SigmaText(Equations):
    """Sigma."""

    a_in = Input()
    s_out = Graded()
    sigma = State()

    def step(n: Any) -> None:
        """One step."""
        n.sigma = wrapping(n.sigma + n.a_in)
        n.s_out.send(n.sigma)


class _Encoder(Equations):
    """Sends changes of an activation."""

    a_in = Input()
    s_out = Graded()
    act = State()
    residue = State()
    error = State()
    vth = Parameter()
    state_exp = Parameter(-MOST_EXPONENT, 0)
    cum_error = Parameter(0, 1)


def _encode(n: Any, act: Any) -> None:
    change = wrapping(wrapping(act - n.act) + n.residue)
    n.act = act
    gathers = n.cum_error != 0
    error = select(gathers, wrapping(n.error + change), change)
    out = select(wrapping(absolute(error)) >= n.vth, change, 0)
    n.residue = wrapping(change - out)
    # The size of -2^31 is below 0, and clears no error.
    cleared = wrapping(absolute(out)) > 0
    n.error = select(gathers, select(cleared, 0, error), n.error)
    n.s_out.send(shift_by(out, n.state_exp))


class DeltaText(_Encoder):
    """Delta."""

    spike_exp = Parameter(0, MOST_EXPONENT)

    def step(n: Any) -> None:
        """One step."""
        _encode(n, wrapping(shift_by(n.a_in, n.spike_exp - n.state_exp)))


@cache
def sigma_delta_text(rectified: bool) -> type[Equations]:
    """SigmaDelta with one of the activations."""

    class SigmaDeltaText(_Encoder):
        """SigmaDelta."""

        sigma = State()
        bias = State()

        def step(n: Any) -> None:
            """One step."""
            n.sigma = wrapping(n.sigma + n.a_in)
            act = wrapping(n.sigma + n.bias)
            _encode(n, maximum(act, 0) if rectified else act)

    return SigmaDeltaText
