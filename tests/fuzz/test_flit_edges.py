"""Edges, named: where a comparison or a shift could be off by one, golden and the RTL give equal answers.

Random streams meet them now and then; these meet each of them in every run, on the smallest chip that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import pytest

from lava_hw import regs
from lava_hw.chip import Chip
from lava_hw.device.flits import is_code
from lava_hw.regs import (
    CONFIG_FLIT,
    CONTROL_CORE,
    EVENT_FLIT,
    ChipCsr,
    ConfigOp,
    ConnKind,
    CoreCsr,
    FaultCode,
    TokenIn,
    TokenOut,
    WeightFormat,
)
from tests.fuzz import flit_runs
from tests.fuzz.flit_case import FlitCase, Item, address
from tests.fuzz.flit_programs import EDGES

CHIP = Chip.load("tiny")
GROUPS, ROWS = 3, 16
_LEFT = [*EDGES, *EDGES][: GROUPS * CHIP.lanes]
_COMPARE = (">", "<", ">=", "<=", "==", "!=")


class Steps:
    """A stream that loads a program, runs a step, and reads; one after the other."""

    def __init__(self) -> None:
        state = CHIP.state_lines * CHIP.lanes
        self.items: list[Item] = [
            ["write", CONTROL_CORE, "CSR", int(ChipCsr.STAGES), [1, 0, 0]],
            ["write", 0, "STATE", 0, [0] * state],
            ["write", 0, "STAGE", 0, [0] * regs.MAX_STAGES],
        ]
        self.step = 0

    def run(self) -> None:
        """Run a step."""
        self.step += 1
        self.items += [["run", self.step], ["sync"]]

    def program(self, lines: list[str], constants: list[int], **more: int) -> None:
        """Write a population of all the state lines with a program, which runs in the only stage."""
        fields = {"count": len(lines), "nvars": ROWS + 1, "groups": GROUPS, "tail": CHIP.lanes, **more}
        self.items.append(["code", 0, 0, lines])
        if constants:
            self.items.append(["write", 0, "CONSTANT", 0, constants])
        self.items.append(["entry", 0, "POPULATION", 0, fields])
        self.items.append(["entry", 0, "STAGE", 0, {"first": 0, "count": 1}])

    def left(self, words: list[int]) -> None:
        """Write variable 0 of all groups."""
        for g in range(GROUPS):
            line = g * (ROWS + 1) * CHIP.lanes
            self.items.append(["write", 0, "STATE", line, words[g * CHIP.lanes : (g + 1) * CHIP.lanes]])

    def results(self) -> None:
        """Read all variables."""
        self.items.append(["read", 0, "STATE", 0, GROUPS * (ROWS + 1) * CHIP.lanes])

    def case(self) -> FlitCase:
        """Give the stream, and the counters at its end."""
        end: list[Item] = [["read", 0, "CSR", 0, max(CoreCsr) + 1], ["sync"]]
        return FlitCase(CHIP.to_dict(), (*self.items, *end))


def rows(make: Callable[[int], list[str]], count: int = ROWS) -> list[str]:
    """A line that loads variable 0, then lines for each row, which leave its result in r2."""
    lines = ["mov r1, [0]"]
    for row in range(count):
        lines += [*make(row), f"st [{row + 1}], r2"]
    return lines


def arithmetic(operation: str, end: str = "") -> Iterator[FlitCase]:
    """All edges on the left, those of a chunk on the right."""
    for first in range(0, len(EDGES), ROWS):
        right = list(EDGES[first : first + ROWS])
        steps = Steps()
        for half in (_LEFT, EDGES[-GROUPS * CHIP.lanes :]):
            steps.left(list(half))
            steps.program(rows(lambda row: [f"{operation} r2, r1, c{row}{end}"], len(right)), right)
            steps.run()
            steps.results()
        yield steps.case()


def compare(how: str) -> Iterator[FlitCase]:
    """The mask as a number."""
    right = list(EDGES[::2])[:ROWS]
    steps = Steps()
    for words in (_LEFT, (right * 3)[: GROUPS * CHIP.lanes]):
        steps.left(list(words))
        steps.program(
            rows(lambda row: [f"cmp p0, r1 {how} c{row}", "mov r2, #0", "mov r2, #1 if p0"], 12), right
        )
        steps.run()
        steps.results()
    yield steps.case()


def unary(operation: str) -> Iterator[FlitCase]:
    """ABS and WRAP."""
    steps = Steps()
    for first in range(0, len(EDGES), GROUPS * CHIP.lanes):
        words = [*EDGES[first : first + GROUPS * CHIP.lanes], *EDGES][: GROUPS * CHIP.lanes]
        steps.left(words)
        steps.program(rows(lambda row: [f"{operation} r2, r1"], 1), [])
        steps.run()
        steps.results()
    yield steps.case()


def sums() -> Iterator[FlitCase]:
    """ACC: every shift at an end of its range, the last slot, the last group, and the last reader."""
    steps = Steps()
    shifts = ("", "<<1", "<<30", "<<31", ">>1", ">>30", ">>31")
    base, slots = CHIP.acc_groups - GROUPS, CHIP.delay_slots
    acc = [f"acc r2, c0, slot 0{', ' + shift if shift else ''}" for shift in shifts]
    acc += [f"acc r2, c0, slot {slot}" for slot in (1, slots - 1, slots, slots + 1, 7)]
    steps.program(rows(lambda row: [acc[row]], len(acc)), [base])
    for slot in range(slots):
        words = [(word + slot) & 0xFFFFFFFF for word in _LEFT]
        steps.items.append(["write", 0, "ACC", (slot * CHIP.acc_pitch + base) * CHIP.lanes, words])
    for last in (False, True, False):
        if last:
            lines = [
                "mov r1, [0]",
                f"accadd c0, slot {slots + 1}, r1",
                "acc r2, c0, slot 1, last",
                "st [1], r2",
            ]
            steps.program(lines, [base])
        steps.run()
        steps.results()
        steps.items.append(["read", 0, "ACC", 0, slots * CHIP.acc_pitch * CHIP.lanes])
    yield steps.case()


def emissions() -> Iterator[FlitCase]:
    """Routes that begin or end at a group, the tail of the last group, channels, and what is not sent."""
    last = GROUPS - 1
    ranges = ((0, 1), (0, GROUPS), (1, 1), (last, 1), (last, 4095), (GROUPS, 1), (0, 0), (1, last))
    for tail in (1, CHIP.lanes - 1, CHIP.lanes):
        steps = Steps()
        steps.left([(k % 3) - 1 & 0xFFFFFFFF for k in range(GROUPS * CHIP.lanes)])
        lines = ["mov r1, [0]", "cmp p1, r1 > #0", "emitm ch0", "emitm ch3, neg if p1", "emitg ch2, r1"]
        lines += ["emitg ch1, r1 if !p1"]
        for number, (first, groups) in enumerate(ranges):
            fields = {"channel": number & 3, "first": first, "groups": groups, "egress": 1, "conn": number}
            steps.items.append(
                ["entry", 0, "ROUTE", number, {**fields, "index_base": (0, 1, 4095)[number % 3]}]
            )
        for base, count in ((0, CHIP.routes), (CHIP.routes - 1, 1), (3, 0), (1, 4)):
            steps.program(lines, [], tail=tail, route_base=base, route_count=count)
            steps.run()
        yield steps.case()


def operands() -> Iterator[FlitCase]:
    """The last state variable, the last constant, the ends of an immediate."""
    steps = Steps()
    count = CHIP.state_lines
    words = [k * 0x01010101 & 0xFFFFFFFF for k in range(count)]
    steps.items.append(["write", 0, "STATE", 0, [word for word in words for _ in range(CHIP.lanes)]])
    places = (0, 1, 31, 32, 33, 62, 63)
    lines = []
    for row, operand in enumerate([f"[{n}]" for n in places] + [f"c{n}" for n in places]):
        lines += [f"mov r7, {operand}", f"st [{2 + row}], r7"]
    for row, number in enumerate((-32, -31, -1, 0, 31), 40):
        lines += [f"add r7, r7, #{number}", f"st [{row}], r7"]
    lines += ["idx r6", "st [63], r6", "time r5", "st [62], r5"]
    steps.program(lines, words[::-1], nvars=count, groups=1, index_base=0xFFFFFFFC)
    steps.run()
    steps.items.append(["read", 0, "STATE", 0, count * CHIP.lanes])
    yield steps.case()


def groups() -> Iterator[FlitCase]:
    """Numbers of groups from 0 on, even and odd, and programs of no, one and two instructions."""
    steps = Steps()
    fields = {"channel": 0, "first": 0, "groups": 9, "egress": 1, "conn": 1}
    steps.items.append(["entry", 0, "ROUTE", 0, fields])
    steps.items += [["entry", 0, "POPULATION", 1, {"count": 1, "groups": 1, "tail": 1, "route_count": 1}]]
    for count in range(6):
        for lines in (["time r1", "st [0], r1", "emitm ch0"], ["emitm ch0"], ["nop", "emitm ch0"]):
            for most in (len(lines), len(lines) - 1):
                steps.program(lines, [], nvars=2, groups=count, count=most, tail=3, route_count=1)
                steps.items.append(["entry", 0, "STAGE", 0, {"first": 0, "count": 2}])
                steps.run()
                steps.results()
    yield steps.case()


def _bad(steps: Steps, *items: Item) -> None:
    """Something that is, or is next to, a fault; then all begins anew."""
    steps.items += [*items, ["sync"], ["read", CONTROL_CORE, "CSR", int(ChipCsr.STATUS), 1]]
    steps.items += [["read", 0, "CSR", int(CoreCsr.SPIKES_IN), 6], ["reset"], ["sync"]]
    steps.step = 0


def sources() -> Iterator[FlitCase]:
    """Events of the last source, of the one behind it, and of the last connection and the one behind it."""
    steps = Steps()
    lanes, dense = CHIP.lanes, 40
    weights = [0x01FF7F80 + k for k in range(CHIP.synapse_parts * (dense + 1))]
    steps.items.append(["write", 0, "SYNAPSE", 0, weights])
    shared = {"groups": 2, "acc_base": CHIP.acc_groups - 2}
    port = {"kind": int(ConnKind.PORT), **shared}
    row = {"kind": int(ConnKind.DENSE), **shared, "stride": 1, "sources": dense - 1, "targets": 9}
    final = CHIP.connections - 1
    for number, fields in enumerate(
        (port, row, {**row, "is_signed": 1, "negate": 1, "shift": 31, "slot": 63})
    ):
        steps.items.append(["entry", 0, "CONNECTION", number, fields])
    steps.items.append(["entry", 0, "CONNECTION", final, {**port, "shift": 31, "groups": 1}])
    for number, limit in ((0, 2 * lanes), (1, dense - 1), (2, dense - 1), (final, lanes)):
        for source in (0, lanes - 1, lanes, limit - 1, limit, 4095):
            _bad(steps, ["event", "GRADED", 0, number, source, 7])
            if source < 4095:
                spikes = 1 << source % 32
                _bad(steps, ["event", ("MASK_POS", "MASK_NEG")[source & 1], 0, number, source // 32, spikes])
    for number in (final + 1, 255):
        _bad(steps, ["event", "MASK_POS", 0, number, 0, 1])
    steps.items.append(["read", 0, "ACC", 0, CHIP.delay_slots * CHIP.acc_pitch * lanes])
    yield steps.case()


def target_groups() -> Iterator[FlitCase]:
    """SPARSE with target groups of 16 bits, on both sides of each multiple of 256; all formats of words."""
    chip = Chip.load("test8")
    ends = (0, 1, 255, 256, 257, 511, 512, chip.acc_groups - 1)
    assert len(ends) == chip.lanes
    items: list[Item] = [["write", CONTROL_CORE, "CSR", int(ChipCsr.STAGES), [1, 0, 0]]]
    for number, (form, delays) in enumerate(product(WeightFormat, (0, 1))):
        pair = 2 if form == WeightFormat.BITS4 else 1
        lines = []
        for unit in range(4):
            for word in range(pair):
                groups = [ends[(lane + unit + 3 * word) % chip.lanes] for lane in range(chip.lanes)]
                lines += [[group & 255 for group in groups], [group >> 8 for group in groups]]
            of_weights = 2 if form == WeightFormat.BITS16 else 1
            lines += [[(17 * lane + 5 * unit) % 256 for lane in range(chip.lanes)]] * of_weights
            lines += [[(lane + word) % 3 for lane in range(chip.lanes)] for word in range(pair * delays)]
        length = len(lines) // 4
        rows = [(0, 4), (length, 2), (2 * length, 1)]
        table = [regs.SPARSE_ROW.pack(line=line, words=units * pair) for line, units in rows]
        words = np.array(lines, np.uint8).reshape(-1).view("<u4").tolist()
        fields = {
            "kind": int(ConnKind.SPARSE), "format": int(form), "wide": 1, "delays": delays, "is_signed": 1,
            "groups": chip.acc_groups, "slot": 1, "sources": len(rows), "syn_base": 10, "table_base": 2,
        }  # fmt: skip
        items += [["write", 0, "SYNAPSE", 2 * chip.synapse_parts, table]]
        items += [["write", 0, "SYNAPSE", 10 * chip.synapse_parts, words]]
        items += [["entry", 0, "CONNECTION", number, fields], ["event", "MASK_POS", 0, number, 0, 0b101]]
        items += [["event", "GRADED", 0, number, 1, 7], ["sync"]]
        for slot, (first, last) in product(
            range(chip.delay_slots), ((0, 1), (255, 257), (511, 512), ends[-1:] * 2)
        ):
            begin = (slot * chip.acc_pitch + first) * chip.lanes
            items.append(["read", 0, "ACC", begin, (last + 1 - first) * chip.lanes])
        items += [["reset"], ["sync"]]
    yield FlitCase(chip.to_dict(), tuple(items))


def addresses() -> Iterator[FlitCase]:
    """The last word of every memory and the one behind it, read and written; the last register, too."""
    steps = Steps()
    depths = {
        "STATE": CHIP.state_lines * CHIP.lanes,
        "ACC": CHIP.delay_slots * CHIP.acc_pitch * CHIP.lanes,
        "UCODE": CHIP.ucode_words,
        "CONSTANT": CHIP.const_words,
        "POPULATION": regs.POPULATION_WORDS * CHIP.populations,
        "CONNECTION": regs.CONNECTION_WORDS * CHIP.connections,
        "ROUTE": regs.ROUTE_WORDS * CHIP.routes,
        "STAGE": regs.MAX_STAGES,
        "SYNAPSE": CHIP.synapse_lines * CHIP.synapse_parts,
        "CSR": max(CoreCsr) + 1,
    }
    for region, depth in depths.items():
        last = depth - 3 if region in ("POPULATION", "CONNECTION") else depth - 1
        if region != "CSR":
            steps.items.append(["write", 0, region, last, [0xA5A5A5A5]])
        _bad(steps, ["read", 0, region, last, 1])
        for beyond in (depth, address("SYNAPSE", 0) // 16 - 1):
            _bad(steps, ["read", 0, region, beyond, 1])
            _bad(steps, ["write", 0, region, beyond, [1]])
    for register in (max(ChipCsr), max(ChipCsr) + 1):
        _bad(steps, ["read", CONTROL_CORE, "CSR", register, 1])
        _bad(steps, ["write", CONTROL_CORE, "CSR", register, [1]])
    for core in (CHIP.mesh_x, 8 * CHIP.mesh_y, CONTROL_CORE - 1):
        _bad(steps, ["read", core, "CSR", 0, 1])
        _bad(steps, ["write", core, "STATE", 0, [1]])
        _bad(steps, ["event", "MASK_POS", core, 0, 0, 1])
    for core in (0, CONTROL_CORE):  # the count of a READ has 23 bits, whatever stands above them
        for reserved in (1 << 23, 0xFF << 23, 1 << 31):
            flit = CONFIG_FLIT.pack(cfg=1, op=ConfigOp.READ, core=core, addr=0, data=reserved | 1)
            steps.items.append(["raw", f"{flit:#018x}"])
    yield steps.case()


def tokens() -> Iterator[FlitCase]:
    """RUN and CLOSE of the step or stage before and behind the right one; token codes at the ends; STAGES."""
    steps = Steps()
    for stages in (0, 1, 2, 15, 16, 17, 31, 32):
        ends = [stages, 0, 0xFFFF]
        steps.items += [["write", CONTROL_CORE, "CSR", int(ChipCsr.STAGES), ends], ["run", 2], ["sync"]]
        for step in (1, 2, 3):
            _bad(steps, ["run", 2], ["sync"], ["run", step])
    closes = [2, 0b11, 0b11]
    steps.items.append(["write", CONTROL_CORE, "CSR", int(ChipCsr.STAGES), closes])
    good = [["close", 1, 0], ["close", 1, 1], ["close", 2, 0], ["close", 2, 1]]
    for count, right in enumerate(good):
        for step, stage in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (0, 16), (1 << 31, 0)):
            if right[2] + stage >= 0:
                _bad(steps, ["run", 2], *good[:count], ["close", right[1] + step, right[2] + stage])
    for code in (0, int(TokenIn.SYNC), max(TokenIn) + 1, 255):
        _bad(steps, ["raw", f"{EVENT_FLIT.pack(kind=regs.FlitType.TOKEN, conn=code):#x}"])
    for kind in (regs.FlitType.TOKEN + 1, 7):
        _bad(steps, ["raw", f"{EVENT_FLIT.pack(kind=kind):#x}"])
    yield steps.case()


CASES: dict[str, Callable[[], Iterator[FlitCase]]] = {
    **{op: lambda op=op: arithmetic(op) for op in ("add", "sub", "min", "max", "clip", "shv")},
    **{
        f"{op}-{sh}": lambda op=op, sh=sh: arithmetic(op, f", >>{sh}")
        for op in ("mul", "multz")
        for sh in (0, 1, 31, 32, 62, 63)
    },
    **{f"cmp{how}": lambda how=how: compare(how) for how in _COMPARE},
    **{op: lambda op=op: unary(op) for op in ("abs", "wrap")},
    "acc": sums,
    "operands": operands,
    "groups": groups,
    "emissions": emissions,
    "sources": sources,
    "target-groups": target_groups,
    "addresses": addresses,
    "tokens": tokens,
}


@pytest.mark.rtl
@pytest.mark.parametrize("edge", CASES)
def test_edges(edge: str) -> None:
    for case in CASES[edge]():
        flit_runs.check(case)


@pytest.mark.parametrize(("edge", "code"), [("sources", "BAD_EVENT"), ("addresses", "BAD_ADDRESS")])
def test_half_of_what_is_at_an_edge_is_a_fault(edge: str, code: str) -> None:
    (case,) = CASES[edge]()
    came = flit_runs.on_golden(CHIP, case.flits())
    resets = sum(item == ["reset"] for item in case.items)
    faults = came[is_code(came, TokenOut.FAULT)]
    codes = EVENT_FLIT.get_array(faults, "payload").tolist()
    assert resets // 4 < codes.count(FaultCode[code]) < resets
