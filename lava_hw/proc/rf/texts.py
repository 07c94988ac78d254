"""RF and RF_IZ as texts of equations, for the chip. The models in fixed point of `models` define the numbers.

In Python the sums of two products and an input have 64 bits before they are clipped. Here the intervals show
that 32 are enough: states of 25 bits times factors of 2^4 give products of 29 bits, and an input that is
clipped to 2^30 first changes nothing in what is clipped to 24 bits afterwards.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lava_hw.equations import (
    TOWARD_ZERO,
    Equations,
    Input,
    Parameter,
    Spikes,
    State,
    clip,
    mul,
    select,
    shift_by,
    wrapping,
)
from lava_hw.proc.lif.arithmetic import UV_LIMIT

__all__ = ["MOST_STATE", "most_factor", "rf_iz_text", "rf_text"]

MOST_STATE = 1 << 24
_HEADROOM = 4
_INPUT = 1 << 30


def most_factor(bits: int) -> int:
    """The largest sin or cos with so many bits behind the point."""
    return min(1 << (bits + _HEADROOM), (1 << 31) - 1)


def _oscillator(bits: int) -> type[Equations]:
    class Oscillator(Equations):
        """What both have; products are shifted by `decay_bits`."""

        a_real_in = Input()
        a_imag_in = Input()
        s_out = Spikes()
        real = State(-MOST_STATE, MOST_STATE)
        imag = State(-MOST_STATE, MOST_STATE)
        sin_decay = Parameter(-most_factor(bits), most_factor(bits))
        cos_decay = Parameter(-most_factor(bits), most_factor(bits))
        state_exp = Parameter(0)
        vth = Parameter(1 - MOST_STATE, MOST_STATE - 1)

        def oscillate(n: Any) -> tuple[Any, Any]:
            """Real and imaginary part after a step."""

            def arrived(a: Any) -> Any:
                return clip(wrapping(shift_by(a, n.state_exp)), _INPUT)

            def part(a: Any, factor: Any) -> Any:
                return mul(a, factor, bits, TOWARD_ZERO)

            real = part(n.real, n.cos_decay) - part(n.imag, n.sin_decay) + arrived(n.a_real_in)
            imag = part(n.real, n.sin_decay) + part(n.imag, n.cos_decay) + arrived(n.a_imag_in)
            return clip(real, UV_LIMIT - 1), clip(imag, UV_LIMIT - 1)

    return Oscillator


@cache
def rf_text(bits: int) -> type[Equations]:
    """RF with a number of decay_bits."""
    parent: Any = _oscillator(bits)

    class RfText(parent):  # type: ignore[misc]  # a class that is made here
        """RF."""

        def step(n: Any) -> None:
            """One step."""
            real, imag = parent.oscillate(n)
            n.s_out.send((real >= n.vth) & (imag >= 0) & (n.imag < 0))
            n.real, n.imag = real, imag

    return RfText


@cache
def rf_iz_text(bits: int) -> type[Equations]:
    """RF_IZ with a number of decay_bits."""
    parent: Any = _oscillator(bits)

    class RfIzText(parent):  # type: ignore[misc]  # a class that is made here
        """RF_IZ."""

        def step(n: Any) -> None:
            """One step."""
            real, imag = parent.oscillate(n)
            spikes = imag >= n.vth
            n.s_out.send(spikes)
            n.real, n.imag = select(spikes, 0, real), select(spikes, n.vth - 1, imag)

    return RfIzText
