"""Python model of IdBroadcast (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.clp.id_broadcast.process import IdBroadcast

__all__ = ["IdBroadcastModel"]


@implements(proc=IdBroadcast, protocol=LoihiProtocol)
@requires(CPU)
class IdBroadcastModel(PyLoihiProcessModel):
    """IdBroadcast."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, int)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, int)
    val: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """One step."""
        received = self.a_in.recv()
        self.val[...] = received
        self.s_out.send(received)
