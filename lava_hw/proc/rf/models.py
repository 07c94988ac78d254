"""Python models of resonate-and-fire neurons (Lava's path)."""

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
from lava_hw.proc.lif.arithmetic import UV_LIMIT, decay, integer, integers
from lava_hw.proc.rf.process import RF

__all__ = ["AbstractPyRFModelFixed", "AbstractPyRFModelFloat", "PyRFModelFixed", "PyRFModelFloat"]

Array = npt.NDArray[Any]

_LIMIT = float(UV_LIMIT - 1)


class AbstractPyRFModelFloat(PyLoihiProcessModel):
    """Dynamics in floating point; a subclass defines `run_spk`."""

    a_real_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    a_imag_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, bool, precision=1)
    real: Any = LavaPyType(np.ndarray, float)
    imag: Any = LavaPyType(np.ndarray, float)
    sin_decay: Any = LavaPyType(float, float)
    cos_decay: Any = LavaPyType(float, float)
    state_exp: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    decay_bits: Any = LavaPyType(np.ndarray, np.int32, precision=3)
    vth: Any = LavaPyType(float, float)

    def resonator_dynamics(
        self, a_real_in_data: Array, a_imag_in_data: Array, real: Array, imag: Array
    ) -> tuple[Array, Array]:
        """Real and imaginary part after a step."""
        sin, cos = np.asarray(self.sin_decay), np.asarray(self.cos_decay)
        return cos * real - sin * imag + a_real_in_data, sin * real + cos * imag + a_imag_in_data

    def _resonate(self) -> tuple[Array, Array]:
        """Receive, and compute both parts."""
        return self.resonator_dynamics(self.a_real_in.recv(), self.a_imag_in.recv(), self.real, self.imag)


class AbstractPyRFModelFixed(AbstractPyRFModelFloat):
    """Dynamics in fixed point; a subclass defines `run_spk`."""

    a_real_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int16, precision=24)
    a_imag_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int16, precision=24)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    real: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    imag: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    sin_decay: Any = LavaPyType(int, np.uint16, precision=12)
    cos_decay: Any = LavaPyType(int, np.uint16, precision=12)
    vth: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def resonator_dynamics(
        self, a_real_in_data: Array, a_imag_in_data: Array, real: Array, imag: Array
    ) -> tuple[Array, Array]:
        """Real and imaginary part after a step, within 24 bits."""
        bits = int(self.decay_bits.reshape(-1)[0])
        if bits < 1:
            raise TypeError(
                f"decay_bits={bits}: in fixed point sin and cos are integers over 2^decay_bits; give "
                "decay_bits above 0, for example 12."
            )
        sin, cos = integer(self.sin_decay, "sin_decay"), integer(self.cos_decay, "cos_decay")
        new_real = decay(real, cos, bits) - decay(imag, sin, bits)
        new_real += np.left_shift(integers(a_real_in_data, "a_real_in"), self.state_exp)
        new_imag = decay(real, sin, bits) + decay(imag, cos, bits)
        new_imag += np.left_shift(integers(a_imag_in_data, "a_imag_in"), self.state_exp)
        return _clipped(new_real), _clipped(new_imag)


def _clipped(whole: Array) -> Array:
    """Whole numbers, in floating point, as int32 within 24 bits."""
    np.maximum(whole, -_LIMIT, out=whole)
    return np.minimum(whole, _LIMIT, out=whole).astype(np.int32)


class _SendsCrossings(AbstractPyRFModelFloat):
    """A mixin before the dynamics: a spike where imag becomes positive while real is above the threshold."""

    def run_spk(self) -> None:
        """One step."""
        real, imag = self._resonate()
        spikes = (real >= self.vth) & (imag >= 0) & (self.imag < 0)
        self.real, self.imag = real, imag
        self.s_out.send(spikes)


@implements(proc=RF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyRFModelFloat(_SendsCrossings, AbstractPyRFModelFloat):
    """RF in floating point."""

    run_ahead = True


@implements(proc=RF, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyRFModelFixed(_SendsCrossings, AbstractPyRFModelFixed):
    """RF in fixed point."""

    run_ahead = True
