"""Several networks at once, one after the other, hundreds of them; several programs with one cache."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, RunContinuous, RunSteps
from lava_hw.magma.compiler.exceptions import ProcessAlreadyCompiled
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.runtime.errors import RunError
from tests.fuzz import references
from tests.fuzz.references import difference
from tests.system.running import children, descriptors, memory, ring_mappings, simulators, wait_until
from tests.system.test_three_references import NETWORKS

# The networks have weights of both signs that are odd, and thresholds that are set too late, by intent.
VALUES = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
pytestmark = [pytest.mark.rtl, VALUES]

ROOT = Path(__file__).parents[2]
CONFIG = HwRunCfg(chip="test8", device="verilator", build="checked")
TINY = HwRunCfg(chip="tiny", device="verilator")


def network(size: int = 12, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    source = Source(data=(rng.random((size, 10)) < 0.5).astype(int))
    dense = Dense(weights=rng.integers(0, 100, (size, size)))
    lif, sink = LIF(shape=(size,), vth=100), Sink(shape=(size,), buffer=10)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    return lif, sink


# ------------------------------------------------------------------------------------ one program
def test_two_networks_at_once() -> None:
    """Each has its own simulator; they take turns, run at the same time, and end in any order."""
    alone = []
    for seed in (1, 2):
        lif, sink = network(seed=seed)
        with lif:
            lif.run(RunSteps(num_steps=10), CONFIG)
            alone.append((sink.data.get(), lif.runtime.counters()))
    assert not np.array_equal(alone[0][0], alone[1][0])
    (one, sink_one), (two, sink_two) = network(seed=1), network(seed=2)
    with two:
        with one:
            for _ in range(5):
                one.run(RunSteps(num_steps=1, blocking=False), CONFIG)
                two.run(RunSteps(num_steps=1, blocking=False), CONFIG)
                one.wait()
                two.wait()
            assert len(simulators()) == 2
            one.run(RunSteps(num_steps=5))
            assert np.array_equal(sink_one.data.get(), alone[0][0])
        assert len(simulators()) == 1
        two.run(RunSteps(num_steps=5))
        assert np.array_equal(sink_two.data.get(), alone[1][0])
    assert simulators() == []


def test_networks_in_threads() -> None:
    """Two threads, each with its own networks one after the other."""
    names = ("one layer", "feedback through Python")
    expected = {name: references.run(NETWORKS[name], "golden", 8, stepwise=False) for name in names}
    problems: list[str | None] = []

    def work(name: str) -> None:
        for _ in range(2):
            try:
                problems.append(
                    difference(expected[name], references.run(NETWORKS[name], "verilator", 8, stepwise=False))
                )
            except BaseException as error:
                problems.append(repr(error))

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [None] * 4


def test_a_second_run_after_stop_and_while_it_runs() -> None:
    lif, _ = network()
    lif.run(RunContinuous(), CONFIG)
    with pytest.raises(RunError, match=r"A run is in progress; wait\(\) for it or pause\(\) it"):
        lif.run(RunSteps(num_steps=1), CONFIG)
    with pytest.raises(RunError, match=r"A run is in progress; pause\(\) it before reset\(\)"):
        lif.runtime.reset()
    assert wait_until(lambda: lif.runtime.num_steps > 0, 10)
    lif.pause()
    lif.run(RunSteps(num_steps=3))
    with pytest.raises(ProcessAlreadyCompiled, match="belongs to a runtime already"):
        lif.create_runtime(CONFIG)
    lif.stop()
    with pytest.raises(RuntimeError, match=r"stopped network cannot run again"):
        lif.run(RunSteps(num_steps=1), CONFIG)
    lif.stop()
    assert simulators() == []


def test_stop_while_it_runs() -> None:
    """A continuous run on the chip ends at a step boundary, within the time of two blocks."""
    lif, _ = network()
    lif.run(RunContinuous(), CONFIG)
    time.sleep(0.3)
    lif.stop()
    assert simulators() == []


# ------------------------------------------------------------------------------------ several programs
PROGRAM = textwrap.dedent("""
    import logging
    import sys
    from lava_hw.device import Device
    from lava_hw.compiler import compile_network
    from lava_hw import LIF

    lif = LIF(shape=(5,), bias_mant=3, bias_exp=6, vth=7, name="lif")
    image = compile_network(lif, "tiny", outputs=(lif.s_out,))
    log = logging.getLogger("lava_hw.device")
    log.setLevel("INFO")
    log.addHandler(logging.StreamHandler(sys.stdout))
    print("ready", flush=True)
    sys.stdin.readline()
    with Device.open("verilator", "tiny") as device:
        device.load(image)
        device.advance(9)
        print("spikes", int(device.drain("lif.s_out").sum()), flush=True)
""")


def start(cache: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "LAVA_HW_CACHE": str(cache), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> list[str]:
    text, _ = process.communicate("\n", timeout=600)
    assert process.returncode == 0, text
    return text.splitlines()


@pytest.mark.slow
def test_two_programs_with_one_empty_cache_and_its_damage(tmp_path: Path) -> None:
    """One builds, the other waits; what was damaged is built again; a killed builder blocks nobody."""
    builder = start(tmp_path)
    assert builder.stdin is not None
    builder.stdin.write("\n")
    builder.stdin.flush()
    assert builder.stdout is not None
    assert builder.stdout.readline().startswith("building the fast simulator of chip tiny")
    programs = [start(tmp_path), start(tmp_path)]
    os.kill(builder.pid, signal.SIGKILL)  # in the middle of it
    builder.communicate()

    outputs: dict[int, list[str]] = {}
    threads = [
        threading.Thread(target=lambda k=k, p=p: outputs.__setitem__(k, finish(p)))  # type: ignore[misc]
        for k, p in enumerate(programs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results = sorted(outputs.values(), key=lambda lines: lines[0])
    assert [lines[-1] for lines in results] == ["spikes 15", "spikes 15"]
    assert results[0][0] == "another program builds the same simulator; waiting for it"
    assert results[1][0].startswith("building the fast simulator of chip tiny")
    assert finish(start(tmp_path)) == ["spikes 15"]

    simulator = next((tmp_path / "simulators").glob("lhw_chip-fast-*/simulator"))
    data = bytearray(simulator.read_bytes())
    data[len(data) // 2] ^= 1
    simulator.write_bytes(data)
    first, second, last = finish(start(tmp_path))
    assert first.startswith("the cached simulator in ")
    assert first.endswith(" is damaged; it is built again")
    assert second.startswith("building the fast simulator of chip tiny")
    assert last == "spikes 15"
    # The unfinished work of the killed builder is gone, too.
    assert [path.name for path in (tmp_path / "simulators").iterdir() if path.name.startswith(".")] == []


# ------------------------------------------------------------------------------------ many runs
@pytest.mark.slow
def test_three_hundred_networks_in_one_program() -> None:
    """Nothing grows: descriptors, threads, processes, mappings, memory."""
    expected: list[Any] = []

    def once(number: int) -> None:
        lif, sink = network()
        if number % 3 == 0:
            lif.run(RunSteps(num_steps=10), TINY)
            result = sink.data.get()
            lif.stop()
        else:
            with lif:
                lif.run(RunSteps(num_steps=4), TINY)
                lif.runtime.reset()
                lif.run(RunSteps(num_steps=10))
                result = sink.data.get()
        expected.append(result)
        assert np.array_equal(result, expected.pop(0))

    def state() -> tuple[Any, ...]:
        gc.collect()
        return descriptors(), threading.active_count(), children(os.getpid()), ring_mappings()

    first, _ = network()
    with first:
        first.run(RunSteps(num_steps=10), TINY)
    for number in range(50):
        once(number)
    before, used = state(), memory()
    for number in range(250):
        once(number)
    assert state() == before
    assert memory() - used < 8 << 20  # one network with its rings takes more than 1 MiB
