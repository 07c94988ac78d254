"""Input queue and synapse engine in plain Python: what an event adds, and when each stage takes the next.

What an event adds is written from docs/chip.md section 6, the stages from the rule of rtl/core/README.md that
each of them refills in the cycle in which the next one takes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from lava_hw.regs import (
    CONFIG_FLIT,
    CONV_POSITION,
    CONV_TAP,
    EVENT_FLIT,
    ConnKind,
    FlitType,
    WeightFormat,
)
from tests.tables import LAYOUTS, unpacked

WORDS = len(LAYOUTS["CONNECTION"])
QUEUE = 8
BITS8, LOW_HALF, HIGH_HALF, BITS16 = range(4)
"""How the weights of an addition stand in their bytes."""


@dataclass(frozen=True)
class Addition:
    """What the accumulators get in one cycle: a line of weights, or one value in some lanes."""

    line: int
    weights: tuple[int, ...] | None = None  # the line
    low: tuple[int, ...] | None = None  # the line before, of weights of 16 bits
    form: int = BITS8
    times: int = 0
    is_signed: int = 0
    negate: int = 0
    shift: int = 0
    lanes: int = 0
    value: int = 0


@dataclass
class Job:
    """One source of a row, one group of a port, or one tap; without additions if there is nothing to add.

    A cycle in which a line is only kept is None.
    """

    additions: list[Addition | None] = field(default_factory=list)
    bad: bool = False
    synops: int = 0


@dataclass
class TabledSource:
    """A source with an entry in a table: a job for each of its taps.

    `refills` says before which jobs a line of taps is read.
    """

    jobs: deque[Job] = field(default_factory=deque)
    refills: set[int] = field(default_factory=set)
    bad: bool = False
    empty: bool = False  # its jobs would have no words
    done: int = 0  # jobs that were made


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
        self.event: deque[Job | TabledSource] = deque()
        self.job: list[Addition | None] = []
        self.row: deque[Addition | None] = deque()
        self.table = "source"  # what of the first source of a table comes next
        self.asks = self.there = False  # a line of a table is asked for, was read
        self.configuring = False
        self.adds: Addition | None = None  # what is presented now
        self.sends: int | None = None
        self.bad = 0  # events that were bad in this cycle: 1 of a core, 2 of the host
        self.outside = False  # the event is one of the host
        self.clear()

    def clear(self) -> None:
        self.spikes_in = self.synops = self.cyc_synapse = self.cyc_stall = 0

    def jobs(self, flit: int) -> Sequence[Job | TabledSource] | None:
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
        kinds = {
            ConnKind.PORT: (self.port, {WeightFormat.BITS8}),
            ConnKind.DENSE: (self.rows, set(WeightFormat)),
            ConnKind.CONV: (self.tables, set(WeightFormat)),
        }
        if c["kind"] not in kinds or c["delays"] or c["wide"]:
            return None
        make, formats = kinds[ConnKind(c["kind"])]
        if c["format"] not in formats:
            return None
        first = (self.step + c["slot"]) % self.slots * self.pitch + c["acc_base"]
        return make(c, first, sources, value)

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
        for source in sources:
            if source >= c["sources"]:
                jobs.append(Job(bad=True))
                continue
            start = c["syn_base"] + source * c["stride"]
            jobs.append(Job(self.row_of(c, start, first, value), synops=c["targets"]))
        return jobs

    def row_of(self, c: dict[str, int], start: int, first: int, value: int) -> list[Addition | None]:
        """What the words of a row add, that begins in line `start`."""
        how = {key: c[key] for key in ("is_signed", "negate", "shift")}
        how |= {"times": c["payload"], "value": (value << c["shift"]) % 2**32}
        row: list[Addition | None] = []
        for j in range(c["groups"]):
            if c["format"] == WeightFormat.BITS16:
                low, high = (tuple(self.lines[start + 2 * j + k]) for k in (0, 1))
                row += [None, Addition(first + j, high, low, BITS16, **how)]
            elif c["format"] == WeightFormat.BITS4:
                form = HIGH_HALF if j % 2 else LOW_HALF
                row.append(Addition(first + j, tuple(self.lines[start + j // 2]), None, form, **how))
            else:
                row.append(Addition(first + j, tuple(self.lines[start + j]), **how))
        return row

    def word(self, line: int, number: int) -> int:
        """A 32-bit word of a table that begins in line `line`."""
        more, part = divmod(number, self.lanes // 4)
        return int.from_bytes(bytes(self.lines[line + more][4 * part : 4 * part + 4]), "little")

    def tables(self, c: dict[str, int], first: int, sources: list[int], value: int) -> list[TabledSource]:
        found = []
        for source in sources:
            if source >= c["sources"] or not c["groups"]:
                found.append(TabledSource(bad=source >= c["sources"], empty=True))
                continue
            position, channel = divmod(source, 1 << c["channel_bits"])
            entry = CONV_POSITION.unpack(self.word(c["table_base"], position))
            jobs: deque[Job] = deque()
            refills = set()
            for i in range(entry["taps"]):
                number = entry["first"] + i
                tap = CONV_TAP.unpack(self.word(c["taps_base"], number))
                start = c["syn_base"] + tap["line"] + channel * c["stride"]
                row = self.row_of(c, start, first + tap["group"], value)
                jobs.append(Job(row, synops=c["groups"] * self.lanes))
                if i and number % (self.lanes // 4) == 0:
                    refills.add(i)
            found.append(TabledSource(jobs, refills))
        return found

    def walk(self) -> None:
        """The source walk of kinds with tables, for one cycle."""
        source = self.event[0]
        assert isinstance(source, TabledSource)
        if self.there:
            self.asks = self.table == "entry" and bool(source.jobs)
            if self.table == "entry" and not source.jobs:
                self.event.popleft()
                self.table = "source"
            else:
                self.table = "line" if self.table == "entry" else "taps"
        if not self.job and self.table == "taps":
            job = source.jobs.popleft()
            self.job = job.additions
            self.synops += job.synops
            source.done += 1
            if not source.jobs:
                self.event.popleft()
                self.table = "source"
            elif source.done in source.refills:
                self.table, self.asks = "line", True
        if self.event and self.table == "source":
            source = self.event[0]
            assert isinstance(source, TabledSource)
            if source.bad or source.empty:
                self.bad |= source.bad << self.outside
                self.event.popleft()
            else:
                self.table, self.asks = "entry", True

    def edge(self, flit: int | None, reserved: bool, done: bool) -> None:
        """One cycle, the last stage first, so that each sees what the one behind it held before."""
        self.adds = self.sends = None
        self.bad = 0
        self.cyc_synapse += bool(self.row or self.job or self.event)
        walking = bool(self.event)
        last = len(self.event) == 1
        tabled = walking and isinstance(self.event[0], TabledSource)
        if tabled:
            last &= self.table == "taps" and len(self.event[0].jobs) == 1
        # The row reads the memory first; what is asked for is not read twice.
        reads = bool(self.row) and not reserved and (self.row[0] is None or self.row[0].weights is not None)
        there = self.asks and not self.there and not reads
        if self.row:
            if reserved:
                self.cyc_stall += 1
            else:
                self.adds = self.row.popleft()
        if not self.row and self.job:
            self.row, self.job = deque(self.job), []
        takes = not walking or (last and not self.job)
        if tabled:
            self.walk()
        elif not self.job and self.event:
            job = self.event.popleft()
            assert isinstance(job, Job)
            self.job, self.bad = job.additions, job.bad << self.outside
            self.synops += job.synops
        if done:
            self.configuring = False
        if self.head is not None and self.head >> 63:
            if not self.configuring:
                self.sends, self.head, self.configuring = self.head, None, True
        elif self.head is not None and takes:
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
        self.there = there

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
