"""Python models of readout and allocation (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires, tag
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.clp.nsm.process import Allocator, Readout

__all__ = ["PyAllocatorModel", "PyReadoutModel"]


@implements(proc=Readout, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyReadoutModel(PyLoihiProcessModel):
    """Readout."""

    run_ahead = True
    inference_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32, precision=24)
    label_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    user_output: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    trigger_alloc: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    feedback: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    proto_labels: Any = LavaPyType(np.ndarray, np.int32)
    last_winner_id: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """One step."""
        active = np.flatnonzero(self.inference_in.recv())
        label = self.label_in.recv()[0]
        answer = feedback = 0
        if active.size:
            winner = active[0]
            self.last_winner_id[...] = winner
            if self.proto_labels[winner] == 0:
                self.proto_labels[winner] = -(winner + 1)
            answer = self.proto_labels[winner]
        if label != 0:
            last = self.last_winner_id[0]
            known = self.proto_labels[last]
            if known > 0:
                feedback = 1 if known == label else -1
            elif known < 0:
                self.proto_labels[last] = answer = label
        self.user_output.send(np.array([answer]))
        self.feedback.send(np.array([feedback]))
        self.trigger_alloc.send(np.array([feedback < 0]))


@implements(proc=Allocator, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class PyAllocatorModel(PyLoihiProcessModel):
    """Allocator."""

    run_ahead = True
    trigger_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    allocate_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    next_alloc_id: Any = LavaPyType(np.ndarray, np.int32)
    n_protos: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """One step."""
        triggered = self.trigger_in.recv() != 0
        self.allocate_out.send(self.next_alloc_id * triggered)
        self.next_alloc_id += triggered
