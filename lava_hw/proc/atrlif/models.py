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

_V_MIN = np.array(1 - UV_LIMIT, dtype=np.int32)
_V_MAX = np.array(UV_LIMIT - 1, dtype=np.int32)


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
        if spike_vector.any():
            np.add(self.r, 2 * self.theta, out=self.r, where=spike_vector)
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
        self.effective_bias: Any = 0
        self._bias_seen: tuple[bytes, bytes] | None = None

    def scale_bias(self) -> None:
        """Compute `effective_bias`; it is kept until the bias changes."""
        seen = (self.bias_mant.tobytes(), self.bias_exp.tobytes())
        if seen != self._bias_seen:
            self.effective_bias = shift_bias(self.bias_mant, self.bias_exp)
            self._bias_seen = seen

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
        voltage += self.effective_bias
        np.maximum(to_int32(voltage), _V_MIN, out=self.v)
        np.minimum(self.v, _V_MAX, out=self.v)

        theta_0 = np.asarray(self.theta_0, dtype=np.int32)
        self.theta -= theta_0
        self.theta[...] = _decayed(self.theta, _kept(self.delta_theta))
        self.theta += theta_0
        self.r[...] = _decayed(self.r, _kept(self.delta_r))

    def run_spk(self) -> None:
        """One step."""
        self.scale_bias()
        if not self.isthrscaled:
            self.scale_threshold()
        super().run_spk()


def _truncated(values: Any) -> Any:
    """Values toward zero, as int32."""
    return np.asarray(values).astype(np.int64).astype(np.int32)[()]


def _kept(delta: Any) -> Any:
    """What a decay keeps of 4096, whole: a Python int for one value, else an int64 array."""
    if type(delta) is float:
        return int(4096 - delta * 4096)
    kept = np.asarray(4096 - np.asarray(delta) * 4096).astype(np.int64)
    return int(kept.reshape(-1)[0]) if kept.size == 1 else kept


def _decayed(state: Array, kept: Any) -> Array:
    """State after its decay, as whole numbers that int32 takes."""
    decayed = decay(state, kept)
    # What does not grow stays in range, and needs no wrap.
    return decayed if type(kept) is int and 0 <= kept <= 4096 else to_int32(decayed)


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
