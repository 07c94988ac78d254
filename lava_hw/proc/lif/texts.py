"""The LIF family as texts of equations, for the chip. The fixed-point models of `models` define the numbers.

u, v and the parameters may be any numbers of 32 bits, as in Python, so their sums may wrap.
"""

from __future__ import annotations

from typing import Any

from lava_hw.equations import (
    TOWARD_ZERO,
    Equations,
    Graded,
    Input,
    Parameter,
    Spikes,
    State,
    absolute,
    clip,
    index,
    mul,
    select,
    shift_by,
    time,
    wrap24,
    wrapping,
)
from lava_hw.proc.lif.arithmetic import UV_LIMIT

__all__ = [
    "INPUT_SHIFT",
    "LearningLifText",
    "LifRefractoryText",
    "LifResetText",
    "LifText",
    "PrototypeLifText",
    "TernaryLifText",
]

INPUT_SHIFT = 6
_ONE_SHOT = 127


class _Membrane(Equations):
    """Input, states and parameters of all of them."""

    a_in = Input(shift=INPUT_SHIFT)
    s_out = Spikes()
    u = State()
    v = State()
    bias_mant = State()
    bias_exp = State()
    du_keep = Parameter()
    dv_keep = Parameter()


def _current(n: Any, u: Any) -> Any:
    return wrap24(wrapping(mul(u, n.du_keep, 12, TOWARD_ZERO) + n.a_in))


def _voltage(n: Any, v: Any, u: Any) -> Any:
    bias = wrapping(shift_by(n.bias_mant, n.bias_exp))
    return clip(wrapping(mul(v, n.dv_keep, 12, TOWARD_ZERO) + u + bias), UV_LIMIT - 1)


def _spike(n: Any, v: Any) -> Any:
    """Send where v is above the threshold, and clear it there."""
    spikes = v > n.threshold
    n.v = select(spikes, 0, v)
    n.s_out.send(spikes)
    return spikes


class LifText(_Membrane):
    """LIF."""

    threshold = Parameter()

    def step(n: Any) -> None:
        """One step."""
        n.u = _current(n, n.u)
        _spike(n, _voltage(n, n.v, n.u))


class TernaryLifText(_Membrane):
    """TernaryLIF."""

    s_out = Spikes(signed=True)
    vth_hi = Parameter()
    vth_lo = Parameter()

    def step(n: Any) -> None:
        """One step."""
        n.u = _current(n, n.u)
        v = _voltage(n, n.v, n.u)
        high, low = v > n.vth_hi, v < n.vth_lo
        n.s_out.send(high & ~low, negative=low & ~high)
        n.v = select(high ^ low, 0, v)


class LifResetText(_Membrane):
    """LIFReset: u and v are cleared where the interval divides |t - offset|.

    The quotient by a product with 2^31 / interval may be one too small: the rest is 0 or the interval then.
    """

    threshold = Parameter()
    reset_interval = Parameter(1)
    reset_part = Parameter(0)
    reset_offset = Parameter(0)

    def step(n: Any) -> None:
        """One step."""
        since = absolute(time() - n.reset_offset)
        rest = wrapping(since - mul(since, n.reset_part, 31) * n.reset_interval)
        due = (rest == 0) | (rest == n.reset_interval)
        n.u = _current(n, select(due, 0, n.u))
        _spike(n, _voltage(n, select(due, 0, n.v), n.u))


class LifRefractoryText(_Membrane):
    """LIFRefractory."""

    threshold = Parameter()
    refractory_period_end = State()
    refractory_period = Parameter(1, 1 << 30)

    def step(n: Any) -> None:
        """One step."""
        resting = n.refractory_period_end >= time()
        n.u = _current(n, n.u)
        spikes = _spike(n, select(resting, n.v, _voltage(n, n.v, n.u)))
        end = wrapping(time() + n.refractory_period)
        n.refractory_period_end = select(spikes, end, n.refractory_period_end)


class LearningLifText(_Membrane):
    """LearningLIF; y1, y2, y3 are the traces of its targets."""

    a_third_factor_in = Input()
    s_out_bap = Spikes()
    s_out_y1 = Graded()
    s_out_y2 = Graded()
    s_out_y3 = Graded()
    y1 = State()
    y2 = State()
    y3 = State()
    threshold = Parameter()

    def step(n: Any) -> None:
        """One step."""
        n.u = _current(n, n.u)
        n.s_out_bap.send(_spike(n, _voltage(n, n.v, n.u)))
        n.y2 = n.a_third_factor_in
        _send_traces(n)


def _send_traces(n: Any) -> None:
    n.s_out_y1.send(n.y1)
    n.s_out_y2.send(n.y2)
    n.s_out_y3.send(n.y3)


class PrototypeLifText(LearningLifText):
    """PrototypeLIF: the third factor, the same for all neurons, is 1 + the number of one of them, or 0."""

    a_third_factor_in = Input(broadcast=True)
    reset_in = Input()

    def step(n: Any) -> None:
        """One step."""
        cleared = n.reset_in > 0
        u = _current(n, n.u)
        v = select(cleared, 0, _voltage(n, n.v, u))
        n.u = select(cleared, 0, u)
        chosen = n.a_third_factor_in == wrapping(index() + 1)
        somebody = n.a_third_factor_in != 0
        spikes = (~somebody & (v > n.threshold)) | chosen
        n.s_out.send(spikes)
        n.s_out_bap.send(chosen)
        n.v = select(spikes, 0, v)
        n.y1 = select(chosen, _ONE_SHOT, select(somebody, 0, n.y1))
        _send_traces(n)
