"""Speed of the channels: slots a second and round trips, between C++ and Python, on one core and on two.

Prints JSON: for each pair of languages and each placement the median of several runs. A figure for two cores
is left out where the process may use only one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lava_hw import bridge

ROOT = Path(__file__).resolve().parents[1]
CAPACITY = 4096


def build(folder: Path) -> Path:
    """Compile ring.cpp and return the program."""
    program = folder / "ring"
    source = Path(__file__).with_name("ring.cpp")
    command = [os.environ.get("CXX", "c++"), "-std=c++17", "-O3", f"-I{ROOT / 'sim'}", source, "-o", program]
    subprocess.run(command, check=True)
    return program


def python_peer(mode: str, link: bridge.Link, slots: int, batch: int) -> None:
    """Do in Python what ring.cpp does in C++."""
    buffer = np.zeros(batch, np.uint64)
    one = np.zeros(1, np.uint64)
    if mode == "stream":
        got = 0
        while got < slots:
            got += link.pop_into(buffer)
        link.push(one)
    elif mode == "echo":
        for _ in range(slots):
            link.pop_into(one)
            link.push(one)
    else:
        sys.stdin.readline()
        started = time.perf_counter()
        if mode == "send":
            for _ in range(0, slots, batch):
                link.push(buffer)
            link.pop_into(one)
        else:
            for _ in range(slots):
                link.push(one)
                link.pop_into(one)
        print(time.perf_counter() - started)


def start(program: Path, language: str, mode: str, fds: tuple[int, int], slots: int, batch: int, core: int):
    """Start one end as a process of its own."""
    arguments = [mode, *map(str, fds), str(slots), str(batch), str(core)]
    if language == "c++":
        command = [str(program), *arguments]
    else:
        command = [sys.executable, __file__, "--peer", *arguments]
    return subprocess.Popen(command, pass_fds=fds, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def measure(
    program: Path, languages: tuple[str, str], modes: tuple[str, str], slots: int, batch: int, cores
) -> float:
    """Return slots per second of one run; the near end takes the time once both are ready."""
    memory = bridge.create_link(CAPACITY, "bench", "near", "far")
    back = (memory.far_to_near, memory.near_to_far)
    far = start(program, languages[1], modes[1], back, slots, batch, cores[1])
    near = start(program, languages[0], modes[0], memory.fds, slots, batch, cores[0])
    while not all(
        bridge.describe(fd)[role]["state"] == "attached"
        for fd, role in ((memory.near_to_far, "consumer"), (memory.far_to_near, "consumer"))
    ):
        time.sleep(0.001)
    said, _ = near.communicate(b"go\n")
    far.communicate()
    memory.close()
    if near.returncode or far.returncode:
        raise RuntimeError(f"an end of the benchmark failed: {near.returncode}, {far.returncode}")
    return slots / float(said)


def results(program: Path, runs: int, scale: float) -> dict[str, dict[str, list[float]]]:
    """Return all runs: slots per second, and microseconds per round trip."""
    available = sorted(os.sched_getaffinity(0))
    placements = {"one core": (available[0], available[0])}
    if len(available) > 1:
        placements["two cores"] = (available[0], available[1])
    found: dict[str, dict[str, list[float]]] = {}
    for near, far in (("c++", "c++"), ("python", "c++"), ("python", "python")):
        for place, cores in placements.items():
            quick = 20 if near == "c++" else 1
            row = found.setdefault(f"{near} to {far}, {place}", {})
            for batch, count in ((1, 100_000 * quick), (256, 20_000_000)):
                slots = max(256, int(count * scale) // 256 * 256)
                row[f"slots_per_s, batch {batch}"] = [
                    measure(program, (near, far), ("send", "stream"), slots, batch, cores)
                    for _ in range(runs)
                ]
            trips = max(100, int(30_000 * scale * (5 if near == "c++" else 1)))
            rates = [measure(program, (near, far), ("ask", "echo"), trips, 1, cores) for _ in range(runs)]
            row["round_trip_us"] = [1e6 / rate for rate in rates]
    return found


def main() -> None:
    """Run as a script."""
    if sys.argv[1:2] == ["--peer"]:
        mode, out_fd, in_fd, slots, batch, core = sys.argv[2], *map(int, sys.argv[3:])
        os.sched_setaffinity(0, {core})
        python_peer(mode, bridge.Link(out_fd, in_fd), slots, batch)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of which the median is taken")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the slots to send")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = results(build(Path(folder)), arguments.runs, arguments.scale)
    medians = {
        ends: {what: statistics.median(values) for what, values in row.items()} for ends, row in found.items()
    }
    json.dump(medians, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
