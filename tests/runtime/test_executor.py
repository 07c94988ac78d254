"""Models in a thread of their own: others go on while they wait, and nothing else changes."""

from __future__ import annotations

import queue
import threading
import time
import traceback
import warnings

import numpy as np
import pytest

from lava_hw import Loihi2SimCfg, LoihiProtocol, RunContinuous, RunSteps, implements
from lava_hw.runtime.errors import ModelError
from tests.runtime.processes import Adder, Counter, CounterModel, Toucher

THREADS = Loihi2SimCfg(worker_placement={Counter: "thread"})


def two_cameras(one_action, two_action):
    one, two = Counter(action=one_action, name="one"), Counter(action=two_action, name="two")
    adder = Adder(name="adder")
    one.out.connect(adder.inp)
    two.out.connect(adder.inp)
    return one, two, adder


def test_two_that_wait_wait_at_the_same_time():
    both = threading.Barrier(2)  # only passed if both are there

    def meet(model):
        both.wait(20)

    one, _, adder = two_cameras(meet, meet)
    with adder:
        adder.run(RunSteps(5), THREADS)
        assert adder.total.get() == [2 * 15]
        assert one.state.get() == [5]
        adder.run(RunSteps(2))
        assert adder.total.get() == [2 * 28]


def test_others_go_on_while_a_model_waits():
    released, seen = threading.Event(), []

    def camera(model):
        if model.time_step == 2:
            assert released.wait(20)

    def work(model):
        seen.append(model.time_step)
        if model.time_step == 2:
            released.set()

    counter, other, adder = two_cameras(camera, work)
    with adder:
        adder.run(RunSteps(3), Loihi2SimCfg(worker_placement={counter: "thread"}))
        assert seen == [1, 2, 3]
        assert other.state.get() == [3]


class Grabber(Counter):
    pass


@implements(proc=Grabber, protocol=LoihiProtocol)
class GrabberModel(CounterModel):
    isolation = "thread"

    def run_spk(self):
        self.state[:] = threading.current_thread().name == f"lava_hw {self.proc_params['who']}"
        self.out.send(self.state)


def test_a_model_may_ask_for_a_thread_itself():
    grabber, adder = Grabber(name="grabber", who="grabber"), Adder()
    grabber.out.connect(adder.inp)

    def there():
        return any(thread.name == "lava_hw grabber" for thread in threading.enumerate())

    with adder:
        adder.run(RunSteps(4), Loihi2SimCfg())
        assert adder.total.get() == [4]
        assert there()
    limit = time.monotonic() + 5
    while there() and time.monotonic() < limit:
        time.sleep(0.01)
    assert not there()


def test_references_and_phases():
    counter = Counter(name="counter")
    toucher = Toucher(post=lambda model: model.note(), name="toucher")
    toucher.ref.connect_var(counter.state)
    with toucher:
        toucher.run(RunSteps(6), Loihi2SimCfg(worker_placement={toucher: "thread"}))
        assert toucher.seen.get()[:7].tolist() == [1, 2, 3, 4, 5, 6, -1]


def test_an_exception_keeps_its_traceback():
    def fail(model):
        if model.time_step == 3:
            raise OSError("camera is gone")

    _, _, adder = two_cameras(fail, None)
    with adder, pytest.raises(ModelError, match="'one' failed in step 3: OSError: camera is gone") as caught:
        adder.run(RunSteps(9), THREADS)
    assert isinstance(caught.value.__cause__, OSError)
    assert 'raise OSError("camera is gone")' in "".join(traceback.format_exception(caught.value))


def test_a_wrong_shape_is_raised_where_it_is_sent():
    class Wrong(Counter):
        pass

    caught = []

    @implements(proc=Wrong, protocol=LoihiProtocol)
    class WrongModel(CounterModel):
        def run_spk(self):
            with pytest.raises(AssertionError, match="has shape") as error:
                self.out.send(np.zeros(3))
            caught.append(error)
            self.out.send(np.ones(1))

    wrong, adder = Wrong(), Adder()
    wrong.out.connect(adder.inp)
    with adder:
        adder.run(RunSteps(2), Loihi2SimCfg(worker_placement={wrong: "thread"}))
        assert adder.total.get() == [2]
    assert len(caught) == 2


def test_pause_waits_for_the_step():
    arrived, frames = threading.Event(), queue.SimpleQueue()

    def camera(model):
        arrived.set()
        frames.get()

    counter, _, adder = two_cameras(camera, None)
    counter.run(RunContinuous(), Loihi2SimCfg(worker_placement={counter: "thread"}))
    assert arrived.wait(20)
    threading.Timer(0.2, frames.put, [1]).start()
    adder.pause()
    assert adder.total.get() == [2]
    for _ in range(2):
        frames.put(1)
    adder.run(RunSteps(2))
    assert adder.total.get() == [2 * 6]
    adder.stop()


def test_stop_does_not_wait_for_ever():
    arrived, never = threading.Event(), threading.Event()
    after = []

    def camera(model):
        arrived.set()
        never.wait(60)
        after.append(model.out.send(np.ones(1)))

    counter, _, adder = two_cameras(camera, None)
    counter.run(RunContinuous(), Loihi2SimCfg(worker_placement={counter: "thread"}))
    assert arrived.wait(20)
    begin = time.monotonic()
    adder.stop()
    assert time.monotonic() - begin < 10
    never.set()
    limit = time.monotonic() + 5
    while any(t.name == "lava_hw one" for t in threading.enumerate()) and time.monotonic() < limit:
        time.sleep(0.01)
    assert not any(t.name == "lava_hw one" for t in threading.enumerate())
    assert after == []  # what it would have sent was refused


def test_a_model_that_holds_up_the_others_is_named():
    def camera(model):
        time.sleep(3 if model.time_step == 2 else 0)

    _, _, adder = two_cameras(camera, None)
    with adder, pytest.warns(RuntimeWarning, match=r"'one' has held up all other .* in step 2: .*'thread'"):
        adder.run(RunSteps(3), Loihi2SimCfg())


def test_who_computes_or_has_a_thread_is_not_warned_of():
    def compute(model):
        until = time.thread_time() + (1.2 if model.time_step == 1 else 0)
        while time.thread_time() < until:
            np.linalg.svd(np.eye(20))

    def camera(model):
        time.sleep(1.2 if model.time_step == 1 else 0)

    _, two, adder = two_cameras(compute, camera)
    with adder, warnings.catch_warnings():
        warnings.simplefilter("error")
        adder.run(RunSteps(2), Loihi2SimCfg(worker_placement={two: "thread"}))
