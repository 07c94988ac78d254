"""One of two programs that are measured in turn (bench/pair.py): it does a portion of work for each line that
it reads, and answers with the seconds that each step took, or the portion if it has no steps. A portion that
reads the clock itself gives the seconds of a step.

    python turns.py CASE SIZE               run in a checkout, with its Python: it measures that checkout

The cases are those of `lava_cases.py` and of `CASES` below.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import lava_hw.as_lava  # noqa: F401  (lava_cases.py imports from Lava)
from bench.networks import chain, layer
from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps
from lava_hw.chip import Chip
from lava_hw.compiler import compile_network
from lava_hw.device import Device
from lava_hw.device.replay import replay
from lava_hw.image import Image

Portion = Callable[[], Any]  # gives the steps that it did (int), the seconds of each step (float), or None
CHIP, MESH = "default", "mesh16"
WARM = 512  # the steps of a step batch on the RTL, and of a period of the input
SECONDS = 0.1  # of a portion, at least: short, so that two neighbours see the same machine


def program(path: Path) -> Any:
    """Import a program that belongs to no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def steps(process: Any, run_cfg: Any) -> Portion:
    """Steps of a network, as many as take `SECONDS`."""

    def portion() -> int:
        process.run(condition=RunSteps(num_steps=count), run_cfg=run_cfg)
        return count

    process.run(condition=RunSteps(num_steps=WARM), run_cfg=run_cfg)
    count, seconds = 8, 0.0
    while seconds < SECONDS:
        count *= 2
        begin = time.perf_counter()
        portion()
        seconds = time.perf_counter() - begin
    return portion


def on(device: str) -> Callable[[int], Portion]:
    """A layer on a device, or in Python."""

    def prepare(size: int) -> Portion:
        run_cfg = HwRunCfg(device=device, chip=CHIP) if device else Loihi2SimCfg(select_tag="fixed_pt")
        return steps(layer(size).start, run_cfg)

    return prepare


def cores(count: int) -> Portion:
    """A chain of layers, each on a core of its own."""
    network = chain([256] * (count + 1), list(Chip.load(MESH).cores[:count]))
    run_cfg = HwRunCfg(device="verilator", chip=MESH, placement=network.placement)
    return steps(network.start, run_cfg)


def bare(name: str, mesh: tuple[int, int]) -> Callable[[int], Portion]:
    """A simulator fed from a file: a layer of `size` on one tile, or layers of 256 on `size` tiles."""
    simulators = program(Path(__file__).with_name("simulators.py"))

    def prepare(size: int) -> Portion:
        chip = simulators.chip_of(name, mesh)
        tiles, neurons = (1, size) if name == CHIP else (size, 256)
        count = max(64, WARM * 256**2 // (neurons**2 * tiles))
        folder = tempfile.TemporaryDirectory(prefix="lava_hw_bench_")
        flits = Path(folder.name) / "flits"
        simulators.record(chip, tiles, neurons, WARM + count, flits)

        def portion() -> float:
            assert folder
            (first, _, begin), *_, (last, _, end) = replay(chip, flits, marks=16)["marks"]
            return float((end - begin) / (last - first))

        return portion

    return prepare


def loop(device: str) -> Callable[[int], Portion]:
    """The closed loop of examples/, which keeps the history of `size` steps."""

    def prepare(size: int) -> Portion:
        example = program(Path("examples/closed_loop.py"))
        return steps(example.build_loop(size).plant, HwRunCfg(device=device, chip=CHIP))

    return prepare


def compiled(size: int) -> Image:
    """The image of a layer."""
    return compile_network(layer(size).start, CHIP, HwRunCfg(device="verilator", chip=CHIP))


def compiling(size: int) -> Portion:
    """From the processes to the image."""
    return lambda: compiled(size)


def reading(size: int) -> Portion:
    """The image from its bytes."""
    data = compiled(size).to_bytes()
    return lambda: Image.from_bytes(data)


def loading(device: str) -> Callable[[int], Portion]:
    """The image into a device, which then does a few steps."""

    def prepare(size: int) -> Portion:
        image = compiled(size)

        def portion() -> None:
            with Device.open(device, image.chip) as opened:
                session = opened.load(image)
                (port,) = session.inputs
                opened.inject(port, np.zeros((8, size), np.int32))
                opened.advance(8)

        return portion

    return prepare


CASES: dict[str, Callable[[int], Portion]] = {
    "python": on(""),
    "golden": on("golden"),
    "rtl": on("verilator"),
    "cores": cores,
    "bare": bare(CHIP, (2, 2)),
    "bare_of_16": bare(MESH, (4, 4)),
    "bare_of_56": bare(MESH, (8, 7)),
    "loop_golden": loop("golden"),
    "loop_rtl": loop("verilator"),
    "compile": compiling,
    "read": reading,
    "load_golden": loading("golden"),
    "load_rtl": loading("verilator"),
}


def main() -> None:
    """Prepare a case, then serve."""
    case, size = sys.argv[1], int(sys.argv[2])
    portion = CASES[case](size) if case in CASES else _lava_case(case, size)
    for _ in range(3):
        portion()
    print("ready", flush=True)
    for _ in sys.stdin:
        begin = time.perf_counter()
        done = portion()
        seconds = time.perf_counter() - begin
        if isinstance(done, float):
            seconds = done
        print(seconds / done if isinstance(done, int) else seconds, flush=True)


def _lava_case(case: str, size: int) -> Portion:
    cases = program(Path(__file__).with_name("lava_cases.py"))
    cases.fixed = not case.startswith(cases.FLOAT)
    name = case.removeprefix(cases.FLOAT)
    if name in cases.RATES:
        process, _ = cases.RATES[name](size)
        return steps(process, cases.config())
    return lambda: cases.OTHERS[name](size)


if __name__ == "__main__":
    main()
