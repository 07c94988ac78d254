"""What an event becomes in the source walk, in plain Python, from docs/chip.md, section 6.

Jobs for the row, entries of tables that have to be asked for, faults, and what is counted; when they come is
for the bench to watch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from row_model import Plan

from lava_hw.regs import CONV_POSITION, CONV_TAP, EVENT_FLIT, SPARSE_ROW, ConnKind, FlitType, WeightFormat
from tests.tables import LAYOUTS, unpacked

M32 = 0xFFFFFFFF
Entry = Callable[[int, int], int]  # of the table that begins in a line, the word of a number


class Job(NamedTuple):
    """Words of a row; `line` is None where nothing is read."""

    line: int | None
    acc: int
    words: int
    plan: Plan
    lanes: int
    factor: int


@dataclass
class Outcome:
    """All that an event leads to, in order."""

    jobs: list[Job] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # of tables, as they are asked for
    bad: int = 0  # cycles in which something bad is found
    spikes: int = 0
    synops: int = 0


class WalkModel:
    """The connections, and the step from which slots are counted."""

    def __init__(self, lanes: int, groups: int, slots: int, lines: int, connections: int) -> None:
        self.lanes, self.slots = lanes, slots
        self.pitch = 1 << (groups - 1).bit_length()
        self.places = 1 << max(1, (lines - 1).bit_length())
        self.connections = [[0] * len(LAYOUTS["CONNECTION"]) for _ in range(connections)]
        self.step = 0
        self.kept: int | None = None  # line of taps, until a configuration flit comes

    def known(self, c: dict[str, int]) -> bool:
        kind, kinds = c["kind"], ConnKind
        if c["format"] > max(WeightFormat) or (c["wide"] and kind != kinds.SPARSE):
            return False
        if kind == kinds.PORT:
            return c["format"] == WeightFormat.BITS8 and not c["delays"]
        if kind == kinds.CONV:
            return not c["delays"]
        return kind in (kinds.DENSE, kinds.SPARSE, kinds.ONE_TO_ONE)

    def walk(self, flit: int, entry: Entry) -> Outcome:
        """The outcome of an event flit; `entry` reads the tables."""
        event, found = EVENT_FLIT.unpack(flit), Outcome()
        graded = event["kind"] == FlitType.GRADED
        if event["kind"] not in (FlitType.MASK_POS, FlitType.MASK_NEG, FlitType.GRADED):
            found.bad = 1
            return found
        bits = event["payload"]
        found.spikes = 1 if graded else bits.bit_count()
        if event["conn"] >= len(self.connections):
            found.bad = 1
            return found
        c = unpacked("CONNECTION", self.connections[event["conn"]])
        if not self.known(c):
            found.bad = 1
            return found
        if graded:
            sources = [event["index"]] if bits else []
        else:
            sources = [32 * event["index"] + bit for bit in range(32) if bits >> bit & 1]
        value = bits if graded else 1 if event["kind"] == FlitType.MASK_POS else -1
        walk = _Walk(self, c, value, entry, found)
        if c["kind"] in (ConnKind.PORT, ConnKind.ONE_TO_ONE):
            for group in sorted({source // self.lanes for source in sources}):
                walk.group(group, [s % self.lanes for s in sources if s // self.lanes == group])
        else:
            for source in sources:
                walk.source(source)
        return found


class _Walk:
    """One event: what its sources become goes into `found`."""

    def __init__(self, model: WalkModel, c: dict[str, int], value: int, entry: Entry, found: Outcome) -> None:
        self.model, self.c, self.entry, self.found = model, c, entry, found
        factor = value if c["payload"] or c["kind"] == ConnKind.PORT else 1
        if c["negate"] and c["kind"] != ConnKind.PORT:
            factor = -factor
        self.factor = (factor << c["shift"]) & M32
        self.place: tuple[int, dict[str, int]] | None = None  # number of a position, and its entry
        self.base = (model.step + c["slot"]) % model.slots * model.pitch + c["acc_base"]

    def job(self, line: int | None, group: int, words: int, lanes: int, plan: Plan) -> None:
        if words:
            model = self.model
            line = None if line is None else line % model.places
            acc = (self.base + group) % (model.slots * model.pitch)
            self.found.jobs.append(Job(line, acc, words, plan, lanes, self.factor))

    def group(self, group: int, lanes: list[int]) -> None:
        """Sources that have a lane of their own, those of one group."""
        c, count = self.c, self.model.lanes
        if c["kind"] == ConnKind.PORT:
            if group >= c["groups"]:
                self.found.bad += 1
                return
            self.job(None, group, 1, sum(1 << lane for lane in lanes), Plan.of(c))
            return
        good = [lane for lane in lanes if group * count + lane < c["sources"]]
        self.found.bad += len(good) < len(lanes)
        self.found.synops += len(good)
        if not good:
            return
        plan, delays = Plan.of(c), c["delays"]
        if c["format"] == WeightFormat.BITS4:
            plan = plan._replace(upper=group % 2)
            line = group // 2 * (1 + 2 * delays)
        else:
            line = group * ((2 if c["format"] == WeightFormat.BITS16 else 1) + delays)
        self.job(c["syn_base"] + line, group, 1, sum(1 << lane for lane in good), plan)

    def source(self, source: int) -> None:
        c, found, lanes = self.c, self.found, self.model.lanes
        if source >= c["sources"]:
            found.bad += 1
            return
        if c["kind"] == ConnKind.DENSE:
            found.synops += c["targets"]
            self.job(c["syn_base"] + source * c["stride"], 0, c["groups"], 2**lanes - 1, Plan.of(c))
        elif c["kind"] == ConnKind.SPARSE:
            row = SPARSE_ROW.unpack(self.ask(c["table_base"], source))
            found.synops += row["words"] * lanes
            self.job(c["syn_base"] + row["line"], 0, row["words"], 2**lanes - 1, Plan.of(c))
        else:
            position, channel = divmod(source, 1 << c["channel_bits"])
            if self.place is None or self.place[0] != position:
                self.place = position, CONV_POSITION.unpack(self.ask(c["table_base"], position))
            entry = self.place[1]
            for number in range(entry["first"], entry["first"] + entry["taps"]):
                tap = CONV_TAP.unpack(self.tap(number))
                line = c["syn_base"] + tap["line"] + channel * c["stride"]
                found.synops += c["groups"] * lanes
                self.job(line, tap["group"], c["groups"], 2**lanes - 1, Plan.of(c))

    def ask(self, base: int, number: int) -> int:
        line = self.line_of(base, number)
        self.found.lines.append(line)
        return self.entry(line, number % (self.model.lanes // 4))

    def tap(self, number: int) -> int:
        """Taps of the line that is kept are at hand."""
        line = self.line_of(self.c["taps_base"], number)
        if line != self.model.kept:
            self.found.lines.append(line)
            self.model.kept = line
        return self.entry(line, number % (self.model.lanes // 4))

    def line_of(self, base: int, number: int) -> int:
        return (base + number // (self.model.lanes // 4)) % self.model.places
