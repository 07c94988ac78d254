"""Sigma, delta and sigma-delta neurons (Lava's path)."""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Any

import numpy as np

from lava_hw.magma.core.process.parameters import plain_number
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.var_range import VarRange, signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.population import AbstractPopulation

__all__ = ["ActivationMode", "Delta", "Sigma", "SigmaDelta"]


@unique
class ActivationMode(IntEnum):
    """What a sigma-delta neuron does with its sum."""

    UNIT = 0
    RELU = 1


def _scale(process: str, spike_exp: Any, state_exp: Any) -> Any:
    """2^(spike_exp + state_exp), by which threshold and bias are multiplied."""
    exponent = plain_number(spike_exp) + plain_number(state_exp)
    if np.any(exponent < 0):
        raise ValueError(
            f"{process}: spike_exp + state_exp must be >= 0, got spike_exp={spike_exp} and "
            f"state_exp={state_exp}."
        )
    return 1 << exponent


class Sigma(AbstractPopulation):
    """Adds up what it gets, and sends the sum in the same step: sigma = sigma + a_in, s_out = sigma.

    In fixed point the sum wraps at 32 bits.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    """

    var_ranges = table({"sigma": signed(24)})

    def __init__(self, *, shape: tuple[int, ...]) -> None:
        super().__init__(shape=shape)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.sigma = Var(shape=shape, init=0)


class Delta(AbstractPopulation):
    """Sends the change of its input where it is large enough, and keeps the rest.

    In the step of the input::

        act_new = a_in * 2^(spike_exp + state_exp)          in floating point: act_new = a_in
        d = act_new - act + residue
        out = d where |d| >= vth, else 0                     cum_error False
        error = error + d;  out = d where |error| >= vth;  error = 0 where out != 0     cum_error True
        residue = d - out;  act = act_new
        s_out = floor(out / 2^state_exp)                     in floating point: s_out = out

    In fixed point all of it wraps at 32 bits; |-2^31| is negative there.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : scalar
        Threshold; the Var holds vth * 2^(spike_exp + state_exp), in both models.
    cum_error : bool, default False
        Whether the threshold applies to the error that has gathered instead of to the change.
    spike_exp, state_exp : int, default 0
        Exponents of messages and state. They scale the threshold, and the input in fixed point.

    Raises
    ------
    ValueError
        If spike_exp + state_exp is negative.
    """

    var_ranges = table(
        {
            **{name: signed(24) for name in ("vth", "sigma", "act", "residue", "error")},
            "spike_exp": VarRange(low=0, high=24),
            "state_exp": VarRange(low=0, high=24),
        }
    )

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        vth: Any,
        cum_error: bool = False,
        spike_exp: int = 0,
        state_exp: int = 0,
    ) -> None:
        scale = _scale("Delta", spike_exp, state_exp)
        super().__init__(shape=shape, vth=vth, cum_error=cum_error, spike_exp=spike_exp, state_exp=state_exp)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.vth = Var(shape=(1,), init=plain_number(vth) * scale)
        self.sigma = Var(shape=shape, init=0)
        self.act = Var(shape=shape, init=0)
        self.residue = Var(shape=shape, init=0)
        self.error = Var(shape=shape, init=0)
        self.spike_exp = Var(shape=(1,), init=spike_exp)
        self.state_exp = Var(shape=(1,), init=state_exp)
        self.cum_error = Var(shape=(1,), init=cum_error)


class SigmaDelta(AbstractPopulation):
    """Adds up changes, applies an activation, and sends the change of the result.

    In the step of the input::

        sigma = sigma + a_in                                 (not shifted)
        act_new = sigma + bias (UNIT), max(sigma + bias, 0) (RELU)
        out, residue, error as of Delta;  act = act_new
        s_out = floor(out / 2^state_exp)                     in floating point: s_out = out

    In fixed point all of it wraps at 32 bits.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    vth : scalar
        Threshold.
    bias : scalar or array, default 0
        Bias of the activation. The Vars vth and bias hold the given values times 2^(spike_exp + state_exp),
        in both models; in fixed point they are truncated to integers.
    act_mode : ActivationMode, default RELU
        Activation.
    cum_error : bool, default False
        Whether the threshold applies to the error that has gathered instead of to the change.
    spike_exp, state_exp : int, default 0
        Exponents of messages and state.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.

    Raises
    ------
    ValueError
        If spike_exp + state_exp is negative.
    """

    var_ranges = table(
        {
            **{name: signed(24) for name in ("vth", "sigma", "act", "residue", "error", "bias")},
            "spike_exp": VarRange(low=0, high=24),
            "state_exp": VarRange(low=0, high=24),
        }
    )

    def __init__(
        self,
        *,
        shape: tuple[int, ...],
        vth: Any,
        bias: Any = 0,
        act_mode: ActivationMode = ActivationMode.RELU,
        cum_error: bool = False,
        spike_exp: int = 0,
        state_exp: int = 0,
        **kwargs: Any,
    ) -> None:
        scale = _scale(type(self).__name__, spike_exp, state_exp)
        super().__init__(
            shape=shape,
            vth=vth,
            bias=bias,
            act_mode=act_mode,
            cum_error=cum_error,
            spike_exp=spike_exp,
            state_exp=state_exp,
            **kwargs,
        )
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.vth = Var(shape=(1,), init=plain_number(vth) * scale)
        self.sigma = Var(shape=shape, init=0)
        self.act = Var(shape=shape, init=0)
        self.residue = Var(shape=shape, init=0)
        self.error = Var(shape=shape, init=0)
        self.bias = Var(shape=shape, init=plain_number(bias) * scale)
        self.spike_exp = Var(shape=(1,), init=spike_exp)
        self.state_exp = Var(shape=(1,), init=state_exp)
        self.cum_error = Var(shape=(1,), init=cum_error)
