"""Several workers: what is easily lost between two of them."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

from lava_hw import (
    CPU,
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
    requires,
)
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel
from lava_hw.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava_hw.runtime.errors import DeadlockError, ModelError, RunError
from tests.runtime.processes import Adder, Counter, Toucher

ONE = np.array([1])


def made(action, ins="", outs="", protocol=LoihiProtocol):
    """A process with one-letter ports and the Var `state`, whose model does `action(model)`."""
    steps = protocol is LoihiProtocol

    class Made(AbstractProcess):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.state = Var((1,), init=0)
            for name in ins:
                setattr(self, name, InPort((1,)))
            for name in outs:
                setattr(self, name, OutPort((1,)))

    types = {"state": LavaPyType(np.ndarray, np.int64), ("run_spk" if steps else "run_async"): action}
    types |= {name: LavaPyType(PyInPort.VEC_DENSE, np.int64) for name in ins}
    types |= {name: LavaPyType(PyOutPort.VEC_DENSE, np.int64) for name in outs}
    model = type("MadeModel", (PyLoihiProcessModel if steps else PyAsyncProcessModel,), types)
    implements(proc=Made, protocol=protocol)(requires(CPU)(model))
    return Made


def config(**where):
    return Loihi2SimCfg(select_tag="fixed_pt", worker_placement=where)


def test_what_was_taken_is_told_before_a_deadlock_is_said():
    """The sender waits for room that the receiver has made without having told."""

    def send(model):
        for _ in range(5):
            model.a.send(ONE)
        model.c.send(ONE)

    def take(model):
        model.state[:] += model.b.probe()
        model.a.recv()
        model.c.recv()
        for _ in range(4):
            model.a.recv()

    def run(**where):
        sender, taker = made(send, outs="abc")(name="sender"), made(take, ins="abc")(name="taker")
        for name in "abc":
            getattr(sender, name).connect(getattr(taker, name))
        with taker:
            taker.run(RunSteps(3), config(**where), {"pypy_channel_size": 4})
            return taker.state.get()

    assert run() == run(sender=1) == run(taker=1)


@pytest.mark.parametrize("delay", [0, 0.005])
def test_two_that_probe_each_other(delay):
    """Nobody's answer depends on what another one sends after its own."""

    def act(model):
        model.state[:] = model.state * 2 + model.a.probe()
        time.sleep(delay)
        model.b.send(ONE)
        if model.time_step % 2:
            model.a.recv()

    def run(**where):
        one, two = made(act, "a", "b")(name="one"), made(act, "a", "b")(name="two")
        one.b.connect(two.a)
        two.b.connect(one.a)
        with one:
            one.run(RunSteps(7), config(**where))
            return one.state.get().tolist(), two.state.get().tolist()

    expected = run()
    assert expected[0] == expected[1] != [0]
    for where in ({"one": 1}, {"two": 1}, {"one": 1, "two": 2}, {"one": 1, "two": 1}):
        assert run(**where) == expected


def test_who_asks_for_a_while_and_then_waits_is_a_deadlock():
    def ask(model):
        for _ in range(200):
            model.check_for_stop_cmd()
        model.a.recv()

    def take(model):
        model.a.recv()

    for where in ({}, {"one": 1}, {"one": 1, "two": 2}):
        one = made(ask, "a", "b", AsyncProtocol)(name="one")
        two = made(take, "a", "b", AsyncProtocol)(name="two")
        one.b.connect(two.a)
        two.b.connect(one.a)
        with (
            one,
            pytest.raises(DeadlockError, match=r"'one' waits in run_async: one.a needs a message of two.b"),
        ):
            one.run(RunSteps(2), config(**where))


def test_a_worker_that_dies_while_others_only_ask():
    def ask(model):
        while not model.check_for_stop_cmd():
            pass

    def die(model):
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGKILL)

    asker, mortal = made(ask, "a", "", AsyncProtocol)(), made(die, "", "b")(name="mortal")
    mortal.b.connect(asker.a)
    with asker, pytest.raises(RunError, match=r"worker 1 \('mortal'\) is gone: it was killed by SIGKILL"):
        asker.run(RunSteps(2), config(mortal=1))


def stopped_for(pid, seconds):
    """Hold a worker up, so that several packets reach it at once."""
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(seconds, os.kill, (pid, signal.SIGCONT)).start()


def test_a_pause_that_arrives_with_the_run():
    source, sink = Source(data=np.ones((1, 8), int), name="source"), Sink(shape=(1,), buffer=1000)
    source.s_out.connect(sink.a_in)
    with sink:
        sink.run(RunSteps(5), config(source=1))
        stopped_for(*sink.runtime._worker.peers.pool.forked.pids.values(), 0.3)
        sink.run(RunSteps(900, blocking=False))
        sink.pause()
        steps = sink.runtime.num_steps
        assert sink.data.get().sum() == steps
        sink.run(RunSteps(3))
        assert sink.runtime.num_steps == steps + 3
        assert sink.data.get().sum() == steps + 3


def test_an_error_of_the_program_that_arrives_with_the_run():
    def fail(model):
        if model.time_step == 2:
            raise ValueError("at once")

    bad, adder = Counter(action=fail, name="bad"), Adder()
    bad.out.connect(adder.inp)
    with adder:
        adder.run(RunSteps(1), Loihi2SimCfg(worker_placement={adder: 1}))
        stopped_for(*adder.runtime._worker.peers.pool.forked.pids.values(), 1.5)
        with pytest.raises(ModelError, match="'bad' failed in step 2: ValueError: at once"):
            adder.run(RunSteps(5))


def test_stop_while_a_value_is_waited_for():
    def endless(model):
        while True:
            model.state += 1

    computer, adder = made(endless, "", "b")(name="endless"), Adder()
    computer.b.connect(adder.inp)
    adder.run(RunSteps(2, blocking=False), config(endless=1))

    def get():
        with pytest.raises(RunError, match="endless"):
            computer.state.get()

    waiting = threading.Thread(target=get)
    waiting.start()
    time.sleep(0.2)
    with pytest.warns(UserWarning, match="it did not end its step within 5 s"):
        adder.stop()
    waiting.join(10)
    assert not waiting.is_alive()


class Hidden:
    """Makes exceptions that cannot be pickled."""

    def __call__(self, model):
        class Local(Exception):
            pass

        raise Local("nobody knows me")


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (Hidden(), "Local: nobody knows me"),
        (lambda model: np.zeros(3).sum(axis=5), "AxisError: axis 5 is out of bounds"),
    ],
)
def test_an_error_in_a_phase_of_another_worker(action, text):
    counter, toucher = Counter(), Toucher(post=action, name="toucher")
    toucher.ref.connect_var(counter.state)
    with (
        toucher,
        pytest.raises(ModelError, match=f"'toucher' failed in step 1, run_post_mgmt: {text}") as error,
    ):
        toucher.run(RunSteps(2), config(toucher=1))
    assert text.split(": ")[1] in str(error.value.__cause__)
