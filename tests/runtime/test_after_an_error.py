"""Whatever goes wrong: it is named exactly, and then values can be read, stop() returns and the program ends.

In Lava the type of the exception is lost, Var.get gives None, stop() hangs, and so does the interpreter.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
import traceback
from pathlib import Path

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AsyncProtocol,
    Dense,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    PyAsyncProcessModel,
    PyInPort,
    PyOutPort,
    RunContinuous,
    RunSteps,
    Sink,
    Source,
    implements,
)
from lava_hw.proc.io.source import PySendModelFloat
from lava_hw.proc.sdn.process import Sigma
from lava_hw.runtime.errors import DeadlockError, ModelError, RunError
from tests.runtime.processes import Adder, AdderModel, Counter, CounterModel, Toucher

ROOT = Path(__file__).resolve().parents[2]
CFG = Loihi2SimCfg()


class Bad(Exception):
    """What goes wrong, with more than a text in it."""

    def __init__(self, step):
        super().__init__(f"in step {step}")
        self.step = step


def fail(model):
    if model.time_step == 4:
        raise Bad(model.time_step)


class Learner(Adder):
    """Has a guard, which fails."""


@implements(proc=Learner, protocol=LoihiProtocol)
class LearnerModel(AdderModel):
    def lrn_guard(self):
        fail(self)
        return False


class Free(Counter):
    """Without steps."""


@implements(proc=Free, protocol=AsyncProtocol)
class FreeModel(PyAsyncProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    state: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_async(self):
        for k in range(1, 4):
            self.state[:] = k
            self.out.send(self.state)
        raise Bad(4)


def in_a_model():
    counter, adder = Counter(action=fail, name="bad"), Adder()
    counter.out.connect(adder.inp)
    return counter, adder, CFG


def in_a_management_phase():
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    Toucher(post=fail, name="bad").ref.connect_var(adder.total)
    return counter, adder, CFG


def in_a_guard():
    counter, adder = Counter(), Learner(name="bad")
    counter.out.connect(adder.inp)
    return counter, adder, CFG


def without_steps():
    free, adder = Free(name="bad"), Adder()
    free.out.connect(adder.inp)
    return free, adder, CFG


def in_a_model_of_the_library():
    """The fixed-point sum refuses what is no integer."""
    source, total = Source(data=np.array([[1, 2, 3, 4.5]])), Sigma(shape=(1,))
    total.name = "bad"
    source.s_out.connect(total.a_in)
    cfg = Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map={source: PySendModelFloat})
    return source, total, cfg


class Greedy(Adder):
    """Wants two messages in step 4."""


@implements(proc=Greedy, protocol=LoihiProtocol)
class GreedyModel(AdderModel):
    def run_spk(self):
        super().run_spk()
        if self.time_step == 4:
            self.inp.recv()


def in_a_wait_that_cannot_end():
    counter, greedy = Counter(name="good"), Greedy(name="bad")
    counter.out.connect(greedy.inp)
    return counter, greedy, CFG


# What is built, the error, its text, what the two processes hold after the last complete step, and what is
# there without copies: who has failed, or waits, stands where it stopped; all others have ended their step.
KINDS = {
    "in a model": (in_a_model, Bad, "Process 'bad' failed in step 4: Bad: in step 4", (3, 6), (4, 6)),
    "in a management phase": (
        in_a_management_phase,
        Bad,
        "Process 'bad' failed in step 4, run_post_mgmt: Bad: in step 4",
        (3, 6),
        (4, 10),
    ),
    "in a guard": (
        in_a_guard,
        Bad,
        "Process 'bad' failed in step 4, lrn_guard: Bad: in step 4",
        (3, 6),
        (4, 10),
    ),
    # One has no steps; the other one has ended its first step, and nobody can go on.
    "without steps": (
        without_steps,
        Bad,
        "Process 'bad' failed in run_async: Bad: in step 4",
        (3, 1),
        (3, 1),
    ),
    "in the library": (
        in_a_model_of_the_library,
        TypeError,
        "Process 'bad' failed in step 4: TypeError: a_in received float64 values that are no integers",
        ([1, 2, 3, 4.5], 6),
        ([1, 2, 3, 4.5], 6),
    ),
    "in a wait": (
        in_a_wait_that_cannot_end,
        None,
        "Process 'bad' waits in step 4: bad.inp needs a message of good.out (step 4",
        (3, 6),
        (4, 10),
    ),
}


def quickly(function, seconds=1.0):
    """What a function gives, and that it takes no time."""
    start = time.monotonic()
    result = function()
    assert time.monotonic() - start < seconds
    return result


def held(process):
    """The Var of a process that the tests look at."""
    return next(
        getattr(process, name) for name in ("state", "total", "data", "sigma") if hasattr(process, name)
    )


@pytest.mark.timeout(60)
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("keep", [None, True, False])
@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_the_error_is_named_and_everything_can_be_read_and_stopped(kind, blocking, keep, workers):
    make, cause, text, kept, left = KINDS[kind]
    values = left if keep is False else kept
    first, second, cfg = make()
    cfg = Loihi2SimCfg(
        select_tag=cfg.select_tag,
        exception_proc_model_map=cfg.exception_proc_model_map,
        keep_last_step=keep,
        workers=workers,
    )
    with pytest.raises(DeadlockError if cause is None else ModelError) as caught:
        first.run(RunSteps(10) if blocking else RunContinuous(), cfg)
        first.wait()
    assert text in str(caught.value)
    assert isinstance(caught.value, RuntimeError)  # as in Lava
    assert type(caught.value.__cause__) is (type(None) if cause is None else cause)
    for process, value in zip((first, second), values, strict=True):
        found = quickly(held(process).get).ravel().tolist()
        if workers > 1 and kind == "without steps":
            # How far the other worker has come is a matter of time; it is always a complete step.
            assert found in ([0], [1], [3], [6])
        else:
            assert found == np.ravel(value).tolist()
        quickly(lambda process=process: held(process).set(0))
        assert not held(process).get().any()
    with pytest.raises(RunError, match="An earlier run failed"):
        quickly(lambda: second.run(RunSteps(1)))
    quickly(second.pause)
    quickly(first.stop)
    quickly(second.stop)
    assert first.runtime.is_stopped


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["in a model", "in a management phase", "without steps"])
def test_an_exception_keeps_its_content_and_its_traceback(kind):
    first, _, cfg = KINDS[kind][0]()
    with first, pytest.raises(ModelError) as caught:
        first.run(RunSteps(10), cfg)
    cause = caught.value.__cause__
    assert cause.step == 4
    *_, last = traceback.extract_tb(cause.__traceback__)
    assert (Path(last.filename).name, last.line) == (
        "test_after_an_error.py",
        "raise Bad(4)" if kind == "without steps" else "raise Bad(model.time_step)",
    )


def test_who_waits_for_whom_and_nobody_else():
    """A ring of three, two who feed it, one who listens to it, and one who has nothing to do with it."""
    ring = [LIF(shape=(2,), name=f"ring{k}") for k in range(3)]
    source, listener = Counter(name="source"), Sink(shape=(2,), buffer=9)
    listener.name = "listener"
    dense = Dense(weights=np.ones((2, 1)), name="dense")
    aside = Adder(name="aside")
    source.out.connect([dense.s_in, aside.inp])
    dense.a_out.connect(ring[0].a_in)
    for one, other in zip(ring, ring[1:] + ring[:1], strict=True):
        one.s_out.connect(other.a_in)
    ring[1].s_out.connect(listener.a_in)
    with source, pytest.raises(DeadlockError) as caught:
        source.run(RunSteps(5), CFG)
    assert sorted(str(caught.value).splitlines()) == [
        "  Process 'listener' waits in step 1: listener.a_in needs a message of ring1.s_out (step 1).",
        "  Process 'ring0' waits in step 1: ring0.a_in needs a message of ring2.s_out (step 1).",
        "  Process 'ring1' waits in step 1: ring1.a_in needs a message of ring0.s_out (step 1).",
        "  Process 'ring2' waits in step 1: ring2.a_in needs a message of ring1.s_out (step 1).",
        "Deadlock: no process can go on.",
    ]


def test_a_deadlock_of_a_later_step_names_it():
    """The ring runs as long as somebody puts a message in."""

    class Starter(Adder):
        pass

    @implements(proc=Starter, protocol=LoihiProtocol)
    class StarterModel(AdderModel):
        def run_spk(self):
            if self.time_step < 7:
                self.out.send(self.total)
            self.total[:] += self.inp.recv()
            if self.time_step >= 7:
                self.out.send(self.total)

    starter, adder = Starter(name="starter"), Adder(name="adder")
    starter.out.connect(adder.inp)
    adder.out.connect(starter.inp)
    with starter, pytest.raises(DeadlockError) as caught:
        starter.run(RunSteps(20), CFG)
    text = str(caught.value)
    assert "Process 'starter' waits in step 7: starter.inp needs a message of adder.out (step 7" in text
    assert "Process 'adder' waits in step 7: adder.inp needs a message of starter.out (step 7" in text


def test_who_has_no_steps_is_named_too():
    class Hungry(Greedy):
        pass

    @implements(proc=Hungry, protocol=AsyncProtocol)
    class HungryModel(PyAsyncProcessModel):
        inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
        out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
        total: np.ndarray = LavaPyType(np.ndarray, np.int32)

        def run_async(self):
            for _ in range(self.num_steps + 1):
                self.total += self.inp.recv()

    counter, hungry = Counter(name="counter"), Hungry(name="hungry")
    counter.out.connect(hungry.inp)
    with counter:
        with pytest.raises(DeadlockError) as caught:
            counter.run(RunSteps(3), CFG)
        (line,) = str(caught.value).splitlines()[1:]
        assert line.startswith("  Process 'hungry' waits in run_async: hungry.inp needs a message of ")
        assert line.endswith("counter.out (step 3, which has ended its steps).")
        assert hungry.total.get() == [1 + 2 + 3]


def test_an_error_in_what_is_called_after_a_value_was_set():
    """It goes to who has set the value, and the network runs on."""

    class Picky(Counter):
        pass

    @implements(proc=Picky, protocol=LoihiProtocol)
    class PickyModel(CounterModel):
        def on_var_update(self):
            if self.state[0] < 0:
                raise Bad(self.time_step)

    with Picky() as picky:
        picky.run(RunSteps(2), CFG)
        with pytest.raises(Bad, match="in step 2"):
            picky.state.set(-1)
        picky.state.set(1)
        picky.run(RunSteps(1))
        assert picky.state.get() == [3]


def run_script(text):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_the_interpreter_ends_after_any_error():
    """Nobody stops anything; all networks are alive when the program ends."""
    done = run_script(
        """
        import warnings
        from lava_hw import RunContinuous, RunSteps
        from lava_hw.errors import BufferWrapsWarning
        from lava_hw.runtime.errors import DeadlockError, ModelError
        from tests.runtime.test_after_an_error import KINDS

        warnings.simplefilter("ignore", BufferWrapsWarning)  # a source that fails in its last column
        kept = []
        for kind, (make, *_) in KINDS.items():
            for condition in (RunSteps(10), RunContinuous(), RunSteps(10, blocking=False)):
                first, second, cfg = make()
                kept.append(first)
                try:
                    first.run(condition, cfg)
                    if condition.blocking:
                        raise SystemExit(kind)
                except (DeadlockError, ModelError):
                    pass
        print(len(kept))
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "18\n", "")


def test_an_error_that_nobody_catches_ends_the_program_with_both_tracebacks():
    done = run_script(
        """
        from lava_hw import RunSteps
        from tests.runtime.test_after_an_error import in_a_model
        first, second, cfg = in_a_model()
        first.run(RunSteps(10), cfg)
        """
    )
    assert done.returncode == 1
    assert "raise Bad(model.time_step)" in done.stderr
    assert "tests.runtime.test_after_an_error.Bad: in step 4" in done.stderr
    assert "The above exception was the direct cause" in done.stderr
    assert done.stderr.splitlines()[-1].endswith("ModelError: Process 'bad' failed in step 4: Bad: in step 4")
