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
from lava_hw.proc.batches import one_by_one
from lava_hw.proc.compiled import Steps, float_lif_steps
from lava_hw.proc.lif.fixed import AbstractPyLifModelFixed, OneThreshold
from lava_hw.proc.lif.process import LIF, LearningLIF, LIFRefractory, LIFReset, TernaryLIF
from lava_hw.proc.lif.steps import AbstractLifModel, CompiledLif

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


class AbstractPyLifModelFloat(AbstractLifModel):
    """Dynamics in floating point; a subclass defines `spiking_activation`."""

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = None
    u: Any = LavaPyType(np.ndarray, float)
    v: Any = LavaPyType(np.ndarray, float)
    bias_exp: Any = LavaPyType(np.ndarray, float)
    bias_mant: Any = LavaPyType(np.ndarray, float)
    du: Any = LavaPyType(float, float)
    dv: Any = LavaPyType(float, float)

    def subthr_dynamics(self, activation_in: Array) -> None:
        """Advance u and v."""
        self.u[:] = self.u * (1 - np.asarray(self.du)) + activation_in
        self.v[:] = self.v * (1 - np.asarray(self.dv)) + self.u + self.bias_mant


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLifModelFloat(CompiledLif, AbstractPyLifModelFloat):
    """LIF in floating point."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, float)
    vth: Any = LavaPyType(float, float)

    def spiking_activation(self) -> Array:
        """V > vth."""
        return self.v > np.asarray(self.vth)

    def _compiled(self) -> Steps | None:
        """See CompiledLif."""
        kept = 1 - np.asarray(self.du), 1 - np.asarray(self.dv)
        return float_lif_steps(self.u, self.v, self.bias_mant, *kept, np.asarray(self.vth))


@implements(proc=LIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyLifModelBitAcc(OneThreshold):
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
class PyLifResetModelBitAcc(OneThreshold):
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
class PyLifRefractoryModelFixed(OneThreshold):
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


class _ServesLearning(PyLoihiProcessModel):
    """A mixin before the models of LearningLIF and LIF."""

    s_out_buff: Any
    serve_learning: Any

    def run_spk(self) -> None:
        """One step of LIF, then what a learning connection needs."""
        super().run_spk()
        self.serve_learning(self.s_out_buff)

    def run_batch(self, steps: int) -> None:
        """Several steps, one by one: what is sent in one may come back in it."""
        one_by_one(self, steps)


@implements(proc=LearningLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PyLearningLIFModelFixed(_ServesLearning, LearningNeuronModelFixed, OneThreshold):
    """LearningLIF in fixed point."""

    run_ahead = True


@implements(proc=LearningLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class PyLearningLifModelFloat(_ServesLearning, LearningNeuronModelFloat, PyLifModelFloat):
    """LearningLIF in floating point."""

    run_ahead = True
