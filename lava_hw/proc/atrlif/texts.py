"""ATRLIF as texts of equations, for the chip. `models.PyATRLIFModelFixed` defines the numbers.

The decay of the current is the hard part: Python multiplies i by a factor of 53 bits in float64, which rounds
to 53 bits, and truncates. The chip does the same in integers. With m = |i| and the factor as
high * 2^-31 + low * 2^-53, where high has 31 bits and low has 22, it computes the whole part N of the
product, and how far the product is below N + 1, in units of 2^-53. Float64 has rounded up to N + 1 where that
is at most half of its last bit, that is 2^floor(log2 N) such units.
"""

from __future__ import annotations

from typing import Any

from lava_hw.equations import (
    TOWARD_ZERO,
    Equations,
    Input,
    Parameter,
    Spikes,
    State,
    absolute,
    clip,
    minimum,
    mul,
    select,
    shift_by,
    wrap24,
    wrapping,
)
from lava_hw.proc.lif.arithmetic import UV_LIMIT

__all__ = ["ExactText", "WholeText", "WrappingText"]

_LOW_BITS, _HIGH_BITS = 22, 31
_MOST = (1 << 31) - 1


class _Atrlif(Equations):
    a_in = Input(shift=6)
    s_out = Spikes()
    v = State()
    r = State()
    bias_mant = State()
    bias_exp = State()
    s = State(0, 1)
    theta = State()
    v_keep = Parameter()
    theta_keep = Parameter()
    r_keep = Parameter()
    theta_0 = Parameter()
    theta_step = Parameter()


def _advance(n: Any, current: Any) -> None:
    """All but the decay of the current."""
    n.i = wrap24(wrapping(current + n.a_in))
    bias = wrapping(shift_by(n.bias_mant, n.bias_exp))
    n.v = clip(wrapping(mul(n.v, n.v_keep, 12, TOWARD_ZERO) + n.i + bias), UV_LIMIT - 1)
    above = mul(wrapping(n.theta - n.theta_0), n.theta_keep, 12, TOWARD_ZERO)
    theta = wrapping(above + n.theta_0)
    r = wrapping(mul(n.r, n.r_keep, 12, TOWARD_ZERO))
    spikes = wrapping(n.v - r) >= theta
    n.r = select(spikes, wrapping(r + theta + theta), r)
    n.theta = select(spikes, wrapping(theta + n.theta_step), theta)
    n.s = select(spikes, 1, 0)
    n.s_out.send(spikes)


class WholeText(_Atrlif):
    """ATRLIF where 4096 times each delta_i is whole."""

    i = State()
    i_keep = Parameter()

    def step(n: Any) -> None:
        """One step."""
        _advance(n, wrapping(mul(n.i, n.i_keep, 12, TOWARD_ZERO)))


class WrappingText(WholeText):
    """ATRLIF whose delta_i is an int: the product wraps at 32 bits, as in Python."""

    def step(n: Any) -> None:
        """One step."""
        _advance(n, mul(wrapping(n.i * n.i_keep), 1, 12, TOWARD_ZERO))


class ExactText(_Atrlif):
    """ATRLIF with any factor."""

    i = State(-_MOST)
    i_sign = Parameter(-1, 1)
    i_high = Parameter(0, _MOST)
    i_low = Parameter(0, (1 << _LOW_BITS) - 1)

    def step(n: Any) -> None:
        """One step."""
        signed = n.i * n.i_sign
        size = _rounded_product(absolute(signed), n.i_high, n.i_low)
        _advance(n, select(signed < 0, wrapping(-size), size))


def _rounded_product(m: Any, high: Any, low: Any) -> Any:
    """The product of m and a factor, rounded to float64 and cut off."""
    above = mul(m, low, _LOW_BITS)
    below = wrapping(m * low - (above << _LOW_BITS))
    whole = mul(m, high, _HIGH_BITS)
    # 31 bits of the fraction, and a carry in the sign.
    fraction = wrapping(m * high - (whole << _HIGH_BITS) + above)
    carry = fraction >> _HIGH_BITS
    whole = wrapping(whole - carry)
    # What is missing to a fraction of ones, then to N + 1, in units of 2^-53, less one.
    missing = minimum(wrapping((carry << _HIGH_BITS) - fraction + _MOST), 1 << 8)
    units = wrapping((missing << _LOW_BITS) - below + ((1 << _LOW_BITS) - 1))
    bits = whole
    for step in (16, 8, 4, 2, 1):  # down to the highest bit of N
        more = bits >= 1 << step
        bits, units = select(more, bits >> step, bits), select(more, units >> step, units)
    # With N below 1 both are 0.
    return select(units < bits, wrapping(whole + 1), whole)
