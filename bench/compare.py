"""`python -m bench.compare OTHER`: instructions and builds of this checkout and of another one.

Instructions are the same whenever they are counted, so nothing takes turns; `python -m bench.pair` compares
seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import builds, callgrind, instructions, machine
from bench.figures import number
from bench.machine import ROOT
from bench.plan import FULL, QUICK, Plan, Tiles

Figures = dict[str, tuple[float, str]]
Measure = Callable[[Tiles, Plan, Path, float], Figures]


def counted(tiles: Tiles, plan: Plan, checkout: Path, limit: float) -> Figures:
    """What a chain takes in a checkout."""
    return instructions.spent(tiles, plan, checkout, limit=limit).figures


def built(tiles: Tiles, plan: Plan, checkout: Path, limit: float) -> Figures:
    """What the build of a simulator takes in a checkout."""
    return builds.once(tiles, plan, checkout, limit=limit)


def rows(title: str, there: Figures, here: Figures) -> list[str]:
    """Give the figures of both sides as lines of a Markdown table; a side that has none has a dash."""
    lines = []
    for name in there or here:
        sides = [figures.get(name, (None, ""))[0] for figures in (there, here)]
        shown = ["-" if value is None else number(value) for value in sides]
        before, after = sides
        ratio = "-" if before is None or after is None else f"{before / after:.3f}"
        unit = (there or here)[name][1]
        lines.append(f"| {title}, {name} | {shown[0]} | {shown[1]} | {unit} | {ratio} |")
    return lines


def chips(plan: Plan) -> list[Tiles]:
    """Give the chains of a plan, those alone whose chip none before them has."""
    return list({tiles.chip_title: tiles for tiles in reversed(plan.tiles)}.values())[::-1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__)
    parser.add_argument("other", type=Path, help="another checkout, with a .venv")
    titles = [tiles.title for tiles in FULL.tiles]
    parser.add_argument("--case", choices=titles, action="append", help="measure this one (repeatable)")
    parser.add_argument("--builds", action="store_true", help="builds instead of instructions")
    parser.add_argument(
        "--limit", type=float, default=1_200, help="seconds for a case, after which it has no figure"
    )
    parser.add_argument("--quick", action="store_true", help="a tiny chip, to see that everything works")
    options = parser.parse_args(arguments)
    if not options.builds and not callgrind.available():
        raise SystemExit(callgrind.MISSING)
    plan = QUICK if options.quick else FULL
    measure: Measure = built if options.builds else counted
    about = machine.describe()
    print(f"{about['processor']}, {about['compiler']}, Verilator {about['verilator']}\n")
    print("| figure | there | here | | ratio |\n|---|---|---|---|---|", flush=True)
    for tiles in chips(plan) if options.builds else plan.tiles:
        if options.case and tiles.title not in options.case:
            continue
        sides: list[Figures] = []
        for checkout in (options.other.resolve(), ROOT):
            try:
                sides.append(measure(tiles, plan, checkout, options.limit))
            except RuntimeError as error:
                print(error, file=sys.stderr)
                sides.append({})
        title = tiles.chip_title if options.builds else tiles.title
        for line in rows(title, *sides):
            print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
