"""`python -m bench.pair OTHER`: this checkout and another one, measured in turn.

A machine gets faster and slower by itself, so figures of two days say little about a change. Here each round
measures all cases on both checkouts, one directly after the other, and the ratio of a round is that of
neighbours; the median of the ratios is what counts. Each checkout needs its own `.venv` (`make setup`).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import lava, machine
from bench.__main__ import SECTIONS
from bench.figures import number

ROOT = Path(__file__).resolve().parents[1]
UNITS = {"steps/s": 1, "s": -1, "MB": -1, "cycles": -1, "us": -1, "slots/s": 1}
"""Units that have a better side: 1 where more is better, -1 where less is."""


@dataclass
class Row:
    """A figure on both sides.

    Attributes
    ----------
    name, unit : str
    here, there : list of float
        One value a round.
    """

    name: str
    unit: str
    here: list[float] = field(default_factory=list)
    there: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """How many times better this checkout is, round by round."""
        way = UNITS[self.unit]
        return [(a / b) ** way for a, b in zip(self.here, self.there, strict=True)]

    @property
    def ratio(self) -> float:
        """Median of the ratios."""
        return statistics.median(self.ratios)

    def line(self) -> str:
        """Give it as a line of a Markdown table."""
        a, b = statistics.median(self.here), statistics.median(self.there)
        ratio = f"{self.ratio:.3f} ({min(self.ratios):.3f} to {max(self.ratios):.3f})"
        return f"| {self.name} | {number(b)} | {number(a)} | {self.unit} | {ratio} |"


def python_of(checkout: Path) -> Path:
    """Give the Python of a checkout.

    Raises
    ------
    SystemExit
        If it has none, or if that Python imports the package of another checkout.
    """
    python = checkout / ".venv" / "bin" / "python"
    if not python.exists():
        raise SystemExit(f"{checkout} has no .venv; run `make setup` there")
    code = "import lava_hw; print(lava_hw.__file__)"
    found = subprocess.run([python, "-c", code], cwd=checkout, capture_output=True, text=True, check=True)
    if not Path(found.stdout.strip()).resolve().is_relative_to(checkout.resolve()):
        raise SystemExit(f"{python} imports {found.stdout.strip()}, not the package of {checkout}")
    return python


def section(checkout: Path, name: str, quick: bool) -> dict[str, tuple[str, float]]:
    """Run a section of `python -m bench` in a checkout; give unit and median by figure."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results.json"
        command = [str(python_of(checkout)), "-m", "bench", "--only", name, "--out", str(out)]
        done = subprocess.run(
            [*command, *(["--quick"] if quick else [])], cwd=checkout, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"section {name} failed in {checkout}: {done.stderr.strip()[-800:]}")
        figures = json.loads(out.read_text())["figures"]
    return {key: (figure["unit"], figure["median"]) for key, figure in figures.items()}


def lava_case(checkout: Path, case: str, size: int) -> dict[str, tuple[str, float]]:
    """Run a case of `make bench-lava` in a checkout, on its own package only."""
    answer = lava.measure([str(python_of(checkout)), "-m", "lava_hw.as_lava"], case, size, checkout)
    return {f"{case} {size:,}": (answer["unit"], answer["value"])}


def measure(
    other: Path, sections: Sequence[str], cases: Sequence[tuple[str, int]], rounds: int, quick: bool
) -> list[Row]:
    """Measure both checkouts in turn; figures without a better side (ratios) are left out."""
    rows: dict[str, Row] = {}
    for number_of_round in range(rounds):
        # Neither side is always the one that comes first.
        sides = [("here", ROOT), ("there", other)][:: 1 if number_of_round % 2 else -1]
        for name in sections:
            for side, checkout in sides:
                _keep(rows, side, section(checkout, name, quick))
        for case, size in cases:
            for side, checkout in sides:
                _keep(rows, side, lava_case(checkout, case, size))
        print(f"round {number_of_round + 1} of {rounds} is done", file=sys.stderr, flush=True)
    return [row for row in rows.values() if row.here and len(row.here) == len(row.there)]


def _keep(rows: dict[str, Row], side: str, figures: dict[str, tuple[str, float]]) -> None:
    for name, (unit, value) in figures.items():
        if unit in UNITS:
            getattr(rows.setdefault(name, Row(name, unit)), side).append(value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.pair", description=__doc__)
    parser.add_argument("other", type=Path, help="another checkout, with a .venv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=SECTIONS, action="append", help="sections of `make bench`")
    parser.add_argument("--lava", action="append", metavar="CASE", help="cases of `make bench-lava`")
    parser.add_argument("--all", action="store_true", help="every section and every case")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    options = parser.parse_args(arguments)
    sections = list(SECTIONS) if options.all else options.only or []
    cases = [(case, size) for case, size, _ in lava.CASES if options.all or case in (options.lava or [])]
    if not sections and not cases:
        parser.error("name sections (--only), cases (--lava), or --all")
    about = machine.describe()
    rows = measure(options.other.resolve(), sections, cases, options.rounds, options.quick)
    print(
        f"{about['processor']}, {about['cores_allowed']} cores, load {about['load'][0]:.1f} before; "
        f"{options.rounds} rounds; "
        "medians, and the ratio of neighbours (least to greatest; above 1 is better)."
    )
    print("\n| figure | there | here | | ratio |\n|---|---|---|---|---|")
    for row in rows:
        print(row.line())
    print(f"\nworst ratio: {min(row.ratio for row in rows):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
