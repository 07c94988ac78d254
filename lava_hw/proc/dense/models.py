"""Python models of dense connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.connection import (
    LearningConnectionModelBitApproximate,
    LearningConnectionModelFloat,
)
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.compiled import Steps, dense_steps
from lava_hw.proc.dense.arithmetic import binned_sum, check_delays, payload, shifted, stored_weights
from lava_hw.proc.dense.buffered import AbstractBufferedModel
from lava_hw.proc.dense.delayed import AbstractDelayModel
from lava_hw.proc.dense.member_types import FixedTypes, FloatTypes
from lava_hw.proc.dense.process import DelayDense, Dense, LearningDense
from lava_hw.utils.weightutils import SignMode, truncate_weights

__all__ = [
    "AbstractPyDelayDenseModel",
    "AbstractPyDenseModelBitAcc",
    "AbstractPyDenseModelFloat",
    "PyDelayDenseModelBitAcc",
    "PyDelayDenseModelFloat",
    "PyDenseModelBitAcc",
    "PyDenseModelFloat",
    "PyLearningDenseModelBitApproximate",
    "PyLearningDenseModelFloat",
]

Array = npt.NDArray[Any]


class AbstractPyDenseModelFloat(FloatTypes, AbstractBufferedModel):
    """Dense in floating point."""

    weights: Any = LavaPyType(np.ndarray, float)

    weights_set = False

    def _set_weights(self) -> None:
        """Lay the weights out in Fortran order, in which the column of a spike is contiguous."""
        self.weights = np.asfortranarray(self.weights)
        self.weights_set = True

    def _compiled(self) -> Steps | None:
        """See AbstractBufferedModel."""
        return dense_steps(self.weights, 0, bool(self.num_message_bits.item() > 0))

    def _plain_sums(self, s_in: Array) -> Array:
        """See AbstractBufferedModel."""
        active = np.flatnonzero(s_in)
        columns = self.weights.T[active]
        if self.num_message_bits.item() > 0:
            columns = columns * s_in[active, None]
        total: Array = columns.sum(axis=0)
        return total


class AbstractPyDenseModelBitAcc(FixedTypes, AbstractBufferedModel):
    """Dense in fixed point."""

    weights: Any = LavaPyType(np.ndarray, np.int32, precision=8)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.weights_set = False

    def _set_weights(self) -> None:
        """Clip and truncate the weights, once; afterwards they are used as they are."""
        # In Fortran order the column of a spike is contiguous.
        self.weights = np.asfortranarray(stored_weights(self.weights, self.proc_params))
        self.weights_set = True

    def _compiled(self) -> Steps | None:
        """See AbstractBufferedModel; shifted."""
        graded = bool(self.num_message_bits.item() > 0)
        return dense_steps(self.weights, self.proc_params.get("weight_exp", 0), graded)

    def _plain_sums(self, s_in: Array) -> Array:
        """See AbstractBufferedModel; shifted."""
        active = s_in.nonzero()[0]
        columns = self.weights.T[active]
        if self.num_message_bits.item() > 0:
            dtype = payload(s_in)
            acc = np.sum(columns * s_in[active, None].astype(dtype), axis=0, dtype=dtype)
        else:
            acc = np.add.reduce(columns, axis=0, dtype=np.int64)
        return shifted(acc, self.proc_params.get("weight_exp", 0)).astype(np.int32)


@implements(proc=Dense, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyDenseModelFloat(AbstractPyDenseModelFloat):
    """Dense in floating point."""

    run_ahead = True


@implements(proc=Dense, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyDenseModelBitAcc(AbstractPyDenseModelBitAcc):
    """Dense in fixed point."""

    run_ahead = True


@implements(proc=LearningDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLearningDenseModelFloat(LearningConnectionModelFloat, AbstractPyDenseModelFloat):
    """LearningDense in floating point."""


@implements(proc=LearningDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_approximate_loihi", "fixed_pt")
class PyLearningDenseModelBitApproximate(LearningConnectionModelBitApproximate, AbstractPyDenseModelBitAcc):
    """LearningDense in fixed point."""

    def _set_weights(self) -> None:
        """Truncate the weights, once; they are not clipped before they have learned."""
        bits = self.proc_params.get("num_weight_bits", 8)
        self.weights = np.asfortranarray(truncate_weights(self.weights, SignMode(self.sign_mode), bits))
        self.weights_set = True


class AbstractPyDelayDenseModel(AbstractDelayModel):
    """Common part of the models of DelayDense."""

    @staticmethod
    def get_delay_wgts_mat(weights: Array, delays: Array, max_delay: int) -> Array:
        """The weights of delay 0, below them those of delay 1, ...: [(max_delay + 1) * n_out, n_in]."""
        return np.concatenate([np.where(delays == delay, weights, 0) for delay in range(max_delay + 1)])

    def calc_act(self, s_in: Array) -> Array:
        """See AbstractDelayModel."""
        rows, slots = self.a_buff.shape
        # In Fortran order the column of a spike is contiguous.
        if not self.weights.flags.f_contiguous:
            self.weights = np.asfortranarray(self.weights)
        if not self.delays.flags.f_contiguous:
            self.delays = np.asfortranarray(self.delays)
        active = s_in.nonzero()[0]
        values, delays = self.weights.T[active], self.delays.T[active]
        if self.num_message_bits.item() > 0:
            values = values * s_in[active, None]
        place = delays.astype(np.int64) * rows + np.arange(rows)
        inside = (delays >= 0) & (delays < slots)
        if not inside.all():
            place, values = place[inside], values[inside]
        return binned_sum(place.ravel(), values.ravel(), slots * rows).reshape(slots, rows).T


@implements(proc=DelayDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyDelayDenseModelFloat(FloatTypes, AbstractPyDelayDenseModel):
    """DelayDense in floating point."""

    run_ahead = True
    weights: Any = LavaPyType(np.ndarray, float)
    delays: Any = LavaPyType(np.ndarray, int)


@implements(proc=DelayDense, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyDelayDenseModelBitAcc(FixedTypes, AbstractPyDelayDenseModel):
    """DelayDense in fixed point."""

    run_ahead = True
    weights_set = False
    weights: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    delays: Any = LavaPyType(np.ndarray, np.int32, precision=6)

    def _prepare(self) -> None:
        """Clip and truncate the weights, once; afterwards they are used as they are."""
        check_delays("DelayDense", self.delays)
        self.weights = stored_weights(self.weights, self.proc_params)

    def calc_act(self, s_in: Array) -> Array:
        """See AbstractPyDelayDenseModel; shifted by weight_exp, slot by slot."""
        if self.num_message_bits.item() > 0:
            s_in = s_in.astype(payload(s_in), copy=False)
        acc = super().calc_act(s_in)
        return shifted(acc, self.proc_params.get("weight_exp", 0)).astype(np.int32)
