"""Spike-timing dependent plasticity (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.learning.learning_rule import Loihi2FLearningRule
from lava_hw.magma.core.learning.utils import float_to_literal

__all__ = ["STDPLoihi"]


class STDPLoihi(Loihi2FLearningRule):
    """Spike-timing dependent plasticity of pairs of spikes (Gerstner et al., 1996).

    A synapse changes with a spike of its source by the trace of its target, and the other way round::

        dw = learning_rate * A_minus * x0 * y1 + learning_rate * A_plus * y0 * x1

    Parameters
    ----------
    learning_rate, A_plus, A_minus : float
        Each becomes a small integer times a power of 2; see `float_to_literal`. A_minus is usually negative.
    tau_plus, tau_minus : float
        Time constants of x1 and y1, in steps.
    x1_impulse, y1_impulse : float, default 16
        What a spike adds to x1 and y1.
    **kwargs
        See Loihi2FLearningRule; among them t_epoch and rng_seed.
    """

    def __init__(
        self,
        learning_rate: float,
        A_plus: float,
        A_minus: float,
        tau_plus: float,
        tau_minus: float,
        **kwargs: Any,
    ) -> None:
        self.learning_rate = float_to_literal(learning_rate)
        self.A_plus = float_to_literal(A_plus)
        self.A_minus = float_to_literal(A_minus)
        self.tau_plus = tau_plus
        self.tau_minus = tau_minus
        super().__init__(
            dw=(
                f"{self.learning_rate} * {self.A_minus} * x0 * y1 + "
                f"{self.learning_rate} * {self.A_plus} * y0 * x1"
            ),
            x1_impulse=kwargs.pop("x1_impulse", 16),
            x1_tau=tau_plus,
            y1_impulse=kwargs.pop("y1_impulse", 16),
            y1_tau=tau_minus,
            **kwargs,
        )
