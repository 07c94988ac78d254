"""Several steps at once: models with `run_batch`, channels, and the chip in blocks, against one at a time."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from lava_hw import (
    CPU,
    LIF,
    AbstractProcess,
    Dense,
    HwRunCfg,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    PyInPort,
    PyLoihiProcessModel,
    RunContinuous,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
    requires,
)
from lava_hw.proc.io.source import PySendModelFixed
from lava_hw.runtime import chip as chip_module
from lava_hw.runtime import python as python_module
from lava_hw.runtime.run_ahead import batch_method

FIXED = Loihi2SimCfg(select_tag="fixed_pt")
GOLDEN = HwRunCfg(device="golden", chip="test8")


class Total(AbstractProcess):
    """Adds up what arrives."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a_in = InPort((6,))
        self.total = Var((6,), init=0)


@implements(proc=Total, protocol=LoihiProtocol)
@requires(CPU)
class TotalModel(PyLoihiProcessModel):
    run_ahead = True
    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    total: np.ndarray = LavaPyType(np.ndarray, np.int32)
    asked: ClassVar[list[tuple[int, int]]] = []

    def run_spk(self):
        self.total += self.a_in.recv()

    def run_batch(self, steps):
        self.asked.append((self.time_step, steps))
        left = steps
        while left:
            count = self.a_in.ready(left)
            self.total += self.a_in.recv_batch(count).sum(axis=0)
            left -= count


def test_which_models_run_batches():
    class Parent(TotalModel):
        run_ahead = True

    class OtherStep(TotalModel):
        run_ahead = True

        def run_spk(self):
            pass

    class Silent(TotalModel):
        pass

    class Both(OtherStep):
        run_ahead = True

        def run_batch(self, steps):
            pass

    assert [batch_method(m) for m in (TotalModel, Parent, Both)] == ["run_batch"] * 3
    assert [batch_method(m) for m in (OtherStep, Silent, PyLoihiProcessModel)] == [""] * 3
    assert batch_method(PySendModelFixed) == "run_batch"

    class OldName(OtherStep):
        run_ahead = True

        def run_block(self, steps):
            pass

    assert batch_method(OldName) == "run_block"


def test_old_names_of_models_and_ports_work(monkeypatch):
    """`run_block` and `recv_block`: what they were called when a step batch was a block."""

    def run_block(self, steps):
        self.asked.append((self.time_step, steps))
        for _ in range(steps):
            self.total += self.a_in.recv_block(1).sum(axis=0)

    expected, _ = run(Loihi2SimCfg(select_tag="fixed_pt"), [40])
    monkeypatch.delattr(TotalModel, "run_batch")
    monkeypatch.setattr(TotalModel, "run_block", run_block, raising=False)
    TotalModel.asked.clear()
    got, _ = run(Loihi2SimCfg(select_tag="fixed_pt"), [40])
    assert_equal(got, expected)
    assert sum(steps for _, steps in TotalModel.asked) == 40


def network(period=37, buffer=50):
    """A source into a layer, into a sink through a view, and both into sinks, a monitor and a model."""
    data = np.random.default_rng(8).integers(-3, 4, (2, 3, period))
    source, dense = Source(data=data, name="source"), Dense(weights=2 * np.arange(-18, 18).reshape(6, 6))
    lif = LIF(shape=(6,), du=3000, dv=300, vth=20, name="lif")
    both, turned, total = Sink(shape=(6,), buffer=buffer), Sink(shape=(3, 2), buffer=buffer), Total()
    half = Sink(shape=(12,), buffer=buffer)
    monitor = Monitor()
    source.s_out.flatten().connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(both.a_in)
    source.s_out.flatten().connect(both.a_in)
    source.s_out.transpose([1, 0]).connect(turned.a_in)
    lif.s_out.connect(total.a_in)
    lif.s_out.concat_with([source.s_out.flatten()], axis=0).connect(half.a_in)
    monitor.probe(lif.s_out, 20)
    return source, lif, both, turned, total, half, monitor


def run(run_cfg, runs, period=37, buffer=50, batch_steps=None):
    _, lif, both, turned, total, half, monitor = network(period, buffer)
    with lif:
        lif.create_runtime(run_cfg)
        assert lif.runtime.can_run_ahead
        if batch_steps is not None:
            lif.runtime._worker.batch_steps = batch_steps
        for steps in runs:
            lif.run(RunSteps(steps))
        got = [p.data.get() for p in (both, turned, half)] + [total.total.get(), lif.v.get()]
        got.append(monitor.get_data()["lif"]["s_out"])
        if isinstance(run_cfg, HwRunCfg):
            return got, lif.runtime.counters()
        return got, None


def assert_equal(got, want):
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def expected():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(python_module, "batch_method", lambda model: "")
        return {
            (period, buffer): run(FIXED, (70, 1, 59), period, buffer)[0]
            for period, buffer in ((37, 50), (1, 3), (200, 200))
        }


@pytest.mark.parametrize(("period", "buffer"), [(37, 50), (1, 3), (200, 200)])
@pytest.mark.parametrize("size", [1, 7, 64])
def test_models_in_blocks_equal_models_by_step(expected, period, buffer, size):
    TotalModel.asked.clear()
    got, _ = run(FIXED, (70, 1, 59), period, buffer, size)
    assert_equal(got, expected[period, buffer])
    assert max(steps for _, steps in TotalModel.asked) == size
    assert sum(steps for _, steps in TotalModel.asked) == 130


@pytest.mark.parametrize(("steps", "blocks"), [(1, 1), (5, 2), (64, 3), (512, 2)])
def test_chip_in_batches_of_any_length(expected, steps, blocks, monkeypatch):
    monkeypatch.setattr(chip_module, "BATCH_STEPS", steps)
    monkeypatch.setattr(chip_module, "BATCHES", blocks)
    got, _ = run(GOLDEN, (70, 1, 59))
    assert_equal(got, expected[37, 50])


def test_blocks_are_short_where_messages_are_long(monkeypatch):
    granted = []
    original = chip_module.ChipParticipant._gather
    monkeypatch.setattr(chip_module, "_BATCH_ELEMENTS", 18 * 10)
    monkeypatch.setattr(
        chip_module.ChipParticipant, "_gather", lambda self, n: granted.append(n) or original(self, n)
    )
    run(GOLDEN, (25,))
    assert granted == [15, 10]  # 6 elements in, 6 out, a step


def test_a_source_that_feeds_the_chip_and_a_reader_of_the_chip():
    """The sink waits for the chip, the chip for many messages of the source, and the source for the sink."""
    steps = 2 * chip_module.BATCHES * chip_module.BATCH_STEPS + 3
    got, counters = run(GOLDEN, (steps,), 37, 10)
    want, _ = run(FIXED, (steps,), 37, 10)
    assert_equal(got, want)
    assert counters["chip"]["step"] == steps


def test_pause_with_blocks_under_way():
    _, lif, both, *_ = network(5, 4000)
    with lif:
        lif.run(RunContinuous(), GOLDEN)
        seen = [int(lif.v.get()[0]) for _ in range(3)]
        lif.pause()
        steps = lif.runtime.num_steps
        v, data = lif.v.get(), both.data.get()
        lif.run(RunSteps(2))
    assert len(seen) == 3
    _, other, sink, *_ = network(5, 4000)
    with other:
        other.run(RunSteps(steps), FIXED)
        np.testing.assert_array_equal(other.v.get(), v)
        np.testing.assert_array_equal(sink.data.get(), data)
