"""Isolation of models, probe, asynchronous models, domains."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from lava_hw import (
    AbstractProcess,
    AsyncProtocol,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyAsyncProcessModel,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunContinuous,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
)
from lava_hw.magma.core.model.py.model import PyLoihiModelToPyAsyncModel
from lava_hw.magma.core.sync.domain import SyncDomain
from lava_hw.runtime.errors import ModelError
from tests.runtime.processes import Adder, AdderModel, Counter, CounterModel

CFG = Loihi2SimCfg()


class Sender(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.out = OutPort((3,))
        self.w = Var((3,), init=kwargs.get("w", 0))


@implements(proc=Sender, protocol=LoihiProtocol)
class SenderModel(PyLoihiProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    w: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        self.w += 100
        self.out.send(self.w)
        self.w[:] -= 1  # after sending: must not be seen
        self.proc_params["table"][0] += 1


class Receiver(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp = InPort((3,))
        self.log = Var((3, 10), init=0)
        self.kind = Var((10,), init=0)


@implements(proc=Receiver, protocol=LoihiProtocol)
class ReceiverModel(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int16)
    log: np.ndarray = LavaPyType(np.ndarray, int)
    kind: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        got = self.inp.recv()
        self.kind[self.time_step - 1] = got.dtype.itemsize
        got *= 2  # a receiver may write into what it got
        self.log[:, self.time_step - 1] = got


def test_messages_and_parameters_belong_to_one_model_each():
    given, table = np.array([1, 2, 3]), [0]
    sender, one, two = Sender(w=given, table=table), Receiver(), Receiver()
    sender.out.connect([one.inp, two.inp])
    with sender:
        sender.run(RunSteps(2), CFG)
        assert sender.w.get().tolist() == [199, 200, 201]
        for receiver in (one, two):
            assert receiver.log.get()[:, :2].T.tolist() == [[202, 204, 206], [400, 402, 404]]
            assert receiver.kind.get()[:2].tolist() == [4, 4]  # int16 declared, int32 received
    assert given.tolist() == [1, 2, 3]
    assert table == [0]


def test_parameters_that_cannot_be_copied_are_shared():
    lock, other = threading.Lock(), Counter()
    counter = Counter(
        lock=lock, other=other, action=lambda model: model.state.__iadd__(model.proc_params["lock"] is lock)
    )
    with counter:
        counter.run(RunSteps(1), CFG)
        assert counter.state.get() == [2]


def test_sums_of_several_sources_in_order_of_types():
    sources = [Source(data=np.full((3, 1), k)) for k in (1, 20, 300)]
    receiver = Receiver()
    for source in sources:
        source.s_out.connect(receiver.inp)
    with receiver:
        receiver.run(RunSteps(2), Loihi2SimCfg(select_tag="fixed_pt"))
        assert receiver.log.get()[:, 1].tolist() == [642] * 3


def test_unconnected_ports():
    receiver, sender = Receiver(), Sender(table=[0])
    with receiver, sender:
        receiver.run(RunSteps(1), CFG)
        sender.run(RunSteps(1), CFG)
        assert receiver.kind.get()[0] == 2
        assert sender.w.get()[0] == 99


class Chooser(AbstractProcess):
    """Probes, and receives only if something is there."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp = InPort((1,))
        self.seen = Var((20,), init=-1)


@implements(proc=Chooser, protocol=LoihiProtocol)
class ChooserModel(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)
    seen: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        if self.inp.probe():
            assert self.inp.peek() == self.inp.peek()
            self.seen[self.time_step - 1] = self.inp.recv()[0]


class Rare(Counter):
    pass


@implements(proc=Rare, protocol=LoihiProtocol)
class RareModel(CounterModel):
    def run_spk(self):
        if self.time_step % 3 == 0:
            self.out.send(np.array([self.time_step]))


@pytest.mark.parametrize("chooser_first", [True, False])
def test_probe_does_not_depend_on_the_order_of_execution(chooser_first):
    if chooser_first:
        chooser = Chooser()
        rare = Rare()
    else:
        rare = Rare()
        chooser = Chooser()
    rare.out.connect(chooser.inp)
    with chooser:
        chooser.run(RunSteps(7), CFG)
        assert chooser.seen.get()[:8].tolist() == [-1, -1, 3, -1, -1, 6, -1, -1]


def test_two_that_probe_each_other():
    class Both(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.inp, self.out, self.seen = InPort((1,)), OutPort((1,)), Var((10,), init=-1)

    @implements(proc=Both, protocol=LoihiProtocol)
    class BothModel(PyLoihiProcessModel):
        inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)
        out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)
        seen: np.ndarray = LavaPyType(np.ndarray, int)

        def run_spk(self):
            self.seen[self.time_step - 1] = self.inp.recv()[0] if self.inp.probe() else 0
            self.out.send(np.array([self.time_step]))

    results = []
    for _ in range(3):
        one, two = Both(), Both()
        one.out.connect(two.inp)
        two.out.connect(one.inp)
        with one:
            one.run(RunSteps(4), CFG)
            results.append((one.seen.get().tolist(), two.seen.get().tolist()))
    assert results[0] == results[1] == results[2]
    assert results[0][0][1:4] == [1, 2, 3]


class Random(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.drawn = Var((6,), init=0)
        self.out = OutPort((1,))
        self.inp = InPort((1,))


@implements(proc=Random, protocol=LoihiProtocol)
class RandomModel(PyLoihiProcessModel):
    drawn: np.ndarray = LavaPyType(np.ndarray, float)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)

    def run_spk(self):
        first = np.random.rand()  # noqa: NPY002
        self.out.send(np.zeros(1))
        self.inp.recv()  # others draw meanwhile
        self.drawn[self.time_step - 1] = first + 10 * np.random.randint(100)  # noqa: NPY002


@pytest.mark.parametrize("has_gauss", [False, True])
def test_each_model_has_its_own_global_generator(has_gauss):
    np.random.seed(5)  # noqa: NPY002
    if has_gauss:
        np.random.randn()  # noqa: NPY002
    start = np.random.get_state()  # noqa: NPY002
    expected = [np.random.rand() + 10 * np.random.randint(100) for _ in range(6)]  # noqa: NPY002
    np.random.set_state(start)  # noqa: NPY002
    one, two = Random(), Random()
    one.out.connect(two.inp)
    two.out.connect(one.inp)
    with one:
        one.run(RunSteps(4), CFG)
        one.run(RunSteps(2))
        # Both draw what the program would have drawn, and the program's generator did not move.
        assert one.drawn.get().tolist() == expected
        assert two.drawn.get().tolist() == expected
        assert np.random.rand() + 10 * np.random.randint(100) == expected[0]  # noqa: NPY002
        one.runtime.reset()
        one.run(RunSteps(6))
        assert one.drawn.get().tolist() == expected


class Loop(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp, self.out, self.count = InPort((1,)), OutPort((1,)), Var((1,), init=0)


@implements(proc=Loop, protocol=AsyncProtocol)
class LoopModel(PyAsyncProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)
    count: np.ndarray = LavaPyType(np.ndarray, int)

    def run_async(self):
        self.proc_params["run"](self)


def test_asynchronous_model_runs_once_per_run():
    def run(model):
        for _ in range(model.num_steps):
            model.count += 1
            model.out.send(model.count * 10)

    loop, adder = Loop(run=run), Adder()
    loop.out.connect(adder.inp)
    with loop:
        loop.run(RunSteps(3), CFG)
        assert loop.count.get() == [3]
        assert adder.total.get() == [60]
        loop.run(RunSteps(2))
        assert loop.count.get() == [5]
        assert adder.total.get() == [150]


@pytest.mark.parametrize("end", ["pause", "stop"])
def test_asynchronous_model_asks_for_commands(end):
    check = "check_for_pause_cmd" if end == "pause" else "check_for_stop_cmd"

    def run(model):
        while not getattr(model, check)():
            model.count += 1

    loop = Loop(run=run)
    loop.run(RunContinuous(), CFG)
    time.sleep(0.05)
    getattr(loop, end)()
    if end == "pause":
        assert loop.count.get()[0] > 0
        loop.stop()


def test_asynchronous_model_that_waits_by_probing():
    def run(model):
        for _ in range(model.num_steps):
            while not model.inp.probe():
                pass
            model.count += model.inp.recv()

    counter, loop = Counter(), Loop(run=run)
    counter.out.connect(loop.inp)
    with loop:
        loop.run(RunSteps(4), CFG)
        assert loop.count.get() == [10]


def test_exception_in_an_asynchronous_model():
    def run(model):
        raise ValueError("async")

    with Loop(name="loop", run=run) as loop:
        with pytest.raises(ModelError, match="Process 'loop' failed in run_async: ValueError: async"):
            loop.run(RunSteps(1), CFG)


def test_asynchronous_twin():
    twin = PyLoihiModelToPyAsyncModel(CounterModel)
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    with counter:
        counter.run(RunSteps(4), Loihi2SimCfg(exception_proc_model_map={counter: twin}))
        assert adder.total.get() == [10]
    assert counter.model_class.__name__ == "CounterModelAsync"


def test_domains_are_only_held_together_by_channels():
    class Double(Counter):
        pass

    @implements(proc=Double, protocol=LoihiProtocol)
    class DoubleModel(CounterModel):
        def run_spk(self):
            for _ in range(2):
                self.out.send(np.array([1]))

    double, adder = Double(), Adder()
    double.out.connect(adder.inp)
    fast, slow = SyncDomain("fast", LoihiProtocol(), [double]), SyncDomain("slow", LoihiProtocol, [adder])
    with double:
        double.run(RunSteps(5), Loihi2SimCfg(custom_sync_domains=[fast, slow]))
        assert adder.total.get() == [5]


def test_domains_are_checked():
    counter = Counter(name="c")
    domains = [SyncDomain("one", LoihiProtocol(), [counter]), SyncDomain("two", LoihiProtocol(), [counter])]
    with pytest.raises(AssertionError, match="'c' is in the domains 'one' and 'two'"):
        counter.run(RunSteps(1), Loihi2SimCfg(custom_sync_domains=domains))
    with pytest.raises(
        AssertionError, match="follows LoihiProtocol, but its domain 'wrong' is one of AsyncProtocol"
    ):
        counter.run(
            RunSteps(1), Loihi2SimCfg(custom_sync_domains=[SyncDomain("wrong", AsyncProtocol(), [counter])])
        )


def test_sparse_ports():
    class SparseSender(Counter):
        pass

    class SparseReceiver(Adder):
        pass

    @implements(proc=SparseSender, protocol=LoihiProtocol)
    class SparseSenderModel(CounterModel):
        out: PyOutPort = LavaPyType(PyOutPort.VEC_SPARSE, np.int32)

        def run_spk(self):
            self.out.send(np.array([self.time_step, 0])[:1], np.array([0]))

    @implements(proc=SparseReceiver, protocol=LoihiProtocol)
    class SparseReceiverModel(AdderModel):
        inp: PyInPort = LavaPyType(PyInPort.VEC_SPARSE, np.int32)

        def run_spk(self):
            data, index = self.inp.recv()
            assert index.tolist() == [0]
            self.total += data

    sender, receiver = SparseSender(), SparseReceiver()
    sender.out.connect(receiver.inp)
    with sender:
        sender.run(RunSteps(3), CFG)
        assert receiver.total.get() == [6]


def test_shapes_are_reported_by_the_sink():
    source, sink = Source(data=np.arange(6).reshape(2, 3)), Sink(shape=(2,), buffer=3)
    source.s_out.connect(sink.a_in)
    with source:
        source.run(RunSteps(4), Loihi2SimCfg(select_tag="fixed_pt"))
        # The source starts over, the sink overwrites its first column.
        assert sink.data.get().tolist() == [[0, 1, 2], [3, 4, 5]]
