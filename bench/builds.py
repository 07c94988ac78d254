"""What the simulators cost: time and memory of the build, size, and memory of a run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from bench.checkout import build
from bench.figures import Results
from bench.machine import ROOT
from bench.plan import Plan, Tiles

_FIGURES = (
    ("seconds", "build", "s", 1.0),
    ("cpu_seconds", "build, all processors", "s", 1.0),
    ("build_bytes", "peak memory of the build", "MB", 1e-6),
    ("program_bytes", "size of the simulator", "MB", 1e-6),
    ("run_bytes", "peak memory of the simulator", "MB", 1e-6),
)
"""Key of programs/simulators.py, name, unit, factor."""


def once(tiles: Tiles, plan: Plan, checkout: Path = ROOT, **options: Any) -> dict[str, tuple[float, str]]:
    """Build the simulator of a chain in a checkout; for the options see `checkout.ask`.

    Returns
    -------
    dict
        Value and unit of each figure, by name.
    """
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as folder:
        found = build(tiles, plan, Path(folder), checkout, **options)
    return {name: (found[key] * scale, unit) for key, name, unit, scale in _FIGURES}


def measure(results: Results, tiles: Tiles, plan: Plan) -> None:
    """Measure one chip."""
    for name, (value, unit) in once(tiles, plan).items():
        results.add(f"{tiles.chip_title}/{name}", unit, [value], chip=tiles.chip, mesh=tiles.mesh)
