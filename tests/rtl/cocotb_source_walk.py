"""The source walk: jobs, entries of tables, faults and counters of every event, and that none waits in vain.

The bench plays three neighbours. The event queue sees from `walk_valid`, `walk_last` and the job whether its
head is taken. The row takes jobs at random times. The memory gives a line in one cycle, and random bytes in
all others.
"""

from __future__ import annotations

import json
import os
import random
from collections import deque
from collections.abc import Iterable

import cocotb
from module_bench import reset
from row_model import FORMATS
from walk_model import Job, Outcome, WalkModel

from lava_hw.regs import (
    CONV_POSITION,
    CONV_TAP,
    EVENT_FLIT,
    ConnKind,
    CoreCsr,
    CoreRegion,
    FlitType,
    WeightFormat,
)
from tests.tables import packed

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, GROUPS, SLOTS, LINES, CONNECTIONS = (
    PARAMETERS[key] for key in ("Lanes", "AccGroups", "DelaySlots", "SynLines", "Connections")
)
PARTS = LANES // 4
OUTSIDE = 64  # in `dest` of events of the host
KINDS = (ConnKind.PORT, ConnKind.DENSE, ConnKind.ONE_TO_ONE, ConnKind.SPARSE, ConnKind.CONV)
TABLED = (ConnKind.SPARSE, ConnKind.CONV)


class Bench:
    """The walk with its neighbours; jobs and lines of tables are compared as they come."""

    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.model = WalkModel(LANES, GROUPS, SLOTS, LINES, CONNECTIONS)
        self.memory = [[self._entry() for _ in range(PARTS)] for _ in range(self.model.places)]
        # Probabilities: the row takes nothing; nobody reads; no event comes.
        self.full = self.reserved = self.pause = 0.0
        self.forget()

    def forget(self) -> None:
        """As after a reset."""
        self.model.kept = None
        self.queue: deque[int] = deque()
        self.head: int | None = None
        self.jobs: deque[Job] = deque()  # that must still come
        self.lines: deque[int] = deque()
        self.answer: int | None = None  # the line that the memory gives now
        self.bad = [0, 0]  # cycles in which something bad has to be said: of a core, of the host
        self.said = [0, 0]
        self.spikes = self.synops = self.taken = self.cycle = 0

    def _entry(self) -> int:
        """A word of a table: at most three words or taps, the rest is random."""
        return self.random.randrange(4) << 21 | self.random.getrandbits(21)

    async def start(self) -> None:
        dut = self.dut
        for name in ("clear_i", "head_valid_i", "head_flit_i", "row_free_i", "acc_next_i", "cfg_valid_i"):
            getattr(dut, name).value = 0
        dut.step_i.value = dut.cfg_write_i.value = dut.cfg_addr_i.value = dut.cfg_data_i.value = 0
        for lane in range(LANES):
            dut.bytes_i[lane].value = 0
        self.edge = await reset(dut)
        for number in range(CONNECTIONS if CONNECTIONS < 8 else 8):
            await self.connect(number)

    # ------------------------------------------------------------------ one cycle
    def _give(self) -> None:
        """The memory shows the line that was asked for, or what the row reads."""
        words = None if self.answer is None else self.memory[self.answer]
        stored = b"".join(word.to_bytes(4, "little") for word in words or ())
        stored = stored or self.random.randbytes(LANES)
        for lane in range(LANES):
            self.dut.bytes_i[lane].value = stored[lane]

    async def tick(self) -> None:
        dut, rng = self.dut, self.random
        if self.head is None and self.queue and rng.random() >= self.pause:
            self.head = self.queue.popleft()
        dut.head_valid_i.value = int(self.head is not None)
        dut.head_flit_i.value = rng.getrandbits(63) if self.head is None else self.head
        free, reserved = rng.random() >= self.full, rng.random() < self.reserved
        dut.row_free_i.value, dut.acc_next_i.value = int(free), int(reserved)
        self._give()
        walks, last, offers = (
            bool(pin.value) for pin in (dut.walk_valid_o, dut.walk_last_o, dut.job_valid_o)
        )
        asks, line = bool(dut.table_valid_o.value), int(dut.table_line_o.value)
        if offers and free:
            self._compare()
        self.answer = None
        if asks and not reserved:
            assert self.lines, "a table is asked, and no source needs it"
            want = self.lines.popleft()
            assert line == want, f"line {line} of a table was asked for instead of {want}"
            self.answer = line
        if self.head is not None and (not walks or (last and (not offers or free))):
            self._expect(self.head)
            self.head = None
        shown = self._job()
        await self.edge
        self.cycle += 1
        if offers and not free:
            assert dut.job_valid_o.value, "a job was taken back"
            assert self._job() == shown, "a job changed before the row took it"
        if asks and reserved:
            assert dut.table_valid_o.value, "a question was taken back"
            assert int(dut.table_line_o.value) == line, "a question changed before it was answered"
        bad = [int(dut.bad_stage_event_o.value), int(dut.bad_input_event_o.value)]
        self.said = [count + now for count, now in zip(self.said, bad, strict=True)]
        holds = dut.walk_valid_o.value or dut.job_valid_o.value or any(bad)
        assert bool(dut.busy_o.value) == bool(holds)
        assert dut.awake_o.value or not dut.busy_o.value

    def _job(self) -> list[int]:
        dut = self.dut
        pins = (
            dut.job_line_o,
            dut.job_acc_o,
            dut.job_words_o,
            dut.job_plan_o,
            dut.job_lanes_o,
            dut.job_factor_o,
        )
        return [int(pin.value) for pin in pins]

    def _compare(self) -> None:
        """The row takes a job."""
        assert self.jobs, "a job came, and no source has one"
        want = self.jobs.popleft()
        line, acc, words, plan, lanes, factor = self._job()
        assert (acc, words, lanes, factor) == (want.acc, want.words, want.lanes, want.factor)
        if want.line is None:
            assert plan >> 8 == 0, "a port reads nothing and gathers nothing"
        else:
            assert (line, plan) == (want.line, want.plan.packed())
        self.taken += 1

    def _expect(self, flit: int) -> None:
        """The head is taken now: what it leads to must come."""
        outcome = self.outcome(flit)
        self.jobs.extend(outcome.jobs)
        self.lines.extend(outcome.lines)
        self.bad[EVENT_FLIT.get(flit, "dest") >= OUTSIDE] += outcome.bad
        self.spikes += outcome.spikes
        self.synops += outcome.synops

    def outcome(self, flit: int) -> Outcome:
        return self.model.walk(flit, lambda line, part: self.memory[line][part])

    async def rest(self, limit: int = 50_000) -> int:
        """Clock until every event was walked; gives the cycles."""
        start = self.cycle
        while self.queue or self.head is not None or self.jobs or self.lines or self.dut.busy_o.value:
            await self.tick()
            assert self.cycle - start < limit, "the walk does not come to rest"
        for pulses, bad in zip(self.said, self.bad, strict=True):
            # what two events say in the same cycle is said once
            assert bool(bad) <= pulses <= bad, f"{pulses} faults were said, and {bad} found"
        spent = self.cycle - start
        await self.tick()
        return spent

    # ------------------------------------------------------------------ what is configured and sent
    async def access(self, address: int, data: int | None = None) -> int:
        """Three cycles, through which address and data stay; gives the word in the third one."""
        dut = self.dut
        dut.cfg_valid_i.value, dut.cfg_write_i.value, dut.cfg_addr_i.value = 1, int(data is not None), address
        dut.cfg_data_i.value = self.random.getrandbits(32) if data is None else data
        self.model.kept = None
        await self.tick()
        dut.cfg_valid_i.value = 0
        await self.tick()
        word = int(dut.cfg_rdata_o.value)
        await self.tick()
        return word

    async def connect(self, number: int, **fields: int) -> None:
        self.model.connections[number] = words = packed("CONNECTION", **fields)
        for part, word in enumerate(words):
            await self.access(CoreRegion.CONNECTION << 18 | number * len(words) + part, word)

    def drawn(self, kind: int) -> dict[str, int]:
        """A connection of this kind, all fields of which are random."""
        rng = self.random
        fields = {
            "kind": kind, "shift": rng.choice([0, 1, 31, rng.randrange(32)]), "slot": rng.randrange(64),
            "acc_base": rng.randrange(GROUPS), "payload": rng.getrandbits(1), "negate": rng.getrandbits(1),
            "is_signed": rng.getrandbits(1), "targets": rng.getrandbits(20), "groups": rng.randrange(7),
            "syn_base": rng.getrandbits(24), "stride": rng.choice([0, 1, rng.getrandbits(16)]),
            "sources": rng.choice([1, 8, 31, 32, 33, 40, rng.randrange(1, 2**17)]),
            "table_base": rng.getrandbits(24), "taps_base": rng.getrandbits(24), "rule": rng.getrandbits(8),
            "channel_bits": rng.randrange(16), "learns": rng.getrandbits(1),
        }  # fmt: skip
        if kind != ConnKind.PORT:
            fields["format"] = rng.choice(FORMATS)
        if kind in (ConnKind.DENSE, ConnKind.SPARSE, ConnKind.ONE_TO_ONE):
            fields["delays"] = rng.getrandbits(1)
        if kind == ConnKind.SPARSE:
            fields["wide"] = rng.getrandbits(1)
        return fields

    def send(self, kind: int, payload: int, index: int = 0, connection: int = 0) -> None:
        fields = {"kind": kind, "conn": connection, "index": index, "payload": payload % 2**32}
        fields |= {"egress": self.random.getrandbits(1), "dest": self.random.getrandbits(7)}
        self.queue.append(EVENT_FLIT.pack(**fields))

    def send_some(self, connection: int, sources: int, count: int) -> None:
        """Events near the last source and before it, of all sorts."""
        rng = self.random
        for _ in range(count):
            source = rng.choice([rng.randrange(sources), sources - 1, sources, 0])
            value = rng.choice([0, 1, -1, -(2**31), rng.getrandbits(32)])
            if rng.random() < 0.4:
                self.send(FlitType.GRADED, value, min(source, 4095), connection)
            else:
                few = 1 << source % 32 | rng.getrandbits(32) & rng.getrandbits(32) & rng.getrandbits(32)
                bits = rng.choice([few, few, 2**32 - 1, 0, rng.getrandbits(32)])
                self.send(rng.choice([0, 1]), bits, source // 32, connection)

    async def check_counters(self) -> None:
        for csr, want in (
            (CoreCsr.SPIKES_IN, self.spikes % 2**32),
            (CoreCsr.SYNOPS_LO, self.synops % 2**32),
            (CoreCsr.SYNOPS_HI, self.synops >> 32),
            (CoreCsr.CYC_STALL, 0),  # the row gives that one
        ):
            assert await self.access(CoreRegion.CSR << 18 | csr) == want, csr


def sources_of(fields: dict[str, int]) -> int:
    return max(fields["groups"] * LANES, 1) if fields["kind"] == ConnKind.PORT else fields["sources"]


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


async def every_kind(bench: Bench, kinds: Iterable[int], trials: int) -> None:
    """Connections of these kinds, with a row and a memory that let the walk wait, or not."""
    rng, most = bench.random, min(CONNECTIONS, 4)
    for _ in range(trials):
        bench.full = bench.reserved = bench.pause = 0.0
        sources = []
        for number in range(most):
            fields = bench.drawn(rng.choice(list(kinds)))
            await bench.connect(number, **fields)
            sources.append(sources_of(fields))
        bench.dut.step_i.value = bench.model.step = rng.choice([0, SLOTS - 1, rng.getrandbits(32)])
        bench.full, bench.reserved = rng.choice([0.0, 0.5, 0.9]), rng.choice([0.0, 0.3, 0.8])
        bench.pause = rng.choice([0.0, 0.5])
        for _ in range(5):
            number = rng.randrange(most)
            bench.send_some(number, sources[number], 2)
        await bench.rest()
        await bench.check_counters()
    assert bench.taken > 3 * trials


@cocotb.test()
async def ports_and_one_to_one(dut):
    await every_kind(await started(dut, 1), (ConnKind.PORT, ConnKind.ONE_TO_ONE), 15)


@cocotb.test()
async def dense(dut):
    await every_kind(await started(dut, 2), (ConnKind.DENSE,), 15)


@cocotb.test()
async def tables(dut):
    """Sparse rows and convolutions: what is not at hand is asked for once, in order, and waits."""
    await every_kind(await started(dut, 3), TABLED, 25)


@cocotb.test()
async def a_tap_every_cycle(dut):
    """Taps of a line are jobs of a cycle each; sources that differ in channel ask for the position once."""
    bench = await started(dut, 9)
    lines = min(3, bench.model.places - 1)
    taps = lines * PARTS
    entry = CONV_POSITION.pack(taps=taps, first=0)
    bench.memory[0] = [entry] * PARTS
    for line in range(1, lines + 1):
        bench.memory[line] = [CONV_TAP.pack(line=n, group=0) for n in range(PARTS)]
    await bench.connect(
        0, kind=ConnKind.CONV, groups=1, sources=64, channel_bits=5, table_base=0, taps_base=1, stride=1
    )
    jobs = bench.taken
    bench.send(FlitType.MASK_POS, 0b101, 0)
    bench.send(FlitType.MASK_POS, 0b1, 1)
    spent = await bench.rest()
    assert bench.taken - jobs == 3 * taps
    # Each line of taps costs a cycle, and each source two; what else there is does not grow.
    assert spent <= 3 * taps + 3 * lines + 3 * 2 + 6


@cocotb.test()
async def all_kinds_behind_each_other(dut):
    await every_kind(await started(dut, 4), KINDS, 20)


@cocotb.test()
async def what_is_bad_is_said_once(dut):
    """Events apart from each other: a fault for each source, group or flit, to whom it belongs."""
    bench = await started(dut, 5)
    for kind in (*KINDS, ConnKind.NONE, 6, 15):
        fields = bench.drawn(kind) | {"groups": 1, "sources": 5}
        await bench.connect(0, **fields)
        for event in (
            (FlitType.MASK_POS, 0b111000),
            (FlitType.MASK_NEG, 2**32 - 1),
            (FlitType.GRADED, 7),
            (3, 1),
        ):
            for index in (0, 4, 5, 4095):
                bench.send(*event, index)
                await bench.rest()
                assert bench.said == bench.bad
    bad = [{"kind": kind, "format": 3} for kind in KINDS]
    bad += [{"kind": ConnKind.PORT, "format": WeightFormat.BITS4}, {"kind": ConnKind.PORT, "delays": 1}]
    bad += [{"kind": ConnKind.CONV, "delays": 1}]
    bad += [{"kind": kind, "wide": 1} for kind in KINDS if kind != ConnKind.SPARSE]
    for fields in bad:
        await bench.connect(0, **fields, groups=1, sources=5)
        bench.send(FlitType.MASK_POS, 1)
        bench.send(FlitType.MASK_NEG, 0)
        before = sum(bench.bad)
        await bench.rest()
        assert sum(bench.bad) == before + 2, fields
    for connection in {CONNECTIONS, CONNECTIONS + 1, 255} & set(range(CONNECTIONS, 256)):
        bench.send(FlitType.GRADED, 1, 0, connection)
        before = sum(bench.said)
        await bench.rest()
        assert sum(bench.said) == before + 1
    await bench.check_counters()


@cocotb.test()
async def a_job_every_cycle(dut):
    """With a row that always takes no cycle is lost between sources, events and connections, tables apart."""
    bench = await started(dut, 6)
    most = min(CONNECTIONS, 3)
    for number in range(most):
        kind = (ConnKind.DENSE, ConnKind.PORT, ConnKind.ONE_TO_ONE)[number]
        await bench.connect(number, **bench.drawn(kind) | {"groups": 4, "sources": 32})
    jobs = bench.taken
    for _ in range(60):
        bench.send(FlitType.MASK_POS, bench.random.randrange(1, 2**LANES), 0, bench.random.randrange(most))
    spent = await bench.rest()
    assert spent == bench.taken - jobs + 2  # the event is taken, the first job is made


@cocotb.test()
async def connections_and_counters(dut):
    """Words come back as they were written; nothing else can be written; clear takes the counters away."""
    bench = await started(dut, 7)
    rng = bench.random
    first = CoreRegion.CONNECTION << 18
    words = [rng.getrandbits(32) for _ in range(8 * CONNECTIONS)]
    order = (
        rng.sample(range(len(words)), len(words)) if len(words) < 200 else rng.sample(range(len(words)), 200)
    )
    for number in order:
        await bench.access(first | number, words[number])
    for number in order[::-1]:
        assert await bench.access(first | number) == words[number]
    assert await bench.access(1 << 22 | order[0]) == 0  # a word of the synapse memory
    await bench.access(1 << 22 | order[0], 5)
    assert await bench.access(first | order[0]) == words[order[0]]
    await bench.connect(0, kind=ConnKind.DENSE, sources=32, targets=2**20 - 1)  # rows of no words
    bench.queue.extend([EVENT_FLIT.pack(payload=2**32 - 1)] * 130)
    await bench.rest()
    assert bench.synops > 2**32
    assert not bench.taken
    await bench.access(CoreRegion.CSR << 18 | CoreCsr.SPIKES_IN, 7)
    await bench.check_counters()
    dut.clear_i.value = 1
    await bench.tick()
    dut.clear_i.value = 0
    bench.spikes = bench.synops = 0
    await bench.check_counters()


@cocotb.test()
async def reset_in_the_middle(dut):
    bench = await started(dut, 8)
    rng = bench.random
    for _ in range(30):
        fields = bench.drawn(rng.choice(KINDS))
        await bench.connect(0, **fields)
        bench.full, bench.reserved = rng.choice([0.0, 1.0]), rng.choice([0.0, 1.0])
        bench.send_some(0, sources_of(fields), 4)
        for _ in range(rng.randrange(1, 15)):
            await bench.tick()
        dut.rst_ni.value = dut.head_valid_i.value = 0
        await bench.edge
        shown = (dut.walk_valid_o, dut.job_valid_o, dut.table_valid_o, dut.busy_o, dut.awake_o)
        assert not any(pin.value for pin in shown)
        dut.rst_ni.value = 1
        bench.forget()
        bench.full = bench.reserved = 0.0
        bench.send_some(0, sources_of(fields), 2)
        await bench.rest()
        await bench.check_counters()
