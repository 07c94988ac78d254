"""A chip tile by tile is the chip as a whole: the same flits in the same cycles, whatever is sent to it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings

from lava_hw.chip import Chip
from lava_hw.device.build import Simulator, build_simulator, chip_design
from lava_hw.device.flits import Flits, reads, token
from lava_hw.regs import CONTROL_CORE, CORE_ADDR, EVENT_FLIT, ChipCsr, CoreCsr, CoreRegion, TokenIn
from tests.fuzz.flit_case import FlitCase
from tests.fuzz.flit_streams import legal
from tests.fuzz.search import SEARCH

pytestmark = pytest.mark.rtl

# A mesh with a tile that has four neighbours, and cores that are built quickly.
NINE = replace(Chip.load("tiny"), name="tiny9", mesh_x=3, mesh_y=3)
COUNTERS = np.concatenate([reads(CONTROL_CORE, 0, len(ChipCsr)), token(TokenIn.SYNC)])  # those of cycles, too
WATCHDOG = 3000  # cycles without progress; a damaged stream may wait for ever


@cache
def simulator(tilewise: bool, kind: str = "fast") -> Simulator:
    return build_simulator(chip_design(NINE), kind, whole=not tilewise)


def run(folder: Path, flits: Flits, tilewise: bool, *options: str, kind: str = "fast") -> dict[str, Any]:
    """All that a simulator says of a stream: how it ended, its counts, all that came out."""
    given_, came = folder / "in", folder / f"out{tilewise}"
    flits.tofile(given_)
    command = [str(simulator(tilewise, kind).program), "--bare", str(given_), "--output", str(came)]
    command += ["--watchdog", str(WATCHDOG), "--marks", "1000", *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    facts: dict[str, Any] = {"code": done.returncode, "said": done.stderr, "came": came.read_bytes()}
    if done.returncode == 0:
        statistics = json.loads(done.stdout)
        facts["marks"] = [mark[:2] for mark in statistics["marks"]]
        facts |= {name: statistics[name] for name in ("cycles", "flits_in", "flits_out", "syncs", "hash")}
    return facts


def equal(folder: Path, flits: Flits, *options: str) -> dict[str, Any]:
    """Hold both simulators to each other; gives what they said. Sleepers are evaluated, too."""
    tiles = run(folder, flits, True, "--check-sleep", *options)
    assert tiles == run(folder, flits, False, *options)
    assert tiles == run(folder, flits, True, *options)
    return tiles


def damaged(flits: Flits, number: int) -> Flits:
    """A stream with some bits turned, and a RESET and reads of all counters behind it.

    No RUN goes to a step far away and no READ is long: they would not come to their end.
    """
    rng = np.random.default_rng(number)
    flits = flits.copy()
    for place in rng.integers(0, len(flits), 1 + len(flits) // 100):
        changed = int(flits[place]) ^ 1 << int(rng.integers(64))
        if changed >> 63 or EVENT_FLIT.get(changed, "conn") == TokenIn.RUN:
            changed &= ~0xFFFFFE00
        flits[place] = changed
    registers = CORE_ADDR.pack(region=CoreRegion.CSR)
    ends = [
        token(TokenIn.SYNC),
        token(TokenIn.RESET),
        *(reads(c, registers, len(CoreCsr)) for c in NINE.cores),
    ]
    return np.concatenate([flits, *ends, token(TokenIn.SYNC)])


def test_the_builds_are_what_they_are_called() -> None:
    whole, tiles = simulator(False), simulator(True)
    assert (whole.tilewise, tiles.tilewise) == (False, True)
    facts = json.loads((tiles.directory / "facts.json").read_text())
    assert set(facts["evaluation"]) == {"lhw_tile", "lhw_host"}
    assert facts["evaluation"]["lhw_tile"] == "direct call"


@pytest.mark.parametrize("jitter", [0, 7])
def test_random_networks(tmp_path: Path, jitter: int) -> None:
    """Legal streams, then the same ones damaged: faults, resets, back-pressure."""
    codes: list[int] = []

    @settings(SEARCH, max_examples=25)
    @seed(20261130 + jitter)
    @given(legal(NINE))
    def compare(case: FlitCase) -> None:
        options = ("--jitter", str(case.jitter or jitter)) if jitter else ()
        flits = np.concatenate([case.flits(), COUNTERS])
        assert equal(tmp_path, flits, *options)["code"] == 0
        codes.append(equal(tmp_path, damaged(case.flits(), len(codes)), *options)["code"])

    compare()
    assert codes.count(0) > 5  # not all may end in waiting
