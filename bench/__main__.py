"""`python -m bench --out build/bench/results.json`: measure everything, print a table, write the figures."""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from types import ModuleType
from typing import Any

from bench import (
    builds,
    callgrind,
    cosim,
    costs,
    growth,
    instructions,
    kinds,
    machine,
    models,
    plain,
    profile,
    ring,
)
from bench.compare import chips
from bench.figures import Bound, Results, number
from bench.networks import chain, layer
from bench.plan import FULL, QUICK, Plan
from bench.programs.simulators import chip_of
from lava_hw import HwRunCfg
from lava_hw.chip import Chip
from lava_hw.device import Device


def needed_chips(plan: Plan, sections: Sequence[str]) -> list[Chip]:
    """Give the chips whose simulators are built before anything is timed."""
    needed = [Chip.load(plan.chip)] if set(sections) - {"ring", "instructions", "builds"} else []
    if "cores" in sections:
        needed += [Chip.load(plan.mesh)]
        needed += [chip_of(tiles.chip, tiles.mesh) for tiles in plan.tiles if tiles.chip == plan.mesh]
    return list({chip.name: chip for chip in needed}.values())


def bounds(plan: Plan) -> list[Bound]:
    """Give what docs/speed.md promises; nothing is promised of tiny networks."""
    if plan is QUICK:
        return []
    return [
        Bound(kinds.CYCLES, "<=", 0.04),
        *(Bound(f"format/{title}/{kinds.CYCLES}", "<=", limit) for title, limit in kinds.BOUNDS.items()),
        *(
            Bound(f"layer {size}/co-simulation to bare", ">=", 0.95)
            for size in plan.sizes
            if size >= plan.main
        ),
        *(
            Bound(f"{tiles.title}/instructions a cycle", "<=", tiles.bound)
            for tiles in plan.tiles
            if tiles.bound
        ),
        Bound(f"layer {plan.main}/plain C++ loop to bare", "<=", 28),
    ]


def run_cycles(results: Results, plan: Plan) -> None:
    """Cycles of the chip for each synaptic operation."""
    case = _layer_case(plan, plan.main)
    cosim.measure_cycles(results, kinds.CYCLES, case)


def run_formats(results: Results, plan: Plan) -> None:
    """The same for each format of connections."""
    kinds.measure_formats(results, plan.chip, plan.main, plan.warm)


def run_neurons(results: Results, plan: Plan) -> None:
    """Cycles a neuron update of each model; steps a second beside the Python models."""
    kinds.measure_neurons(results, plan.chip, plan.main, plan.warm, plan.runs)


def run_cosim(results: Results, plan: Plan) -> None:
    """Layers on one core: co-simulation and bare model."""
    for size in plan.sizes:
        cosim.measure(results, _layer_case(plan, size), plan.runs * (2 if size >= plan.main else 1))


def run_cores(results: Results, plan: Plan) -> None:
    """Chains of layers, each on a core of its own."""
    mesh = Chip.load(plan.mesh)
    for cores in plan.cores:
        _measure_cores(results, plan, f"{cores} core{'s' * (cores > 1)}", mesh, cores)
    for tiles in plan.tiles:
        chip = chip_of(tiles.chip, tiles.mesh)
        if tiles.chip == plan.mesh and chip != mesh:
            _measure_cores(results, plan, tiles.title, chip, tiles.active)


def run_loop(results: Results, plan: Plan) -> None:
    """The closed loop of examples/: each step of Python depends on the chip's last one, and the other way."""
    example = _example("closed_loop")
    warm = min(plan.warm, plan.loop_steps // 4)
    steps = warm + plan.loop_steps
    kicks = {step: 1.5 if step % 800 else -1.5 for step in range(400, steps, 400)}
    case = cosim.Case(
        "closed loop",
        lambda: example.build_loop(steps, kicks=kicks).plant,
        HwRunCfg(device="verilator", chip=plan.chip),
        warm,
        plan.loop_steps,
    )
    cosim.measure(results, case, plan.runs)
    models.measure_case(results, case, plan.runs)


def run_models(results: Results, plan: Plan) -> None:
    """Python models and golden against a plain loop."""
    for size in plan.sizes:
        steps = max(plan.steps_of(size) // 4, 8)
        models.measure(results, size, plan.chip, steps, plan.warm, plan.runs)


def run_ring(results: Results, plan: Plan) -> None:
    """The channels between Python and the simulator."""
    with tempfile.TemporaryDirectory() as folder:
        found = ring.results(ring.build(Path(folder)), plan.runs, plan.ring)
    for ends, row in found.items():
        for what, rates in row.items():
            unit = "us" if what == "round_trip_us" else "slots/s"
            results.add(f"ring/{ends}/{what.split('_us')[0].replace('_', ' ')}", unit, rates)


def run_costs(results: Results, plan: Plan) -> None:
    """Compile time, load time, memory."""
    for size in plan.sizes:
        costs.measure(results, size, plan.chip, plan.warm, plan.runs)


def run_instructions(results: Results, plan: Plan) -> None:
    """Instructions a simulated cycle, and the modules that they go to."""
    if not callgrind.available():
        results.say(callgrind.MISSING)
        return
    for tiles in plan.tiles:
        results.say(f"the instructions of {tiles.title} ...")
        instructions.measure(results, tiles, plan)
    results.say("the modules that they go to ...")
    profile.measure(results, plan.tiles[0], plan)


def run_plain(results: Results, plan: Plan) -> None:
    """The bare model against a plain loop in C++."""
    flags = plain.flags_of_simulator(Chip.load(plan.chip))
    plain.measure(results, _layer_case(plan, plan.main), plan.main, flags, plan.runs * 2)


def run_builds(results: Results, plan: Plan) -> None:
    """Time, memory and size of the simulators."""
    for tiles in chips(plan):
        results.say(f"the build of {tiles.chip_title} ...")
        builds.measure(results, tiles, plan)


def run_growth(results: Results, plan: Plan) -> None:
    """Seconds against neurons, synapses and steps."""
    growth.measure(results, plan.chip, plan.growth, plan.growth_steps, plan.warm, plan.runs)


SECTIONS: dict[str, Callable[[Results, Plan], None]] = {
    "cycles": run_cycles,
    "formats": run_formats,
    "neurons": run_neurons,
    "cosim": run_cosim,
    "cores": run_cores,
    "loop": run_loop,
    "models": run_models,
    "ring": run_ring,
    "costs": run_costs,
    "growth": run_growth,
    "instructions": run_instructions,
    "plain": run_plain,
    "builds": run_builds,
}


def _measure_cores(results: Results, plan: Plan, name: str, chip: Chip, cores: int) -> None:
    sizes = [plan.core_neurons] * (cores + 1)
    case = cosim.Case(
        name,
        lambda: chain(sizes).start,
        HwRunCfg(device="verilator", chip=chip, placement=chain(sizes, list(chip.cores[:cores])).placement),
        plan.warm,
        max(plan.core_steps // cores, 8),
    )
    cosim.measure(results, case, plan.runs)


def _layer_case(plan: Plan, size: int) -> cosim.Case:
    return cosim.Case(
        f"layer {size}",
        lambda: layer(size).start,
        HwRunCfg(device="verilator", chip=plan.chip),
        plan.warm,
        plan.steps_of(size),
    )


def _example(name: str) -> ModuleType:
    """Import a program of examples/, which is no package."""
    spec = importlib.util.spec_from_file_location(
        f"examples_{name}", machine.ROOT / "examples" / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def write(path: Path, results: Results, plan: Plan, about: dict[str, Any], quick: bool) -> None:
    """Write results.json."""
    content = {
        "machine": about,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "quick": quick,
        "seconds": round(results.seconds, 1),
        "bounds": [bound.verdict(results.figures) for bound in bounds(plan)],
        "figures": {name: figure.record() for name, figure in results.figures.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n")


def show(path: Path) -> str:
    """Give the figures of a file as a table in Markdown."""
    content = json.loads(path.read_text())
    about = content["machine"]
    lines = [
        f"{about['processor']}, {about['cores_allowed']} cores, load {about['load'][0]:.1f} before; "
        f"revision {about['revision'][:12]}, {content['date'][:10]}; medians (least to greatest).",
        "",
        "| figure | | |",
        "|---|---|---|",
    ]
    for name, figure in content["figures"].items():
        median, low, high = (number(figure[key]) for key in ("median", "min", "max"))
        lines.append(f"| {name} | {median} ({low} to {high}) | {figure['unit']} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run as a program; the exit code is 0 also if a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/bench/results.json"), help="file to write")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="measure this section (repeatable)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything works")
    parser.add_argument("--show", type=Path, metavar="FILE", help="print the figures of a file, and end")
    options = parser.parse_args(arguments)
    if options.show is not None:
        print(show(options.show))
        return 0
    plan = QUICK if options.quick else FULL
    about = machine.describe()
    results = Results(lambda line: print(line, flush=True))
    chosen = options.only or list(SECTIONS)
    for chip in needed_chips(plan, chosen):
        results.say(f"the simulator of chip {chip.name} ...")
        Device.open("verilator", chip).close()
    for name in chosen:
        SECTIONS[name](results, plan)
        write(options.out, results, plan, about, options.quick)  # what was measured is kept if it breaks off
    print("\n" + results.table(bounds(plan)))
    print(f"\nload before: {about['load'][0]:.2f}, cores: {about['cores_allowed']}; written: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
