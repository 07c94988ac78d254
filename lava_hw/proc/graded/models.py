"""Python models of the neurons that send graded values (Lava's path)."""

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
from lava_hw.proc.graded.inv_sqrt import clz, inv_sqrt, make_fpinv_table
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, InvSqrt, NormVecDelay
from lava_hw.proc.lif.arithmetic import integers

__all__ = [
    "AbstractGradedReluVecModel",
    "AbstractGradedVecModel",
    "InvSqrtModelFP",
    "InvSqrtModelFloat",
    "NormVecDelayModel",
    "PyGradedReluVecModelFixed",
    "PyGradedVecModelFixed",
    "clz",
    "inv_sqrt",
    "make_fpinv_table",
]

Array = npt.NDArray[Any]


class AbstractGradedVecModel(PyLoihiProcessModel):
    """Sends values of a magnitude above the threshold; a subclass declares ports and types."""

    a_in: Any = None
    s_out: Any = None
    v: Any = None
    vth: Any = None
    exp: Any = None

    def run_spk(self) -> None:
        """One step."""
        self.v += integers(self.a_in.recv(), "a_in")
        self.s_out.send(self.v * self._passes())
        self.v[...] = 0

    def _passes(self) -> Array:
        passes: Array = np.abs(self.v) > self.vth
        return passes


class AbstractGradedReluVecModel(AbstractGradedVecModel):
    """Sends values above the threshold; a subclass declares ports and types."""

    def _passes(self) -> Array:
        passes: Array = self.v > self.vth
        return passes


@implements(proc=GradedVec, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyGradedVecModelFixed(AbstractGradedVecModel):
    """GradedVec in fixed point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    vth: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    exp: Any = LavaPyType(np.ndarray, np.int32, precision=24)


@implements(proc=GradedReluVec, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyGradedReluVecModelFixed(AbstractGradedReluVecModel):
    """GradedReluVec in fixed point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    vth: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    exp: Any = LavaPyType(np.ndarray, np.int32, precision=24)


@implements(proc=NormVecDelay, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class NormVecDelayModel(PyLoihiProcessModel):
    """NormVecDelay in fixed point."""

    run_ahead = True
    a_in1: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    a_in2: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    s2_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    v2: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    vth: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    exp: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def run_spk(self) -> None:
        """One step."""
        first = integers(self.a_in1.recv(), "a_in1")
        second = integers(self.a_in2.recv(), "a_in2")
        self.s2_out.send(first * first)
        self.v2, self.v = self.v, first
        product = self.v2 * second
        self.s_out.send(product * (np.abs(product) > self.vth))


@implements(proc=InvSqrt, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class InvSqrtModelFloat(PyLoihiProcessModel):
    """InvSqrt in floating point; 0 gives infinity, a negative value NaN."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    fp_base: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def run_spk(self) -> None:
        """One step."""
        with np.errstate(divide="ignore", invalid="ignore"):
            self.s_out.send(1 / np.sqrt(self.a_in.recv()))


@implements(proc=InvSqrt, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class InvSqrtModelFP(PyLoihiProcessModel):
    """InvSqrt in fixed point; 0 gives 0."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    fp_base: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def run_spk(self) -> None:
        """One step."""
        values = integers(self.a_in.recv(), "a_in")
        if values.min(initial=0) < 0:
            raise ValueError(f"a_in received {int(values.min())}; InvSqrt has no value for negative numbers.")
        result = np.zeros(values.shape, dtype=np.int64)
        positive = values > 0
        if positive.any():
            result[positive] = inv_sqrt(values[positive])
        self.s_out.send(result)
