"""Resonate-and-fire neurons as a vector (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.networks.network import AlgebraicVector, connect_pair
from lava_hw.proc.resfire.process import RFZero

__all__ = ["ResFireVec"]


class ResFireVec(AlgebraicVector):
    """RFZero neurons.

    ``neurons << (a, b)`` connects `a` to the real part (`in_port`, u_in) and `b` to the imaginary part
    (`in_port2`, v_in); ``neurons << a`` connects the real part alone.

    Parameters
    ----------
    shape : tuple of int, default (1,)
        Shape of the population.
    uth : int, default 10
        Threshold of the real part.
    freqs : array, default 10
        Frequency, in Hz.
    decay_tau : array, default 1
        Time constant of the decay, in seconds.
    dt : float, default 0.001
        Duration of a step, in seconds.
    kwargs
        Anything else is ignored, as in Lava.
    """

    def __init__(self, **kwargs: Any) -> None:
        self.uth = kwargs.pop("uth", 10)
        self.shape = kwargs.pop("shape", (1,))
        self.freqs = np.array(kwargs.pop("freqs", [10]))
        self.decay_tau = np.array(kwargs.pop("decay_tau", [1]))
        self.dt = kwargs.pop("dt", 0.001)
        self.main = RFZero(
            shape=self.shape, uth=self.uth, freqs=self.freqs, decay_tau=self.decay_tau, dt=self.dt
        )
        self.in_port = self.main.u_in
        self.in_port2 = self.main.v_in
        self.out_port = self.main.s_out

    def __lshift__(self, other: Any) -> Any:
        """Connect a pair of networks to both inputs, or one to the real part; give this network."""
        if isinstance(other, tuple) or type(other) is list:
            return connect_pair(self, other)
        return super().__lshift__(other)
