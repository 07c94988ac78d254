"""Leaky integrate-and-fire processes (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.neuron import LearningNeuronProcess
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.lif.ranges import LEARNING, LIF_VARS, ONE_THRESHOLD, TWO_THRESHOLDS

__all__ = ["LIF", "AbstractLIF", "LIFRefractory", "LIFReset", "LearningLIF", "TernaryLIF"]


class AbstractLIF(AbstractProcess):
    """Common ports and variables of LIF neurons.

    Parameters
    ----------
    shape, u, v, du, dv, bias_mant, bias_exp, name, log_config
        See LIF.
    """

    _one_or_each = frozenset(("du", "dv", "vth"))

    var_ranges = LIF_VARS

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        u: Any = 0,
        v: Any = 0,
        du: Any = 0,
        dv: Any = 0,
        bias_mant: Any = 0,
        bias_exp: Any = 0,
        name: str | None = None,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            shape=shape,
            u=u,
            v=v,
            du=du,
            dv=dv,
            bias_mant=bias_mant,
            bias_exp=bias_exp,
            name=name,
            log_config=log_config,
            **kwargs,
        )
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.u = Var(shape=shape, init=u)
        self.v = Var(shape=shape, init=v)
        self.du = Var(shape=(1,), init=du)
        self.dv = Var(shape=(1,), init=dv)
        self.bias_exp = Var(shape=shape, init=bias_exp)
        self.bias_mant = Var(shape=shape, init=bias_mant)


class LIF(AbstractLIF):
    """Leaky integrate-and-fire neurons.

    In fixed point (`tz` shifts the magnitude right, that is toward zero)::

        bias = bias_mant * 2^bias_exp
        u = wrap24( tz(u * (4096 - (du + 1)), 12) + a_in * 2^6 )
        v = clip24( tz(v * (4096 - dv), 12) + u + bias )
        s_out = v > vth * 2^6;  v = 0 where s_out

    In floating point: u = u (1 - du) + a_in, v = v (1 - dv) + u + bias_mant, s_out = v > vth, v = 0 where
    s_out.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    u, v : scalar or array, default 0
        Initial current and voltage.
    du, dv : scalar, default 0
        Decay; of 4096 in fixed point (0 to 4095), a fraction in floating point.
    bias_mant, bias_exp : scalar or array, default 0
        Bias.
    vth : scalar, default 10
        Threshold; latched at the start of step 1 in fixed point.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    var_ranges = ONE_THRESHOLD

    def __init__(self, *, shape: tuple[int, ...], vth: Any = 10, **kwargs: Any) -> None:
        super().__init__(shape=shape, vth=vth, **kwargs)
        self.vth = Var(shape=(1,), init=vth)


class LearningLIF(LearningNeuronProcess, AbstractLIF):
    """LIF neurons that tell a learning connection what it needs of its target.

    u, v and s_out are those of LIF. In each step also::

        s_out_bap = s_out (as bool);  s_out_y1 = y1;  s_out_y3 = y3
        y2 = a_third_factor_in;  s_out_y2 = y2

    y1 and y3 are what the user sets, or what a derived model computes. Lava has these ports and never serves
    them. Without a tag the model in fixed point is chosen, as in Lava.

    Parameters
    ----------
    shape, u, v, du, dv, bias_mant, bias_exp, vth, name, log_config
        See LIF.
    learning_rule : object, optional
        Kept for models, in proc_params["learning_rule"].
    """

    var_ranges = LEARNING

    def __init__(
        self, *, shape: tuple[int, ...], vth: Any = 10, learning_rule: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(shape=shape, vth=vth, learning_rule=learning_rule, **kwargs)
        self.vth = Var(shape=(1,), init=vth)


class TernaryLIF(AbstractLIF):
    """LIF neurons with two thresholds that spike with 1 above vth_hi and with -1 below vth_lo.

    Parameters
    ----------
    shape, u, v, du, dv, bias_mant, bias_exp, name, log_config
        See LIF.
    vth_hi, vth_lo : scalar, default 10 and -10
        Thresholds.

    Raises
    ------
    ValueError
        If vth_lo is above vth_hi.
    """

    var_ranges = TWO_THRESHOLDS

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        u: Any = 0,
        v: Any = 0,
        du: Any = 0,
        dv: Any = 0,
        bias_mant: Any = 0,
        bias_exp: Any = 0,
        vth_hi: Any = 10,
        vth_lo: Any = -10,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        if np.ndim(vth_hi) == 0 and np.ndim(vth_lo) == 0 and vth_lo > vth_hi:
            raise ValueError(f"TernaryLIF: vth_lo={vth_lo} must not be above vth_hi={vth_hi}.")
        super().__init__(
            shape=shape,
            u=u,
            v=v,
            du=du,
            dv=dv,
            bias_mant=bias_mant,
            bias_exp=bias_exp,
            vth_hi=vth_hi,
            vth_lo=vth_lo,
            name=name,
            log_config=log_config,
        )
        self.vth_hi = Var(shape=(1,), init=vth_hi)
        self.vth_lo = Var(shape=(1,), init=vth_lo)


class LIFReset(LIF):
    """LIF neurons whose u and v are set to 0 at the start of each step t with (t - offset) % interval == 0.

    Parameters
    ----------
    shape, u, v, du, dv, bias_mant, bias_exp, vth, name, log_config
        See LIF.
    reset_interval : int, default 1
        Steps between resets.
    reset_offset : int, default 0
        First step, modulo the interval.

    Raises
    ------
    ValueError
        If the interval is below 1 or the offset below 0.
    """

    var_ranges = table(
        {
            **ONE_THRESHOLD,
            "reset_interval": VarRange("int64", low=1),
            "reset_offset": VarRange("int64", low=0),
        }
    )

    def __init__(
        self, *, shape: tuple[int, ...], reset_interval: int = 1, reset_offset: int = 0, **kwargs: Any
    ) -> None:
        if reset_interval < 1:
            raise ValueError(f"LIFReset: reset_interval must be >= 1, got {reset_interval}.")
        if reset_offset < 0:
            raise ValueError(f"LIFReset: reset_offset must be >= 0, got {reset_offset}.")
        super().__init__(shape=shape, reset_interval=reset_interval, reset_offset=reset_offset, **kwargs)
        self.reset_interval = Var(shape=(1,), init=reset_interval)
        self.reset_offset = Var(shape=(1,), init=reset_offset)


class LIFRefractory(LIF):
    """LIF neurons whose voltage rests for some steps after a spike.

    As LIF, but in step t the voltage is computed only where refractory_period_end < t, and::

        refractory_period_end = t + refractory_period        where s_out

    The current is computed in each step. Lava's model is in floating point; that in fixed point is ours.

    Parameters
    ----------
    shape, u, v, du, dv, bias_mant, bias_exp, vth, name, log_config
        See LIF.
    refractory_period : int, default 1
        Steps that v is frozen at 0 after a spike.

    Raises
    ------
    ValueError
        If the period is below 1.
    """

    var_ranges = table({**ONE_THRESHOLD, "refractory_period_end": VarRange("int64")})

    def __init__(self, *, shape: tuple[int, ...], refractory_period: int = 1, **kwargs: Any) -> None:
        if refractory_period < 1:
            raise ValueError(f"LIFRefractory: refractory_period must be >= 1, got {refractory_period}.")
        super().__init__(shape=shape, refractory_period=refractory_period, **kwargs)
        self.refractory_period_end = Var(shape=shape, init=0)
