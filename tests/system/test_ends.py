"""However a run ends, nothing is left behind; whoever is left is told who died.

The runs are children of tests/system/victim.py. Left behind would be: a process, a descriptor, a thread, a
mapping of a ring, a temporary file, something in /dev/shm.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw.compiler import compile_network
from lava_hw.device import Device
from tests.system.running import descriptors, is_alive, marked, ring_mappings, simulators, wait_until
from tests.system.victim import POINTS, build

pytestmark = [pytest.mark.rtl, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PATIENCE = 10.0
"""Seconds in which a simulator whose host is gone must have ended, on a busy machine."""
RANDOM_MOMENTS = 200


class Zygote:
    """The program tests/system/victim.py and its trials.

    Parameters
    ----------
    directory : Path
        For what the children report, and (as TMPDIR) for their temporary files.
    """

    def __init__(self, directory: Path) -> None:
        self.out = directory / "out"
        self.scratch = directory / "tmp"
        self.out.mkdir()
        self.scratch.mkdir()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.victim"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(self.scratch)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "tests/system/victim.py has ended"
        reply: dict[str, Any] = json.loads(line)
        return reply

    def begin(self, **trial: Any) -> Trial:
        """Start a trial."""
        mark = uuid.uuid4().hex
        out = self.out / mark
        trial = {"mode": "blocks", "end": "stop", "mark": mark, "out": str(out), **trial}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(trial) + "\n")
        self._process.stdin.flush()
        return Trial(self, self._reply()["pid"], mark, out)

    def run(self, **trial: Any) -> dict[str, Any]:
        """Run a trial to its end; returns what the child saw, with ``status`` as exit code."""
        return self.begin(**trial).end()

    def close(self) -> None:
        """End the program."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        assert self._process.wait(30) == 0


class Trial:
    """A child that runs."""

    def __init__(self, zygote: Zygote, pid: int, mark: str, out: Path) -> None:
        self.pid, self.mark = pid, mark
        self._zygote, self._out = zygote, out

    def end(self) -> dict[str, Any]:
        """Wait for its end, and check that nothing is left of it."""
        status = self._zygote._reply()["status"]
        assert wait_until(lambda: not marked(self.mark), PATIENCE), f"left: {marked(self.mark)}"
        assert list(self._zygote.scratch.iterdir()) == []
        seen = json.loads(self._out.read_text()) if self._out.exists() else {}
        assert "broken" not in seen, seen["broken"]
        return {**seen, "status": status}


def in_shared_memory() -> set[str]:
    """Give what could be ours in /dev/shm."""
    with contextlib.suppress(OSError):
        return {
            n for n in os.listdir("/dev/shm") if any(word in n for word in ("lava", "lhw", "ring", "flit"))
        }
    return set()


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    before = in_shared_memory()
    zygote = Zygote(tmp_path_factory.mktemp("ends"))
    yield zygote
    zygote.close()
    assert in_shared_memory() == before


@pytest.fixture(scope="module")
def good(zygote: Zygote) -> dict[str, list[float]]:
    """What the two networks compute if nothing happens."""
    found = {mode: zygote.run(mode=mode)["found"] for mode in ("steps", "blocks")}
    for numbers in found.values():
        assert len(numbers) == 4
        assert numbers[2] > 20  # spikes
    return found


@pytest.mark.parametrize("end", ["stop", "with", "none"])
@pytest.mark.parametrize("mode", ["steps", "blocks"])
def test_a_good_end(zygote: Zygote, good: dict[str, list[float]], mode: str, end: str) -> None:
    seen = zygote.run(mode=mode, end=end)
    assert seen["status"] == 0
    assert seen["error"] is None
    assert seen["found"] == good[mode]
    if end != "none":
        assert seen["left"] == []


@pytest.mark.parametrize("end", ["stop", "with", "none"])
def test_an_exception_in_a_model(zygote: Zygote, end: str) -> None:
    seen = zygote.run(mode="steps", end=end, model="raises")
    assert seen["status"] == 0
    assert seen["error"] == "ModelError: Process 'echo' failed in step 6: ValueError: on purpose"
    if end != "none":
        assert seen["left"] == []


def check_survivor(seen: dict[str, Any], end: str) -> None:
    """Check what a Python says whose simulator was killed."""
    assert seen["status"] == 0
    assert seen["error"] is not None
    assert "the simulator was killed by SIGKILL" in seen["error"], seen["trace"]
    if end != "none":
        assert seen["left"] == []


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("mode", ["steps", "blocks"])
def test_the_simulator_is_killed(zygote: Zygote, good: dict[str, list[float]], mode: str, point: str) -> None:
    seen = zygote.run(mode=mode, point=point, action="simulator")
    if point in ("before close", "during close"):  # all that was wanted of it was done
        assert seen["error"] is None
        assert seen["found"] == good[mode]
        assert seen["left"] == []
    else:
        check_survivor(seen, "stop")


@pytest.mark.parametrize("end", ["with", "none"])
def test_the_simulator_is_killed_without_a_stop(zygote: Zygote, end: str) -> None:
    check_survivor(zygote.run(end=end, point="during a run", action="simulator"), end)


@pytest.mark.parametrize("action", ["python", "both"])
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("mode", ["steps", "blocks"])
def test_python_is_killed(zygote: Zygote, mode: str, point: str, action: str) -> None:
    began = time.monotonic()
    assert zygote.run(mode=mode, point=point, action=action) == {"status": -signal.SIGKILL}
    assert time.monotonic() - began < PATIENCE


@pytest.mark.parametrize("action", ["simulator", "python", "both", "interrupt", None])
def test_a_checked_run(zygote: Zygote, good: dict[str, list[float]], action: str | None) -> None:
    """The flits that are recorded for the waveform are in no file that has a name."""
    seen = zygote.run(mode="steps", check="golden", point="during a run", action=action)
    if action in ("python", "both"):
        assert seen == {"status": -signal.SIGKILL}
    elif action == "simulator":
        check_survivor(seen, "stop")
    else:
        assert seen["left"] == []
        assert (seen["error"], seen["found"]) == (
            ("KeyboardInterrupt: ", None) if action else (None, good["steps"])
        )


@pytest.mark.parametrize("end", ["stop", "with", "none"])
@pytest.mark.parametrize("point", POINTS)
def test_ctrl_c(zygote: Zygote, good: dict[str, list[float]], point: str, end: str) -> None:
    seen = zygote.run(mode="steps", end=end, point=point, action="interrupt")
    closing = point in ("before close", "during close")
    if closing and end == "none":  # the interpreter is on its way out already
        assert seen["found"] == good["steps"]
        return
    assert seen["status"] == 0
    told = [seen["error"], seen.get("stopped")]
    assert [t for t in told if t is not None] in (["KeyboardInterrupt: "], ["KeyboardInterrupt: "] * 2), seen
    if end != "none":
        assert seen["left"] == []


def test_an_exception_of_the_device_at_each_point(zygote: Zygote) -> None:
    for point in POINTS:
        seen = zygote.run(mode="steps", point=point, action="raise")
        assert seen["status"] == 0
        assert seen["left"] == [], point


@pytest.mark.parametrize("end", ["stop", "none"])
def test_ctrl_c_gets_out_of_a_model_that_hangs(zygote: Zygote, end: str) -> None:
    """The first one asks the run to pause, which cannot be; the second does not wait for that."""
    trial = zygote.begin(mode="steps", end=end, model="hangs")
    assert wait_until(lambda: simulators(trial.pid) != [], PATIENCE)
    time.sleep(1)  # it runs, and its step 6 has no end
    for _ in range(2 if end == "none" else 3):
        os.kill(trial.pid, signal.SIGINT)
        time.sleep(0.5)
    seen = trial.end()
    assert seen["error"] == "KeyboardInterrupt: "
    assert seen["status"] == 0
    if end != "none":
        assert seen["left"] == []


def test_two_hundred_random_moments(zygote: Zygote) -> None:
    """Somebody is killed at a random moment of a run's life: Python, the simulator, or both.

    The moment lies anywhere in the life of the program, or (more often) in that of its simulator.
    """
    began = time.monotonic()
    trial = zygote.begin(mode="steps")
    assert wait_until(lambda: simulators(trial.pid) != [], PATIENCE)
    start = time.monotonic()
    trial.end()
    life, running = time.monotonic() - began, time.monotonic() - start
    rng = np.random.default_rng(2024)
    told = killed = 0
    for number in range(RANDOM_MOMENTS):
        trial = zygote.begin(mode=("steps", "blocks")[number % 2])
        if rng.random() < 0.3:
            time.sleep(rng.random() * life)
        else:
            wait_until(lambda: simulators(trial.pid) != [] or not is_alive(trial.pid), PATIENCE)  # noqa: B023
            time.sleep(rng.random() * running)
        victims = ("python", "simulator", "both")[number % 3]
        if victims in ("simulator", "both"):
            alive = simulators(trial.pid)
            for pid in alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
            if not alive:
                # The first program, which was timed, was slower than this one: look earlier.
                life, running = 0.9 * life, 0.9 * running
        if victims in ("python", "both") and is_alive(trial.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(trial.pid, signal.SIGKILL)
        seen = trial.end()
        if seen["status"] == 0:
            assert seen["left"] == []
            assert seen["stopped"] is None
            if seen["error"] is not None:
                check_survivor(seen, "stop")
                told += 1
        else:
            assert seen["status"] == -signal.SIGKILL
            assert victims != "simulator"
    # Otherwise the moments lie beside what they shall hit.
    assert killed > RANDOM_MOMENTS / 5
    assert told > RANDOM_MOMENTS / 20


def test_a_device_that_is_forgotten() -> None:
    """Without close, and in the middle of a run: its last reference is enough."""
    image = compile_network(build("blocks")[0], "tiny")
    gc.collect()
    before = descriptors(), ring_mappings(), threading.active_count()
    for running in (False, True):
        device = Device.open("verilator", "tiny")
        session = device.load(image)
        assert len(simulators()) == 1
        if running:
            session.start_batch(2000)
        del device, session
        gc.collect()
        assert wait_until(lambda: simulators() == [], PATIENCE)
        assert (descriptors(), ring_mappings(), threading.active_count()) == before
