"""`python -m bench.profile`: which modules of the RTL the instructions of a simulated cycle go to.

The simulator is built once more, with line numbers, beside Verilator's notes of where its lines of C++ come
from; neither changes what the processor executes. An instruction belongs to the line of the RTL of the
innermost generated code that it is part of; what belongs to none is the harness, Verilator's own code, or a
library.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import callgrind, instructions
from bench.checkout import record
from bench.figures import Results, number
from bench.machine import ROOT
from bench.plan import FULL, QUICK, Plan, Tiles
from lava_hw.device.tools import find_compiler, find_verilator

_NOTE = re.compile(r"/\*rtl/([\w/]+\.svh?):(\d+) ")
_ANY_NOTE = r"/\*[^* ]+:[0-9]+ 0x[0-9a-f]+\*/"  # also for sed
_LEFT_OUT = 1_000  # lines that a build may leave out in one place
_OURS = re.compile(r"(?:^|/)sim/([\w/]+\.[ch]pp):(\d+)")
_ADDRESS = re.compile(r"0x[0-9a-f]+$")
OTHER = "generated code without a line of the RTL"


@dataclass
class Profile:
    """Where the instructions went.

    Attributes
    ----------
    lines : Counter
        Instructions by place: file and line of RTL or harness, else what it is.
    cycles : int
    """

    lines: Counter[str] = field(default_factory=Counter)
    cycles: int = 0

    @property
    def modules(self) -> Counter[str]:
        """Instructions by file."""
        found: Counter[str] = Counter()
        for place, count in self.lines.items():
            found[place.partition(":")[0]] += count
        return found

    @property
    def a_cycle(self) -> float:
        """All instructions a cycle."""
        return self.lines.total() / self.cycles

    def table(self, counted: Counter[str], most: int) -> str:
        """Give places as a table in Markdown; those beyond the first ones in one row."""
        ranked = counted.most_common()
        rows = ranked[:most] + ([("all others", sum(n for _, n in ranked[most:]))] if ranked[most:] else [])
        everything = self.lines.total()
        lines = ["| place | instructions a cycle | share |", "|---|---|---|"]
        lines += [f"| {name} | {number(n / self.cycles)} | {n / everything:.1%} |" for name, n in rows]
        return "\n".join(lines)


_VERILATOR = """\
#!/bin/sh
{environment}
{command} --decorations node "$@" || exit
last= folder=
for word in "$@"; do [ "$last" = --Mdir ] && folder=$word; last=$word; done
[ -n "$folder" ] || exit 0
mkdir -p "$folder"/noted && cp "$folder"/V*.cpp "$folder"/noted
sed -i -E 's@{note}@@g' "$folder"/V*.cpp "$folder"/V*.h
"""
_COMPILER = """\
#!/bin/sh
[ -d noted ] && cp ./V*.cpp {compiled} && cp noted/V*.cpp {noted}
exec {command} -g "$@"
"""


def tools(folder: Path) -> dict[str, str]:
    """Make a Verilator that keeps a copy with its notes, and a compiler that keeps lines and sources.

    The build sees code without notes, because it looks for texts in it.

    Returns
    -------
    dict
        Variables that make a build use them.
    """
    verilator, compiler = find_verilator(), find_compiler()
    for name in ("noted", "compiled"):
        (folder / name).mkdir()
    scripts = {
        "verilator": _VERILATOR.format(
            environment="\n".join(f"export {k}={shlex.quote(v)}" for k, v in verilator.environment.items()),
            command=shlex.join(verilator.command),
            note=_ANY_NOTE,
        ),
        "compiler": _COMPILER.format(
            command=shlex.join(compiler.command),
            **{name: shlex.quote(str(folder / name)) for name in ("noted", "compiled")},
        ),
    }
    for name, text in scripts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return {
        "LAVA_HW_VERILATOR": str(folder / "verilator"),
        "CXX": str(folder / "compiler"),
        "LAVA_HW_CACHE": str(folder / "cache"),
    }


def notes(noted: str, compiled: str) -> list[str]:
    """Give the place in the RTL of each line that was compiled.

    A line without a note goes on with that of the line before, within a function. The build may have left out
    lines; one that it wrote itself has no place.

    Parameters
    ----------
    noted, compiled : str
        What Verilator wrote, with its notes, and what the compiler was given.
    """
    there, place = [], ""
    for line in noted.splitlines():
        if found := _NOTE.search(line):
            place = f"{found[1]}:{found[2]}"
        there.append((re.sub(_ANY_NOTE, "", line), place))
        if line.startswith("}"):
            place = ""
    places, at = [""], 0  # lines count from 1
    for line in compiled.splitlines():
        ahead = range(at, min(at + _LEFT_OUT, len(there)))
        found_at = next((k for k in ahead if there[k][0] == line), None)
        places.append("" if found_at is None else there[found_at][1])
        at = at if found_at is None else found_at + 1
    return places


def frames(program: str, addresses: Iterable[int]) -> Iterator[tuple[int, list[str]]]:
    """Give the lines of the source of addresses, from the innermost inlined function outwards."""
    text = "".join(f"{address:#x}\n" for address in addresses)
    command = ["addr2line", "-e", program, "-a", "-i"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    found: list[str] = []
    address = -1
    for line in done.stdout.splitlines():
        if _ADDRESS.match(line):
            if address >= 0:
                yield address, found
            address, found = int(line, 16), []
        else:
            found.append(line)
    if address >= 0:
        yield address, found


def place_of(stack: Sequence[str], sources: dict[str, list[str]]) -> str:
    """Say where an instruction belongs.

    Parameters
    ----------
    stack : sequence of str
        File and line, from the innermost inlined function outwards.
    sources : dict
        `notes` of each file that Verilator wrote.
    """
    generated = False
    for frame in stack:
        name, _, line = frame.partition(" ")[0].rpartition(":")
        places = sources.get(Path(name).name)
        if places is not None and line.isdigit():
            generated = True
            if places[int(line)]:
                return places[int(line)]
    if generated:
        return OTHER
    for frame in stack:
        if found := _OURS.search(frame):
            return f"sim/{found[1]}:{found[2]}"
    return "Verilator's own code" if "verilated" in " ".join(stack) else "libraries"


def take(tiles: Tiles, plan: Plan, folder: Path, checkout: Path = ROOT) -> Profile:
    """Build, record and count; a cycle of the profile is one between the two recordings."""
    short, long = record(tiles, plan, folder, checkout, **tools(folder))
    program = long["simulator"]
    sources = {
        path.name: notes(path.read_text(), (folder / "compiled" / path.name).read_text())
        for path in (folder / "noted").iterdir()
    }
    counted: Counter[tuple[str, int]] = Counter()
    for run, sign in ((short, -1), (long, 1)):
        out = folder / "callgrind"
        everything = callgrind.count(run, out, addresses=True)
        with out.open() as lines:
            found = callgrind.by_address(lines)
        if found.total() != everything:
            raise RuntimeError(
                f"callgrind counted {everything} instructions, {found.total()} with an address"
            )
        for key, count in found.items():
            counted[key] += sign * count
    profile = Profile(cycles=long["cycles"] - short["cycles"])
    inside = {address: count for (where, address), count in counted.items() if where == program}
    for address, stack in frames(program, inside):
        profile.lines[place_of(stack, sources)] += inside[address]
    profile.lines["libraries"] += sum(n for (where, _), n in counted.items() if where != program)
    profile.lines = Counter({place: count for place, count in profile.lines.items() if count})
    return profile


def measure(results: Results, tiles: Tiles, plan: Plan) -> None:
    """Measure one chain."""
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as folder:
        profile = take(tiles, plan, Path(folder))
    for name, count in profile.modules.most_common():
        results.add(f"{tiles.title}/{name}", "instructions a cycle", [count / profile.cycles])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print tables in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("checkout", type=Path, nargs="?", default=ROOT, help="another checkout, with a .venv")
    titles = [tiles.title for tiles in FULL.tiles]
    parser.add_argument("--case", choices=titles, default=titles[0], help="(default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a tiny chip, to see that everything works")
    parser.add_argument("--lines", type=int, default=0, metavar="N", help="also the N lines that take most")
    options = parser.parse_args(arguments)
    if not callgrind.available():
        raise SystemExit(callgrind.MISSING)
    plan = QUICK if options.quick else FULL
    tiles = QUICK.tiles[0] if options.quick else FULL.tiles[titles.index(options.case)]
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as folder:
        profile = take(tiles, plan, Path(folder), options.checkout.resolve())
    value, _ = instructions.spent(tiles, plan, options.checkout.resolve()).figures["instructions a cycle"]
    print(f"{tiles.title}: {profile.a_cycle:,.1f} instructions a cycle; without line numbers {value:,.1f}\n")
    print(profile.table(profile.modules, len(profile.modules)))
    if options.lines:
        print("\n" + profile.table(profile.lines, options.lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
