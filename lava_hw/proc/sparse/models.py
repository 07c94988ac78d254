"""Python models of sparse connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.learning.synapses import StoredSynapses
from lava_hw.magma.core.model.py.connection import (
    LearningConnectionModelBitApproximate,
    LearningConnectionModelFloat,
)
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.compiled import Steps, sparse_steps
from lava_hw.proc.dense.arithmetic import binned_sum, check_delays, payload, shifted, stored_weights
from lava_hw.proc.dense.buffered import AbstractBufferedModel
from lava_hw.proc.dense.delayed import AbstractDelayModel
from lava_hw.proc.dense.member_types import FixedTypes, FloatTypes
from lava_hw.proc.sparse.columns import Columns
from lava_hw.proc.sparse.process import DelaySparse, LearningSparse, Sparse
from lava_hw.utils.weightutils import SignMode, truncate_weights

__all__ = [
    "AbstractPyDelaySparseModel",
    "AbstractPySparseModelBitAcc",
    "AbstractPySparseModelFloat",
    "PyDelaySparseModelBitAcc",
    "PyDelaySparseModelFloat",
    "PyLearningSparseModelBitApproximate",
    "PyLearningSparseModelFloat",
    "PySparseModelBitAcc",
    "PySparseModelFloat",
]

Array = npt.NDArray[Any]


class _ByColumn(PyLoihiProcessModel):
    """What a model with a CSR matrix of weights needs to add up active columns."""

    weights: Any = None
    num_message_bits: Any = None

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._columns: Columns | None = None

    def columns(self) -> Columns:
        """The columns of the present weights."""
        columns = self._columns
        if columns is None or not columns.describe(self.weights):
            columns = self._columns = Columns(self.weights)
        return columns

    def reached(self, s_in: Array) -> tuple[Array, Array, Array]:
        """What the input reaches: rows, positions of the weights, and what each adds to its row."""
        active = s_in.nonzero()[0]
        row, entry, length = self.columns().find(active)
        values = self.weights.data[entry]
        if self.num_message_bits.item() > 0:
            values = values * np.repeat(s_in[active], length)
        return row, entry, values

    def summed(self, s_in: Array) -> Array:
        """Weights times input: float64 for floats, else int64 (modulo 2^64)."""
        # Where many weights are reached, the plain product is faster, and the same: it adds in this order.
        if self.columns().reached(s_in.nonzero()[0]) * 12 > self.weights.nnz:
            vector = s_in if self.num_message_bits.item() > 0 else s_in != 0
            return self.weights @ vector.astype(np.promote_types(self.weights.dtype, np.int64))
        row, _, values = self.reached(s_in)
        return binned_sum(row, values, self.weights.shape[0])


class AbstractPySparseModelFloat(FloatTypes, _ByColumn, AbstractBufferedModel):
    """Sparse in floating point."""

    weights: Any = LavaPyType(csr_matrix, float)

    def _compiled(self) -> Steps | None:
        """See AbstractBufferedModel."""
        graded = bool(self.num_message_bits.item() > 0)
        return sparse_steps(self.columns(), self.weights.data, self.weights.shape[0], 0, graded)

    def _plain_sums(self, s_in: Array) -> Array:
        """See AbstractBufferedModel."""
        return self.summed(s_in)


class AbstractPySparseModelBitAcc(FixedTypes, _ByColumn, AbstractBufferedModel):
    """Sparse in fixed point."""

    weights: Any = LavaPyType(csr_matrix, np.int32, precision=8)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.weights_set = False

    def _set_weights(self) -> None:
        """Clip and truncate the weights, once; afterwards they are used as they are."""
        self.weights.data = stored_weights(self.weights.data, self.proc_params)
        self.weights_set = True

    def _compiled(self) -> Steps | None:
        """See AbstractBufferedModel; shifted."""
        graded = bool(self.num_message_bits.item() > 0)
        exponent, outputs = self.proc_params.get("weight_exp", 0), self.weights.shape[0]
        return sparse_steps(self.columns(), self.weights.data, outputs, exponent, graded)

    def _plain_sums(self, s_in: Array) -> Array:
        """See AbstractBufferedModel; shifted."""
        if self.num_message_bits.item() > 0:
            dtype = payload(s_in)
            acc = self.summed(s_in.astype(np.int64)).astype(dtype)
        else:
            acc = self.summed(s_in)
        return shifted(acc, self.proc_params.get("weight_exp", 0)).astype(np.int32)


@implements(proc=Sparse, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PySparseModelFloat(AbstractPySparseModelFloat):
    """Sparse in floating point."""

    run_ahead = True


@implements(proc=Sparse, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PySparseModelBitAcc(AbstractPySparseModelBitAcc):
    """Sparse in fixed point."""

    run_ahead = True


@implements(proc=LearningSparse, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLearningSparseModelFloat(LearningConnectionModelFloat, AbstractPySparseModelFloat):
    """LearningSparse in floating point."""

    tag_1: Any = LavaPyType(csr_matrix, float)
    tag_2: Any = LavaPyType(csr_matrix, float)

    def _make_synapses(self) -> StoredSynapses:
        return StoredSynapses(self.weights)


@implements(proc=LearningSparse, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_approximate_loihi", "fixed_pt")
class PyLearningSparseModelBitApproximate(LearningConnectionModelBitApproximate, AbstractPySparseModelBitAcc):
    """LearningSparse in fixed point."""

    tag_1: Any = LavaPyType(csr_matrix, int, precision=8)
    tag_2: Any = LavaPyType(csr_matrix, int, precision=6)

    def _make_synapses(self) -> StoredSynapses:
        return StoredSynapses(self.weights)

    def _set_weights(self) -> None:
        """Truncate the weights, once; they are not clipped before they have learned."""
        bits = self.proc_params.get("num_weight_bits", 8)
        self.weights.data = truncate_weights(self.weights.data, SignMode(self.sign_mode), bits)
        self.weights_set = True


class AbstractPyDelaySparseModel(_ByColumn, AbstractDelayModel):
    """Common part of the models of DelaySparse."""

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self._place: Array | None = None
        self._placed: tuple[Any, ...] = ()
        self._all_stored = False

    @staticmethod
    def get_delay_wgts_mat(weights: csr_matrix, delays: csr_matrix, max_delay: int) -> csr_matrix:
        """The weights of delay 0, below them those of delay 1, ...: [(max_delay + 1) * n_out, n_in]."""
        entries = weights.tocoo()
        delay = np.asarray(delays.tocsr()[entries.row, entries.col]).ravel()
        kept = delay <= max_delay
        rows, columns = weights.shape
        return csr_matrix(
            (entries.data[kept], ((delay * rows + entries.row)[kept], entries.col[kept])),
            shape=((max_delay + 1) * rows, columns),
        )

    def _delay_places(self) -> Array:
        """Position of the delay of each weight in `delays.data`, -1 where none is stored."""
        pattern = (self.weights.indices, self.weights.indptr, self.delays.indices, self.delays.indptr)
        if self._place is None or any(a is not b for a, b in zip(pattern, self._placed, strict=True)):
            keys = []
            for matrix in (self.weights, self.delays):
                rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
                keys.append(rows.astype(np.int64) * matrix.shape[1] + matrix.indices)
            weight, delay = keys
            place = np.searchsorted(delay, weight)
            found = place < len(delay)
            found[found] = delay[place[found]] == weight[found]
            self._place = np.where(found, place, -1)
            self._all_stored = bool(found.all())
            self._placed = pattern
        return self._place

    def calc_act(self, s_in: Array) -> Array:
        """See AbstractDelayModel."""
        rows, slots = self.a_buff.shape
        if slots == 1:
            return self.summed(s_in).reshape(rows, 1)
        row, entry, values = self.reached(s_in)
        place = self._delay_places()[entry]
        if self._all_stored:
            delays = self.delays.data[place]
        else:
            delays = np.append(self.delays.data, 0)[place]  # the last one for -1
        if len(delays) and (delays.min() < 0 or delays.max() >= slots):
            inside = (delays >= 0) & (delays < slots)
            row, delays, values = row[inside], delays[inside], values[inside]
        return binned_sum(delays * rows + row, values, slots * rows).reshape(slots, rows).T


@implements(proc=DelaySparse, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyDelaySparseModelFloat(FloatTypes, AbstractPyDelaySparseModel):
    """DelaySparse in floating point."""

    run_ahead = True
    weights: Any = LavaPyType(csr_matrix, float)
    delays: Any = LavaPyType(csr_matrix, int)


@implements(proc=DelaySparse, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyDelaySparseModelBitAcc(FixedTypes, AbstractPyDelaySparseModel):
    """DelaySparse in fixed point."""

    run_ahead = True
    weights_set = False
    weights: Any = LavaPyType(csr_matrix, np.int32, precision=8)
    delays: Any = LavaPyType(csr_matrix, np.int32, precision=6)

    def _prepare(self) -> None:
        """Clip and truncate the weights, once; afterwards they are used as they are."""
        check_delays("DelaySparse", self.delays.data)
        self.weights.data = stored_weights(self.weights.data, self.proc_params)

    def calc_act(self, s_in: Array) -> Array:
        """See AbstractPyDelaySparseModel; shifted by weight_exp, slot by slot."""
        dtype = payload(s_in) if self.num_message_bits.item() > 0 else np.dtype(np.int32)
        if self.num_message_bits.item() > 0:
            s_in = s_in.astype(np.int64)
        # Sums wrap at 32 bits before they are shifted.
        acc = super().calc_act(s_in).astype(dtype)
        return shifted(acc, self.proc_params.get("weight_exp", 0)).astype(np.int32)
