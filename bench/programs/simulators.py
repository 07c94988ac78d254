"""A chain of layers on the RTL: records it, or builds its simulator anew.

    python simulators.py record CHIP MESH_X MESH_Y TILES NEURONS FOLDER STEPS...
    python simulators.py build CHIP MESH_X MESH_Y TILES NEURONS FOLDER

Run in a checkout, with its Python, it measures that checkout. TILES layers of NEURONS neurons, each on a tile
of its own, run on a chip of configs/ with so many tiles; the spikes of the last layer must be those of a
plain loop. The last line printed is JSON. `record` runs them for each number of STEPS and gives for each run
the simulator, its file of flits and what it counted. `build` gives the seconds of a
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
from lava_hw.device import Device, verilator

STEPS = 16  # of the run that shows how much memory a simulator takes


def chip_of(name: str, mesh: tuple[int, int]) -> Chip:
    """A chip of configs/ with another number of tiles."""
    chip = Chip.load(name)
    if (chip.mesh_x, chip.mesh_y) == mesh:
        return chip
    return replace(chip, name=f"{name}_{mesh[0]}x{mesh[1]}", mesh_x=mesh[0], mesh_y=mesh[1])


def record(chip: Chip, tiles: int, neurons: int, steps: int, flits: Path) -> dict[str, Any]:
    """Record so many steps; give the simulator, what it counted, and the most memory that it took.

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
            # Only the transport of a simulator has a pid, which the protocol does not say.
            pid = devices[0]._link.transport.pid  # type: ignore[attr-defined]
            program, peak = os.readlink(f"/proc/{pid}/exe"), peak_of(pid)
        finally:
            network.start.stop()
    if not np.array_equal(spikes, plain_loop(network, steps)):
        raise RuntimeError(
            f"{tiles} layers of {neurons} on chip {chip.name}: the RTL and the plain loop differ"
        )
    counted = json.loads(stats.read_text())
    facts = {key: counted[key] for key in ("cycles", "flits_out", "hash")}
    return {"simulator": program, "flits": str(flits), "steps": steps, "peak_bytes": peak, **facts}


def peak_of(pid: int) -> int:
    """Peak resident bytes of a process, since its program was started."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def build(chip: Chip, tiles: int, neurons: int, folder: Path) -> dict[str, Any]:
    """Build into an empty cache, then run; give what that took."""
    taken: dict[str, Any] = {}
    # That module imports it and does not export it; what the device calls is replaced there.
    build_simulator = verilator.build_simulator  # type: ignore[attr-defined]

    def timed(*given: Any, **options: Any) -> Any:
        begin = time.perf_counter()
        simulator = build_simulator(*given, **{**options, "cache": folder / "cache"})
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.update(
            seconds=time.perf_counter() - begin,
            cpu_seconds=used.ru_utime + used.ru_stime,
            build_bytes=used.ru_maxrss * 1024,
            program_bytes=simulator.program.stat().st_size,
        )
        return simulator

    with mock.patch.object(verilator, "build_simulator", timed):
        run = record(chip, tiles, neurons, STEPS, folder / "flits")
    return {**taken, "run_bytes": run["peak_bytes"]}


def main() -> None:
    """Run as a program."""
    what, name, x, y, tiles, neurons, folder, *lengths = sys.argv[1:]
    shape = (chip_of(name, (int(x), int(y))), int(tiles), int(neurons))
    if what == "build":
        print(json.dumps(build(*shape, Path(folder))))
    else:
        print(json.dumps([record(*shape, int(steps), Path(folder) / f"{steps}.flits") for steps in lengths]))


if __name__ == "__main__":
    main()
