"""Python models of receivers (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.receiver.process import Receiver, Receiver32Bit

__all__ = ["Receiver32BitModel", "ReceiverModel"]


@implements(proc=Receiver, protocol=LoihiProtocol)
@requires(CPU)
class ReceiverModel(PyLoihiProcessModel):
    """Receiver."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, int)
    payload: Any = LavaPyType(np.ndarray, int, 32)

    def run_spk(self) -> None:
        """One step."""
        self.payload[...] = self.a_in.recv()


@implements(proc=Receiver32Bit, protocol=LoihiProtocol)
@requires(CPU)
class Receiver32BitModel(PyLoihiProcessModel):
    """Receiver32Bit. Ours: Lava has no model for the CPU."""

    run_ahead = True
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int64)
    payload_last_bytes: Any = LavaPyType(np.ndarray, np.int64)
    payload_first_byte: Any = LavaPyType(np.ndarray, np.int64)

    def run_spk(self) -> None:
        """One step."""
        payload = self.a_in.recv().astype(np.int64)
        self.payload_last_bytes[...] = payload & 0xFFFFFF
        # A negative payload has a negative first byte, so that the sum of both parts is the payload.
        self.payload_first_byte[...] = payload >> 24
