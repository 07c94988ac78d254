"""Python models of our integrators. The fixed-point ones define the arithmetic of the chip."""

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
from lava_hw.proc.integrate.process import IF, LIMIT, LeakyIntegrator, LIFSubtract
from lava_hw.proc.lif.arithmetic import decay, integers

__all__ = [
    "PyIFModelFixed",
    "PyIFModelFloat",
    "PyLIFSubtractModelFixed",
    "PyLIFSubtractModelFloat",
    "PyLeakyIntegratorModelFixed",
    "PyLeakyIntegratorModelFloat",
]

Array = npt.NDArray[Any]

_INTS = LavaPyType(np.ndarray, np.int32, precision=24)
_FLOATS = LavaPyType(np.ndarray, float)


class _Integrator(PyLoihiProcessModel):
    """A step: receive, integrate, send."""

    a_in: Any = None
    s_out: Any = None

    def integrate(self, a: Array) -> None:
        """Advance the state by a step with an input."""
        raise NotImplementedError(f"{type(self).__name__} must define integrate(a).")

    def answer(self) -> Array:
        """What is sent, after which the state is that of the end of the step."""
        raise NotImplementedError(f"{type(self).__name__} must define answer().")

    def run_spk(self) -> None:
        """One step."""
        self.integrate(self.a_in.recv())
        self.s_out.send(self.answer())


class _Spikes(_Integrator):
    """A mixin before the integration: spikes above a threshold."""

    v: Any
    vth: Any

    def threshold(self) -> Array:
        """Threshold in units of v."""
        raise NotImplementedError(f"{type(self).__name__} must define threshold().")

    def answer(self) -> Array:
        """Spikes; v is reset where there are some."""
        threshold = self.threshold()
        spikes: Array = self.v > threshold
        to_zero = self.proc_params["reset"] == "zero"
        self.v[...] = np.where(spikes, 0 if to_zero else self.v - threshold, self.v)
        return spikes


class _Float(_Integrator):
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    v: Any = _FLOATS
    bias: Any = _FLOATS


class _Fixed(_Integrator):
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    v: Any = _INTS
    bias: Any = _INTS

    def scaled(self, a: Array) -> Array:
        """Input in units of v, in 64 bits."""
        return integers(a, "a_in").astype(np.int64) << self.proc_params["input_shift"]


class _FloatSpikes(_Spikes):
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth: Any = _FLOATS

    def threshold(self) -> Array:
        """See _Spikes."""
        return np.asarray(self.vth)


class _FixedSpikes(_Spikes):
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, bool, precision=1)
    vth: Any = _INTS

    def threshold(self) -> Array:
        """See _Spikes."""
        return np.asarray(self.vth << self.proc_params["input_shift"])


class _LeakyFloat(_Float):
    u: Any = _FLOATS
    du: Any = _FLOATS
    dv: Any = _FLOATS

    def integrate(self, a: Array) -> None:
        """See _Integrator."""
        self.u[...] = self.u * (1 - self.du) + a
        self.v[...] = self.v * (1 - self.dv) + self.u + self.bias


class _LeakyFixed(_Fixed):
    u: Any = _INTS
    du: Any = _INTS
    dv: Any = _INTS

    def integrate(self, a: Array) -> None:
        """See _Integrator."""
        self.u[...] = _saturated(decay(self.u, 4096 - self.du) + self.scaled(a))
        self.v[...] = _saturated(decay(self.v, 4096 - self.dv) + self.u + self.bias)


class _PlainFloat(_Float):
    def integrate(self, a: Array) -> None:
        """See _Integrator."""
        self.v[...] = self.v + a + self.bias


class _PlainFixed(_Fixed):
    def integrate(self, a: Array) -> None:
        """See _Integrator."""
        self.v[...] = _saturated(self.v + self.scaled(a) + self.bias)


class _SendsVoltage(_Integrator):
    v: Any

    def answer(self) -> Array:
        """See _Integrator."""
        return np.asarray(self.v)


def _saturated(values: Array) -> Array:
    return np.clip(values, -LIMIT, LIMIT)


@implements(proc=LIFSubtract, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLIFSubtractModelFloat(_FloatSpikes, _LeakyFloat):
    """LIFSubtract in floating point."""

    run_ahead = True


@implements(proc=LIFSubtract, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyLIFSubtractModelFixed(_FixedSpikes, _LeakyFixed):
    """LIFSubtract in fixed point."""

    run_ahead = True


@implements(proc=IF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyIFModelFloat(_FloatSpikes, _PlainFloat):
    """IF in floating point."""

    run_ahead = True


@implements(proc=IF, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyIFModelFixed(_FixedSpikes, _PlainFixed):
    """IF in fixed point."""

    run_ahead = True


@implements(proc=LeakyIntegrator, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLeakyIntegratorModelFloat(_SendsVoltage, _LeakyFloat):
    """LeakyIntegrator in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)


@implements(proc=LeakyIntegrator, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyLeakyIntegratorModelFixed(_SendsVoltage, _LeakyFixed):
    """LeakyIntegrator in fixed point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
