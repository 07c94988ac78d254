"""Streams of flits with what golden answers; a changed RTL is compared with it, which kills most mutants.

    python -m tests.mutants.streams --record FILE     # what golden answers to the streams
    python -m tests.mutants.streams --compare FILE    # exit 1: the RTL of this tree answers something else

Unlike a test of the fuzz, nothing is drawn again for each mutant, and golden runs once for all of them.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import BuildError
from lava_hw.device.flits import Flits
from tests.fuzz import flit_runs
from tests.fuzz.flit_faults import illegal_case
from tests.fuzz.flit_programs import Choices
from tests.fuzz.flit_streams import legal_case

KILLED, DOES_NOT_BUILD = 1, 3
CHIPS = (
    Chip(
        name="mutants",
        mesh_x=2,
        mesh_y=2,
        lanes=8,
        word=64,
        neurons=40,
        state_lines=90,
        acc_groups=16,
        delay_slots=8,
        synapse_lines=640,
        ucode_words=90,
        const_words=40,
        populations=4,
        connections=8,
        routes=8,
    ),
    Chip(
        name="mutants16",
        mesh_x=1,
        mesh_y=1,
        lanes=16,
        word=128,
        neurons=80,
        state_lines=40,
        acc_groups=40,
        delay_slots=64,
        synapse_lines=512,
        ucode_words=90,
        const_words=40,
        populations=3,
        connections=6,
        routes=6,
    ),
)
"""Chips whose streams are compared; one is built only if those before it showed nothing."""
LEGAL, ILLEGAL = 60, 40


def cases() -> Iterator[tuple[Chip, Flits, int]]:
    """Give chip, flits and jitter of each stream, always the same."""
    for number, chip in enumerate(CHIPS):
        for k in range(LEGAL + ILLEGAL):
            make = legal_case if k < LEGAL else illegal_case
            case = make(Choices(random.Random(f"{number} {k}").randint), chip)
            yield chip, case.flits(), case.jitter


def record(path: Path) -> None:
    """Write the streams with what golden answers."""
    arrays = {}
    for number, (chip, flits, jitter) in enumerate(cases()):
        arrays |= {f"flits{number}": flits, f"came{number}": flit_runs.on_golden(chip, flits)}
        arrays[f"jitter{number}"] = np.array(jitter)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def compare(path: Path) -> str | None:
    """Say where the RTL first answers something else than was recorded, or None.

    Raises
    ------
    BuildError
        If the RTL cannot be built.
    """
    recorded = np.load(path)
    for number in range(len(CHIPS) * (LEGAL + ILLEGAL)):
        flits, wanted = recorded[f"flits{number}"], recorded[f"came{number}"]
        chip = CHIPS[number // (LEGAL + ILLEGAL)]
        program = flit_runs.simulator(chip)
        try:
            came = flit_runs.on_rtl(program, flits, int(recorded[f"jitter{number}"]))
            found = flit_runs.difference(wanted, came)
        except AssertionError as error:
            found = str(error)
        if found is not None:
            return f"stream {number}, chip {chip.name}: {found}"
    return None


def main(argv: list[str] | None = None) -> int:
    """Record or compare; see the module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--record", type=Path, metavar="FILE")
    what.add_argument("--compare", type=Path, metavar="FILE")
    args = parser.parse_args(argv)
    if args.record:
        record(args.record)
        return 0
    try:
        found = compare(args.compare)
    except BuildError as error:
        print(error, file=sys.stderr)
        return DOES_NOT_BUILD
    if found is None:
        return 0
    print(found.splitlines()[0])
    return KILLED


if __name__ == "__main__":
    raise SystemExit(main())
