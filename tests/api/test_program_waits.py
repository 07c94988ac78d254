"""A program and a network that wait for each other: how it ends, whatever happens."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    HwRunCfg,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunContinuous,
    RunSteps,
    Sink,
    Source,
    implements,
)
from lava_hw.proc.io.extractor import Extractor, VarWire
from lava_hw.proc.io.injector import Injector
from lava_hw.proc.lif.models import PyLifModelBitAcc
from lava_hw.proc.sparse.process import Sparse
from tests.api.program import chain, wait_for_step, within

ROOT = Path(__file__).resolve().parents[2]
CFG = Loihi2SimCfg()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("how", ["pause", "stop"])
def test_a_network_that_waits_can_be_ended(how):
    injector, lif = Injector(shape=(2,)), LIF(shape=(2,), vth=100)
    injector.out_port.connect(lif.a_in)
    injector.run(RunContinuous(), CFG)
    injector.send([1, 2])
    injector.send([1, 2])
    while lif.u.get().tolist() != [2, 4]:  # answered although the network waits
        time.sleep(0.001)
    wait_for_step(injector, 3)
    start = time.monotonic()
    getattr(injector, how)()
    assert time.monotonic() - start < 2
    if how == "stop":
        return
    # The step that waited was completed with zeros.
    assert injector.runtime.num_steps == 3
    assert lif.u.get().tolist() == [2, 4]
    injector.send([5, 5])
    injector.run(RunSteps(1))
    assert lif.u.get().tolist() == [7, 9]
    assert injector.runtime.num_steps == 4
    injector.stop()


@pytest.mark.timeout(60)
def test_two_injectors_wake_up_at_once():
    first, second, extractor = Injector((1,)), Injector((1,)), Extractor((1,))
    first.out_port.connect(extractor.in_port)
    second.out_port.connect(extractor.in_port)
    with first:
        first.run(RunContinuous(), CFG)
        fastest = 1e9
        for _ in range(3):  # on a busy machine one may be slow
            start = time.monotonic()
            for k in range(100):
                second.send([10])
                first.send([k])
                assert extractor.receive() == [k + 10]
            fastest = min(fastest, time.monotonic() - start)
        assert fastest < 0.9, "who waits for one must not delay the other by 10 ms"


@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("ignore:The run had failed")
def test_errors_end_waiting():
    injector, lif = Injector((1,), buffer_size=2), LIF(shape=(1,))
    injector.out_port.connect(lif.a_in)
    cfg = Loihi2SimCfg(select_tag="fixed_pt")  # whose LIF refuses floats
    extractor = Extractor((1,))
    lif.s_out.connect(extractor.in_port)
    with injector:
        injector.run(RunContinuous(), cfg)
        injector.send([1])
        with pytest.raises(RuntimeError, match="received nothing more, and the run has failed") as raised:
            extractor.receive()
        assert isinstance(raised.value.__cause__.__cause__, TypeError)
        injector.send([1])
        injector.send([1])
        with pytest.raises(RuntimeError, match=r"the buffer of '.*' is full, and the run has failed"):
            injector.send([1])


class Listener(AbstractProcess):
    """Waits in each step until an event is set; `seen` gets what `wait_outside` has said."""

    def __init__(self, event, seen):
        # Functions are shared with the model; of anything else, a method's object too, it gets a copy.
        super().__init__(
            wait=lambda seconds: event.wait(seconds),
            happened=lambda: event.is_set(),
            clear=lambda: event.clear(),
            seen=lambda said: seen.append(said),
        )
        self.out = OutPort((1,))


@implements(proc=Listener, protocol=LoihiProtocol)
class ListenerModel(PyLoihiProcessModel):
    out = LavaPyType(PyOutPort.VEC_DENSE, float)

    def run_spk(self):
        params = self.proc_params
        params["seen"](self.wait_outside(params["happened"], params["wait"], "an event"))
        params["clear"]()
        self.out.send([self.time_step])


@pytest.mark.timeout(60)
def test_a_model_that_waits_for_something_else():
    event, seen = threading.Event(), []
    listener, sink = Listener(event, seen), Sink(shape=(1,), buffer=9)
    listener.out.connect(sink.a_in)
    other, spikes = LIF(shape=(1,), bias_mant=1, vth=2), Sink(shape=(1,), buffer=9)
    other.s_out.connect(spikes.a_in)
    with listener, other:
        listener.run(RunContinuous(), CFG)
        other.run(RunSteps(9), CFG)  # another network is not held up
        assert spikes.data.get().any()
        for _ in range(2):
            event.set()
            while event.is_set():
                time.sleep(0.001)
        wait_for_step(listener, 3)
        within(5, listener.pause)
        assert seen == [True, True, False]
        assert sink.data.get()[0].tolist()[:4] == [1, 2, 3, 0]
        event.set()
        listener.run(RunSteps(1))
        assert seen[3:] == [True]


@pytest.mark.timeout(60)
@pytest.mark.filterwarnings("ignore:The run had failed")
def test_a_fault_elsewhere_does_not_wait_for_the_program():
    injector, lif, source = Injector((1,)), LIF(shape=(1,)), Source(data=np.ones((1, 1)))
    other = LIF(shape=(1,))
    injector.out_port.connect(lif.a_in)
    source.s_out.connect(other.a_in)
    other.s_out.connect(lif.a_in)
    cfg = Loihi2SimCfg(exception_proc_model_map={other: PyLifModelBitAcc})  # it refuses floats
    with injector:
        injector.create_runtime(cfg)
        start = time.monotonic()
        with pytest.raises(RuntimeError, match="a_in received float64 values"):
            injector.run(RunSteps(1))
        assert time.monotonic() - start < 0.9


@pytest.mark.timeout(60)
def test_with_a_part_on_the_chip_vars_wait_for_the_step():
    injector, sparse = Injector((2,)), Sparse(weights=np.array([[20, 40], [0, 60]]))
    lif = LIF(shape=(2,), vth=1000, du=4095)
    injector.out_port.connect(sparse.s_in)
    sparse.a_out.connect(lif.a_in)
    got = []
    with injector:
        injector.run(RunContinuous(), HwRunCfg(device="golden", chip="test8"))
        thread = threading.Thread(target=lambda: got.append(lif.u.get().tolist()))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive(), "the chip has ended its step already; the test says nothing"
        injector.send([1, 0])
        thread.join(10)
        assert got == [[0, 0]]
        injector.send([0, 1])
        wait_for_step(injector, 3)
        within(10, injector.pause)
        assert injector.runtime.num_steps == 3
        assert lif.u.get().tolist() == [40 * 64, 60 * 64]
        injector.send([0, 0])
        injector.run(RunSteps(1))
        assert lif.u.get().tolist() == [0, 0]


@pytest.mark.timeout(60)
def test_stop_ends_waiting():
    injector, extractor = chain()
    injector.run(RunContinuous(), CFG)
    injector.send([1, 2])
    injector.send([3, 4])
    assert extractor.receive().tolist() == [1, 2]
    raised = []

    def listen():
        try:
            while True:
                extractor.receive()
        except RuntimeError as err:
            raised.append(str(err))

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(0.05)
    injector.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert "the runtime was stopped" in raised[0]


@pytest.mark.timeout(60)
def test_a_thread_may_wait_for_a_var_before_there_is_a_runtime():
    lif, wire, got = LIF(shape=(1,), bias_mant=3, vth=1000), VarWire(), []
    wire.connect_var(lif.v)
    thread = threading.Thread(target=lambda: got.append(wire.receive().tolist()))
    thread.start()
    time.sleep(0.05)
    with lif:
        lif.run(RunSteps(1), CFG)
        thread.join(10)
        assert got == [[3]]


ALONE = """
from lava_hw import Loihi2SimCfg, RunSteps
from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector

injector, extractor = Injector((1,), buffer_size=2), Extractor((1,))
injector.out_port.connect(extractor.in_port)
injector.create_runtime(Loihi2SimCfg())
injector.send([1])
injector.send([2])
try:
    injector.send([3])
except RuntimeError as err:
    print(err)
injector.run(RunSteps(2))
print(extractor.receive(), extractor.receive())
try:
    extractor.receive()
except RuntimeError as err:
    print(err)
injector.run(RunSteps(5, blocking=False))
"""


@pytest.mark.timeout(60)
def test_a_program_that_waits_for_itself_is_told_so():
    """And the interpreter ends, although the last run still waits."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(ALONE)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    lines = done.stdout.splitlines()
    reason = "no run is in progress, nor is there a thread that could start one."
    assert "is full, and " + reason in lines[0], done.stderr
    assert lines[1] == "[1.] [2.]"
    assert "has received nothing more, and " + reason in lines[2]
    assert done.returncode == 0, done.stderr
