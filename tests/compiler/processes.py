"""Processes and short-hands that the tests of the compiler share."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from lava_hw import LIF, Dense, HwRunCfg
from lava_hw.compiler.legalise import legalise
from lava_hw.compiler.lower import lower_network
from lava_hw.compiler.types import Legal
from lava_hw.graph import Flat, flatten
from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol


class Outside(AbstractProcess):
    """A process without a chip model: one port in, one port out, and a count of what came in."""

    def __init__(self, shape: tuple[int, ...], name: str | None = None) -> None:
        super().__init__(shape=shape, name=name)
        self.inp = InPort(shape=shape)
        self.out = OutPort(shape=shape)
        self.total = Var(shape=shape, init=0)


class Answers(Outside):
    """Sends in a step what it made of the input of that step."""


class Leads(Outside):
    """Sends before it receives."""


class Unclear(Outside):
    """Its code does not tell which comes first."""


class Says(Outside):
    """Its code does not tell, but its class does."""


class _Model(PyLoihiProcessModel):
    inp = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    out = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    total = LavaPyType(np.ndarray, np.int32)


@implements(proc=Answers, protocol=LoihiProtocol)
@requires(CPU)
class PyAnswers(_Model):
    """See `Answers`."""

    def run_spk(self) -> None:
        self.total[:] += self.inp.recv()
        self.out.send(self.total * 3 - 7)


@implements(proc=Leads, protocol=LoihiProtocol)
@requires(CPU)
class PyLeads(_Model):
    """See `Leads`."""

    def run_spk(self) -> None:
        self.out.send(self.total)
        self.total[:] += self.inp.recv()


@implements(proc=Unclear, protocol=LoihiProtocol)
@requires(CPU)
class PyUnclear(_Model):
    """See `Unclear`."""

    def run_spk(self) -> None:
        if self.time_step > 1:
            self.total[:] += self.inp.recv()
        self.out.send(self.total)


@implements(proc=Says, protocol=LoihiProtocol)
@requires(CPU)
class PySays(PyUnclear):
    """See `Says`."""

    sends_first = True


def lif(shape: int | tuple[int, ...], seed: int = 0, **given: Any) -> LIF:
    """Neurons that spike now and then by themselves."""
    shape = shape if isinstance(shape, tuple) else (shape,)
    bias = np.random.default_rng(seed).integers(-20, 40, shape)
    return LIF(shape=shape, **{"vth": 3, "du": 200, "dv": 100, "bias_mant": bias, "bias_exp": 2, **given})


def dense(rows: int, columns: int, seed: int = 0, low: int = -100, high: int = 100, **given: Any) -> Dense:
    """A Dense with random weights; even ones, if they have both signs."""
    step = 2 if low < 0 < high else 1
    weights = step * np.random.default_rng(seed + 1000).integers(low // step, high // step, (rows, columns))
    return Dense(weights=weights, **given)


def chain(*processes: Any) -> None:
    """Connect the out port of each process with the in port of the next."""
    for one, two in pairwise(processes):
        one.out_ports.members[0].connect(two.in_ports.members[0])


def flat(*processes: AbstractProcess, **options: Any) -> Flat:
    """The network with everything on the chip that can be there."""
    return flatten(list(processes), HwRunCfg(device="golden", **options))


def legal(*processes: AbstractProcess, outputs: tuple[str, ...] = (), **options: Any) -> Legal:
    """The network after the pass legalise."""
    return legalise(lower_network(flat(*processes)), outputs, **options)
