"""Python models of sigma, delta and sigma-delta neurons (Lava's path)."""

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
from lava_hw.proc.lif.arithmetic import integers
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta

__all__ = [
    "AbstractDeltaModel",
    "AbstractDeltaModelFixed",
    "AbstractDeltaModelFloat",
    "AbstractSigmaDeltaModel",
    "AbstractSigmaModel",
    "PyDeltaModelFixed",
    "PyDeltaModelFloat",
    "PySigmaDeltaModelFixed",
    "PySigmaDeltaModelFloat",
    "PySigmaModelFixed",
    "PySigmaModelFloat",
    "ReLU",
]

Array = npt.NDArray[Any]


def ReLU(x: npt.ArrayLike) -> Array:
    """Give the values, and 0 where they are negative."""
    positive: Array = np.maximum(x, 0)
    return positive


class AbstractSigmaModel(PyLoihiProcessModel):
    """Adds up the input; a subclass declares ports and types."""

    a_in: Any = None
    s_out: Any = None
    sigma: Any = None

    def sigma_dynamics(self, a_in_data: Array) -> Array:
        """The new sum."""
        total: Array = self.sigma + a_in_data
        return total

    def run_spk(self) -> None:
        """One step."""
        self.sigma = self.sigma_dynamics(self.a_in.recv())
        self.s_out.send(self.sigma)


class AbstractDeltaModel(PyLoihiProcessModel):
    """Encodes changes; a subclass declares ports and types, and defines `run_spk`."""

    a_in: Any = None
    s_out: Any = None
    vth: Any = None
    act: Any = None
    residue: Any = None
    error: Any = None
    spike_exp: Any = None
    state_exp: Any = None
    cum_error: Any = None

    def delta_dynamics(self, act_data: Array) -> Array:
        """What is sent for a new activation, not yet shifted; advances residue and error, not act."""
        delta = act_data - self.act
        delta += self.residue
        if self.cum_error.any():
            self.error += delta
            out = np.where(np.abs(self.error) >= self.vth, delta, delta.dtype.type(0))
            # |out| instead of out: -2^31, whose magnitude is negative in 32 bits, clears nothing.
            self.error[np.abs(out) > 0] = 0
        else:
            out = np.where(np.abs(delta) >= self.vth, delta, delta.dtype.type(0))
        self.residue = delta - out
        return out


class AbstractSigmaDeltaModel(AbstractSigmaModel, AbstractDeltaModel):
    """Adds up changes and encodes the change of an activation."""

    bias: Any = None

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.act_mode = self.proc_params["act_mode"]

    def activation_dynamics(self, sigma_data: Array) -> Array:
        """Activation of a sum.

        Raises
        ------
        NotImplementedError
            If the activation mode is neither UNIT nor RELU.
        """
        act: Array = sigma_data + self.bias
        if self.act_mode == ActivationMode.UNIT:
            return act
        if self.act_mode == ActivationMode.RELU:
            return np.maximum(act, 0, out=act)
        raise NotImplementedError(
            f"act_mode={self.act_mode!r} has no activation; use ActivationMode.UNIT or ActivationMode.RELU."
        )

    def dynamics(self, a_in_data: Array) -> Array:
        """What is sent for an input, not yet shifted; advances the whole state."""
        self.sigma = self.sigma_dynamics(a_in_data)
        act = self.activation_dynamics(self.sigma)
        out = self.delta_dynamics(act)
        self.act = act
        return out


@implements(proc=Sigma, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PySigmaModelFloat(AbstractSigmaModel):
    """Sigma in floating point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    sigma: Any = LavaPyType(np.ndarray, float)


@implements(proc=Sigma, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PySigmaModelFixed(AbstractSigmaModel):
    """Sigma in fixed point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    sigma: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def sigma_dynamics(self, a_in_data: Array) -> Array:
        """The new sum, modulo 2^32."""
        return super().sigma_dynamics(integers(a_in_data, "a_in"))


class AbstractDeltaModelFloat(AbstractDeltaModel):
    """Declarations of the encoder in floating point."""

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth: Any = LavaPyType(np.ndarray, float)
    sigma: Any = LavaPyType(np.ndarray, float)
    act: Any = LavaPyType(np.ndarray, float)
    residue: Any = LavaPyType(np.ndarray, float)
    error: Any = LavaPyType(np.ndarray, float)
    spike_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    state_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    cum_error: Any = LavaPyType(np.ndarray, bool, precision=1)


class AbstractDeltaModelFixed(AbstractDeltaModel):
    """Declarations of the encoder in fixed point."""

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    vth: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    sigma: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    act: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    residue: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    error: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    spike_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    state_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    cum_error: Any = LavaPyType(np.ndarray, bool, precision=1)


@implements(proc=Delta, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyDeltaModelFloat(AbstractDeltaModelFloat):
    """Delta in floating point."""

    run_ahead = True

    def run_spk(self) -> None:
        """One step."""
        act = self.a_in.recv()
        out = self.delta_dynamics(act)
        self.act = act
        self.s_out.send(out)


@implements(proc=Delta, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyDeltaModelFixed(AbstractDeltaModelFixed):
    """Delta in fixed point."""

    run_ahead = True

    def run_spk(self) -> None:
        """One step."""
        act = np.left_shift(integers(self.a_in.recv(), "a_in"), self.spike_exp + self.state_exp)
        out = self.delta_dynamics(act)
        self.act = act
        self.s_out.send(np.right_shift(out, self.state_exp))


@implements(proc=SigmaDelta, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PySigmaDeltaModelFloat(AbstractDeltaModelFloat, AbstractSigmaDeltaModel):
    """SigmaDelta in floating point."""

    run_ahead = True
    bias: Any = LavaPyType(np.ndarray, float)

    def run_spk(self) -> None:
        """One step."""
        self.s_out.send(self.dynamics(self.a_in.recv()))


@implements(proc=SigmaDelta, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PySigmaDeltaModelFixed(AbstractDeltaModelFixed, AbstractSigmaDeltaModel):
    """SigmaDelta in fixed point."""

    run_ahead = True
    bias: Any = LavaPyType(np.ndarray, np.int32, precision=16)

    def run_spk(self) -> None:
        """One step."""
        out = self.dynamics(integers(self.a_in.recv(), "a_in"))
        self.s_out.send(np.right_shift(out, self.state_exp))
