"""A program that runs a small network on the RTL, and in which something dies (for test_ends.py).

It reads trials as lines of JSON, forks a child for each, prints the child's pid, waits for it and prints how
it ended. So the imports are paid once, and each trial is a process of its own:

    mode: "steps" (a Python model in a loop with the chip) or "blocks" (run-ahead)
    end: "stop", "none" (the interpreter ends without stop) or "with"
    point, action: where (see `POINTS`) and what ("simulator", "python", "both", "interrupt", "raise")
    mark: what its processes have in their environment as LAVA_HW_TEST_MARK
    check: "golden" for golden beside the RTL
    model: "raises" or "hangs", of mode "steps", in step 6
    out: where the child writes what it saw, as JSON
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from lava_hw import LIF, Dense, HwRunCfg, RunSteps
from lava_hw.chip import Chip
from lava_hw.compiler import compile_network
from lava_hw.device import device
from lava_hw.device.build import build_simulator, chip_design
from lava_hw.device.device import Device
from lava_hw.device.verilator import VerilatorTransport
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.runtime.chip import ChipParticipant  # noqa: F401 - here, so that no child has to import it
from lava_hw.runtime.errors import ModelError
from tests.fuzz.processes import Echo, PyEcho
from tests.system.running import children, descriptors, marked, ring_mappings

# Python looks for a folder of temporary files by writing a file. It does so here, once: a child that is
# killed just then would leave the file behind.
tempfile.gettempdir()

POINTS = (
    "before load",
    "during load",
    "after load",
    "during a run",
    "between runs",
    "during a read",
    "during a reset",
    "before close",
    "during close",
)
CHIP = "tiny"  # its simulator starts fastest
SIZE = 24


class Killer:
    """Lets something die at a point, once."""

    def __init__(self, point: str | None, action: str | None, mode: str) -> None:
        self.point, self.action = point, action
        self.middle = {"steps": 12, "blocks": 1}[mode]  # pushes of a run; a block is one
        self.phase = ""
        self.pushes = 0
        self.simulator = 0

    def reach(self, point: str) -> None:
        """Be told that a point is reached."""
        if point != self.point:
            return
        self.point = None
        if self.action in ("simulator", "both"):
            os.kill(self.simulator, signal.SIGKILL)
        if self.action in ("python", "both"):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.action == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C does; raise_signal would not wake the main thread
        if self.action == "raise":
            raise ValueError("on purpose")

    def enter(self, phase: str) -> None:
        """Be told what the program does from now on."""
        self.phase, self.pushes = phase, 0


def spy(killer: Killer) -> None:
    """Tell a killer of everything that happens between Python and the simulator."""
    init, push, close, load = (
        VerilatorTransport.__init__,
        VerilatorTransport.push,
        VerilatorTransport.close,
        Device.load,
    )

    def spy_init(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        killer.simulator = self.pid
        killer.reach("before load")

    def spy_load(self: Any, image: Any) -> Any:
        killer.enter("load")
        session = load(self, image)
        killer.reach("after load")
        return session

    def spy_push(self: Any, flits: Any) -> None:
        push(self, flits)
        killer.pushes += 1
        # The first pushes of a phase: in the middle of the exchange, and before its answer was taken.
        if killer.phase == "load" and killer.pushes == 2:
            killer.reach("during load")
        if killer.phase == "run" and killer.pushes == killer.middle:
            killer.reach("during a run")
        if killer.phase == "read":
            killer.reach("during a read")
        if killer.phase == "reset":
            killer.reach("during a reset")

    def spy_close(self: Any) -> None:
        killer.reach("before close")
        link = self._link

        class Closing:
            def close(self) -> None:
                link.close()
                killer.reach("during close")

            def __getattr__(self, name: str) -> Any:
                return getattr(link, name)

        self._link = Closing()
        close(self)

    VerilatorTransport.__init__ = spy_init  # type: ignore[method-assign]
    VerilatorTransport.push = spy_push  # type: ignore[method-assign]
    VerilatorTransport.close = spy_close  # type: ignore[method-assign]
    Device.load = spy_load  # type: ignore[method-assign]


def build(mode: str) -> tuple[Any, Any]:
    """Give a LIF population and what receives its spikes."""
    rng = np.random.default_rng(0)
    source = Source(data=(rng.random((SIZE, 10)) < 0.4).astype(int), name="source")
    dense = Dense(weights=2 * rng.integers(-50, 50, (SIZE, SIZE)), name="dense")
    lif = LIF(shape=(SIZE,), vth=20, du=400, name="lif")
    sink = Sink(shape=(SIZE,), buffer=60, name="sink")
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    if mode == "steps":
        back = Dense(weights=2 * rng.integers(-25, 25, (SIZE, SIZE)), name="back")
        echo = Echo(shape=(SIZE,), name="echo")
        lif.s_out.connect(echo.inp)
        echo.out.connect(back.s_in)
        back.a_out.connect(lif.a_in)
    return lif, sink


def work(trial: dict[str, Any], killer: Killer, lif: Any, sink: Any) -> list[float]:
    """Run the network; returns what it computed."""
    cfg = HwRunCfg(chip=CHIP, device="verilator", check=trial.get("check"))
    found: list[float] = []
    killer.enter("start")

    def runs() -> None:
        for _ in range(2):
            killer.enter("run")
            lif.run(RunSteps(num_steps=20), cfg)
            killer.enter("between")
            killer.reach("between runs")
            killer.enter("read")
            found.append(float(lif.v.get().sum()))
        found.append(float(sink.data.get().sum()))
        killer.enter("reset")
        lif.runtime.reset()
        killer.enter("run again")
        lif.run(RunSteps(num_steps=20), cfg)
        found.append(float(sink.data.get().sum()))
        killer.enter("close")

    if trial["end"] == "with":
        with lif:
            runs()
    else:
        runs()
        if trial["end"] == "stop":
            lif.stop()
    return found


def child(trial: dict[str, Any]) -> int:
    """Run one trial; returns the exit code."""
    os.environ["LAVA_HW_TEST_MARK"] = trial["mark"]
    killer = Killer(trial.get("point"), trial.get("action"), trial["mode"])
    spy(killer)
    if trial.get("model"):
        steps = iter(range(30))

        def misbehave(self: Any) -> None:
            if next(steps) == 5:
                if trial["model"] == "raises":
                    raise ValueError("on purpose")
                while True:
                    time.sleep(0.001)
            self.out.send(self.inp.recv())

        PyEcho.run_spk = misbehave  # type: ignore[method-assign]
    seen: dict[str, Any] = {"error": None, "found": None, "left": None}
    before = descriptors(), threading.active_count()
    lif, sink = build(trial["mode"])
    try:
        seen["found"] = work(trial, killer, lif, sink)
    except BaseException as error:
        seen["error"] = f"{type(error).__name__}: {error}"
        seen["trace"] = traceback.format_exc()
        if isinstance(error, ModelError):
            seen["cause"] = repr(error.__cause__)
    if trial["end"] != "none":
        seen["stopped"] = _stop(lif)
        gc.collect()
        seen["left"] = left_behind(before, trial["mark"])
    report(trial, seen)
    return 0


def report(trial: dict[str, Any], seen: dict[str, Any]) -> None:
    """Write what was seen, wholly or not at all, as we may be killed meanwhile."""
    part = Path(trial["out"] + ".part")
    part.write_text(json.dumps(seen))
    part.replace(trial["out"])


def _stop(lif: Any) -> str | None:
    try:
        lif.stop()
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return None


def left_behind(before: tuple[dict[int, str], int], mark: str) -> list[str]:
    """Say what this process has that it did not have before."""
    left = [f"fd {n}: {what}" for n, what in descriptors().items() if before[0].get(n) != what]
    if threading.active_count() != before[1]:
        left.append(f"threads: {threading.enumerate()}")
    left += [f"child {pid}" for pid in children(os.getpid())]
    left += [f"process {pid}" for pid in marked(mark) if pid != os.getpid()]
    left += [f"mapping {line}" for line in ring_mappings()]
    return left


def warm_up() -> None:
    """Do what costs time and is not looked at here: imports, and finding (or building) the simulator."""
    compile_network(build("steps")[0], CHIP)
    simulator = build_simulator(chip_design(Chip.load(CHIP)), "fast")
    device.build_simulator = lambda *args, **kwargs: simulator
    assert threading.active_count() == 1  # else a fork would not be safe


def main() -> None:
    """Read trials until the input ends."""
    warm_up()
    for line in sys.stdin:
        trial = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            code = 1
            try:
                code = child(trial)
            except BaseException:
                report(trial, {"broken": traceback.format_exc()})
            if trial["end"] == "none":
                sys.exit(code)  # an ordinary end of the interpreter
            os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
