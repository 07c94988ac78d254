"""The row: which line is read when, what is presented with it, and that no two contributions come at once.

The bench plays the walk in front of it, the memory, the tables that take the memory away, and the neuron
engine that reserves the accumulators. It keeps the times at which lhw_gather presents what lines complete.
"""

from __future__ import annotations

import json
import os
import random
from collections import deque
from itertools import product
from typing import NamedTuple

import cocotb
from module_bench import reset
from row_model import FORMATS, LineKind, Plan, lines_of

from lava_hw.regs import CoreCsr, CoreRegion, WeightFormat

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, LINES, ACC = (PARAMETERS[key] for key in ("Lanes", "SynLines", "AccW"))
PLACES = 1 << max(1, (LINES - 1).bit_length())  # addresses of lines


class Job(NamedTuple):
    plan: Plan
    line: int
    acc: int
    words: int
    lanes: int
    factor: int


class Step(NamedTuple):
    """What the row does in one of its cycles."""

    job: Job
    place: int | None  # line of the memory; None: it reads none
    acc: int
    kind: LineKind | None = None  # None: it is a contribution itself
    adds: int = 1


def steps_of(job: Job) -> list[Step]:
    if not job.plan.gathers:
        places = [(job.line + word) % PLACES if job.plan.reads else None for word in range(job.words)]
        return [Step(job, place, (job.acc + word) % 2**ACC) for word, place in enumerate(places)]
    return [
        Step(job, (job.line + line.place) % PLACES, (job.acc + line.word) % 2**ACC, line.kind, line.adds)
        for line in lines_of(job.plan, job.words)
    ]


class Bench:
    """The row with its neighbours."""

    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.reserved = self.tables = self.pause = 0.0  # probabilities
        self.forget()

    def forget(self) -> None:
        """As after a reset."""
        self.todo: deque[Job] = deque()
        self.job: Job | None = None  # is offered
        self.steps: deque[Step] = deque()  # of the jobs that were taken
        self.line: Step | None = None  # stands at the output for lhw_gather
        self.behind = 0  # its second word is to be presented
        self.cycle = self.contributions = self.cyc_synapse = self.cyc_stall = 0

    async def start(self) -> None:
        for name in ("clear_i", "walk_valid_i", "job_valid_i", "row_holds_i", "acc_next_i", "cfg_valid_i"):
            getattr(self.dut, name).value = 0
        self.dut.cfg_addr_i.value = 0
        self.edge = await reset(self.dut)

    def drawn(self, plan: Plan | None = None, most: int = 6) -> Job:
        rng = self.random
        plan = plan or Plan.drawn(rng)
        words = 1 if not plan.reads or plan.upper else rng.randrange(1, most + 1)
        if plan.sparse and plan.pairs:
            words += words % 2
        line, acc = rng.randrange(PLACES), rng.randrange(2**ACC)
        return Job(plan, line, acc, words, rng.getrandbits(LANES), rng.getrandbits(32))

    def _offer(self) -> None:
        dut, rng = self.dut, self.random
        if self.job is None and self.todo and rng.random() >= self.pause:
            self.job = self.todo.popleft()
        shown = self.job or self.drawn()
        dut.job_valid_i.value = int(self.job is not None)
        dut.walk_valid_i.value = int(bool(self.todo))
        dut.job_line_i.value, dut.job_acc_i.value = shown.line, shown.acc
        dut.job_words_i.value, dut.job_plan_i.value = shown.words, shown.plan.packed()
        dut.job_lanes_i.value, dut.job_factor_i.value = shown.lanes, shown.factor

    async def tick(self) -> None:
        """One cycle: drive, then compare what is presented with the lines that are due."""
        dut, rng = self.dut, self.random
        self._offer()
        valid, last, reads = (bool(pin.value) for pin in (dut.row_valid_o, dut.row_last_o, dut.row_reads_o))
        place = int(dut.row_line_o.value)
        reserved, table = rng.random() < self.reserved, rng.random() < self.tables
        holds = reserved or (table and reads)
        dut.acc_next_i.value, dut.row_holds_i.value = int(reserved), int(holds)
        taken = self.job is not None and (not valid or (last and not holds))
        self.cyc_synapse += valid or self.job is not None or bool(self.todo)
        self.cyc_stall += valid and reserved
        shown = self._gathered(reserved)
        await self.edge
        self.cycle += 1
        if dut.acc_valid_o.value:
            shown += 1
            step = self._due(valid, holds, reads, place)
            assert step.kind is None, f"{step.kind!r} is a line of a word and was presented as a contribution"
        new = dut.gather_valid_o.value and not reserved
        if new:
            self.line = step = self._due(valid, holds, reads, place)
            assert step.kind is not None, "a contribution went to be gathered"
            assert int(dut.gather_line_o.value) == step.kind
            assert bool(dut.gather_second_o.value) == (step.adds == 2)
        elif not dut.gather_valid_o.value:
            assert self.line is None or not reserved, "a line was taken back before it was gathered"
            self.line = None
        assert shown <= 1, "two contributions in one cycle"
        self.contributions += shown
        if taken:
            self.steps.extend(steps_of(self.job))
            self.job = None
        assert bool(dut.row_valid_o.value) == bool(self.steps), "the row and its lines end together"
        if self.steps or shown or self.line or self.behind:
            assert dut.busy_o.value, "something is held or presented"
        assert dut.awake_o.value or not dut.busy_o.value

    def _due(self, valid: bool, holds: bool, reads: bool, place: int) -> Step:
        """The line that comes now; looks at what is shown with it."""
        dut = self.dut
        assert self.steps, "a line came, and no row is left"
        assert valid, "a line came, and the row had said that it holds none"
        assert not holds, "a line came in a cycle in which the row must wait"
        step = self.steps.popleft()
        assert reads == (step.place is not None)
        assert step.place in (None, place), f"line {place} was read instead of {step.place}"
        shown = (dut.acc_plan_o, dut.acc_line_o, dut.acc_lanes_o, dut.acc_factor_o)
        job = step.job
        assert [int(pin.value) for pin in shown] == [job.plan.packed(), step.acc, job.lanes, job.factor]
        return step

    def _gathered(self, reserved: bool) -> int:
        """Contributions that lhw_gather presents after this cycle."""
        if reserved:
            return 0
        shown, self.behind = self.behind, 0
        if self.line is not None and self.line.adds:
            shown += 1
            self.behind = self.line.adds - 1
        return shown

    async def rest(self, limit: int = 50_000) -> int:
        """Clock until all was presented; gives the cycles until then."""
        start = end = self.cycle
        while self.todo or self.job or self.steps or self.line or self.behind or self.dut.busy_o.value:
            if self.todo or self.job or self.steps or self.line or self.behind:
                end = self.cycle + 1
            await self.tick()
            assert self.cycle - start < limit, "the row does not come to rest"
        assert self.reserved or self.cycle - end <= 3, "busy with nothing"
        return end - start

    async def counter(self, csr: CoreCsr) -> int:
        dut = self.dut
        dut.cfg_addr_i.value, dut.cfg_valid_i.value = CoreRegion.CSR << 18 | csr, 1
        await self.tick()
        dut.cfg_valid_i.value = 0
        await self.tick()
        return int(dut.cfg_rdata_o.value)

    async def check_counters(self) -> None:
        assert await self.counter(CoreCsr.CYC_SYNAPSE) == self.cyc_synapse
        assert await self.counter(CoreCsr.CYC_STALL) == self.cyc_stall
        assert await self.counter(CoreCsr.SPIKES_IN) == 0  # the walk gives that one


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


@cocotb.test()
async def a_line_every_cycle(dut):
    """Rows of bytes and groups of ports, of any length, follow each other without a gap."""
    bench = await started(dut, 1)
    for reads in (0, 1):
        jobs = [bench.drawn(Plan(reads=reads, is_signed=1)) for _ in range(60)]
        bench.todo.extend(jobs)
        assert await bench.rest() == sum(job.words for job in jobs) + 1  # the first one is taken
    await bench.check_counters()


@cocotb.test()
async def cycles_of_gathered_words(dut):
    """A line takes a cycle; a second word of a pair takes one where no line of the pair is behind it."""
    bench = await started(dut, 2)
    for form, delays, sparse, wide in product(FORMATS, (0, 1), (0, 1), (0, 1)):
        plan = Plan(1, 1, int(bool(sparse or delays)), sparse, wide & sparse, form, 0, delays, 0)
        if not plan.apart and form == WeightFormat.BITS8:
            continue
        bench.todo.extend(bench.drawn(plan, most=4)._replace(words=4) for _ in range(20))
        alone = form == WeightFormat.BITS4 and not (delays or sparse)
        lines = 20 * len(lines_of(plan, 4)) * (2 if alone else 1)
        assert await bench.rest() <= lines + 5
    await bench.check_counters()


@cocotb.test()
async def every_format_behind_every_other(dut):
    """Two contributions never meet, whatever ends and whatever begins; with one word and with several."""
    bench = await started(dut, 3)
    plans = {Plan.drawn(bench.random)._replace(is_signed=0) for _ in range(400)}
    assert len(plans) > 15
    for first, second in product(sorted(plans), repeat=2):
        bench.todo.extend(bench.drawn(plan, most=2) for plan in (first, second))
        if bench.random.random() < 0.3:
            await bench.rest()
    await bench.rest()
    await bench.check_counters()


@cocotb.test()
async def random_work(dut):
    """Reserved accumulators, tables, and a walk that makes pauses; counters and clear."""
    bench = await started(dut, 4)
    rng = bench.random
    for _ in range(40):
        bench.reserved, bench.tables = rng.choice([0.0, 0.3, 0.9]), rng.choice([0.0, 0.3, 0.9])
        bench.pause = rng.choice([0.0, 0.5, 0.9])
        bench.todo.extend(bench.drawn() for _ in range(rng.randrange(1, 25)))
        await bench.rest()
        if rng.random() < 0.3:
            await bench.check_counters()
        if rng.random() < 0.2:
            dut.clear_i.value = 1
            await bench.tick()
            dut.clear_i.value = 0
            bench.cyc_synapse = bench.cyc_stall = 0
    await bench.check_counters()
    assert bench.contributions > 500


@cocotb.test()
async def reset_in_the_middle(dut):
    bench = await started(dut, 5)
    for _ in range(40):
        bench.reserved = bench.random.choice([0.0, 0.5, 1.0])
        bench.todo.extend(bench.drawn() for _ in range(4))
        for _ in range(bench.random.randrange(1, 15)):
            await bench.tick()
        dut.rst_ni.value = 0
        await bench.edge
        shown = (dut.row_valid_o, dut.acc_valid_o, dut.gather_valid_o, dut.busy_o, dut.awake_o)
        assert not any(pin.value for pin in shown)
        dut.rst_ni.value = 1
        bench.forget()
        bench.reserved = 0.0
        bench.todo.extend(bench.drawn() for _ in range(3))
        await bench.rest()
        await bench.check_counters()
