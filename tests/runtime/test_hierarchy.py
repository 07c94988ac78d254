"""Processes inside processes, protocols and domains beside each other: what passes through them in a run."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    AbstractSubProcessModel,
    AsyncProtocol,
    Dense,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    OutPort,
    PyAsyncProcessModel,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    PyRefPort,
    RefPort,
    RunSteps,
    Sink,
    Source,
    Var,
    VarPort,
    implements,
)
from lava_hw.magma.core.model.py.ports import PyVarPort
from lava_hw.magma.core.sync.domain import SyncDomain
from lava_hw.proc.lif.models import PyLifModelBitAcc, PyLifModelFloat
from tests.runtime.processes import Adder, Counter, Toucher, ToucherModel

CFG = Loihi2SimCfg()
FIXED = Loihi2SimCfg(select_tag="fixed_pt")


# ------------------------------------------------------------------------- ports of parents and their parts
class Layer(AbstractProcess):
    """A Dense and a LIF whose ports have other shapes than those of the parts."""

    def __init__(self, weights, **kwargs):
        super().__init__(weights=weights, **kwargs)
        n_out, n_in = weights.shape
        self.image = InPort((2, n_in // 2))
        self.spikes = OutPort((n_out // 2, 2))
        self.u = Var((n_out,), init=0)
        self.peeked = VarPort(self.u)


@implements(proc=Layer, protocol=LoihiProtocol)
class LayerModel(AbstractSubProcessModel):
    def __init__(self, proc):
        weights = proc.proc_params["weights"]
        self.dense = Dense(weights=weights)
        self.neurons = LIF(shape=(weights.shape[0],), du=500, vth=60)
        proc.in_ports.image.transpose().flatten().connect(self.dense.s_in)
        self.dense.a_out.connect(self.neurons.a_in)
        self.neurons.s_out.reshape(proc.spikes.shape).connect(proc.out_ports.spikes)
        proc.vars.u.alias(self.neurons.vars.u)


def test_views_between_a_process_and_its_parts():
    rng = np.random.default_rng(4)
    data, first, second = (
        rng.integers(0, 2, (2, 3, 30)),
        2 * rng.integers(-30, 60, (8, 6)),
        2 * rng.integers(-30, 60, (4, 8)),
    )
    source, one, two = Source(data=data), Layer(first, name="one"), Layer(second)
    sink = Sink(shape=(4,), buffer=30)
    source.s_out.connect(one.image)
    one.spikes.transpose().connect(two.image)
    two.spikes.flatten().connect(sink.a_in)
    monitor = Monitor()
    monitor.probe(one.u, 30)
    with source:
        source.run(RunSteps(30), FIXED)
        found, inside = sink.data.get(), monitor.get_data()["one"]["u"]

    # The same from plain parts, each array brought into order by numpy.
    source = Source(data=data.transpose(1, 0, 2).reshape(6, 30))
    dense, neurons = Dense(weights=first), LIF(shape=(8,), du=500, vth=60)
    # one.spikes is (4, 2); transposed it is the image (2, 4), which the second layer transposes back.
    second_dense, second_neurons = Dense(weights=second), LIF(shape=(4,), du=500, vth=60)
    sink, monitor = Sink(shape=(4,), buffer=30), Monitor()
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(neurons.a_in)
    neurons.s_out.connect(second_dense.s_in)
    second_dense.a_out.connect(second_neurons.a_in)
    second_neurons.s_out.connect(sink.a_in)
    monitor.probe(neurons.u, 30)
    with source:
        source.run(RunSteps(30), FIXED)
        np.testing.assert_array_equal(found, sink.data.get())
        np.testing.assert_array_equal(inside, monitor.get_data()[neurons.name]["u"])
    assert found.any()


# ------------------------------------------------------------------------- references through a hierarchy
class Owner(Counter):
    """Has a VarPort of its own, which its model declares."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.door = VarPort(self.state)


@implements(proc=Owner, protocol=LoihiProtocol)
class OwnerModel(PyLoihiProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    state: np.ndarray = LavaPyType(np.ndarray, np.int32)
    door: PyVarPort = LavaPyType(PyVarPort.VEC_DENSE, np.int32)

    def run_spk(self):
        self.state += 1
        self.out.send(self.state)


def write_and_note(model):
    model.note()
    if model.time_step == 2:
        model.ref.write(np.array([100]))


def test_an_explicit_var_port():
    owner, toucher = Owner(), Toucher(post=write_and_note)
    toucher.ref.connect(owner.door)
    with owner:
        owner.run(RunSteps(3), CFG)
        assert toucher.seen.get()[:4].tolist() == [1, 2, 101, -1]
        assert owner.state.get() == [101]


class OuterOwner(AbstractProcess):
    """Its VarPort leads to that of its part."""

    def __init__(self):
        super().__init__()
        self.state = Var((1,), init=0)
        self.door = VarPort(self.state)


@implements(proc=OuterOwner, protocol=LoihiProtocol)
class OuterOwnerModel(AbstractSubProcessModel):
    def __init__(self, proc):
        self.owner = Owner()
        proc.var_ports.door.connect(self.owner.var_ports.door)
        proc.vars.state.alias(self.owner.vars.state)


class OuterToucher(AbstractProcess):
    """Its part's RefPort leads to its own."""

    def __init__(self):
        super().__init__()
        self.ref = RefPort((1,))
        self.seen = Var((20,), init=-1)


@implements(proc=OuterToucher, protocol=LoihiProtocol)
class OuterToucherModel(AbstractSubProcessModel):
    def __init__(self, proc):
        self.toucher = Toucher(post=write_and_note)
        self.toucher.ref_ports.ref.connect(proc.ref_ports.ref)
        proc.vars.seen.alias(self.toucher.vars.seen)


@pytest.mark.parametrize("by", ["port", "var"])
@pytest.mark.parametrize("outer_toucher", [False, True])
def test_references_through_both_hierarchies(by, outer_toucher):
    owner = OuterOwner()
    toucher = OuterToucher() if outer_toucher else Toucher(post=write_and_note)
    if by == "port":
        toucher.ref.connect(owner.door)
    else:
        toucher.ref.connect_var(owner.state)
    with owner:
        owner.run(RunSteps(3), CFG)
        assert toucher.seen.get()[:4].tolist() == [1, 2, 101, -1]
        assert owner.state.get() == [101]


class Rows(Toucher):
    """Reads a matrix as a row."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.ref = RefPort((6,))


@implements(proc=Rows, protocol=LoihiProtocol)
class RowsModel(ToucherModel):
    ref: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, float)


def test_a_reference_through_two_views():
    start = np.arange(6).reshape(2, 3)

    def post(model):
        model.seen[:6] = model.ref.read()
        model.ref.write(model.seen[:6] * 10)

    lif, rows = LIF(shape=(2, 3), u=start, vth=131071), Rows(post=post)
    rows.ref.reshape((3, 2)).transpose().connect_var(lif.u)
    with lif:
        lif.run(RunSteps(1), CFG)
        assert rows.seen.get()[:6].tolist() == start.T.ravel().tolist()
        np.testing.assert_array_equal(lif.u.get(), 10 * start)


# ------------------------------------------------------------------------- protocols and domains
class Slow(AbstractProcess):
    """Takes two messages for each that it sends."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp, self.out = InPort((1,)), OutPort((1,))


@implements(proc=Slow, protocol=AsyncProtocol)
class SlowModel(PyAsyncProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)

    def run_async(self):
        for _ in range(self.num_steps):
            self.out.send(self.inp.recv() * 100 + self.inp.recv())


class Double(Counter):
    """Sends two messages a step."""


@implements(proc=Double, protocol=LoihiProtocol)
class DoubleModel(PyLoihiProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    state: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        for _ in range(2):
            self.state += 1
            self.out.send(self.state)


@pytest.mark.parametrize("custom", [False, True])
def test_several_protocols_and_domains_in_one_network(custom):
    """Domains are held together by their channels alone; each gets the steps of a run."""
    double, slow, adder = Double(), Slow(), Adder()
    double.out.connect(slow.inp)
    slow.out.connect(adder.inp)
    domains = [
        SyncDomain("first", LoihiProtocol(), [double]),
        SyncDomain("free", AsyncProtocol(), [slow]),
        SyncDomain("last", LoihiProtocol(), [adder]),
    ]
    with adder:
        adder.run(RunSteps(3), Loihi2SimCfg(custom_sync_domains=domains if custom else None))
        assert adder.total.get() == [102 + 304 + 506]
        adder.run(RunSteps(1))
        assert adder.total.get() == [102 + 304 + 506 + 708]
        assert double.state.get() == [8]


# ------------------------------------------------------------------------- configurations of users
class FloatBut(Loihi2SimCfg):
    """Floating point, but for processes of certain names; as users derive it."""

    def __init__(self, exact, **kwargs):
        super().__init__(**kwargs)
        self.exact, self.asked = exact, []

    def select(self, process, proc_models):
        self.asked.append(process.name)
        if process.name in self.exact:
            return next(m for m in proc_models if "fixed_pt" in m.tags)
        return super().select(process, proc_models)


def test_a_derived_configuration_decides_for_parts_too():
    class Pair(AbstractProcess):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.out = OutPort((1,))

    @implements(proc=Pair, protocol=LoihiProtocol)
    class PairModel(AbstractSubProcessModel):
        def __init__(self, proc):
            self.one, self.two = LIF(shape=(1,), name="exact"), LIF(shape=(1,), name="other")
            self.one.s_out.connect(self.two.a_in)
            self.two.s_out.connect(proc.out_ports.out)

    pair = Pair(name="pair")
    cfg = FloatBut(["exact"])
    with pair:
        pair.run(RunSteps(1), cfg)
        assert pair.procs.one.model_class is PyLifModelBitAcc
        assert pair.procs.two.model_class is PyLifModelFloat
    assert sorted(cfg.asked) == ["exact", "other", "pair"]
