"""Streams with faults: golden and RTL say the same, whatever the gaps between flits (docs/chip.md, rule 10).

Each case ends with reads of everything that can be read, so nothing that a fault leaves behind can hide.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.device.build import build_simulator, chip_design
from lava_hw.golden import GoldenChip
from lava_hw.image import address
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
    EVENT_FLIT,
    INSTRUCTION,
    ChipCsr,
    ConfigOp,
    ConnKind,
    CoreCsr,
    CoreRegion,
    FaultCode,
    FlitType,
    TokenIn,
    TokenOut,
)
from tests.golden.golden_build import (
    RESET,
    close,
    connection,
    event,
    population,
    read_flit,
    route,
    run,
    sent,
    spikes,
    stage,
    stages,
    token,
    told,
    write,
)

pytestmark = pytest.mark.rtl

CHIP = Chip(
    name="faults", mesh_x=2, mesh_y=2, lanes=8, word=64, neurons=32, state_lines=16, acc_groups=8,
    delay_slots=4, synapse_lines=64, ucode_words=128, const_words=16, populations=4, connections=8, routes=8,
)  # fmt: skip
SEEDS = (0, 1, 2, 3, 4, 5)
"""Gap patterns: 0 is none; see sim/jitter.hpp."""
BAD_OPCODE = INSTRUCTION.pack(op=31)
MASK, GRADED = FlitType.MASK_POS, FlitType.GRADED
SYNC = token(TokenIn.SYNC)
BAD = FaultCode
GOOD_CONN, NO_KIND, BEYOND = 0, 1, CHIP.connections  # connections of every core
UNUSED = {CoreCsr.CYC_UPDATE, CoreCsr.CYC_SYNAPSE, CoreCsr.CYC_STALL}  # cycles: on the RTL only
EVERY_WORD = [
    (CoreRegion.STATE, CHIP.state_lines * CHIP.lanes),
    (CoreRegion.ACC, CHIP.delay_slots * CHIP.acc_pitch * CHIP.lanes),
    (CoreRegion.UCODE, 4),
    (CoreRegion.CONSTANT, CHIP.const_words),
    (CoreRegion.CONNECTION, 8 * CHIP.connections),
    (CoreRegion.STAGE, 16),
]


def everything() -> np.ndarray:
    """Reads of all that is equal on golden and RTL."""
    flits = [read_flit(CONTROL_CORE, register) for register in (ChipCsr.STATUS, ChipCsr.STEP, ChipCsr.LIMIT)]
    flits += [read_flit(CONTROL_CORE, r) for r in (ChipCsr.FLITS_IN, ChipCsr.FLITS_OUT, ChipCsr.STAGES)]
    for core in CHIP.cores:
        flits += [read_flit(core, address(CoreRegion.CSR, r)) for r in CoreCsr if r not in UNUSED]
        flits += [read_flit(core, address(region), count) for region, count in EVERY_WORD]
    return np.concatenate(flits)


def prepared() -> np.ndarray:
    """Memories with contents; per core a port, a connection of no kind, and what the cases use of code.

    Population 0 emits to its routes, population 1 has a bad opcode, population 2 emits and has one 40
    instructions later.
    """
    emits = "mov r0, #3\nst [0], r0\nemitm ch0"
    parts = [stages(1, 1, 1)]
    for core in CHIP.cores:
        for region, count in EVERY_WORD:
            if region != CoreRegion.ACC:
                parts.append(write(core, region, 0, np.zeros(count, int)))
        parts += [
            connection(core, GOOD_CONN, ConnKind.PORT, 1, slot=1),
            connection(core, NO_KIND, ConnKind.NONE, 1),
            population(core, 0, emits, 1, CHIP.lanes, routes=(0, 1)),
            population(core, 1, [BAD_OPCODE], 1, CHIP.lanes, pc=8),
            population(
                core,
                2,
                [*isa.assemble("emitm ch0\n" + 40 * "nop\n"), BAD_OPCODE],
                1,
                CHIP.lanes,
                pc=16,
                routes=(1, 1),
            ),
            population(core, 3, "mov r0, #1\nst [0], r0", 1, CHIP.lanes, pc=64),
        ]
        for number in range(CHIP.routes):
            parts.append(route(core, number, 0, 1, egress=1))
    return np.concatenate([*parts, RESET])


def bad(core: int, payload: int = 1) -> np.ndarray:
    """An event of the host for a connection of no kind."""
    return event(core, NO_KIND, MASK, 0, payload)


def good(core: int, value: int = 1) -> np.ndarray:
    return event(core, GOOD_CONN, GRADED, 0, value)


def constants(core: int, *values: int, first: int = 0) -> np.ndarray:
    return write(core, CoreRegion.CONSTANT, first, values)


def chip_write(register: int, value: int) -> np.ndarray:
    fields = {"cfg": 1, "op": ConfigOp.WRITE, "core": CONTROL_CORE, "addr": register, "data": value}
    return np.array([CONFIG_FLIT.pack(**fields)], np.uint64)


def fault(core: int, code: FaultCode) -> int:
    return told(TokenOut.FAULT, core, code)


def end(step: int, number: int = 0) -> int:
    return told(TokenOut.END, number, step)


ABSENT = event(2, GOOD_CONN, MASK, 0, 1)
OUTSIDE = constants(9, 7, first=CHIP.const_words)  # a WRITE to a word that is not there
NOBODY = constants(2, 7)  # and to a core
READ_OUTSIDE = read_flit(9, address(CoreRegion.CONSTANT, CHIP.const_words))
READ_FAULT = read_flit(9, address(CoreRegion.CSR, CoreCsr.FAULT))
ONE = run(1), close(1)
RESET_DONE = told(TokenOut.RESET_DONE)
OWN = CONTROL_CORE


def paused(step: int) -> int:
    return told(TokenOut.PAUSED, 0, step)


# Name: flits, and what the chip says (tokens and events; answers to READs are compared only).
CASES: dict[str, tuple[list[np.ndarray], list[int]]] = {
    "a WRITE behind a bad event is dropped": (
        [bad(0), constants(0, 77), RESET],
        [fault(0, BAD.BAD_EVENT), RESET_DONE],
    ),
    "and so it is with SYNC between": (
        [bad(0), SYNC, constants(0, 77), SYNC, RESET],
        [fault(0, BAD.BAD_EVENT), RESET_DONE],
    ),
    "the lowest core speaks, whichever was first": (
        [bad(9), bad(1), bad(8), run(1)],
        [fault(1, BAD.BAD_EVENT)],
    ),
    "the chip itself goes before its cores": ([bad(0), ABSENT, run(1)], [fault(OWN, BAD.BAD_EVENT)]),
    "an event with the egress bit is for nobody": (
        [np.array([EVENT_FLIT.pack(kind=2, egress=1, payload=1)], np.uint64), *ONE],
        [fault(OWN, BAD.BAD_EVENT)],
    ),
    "events around bad ones count": (
        [good(0), bad(0, 0xFF), good(0), ABSENT, good(9), spikes(0, GOOD_CONN, [1] * 20), good(0), close(1),
         good(0)],
        [fault(OWN, BAD.BAD_EVENT)],
    ),
    "sources in range count": (
        [spikes(8, GOOD_CONN, [1] * 12), event(8, GOOD_CONN, GRADED, 8, 5), good(8, 7), *ONE],
        [fault(8, BAD.BAD_EVENT)],
    ),
    "connections beyond the table": ([event(1, BEYOND, MASK, 0, 3), *ONE], [fault(1, BAD.BAD_EVENT)]),
    "an opcode goes before one's own bad event": (
        [stage(0, 0, 2, 1), route(0, 1, 0, 1, dest=0, conn=NO_KIND), *ONE],
        [fault(0, BAD.BAD_OPCODE)],
    ),
    "a bad event of a core is a fault of the core that it comes to": (
        [stage(0, 0, 0, 1), route(0, 0, 0, 1, dest=9, conn=NO_KIND), *ONE],
        [fault(9, BAD.BAD_EVENT)],
    ),
    "a core that is not there is a fault of the core that sends": (
        [stage(9, 0, 0, 1), route(9, 0, 0, 1, dest=2), *ONE],
        [fault(9, BAD.BAD_EVENT)],
    ),
    "a destination with the mark of the host, too": (
        [stage(9, 0, 0, 1), route(9, 0, 0, 1, dest=64), *ONE],
        [fault(9, BAD.BAD_EVENT)],
    ),
    "an egress port that is not there, too": (
        [stage(9, 0, 0, 1), route(9, 0, 0, 1, egress=1, dest=3), stage(8, 0, 0, 1), *ONE],
        [sent(MASK, 0, 0, 1), fault(9, BAD.BAD_EVENT)],
    ),
    "the lowest core of a stage speaks, whichever was first": (
        [stage(9, 0, 1, 1), stage(1, 0, 2, 1), *ONE],
        [sent(MASK, 0, 0, 1), fault(1, BAD.BAD_OPCODE)],
    ),
    "a bad WRITE leaves its run as it is": (
        [constants(0, 1), constants(9, 1), OUTSIDE, constants(1, 3), SYNC, constants(9, 4), run(1)],
        [fault(9, BAD.BAD_ADDRESS)],
    ),
    "of a run with a core that is not there, too": (
        [constants(0, 1), OUTSIDE, NOBODY, constants(1, 3), RESET, constants(1, 4)],
        [fault(OWN, BAD.BAD_ADDRESS), RESET_DONE],
    ),
    "an event ends a run": (
        [constants(0, 1), OUTSIDE, good(0), constants(0, 2)],
        [fault(9, BAD.BAD_ADDRESS)],
    ),
    "a READ ends a run of WRITEs": (
        [OUTSIDE, constants(9, 5), read_flit(9, address(CoreRegion.CONSTANT)), constants(9, 6)],
        [fault(9, BAD.BAD_ADDRESS)],
    ),
    "READs of one core are a run": (
        [READ_OUTSIDE, READ_FAULT, SYNC, READ_OUTSIDE, read_flit(8, 0), read_flit(OWN, 0), constants(0, 5)],
        [fault(9, BAD.BAD_ADDRESS)],
    ),
    "READs of nobody": (
        [read_flit(2, 0, 3), read_flit(OWN, ChipCsr.STATUS), read_flit(OWN, 40, 2), constants(0, 5)],
        [fault(OWN, BAD.BAD_ADDRESS)],
    ),
    "a register of the chip that is not there": (
        [write(0, CoreRegion.CONSTANT, 0, [1]), chip_write(15, 3), chip_write(ChipCsr.STAGES, 2), run(1)],
        [fault(OWN, BAD.BAD_ADDRESS)],
    ),
    "END of a stage with bad events of the host behind its CLOSE": (
        [run(2), close(1), bad(0), good(0), ABSENT, close(2), good(0)],
        [end(1), fault(OWN, BAD.BAD_EVENT)],
    ),
    "FAULT of a stage with events of the host behind its CLOSE": (
        [stage(9, 0, 2, 1), run(2), close(1), bad(0), *[good(0)] * 30, ABSENT, good(0), close(2), good(0)],
        [sent(MASK, 0, 0, 1), fault(9, BAD.BAD_OPCODE)],
    ),
    "a stage fault of one's own goes before a bad event": (
        [stage(9, 0, 1, 1), run(2), bad(9), *[good(9)] * 3, close(1), RESET, *ONE],
        [fault(9, BAD.BAD_EVENT), RESET_DONE, fault(9, BAD.BAD_OPCODE)],
    ),
    "PAUSED, then the fault of an event behind the last CLOSE": (
        [*ONE, bad(8), good(8), run(2)],
        [end(1), paused(1), fault(8, BAD.BAD_EVENT)],
    ),
    "PAUSED, and nobody looks before the READs": (
        [*ONE, bad(8), SYNC, good(8), SYNC],
        [end(1), paused(1), fault(8, BAD.BAD_EVENT)],
    ),
    "RESET makes the chip look": (
        [bad(1), RESET, *ONE],
        [fault(1, BAD.BAD_EVENT), RESET_DONE, end(1), paused(1)],
    ),
    "RESET while a CLOSE is due": (
        [run(1), good(0), RESET, run(1), bad(0), RESET],
        [fault(OWN, BAD.BAD_CLOSE), RESET_DONE, fault(0, BAD.BAD_EVENT), RESET_DONE],
    ),
    "configuration while a CLOSE is due": (
        [run(1), good(0), constants(0, 5), good(0), RESET, run(1), bad(8), READ_FAULT, constants(0, 6)],
        [fault(OWN, BAD.BAD_CLOSE), RESET_DONE, fault(8, BAD.BAD_EVENT)],
    ),
    "a bad token comes after the look": (
        [bad(0), token(9), RESET, token(9), good(0), token(9), RESET, run(1), bad(8), close(7)],
        [fault(0, BAD.BAD_EVENT), RESET_DONE, fault(OWN, BAD.BAD_TOKEN), RESET_DONE, fault(8, BAD.BAD_EVENT)],
    ),
    "flits without a meaning": (
        [np.array([CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE)], np.uint64), good(0), RESET,
         OUTSIDE, np.array([CONFIG_FLIT.pack(cfg=1, op=3)], np.uint64), constants(0, 3), RESET,
         bad(0), np.array([EVENT_FLIT.pack(kind=5)], np.uint64)],
        [fault(OWN, BAD.BAD_TOKEN), RESET_DONE, fault(9, BAD.BAD_ADDRESS), RESET_DONE,
         fault(0, BAD.BAD_EVENT)],
    ),
    "tokens at the wrong time": (
        [close(1), good(0), close(1), good(0), RESET, run(0), good(0), RESET, run(2), run(3), good(0), RESET],
        [fault(OWN, BAD.BAD_CLOSE), RESET_DONE, fault(OWN, BAD.BAD_RUN), RESET_DONE,
         fault(OWN, BAD.BAD_CLOSE), RESET_DONE],
    ),
    "stages of one step": (
        [stages(3, 0b101, 0b111), run(1), close(1, 0), bad(1), good(1), close(1, 2)],
        [end(1, 0), end(1, 1), fault(1, BAD.BAD_EVENT)],
    ),
    "a fault in the middle of a step": (
        [stages(3, 0b001, 0b101), stage(0, 1, 1, 1), run(2), close(1, 0), good(8), SYNC, good(8),
         close(2, 0)],
        [end(1, 0), fault(0, BAD.BAD_OPCODE)],
    ),
    "a network without CLOSE": (
        [stages(2, 0, 0b10), bad(0), run(2), RESET, run(2), bad(9), run(3), good(0)],
        [fault(0, BAD.BAD_EVENT), RESET_DONE, end(1, 1), end(2, 1), paused(2), fault(9, BAD.BAD_EVENT)],
    ),
    "all is well": (
        [good(0), run(2), good(0), close(1), good(9), close(2), good(9), constants(0, 4), RESET, SYNC,
         good(1)],
        [end(1), end(2), paused(2), RESET_DONE],
    ),
}  # fmt: skip


def in_order(flits: np.ndarray) -> list[int]:
    """Flits with the events of a stage, whose order is free, sorted."""
    out: list[int] = []
    events: list[int] = []
    for flit in flits.tolist():
        if flit >> 63 or EVENT_FLIT.get(flit, "kind") == FlitType.TOKEN:
            out += [*sorted(events), flit]
            events.clear()
        else:
            events.append(flit)
    return out + sorted(events)


@pytest.fixture(scope="module", params=[1, pytest.param(3, marks=pytest.mark.slow)])
def simulator(request: pytest.FixtureRequest) -> str:
    """Also with a deeper tree of quiescence: what the chip says does not depend on it."""
    design = chip_design(CHIP)
    design = replace(design, parameters={**design.parameters, "QuietLatency": request.param})
    return str(build_simulator(design, "checked").program)


@pytest.mark.parametrize("name", CASES)
def test_a_stream_with_a_fault(name: str, simulator: str, tmp_path: Path) -> None:
    flits, says = CASES[name]
    stream = np.concatenate([prepared(), *flits, everything(), SYNC])
    golden = GoldenChip(CHIP)
    golden.push(stream)
    wanted = in_order(golden.pop())
    assert wanted[0] == RESET_DONE  # of the preparation
    assert [flit for flit in wanted[1:] if not flit >> 63] == says
    record, output = tmp_path / "in.flits", tmp_path / "out.flits"
    stream.tofile(record)
    for seed in SEEDS:
        command = [simulator, "--bare", str(record), "--output", str(output), "--jitter", str(seed)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert in_order(np.fromfile(output, "<u8")) == wanted, f"other flits with the gaps of seed {seed}"
