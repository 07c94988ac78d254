"""Python model of PrototypeLIF (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.neuron import LearningNeuronModelFixed
from lava_hw.magma.core.model.py.ports import PyInPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.batches import one_by_one
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF
from lava_hw.proc.lif.models import PyLifModelBitAcc

__all__ = ["PrototypeLIFBitAcc"]

_ONE_SHOT = 127
"""The largest value of a trace: a prototype is learnt at once."""


@implements(proc=PrototypeLIF, protocol=LoihiProtocol)
@requires(CPU)
@tag("bit_accurate_loihi", "fixed_pt")
class PrototypeLIFBitAcc(LearningNeuronModelFixed, PyLifModelBitAcc):
    """PrototypeLIF in fixed point."""

    run_ahead = True
    reset_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=1)

    def run_spk(self) -> None:
        """One step."""
        activation = self.a_in.recv()
        chosen = int(self.a_third_factor_in.recv().reshape(-1)[0])
        reset = self.reset_in.recv() > 0
        if not 0 <= chosen <= self.v.size:
            raise IndexError(
                f"a_third_factor_in received {chosen}; 1 to {self.v.size} name a neuron, 0 none."
            )
        self.scale_bias()
        if not self.isthrscaled:
            self.scale_threshold()
            self.isthrscaled = True
        self.subthr_dynamics(activation_in=activation)
        self.u[reset] = 0
        self.v[reset] = 0
        spikes = self.spiking_activation()
        learning = np.zeros(self.v.shape, dtype=bool)
        if chosen != 0:
            learning.reshape(-1)[chosen - 1] = True
            self.y1[...] = learning * _ONE_SHOT
            spikes = learning.copy()
        self.s_out_buff = spikes
        self.s_out.send(spikes)
        self.s_out_bap.send(learning)
        self.s_out_y1.send(self.y1)
        self.s_out_y2.send(self.y2)
        self.s_out_y3.send(self.y3)
        self.reset_voltage(spike_vector=spikes)

    def run_batch(self, steps: int) -> None:
        """Several steps, one by one: what is sent in one may come back in it."""
        one_by_one(self, steps)
