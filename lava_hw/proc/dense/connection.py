"""What dense and sparse connections have in common: their members, and how they take tags and delays."""

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

__all__ = ["AbstractConnection", "AbstractDelayConnection", "AbstractPlasticConnection"]

Shape = tuple[int, ...]


class AbstractConnection(AbstractProcess):
    """Weights between s_in and a_out, with a step's delay.

    Parameters
    ----------
    name, log_config, weight_exp, num_weight_bits, sign_mode, stored_bits
        See Dense.
    """

    weights: Var

    _model_parameters: ClassVar[dict[str, Any]] = {
        "weight_exp": 0,
        "num_weight_bits": 8,
        "sign_mode": None,
        "stored_bits": None,
    }
    var_ranges = CONNECTION

    def _make_members(self, shape: Shape, weights: Any, num_message_bits: int) -> None:
        rows, columns = shape
        self.s_in = InPort(shape=(columns,))
        self.a_out = OutPort(shape=(rows,))
        self.weights = Var(shape=(rows, columns), init=weights)
        self.a_buff = Var(shape=(rows,), init=0)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)

    @staticmethod
    def _shape_of(weights: Any) -> Shape:
        """Shape of what was given as weights."""
        return np.shape(weights)


class AbstractPlasticConnection(LearningConnectionProcess):
    """A mixin before Dense or Sparse: the constructor of those that learn.

    Parameters
    ----------
    weights, tag_2, tag_1, name, num_message_bits, log_config, learning_rule, graded_spike_cfg, sign_mode
        See LearningDense.
    """

    _model_parameters: ClassVar[dict[str, Any]] = {"sign_mode": SignMode.MIXED}
    _set_by_itself = ("shape",)
    var_ranges = LEARNING
    _shape_of: Any

    def __init__(
        self,
        *,
        weights: Any,
        tag_2: Any = None,
        tag_1: Any = None,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        learning_rule: LoihiLearningRule | None = None,
        graded_spike_cfg: GradedSpikeCfg = GradedSpikeCfg.USE_REGULAR_IMPULSE,
        **kwargs: Any,
    ) -> None:
        shape = self._shape_of(weights)
        _check_tags(type(self).__name__, shape, tag_1=tag_1, tag_2=tag_2)
        super().__init__(
            weights=weights,
            tag_2=tag_2,
            tag_1=tag_1,
            shape=shape,
            name=name,
            num_message_bits=num_message_bits,
            log_config=log_config,
            learning_rule=_rule_for(learning_rule, graded_spike_cfg),
            graded_spike_cfg=graded_spike_cfg,
            **kwargs,
        )
        self._keep_tags(tag_1=tag_1, tag_2=tag_2)

    def _keep_tags(self, **tags: Any) -> None:
        """Bring the tags that were given into the form in which the process keeps them."""


def _rule_for(rule: LoihiLearningRule | None, graded: GradedSpikeCfg) -> LoihiLearningRule | None:
    """The rule; a copy without impulse of x1 if payloads change this trace."""
    if rule is None or graded == GradedSpikeCfg.USE_REGULAR_IMPULSE:
        return rule
    rule = copy(rule)
    rule.x1_impulse = 0
    return rule


def _check_tags(process: str, shape: Shape, **tags: Any) -> None:
    """Refuse weights that are no matrix, and tags of another shape; None and numbers fit always."""
    if len(shape) != 2:
        raise ValueError(f"{process} Process 'weights' must be a 2D matrix (n_out, n_in), got shape {shape}.")
    for name, value in tags.items():
        found = getattr(value, "shape", None) if hasattr(value, "tocsr") else np.shape(value)
        if value is not None and found not in ((), shape):
            raise ValueError(
                f"{process} Process '{name}' must have the shape of the weights {shape}, got {found}."
            )


class AbstractDelayConnection(AbstractConnection):
    """A mixin before Dense or Sparse: the constructor of those with a delay for each weight.

    Parameters
    ----------
    weights, delays, max_delay, name, num_message_bits, log_config
        See DelayDense.
    weight_exp, num_weight_bits, sign_mode, stored_bits
        See Dense.
    """

    var_ranges = DELAYED

    def __init__(
        self,
        *,
        weights: Any,
        delays: Any,
        max_delay: int = 0,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        shape, values = self._given_delays(delays)
        _check_delays(type(self).__name__, self._shape_of(weights), shape, values)
        slots = (max_delay or int(values.max(initial=0))) + 1
        super().__init__(
            weights=weights,
            num_message_bits=num_message_bits,
            name=name,
            log_config=log_config,
            max_delay=slots - 1,
            **kwargs,
        )
        self.delays = Var(shape=self.weights.shape, init=self._kept_delays(delays))
        self.a_buff = Var(shape=(self.weights.shape[0], slots), init=0)

    def _given_delays(self, delays: Any) -> tuple[Shape, npt.NDArray[Any]]:
        """Shape of the delays, () for one for all weights, and those that are stored."""
        values = np.asarray(delays)
        return values.shape, values

    def _kept_delays(self, delays: Any) -> Any:
        """The delays in the form in which the process keeps them."""
        return delays

    def _remark(self, name: str, value: Any) -> str:
        """Say which delays are dropped, as in Lava: those above `max_delay`."""
        if name != "delays":
            return ""
        most = self.proc_params["max_delay"]
        values = np.asarray(value.data if hasattr(value, "tocsr") else value)
        count = int(np.count_nonzero(np.trunc(values) > most))
        if not count:
            return ""
        what = "1 delay is" if count == 1 else f"{count} delays are"
        largest = f"{values.max():g}"
        return (
            f"{what} above max_delay = {most} (the largest is {largest}): what they would delay is dropped. "
            f"Give max_delay={largest} to the constructor."
        )


def _check_delays(process: str, weights: Shape, delays: Shape, values: npt.NDArray[Any]) -> None:
    """Refuse delays that are negative, no integers, or of another shape than the weights."""
    if values.dtype.kind not in "iu":
        raise ValueError(f"{process} Process 'delays' must be integers, got {values.dtype} values.")
    if delays not in ((), weights):
        raise ValueError(
            f"{process} Process 'delays' must be one int, or have the shape of the weights {weights}; "
            f"got shape {delays}."
        )
    if values.size and values.min() < 0:
        raise ValueError(f"{process} Process 'delays' must not be negative, got {values.min()}.")
