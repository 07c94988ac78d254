"""Python models of neurons that send a payload at a fixed rate (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.spiker.process import Spiker, Spiker32bit

__all__ = ["Spiker32bitModel", "SpikerModel"]


@implements(proc=Spiker, protocol=LoihiProtocol)
@requires(CPU)
class SpikerModel(PyLoihiProcessModel):
    """Spiker."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, int)
    rate: Any = LavaPyType(np.ndarray, int, 32)
    counter: Any = LavaPyType(np.ndarray, int, 32)
    payload: Any = LavaPyType(np.ndarray, int, 32)

    def run_spk(self) -> None:
        """One step."""
        fires = self.counter == self.rate
        self.s_out.send(self.payload * fires)
        self.counter += 1
        self.counter[fires] = 1


@implements(proc=Spiker32bit, protocol=LoihiProtocol)
@requires(CPU)
class Spiker32bitModel(PyLoihiProcessModel):
    """Spiker32bit. Ours: Lava has no model for the CPU."""

    run_ahead = True
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int64)
    counter: Any = LavaPyType(np.ndarray, int, 32)

    def run_spk(self) -> None:
        """One step."""
        fires = self.counter == self.proc_params["period"]
        self.s_out.send(self.proc_params["payload"] * fires)
        self.counter += 1
        self.counter[fires] = 1
