"""Neurons with adaptive threshold and refractory trace (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.lif.ranges import BIAS_EXP, BIAS_MANT, STATE

__all__ = ["ATRLIF"]


# Fractions: of what is there, and of the threshold, which step 1 multiplies by 64.
_PART = VarRange(low=0, high=1, lowest=-(1 << 18), highest=1 << 18, form="number")
_SCALED = VarRange(low=0, high=(1 << 17) - 1, lowest=-(1 << 25), highest=(1 << 25) - 1, form="number")


class ATRLIF(AbstractProcess):
    """Leaky integrate-and-fire neurons whose threshold and refractory trace rise with each spike.

    In floating point::

        i = (1 - delta_i) i + a_in
        v = (1 - delta_v) v + i + bias_mant
        theta = (1 - delta_theta) (theta - theta_0) + theta_0
        r = (1 - delta_r) r
        s_out = v - r >= theta
        r = r + 2 theta;  theta = theta + theta_step      where s_out (r sees theta before its step)

    In fixed point (`tz` shifts the magnitude right, that is toward zero; K(d) = trunc(4096 - 4096 d))::

        step 1: theta_0 = trunc(64 theta_0), theta_step = trunc(64 theta_step), theta = theta_0
        bias = bias_mant * 2^bias_exp
        i = wrap24( tz(trunc(i * (4095 - 4096 delta_i)), 12) + 64 a_in )
        v = clip24( tz(v K(delta_v), 12) + i + bias )
        theta = tz((theta - theta_0) K(delta_theta), 12) + theta_0
        r = tz(r K(delta_r), 12)
        s_out = v - r >= theta
        r = r + 2 theta;  theta = theta + theta_step      where s_out

    r and theta wrap at 32 bits; v is not reset by a spike.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    i, v, r, s : scalar or array, default 0
        Initial current, voltage, refractory trace and spikes.
    theta : scalar or array, default 5
        Initial threshold; in fixed point step 1 replaces it by theta_0.
    delta_i, delta_v, delta_theta, delta_r : float, default 0.4, 0.4, 0.2, 0.2
        Decays, fractions of one in both models.
    theta_0 : float, default 5
        Threshold at rest.
    theta_step : float, default 3.75
        What a spike adds to the threshold.
    bias_mant, bias_exp : scalar or array, default 0
        Bias; the exponent has no meaning in floating point.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Notes
    -----
    In fixed point the Vars theta_0 and theta_step hold the scaled integers from step 1 on. A delta_i that is
    an int makes the product i * (4095 - 4096 delta_i) wrap at 32 bits, as in Lava; write 0.0 instead of 0.
    """

    _one_or_each = frozenset(("delta_i", "delta_v", "delta_theta", "delta_r", "theta_0", "theta_step"))
    var_ranges = table(
        {
            **dict.fromkeys(("i", "v", "r"), STATE),
            "theta": signed(24, taken_from="theta_0"),
            "bias_mant": BIAS_MANT,
            "bias_exp": BIAS_EXP,
            **dict.fromkeys(("delta_i", "delta_v", "delta_theta", "delta_r"), _PART),
            **dict.fromkeys(("theta_0", "theta_step"), _SCALED),
        }
    )

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        i: Any = 0,
        v: Any = 0,
        theta: Any = 5,
        r: Any = 0,
        s: Any = 0,
        delta_i: Any = 0.4,
        delta_v: Any = 0.4,
        delta_theta: Any = 0.2,
        delta_r: Any = 0.2,
        theta_0: Any = 5,
        theta_step: Any = 3.75,
        bias_mant: Any = 0,
        bias_exp: Any = 0,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        state = {"i": i, "v": v, "theta": theta, "r": r, "s": s, "bias_mant": bias_mant, "bias_exp": bias_exp}
        parameters = {
            "delta_i": delta_i,
            "delta_v": delta_v,
            "delta_theta": delta_theta,
            "delta_r": delta_r,
            "theta_0": theta_0,
            "theta_step": theta_step,
        }
        super().__init__(shape=shape, name=name, log_config=log_config, **state, **parameters)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        for key, value in state.items():
            setattr(self, key, Var(shape=shape, init=value))
        for key, value in parameters.items():
            setattr(self, key, Var(shape=(1,), init=value))
