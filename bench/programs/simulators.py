"""A chain of layers on the RTL: records it, or builds its simulator anew.

    python simulators.py record CHIP MESH_X MESH_Y TILES NEURONS FOLDER STEPS...
    python simulators.py build CHIP MESH_X MESH_Y TILES NEURONS FOLDER

Run in a checkout, with its Python, it measures that checkout. TILES layers of NEURONS neurons, each on a tile
of its own, run on a chip of configs/ with so many tiles; the spikes of the last layer must be those of a
plain loop. The last line printed is JSON. `record` runs them for each number of STEPS and gives the
simulator, and for each run its file of flits and what the simulator counted. `build` gives the seconds of a
build, those of all processors, the most memory that one program of it took, the size of the simulator, and
the memory of a short run.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from bench.networks import chain, plain_loop
from lava_hw import HwRunCfg, RunSteps
from lava_hw.chip import Chip
from lava_hw.device import Device
from lava_hw.device.build import build_simulator, chip_design

STEPS = 16  # of the run that shows how much memory a simulator takes


def chip_of(name: str, mesh: tuple[int, int]) -> Chip:
    """A chip of configs/ with another number of tiles."""
    chip = Chip.load(name)
    if (chip.mesh_x, chip.mesh_y) == mesh:
        return chip
    return replace(chip, name=f"{name}_{mesh[0]}x{mesh[1]}", mesh_x=mesh[0], mesh_y=mesh[1])


def record(chip: Chip, tiles: int, neurons: int, steps: int, flits: Path) -> dict[str, Any]:
    """Record so many steps; give what the simulator counted, and the most memory that it took.

    Raises
    ------
    RuntimeError
        If a spike is not that of the plain loop.
    """
    network = chain([neurons] * (tiles + 1), list(chip.cores[:tiles]), buffer=steps)
    run_cfg = HwRunCfg(device="verilator", chip=chip, placement=network.placement)
    stats = flits.with_suffix(".json")
    open_device, devices = Device.open, []

    def recorded(kind: str, given: Any, **options: Any) -> Device:
        devices.append(open_device(kind, given, **{**options, "record": flits, "stats": stats}))
        return devices[-1]

    with mock.patch.object(Device, "open", recorded), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the inputs repeat, which they are meant to
        network.start.create_runtime(run_cfg=run_cfg)
        try:
            network.start.run(RunSteps(steps))
            spikes = network.sink.data.get().T
            peak = peak_of(devices[0]._link.transport.pid)  # type: ignore[attr-defined]
        finally:
            network.start.stop()
    if not np.array_equal(spikes, plain_loop(network, steps)):
        raise RuntimeError(
            f"{tiles} layers of {neurons} on chip {chip.name}: the RTL and the plain loop differ"
        )
    counted = json.loads(stats.read_text())
    facts = {key: counted[key] for key in ("cycles", "flits_out", "hash")}
    return {"flits": str(flits), "steps": steps, "peak_bytes": peak, **facts}


def peak_of(pid: int) -> int:
    """Peak resident bytes of a process, since its program was started."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def build(chip: Chip, tiles: int, neurons: int, folder: Path) -> dict[str, Any]:
    """Build into an empty cache; give what that took."""
    os.environ["LAVA_HW_CACHE"] = str(folder / "cache")
    begin = time.perf_counter()
    simulator = build_simulator(chip_design(chip), "fast")
    seconds = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "build_bytes": used.ru_maxrss * 1024,
        "program_bytes": simulator.program.stat().st_size,
        "run_bytes": record(chip, tiles, neurons, STEPS, folder / "flits")["peak_bytes"],
    }


def main() -> None:
    """Run as a program."""
    what, name, x, y, tiles, neurons, folder, *lengths = sys.argv[1:]
    chip, place = chip_of(name, (int(x), int(y))), Path(folder)
    shape = (chip, int(tiles), int(neurons))
    if what == "build":
        answer = build(*shape, place)
    else:
        simulator = build_simulator(chip_design(chip), "fast")
        runs = [record(*shape, int(steps), place / f"{steps}.flits") for steps in lengths]
        answer = {"simulator": str(simulator.program), "runs": runs}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
