"""Resonate-and-fire neurons (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.parameters import plain_number
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import LogConfig
from lava_hw.magma.core.process.var_range import VarRange, signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.population import AbstractPopulation

__all__ = ["RF"]


_DECAY = VarRange(form="integer", remedy="give decay_bits above 0, for example 12, so that they are integers")


class RF(AbstractPopulation):
    """Neurons with a damped oscillation that spike when its imaginary part passes zero upwards.

    With sin = (1 - alpha) sin(2 pi / period), cos = (1 - alpha) cos(2 pi / period), in floating point::

        re = cos real - sin imag + a_real_in
        im = sin real + cos imag + a_imag_in
        s_out = re >= vth and im >= 0 and imag < 0;   real, imag = re, im

    In fixed point (`tz` shifts the magnitude right, that is toward zero; b = decay_bits)::

        sin, cos = trunc(sin * 2^b), trunc(cos * 2^b);   vth = trunc(vth * 2^state_exp)
        re = clip24( tz(cos real, b) - tz(sin imag, b) + a_real_in * 2^state_exp )
        im = clip24( tz(sin real, b) + tz(cos imag, b) + a_imag_in * 2^state_exp )

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    period : float
        Period of the oscillation, in steps.
    alpha : float
        What is lost of the amplitude in a step.
    state_exp : int, default 0
        Exponent of the state. Above 0 it scales the Var vth, also for the model in floating point, which
        wants 0.
    decay_bits : int, default 0
        Bits of sin and cos. Fixed point needs it above 0, floating point wants 0.
    vth : float, default 1
        Threshold of the real part.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    _one_or_each = frozenset(("sin_decay", "cos_decay"))
    var_ranges = table(
        {
            "real": signed(24),
            "imag": signed(24),
            **dict.fromkeys(("sin_decay", "cos_decay"), _DECAY),
            **{name: VarRange(low=0, high=24) for name in ("state_exp", "decay_bits")},
            "vth": signed(24),
        }
    )

    def __init__(
        self,
        shape: tuple[int, ...],
        period: Any,
        alpha: Any,
        state_exp: int = 0,
        decay_bits: int = 0,
        vth: Any = 1,
        name: str | None = None,
        log_config: LogConfig | None = None,
    ) -> None:
        period, alpha, vth = plain_number(period), plain_number(alpha), plain_number(vth)
        state_exp, decay_bits = plain_number(state_exp), plain_number(decay_bits)
        angle = np.pi * 2 / period
        sin_decay: Any = (1 - alpha) * np.sin(angle)
        cos_decay: Any = (1 - alpha) * np.cos(angle)
        super().__init__(
            shape=shape,
            sin_decay=sin_decay,
            cos_decay=cos_decay,
            state_exp=state_exp,
            decay_bits=decay_bits,
            vth=vth,
            name=name,
            log_config=log_config,
        )
        if state_exp > 0:
            vth = int(np.asarray(vth * (1 << state_exp)).item())
        if decay_bits > 0:
            sin_decay = np.int32(sin_decay * (1 << decay_bits))
            cos_decay = np.int32(cos_decay * (1 << decay_bits))
        self.a_real_in = InPort(shape=shape)
        self.a_imag_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.real = Var(shape=shape, init=0)
        self.imag = Var(shape=shape, init=0)
        self.sin_decay = Var(shape=(1,), init=sin_decay)
        self.cos_decay = Var(shape=(1,), init=cos_decay)
        self.state_exp = Var(shape=(1,), init=state_exp)
        self.decay_bits = Var(shape=(1,), init=decay_bits)
        self.vth = Var(shape=(1,), init=vth)
