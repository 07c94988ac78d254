"""Python models of the LIF family (Lava's path). The fixed-point ones define the arithmetic of the chip."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.neuron import LearningNeuronModelFixed, LearningNeuronModelFloat
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.lif.arithmetic import UV_LIMIT, decay, integer, shift_bias, to_int32, wrap_current
from lava_hw.proc.lif.process import LIF, LearningLIF, LIFRefractory, LIFReset, TernaryLIF

__all__ = [
    "AbstractPyLifModelFixed",
    "AbstractPyLifModelFloat",
    "PyLearningLIFModelFixed",
    "PyLearningLifModelFloat",
    "PyLifModelBitAcc",
    "PyLifModelFloat",
    "PyLifRefractoryModelFixed",
    "PyLifRefractoryModelFloat",
    "PyLifResetModelBitAcc",
    "PyLifResetModelFloat",
    "PyTernLifModelFixed",
    "PyTernLifModelFloat",
]

Array = npt.NDArray[Any]

_V_MIN = np.array(1 - UV_LIMIT, dtype=np.int32)
_V_MAX = np.array(UV_LIMIT - 1, dtype=np.int32)


class AbstractPyLifModelFloat(PyLoihiProcessModel):
    """Dynamics in floating point; a subclass defines `spiking_activation`.

    Attributes
    ----------
    s_out_buff : np.ndarray
        Spikes of the last step.
    """

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = None
    u: Any = LavaPyType(np.ndarray, float)
    v: Any = LavaPyType(np.ndarray, float)
    bias_exp: Any = LavaPyType(np.ndarray, float)
    bias_mant: Any = LavaPyType(np.ndarray, float)
    du: Any = LavaPyType(float, float)
    dv: Any = LavaPyType(float, float)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.s_out_buff: Any = None

    def spiking_activation(self) -> Array:
        """Spikes of the present voltage."""
        raise NotImplementedError(f"{type(self).__name__} must define spiking_activation().")

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u and v."""
        self.u[:] = self.u * (1 - np.asarray(self.du)) + activation_in
        self.v[:] = self.v * (1 - np.asarray(self.dv)) + self.u + self.bias_mant

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes."""
        self.v[spike_vector] = 0

    def run_spk(self) -> None:
        """One step."""
        self.subthr_dynamics(activation_in=self.a_in.recv())
        spikes = self.s_out_buff = self.spiking_activation()
        self.reset_voltage(spike_vector=spikes)
        self.s_out.send(spikes)


class AbstractPyLifModelFixed(PyLoihiProcessModel):
    """Dynamics in fixed point; a subclass defines `scale_threshold` and `spiking_activation`.

    A narrow integer source is widened to 32 bits before its input is scaled.

    Attributes
    ----------
    ds_offset, dm_offset : int
        What is added to du and dv.
    act_shift, vth_shift : int
        Left shifts of input and threshold.
    s_out_buff : np.ndarray
        Spikes of the last step.
    """

    ds_offset = 1
    dm_offset = 0
    act_shift = 6
    vth_shift = 6
    # Only to be read, by models with dynamics of their own.
    uv_bitwidth = 24
    max_uv_val = UV_LIMIT
    decay_shift = 12
    decay_unity = 4096

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int16, precision=16)
    s_out: Any = None
    u: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    v: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    du: Any = LavaPyType(int, np.uint16, precision=12)
    dv: Any = LavaPyType(int, np.uint16, precision=12)
    bias_mant: Any = LavaPyType(np.ndarray, np.int16, precision=13)
    bias_exp: Any = LavaPyType(np.ndarray, np.int16, precision=3)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.isthrscaled = False
        self.effective_bias: Any = 0
        self.s_out_buff: Any = None
        self._bias_seen: tuple[bytes, bytes] | None = None

    def scale_bias(self) -> None:
        """Compute `effective_bias`; it is kept until the bias changes."""
        seen = (self.bias_mant.tobytes(), self.bias_exp.tobytes())
        if seen != self._bias_seen:
            self.effective_bias = shift_bias(self.bias_mant, self.bias_exp)
            self._bias_seen = seen

    def scale_threshold(self) -> None:
        """Latch the threshold; called in step 1."""
        raise NotImplementedError(f"{type(self).__name__} must define scale_threshold().")

    def spiking_activation(self) -> Array:
        """Spikes of the present voltage."""
        raise NotImplementedError(f"{type(self).__name__} must define spiking_activation().")

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u and v."""
        if activation_in.dtype.kind not in "iub":
            raise TypeError(
                f"a_in received {activation_in.dtype} values; the fixed-point model needs integers. "
                "Use a fixed-point source, for example with select_tag='fixed_pt'."
            )
        total = decay(self.u, 4096 - (integer(self.du, "du") + self.ds_offset))
        total += activation_in.astype(np.int32, copy=False) * float(1 << self.act_shift)
        current = to_int32(total)
        wrap_current(current)
        self.u[...] = current

        voltage = decay(self.v, 4096 - (integer(self.dv, "dv") + self.dm_offset))
        voltage += current
        voltage += self.effective_bias
        np.maximum(to_int32(voltage), _V_MIN, out=self.v)
        np.minimum(self.v, _V_MAX, out=self.v)

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes."""
        self.v[spike_vector] = 0

    def run_spk(self) -> None:
        """One step."""
        activation = self.a_in.recv()
        self.scale_bias()
        if not self.isthrscaled:
            self.scale_threshold()
            self.isthrscaled = True
        self.subthr_dynamics(activation_in=activation)
        spikes = self.s_out_buff = self.spiking_activation()
        self.reset_voltage(spike_vector=spikes)
        self.s_out.send(spikes)


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLifModelFloat(AbstractPyLifModelFloat):
    """LIF in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth: Any = LavaPyType(float, float)

    def spiking_activation(self) -> Array:
        """V > vth."""
        return self.v > np.asarray(self.vth)


class _OneThreshold(AbstractPyLifModelFixed):
    """Dynamics in fixed point, and a spike above one threshold."""

    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32, precision=24)
    vth: Any = LavaPyType(int, np.int32, precision=17)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.effective_vth: Any = 0

    def scale_threshold(self) -> None:
        """Vth * 2^6."""
        self.effective_vth = integer(self.vth, "vth") << self.vth_shift

    def spiking_activation(self) -> Array:
        """V > vth * 2^6."""
        return self.v > self.effective_vth


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyLifModelBitAcc(_OneThreshold):
    """LIF in fixed point."""

    run_ahead = True


@implements(proc=TernaryLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyTernLifModelFloat(AbstractPyLifModelFloat):
    """TernaryLIF in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth_hi: Any = LavaPyType(float, float)
    vth_lo: Any = LavaPyType(float, float)

    def spiking_activation(self) -> Array:
        """1 above vth_hi, -1 below vth_lo."""
        return (self.v > np.asarray(self.vth_hi)).astype(float) - (self.v < np.asarray(self.vth_lo))

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes of either sign."""
        self.v[spike_vector != 0] = 0


@implements(proc=TernaryLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyTernLifModelFixed(AbstractPyLifModelFixed):
    """TernaryLIF in fixed point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int8, precision=2)
    vth_hi: Any = LavaPyType(np.ndarray, np.int32, precision=24)
    vth_lo: Any = LavaPyType(np.ndarray, np.int32, precision=24)

    def __init__(self, proc_params: Any = None) -> None:
        super().__init__(proc_params)
        self.effective_vth_hi: Any = 0
        self.effective_vth_lo: Any = 0

    def scale_threshold(self) -> None:
        """Both thresholds times 2^6, in 32 bits."""
        self.effective_vth_hi = np.left_shift(self.vth_hi, np.int32(6))
        self.effective_vth_lo = np.left_shift(self.vth_lo, np.int32(6))

    def spiking_activation(self) -> Array:
        """1 above the high threshold, -1 below the low one."""
        return (self.v > self.effective_vth_hi).astype(np.int8) - (self.v < self.effective_vth_lo).astype(
            np.int8
        )

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes of either sign."""
        self.v[spike_vector != 0] = 0


def _reset_due(model: Any) -> bool:
    """Whether a LIFReset clears its state in this step."""
    interval, offset = int(np.ravel(model.reset_interval)[0]), int(np.ravel(model.reset_offset)[0])
    return bool(model.time_step % interval == offset % interval)


@implements(proc=LIFReset, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLifResetModelFloat(AbstractPyLifModelFloat):
    """LIFReset in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth: Any = LavaPyType(float, float)
    reset_interval: Any = LavaPyType(np.ndarray, int)
    reset_offset: Any = LavaPyType(np.ndarray, int)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Clear the state if due, then advance it."""
        if _reset_due(self):
            self.u[...] = 0
            self.v[...] = 0
        super().subthr_dynamics(activation_in)

    def spiking_activation(self) -> Array:
        """V > vth."""
        return self.v > np.asarray(self.vth)


@implements(proc=LIFReset, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyLifResetModelBitAcc(_OneThreshold):
    """LIFReset in fixed point."""

    run_ahead = True
    reset_interval: Any = LavaPyType(np.ndarray, int)
    reset_offset: Any = LavaPyType(np.ndarray, int)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Clear the state if due, then advance it."""
        if _reset_due(self):
            self.u[...] = 0
            self.v[...] = 0
        super().subthr_dynamics(activation_in)


@implements(proc=LIFRefractory, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLifRefractoryModelFloat(AbstractPyLifModelFloat):
    """LIFRefractory in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth: Any = LavaPyType(float, float)
    refractory_period_end: Any = LavaPyType(np.ndarray, int)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u everywhere, v only where no rest is due."""
        self.u[:] = self.u * (1 - np.asarray(self.du)) + activation_in
        awake = self.refractory_period_end < self.time_step
        # In this order the sum is rounded as Lava's; LIF adds from left to right.
        advanced = self.v * (1 - np.asarray(self.dv)) + (self.u + self.bias_mant)
        self.v[awake] = advanced[awake]

    def spiking_activation(self) -> Array:
        """V > vth."""
        return self.v > np.asarray(self.vth)

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes, and let it rest."""
        self.v[spike_vector] = 0
        period = int(np.asarray(self.proc_params["refractory_period"]).item())
        self.refractory_period_end[spike_vector] = self.time_step + period


@implements(proc=LIFRefractory, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyLifRefractoryModelFixed(_OneThreshold):
    """LIFRefractory in fixed point. Ours: Lava has no such model."""

    run_ahead = True
    refractory_period_end: Any = LavaPyType(np.ndarray, int)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u everywhere, v only where no rest is due."""
        resting = self.refractory_period_end >= self.time_step
        before = self.v[resting]
        super().subthr_dynamics(activation_in)
        self.v[resting] = before

    def reset_voltage(self, spike_vector: Array) -> None:
        """Clear v where there are spikes, and let it rest."""
        self.v[spike_vector] = 0
        period = int(np.asarray(self.proc_params["refractory_period"]).item())
        self.refractory_period_end[spike_vector] = self.time_step + period


@implements(proc=LearningLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyLearningLIFModelFixed(LearningNeuronModelFixed, _OneThreshold):
    """LearningLIF in fixed point."""

    run_ahead = True

    def run_spk(self) -> None:
        """One step of LIF, then what a learning connection needs."""
        super().run_spk()
        self.serve_learning(self.s_out_buff)


@implements(proc=LearningLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLearningLifModelFloat(LearningNeuronModelFloat, PyLifModelFloat):
    """LearningLIF in floating point."""

    run_ahead = True

    def run_spk(self) -> None:
        """One step of LIF, then what a learning connection needs."""
        super().run_spk()
        self.serve_learning(self.s_out_buff)
