"""Processes such as users write, for the random networks: noise, hierarchy, guards, RefPorts."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort, PyRefPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.process.ports.ports import InPort, OutPort, RefPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.dense.process import Dense
from lava_hw.proc.io.encoder import Compression, DeltaEncoder
from lava_hw.proc.lif.process import LIF


class Noise(AbstractProcess):
    """Sends numbers of numpy's global generator, of which each model has a state of its own."""

    def __init__(self, *, shape: tuple[int, ...], most: int) -> None:
        super().__init__(shape=shape, most=most)
        self.s_out = OutPort(shape=shape)
        self.sent = Var(shape=shape, init=0)


class Rounder(AbstractProcess):
    """Makes whole numbers of floats, for models in fixed point."""

    def __init__(self, *, shape: tuple[int, ...]) -> None:
        super().__init__(shape=shape)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.last = Var(shape=shape, init=0)


class Where(AbstractProcess):
    """Tells in which process of the operating system its model runs: a difference that must be seen."""

    def __init__(self, *, shape: tuple[int, ...]) -> None:
        super().__init__(shape=shape)
        self.a_in = InPort(shape=shape)
        self.process_id = Var(shape=(1,), init=0)


class Managed(AbstractProcess):
    """Sends its input, plus what its management phases have made of it in earlier steps."""

    def __init__(self, *, shape: tuple[int, ...], every: int) -> None:
        super().__init__(shape=shape, every=every)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.kept = Var(shape=shape, init=0)
        self.phases = Var(shape=(4,), init=0)


class Burst(AbstractProcess):
    """Sends several messages in a step, to a `Gather`."""

    def __init__(self, *, shape: tuple[int, ...], count: int) -> None:
        super().__init__(shape=shape, count=count)
        self.a_in = InPort(shape=shape)
        self.many_out = OutPort(shape=shape)


class Gather(AbstractProcess):
    """Receives several messages in a step, and sends their sum weighted by their order."""

    def __init__(self, *, shape: tuple[int, ...], count: int) -> None:
        super().__init__(shape=shape, count=count)
        self.many_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)


class Bursts(AbstractProcess):
    """A `Burst` and its `Gather`, as a network."""

    def __init__(self, *, shape: tuple[int, ...], count: int) -> None:
        super().__init__(shape=shape, count=count)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)


class Unpack(AbstractProcess):
    """Receives values and places, and sends them as an array; places beyond its end begin anew."""

    def __init__(self, *, shape: tuple[int, ...]) -> None:
        super().__init__(shape=shape)
        self.pairs_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)


class Encoded(AbstractProcess):
    """A DeltaEncoder with sparse or packed messages and an `Unpack`, as a network."""

    def __init__(self, *, shape: tuple[int, ...], vth: int, compression: Compression) -> None:
        super().__init__(shape=shape, vth=vth, compression=compression)
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)


class Layer(AbstractProcess):
    """A Dense and a LIF, as a network whose Vars are aliases."""

    def __init__(self, *, weights: Any, du: Any, dv: Any, vth: Any) -> None:
        super().__init__(weights=weights, du=du, dv=dv, vth=vth)
        rows, columns = np.shape(weights)
        self.s_in = InPort(shape=(columns,))
        self.s_out = OutPort(shape=(rows,))
        self.u = Var(shape=(rows,), init=0)
        self.v = Var(shape=(rows,), init=0)
        self.weights = Var(shape=(rows, columns), init=weights)


class Poke(AbstractProcess):
    """At the end of some steps reads a Var of another process and writes something else into it."""

    def __init__(self, *, interval: int, offset: int) -> None:
        super().__init__(interval=interval, offset=offset)
        self.state = RefPort((1,))

    def connect_var(self, var: Var) -> None:
        """Say which Var."""
        self.state = RefPort(var.shape)
        self.seen = Var(shape=var.shape, init=0)
        self.state.connect_var(var)


@implements(proc=Noise, protocol=LoihiProtocol)
@requires(CPU)
class PyNoise(PyLoihiProcessModel):
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    sent: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        most = self.proc_params["most"]
        self.sent = np.random.randint(-most, most + 1, self.s_out.shape)  # noqa: NPY002
        self.s_out.send(self.sent)


@implements(proc=Rounder, protocol=LoihiProtocol)
@requires(CPU)
class PyRounder(PyLoihiProcessModel):
    run_ahead = True

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, float)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    last: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        known = np.nan_to_num(self.a_in.recv(), posinf=100, neginf=-100)
        self.last = np.clip(np.rint(known), -100, 100).astype(np.int32)
        self.s_out.send(self.last)


@implements(proc=Where, protocol=LoihiProtocol)
@requires(CPU)
class PyWhere(PyLoihiProcessModel):
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    process_id: Any = LavaPyType(np.ndarray, np.int64)

    def run_spk(self) -> None:
        self.a_in.recv()
        self.process_id[0] = os.getpid()


@implements(proc=Managed, protocol=LoihiProtocol)
@requires(CPU)
class PyManaged(PyLoihiProcessModel):
    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    kept: Any = LavaPyType(np.ndarray, np.int32)
    phases: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        received = self.a_in.recv()
        self.phases[0] += 1
        self.s_out.send(received + self.kept)
        self.kept = self.kept // 2 + received

    def pre_guard(self) -> bool:
        return self.time_step % 2 == 0

    def run_pre_mgmt(self) -> None:
        self.phases[1] += self.time_step
        self.kept = -self.kept

    def lrn_guard(self) -> bool:
        return bool(self.time_step % self.proc_params["every"] == 0)

    def run_lrn(self) -> None:
        self.phases[2] += self.time_step
        self.kept = self.kept + 1

    def post_guard(self) -> bool:
        return bool(self.time_step % (self.proc_params["every"] + 1) == 0)

    def run_post_mgmt(self) -> None:
        self.phases[3] += self.time_step
        self.kept = self.kept - 3


@implements(proc=Burst, protocol=LoihiProtocol)
@requires(CPU)
class PyBurst(PyLoihiProcessModel):
    run_ahead = True

    a_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    many_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_spk(self) -> None:
        received = self.a_in.recv()
        for _ in range(self.proc_params["count"]):
            self.many_out.send(received)
            received += 1000  # what was sent must not change


@implements(proc=Gather, protocol=LoihiProtocol)
@requires(CPU)
class PyGather(PyLoihiProcessModel):
    run_ahead = True

    many_in: Any = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_spk(self) -> None:
        total = np.zeros(self.s_out.shape, np.int32)
        for k in range(self.proc_params["count"]):
            total += (k + 1) * self.many_in.recv()
        self.s_out.send(total)


@implements(proc=Bursts, protocol=LoihiProtocol)
class BurstsNetwork(AbstractSubProcessModel):
    def __init__(self, proc: AbstractProcess) -> None:
        shape, count = proc.proc_params["shape"], proc.proc_params["count"]
        self.burst = Burst(shape=shape, count=count)
        self.gather = Gather(shape=shape, count=count)
        proc.in_ports.a_in.connect(self.burst.in_ports.a_in)
        self.burst.out_ports.many_out.connect(self.gather.in_ports.many_in)
        self.gather.out_ports.s_out.connect(proc.out_ports.s_out)


@implements(proc=Unpack, protocol=LoihiProtocol)
@requires(CPU)
class PyUnpack(PyLoihiProcessModel):
    run_ahead = True

    pairs_in: Any = LavaPyType(PyInPort.VEC_SPARSE, np.int32)
    s_out: Any = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_spk(self) -> None:
        values, places = self.pairs_in.recv()
        total = np.zeros(self.s_out.shape, np.int32)
        np.add.at(total.reshape(-1), places % total.size, values)
        self.s_out.send(total)


@implements(proc=Encoded, protocol=LoihiProtocol)
class EncodedNetwork(AbstractSubProcessModel):
    def __init__(self, proc: AbstractProcess) -> None:
        given = proc.proc_params
        self.encoder = DeltaEncoder(shape=given["shape"], vth=given["vth"], compression=given["compression"])
        self.unpack = Unpack(shape=given["shape"])
        proc.in_ports.a_in.connect(self.encoder.in_ports.a_in)
        self.encoder.out_ports.s_out.connect(self.unpack.in_ports.pairs_in)
        self.unpack.out_ports.s_out.connect(proc.out_ports.s_out)


@implements(proc=Layer, protocol=LoihiProtocol)
class LayerNetwork(AbstractSubProcessModel):
    def __init__(self, proc: AbstractProcess) -> None:
        given = proc.proc_params
        self.dense = Dense(weights=given["weights"])
        rows = proc.out_ports.s_out.shape
        self.lif = LIF(shape=rows, du=given["du"], dv=given["dv"], vth=given["vth"])
        proc.in_ports.s_in.connect(self.dense.in_ports.s_in)
        self.dense.out_ports.a_out.connect(self.lif.in_ports.a_in)
        self.lif.out_ports.s_out.connect(proc.out_ports.s_out)
        proc.vars.u.alias(self.lif.vars.u)
        proc.vars.v.alias(self.lif.vars.v)
        proc.vars.weights.alias(self.dense.vars.weights)


@implements(proc=Poke, protocol=LoihiProtocol)
@requires(CPU)
class PyPoke(PyLoihiProcessModel):
    state: Any = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    seen: Any = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        pass

    def post_guard(self) -> bool:
        return bool(self.time_step % self.proc_params["interval"] == self.proc_params["offset"])

    def run_post_mgmt(self) -> None:
        self.seen = self.state.read()
        self.state.write(self.seen // 2 - self.time_step)
