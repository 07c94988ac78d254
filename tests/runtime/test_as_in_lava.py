"""What models may rely on because each of Lava's has a process of the operating system to itself."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from lava_hw import LIF, Loihi2SimCfg, LoihiProtocol, RunContinuous, RunSteps, implements
from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector
from lava_hw.runtime.errors import DeadlockError
from tests.api.program import wait_for_step
from tests.runtime.processes import Adder, AdderModel, Counter, CounterModel

ROOT = Path(__file__).resolve().parents[2]
CFG = Loihi2SimCfg()
FIXED = Loihi2SimCfg(select_tag="fixed_pt")


def run_script(text: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program of its own that gets `typed` as its input."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(text)],
        input=typed,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


# ------------------------------------------------------------------------- what belongs to a model alone
def test_arrays_of_the_program_and_of_a_model_are_apart():
    """In Lava the fork copies a program's arrays when the network is built; ours copies them too."""
    given = np.array([1, 2, 3])
    one, two = LIF(shape=(3,), v=given, du=4095, vth=131071), LIF(shape=(3,), v=given, du=4095, vth=131071)
    one.s_out.connect(two.a_in)
    with one:
        one.create_runtime(FIXED)
        given[:] = 1000
        one.v.set(np.array([7, 8, 9]))
        one.v.get()[:] = 500
        one.run(RunSteps(1))
        assert one.v.get().tolist() == [7, 8, 9]
        assert two.v.get().tolist() == [1, 2, 3]
        assert given.tolist() == [1000] * 3


def test_an_array_that_was_set_is_a_copy():
    """In Lava a value that is set travels through a channel; ours is copied, whatever becomes of it then."""
    values = np.array([7, 8, 9])
    lif = LIF(shape=(3,), du=4095, vth=131071)
    with lif:
        lif.create_runtime(FIXED)
        lif.v.set(values)
        values[:] = 1000
        lif.run(RunSteps(1))
        assert lif.v.get().tolist() == [7, 8, 9]


COUNTED = 0


class Counting(Counter):
    """Counts the steps of all models of its kind in a name of this module."""


@implements(proc=Counting, protocol=LoihiProtocol)
class CountingModel(CounterModel):
    def run_spk(self):
        global COUNTED
        COUNTED += self.proc_params["by"]
        self.state[:] = COUNTED
        self.out.send(self.state)


def test_names_of_a_module_are_shared():
    """Each of Lava's models has its own names of a module; ours share them, and the docs say so."""
    global COUNTED
    COUNTED = 0
    one, ten, adder = Counting(by=1), Counting(by=10), Adder()
    one.out.connect(adder.inp)
    ten.out.connect(adder.inp)
    with adder:
        adder.run(RunSteps(3), CFG)
    assert COUNTED == 33
    assert "module globals are shared" in (ROOT / "docs/lava.md").read_text(encoding="utf-8")


ASKS = """
import sys, threading
from lava_hw import Loihi2SimCfg, RunContinuous, RunSteps
from tests.runtime.processes import Counter

def ask(model):
    assert sys.stdin.readline() == "" == sys.stdin.read()
    assert list(sys.stdin) == [] == list(sys.stdin.buffer)
    assert not sys.stdin.isatty()
    sys.stdin.close()
    try:
        input("model? ")
    except EOFError as error:
        model.state[:] = 100 + model.time_step
    if model.time_step == 3:
        model.proc_params["seen"]()

seen = threading.Event()
real = sys.stdin
with Counter(action=ask, seen=lambda: seen.set()) as counter:
    counter.run(RunSteps(1), Loihi2SimCfg())
    print(counter.state.get())
    print(input())
    counter.run(RunContinuous())
    seen.wait()
    print(input("program? "), sys.stdin.readline().strip())
    counter.pause()
assert sys.stdin is real
print(*sys.stdin)
"""


def test_a_model_never_reads_the_terminal():
    """Standard input of Lava's models is empty, input() raises EOFError; so it is here, for models only."""
    done = run_script(ASKS, typed="first\nsecond\nthird\nrest")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.replace("model? ", "").splitlines()
    assert lines == ["[101.]", "first", "program? second third", "rest"]


def test_a_model_that_is_built_does_not_read_it_either():
    """Lava builds a model in the model's process; ours keeps standard input from its __init__ too."""
    done = run_script(
        """
        from lava_hw import AbstractProcess, PyLoihiProcessModel, implements
        from lava_hw import Loihi2SimCfg, LoihiProtocol, RunSteps

        class Asking(AbstractProcess):
            pass

        @implements(proc=Asking, protocol=LoihiProtocol)
        class AskingModel(PyLoihiProcessModel):
            def __init__(self, proc_params):
                super().__init__(proc_params)
                input()

        try:
            Asking().run(RunSteps(1), Loihi2SimCfg())
        except EOFError:
            print(input())
        """,
        typed="mine\n",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "mine\n", "")


# ------------------------------------------------------------------------- messages
class Twice(Counter):
    """Sends two messages a step."""


@implements(proc=Twice, protocol=LoihiProtocol)
class TwiceModel(CounterModel):
    def run_spk(self):
        for k in (0, 1):
            self.state[:] = 2 * self.time_step + k
            self.out.send(self.state)


def test_two_messages_a_step_to_who_takes_one():
    """Lava hangs once the channel of 64 messages is full; ours runs as far, then names the ports."""
    twice, adder = Twice(name="twice"), Adder(name="adder")
    twice.out.connect(adder.inp)
    with twice:
        twice.run(RunSteps(60), CFG)
        assert adder.total.get() == [sum(range(2, 62))]
        with pytest.raises(DeadlockError) as caught:
            twice.run(RunSteps(40))
        # After k steps k messages wait: the 64th fills the channel.
        assert caught.value.args[0].splitlines() == [
            "Deadlock: no process can go on.",
            "  Process 'twice' waits in step 65: twice.out has 64 messages that adder.inp (step 65) has not "
            "received; the channel is full.",
        ]


def test_the_whole_channel_counts_and_not_what_a_step_sends():
    """Lava sends and receives 70 messages in one step; ours any number, also a thousand."""

    class Many(Twice):
        pass

    @implements(proc=Many, protocol=LoihiProtocol)
    class ManyModel(CounterModel):
        def run_spk(self):
            for k in range(1000):
                self.out.send(np.array([k]))

    class All(Adder):
        pass

    @implements(proc=All, protocol=LoihiProtocol)
    class AllModel(AdderModel):
        def run_spk(self):
            for k in range(1000):
                got = self.inp.recv()
                assert got.tolist() == [k]
                self.total += got

    many, everything = Many(), All()
    many.out.connect(everything.inp)
    with many:
        many.run(RunSteps(2), CFG)
        assert everything.total.get() == [2 * sum(range(1000))]


# ------------------------------------------------------------------------- a program beside its network
def test_a_value_after_a_run_that_nobody_waited_for():
    """Lava answers None until wait(), also when the run is over; ours answers during the run and after it."""
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    with counter:
        counter.run(RunSteps(30, blocking=False), CFG)
        assert counter.state.get() is not None
        counter.runtime._run.done.wait()
        assert counter.state.get() == [30]
        adder.total.set(1000)
        assert adder.total.get() == [1000]
        counter.run(RunSteps(1))  # nor is wait() needed before the next run
        assert adder.total.get() == [1031]


def test_a_value_that_is_set_during_a_run():
    """Lava drops it, with a line in a log; ours takes effect at a step boundary."""
    counter, adder = Counter(), Adder()
    counter.out.connect(adder.inp)
    with counter:
        counter.run(RunContinuous(), CFG)
        wait_for_step(counter, 1)
        adder.total.set(-(10**9))
        assert adder.total.get()[0] < 0
        counter.pause()
        steps = counter.runtime.num_steps
        assert -(10**9) < adder.total.get()[0] <= -(10**9) + steps * (steps + 1) // 2


@pytest.mark.timeout(60)
def test_to_wait_for_a_run_without_end():
    """wait() holds as long as the network runs; another thread ends it, as in Lava."""
    counter = Counter()
    with counter:
        counter.run(RunContinuous(), CFG)
        thread = threading.Thread(target=counter.wait)
        thread.start()
        wait_for_step(counter, 2)
        assert thread.is_alive()
        counter.pause()
        thread.join(10)
        assert not thread.is_alive()
        assert counter.state.get() == [counter.runtime.num_steps]


def test_another_configuration_of_a_later_run():
    """The network is built by the first run; what a later one is given is not looked at, as in Lava."""
    lif = LIF(shape=(1,), bias_mant=5, vth=1000)
    with lif:
        lif.run(RunSteps(1), FIXED)
        lif.run(RunSteps(1), CFG)
        assert lif.model_class.__name__ == "PyLifModelBitAcc"
        assert lif.runtime.num_steps == 2


@pytest.mark.timeout(60)
def test_a_network_that_waits_for_its_program_leaves_it_the_processor():
    """In Lava an Injector without items makes pause() and stop() hang; ours waits, and does nothing else."""
    injector, extractor = Injector((1,)), Extractor((1,))
    injector.out_port.connect(extractor.in_port)
    with injector:
        injector.run(RunContinuous(), CFG)
        injector.send([1])
        assert extractor.receive() == [1]
        wait_for_step(injector, 2)
        start = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - start < 0.25
        injector.send([2])
        assert extractor.receive() == [2]
        start = time.monotonic()
        injector.pause()
        injector.stop()
        assert time.monotonic() - start < 2
