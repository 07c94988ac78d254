"""Input queue and synapse engine in plain Python: what an event adds, and when each stage takes the next.

What an event adds is written from docs/chip.md section 6. The stages are written from rtl/core/README.md:
each of them refills in the cycle in which the next one takes, an entry of a table takes the memory for a
cycle, and no two contributions come in the same one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from lava_hw.regs import (
    CONFIG_FLIT,
    CONV_POSITION,
    CONV_TAP,
    EVENT_FLIT,
    SPARSE_ROW,
    ConnKind,
    FlitType,
    WeightFormat,
)
from tests.tables import LAYOUTS, unpacked

WORDS = len(LAYOUTS["CONNECTION"])
QUEUE = 8
BITS = {WeightFormat.BITS8: 8, WeightFormat.BITS4: 4, WeightFormat.BITS16: 16}
M32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Addition:
    """What the accumulators get in one cycle: an address and 32 bits in each lane that takes part.

    `gathered` says that the word has more than a line of bytes, so that it comes the other way.
    """

    lines: tuple[int | None, ...]
    adds: tuple[int, ...]
    gathered: bool = False


@dataclass(frozen=True)
class Line:
    """What the row does in a cycle: it reads a line, perhaps the first or the last one of a word."""

    adds: tuple[Addition, ...] = ()
    reads: bool = True
    begins: bool = False
    grouped: bool = False  # it begins with target groups
    gathered: bool = False


@dataclass
class Job:
    """One source of a row, or one group of a port; without lines if there is nothing to add."""

    lines: list[Line] = field(default_factory=list)
    bad: bool = False
    synops: int = 0


@dataclass
class Tap:
    """What a tap becomes, and the line of the table in which it stands."""

    job: Job
    line: int


@dataclass
class Question:
    """An entry of a table: what it says is a job, or, of a position with this number, taps."""

    answer: Job | list[Tap]
    place: int | None = None


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
        self.event: deque[Job | Question] = deque()
        self.asked: Question | Tap | None = None  # of the memory, in this cycle
        self.answered: Question | Tap | None = None  # its line is there
        self.found: Job | None = None  # waits for its place
        self.taps: deque[Tap] = deque()  # of the source
        self.kept: int | None = None  # line of taps that is at hand
        self.place: int | None = None  # position that is known
        self.job: list[Line] = []
        self.row: deque[Line] = deque()
        self.coming: deque[Addition] = deque()  # of words whose last line was read
        self.gathers = 0  # cycles until all of them are presented, without those that are reserved
        self.configuring = False
        self.adds: Addition | None = None  # what is presented now
        self.sends: int | None = None
        self.bad = 0  # events that were bad in this cycle: 1 of a core, 2 of the host
        self.outside = False  # the event is one of the host
        self.clear()

    def clear(self) -> None:
        self.spikes_in = self.synops = self.cyc_synapse = self.cyc_stall = 0

    # ------------------------------------------------------------------ what events mean
    def walk(self, flit: int) -> list[Job | Question] | None:
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
        if not known(c):
            return None
        if c["kind"] in (ConnKind.PORT, ConnKind.ONE_TO_ONE):
            groups = sorted({source // self.lanes for source in sources})
            return [
                self.lanes_of(c, group, [s % self.lanes for s in sources if s // self.lanes == group], value)
                for group in groups
            ]
        rows = {ConnKind.DENSE: self.dense, ConnKind.SPARSE: self.sparse, ConnKind.CONV: self.conv}
        return [
            rows[c["kind"]](c, source, value) if source < c["sources"] else Job(bad=True)
            for source in sources
        ]

    def lanes_of(self, c: dict[str, int], group: int, lanes: list[int], value: int) -> Job:
        """Sources that are lanes of one group: of a port, or with a weight each."""
        if c["kind"] == ConnKind.PORT:
            if group >= c["groups"]:
                return Job(bad=True)
            added = (value << c["shift"]) & M32
            adds = tuple(added if lane in lanes else 0 for lane in range(self.lanes))
            return Job([Line((Addition(self.address(c, group, lanes), adds),), reads=False, begins=True)])
        good = [lane for lane in lanes if group * self.lanes + lane < c["sources"]]
        if not good:
            return Job(bad=True)
        delays, bits = c["delays"], BITS[c["format"]]
        if bits == 4:  # lines of the pair that the word is one of
            first = c["syn_base"] + group // 2 * (1 + 2 * delays)
            low = [byte >> 4 * (group % 2) & 15 for byte in self.lines[first]]
            places = [first, *([first + 1 + group % 2] if delays else [])]
        else:
            first = c["syn_base"] + group * (bits // 8 + delays)
            low = self.lines[first]
            if bits == 16:
                low = [a + 256 * b for a, b in zip(low, self.lines[first + 1], strict=True)]
            places = list(range(first, first + bits // 8 + delays))
        added = self.addition(c, low, [group] * self.lanes, places[-1], value, good)
        lines = self.read([added], len(places), [len(places) - 1])
        return Job(lines, len(good) < len(lanes), len(good))

    def dense(self, c: dict[str, int], source: int, value: int) -> Job:
        words = self.words(c, c["syn_base"] + source * c["stride"], c["groups"], 0, value)
        return Job(words, synops=c["targets"])

    def sparse(self, c: dict[str, int], source: int, value: int) -> Question:
        row = SPARSE_ROW.unpack(self.entry(c["table_base"], source))
        words = self.words(c, c["syn_base"] + row["line"], row["words"], 0, value)
        return Question(Job(words, synops=row["words"] * self.lanes))

    def conv(self, c: dict[str, int], source: int, value: int) -> Question:
        position, channel = divmod(source, 1 << c["channel_bits"])
        entry = CONV_POSITION.unpack(self.entry(c["table_base"], position))
        taps: list[Tap] = []
        for number in range(entry["first"], entry["first"] + entry["taps"]):
            tap = CONV_TAP.unpack(self.entry(c["taps_base"], number))
            first = c["syn_base"] + tap["line"] + channel * c["stride"]
            words = self.words(c, first, c["groups"], tap["group"], value)
            job = Job(words, synops=c["groups"] * self.lanes)
            taps.append(Tap(job, c["taps_base"] + number // (self.lanes // 4)))
        return Question(taps, position)

    def entry(self, base: int, number: int) -> int:
        """A word of a table that begins with line `base`."""
        line, part = divmod(number, self.lanes // 4)
        return int.from_bytes(bytes(self.lines[base + line][4 * part : 4 * part + 4]), "little")

    def words(self, c: dict[str, int], start: int, count: int, group: int, value: int) -> list[Line]:
        """Words one behind the other; those of 4 bits in pairs."""
        lines: list[Line] = []
        per_word, wide, pair = (
            c["kind"] == ConnKind.SPARSE,
            c["wide"],
            2 if c["format"] == WeightFormat.BITS4 else 1,
        )
        for word in range(0, count, pair):
            here = range(word, min(word + pair, count))
            place = start + len(lines)
            groups = []
            for number in here:
                targets = [group + number] * self.lanes
                if per_word:
                    targets = list(self.lines[place])
                    if wide:
                        targets = [a + 256 * b for a, b in zip(targets, self.lines[place + 1], strict=True)]
                    place += 1 + wide
                groups.append(targets)
            stored = list(self.lines[place])
            if c["format"] == WeightFormat.BITS16:
                place += 1
                stored = [a + 256 * b for a, b in zip(stored, self.lines[place], strict=True)]
            last = [place + (1 + i if c["delays"] else 0) for i in range(len(here))]
            adds = []
            for i in range(len(here)):
                weights = [byte >> 4 * i & 15 for byte in stored] if pair == 2 else stored
                adds.append(self.addition(c, weights, groups[i], last[i], value, range(self.lanes)))
            first = start + len(lines)
            lines += self.read(adds, last[-1] + 1 - first, [place - first for place in last], per_word)
        return lines

    def read(self, adds: list[Addition], count: int, last: list[int], grouped: bool = False) -> list[Line]:
        """Lines of a word or of two, each of which is added with its last one."""
        return [
            Line(
                tuple(add for add, place in zip(adds, last, strict=True) if place == line),
                begins=line == 0,
                grouped=grouped,
                gathered=adds[0].gathered,
            )
            for line in range(count)
        ]

    def addition(
        self,
        c: dict[str, int],
        stored: list[int],
        groups: list[int],
        delays: int,
        value: int,
        lanes: Iterable[int],
    ) -> Addition:
        """The contribution of a word: weights as they are stored, and the line of its delays, if any."""
        bits = BITS[c["format"]]
        adds, lines = [], []
        for lane in range(self.lanes):
            weight = stored[lane]
            if c["is_signed"] and weight >> (bits - 1):
                weight -= 1 << bits
            weight = -weight if c["negate"] else weight
            weight *= signed(value) if c["payload"] else 1
            adds.append((weight << c["shift"]) & M32 if lane in lanes else 0)
            delay = self.lines[delays][lane] if c["delays"] else 0
            lines.append(self.address(c, groups[lane], [0], delay)[0] if lane in lanes else None)
        gathered = bits != 8 or c["kind"] == ConnKind.SPARSE or bool(c["delays"])
        return Addition(tuple(lines), tuple(adds), gathered)

    def address(
        self, c: dict[str, int], group: int, lanes: Iterable[int], delay: int = 0
    ) -> tuple[int | None, ...]:
        """Address in each of the lanes, None in the others."""
        slot = (self.step + c["slot"] + delay) % self.slots
        line = (slot * self.pitch + c["acc_base"] + group) % (self.slots * self.pitch)
        return tuple(line if lane in lanes else None for lane in range(self.lanes))

    # ------------------------------------------------------------------ when it happens
    def edge(self, flit: int | None, reserved: bool, done: bool) -> None:
        """One cycle, the last stage first, so that each sees what the one behind it held before."""
        self.adds = self.sends = None
        self.bad = 0
        self.cyc_synapse += bool(self.row or self.job or self.walking)
        self.cyc_stall += bool(self.row and reserved)
        if not reserved:
            self._row()
        if not self.row and self.job:
            self.row, self.job = deque(self.job), []
        late = self._sources(reserved)
        if done:
            self.configuring = False
        if self.head is not None and self.head >> 63:
            if not self.configuring:
                self.sends, self.head, self.configuring = self.head, None, True
        elif self.head is not None and not self.walking and not late:
            jobs = self.walk(self.head)
            # a flit that names nothing is found here, a source that is out of range when its turn comes
            self.outside = EVENT_FLIT.get(self.head, "dest") >= 64
            self.bad |= (jobs is None) << self.outside
            self.event, self.place = deque(jobs or []), None
            self.tabled = any(isinstance(job, Question) for job in self.event) or self._of_table(self.head)
            self.head = None
        if self.head is None and self.queue:
            self.head = self.queue.popleft()
        if flit is not None:
            self.queue.append(flit)

    def _of_table(self, flit: int) -> bool:
        number = EVENT_FLIT.get(flit, "conn")
        if number >= len(self.connections):
            return False
        return unpacked("CONNECTION", self.connections[number])["kind"] in (ConnKind.SPARSE, ConnKind.CONV)

    def _row(self) -> None:
        """One line, unless it would meet what comes of lines before, or the memory reads a table."""
        moves = bool(self.row)
        if moves:
            line = self.row[0]
            most = 2 if line.grouped else 1 if line.gathered else 0
            moves = not (line.begins and len(self.coming) > most) and not (line.reads and self.asked)
        if self.coming:
            self.adds = self.coming.popleft()
        self.gathers = max(self.gathers - 1, 0)
        if not moves:
            return
        line = self.row.popleft()
        if line.gathered:
            self.coming.extend(line.adds)
            self.gathers = 1 + max(len(line.adds), 1)
        else:
            (self.adds,) = line.adds

    def _sources(self, reserved: bool) -> bool:
        """Sources become jobs; True if the last one ended in a way that the queue learns of a cycle later."""
        if not self.walking:
            return False
        if not self.tabled:
            if not self.job:
                self._take(self.event.popleft())
            return False
        takes = positioned = False
        answered, self.answered = self.answered, None
        if isinstance(answered, Tap):
            self.kept = answered.line
        elif answered is not None and isinstance(answered.answer, Job):
            self.found = answered.answer
        elif answered is not None:
            self.place, positioned = answered.place, True
            self.taps.extend(answered.answer)
        if self.at_hand and not self.job:
            self._take(self.found or self.taps.popleft().job)
            # that a position has one tap, and that it is at hand, is not known before
            self.found, takes = None, not positioned
        if self.asked is not None and not reserved:
            self.answered, self.asked = self.asked, None
        if self.asked is None and self.answered is None and not self.at_hand:
            takes &= self._ask()
        return not takes

    @property
    def at_hand(self) -> bool:
        """What the next job is follows from what the memory has said."""
        return self.found is not None or bool(self.taps and self.taps[0].line == self.kept)

    def _ask(self) -> bool:
        """Ask for the next tap, or for what the next source has; False if that source is bad."""
        if self.taps:
            self.asked = self.taps[0]
        elif self.event:
            item = self.event.popleft()
            if isinstance(item, Job):
                self.bad |= item.bad << self.outside
                return False
            if item.place is not None and item.place == self.place:
                self.answered = item
            else:
                self.asked, self.place = item, None
        return True

    def _take(self, job: Job) -> None:
        self.job = job.lines
        self.bad |= job.bad << self.outside
        self.synops += job.synops

    @property
    def walking(self) -> bool:
        """Sources are left, or what a table says of them."""
        return bool(self.event or self.taps or self.asked or self.answered or self.found)

    @property
    def ready(self) -> bool:
        return QUEUE - len(self.queue) >= 2

    @property
    def busy(self) -> bool:
        """Something is held or presented, or the endpoint works on a flit."""
        presents = self.adds is not None or self.sends is not None or bool(self.bad)
        held = self.queue or self.head is not None or self.walking or self.job or self.row or self.gathers
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


def signed(value: int) -> int:
    value &= M32
    return value - 2**32 if value >> 31 else value


def known(c: dict[str, int]) -> bool:
    """Kinds and formats that are built, and may stand together."""
    kind, form, delays, wide = c["kind"], c["format"], c["delays"], c["wide"]
    if form not in BITS or (wide and kind != ConnKind.SPARSE):
        return False
    if kind == ConnKind.PORT:
        return form == WeightFormat.BITS8 and not delays
    if kind == ConnKind.CONV:
        return not delays
    return kind in (ConnKind.DENSE, ConnKind.SPARSE, ConnKind.ONE_TO_ONE)
