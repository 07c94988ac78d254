"""What a test runner does to a test that takes too long: SIGALRM, whose handler raises, ends every wait."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BEGIN = """
import signal, threading, time
import numpy as np
from lava_hw import *
from lava_hw.proc.io.extractor import Extractor
from lava_hw.proc.io.injector import Injector

class TimeOut(BaseException):
    pass

def ring(number, frame):
    raise TimeOut

class Slow(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.v = Var((1,), init=0)

@implements(proc=Slow, protocol=LoihiProtocol)
@requires(CPU)
class PySlow(PyLoihiProcessModel):
    v: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        self.v += 1
        self.proc_params.get("body", lambda: compute(6))()

def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass

signal.signal(signal.SIGALRM, ring)
CFG = Loihi2SimCfg()
lif = LIF(shape=(2,), vth=131071)
injector, extractor = Injector(shape=(2,)), Extractor(shape=(2,))
injector.out_port.connect(extractor.in_port)
slow = Slow()

def timed_out(wait):
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    begin = time.monotonic()
    try:
        wait()
    except TimeOut:
        assert time.monotonic() - begin < 5
        print("timed out")
    signal.setitimer(signal.ITIMER_REAL, 0)
"""

WAITS = {
    "a run": """
        timed_out(lambda: lif.run(RunSteps(10**9), CFG))
        lif.stop()
    """,
    "wait()": """
        lif.run(RunContinuous(), CFG)
        timed_out(lif.wait)
        steps = lif.runtime.num_steps
        while lif.runtime.num_steps == steps:  # the run goes on
            pass
        lif.pause()
        lif.run(RunSteps(3))
        lif.stop()
    """,
    "a run whose model waits for the program": """
        timed_out(lambda: extractor.run(RunSteps(5), CFG))
        extractor.stop()
    """,
    "receive() of an Extractor": """
        extractor.run(RunContinuous(), CFG)
        timed_out(extractor.receive)
        injector.send([1, 2])
        assert extractor.receive().tolist() == [1, 2]
        extractor.stop()
    """,
    "send() of an Injector": """
        extractor.create_runtime(CFG)
        extractor.run(RunSteps(1, blocking=False), CFG)
        injector.send([1, 2])
        extractor.wait()
        other = threading.Thread(target=time.sleep, args=(1.5,))
        other.start()  # it could run the network
        timed_out(lambda: [injector.send([k, k]) for k in range(100)])
        other.join()
        extractor.stop()
    """,
    "Var.get while a model computes": """
        slow.run(RunSteps(1, blocking=False), CFG)
        timed_out(slow.v.get)
        slow.wait()
        assert slow.v.get().tolist() == [1]
        slow.stop()
    """,
    "stop() while a model computes": """
        slow.run(RunSteps(1, blocking=False), CFG)
        timed_out(slow.stop)
    """,
    "a run of a model that never returns": """
        from lava_hw.runtime import worker_thread
        worker_thread.PATIENCE_SECONDS = 0.5
        def run():
            with Slow(body=lambda: compute(1e9)) as endless:
                endless.run(RunSteps(1), CFG)
        timed_out(run)
    """,
    "a run of a model that never returns to Python": """
        import warnings
        from lava_hw.runtime import worker_thread
        warnings.simplefilter("error")
        worker_thread.PATIENCE_SECONDS = 0.2
        def run():
            with Slow(body=lambda: time.sleep(1000)) as endless:
                endless.run(RunSteps(1), CFG)
        try:
            timed_out(run)
        except UserWarning as warning:
            assert str(warning) == "A model does not return; its thread goes on."
            assert isinstance(warning.__context__, TimeOut)
            print("timed out")
    """,
}


@pytest.mark.parametrize("wait", WAITS)
def test_an_alarm_ends(wait):
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + textwrap.dedent(WAITS[wait])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "timed out\n", "")


RUNNER = """
import pytest
from lava_hw import LIF, Loihi2SimCfg, RunContinuous, RunSteps, bridge

@pytest.mark.timeout(1)
def test_network():
    with LIF(shape=(1,), vth=131071) as lif:
        lif.run(RunContinuous(), Loihi2SimCfg())
        lif.wait()

@pytest.mark.timeout(1)
def test_extension():
    bridge.create_link(64, "test", "python", "silent").near().pop()

def test_after():
    with LIF(shape=(1,), vth=131071) as lif:
        lif.run(RunSteps(3), Loihi2SimCfg())
        assert lif.runtime.num_steps == 3
"""


def test_pytest_ends_a_test_and_goes_on(tmp_path):
    (tmp_path / "test_it.py").write_text(RUNNER)
    options = ["-q", "-p", "no:cacheprovider", "-n", "0", "--timeout-method=signal", "-rA"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options,
            "-c",
            "/dev/null",
            "--rootdir",
            str(tmp_path),
            "test_it.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "2 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    for name in ("network", "extension"):
        assert f"FAILED test_it.py::test_{name} - Failed: Timeout" in done.stdout
