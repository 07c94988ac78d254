"""Compile time, time to load an image, and peak memory, each taken in a fresh process.

`python -m bench.costs SIZE CHIP STEPS` prints one measurement as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.figures import Results
from bench.machine import ROOT
from bench.networks import layer
from lava_hw import HwRunCfg
from lava_hw.compiler import compile_network
from lava_hw.device import Device
from lava_hw.image import Image


def measure(results: Results, size: int, chip: str, steps: int, runs: int) -> None:
    """Measure one layer in `runs` processes."""
    found = []
    for _ in range(runs):
        command = [sys.executable, "-m", "bench.costs", str(size), chip, str(steps)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"bench.costs failed:\n{done.stderr}")
        found.append(json.loads(done.stdout))
    facts = {"image_bytes": found[0]["image_bytes"], "chip": chip, "steps": steps}
    for key, name, unit in (
        ("compile", "compile", "s"),
        ("read", "image from its file", "s"),
        ("golden", "image into golden", "s"),
        ("verilator", "image into the RTL", "s"),
        ("host_bytes", "peak memory of the host", "MB"),
        ("simulator_bytes", "peak memory of the simulator", "MB"),
    ):
        scale = 1e-6 if unit == "MB" else 1.0
        results.add(f"layer {size}/{name}", unit, [one[key] * scale for one in found], **facts)


def once(size: int, chip: str, steps: int) -> dict[str, float]:
    """Compile, save, load and run a layer; seconds and bytes."""
    network = layer(size)
    seconds: dict[str, float] = {}
    begin = time.perf_counter()
    image = compile_network(network.start, chip, HwRunCfg(device="verilator", chip=chip))
    seconds["compile"] = time.perf_counter() - begin
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as folder:
        path = Path(folder) / "layer.img"
        image.save(path)
        seconds["image_bytes"] = path.stat().st_size
        begin = time.perf_counter()
        image = Image.load(path)
        seconds["read"] = time.perf_counter() - begin
    for kind in ("golden", "verilator"):
        with Device.open(kind, image.chip) as device:
            begin = time.perf_counter()
            session = device.load(image)
            seconds[kind] = time.perf_counter() - begin
            (port,) = session.inputs
            device.inject(port, np.resize(network.inputs.T, (steps, size)))
            device.advance(steps)
            if kind == "verilator":
                seconds["simulator_bytes"] = _peak(device._link.transport.pid)  # type: ignore[attr-defined]
    seconds["host_bytes"] = _peak(os.getpid())
    return seconds


def _peak(pid: int) -> float:
    """Peak resident bytes of a process, since its program was started (getrusage counts its parent's too)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024
    raise RuntimeError(f"the system does not tell the peak memory of process {pid}")


if __name__ == "__main__":
    size, chip, steps = sys.argv[1:]
    print(json.dumps(once(int(size), chip, int(steps))))
