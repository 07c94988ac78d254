"""`make compat`, second part: which networks of Lava's libraries run on the chip, equal to Python.

The libraries are taken from their wheels, as for their own tests. Each network runs in Python, on golden and
on the RTL, and every Var of every process is compared after each step. The exit code is 1 if a value differs,
if a network cannot run, or if a process on the chip does nothing. The table of docs/lava.md is made of the
runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from lava_hw._pages import with_part
from tests.compat.on_chip_child import Outcome, Part
from tests.compat.suites import SUITES, fetch, fetch_pins, hindrance

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = ("lava-dnf", "lava-optimization")
DEVICES = ("golden", "verilator")
SOURCE = "runs of the libraries' networks"
_LIMIT = 900

Found = Mapping[str, Sequence[Outcome]]
"""Outcomes of a library by device."""


def run(library: str, folder: Path, device: str, chip: str) -> list[Outcome]:
    """Run the networks of a library in a program of its own.

    Raises
    ------
    RuntimeError
        If that program fails; the message ends with what it said.
    """
    suite = SUITES[library]
    place, pins = fetch(suite, folder), fetch_pins(suite, folder)
    out = folder / "reports" / f"{library}-{device}.json"
    out.parent.mkdir(exist_ok=True)
    out.unlink(missing_ok=True)
    paths = [str(path) for path in (ROOT, pins) if path is not None]
    done = subprocess.run(
        [sys.executable, "-m", "tests.compat.on_chip_child", library, str(place), device, chip, str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MPLBACKEND": "agg"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_LIMIT,
    )
    if done.returncode or not out.exists():
        said = done.stderr.strip()[-800:] or "no message"
        raise RuntimeError(f"the networks of {library} could not run on {device}: {said}")
    return read(out)


def read(path: Path) -> list[Outcome]:
    """What the program has written."""
    given = json.loads(path.read_text(encoding="utf-8"))
    for one in given:
        one["parts"] = tuple(Part(**part) for part in one["parts"])
        one["differing"], one["still"] = tuple(one["differing"]), tuple(one["still"])
    return [Outcome(**one) for one in given]


def failures(library: str, device: str, outcomes: Sequence[Outcome]) -> list[str]:
    """What had to hold and does not, a sentence each."""
    found = []
    for one in outcomes:
        where = f"{library}, {one.name}, on {device}"
        if one.error:
            found.append(f"{where}: {one.error}")
        elif not one.compared:
            found.append(f"{where}: no value was compared")
        if one.differing:
            found.append(f"{where}: differs from Python at {', '.join(one.differing)}")
        if one.still:
            found.append(f"{where}: nothing changes in {', '.join(one.still)}")
    return found


def extent(parts: Sequence[Part]) -> str:
    """Say how much of a network is on the chip, apart from what feeds it and what listens to it."""
    if not any(part.on_chip for part in parts):
        return "not"
    return "in part" if any(part.place == "between" for part in parts) else "wholly"


def table(found: Mapping[str, Found]) -> str:
    """The table, from outcomes by library and device, and what keeps processes in Python."""
    lines = [
        "| network | runs on the chip | there | in Python, between | in Python, before or behind | steps | "
        "values equal |",
        "|---|---|---|---|---|---|---|",
    ]
    reasons: dict[str, set[str]] = {}
    for library, devices in found.items():
        for outcomes in zip(*devices.values(), strict=True):
            one = outcomes[0]
            shown = [_counted([p for p in one.parts if p.place in places]) for places in _PLACES]
            compared = sum(other.compared for other in outcomes)
            cells = [f"{library}: {one.name}", extent(one.parts), *shown, one.steps, f"{compared:,}"]
            lines.append(f"| {' | '.join(map(str, cells))} |")
            for part in one.parts:
                if not part.on_chip:
                    reasons.setdefault(part.reason, set()).add(f"`{part.name}`")
    lines += ["", "Why the package leaves processes in Python, in its own words:", ""]
    for reason, names in sorted(reasons.items()):
        lines += _wrapped(f"- {reason}: {', '.join(sorted(names))}")
    return "\n".join(lines)


_PLACES = (("chip",), ("between",), ("before", "behind", "apart"))


def _counted(parts: Sequence[Part]) -> str:
    counts = Counter(part.name for part in parts)
    return ", ".join(f"{n} {name}" if n > 1 else name for name, n in sorted(counts.items())) or "-"


def _wrapped(text: str, width: int = 120) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append(" ")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def main(argv: Sequence[str] | None = None) -> int:
    """Run everything; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--library", action="append", choices=LIBRARIES, help="this one only (may be repeated)"
    )
    parser.add_argument("--device", action="append", choices=DEVICES, help="this one only (may be repeated)")
    parser.add_argument("--chip", default="default", help="name of a chip or path of its YAML file")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "compat", help="folder for everything")
    parser.add_argument("--page", type=Path, help="page of docs/ whose table is written anew")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, list[Outcome]]] = {}
    wrong: list[str] = []
    left_out = False
    for library in args.library or LIBRARIES:
        why = hindrance(SUITES[library])
        if why is not None:
            print(f"{library}: left out, because {why}", flush=True)
            left_out = True
            continue
        for device in args.device or DEVICES:
            outcomes = run(library, args.out.absolute(), device, args.chip)
            found.setdefault(library, {})[device] = outcomes
            bad = failures(library, device, outcomes)
            wrong += bad
            print(f"{library} on {device}: {len(outcomes)} networks, {len(bad)} complaints", flush=True)
    for text in wrong:
        print(f"  {text}")
    whole = not (left_out or args.library or args.device)
    if found and not wrong:
        part = table(found)
        print(f"\n{part}\n")
        if args.page is not None and whole:
            page = args.page.read_text(encoding="utf-8")
            args.page.write_text(with_part(page, SOURCE, part, "compat"), encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
