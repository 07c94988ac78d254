"""Sources of data (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.var_range import VarRange, table
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

__all__ = ["AbstractPyRingBuffer", "PySendModelFixed", "PySendModelFloat", "RingBuffer"]


def steps_contiguous(data: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, laid out so that data[..., k] is contiguous."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(data, -1, 0)), 0, -1)


class RingBuffer(AbstractProcess):
    """Sends data[..., (t - 1) % T] in step t, over and over.

    Parameters
    ----------
    data : array, shape (..., T)
        One message per step, along the last axis.
    name : str, optional
        Name of the process.
    log_config : LogConfig, optional
        Logging.
    """

    _shown_as = "Source"
    var_ranges = table({"data": VarRange()})

    def __init__(self, *, data: npt.NDArray[Any], **kwargs: Any) -> None:
        array = np.asarray(data)
        if array.ndim < 1 or array.shape[-1] < 1:
            raise ValueError(f"Source: data needs a last axis of at least one step, got shape {array.shape}.")
        super().__init__(data=data, **kwargs)
        self.data = Var(shape=array.shape, init=data)
        self.s_out = OutPort(shape=array.shape[:-1])


class AbstractPyRingBuffer(PyLoihiProcessModel):
    """Common part of the models of the source."""

    constant_vars = ("data",)
    s_out: Any = None
    data: Any = None

    def run_spk(self) -> None:
        """Send the message of this step."""
        if self.data.strides[-1] != self.data.nbytes // self.data.shape[-1]:
            self.data = steps_contiguous(self.data)
        self.s_out.send(self.data[..., (self.time_step - 1) % self.data.shape[-1]])

    def run_batch(self, steps: int) -> None:
        """Send the messages of several steps."""
        if self.data.strides[-1] != self.data.nbytes // self.data.shape[-1]:
            self.data = steps_contiguous(self.data)
        rows = np.moveaxis(self.data, -1, 0)
        period = len(rows)
        first = (self.time_step - 1) % period
        if first + steps <= period:
            self.s_out.send_batch(rows[first : first + steps])
        else:
            self.s_out.send_batch(rows[np.arange(first, first + steps) % period])


@implements(proc=RingBuffer, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PySendModelFloat(AbstractPyRingBuffer):
    """Source in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    data: Any = LavaPyType(np.ndarray, float)


@implements(proc=RingBuffer, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PySendModelFixed(AbstractPyRingBuffer):
    """Source of integers; floats truncate."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    data: Any = LavaPyType(np.ndarray, np.int32, precision=24)
