"""Dense connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.process.process import LogConfig
from lava_hw.proc.dense.connection import (
    AbstractConnection,
    AbstractDelayConnection,
    AbstractPlasticConnection,
)

__all__ = ["DelayDense", "Dense", "GradedSpikeCfg", "LearningDense"]


class Dense(AbstractConnection):
    """Dense connections: a_out(t) is what s_in(t - 1) gives.

    In fixed point::

        step 1: weights clipped to 8 bits by sign mode, then truncated to num_weight_bits
        send a_buff;  s = s_in
        acc[i] = sum of weights[i, j] over j with s[j] != 0     (num_message_bits == 0)
        acc[i] = sum of weights[i, j] * s[j]                    (else; wraps at 32 bits)
        a_buff = acc * 2^weight_exp                             (floor)

    In floating point the weights are used as they are, without weight_exp.

    Parameters
    ----------
    weights : array, shape (n_out, n_in)
        Weights; in fixed point they truncate to integers toward zero.
    name : str, optional
        Name of the process.
    num_message_bits : int, default 0
        0 for spikes (any value that is not zero counts as one), else payloads are multiplied.
    log_config : LogConfig, optional
        Logging.
    weight_exp : int, default 0
        Shift of the sum.
    num_weight_bits : int, default 8
        Bits that the weights keep.
    sign_mode : SignMode, optional
        By default the narrowest that holds all weights.
    stored_bits : {4, 8, 16}, optional
        Bits of a weight in the chip's memory, which is ours and not Lava's; by default what the run
        configuration says, else 8. With 16 bits any weight can be set after step 1. It has no effect in
        Python.

    Raises
    ------
    ValueError
        If the weights are not a matrix.
    """

    def __init__(
        self,
        *,
        weights: npt.ArrayLike,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        matrix = np.asarray(weights)
        if matrix.ndim != 2:
            raise ValueError(
                f"Dense Process 'weights' must be a 2D matrix (n_out, n_in), got shape {matrix.shape}."
            )
        super().__init__(
            weights=weights, num_message_bits=num_message_bits, name=name, log_config=log_config, **kwargs
        )
        self._make_members(matrix.shape, weights, num_message_bits)


class LearningDense(AbstractPlasticConnection, Dense):
    """Dense connections whose weights learn.

    In each step as Dense; at the end of each epoch the equations of the rule are added to weights, tag_2 and
    tag_1, and act from the next step on. docs/learning.md has the equations. In fixed point the initial
    weights are truncated in step 1, learned ones keep all 9 bits; they are clipped when an epoch ends.

    Ports and Vars beyond those of Dense: see LearningConnectionProcess.

    Parameters
    ----------
    weights : array, shape (n_out, n_in)
        See Dense.
    tag_2, tag_1 : array of the shape of the weights, default 0
        Initial tags; tag_2 delays nothing.
    name, num_message_bits, log_config, weight_exp, num_weight_bits, stored_bits
        See Dense.
    learning_rule : LoihiLearningRule
        The rule; needed. The process has a copy of its own as soon as it runs.
    graded_spike_cfg : GradedSpikeCfg, default USE_REGULAR_IMPULSE
        What payloads do to the trace x1. With another one the impulse of x1 counts as 0.
    sign_mode : SignMode, default MIXED
        Signs that weights may have.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or tags have another shape.
    TypeError
        If there is no learning rule.
    """


class DelayDense(AbstractDelayConnection, Dense):
    """Dense connections with a delay each: a_out(t) is what s_in(t - 1 - delay) gives.

    In fixed point::

        step 1: weights clipped and truncated as those of Dense; delays must lie in 0..63
        send a_buff[:, 0];  s = s_in
        acc[i, k] = sum of weights[i, j] * s[j] over j with delays[i, j] == k      (s as in Dense)
        a_buff[:, k] = a_buff[:, k + 1], the last column 0
        a_buff += acc * 2^weight_exp                                               (floor, slot by slot)

    In floating point the weights are used as they are, without weight_exp. Delays are looked at when a
    message arrives: a change affects later messages only. What has a delay above `max_delay` is dropped.

    Parameters
    ----------
    weights : array, shape (n_out, n_in)
        See Dense.
    delays : int or integer array of the shape of the weights
        Steps.
    max_delay : int, default 0
        Largest delay that there will be, if delays change; 0 for that of `delays`.
    name, num_message_bits, log_config, weight_exp, num_weight_bits, sign_mode, stored_bits
        See Dense.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or the delays are negative, no integers, or of another shape.
    """
