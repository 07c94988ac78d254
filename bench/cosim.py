"""The chip's RTL: co-simulated with Python, and bare, with the flits that the co-simulation recorded."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from bench.figures import Results
from lava_hw import HwRunCfg, RunSteps
from lava_hw.chip import Chip
from lava_hw.device import Device
from lava_hw.device.replay import replay

CYCLE_STEPS = 1_000


@contextmanager
def simulator_options(**options: Any) -> Iterator[None]:
    """Start every simulator meanwhile with further options of `Device.open`."""
    original = Device.open

    def opened(kind: str, chip: Any, **given: Any) -> Device:
        return original(kind, chip, **{**given, **(options if kind == "verilator" else {})})

    with mock.patch.object(Device, "open", opened):
        yield


@dataclass(frozen=True)
class Case:
    """A network on the RTL.

    Attributes
    ----------
    name : str
    make : callable
        Makes the processes anew and gives one of them.
    run_cfg : RunConfig
    warm, steps : int
        Steps before the clock starts, and timed steps.
    """

    name: str
    make: Callable[[], Any]
    run_cfg: Any
    warm: int
    steps: int

    @property
    def marks(self) -> int:
        """More PAUSED tokens than come."""
        return self.warm + self.steps + 16


def timed_run(case: Case, run_cfg: Any) -> tuple[float, dict[str, Any] | None]:
    """Run a fresh network; give steps per second, and what the chip counted in the timed steps."""
    process = case.make()
    process.create_runtime(run_cfg=run_cfg)
    try:
        process.run(RunSteps(case.warm))
        on_chip = isinstance(run_cfg, HwRunCfg)
        before = process.runtime.counters() if on_chip else None
        begin = time.perf_counter()
        process.run(RunSteps(case.steps))
        seconds = time.perf_counter() - begin
        after = process.runtime.counters() if on_chip else None
    finally:
        process.stop()
    return case.steps / seconds, count(before, after) if before and after else None


def count(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Give what was counted between two calls of `counters`, cores added up."""
    result = {f"chip_{key}": after["chip"][key] - before["chip"][key] for key in after["chip"]}
    for core, values in after["cores"].items():
        for key, value in values.items():
            result[key] = result.get(key, 0) + value - before["cores"][core][key]
    return result


@dataclass(frozen=True)
class Recording:
    """A co-simulated run that can be repeated without a host.

    Attributes
    ----------
    flits : Path
        What went into the chip.
    live : dict
        The simulator's statistics.
    counters : dict
        What the chip counted in the timed steps.
    """

    flits: Path
    live: dict[str, Any]
    counters: dict[str, Any]


def record(case: Case, folder: Path) -> Recording:
    """Run a network once, and keep what went into the chip."""
    flits, stats = folder / "flits", folder / "stats.json"
    with simulator_options(record=flits, stats=stats):
        _, counters = timed_run(case, case.run_cfg)
    assert counters is not None
    return Recording(flits, json.loads(stats.read_text()), counters)


def bare_rate(case: Case, recording: Recording) -> float:
    """Run recorded flits from memory; give steps per second of the timed steps.

    Raises
    ------
    RuntimeError
        If the simulator did not do what it did when it was recorded.
    """
    bare = replay(_chip(case), recording.flits, build=case.run_cfg.build, marks=case.marks)
    for key in ("cycles", "flits_in", "flits_out", "hash"):
        if bare[key] != recording.live[key]:
            raise RuntimeError(
                f"{case.name}: the bare simulator has {key} {bare[key]}, not {recording.live[key]}"
            )
    at = {step: seconds for step, _, seconds in bare["marks"]}
    return case.steps / (at[case.warm + case.steps] - at[case.warm])


def measure(results: Results, case: Case, runs: int) -> None:
    """Measure a network both ways, one run of each in turn, and compare each pair."""
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as folder:
        recording = record(case, Path(folder))
        together, bare = [], []
        for _ in range(runs):
            together.append(timed_run(case, case.run_cfg)[0])
            bare.append(bare_rate(case, recording))
    facts = {"steps": case.steps, "chip": _chip(case).name, "counters": recording.counters}
    results.add(f"{case.name}/bare", "steps/s", bare, **facts)
    results.add(f"{case.name}/co-simulation", "steps/s", together, **facts)
    results.add(
        f"{case.name}/co-simulation to bare",
        "ratio",
        [one / other for one, other in zip(together, bare, strict=True)],
        steps=case.steps,
    )


def measure_cycles(results: Results, name: str, case: Case) -> None:
    """Count the chip's cycles for each synaptic operation in the steady state."""
    case = Case(case.name, case.make, case.run_cfg, case.warm, CYCLE_STEPS)
    _, counted = timed_run(case, case.run_cfg)
    assert counted is not None
    results.add(
        name,
        "cycles",
        [counted["chip_cycles"] / counted["synops"]],
        steps=CYCLE_STEPS,
        counters=counted,
        cycles_per_step=counted["chip_cycles"] / CYCLE_STEPS,
        input_activity=counted["spikes_in"] / CYCLE_STEPS,
    )


def _chip(case: Case) -> Chip:
    chip = case.run_cfg.chip
    return chip if isinstance(chip, Chip) else Chip.load(str(chip))
