"""Several workers: how their runs end, in good order or not."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from pathlib import Path

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    RunContinuous,
    RunSteps,
    Var,
    implements,
)
from lava_hw.magma.core.model.py.model import PyAsyncProcessModel
from lava_hw.magma.core.sync.protocols.async_protocol import AsyncProtocol
from lava_hw.runtime.errors import DeadlockError, ModelError, RunError
from tests.runtime.processes import Adder, Counter, CounterModel, Toucher

ROOT = Path(__file__).resolve().parents[2]


def config(**options):
    return Loihi2SimCfg(select_tag="fixed_pt", **options)


def children():
    """Process ids of what this program has started and not waited for."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


def test_a_worker_that_dies_is_named():
    def die(model):
        if model.time_step == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    counter, adder = Counter(action=die, name="mortal"), Adder(name="adder")
    counter.out.connect(adder.inp)
    with pytest.raises(RunError, match=r"worker 1 \('mortal'\) is gone: it was killed by SIGKILL"):
        adder.run(RunSteps(10), config(worker_placement={counter: 1}))
    assert adder.total.get() == [1 + 2]
    with pytest.raises(RunError, match=r"worker 1 \('mortal'\) is gone"):
        counter.state.get()
    with pytest.raises(RunError, match="An earlier run failed"):
        adder.run(RunSteps(1))
    begin = time.monotonic()
    adder.stop()
    assert time.monotonic() - begin < 4


def test_a_worker_that_dies_between_runs_is_named():
    counter, adder = Counter(name="mortal"), Adder(name="adder")
    counter.out.connect(adder.inp)
    with adder:
        adder.run(RunSteps(2), config(worker_placement={counter: 1}))
        (pid,) = adder.runtime._worker.peers.pool.forked.pids.values()
        os.kill(pid, signal.SIGTERM)
        with pytest.raises(RunError, match=r"worker 1 \('mortal'\) is gone: it was killed by SIGTERM"):
            for _ in range(100):
                counter.state.get()
                time.sleep(0.01)
        with pytest.raises(RunError, match=r"worker 1 \('mortal'\) is gone"):
            adder.run(RunSteps(2))
        assert adder.total.get() == [3]


class Odd(Exception):
    """An exception whose __init__ does not take its args."""

    def __init__(self, step, what):
        super().__init__(f"{what} in {step}")
        self.step = step


def test_an_exception_keeps_type_content_and_traceback():
    def fail(model):
        if model.time_step == 4:
            raise Odd(4, "nothing fits")

    counter, adder = Counter(action=fail, name="bad"), Adder(name="adder")
    counter.out.connect(adder.inp)
    with pytest.raises(ModelError, match="Process 'bad' failed in step 4: Odd: nothing fits in 4") as caught:
        adder.run(RunSteps(10), config(worker_placement={counter: 1}))
    cause = caught.value.__cause__
    assert isinstance(cause, Odd)
    assert cause.step == 4
    shown = "".join(traceback.format_exception(caught.value))
    assert 'raise Odd(4, "nothing fits")' in shown
    assert "test_workers_end.py" in shown
    assert adder.total.get() == [1 + 2 + 3]
    assert counter.state.get() == [3]  # step 4, in which it had set 4 already, was not completed
    adder.runtime.reset()
    adder.run(RunSteps(3))
    assert adder.total.get() == [6]
    adder.stop()


def test_an_exception_that_cannot_travel_keeps_its_text():
    class Hidden(Exception):
        pass

    def fail(model):
        raise Hidden("cannot be pickled")

    counter, adder = Counter(action=fail, name="bad"), Adder()
    counter.out.connect(adder.inp)
    with (
        adder,
        pytest.raises(ModelError, match="'bad' failed in step 1: Hidden: cannot be pickled") as caught,
    ):
        adder.run(RunSteps(2), config(worker_placement={counter: 1}))
    assert "Hidden: cannot be pickled" in str(caught.value.__cause__)


def test_an_exception_while_another_worker_builds():
    class Broken(Counter):
        pass

    @implements(proc=Broken, protocol=LoihiProtocol)
    class BrokenModel(CounterModel):
        def __init__(self, proc_params):
            raise KeyError("no such camera")

    broken, before = Broken(), len(children())
    with pytest.raises(KeyError, match="no such camera"):
        broken.create_runtime(config(worker_placement={broken: 1}))
    assert len(children()) == before


def deadlock(**options):
    one, two = LIF(shape=(2,), name="one"), LIF(shape=(2,), name="two")
    one.s_out.connect(two.a_in)
    two.s_out.connect(one.a_in)
    with one, pytest.raises(DeadlockError) as caught:
        one.run(RunSteps(5), config(**options))
    return sorted(str(caught.value).splitlines())


def test_a_deadlock_over_workers_says_the_same_as_in_one():
    expected = deadlock()
    assert "Process 'one' waits in step 1: one.a_in needs a message of two.s_out (step 1" in "".join(expected)
    assert deadlock(worker_placement={"one": 1}) == expected
    assert deadlock(worker_placement={"one": 1, "two": 2}) == expected


def test_a_full_channel_over_workers_holds_as_many_messages():
    def flood(model):
        for _ in range(70):
            model.out.send(model.state)

    counter, adder = Counter(name="many", action=flood), Adder(name="one")
    counter.out.connect(adder.inp)
    with counter, pytest.raises(DeadlockError) as caught:
        counter.run(RunSteps(3), config(worker_placement={"one": 1}))
    text = "'many' waits in step 1: many.out has 64 messages that one.inp (step 1) has not received"
    assert text in str(caught.value)


@pytest.mark.parametrize("end", ["pause", "stop"])
def test_a_run_without_end(end):
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    counter.run(RunContinuous(), config(worker_placement={counter: 1}))
    while adder.total.get() < 100:
        time.sleep(0.001)
    if end == "pause":
        counter.pause()
        steps = counter.state.get()[0]
        assert steps == adder.runtime.num_steps
        assert adder.total.get() == [steps * (steps + 1) // 2]
        counter.run(RunSteps(3))
        assert counter.state.get() == [steps + 3]
    counter.stop()


def test_a_model_that_asks_for_a_pause_in_another_worker():
    def act(model):
        model._req_pause = model.time_step == 6

    counter, adder = Counter(action=act), Adder()
    counter.out.connect(adder.inp)
    with adder:
        adder.run(RunContinuous(), config(worker_placement={counter: 1}))
        adder.wait()
        assert adder.total.get() == [21]


def test_vars_of_other_workers_while_they_run():
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    with adder:
        adder.run(RunContinuous(), config(worker_placement={adder: 1}))
        adder.total.set(10**6)
        assert adder.total.get() >= 10**6
        adder.pause()
        assert adder.total.get() > 10**6


class Endless(AbstractProcess):
    """Computes for ever, and never asks whether it shall stop."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.state = Var((1,), init=0)


@implements(proc=Endless, protocol=AsyncProtocol)
class EndlessModel(PyAsyncProcessModel):
    state: np.ndarray = LavaPyType(np.ndarray, int)
    isolation = "process"

    def run_async(self):
        while True:
            self.state += 1


def test_a_model_that_computes_for_ever_holds_up_nobody_and_can_be_stopped():
    endless, toucher, adder = Endless(name="endless"), Toucher(), Adder()
    toucher.ref.connect_var(endless.state)
    toucher.out.connect(adder.inp)
    before = len(children())
    adder.run(RunContinuous(), Loihi2SimCfg())
    while adder.total.get() < 100:
        time.sleep(0.001)
    with pytest.warns(UserWarning, match=r"\('endless'\) is gone: it did not end its step within 5 s"):
        adder.stop()
    assert len(children()) == before


def test_nothing_is_left_behind():
    def once():
        counter, adder, last = Counter(), Adder(), Adder()
        counter.out.connect([adder.inp, last.inp])
        adder.run(RunSteps(3), config(workers=3))
        return adder, last

    once()[0].stop()
    gc.collect()
    fds, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for k in range(10):
        one, other = once()
        if k % 2:
            one.stop()  # the others are freed without it
        del one, other
    gc.collect()
    limit = time.monotonic() + 10
    while time.monotonic() < limit and (
        threading.active_count() > threads or len(os.listdir("/proc/self/fd")) > fds
    ):
        time.sleep(0.02)
        gc.collect()
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= fds
    for pid in children():
        assert "defunct" not in Path(f"/proc/{pid}/status").read_text()


def test_workers_end_with_a_program_that_is_killed(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
        import os, signal, sys, time
        from lava_hw import Loihi2SimCfg, RunContinuous
        from tests.runtime.processes import Adder, Counter

        counter, adder = Counter(action=lambda model: time.sleep(0.01)), Adder()
        counter.out.connect(adder.inp)
        adder.run(RunContinuous(), Loihi2SimCfg(worker_placement={counter: 1}))
        print(*adder.runtime._worker.peers.pool.forked.pids.values(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """)
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=env, text=True, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    limit = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_ctrl_c_ends_a_run_on_several_workers(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(
        textwrap.dedent("""
        import os, signal, threading, time
        from lava_hw import Loihi2SimCfg, RunSteps
        from tests.runtime.processes import Adder, Counter

        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in background
        counter, adder = Counter(action=lambda model: time.sleep(0.01)), Adder()
        counter.out.connect(adder.inp)
        adder.run(RunSteps(1), Loihi2SimCfg(worker_placement={counter: 1}))
        threading.Timer(0.5, lambda: os.killpg(0, signal.SIGINT)).start()
        try:
            adder.run(RunSteps(100000))
        except KeyboardInterrupt:
            steps = int(counter.state.get()[0])
            assert adder.total.get() == [steps * (steps + 1) // 2]
            adder.run(RunSteps(2))
            assert counter.state.get() == [steps + 2]
            print("went on", flush=True)
        """)
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        env=env,
        text=True,
        timeout=60,
        check=False,
        start_new_session=True,
    )
    assert done.stdout == "went on\n"
    assert done.returncode == 0
