"""Python models of dense connections (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.process import Dense
from lava_hw.utils.weightutils import SignMode, clip_weights, determine_sign_mode, truncate_weights

__all__ = [
    "AbstractPyDenseModelBitAcc",
    "AbstractPyDenseModelFloat",
    "PyDenseModelBitAcc",
    "PyDenseModelFloat",
]

Array = npt.NDArray[Any]


class AbstractPyDenseModelFloat(PyLoihiProcessModel):
    """Dense in floating point."""

    s_in: Any = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    a_buff: Any = LavaPyType(np.ndarray, float)
    weights: Any = LavaPyType(np.ndarray, float)
    num_message_bits: Any = LavaPyType(np.ndarray, np.int8, precision=5)

    def run_spk(self) -> None:
        """One step."""
        self.a_out.send(self.a_buff)
        s_in = self.s_in.recv()
        active = np.flatnonzero(s_in)
        columns = self.weights.T[active]
        if self.num_message_bits.item() > 0:
            columns = columns * s_in[active, None]
        self.a_buff = columns.sum(axis=0)


class AbstractPyDenseModelBitAcc(PyLoihiProcessModel):
    """Dense in fixed point."""

    s_in: Any = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=16)
    a_buff: Any = LavaPyType(np.ndarray, np.int32, precision=16)
    weights: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    num_message_bits: Any = LavaPyType(np.ndarray, np.int8, precision=5)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.weights_set = False

    def _set_weights(self) -> None:
        """Clip and truncate the weights, once; afterwards they are used as they are."""
        mode = self.proc_params.get("sign_mode", None)
        if mode is None:
            mode = determine_sign_mode(self.weights)
        bits = self.proc_params.get("num_weight_bits", 8)
        clipped = clip_weights(self.weights, SignMode(mode), num_bits=8)
        # In Fortran order the column of a spike is contiguous.
        self.weights = np.asfortranarray(truncate_weights(clipped, SignMode(mode), num_weight_bits=bits))
        self.weights_set = True

    def run_spk(self) -> None:
        """One step."""
        if not self.weights_set:
            self._set_weights()
        self.a_out.send(self.a_buff)
        self.a_buff = self._integrate(self.s_in.recv())

    def _integrate(self, s_in: Array) -> Array:
        """What the input adds up to, shifted."""
        active = s_in.nonzero()[0]
        columns = self.weights.T[active]
        if self.num_message_bits.item() > 0:
            if s_in.dtype.kind not in "iub":
                raise TypeError(f"s_in received {s_in.dtype} values; the fixed-point model needs integers.")
            dtype = np.promote_types(np.int32, s_in.dtype)
            acc = np.sum(columns * s_in[active, None].astype(dtype), axis=0, dtype=dtype)
        else:
            acc = np.add.reduce(columns, axis=0, dtype=np.int64)
        exponent = self.proc_params.get("weight_exp", 0)
        if exponent > 0:
            acc = np.left_shift(acc, acc.dtype.type(exponent))
        elif exponent < 0:
            acc = np.right_shift(acc, acc.dtype.type(-exponent))
        return acc.astype(np.int32)


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
