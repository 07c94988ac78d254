"""`python -m bench.pair OTHER`: this checkout and another one, measured in turn.

A machine gets faster and slower by itself, within seconds and by more than most changes cost. So both
checkouts are prepared, and then each does a portion of about a tenth of a second in its turn, many times: the
ratio of a turn is that of neighbours, and the median of the ratios is what counts. Each checkout needs its
own `.venv` (`make setup`), and simulators are built before anything is timed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import machine
from bench.checkout import python_of
from bench.figures import number
from bench.machine import ROOT

PROGRAM = Path(__file__).parent / "programs" / "turns.py"
# What `make bench` and `make bench-lava` measure of this package, by (case of turns.py, size).
CASES: tuple[tuple[str, int], ...] = (
    ("layers", 64),
    ("layers", 256),
    ("layers", 1024),
    ("layers", 4096),
    ("recurrent", 256),
    ("recurrent", 1024),
    ("float_layers", 64),
    ("float_layers", 1024),
    ("float_layers", 4096),
    ("float_recurrent", 1024),
    ("chain", 4),
    ("chain", 16),
    ("chain", 64),
    ("sparse", 4096),
    ("conv", 32),
    ("learning", 256),
    ("get", 1000),
    ("get", 1_000_000),
    ("startstop", 4),
    ("startstop", 64),
    ("python", 64),
    ("python", 256),
    ("python", 1024),
    ("golden", 64),
    ("golden", 256),
    ("golden", 1024),
    ("rtl", 64),
    ("rtl", 256),
    ("rtl", 1024),
    ("cores", 1),
    ("cores", 4),
    ("cores", 16),
    ("bare", 64),
    ("bare", 256),
    ("bare", 1024),
    ("bare_of_16", 1),
    ("bare_of_16", 4),
    ("bare_of_16", 16),
    ("bare_of_56", 1),
    ("loop_golden", 1),
    ("loop_rtl", 1),
    ("compile", 64),
    ("compile", 256),
    ("compile", 1024),
    ("read", 1024),
    ("load_golden", 1024),
    ("load_rtl", 1024),
)


@dataclass
class Row:
    """A case on both sides.

    Attributes
    ----------
    name : str
    here, there : list of float
        Seconds of each turn.
    """

    name: str
    here: list[float] = field(default_factory=list)
    there: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """How many times as fast this checkout is, turn by turn."""
        return [b / a for a, b in zip(self.here, self.there, strict=True)]

    @property
    def ratio(self) -> float:
        """Median of the ratios."""
        return statistics.median(self.ratios)

    def line(self) -> str:
        """Give it as a line of a Markdown table."""
        a, b = statistics.median(self.here), statistics.median(self.there)
        low, _, high = statistics.quantiles(self.ratios, n=4)
        ratio = f"{self.ratio:.3f} ({low:.2f} to {high:.2f})"
        return f"| {self.name} | {number(b * 1e3)} | {number(a * 1e3)} | {ratio} |"


class Side:
    """A checkout that has prepared a case, and does a portion of it when it is asked to."""

    def __init__(self, checkout: Path, case: str, size: int) -> None:
        self.title = f"{case} {size} in {checkout}"
        self._child = subprocess.Popen(
            [str(python_of(checkout)), str(PROGRAM), case, str(size)],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> None:
        """Wait until the case is prepared."""
        self._answer()

    def turn(self) -> float:
        """Do a portion; give its seconds."""
        assert self._child.stdin is not None
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        return float(self._answer())

    def _answer(self) -> str:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            _, said = self._child.communicate()
            raise SystemExit(f"{self.title} failed: {said.strip()[-800:]}")
        return line

    def close(self) -> None:
        """End the program."""
        self._child.communicate()


@contextmanager
def sides(checkouts: Sequence[Path], case: str, size: int) -> Iterator[list[Side]]:
    """Prepare a case in each checkout, one after the other."""
    made: list[Side] = []
    try:
        for checkout in checkouts:
            made.append(Side(checkout, case, size))
            made[-1].wait()
        yield made
    finally:
        for side in made:
            side.close()


def measure(other: Path, case: str, size: int, turns: int) -> Row:
    """Measure both checkouts in turn."""
    row = Row(f"{case} {size:,}")
    with sides([ROOT, other], case, size) as (here, there):
        for turn in range(turns):
            # Neither side is always the one that comes first.
            order = ((here, row.here), (there, row.there))
            for side, seconds in order if turn % 2 else order[::-1]:
                seconds.append(side.turn())
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.pair", description=__doc__)
    parser.add_argument("other", type=Path, help="another checkout, with a .venv")
    parser.add_argument("--turns", type=int, default=40, help="portions of each side (default: %(default)s)")
    names = list(dict.fromkeys(case for case, _ in CASES))
    parser.add_argument("--only", choices=names, action="append", metavar="CASE", help=", ".join(names))
    options = parser.parse_args(arguments)
    about = machine.describe()
    print(
        f"{about['processor']}, {about['cores_allowed']} cores, load {about['load'][0]:.1f} before; "
        f"{options.turns} turns; medians, and the ratio of neighbours (quartiles; above 1 is better).\n"
    )
    print("| case | there, ms | here, ms | ratio |\n|---|---|---|---|", flush=True)
    rows = []
    for case, size in CASES:
        if not options.only or case in options.only:
            rows.append(measure(options.other.resolve(), case, size, options.turns))
            print(rows[-1].line(), flush=True)
    print(f"\nworst ratio: {min(row.ratio for row in rows):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
