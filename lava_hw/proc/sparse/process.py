"""Sparse connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.process.process import LogConfig
from lava_hw.proc.dense.connection import (
    AbstractConnection,
    AbstractDelayConnection,
    AbstractPlasticConnection,
    Shape,
)

__all__ = ["DelaySparse", "GradedSpikeCfg", "LearningSparse", "Sparse"]


def canonical(matrix: Any) -> csr_matrix:
    """A CSR copy with sorted indices and no entry twice; zeros that are stored stay stored."""
    csr = csr_matrix(matrix, copy=True)
    csr.sum_duplicates()
    return csr


class Sparse(AbstractConnection):
    """Sparse connections: a_out(t) is what s_in(t - 1) gives.

    The equations are those of `Dense`; the result is the same, bit for bit, as that of a `Dense` with the
    same weights. What is stored in the matrix stays stored, also where a weight is zero or becomes zero when
    it is truncated, so that `weights.get()` always has the pattern of the matrix that was given, and
    `weights.set()` takes one of the same pattern.

    Parameters
    ----------
    weights : scipy.sparse matrix or array, shape (n_out, n_in)
        Weights; in fixed point they truncate to integers toward zero. Kept as CSR.
    name, num_message_bits, log_config, weight_exp, num_weight_bits, sign_mode, stored_bits
        See Dense.

    Raises
    ------
    ValueError
        If the weights are not a matrix.
    """

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
        self._make_members(matrix.shape, matrix, num_message_bits)

    @staticmethod
    def _shape_of(weights: Any) -> Shape:
        return tuple(getattr(weights, "shape", ()))


class LearningSparse(AbstractPlasticConnection, Sparse):
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
    weight_exp, num_weight_bits, sign_mode, stored_bits
        See LearningDense.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or tags have another shape or a value where there is no synapse.
    TypeError
        If there is no learning rule.
    """

    def _keep_tags(self, **tags: Any) -> None:
        for name, given in tags.items():
            getattr(self, name).init = _tags(self.weights.init, given, name)


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


class DelaySparse(AbstractDelayConnection, Sparse):
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
    name, num_message_bits, log_config, weight_exp, num_weight_bits, sign_mode, stored_bits
        See Sparse.

    Raises
    ------
    ValueError
        If the weights are not a matrix, or the delays are negative, no integers, or of another shape.
    """

    def _given_delays(self, delays: Any) -> tuple[Shape, npt.NDArray[Any]]:
        if not hasattr(delays, "tocsr"):
            return super()._given_delays(delays)
        return delays.shape, canonical(delays).data

    def _kept_delays(self, delays: Any) -> csr_matrix:
        if hasattr(delays, "tocsr") or np.ndim(delays):
            return canonical(delays)
        # One for each weight that is stored.
        matrix = self.weights.init.copy()
        matrix.data = np.full(matrix.nnz, int(delays), np.int64)
        return matrix
