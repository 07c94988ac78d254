"""User-written Python processes that the fuzz puts between populations, with plain Python models."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol


class _Between(AbstractProcess):
    def __init__(self, *, shape: tuple[int, ...], name: str | None = None, seed: int = 0) -> None:
        super().__init__(shape=shape, name=name, seed=seed)
        self.inp = InPort(shape=shape)
        self.out = OutPort(shape=shape)
        self.state = Var(shape=shape, init=0)


class Echo(_Between):
    """Sends what it receives in the same step."""


class Accumulate(_Between):
    """Sends, in the same step, a running signed value of what it received: 32-bit graded values."""


class Toggle(_Between):
    """Sends a spike in every second step in which it received one, in the same step."""


class _PyBetween(PyLoihiProcessModel):
    inp: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    state: Any = LavaPyType(np.ndarray, np.int32)


@implements(proc=Echo, protocol=LoihiProtocol)
@requires(CPU)
class PyEcho(_PyBetween):
    def run_spk(self) -> None:
        self.out.send(self.inp.recv())


@implements(proc=Accumulate, protocol=LoihiProtocol)
@requires(CPU)
class PyAccumulate(_PyBetween):
    def run_spk(self) -> None:
        spikes = self.inp.recv()
        scale = np.int64(1 + self.proc_params["seed"] % 40000)
        wide = self.state.astype(np.int64) * -3 + spikes * scale
        self.state[:] = (wide + 2**31) % 2**32 - 2**31
        self.out.send(self.state)


@implements(proc=Toggle, protocol=LoihiProtocol)
@requires(CPU)
class PyToggle(_PyBetween):
    def run_spk(self) -> None:
        spikes = self.inp.recv() != 0
        self.out.send(((self.state == 1) & spikes).astype(np.int32))
        self.state[spikes] ^= 1
