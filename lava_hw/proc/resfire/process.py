"""Resonate-and-fire neurons that send the amplitude of their oscillation (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.process.parameters import plain_number
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.var_range import signed, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.population import AbstractPopulation

__all__ = ["RFZero"]


class RFZero(AbstractPopulation):
    """Neurons with a damped oscillation that send its real part when the phase passes zero.

    With lct = trunc(2^15 exp(-dt / decay_tau) cos(2 pi freqs dt)), lst the same with sin, in fixed point::

        u' = floor(u lct / 2^15) - floor(v lst / 2^15) + u_in
        v' = floor(v lct / 2^15) + floor(u lst / 2^15) + v_in
        s_out = u' where u' > uth and v' >= 0 and v < 0, else 0;   u, v = u', v'

    Products and sums wrap at 32 bits.

    Parameters
    ----------
    shape : tuple of int
        Shape of the population.
    freqs : scalar or array
        Frequency, in Hz.
    decay_tau : scalar or array
        Time constant of the decay, in seconds.
    dt : float, default 0.001
        Duration of a step, in seconds.
    uth : int, default 1
        Threshold of the real part.
    """

    var_ranges = table({name: signed(24) for name in ("u", "v", "lct", "lst", "uth")})

    def __init__(
        self, shape: tuple[int, ...], freqs: Any, decay_tau: Any, dt: float = 0.001, uth: Any = 1
    ) -> None:
        super().__init__(shape=shape)
        freqs, decay_tau, dt = plain_number(freqs), plain_number(decay_tau), plain_number(dt)
        decay = np.exp(dt * (-1 / np.asarray(decay_tau)))
        angle = dt * np.asarray(freqs) * np.pi * 2
        self.u_in = InPort(shape=shape)
        self.v_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.u = Var(shape=shape, init=0)
        self.v = Var(shape=shape, init=0)
        self.lct = Var(shape=shape, init=np.asarray(decay * np.cos(angle) * 2**15).astype(np.int32))
        self.lst = Var(shape=shape, init=np.asarray(decay * np.sin(angle) * 2**15).astype(np.int32))
        self.uth = Var(shape=(1,), init=uth)
