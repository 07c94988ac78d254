"""Python models of convolutions in space (Lava's path)."""

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
from lava_hw.proc.conv import utils
from lava_hw.proc.conv.process import Conv

__all__ = ["AbstractPyConvModel", "PyConvModelFixed", "PyConvModelFloat"]

Array = npt.NDArray[Any]


class AbstractPyConvModel(PyLoihiProcessModel):
    """Common part of the models of Conv; a subclass may override `clamp_precision`."""

    constant_vars = (
        "weight",
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "groups",
        "num_message_bits",
        "weight_exp",
        "num_weight_bits",
    )
    s_in: Any = None
    a_out: Any = None
    a_buf: Any = None
    weight: Any = None
    kernel_size: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    stride: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    padding: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    dilation: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    groups: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    num_message_bits: Any = LavaPyType(np.ndarray, np.int8, precision=5)
    weight_exp: Any = LavaPyType(np.ndarray, np.int32, precision=8)
    num_weight_bits: Any = LavaPyType(np.ndarray, np.int8, precision=5)

    def run_spk(self) -> None:
        """One step."""
        self.a_out.send(self.a_buf)
        s_in = self.s_in.recv()
        if self.num_message_bits.item() <= 0:
            s_in = s_in != 0
        sums = utils.conv(
            s_in, self.weight, self.kernel_size, self.stride, self.padding, self.dilation, self.groups[0]
        )
        self.a_buf = self.clamp_precision(sums)

    def clamp_precision(self, x: Array) -> Array:
        """What is kept of a sum."""
        return x


@implements(proc=Conv, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyConvModelFloat(AbstractPyConvModel):
    """Conv in floating point."""

    run_ahead = True
    s_in: Any = LavaPyType(PyInPort.VEC_DENSE, float, precision=24)
    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    a_buf: Any = LavaPyType(np.ndarray, float)
    weight: Any = LavaPyType(np.ndarray, float)


@implements(proc=Conv, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyConvModelFixed(AbstractPyConvModel):
    """Conv in fixed point."""

    run_ahead = True
    s_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    a_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    a_buf: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    weight: Any = LavaPyType(np.ndarray, np.int32, precision=8)

    def clamp_precision(self, x: Array) -> Array:
        """Modulo 2^24."""
        return utils.signed_clamp(x, bits=24)
