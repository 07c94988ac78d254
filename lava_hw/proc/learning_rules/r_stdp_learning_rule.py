"""Reward-modulated spike-timing dependent plasticity (Lava's path)."""

from __future__ import annotations

from typing import Any

from lava_hw.magma.core.learning.learning_rule import Loihi3FLearningRule
from lava_hw.magma.core.learning.utils import float_to_literal

__all__ = ["RewardModulatedSTDP"]


class RewardModulatedSTDP(Loihi3FLearningRule):
    """Spike-timing dependent plasticity that acts where a reward arrives (Fremaux and Gerstner, 2016).

    Pairs of spikes change an eligibility t (tag_1) that decays; the third factor y2 makes weights of it::

        dt = learning_rate * A_minus * x0 * y1 + learning_rate * A_plus * y0 * x1
             - u0 * t * eligibility_trace_decay_tau
        dw = u0 * t * y2

    Parameters
    ----------
    learning_rate, A_plus, A_minus : float
        Each becomes a small integer times a power of 2; see `float_to_literal`.
    pre_trace_decay_tau, pre_trace_kernel_magnitude : float
        Time constant and impulse of x1.
    post_trace_decay_tau, post_trace_kernel_magnitude : float
        Kept for the neuron, which computes y1.
    eligibility_trace_decay_tau : float
        What part of t is lost in an epoch; as the rates.
    **kwargs
        See Loihi3FLearningRule; among them t_epoch and rng_seed.
    """

    def __init__(
        self,
        learning_rate: float,
        A_plus: float,
        A_minus: float,
        pre_trace_decay_tau: float,
        post_trace_decay_tau: float,
        pre_trace_kernel_magnitude: float,
        post_trace_kernel_magnitude: float,
        eligibility_trace_decay_tau: float,
        **kwargs: Any,
    ) -> None:
        self.learning_rate = float_to_literal(learning_rate)
        self.A_plus = float_to_literal(A_plus)
        self.A_minus = float_to_literal(A_minus)
        self.pre_trace_decay_tau = pre_trace_decay_tau
        self.post_trace_decay_tau = post_trace_decay_tau
        self.pre_trace_kernel_magnitude = pre_trace_kernel_magnitude
        self.post_trace_kernel_magnitude = post_trace_kernel_magnitude
        self.eligibility_trace_decay_tau = float_to_literal(eligibility_trace_decay_tau)
        super().__init__(
            dw="u0 * t * y2",
            dt=(
                f"{self.learning_rate} * {self.A_minus} * x0 * y1 + "
                f"{self.learning_rate} * {self.A_plus} * y0 * x1 - "
                f"u0 * t * {self.eligibility_trace_decay_tau}"
            ),
            x1_impulse=pre_trace_kernel_magnitude,
            x1_tau=pre_trace_decay_tau,
            **kwargs,
        )
