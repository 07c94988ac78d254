"""Ten thousand networks in one program leave nothing behind: memory, descriptors, threads, shared memory."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from lava_hw import LIF, Dense, Loihi2SimCfg, RunSteps, Sink, Source

WARM, RUNS = 200, 10_000
GROWTH = 4 << 20
"""Bytes that a heap may grow by while it settles: 430 a run, less than the smallest thing of a runtime."""


def run_once(seed: int) -> float:
    """Build, run and stop a small network."""
    rng = np.random.default_rng(seed % 7)
    source = Source(data=rng.integers(0, 2, (3, 8)))
    dense = Dense(weights=rng.integers(0, 90, (2, 3)))
    lif = LIF(shape=(2,), vth=50)
    sink = Sink(shape=(2,), buffer=8)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    with lif:
        lif.run(RunSteps(8), Loihi2SimCfg(select_tag="fixed_pt"))
        return float(sink.data.get().sum())


def resident() -> int:
    """Bytes of resident memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def state() -> tuple[int, int, list[str]]:
    """Threads, descriptors, and mappings of shared memory."""
    shared = [line for line in Path("/proc/self/maps").read_text().splitlines() if "memfd" in line]
    return threading.active_count(), len(os.listdir("/proc/self/fd")), shared


def main() -> None:
    """Run all; print what grew."""
    answers = {seed: run_once(seed) for seed in range(7)}
    for seed in range(WARM):
        assert run_once(seed) == answers[seed % 7]
    memory, before = resident(), state()
    for seed in range(RUNS - WARM):
        assert run_once(seed) == answers[seed % 7]
    assert state() == before, (before, state())
    print(resident() - memory)


@pytest.mark.slow
def test_nothing_grows() -> None:
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < GROWTH


if __name__ == "__main__":
    main()
