"""Instructions a simulated cycle, and a step, of chains of layers on chips of which some tiles are active.

A long and a short recording are counted, and the difference is given: starting the simulator and loading the
image, which both have, cancel.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import callgrind
from bench.checkout import record
from bench.figures import Results
from bench.machine import ROOT
from bench.plan import Plan, Tiles


@dataclass(frozen=True)
class Spent:
    """What the steps between the end of the short recording and that of the long one took."""

    instructions: int
    cycles: int
    steps: int

    @property
    def figures(self) -> dict[str, tuple[float, str]]:
        """Value and unit of each figure, by name."""
        return {
            "instructions a cycle": (self.instructions / self.cycles, "instructions"),
            "instructions a step": (self.instructions / self.steps, "instructions"),
            "cycles a step": (self.cycles / self.steps, "cycles"),
        }


def spent(tiles: Tiles, plan: Plan, checkout: Path = ROOT, **options: Any) -> Spent:
    """Record a chain in a checkout, and count; for the options see `checkout.ask`."""
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as name:
        folder = Path(name)
        short, long = record(tiles, plan, folder, checkout, **options)
        counts = [callgrind.count(run, folder / "callgrind") for run in (short, long)]
    return Spent(counts[1] - counts[0], long["cycles"] - short["cycles"], long["steps"] - short["steps"])


def measure(results: Results, tiles: Tiles, plan: Plan) -> None:
    """Measure one chain."""
    found = spent(tiles, plan)
    facts = {"chip": tiles.chip, "mesh": tiles.mesh, "steps": found.steps, "cycles": found.cycles}
    for name, (value, unit) in found.figures.items():
        results.add(f"{tiles.title}/{name}", unit, [value], **facts)
