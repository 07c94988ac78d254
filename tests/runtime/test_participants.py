"""The rules for participants: one that computes in another thread, as the chip does in another process."""

from __future__ import annotations

import queue
import random
import sys
import threading
import time
import types
from typing import ClassVar

import numpy as np
import pytest

from lava_hw import LIF, HwRunCfg, Monitor, Read, RunContinuous, RunSteps, Sink, Source
from lava_hw.runtime.errors import ModelError, RunError
from lava_hw.runtime.participant import Participant
from lava_hw.runtime.python import PythonParticipant
from tests.runtime.processes import Adder, Counter

CFG = HwRunCfg(device="golden")


class Echo(Participant):
    """Stands for a LIF on the chip: s_out = a_in + u, u = number of steps. Another thread computes it."""

    instances: ClassVar[list[Echo]] = []

    def __init__(self, flat, run_cfg, worker):
        super().__init__(worker, "echo")
        (self.spec,) = [p for p in flat.processes if p.on_chip]
        self.block = 1
        self.delay = 0.0
        self.fault = None
        self.ins, self.outs = [], []
        self.u = np.zeros(self.spec.in_ports["a_in"], dtype=np.int32)
        self.closed = False
        self.granted = []
        self.tasks: queue.Queue = queue.Queue()
        self.results: queue.Queue = queue.Queue()
        self.arrived = threading.Event()
        threading.Thread(target=self.compute, daemon=True).start()
        self.instances.append(self)

    def compute(self):
        while True:
            task = self.tasks.get()
            if task is None:
                return
            time.sleep(self.delay * random.random())
            self.u += 1
            self.results.put(task + self.u)
            self.arrived.set()

    def add_in(self, process, port, channel, link, dtype):
        assert (process, port) == (self.spec.index, "a_in")
        assert channel.source_name.endswith(".s_out") or channel.source_name.endswith(".out")
        channel.set_capacity(256)
        self.ins.append((channel, dtype))

    def add_out(self, process, port, channel, link):
        assert (process, port) == (self.spec.index, "s_out")
        self.outs.append(channel)

    def out_dtype(self, process, port):
        return np.dtype(np.int32)

    def var_shape(self, process, name):
        return self.spec.vars[name].shape

    def block_outside(self, seconds):
        if self.fault is not None:
            raise self.fault
        self.arrived.wait(seconds)
        self.arrived.clear()

    def body(self, first_step, n_steps):
        step = first_step
        while granted := self.worker.acquire(self, step, self.block):
            self.granted.append(granted)
            for _ in range(granted):
                self.tasks.put(sum((c.recv() for c, _ in self.ins), np.zeros_like(self.u)))
            for _ in range(granted):
                self.worker.wait_external(
                    lambda: not self.results.empty(), self.block_outside, "results of the echo"
                )
                result = self.results.get()
                for channel in self.outs:
                    channel.send(result)
            step += granted

    def read_var(self, process, name):
        return self.u.copy()

    def write_var(self, process, name, value):
        if (np.abs(value) > 10**6).any():
            raise ValueError("u does not fit")
        self.u[...] = value

    def reset(self):
        self.u[...] = 0

    def close(self):
        assert not self.closed
        self.closed = True
        self.tasks.put(None)


@pytest.fixture(autouse=True)
def chip(monkeypatch):
    module = types.ModuleType("lava_hw.runtime.chip")
    module.make_chip_participant = Echo
    monkeypatch.setitem(sys.modules, "lava_hw.runtime.chip", module)
    Echo.instances.clear()
    yield
    assert all(echo.closed for echo in Echo.instances)


def library_net(steps=40):
    data = np.random.default_rng(4).integers(-100, 100, (3, steps))
    source, lif, sink = Source(data=data), LIF(shape=(3,), name="lif"), Sink(shape=(3,), buffer=steps)
    source.s_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    return data, source, lif, sink


@pytest.mark.parametrize("block", [1, 7, 64])
@pytest.mark.parametrize("delay", [0.0, 0.002])
def test_blocks_and_delays_change_nothing(block, delay):
    data, _, lif, sink = library_net()
    lif.create_runtime(CFG)
    (echo,) = Echo.instances
    echo.block, echo.delay = block, delay
    with lif:
        assert lif.runtime.can_run_ahead
        lif.run(RunSteps(25))
        assert lif.u.get().tolist() == [25] * 3
        lif.run(RunSteps(15))
        np.testing.assert_array_equal(sink.data.get(), data + np.arange(1, 41))
    assert max(echo.granted) == min(block, 25)
    assert sum(echo.granted) == 40


def test_lock_step_with_models_of_users():
    counter, lif, adder = Counter(), LIF(shape=(1,)), Adder()
    counter.out.connect(lif.a_in)
    lif.s_out.connect(adder.inp)
    lif.create_runtime(CFG)
    (echo,) = Echo.instances
    echo.block, echo.delay = 64, 0.001
    with lif:
        assert not lif.runtime.can_run_ahead
        lif.run(RunSteps(10))
        assert adder.total.get() == [2 * 55]
    assert echo.granted == [1] * 10


def test_vars_monitors_and_references():
    _, _, lif, sink = library_net()
    monitor, read = Monitor(), Read(buffer=40)
    monitor.probe(lif.u, 40)
    read.connect_var(lif.u)
    with lif:
        lif.run(RunSteps(5), CFG)
        lif.u.set(100)
        with pytest.raises(ValueError, match="u does not fit"):
            lif.u.set(2 * 10**6)
        lif.run(RunSteps(2))
        expected = [1, 2, 3, 4, 5, 101, 102]
        assert monitor.get_data()["lif"]["u"][:7, 0].tolist() == expected
        assert read.data.get()[0, :7].tolist() == expected
        lif.runtime.reset()
        assert lif.u.get().tolist() == [0, 0, 0]
        lif.run(RunSteps(1))
        assert lif.u.get().tolist() == [1, 1, 1]
        assert sink.data.get()[:, 1].tolist() == [0, 0, 0]


def test_requests_and_pause_while_it_runs():
    _, _, lif, sink = library_net(steps=10)
    with lif:
        lif.run(RunContinuous(), CFG)
        Echo.instances[0].block = 16
        seen = [lif.u.get()[0] for _ in range(5)]
        assert seen == sorted(seen)
        lif.pause()
        steps = lif.runtime.num_steps
        assert lif.u.get().tolist() == [steps] * 3
        assert steps == sum(Echo.instances[0].granted)
        lif.run(RunSteps(3))
        assert lif.u.get().tolist() == [steps + 3] * 3
        assert sink.data.get().any()


def test_error_of_the_outside():
    _, _, lif, _ = library_net()
    lif.create_runtime(CFG)
    (echo,) = Echo.instances
    echo.delay = 5.0
    echo.fault = RunError("the simulator (pid 7) died")
    with lif, pytest.raises(RunError, match=r"^the simulator \(pid 7\) died$"):
        lif.run(RunSteps(3))


def test_other_errors_are_named():
    _, _, lif, _ = library_net()
    lif.create_runtime(CFG)
    (echo,) = Echo.instances
    echo.delay, echo.fault = 5.0, OSError("broken")
    with lif, pytest.raises(RunError, match=r"The echo failed in step 1 by an error of .* OSError: broken"):
        lif.run(RunSteps(3))


def test_error_of_a_model_lets_the_outside_finish_its_step():
    def action(model):
        if model.time_step == 4:
            raise ValueError("model")

    counter, lif, data = Counter(), LIF(shape=(1,)), Source(data=np.ones((1, 1)))
    data.s_out.connect(lif.a_in)
    counter = Counter(action=action)
    adder = Adder()
    counter.out.connect(adder.inp)
    lif.s_out.connect(adder.inp)
    lif.create_runtime(CFG)
    Echo.instances[0].delay = 0.02
    with lif:
        with pytest.raises(ModelError, match="ValueError: model"):
            lif.run(RunSteps(10))
        assert lif.u.get() == [4]


def test_helpers_end_with_the_run():
    _, _, lif, _ = library_net()
    lif.create_runtime(CFG)
    (echo,) = Echo.instances
    ended = []
    body = echo.body

    def with_helper(first_step, n_steps):
        def helper():
            try:
                while True:
                    echo.worker.wait_external(
                        lambda: False, lambda seconds: time.sleep(0.001), "nothing, ever"
                    )
            finally:
                ended.append(first_step)

        echo.worker.spawn(echo, helper)
        body(first_step, n_steps)

    echo.body = with_helper
    with lif:
        lif.run(RunSteps(3))
        lif.run(RunSteps(2))
        assert ended == [1, 4]
        assert lif.u.get().tolist() == [5] * 3


def test_wait_that_may_be_given_up():
    _, _, lif, _ = library_net()
    lif.create_runtime(CFG)
    (echo,) = Echo.instances

    def starved(first_step, n_steps):
        echo.worker.acquire(echo, first_step)
        echo.worker.wait_external(lambda: False, lambda seconds: time.sleep(0.001), "input", cancellable=True)

    echo.body = starved
    with lif:
        lif.run(RunContinuous())
        time.sleep(0.05)
        assert lif.runtime.is_running
        lif.pause()
        assert not lif.runtime.is_running


def test_failure_while_building_closes_it(monkeypatch):
    def fail(self):
        raise ValueError("no model")

    monkeypatch.setattr(PythonParticipant, "prepare", fail)
    lif, source = LIF(shape=(2,)), Source(data=np.ones((2, 1)))
    source.s_out.connect(lif.a_in)
    with pytest.raises(ValueError, match="no model"):
        lif.run(RunSteps(1), CFG)
    assert Echo.instances[0].closed
