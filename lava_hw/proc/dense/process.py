"""Dense connections (Lava's path)."""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.learning.learning_rule import LoihiLearningRule
from lava_hw.magma.core.process.connection import LearningConnectionProcess
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.dense.ranges import CONNECTION, DELAYED, LEARNING
from lava_hw.utils.weightutils import SignMode

__all__ = ["DelayDense", "Dense", "LearningDense"]


class Dense(AbstractProcess):
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

    Raises
    ------
    ValueError
        If the weights are not a matrix.
    """

    _model_parameters: ClassVar[dict[str, Any]] = {"weight_exp": 0, "num_weight_bits": 8, "sign_mode": None}
    var_ranges = CONNECTION

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
        self.s_in = InPort(shape=(matrix.shape[1],))
        self.a_out = OutPort(shape=(matrix.shape[0],))
        self.weights = Var(shape=matrix.shape, init=weights)
        self.a_buff = Var(shape=(matrix.shape[0],), init=0)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)


class LearningDense(LearningConnectionProcess, Dense):
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
    name, num_message_bits, log_config, weight_exp, num_weight_bits
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

    _model_parameters: ClassVar[dict[str, Any]] = {"sign_mode": SignMode.MIXED}
    _set_by_itself = ("shape",)
    var_ranges = LEARNING

    def __init__(
        self,
        *,
        weights: npt.ArrayLike,
        tag_2: npt.ArrayLike | None = None,
        tag_1: npt.ArrayLike | None = None,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        learning_rule: LoihiLearningRule | None = None,
        graded_spike_cfg: GradedSpikeCfg = GradedSpikeCfg.USE_REGULAR_IMPULSE,
        **kwargs: Any,
    ) -> None:
        shape = np.shape(weights)
        check_given_tags("LearningDense", shape, tag_1=tag_1, tag_2=tag_2)
        super().__init__(
            weights=weights,
            tag_2=tag_2,
            tag_1=tag_1,
            shape=shape,
            name=name,
            num_message_bits=num_message_bits,
            log_config=log_config,
            learning_rule=rule_for(learning_rule, graded_spike_cfg),
            graded_spike_cfg=graded_spike_cfg,
            **kwargs,
        )


def rule_for(rule: LoihiLearningRule | None, graded: GradedSpikeCfg) -> LoihiLearningRule | None:
    """The rule; a copy without impulse of x1 if payloads change this trace."""
    if rule is None or graded == GradedSpikeCfg.USE_REGULAR_IMPULSE:
        return rule
    rule = copy(rule)
    rule.x1_impulse = 0
    return rule


def check_given_tags(process: str, shape: tuple[int, ...], **tags: Any) -> None:
    """Refuse weights that are no matrix, and tags of another shape.

    Parameters
    ----------
    process : str
        Name of the process class, for the message.
    shape : tuple of int
        Shape of the weights.
    **tags
        The tags by name; None and numbers fit always.

    Raises
    ------
    ValueError
        If a shape is wrong.
    """
    if len(shape) != 2:
        raise ValueError(f"{process} Process 'weights' must be a 2D matrix (n_out, n_in), got shape {shape}.")
    for name, value in tags.items():
        found = getattr(value, "shape", None) if hasattr(value, "tocsr") else np.shape(value)
        if value is not None and found not in ((), shape):
            raise ValueError(
                f"{process} Process '{name}' must have the shape of the weights {shape}, got {found}."
            )


class DelayDense(Dense):
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
    name, num_message_bits, log_config, weight_exp, num_weight_bits, sign_mode
        See Dense.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or the delays are negative, no integers, or of another shape.
    """

    var_ranges = DELAYED

    def __init__(
        self,
        *,
        weights: npt.ArrayLike,
        delays: npt.ArrayLike,
        max_delay: int = 0,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        check_given_delays("DelayDense", np.shape(weights), np.shape(delays), np.asarray(delays))
        slots = (max_delay or int(np.max(delays, initial=0))) + 1
        super().__init__(
            weights=weights,
            num_message_bits=num_message_bits,
            name=name,
            log_config=log_config,
            max_delay=slots - 1,
            **kwargs,
        )
        shape = np.shape(weights)
        self.delays = Var(shape=shape, init=delays)
        self.a_buff = Var(shape=(shape[0], slots), init=0)

    def _remark(self, name: str, value: Any) -> str:
        return remark_on_delays(value, self.proc_params["max_delay"]) if name == "delays" else ""


def remark_on_delays(delays: Any, most: int) -> str:
    """What the user should know of delays: those above `most` are dropped, as in Lava; "" if none is."""
    values = np.asarray(delays.data if hasattr(delays, "tocsr") else delays)
    count = int(np.count_nonzero(np.trunc(values) > most))
    if not count:
        return ""
    what = "1 delay is" if count == 1 else f"{count} delays are"
    largest = f"{values.max():g}"
    return (
        f"{what} above max_delay = {most} (the largest is {largest}): what they would delay is dropped. Give "
        f"max_delay={largest} to the constructor."
    )


def check_given_delays(
    process: str, weights: tuple[int, ...], delays: tuple[int, ...], values: npt.NDArray[Any]
) -> None:
    """Refuse what cannot be delays.

    Parameters
    ----------
    process : str
        Name of the process class, for the message.
    weights, delays : tuple of int
        Shapes; that of one delay for all weights is ().
    values : array
        The delays, or those that are stored.

    Raises
    ------
    ValueError
        If they are negative, no integers, or of another shape than the weights.
    """
    if values.dtype.kind not in "iu":
        raise ValueError(f"{process} Process 'delays' must be integers, got {values.dtype} values.")
    if delays not in ((), weights):
        raise ValueError(
            f"{process} Process 'delays' must be one int, or have the shape of the weights {weights}; "
            f"got shape {delays}."
        )
    if values.size and values.min() < 0:
        raise ValueError(f"{process} Process 'delays' must not be negative, got {values.min()}.")
