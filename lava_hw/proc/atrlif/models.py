"""Python models of ATRLIF (Lava's path)."""

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
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.lif.arithmetic import UV_LIMIT, decay, integers, shift_bias, to_int32, wrap_current

__all__ = ["PyATRLIFModelFixed", "PyATRLIFModelFloat"]

Array = npt.NDArray[Any]


class _ATRLIF(PyLoihiProcessModel):
    """What both models share: the order of a step, and what a spike does."""

    a_in: Any = None
    s_out: Any = None
    v: Any = None
    theta: Any = None
    theta_step: Any = None
    r: Any = None
    s: Any = LavaPyType(np.ndarray, bool)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance i, v, theta and r."""
        raise NotImplementedError(f"{type(self).__name__} must define subthr_dynamics().")

    def post_spike(self, spike_vector: Array) -> None:
        """Raise the refractory trace, then the threshold, where there are spikes."""
        theta = self.theta[spike_vector]
        self.r[spike_vector] += 2 * theta
        self.theta += spike_vector * np.asarray(self.theta_step)

    def run_spk(self) -> None:
        """One step."""
        self.subthr_dynamics(activation_in=self.a_in.recv())
        np.greater_equal(self.v - self.r, self.theta, out=self.s)
        self.post_spike(spike_vector=self.s)
        self.s_out.send(self.s)


@implements(proc=ATRLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyATRLIFModelFloat(_ATRLIF):
    """ATRLIF in floating point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    i: Any = LavaPyType(np.ndarray, float)
    v: Any = LavaPyType(np.ndarray, float)
    theta: Any = LavaPyType(np.ndarray, float)
    r: Any = LavaPyType(np.ndarray, float)
    bias_mant: Any = LavaPyType(np.ndarray, float)
    bias_exp: Any = LavaPyType(np.ndarray, float)
    delta_i: Any = LavaPyType(float, float)
    delta_v: Any = LavaPyType(float, float)
    delta_theta: Any = LavaPyType(float, float)
    delta_r: Any = LavaPyType(float, float)
    theta_0: Any = LavaPyType(float, float)
    theta_step: Any = LavaPyType(float, float)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance i, v, theta and r."""
        self.i[...] = (1 - np.asarray(self.delta_i)) * self.i + activation_in
        self.v[...] = (1 - np.asarray(self.delta_v)) * self.v + self.i + self.bias_mant
        theta_0 = np.asarray(self.theta_0)
        self.theta[...] = (1 - np.asarray(self.delta_theta)) * (self.theta - theta_0) + theta_0
        self.r *= 1 - np.asarray(self.delta_r)


@implements(proc=ATRLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyATRLIFModelFixed(_ATRLIF):
    """ATRLIF in fixed point."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int16, precision=16)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    i: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    theta: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    r: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    bias_mant: Any = LavaPyType(np.ndarray, np.int16, precision=13)
    bias_exp: Any = LavaPyType(np.ndarray, np.int16, precision=3)
    delta_i: Any = LavaPyType(int, np.uint16, precision=12)
    delta_v: Any = LavaPyType(int, np.uint16, precision=12)
    delta_theta: Any = LavaPyType(int, np.uint16, precision=12)
    delta_r: Any = LavaPyType(int, np.uint16, precision=12)
    theta_0: Any = LavaPyType(int, np.uint16, precision=12)
    theta_step: Any = LavaPyType(int, np.uint16, precision=12)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.isthrscaled = False

    def scale_threshold(self) -> None:
        """Scale theta_0 and theta_step by 2^6 and start theta from theta_0; called in step 1."""
        self.theta_0 = _truncated(np.asarray(self.theta_0) * 64)
        self.theta_step = _truncated(np.asarray(self.theta_step) * 64)
        self.theta[...] = self.theta_0
        self.isthrscaled = True

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance i, v, theta and r."""
        total = _decay_current(self.i, self.delta_i)
        total += integers(activation_in, "a_in") * 64.0
        current = to_int32(total)
        wrap_current(current)
        self.i[...] = current

        voltage = decay(self.v, _kept(self.delta_v))
        voltage += current
        voltage += shift_bias(self.bias_mant, self.bias_exp)
        np.clip(to_int32(voltage), np.int32(1 - UV_LIMIT), np.int32(UV_LIMIT - 1), out=self.v)

        theta_0 = np.asarray(self.theta_0).astype(np.int32)
        self.theta[...] = to_int32(decay(self.theta - theta_0, _kept(self.delta_theta)))
        self.theta += theta_0
        self.r[...] = to_int32(decay(self.r, _kept(self.delta_r)))

    def run_spk(self) -> None:
        """One step."""
        if not self.isthrscaled:
            self.scale_threshold()
        super().run_spk()


def _truncated(values: Any) -> Any:
    """Values toward zero, as int32."""
    return np.asarray(values).astype(np.int64).astype(np.int32)[()]


def _kept(delta: Any) -> Any:
    """What a decay keeps of 4096, whole: a Python int for one value, else an int64 array."""
    kept = np.asarray(4096 - np.asarray(delta) * 4096).astype(np.int64)
    return int(kept.reshape(-1)[0]) if kept.size == 1 else kept


def _decay_current(current: Array, delta: Any) -> Array:
    """Current after its decay, which keeps one part of 4096 less than those of the other states."""
    kept = np.asarray(4096 - (np.asarray(delta) * 4096 + 1))
    if kept.dtype.kind == "f":
        # The product is rounded to float64 and truncated; a division by 2^12 changes neither.
        return np.trunc(current * (kept / 4096.0))
    if kept.ndim == 0 and -(2**31) <= int(kept) < 2**31:
        product = (current.astype(np.int64) * int(kept)).astype(np.int32)
        return np.trunc(product / 4096.0)
    return decay(current, kept)
