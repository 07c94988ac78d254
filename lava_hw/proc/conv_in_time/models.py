"""Python models of convolutions in time (Lava's path)."""

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
from lava_hw.proc.conv_in_time.process import ConvInTime

__all__ = ["AbstractPyConvInTimeModel", "PyConvInTimeFixed", "PyConvInTimeFloat"]

Array = npt.NDArray[Any]


class AbstractPyConvInTimeModel(PyLoihiProcessModel):
    """Common part of the models of ConvInTime."""

    constant_vars = ("weights", "num_message_bits")
    s_in: Any = LavaPyType(PyInPort.VEC_DENSE, bool, precision=1)
    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    a_buff: Any = LavaPyType(np.ndarray, float)
    weights: Any = LavaPyType(np.ndarray, float)
    num_message_bits: Any = LavaPyType(np.ndarray, np.int8, precision=5)

    def calc_act(self, s_in: Array) -> Array:
        """What the input adds to each slot, [n_out, K]; column k leaves k steps later than column 0."""
        by_input = self.weights.transpose(2, 1, 0)
        if not by_input.flags.c_contiguous:
            # Then all that an input reaches is contiguous.
            by_input = np.ascontiguousarray(by_input)
            self.weights = by_input.transpose(2, 1, 0)
        active = s_in.nonzero()[0]
        reached = by_input[active]
        if self.num_message_bits.item() > 0:
            reached = reached * s_in[active, None, None]
        return reached.sum(axis=0)[:, ::-1]

    def update_act(self, s_in: Array) -> None:
        """Advance the slots by one step and add what the input gives."""
        new = self.calc_act(s_in)
        self.a_buff[:, :-1] = self.a_buff[:, 1:]
        self.a_buff[:, -1] = 0
        self.a_buff += new

    def run_spk(self) -> None:
        """One step."""
        self.a_out.send(self.a_buff[:, 0])
        self.update_act(self.s_in.recv())


@implements(proc=ConvInTime, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyConvInTimeFloat(AbstractPyConvInTimeModel):
    """ConvInTime in floating point."""

    run_ahead = True


@implements(proc=ConvInTime, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyConvInTimeFixed(AbstractPyConvInTimeModel):
    """ConvInTime in a network in fixed point; it computes in floating point, without limits, as in Lava."""

    run_ahead = True
