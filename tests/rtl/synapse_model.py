"""Input queue and synapse engine in plain Python: what an event adds, and when each stage takes the next.

What an event adds is written from docs/chip.md section 6, the stages from the rule of rtl/core/README.md that
each of them refills in the cycle in which the next one takes.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from lava_hw.regs import (
    CONFIG_FLIT,
    EVENT_FLIT,
    ConnKind,
    FlitType,
    WeightFormat,
)
from tests.tables import LAYOUTS, unpacked

WORDS = len(LAYOUTS["CONNECTION"])
QUEUE = 8


@dataclass(frozen=True)
class Addition:
    """What the accumulators get in one cycle: a line of weights, or one value in some lanes."""

    line: int
    weights: tuple[int, ...] | None = None  # as they are stored
    is_signed: int = 0
    negate: int = 0
    shift: int = 0
    lanes: int = 0
    value: int = 0


@dataclass
class Job:
    """One source of a row, or one group of a port; without additions if there is nothing to add."""

    additions: list[Addition] = field(default_factory=list)
    bad: bool = False
    synops: int = 0


class SynapseModel:
    """Memories, counters and stages."""

    def __init__(self, lanes: int, groups: int, slots: int, lines: int, connections: int) -> None:
        self.lanes, self.slots = lanes, slots
        self.pitch = 1 << (groups - 1).bit_length()  # groups from one slot to the next
        self.lines: list[list[int]] = [[0] * lanes for _ in range(lines)]
        self.connections = [[0] * WORDS for _ in range(connections)]
        self.step = 0
        self.reset()

    def reset(self) -> None:
        """Memories keep their contents."""
        self.queue: deque[int] = deque()
        self.head: int | None = None
        self.event: deque[Job] = deque()
        self.job: list[Addition] = []
        self.row: deque[Addition] = deque()
        self.configuring = False
        self.adds: Addition | None = None  # what is presented now
        self.sends: int | None = None
        self.bad = 0  # events that were bad in this cycle: 1 of a core, 2 of the host
        self.outside = False  # the event is one of the host
        self.clear()

    def clear(self) -> None:
        self.spikes_in = self.synops = self.cyc_synapse = self.cyc_stall = 0

    def jobs(self, flit: int) -> list[Job] | None:
        """What the sources of an event flit become, in order; None if it names nothing. Counts its spikes."""
        event = EVENT_FLIT.unpack(flit)
        bits, value, index = event["payload"], event["payload"], event["index"]
        if event["kind"] == FlitType.GRADED:
            self.spikes_in += 1
            sources = [index] if value else []
        elif event["kind"] in (FlitType.MASK_POS, FlitType.MASK_NEG):
            value = 1 if event["kind"] == FlitType.MASK_POS else -1
            sources = [32 * index + bit for bit in range(32) if bits >> bit & 1]
            self.spikes_in += len(sources)
        else:
            return None
        if event["conn"] >= len(self.connections):
            return None
        c = unpacked("CONNECTION", self.connections[event["conn"]])
        if c["kind"] not in (ConnKind.PORT, ConnKind.DENSE) or c["format"] != WeightFormat.BITS8:
            return None
        first = (self.step + c["slot"]) % self.slots * self.pitch + c["acc_base"]
        return (self.port if c["kind"] == ConnKind.PORT else self.rows)(c, first, sources, value)

    def port(self, c: dict[str, int], first: int, sources: list[int], value: int) -> list[Job]:
        jobs = []
        for group in sorted({source // self.lanes for source in sources}):
            lanes = sum(1 << source % self.lanes for source in sources if source // self.lanes == group)
            added = (value << c["shift"]) % 2**32
            fits = group < c["groups"]
            jobs.append(
                Job([Addition(first + group, lanes=lanes, value=added)] if fits else [], bad=not fits)
            )
        return jobs

    def rows(self, c: dict[str, int], first: int, sources: list[int], value: int) -> list[Job]:
        jobs = []
        how = {key: c[key] for key in ("is_signed", "negate", "shift")}
        for source in sources:
            if source >= c["sources"]:
                jobs.append(Job(bad=True))
                continue
            start = c["syn_base"] + source * c["stride"]
            row = [Addition(first + j, tuple(self.lines[start + j]), **how) for j in range(c["groups"])]
            jobs.append(Job(row, synops=c["targets"]))
        return jobs

    def edge(self, flit: int | None, reserved: bool, done: bool) -> None:
        """One cycle, the last stage first, so that each sees what the one behind it held before."""
        self.adds = self.sends = None
        self.bad = 0
        self.cyc_synapse += bool(self.row or self.job or self.event)
        if self.row:
            if reserved:
                self.cyc_stall += 1
            else:
                self.adds = self.row.popleft()
        if not self.row and self.job:
            self.row, self.job = deque(self.job), []
        if not self.job and self.event:
            job = self.event.popleft()
            self.job, self.bad = job.additions, job.bad << self.outside
            self.synops += job.synops
        if done:
            self.configuring = False
        if self.head is not None and self.head >> 63:
            if not self.configuring:
                self.sends, self.head, self.configuring = self.head, None, True
        elif self.head is not None and not self.event:
            jobs = self.jobs(self.head)
            # a flit that names nothing is found here, a source that is out of range when its turn comes
            self.outside = EVENT_FLIT.get(self.head, "dest") >= 64
            self.bad |= (jobs is None) << self.outside
            self.event = deque(jobs or [])
            self.head = None
        if self.head is None and self.queue:
            self.head = self.queue.popleft()
        if flit is not None:
            self.queue.append(flit)

    @property
    def ready(self) -> bool:
        return QUEUE - len(self.queue) >= 2

    @property
    def busy(self) -> bool:
        """Something is held or presented, or the endpoint works on a flit."""
        presents = self.adds is not None or self.sends is not None or bool(self.bad)
        held = self.queue or self.head is not None or self.event or self.job or self.row
        return bool(held or self.configuring or presents)

    def write(self, flit: int) -> None:
        """Carry out a configuration flit that writes, by the address of its word."""
        parts = CONFIG_FLIT.unpack(flit)
        address, data = parts["addr"], parts["data"]
        if address >> 22:
            line, part = divmod(address & (2**22 - 1), self.lanes // 4)
            self.lines[line][4 * part : 4 * part + 4] = data.to_bytes(4, "little")
        elif address >> 18 == 6 and address % 8 < WORDS:
            self.connections[(address & (2**18 - 1)) // 8][address % 8] = data
