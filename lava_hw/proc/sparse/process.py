"""Sparse connections (Lava's path)."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.learning.learning_rule import LoihiLearningRule
from lava_hw.magma.core.process.connection import LearningConnectionProcess
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess, LogConfig
from lava_hw.magma.core.process.variable import Var
from lava_hw.proc.dense.process import check_given_delays, check_given_tags, remark_on_delays, rule_for
from lava_hw.proc.dense.ranges import CONNECTION, DELAYED, LEARNING
from lava_hw.utils.weightutils import SignMode

__all__ = ["DelaySparse", "LearningSparse", "Sparse"]


def canonical(matrix: Any) -> csr_matrix:
    """A CSR copy with sorted indices and no entry twice; zeros that are stored stay stored."""
    csr = csr_matrix(matrix, copy=True)
    csr.sum_duplicates()
    return csr


class Sparse(AbstractProcess):
    """Sparse connections: a_out(t) is what s_in(t - 1) gives.

    The equations are those of `Dense`; the result is the same, bit for bit, as that of a `Dense` with the
    same weights. What is stored in the matrix stays stored, also where a weight is zero or becomes zero when
    it is truncated, so that `weights.get()` always has the pattern of the matrix that was given, and
    `weights.set()` takes one of the same pattern.

    Parameters
    ----------
    weights : scipy.sparse matrix or array, shape (n_out, n_in)
        Weights; in fixed point they truncate to integers toward zero. Kept as CSR.
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
        weights: Any,
        name: str | None = None,
        num_message_bits: int = 0,
        log_config: LogConfig | None = None,
        **kwargs: Any,
    ) -> None:
        if len(getattr(weights, "shape", ())) != 2:
            raise ValueError(
                "Sparse Process 'weights' must be a scipy.sparse matrix or a 2D array (n_out, n_in), got "
                f"{type(weights).__name__} of shape {np.shape(weights)}."
            )
        super().__init__(num_message_bits=num_message_bits, name=name, log_config=log_config, **kwargs)
        matrix = canonical(weights)
        rows, columns = matrix.shape
        self.s_in = InPort(shape=(columns,))
        self.a_out = OutPort(shape=(rows,))
        self.weights = Var(shape=(rows, columns), init=matrix)
        self.a_buff = Var(shape=(rows,), init=0)
        self.num_message_bits = Var(shape=(1,), init=num_message_bits)


class LearningSparse(LearningConnectionProcess, Sparse):
    """Sparse connections whose weights learn, where they are stored.

    The equations are those of `LearningDense`. Tags are stored for the same synapses as weights, whatever
    their values are, and learn at all of them.

    Parameters
    ----------
    weights : scipy.sparse matrix or array, shape (n_out, n_in)
        See Sparse.
    tag_2, tag_1 : scipy.sparse matrix or array of the shape of the weights, default 0
        Initial tags; not 0 only where a weight is stored.
    name, num_message_bits, log_config, learning_rule, graded_spike_cfg
        See LearningDense.
    weight_exp, num_weight_bits, sign_mode
        See LearningDense.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or tags have another shape or a value where there is no synapse.
    TypeError
        If there is no learning rule.
    """

    _model_parameters: ClassVar[dict[str, Any]] = {"sign_mode": SignMode.MIXED}
    _set_by_itself = ("shape",)
    var_ranges = LEARNING

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
        shape = tuple(getattr(weights, "shape", ()))
        check_given_tags("LearningSparse", shape, tag_1=tag_1, tag_2=tag_2)
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
        pattern = self.weights.init
        self.tag_1.init = _tags(pattern, tag_1, "tag_1")
        self.tag_2.init = _tags(pattern, tag_2, "tag_2")


def _tags(pattern: csr_matrix, given: Any, name: str) -> csr_matrix:
    """Tags in the pattern of the weights."""
    tags = pattern.copy()
    if not hasattr(given, "tocsr") and (given is None or np.ndim(given) == 0):
        tags.data = np.full(pattern.nnz, 0 if given is None else given)
        return tags
    matrix = canonical(given)
    wanted, stored = _keys(pattern), _keys(matrix)
    tags.data = np.zeros(pattern.nnz, matrix.dtype)
    found = np.isin(wanted, stored, assume_unique=True)
    tags.data[found] = matrix.data[np.searchsorted(stored, wanted[found])]
    if np.count_nonzero(tags.data) != np.count_nonzero(matrix.data):
        raise ValueError(
            f"LearningSparse Process '{name}' has values where there is no synapse. Store a weight there, "
            "which may be 0."
        )
    return tags


def _keys(matrix: csr_matrix) -> npt.NDArray[np.int64]:
    """Places of the stored entries in the flattened matrix, ascending."""
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows * matrix.shape[1] + matrix.indices


class DelaySparse(Sparse):
    """Sparse connections with a delay each: a_out(t) is what s_in(t - 1 - delay) gives.

    The equations are those of `DelayDense`. A weight without a stored delay has delay 0.

    Parameters
    ----------
    weights : scipy.sparse matrix or array, shape (n_out, n_in)
        See Sparse.
    delays : int, or integer scipy.sparse matrix or array of the shape of the weights
        Steps. Of an array, only what is not 0 is stored; give a CSR matrix with stored zeros where a delay
        of 0 is to become another later.
    max_delay : int, default 0
        Largest delay that there will be, if delays change; 0 for that of `delays`.
    name, num_message_bits, log_config, weight_exp, num_weight_bits, sign_mode
        See Sparse.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or the delays are negative, no integers, or of another shape.
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
        sparse = hasattr(delays, "tocsr")
        shape = delays.shape if sparse else np.shape(delays)
        values = canonical(delays).data if sparse else np.asarray(delays)
        check_given_delays("DelaySparse", tuple(getattr(weights, "shape", ())), shape, values)
        slots = (max_delay or int(values.max(initial=0))) + 1
        super().__init__(
            weights=weights,
            num_message_bits=num_message_bits,
            name=name,
            log_config=log_config,
            max_delay=slots - 1,
            **kwargs,
        )
        if shape == ():
            # One for each weight that is stored.
            matrix = self.weights.init.copy()
            matrix.data = np.full(matrix.nnz, int(values), np.int64)
        else:
            matrix = canonical(delays)
        self.delays = Var(shape=self.weights.shape, init=matrix)
        self.a_buff = Var(shape=(self.weights.shape[0], slots), init=0)

    def _remark(self, name: str, value: Any) -> str:
        return remark_on_delays(value, self.proc_params["max_delay"]) if name == "delays" else ""
