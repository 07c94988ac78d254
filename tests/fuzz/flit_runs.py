"""Run a `FlitCase` on golden and on the simulator of the RTL, and hold the two equal, flit by flit."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.device.build import build_simulator, chip_design
from lava_hw.device.flits import Flits, is_code, is_response, is_token
from lava_hw.golden import GoldenChip
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
    CORE_ADDR,
    EVENT_FLIT,
    ChipCsr,
    CoreCsr,
    CoreRegion,
    TokenOut,
)
from tests.fuzz.flit_case import FlitCase

_WATCHDOG = 100_000  # cycles; the longest stage of a case has some thousands
_SECONDS = 100  # a case takes one or two; steps that never end are progress to the watchdog
_CHIP_CYCLES = (ChipCsr.CYCLES_LO, ChipCsr.CYCLES_HI, ChipCsr.CYC_WAIT)
_CORE_CYCLES = (CoreCsr.CYC_UPDATE, CoreCsr.CYC_SYNAPSE, CoreCsr.CYC_STALL)
_DATA = np.uint64(CONFIG_FLIT.fields["data"].mask)


@dataclass
class Count:
    """What was compared so far."""

    cases: int = 0
    programs: int = 0
    steps: int = 0
    flits: int = 0

    def add(self, case: FlitCase, given: Flits, came: Flits) -> None:
        """Add a case that was equal."""
        self.cases += 1
        self.programs += case.programs
        self.steps += steps_of(came)
        self.flits += len(given) + len(came)


COUNT = Count()


@cache
def simulator(chip: Chip, build: str = "checked") -> Path:
    """Give the program that simulates a chip, from the cache or built now."""
    return build_simulator(chip_design(chip), build).program


def steps_of(came: Flits) -> int:
    """Count the steps that a stream of answers completes."""
    steps = step = 0
    for flit in came[is_code(came, TokenOut.PAUSED) | is_code(came, TokenOut.RESET_DONE)].tolist():
        now = EVENT_FLIT.get(flit, "payload")
        steps += max(now - step, 0)
        step = now
    return steps


def on_golden(chip: Chip, flits: Flits, cuts: list[int] | None = None) -> Flits:
    """Give what golden answers; with `cuts`, to a stream that comes in parts."""
    golden = GoldenChip(chip)
    for part in np.split(flits, cuts or []):
        golden.push(part)
    return golden.pop()


def on_rtl(program: Path, flits: Flits, jitter: int) -> Flits:
    """Give what the simulator answers.

    Raises
    ------
    AssertionError
        If it hangs, or an assertion of the RTL fails.
    """
    with tempfile.TemporaryDirectory(prefix="flits-") as folder:
        given, came = Path(folder) / "in", Path(folder) / "out"
        flits.tofile(given)
        command = [str(program), "--bare", str(given), "--output", str(came)]
        command += ["--jitter", str(jitter), "--seed", str(1 + jitter), "--watchdog", str(_WATCHDOG)]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the simulator goes on after {_SECONDS} s") from None
        assert done.returncode == 0, f"the simulator ended with {done.returncode}: {done.stderr.strip()}"
        return np.fromfile(came, np.uint64)


def comparable(came: Flits) -> list[tuple[list[int], int | None]]:
    """Give answers in the form that must be equal: events, sorted, and the token or response behind them.

    The order of the events of a stage is free, and cycles are counted by the RTL only.
    """
    came = _without_cycles(came)
    ends = np.flatnonzero(is_token(came) | is_response(came))
    groups: list[tuple[list[int], int | None]] = []
    first = 0
    for end in ends.tolist():
        groups.append((sorted(came[first:end].tolist()), int(came[end])))
        first = end + 1
    return [*groups, (sorted(came[first:].tolist()), None)]


def _without_cycles(came: Flits) -> Flits:
    core, place = CONFIG_FLIT.get_array(came, "core"), CONFIG_FLIT.get_array(came, "addr")
    first = CORE_ADDR.pack(region=CoreRegion.CSR)
    of_chip = (core == CONTROL_CORE) & np.isin(place, _CHIP_CYCLES)
    of_core = (core != CONTROL_CORE) & np.isin(place, [first + register for register in _CORE_CYCLES])
    return np.where(is_response(came) & (of_chip | of_core), came & ~_DATA, came)


def say(flit: int | None) -> str:
    """Give a flit in words."""
    if flit is None:
        return "the end"
    layout = CONFIG_FLIT if flit >> 63 else EVENT_FLIT
    fields = ", ".join(f"{name} {value:#x}" for name, value in layout.unpack(flit).items() if name != "cfg")
    return f"{flit:#018x} ({fields})"


def difference(golden: Flits, rtl: Flits) -> str | None:
    """Say where the answers first differ, or None."""
    mine, other = comparable(golden), comparable(rtl)
    for number, (a, b) in enumerate(zip(mine, other, strict=False)):
        if a == b:
            continue
        if a[1] != b[1]:
            return f"answer {number} of golden is {say(a[1])}, of the RTL {say(b[1])}"
        return f"before answer {number}, {say(a[1])}: {_events(a[0], b[0])}"
    return None if len(mine) == len(other) else f"{len(mine)} answers of golden, {len(other)} of the RTL"


def _events(golden: list[int], rtl: list[int]) -> str:
    parts: list[str] = []
    for name, here, there in (("golden", golden, rtl), ("the RTL", rtl, golden)):
        only: Any = [flit for flit in here if here.count(flit) > there.count(flit)]
        parts.append(f"{len(only)} events of {name} only, the first {say(only[0] if only else None)}")
    return "; ".join(parts)


def cuts_of(length: int, seed: int) -> list[int]:
    """Give random places to cut a stream at, the same for the same seed."""
    places: NDArray[np.int64] = np.random.default_rng([seed, length]).integers(0, length, 12)
    return np.unique(places).tolist()


def check(case: FlitCase, build: str = "checked") -> None:
    """Hold golden and the RTL equal, and golden to itself where the stream comes in parts.

    Raises
    ------
    AssertionError
        With the first answer that differs.
    """
    chip, flits = case.of_chip(), case.flits()
    wanted = on_golden(chip, flits)
    parts = difference(wanted, on_golden(chip, flits, cuts_of(len(flits), case.jitter)))
    assert parts is None, (
        f"golden differs from itself (called the RTL here) where flits come in parts: {parts}"
    )
    found = difference(wanted, on_rtl(simulator(chip, build), flits, case.jitter))
    assert found is None, found
    COUNT.add(case, flits, wanted)
