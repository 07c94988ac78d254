"""The gathering of lines: what a word of several lines adds to each lane, and in which cycle it is presented.

The bench plays row and memory: a line stands at the inputs until a cycle comes that nobody has reserved.
Behind a line that completes two words comes a cycle with no line, or with target groups: the second word is
presented in it.
"""

from __future__ import annotations

import json
import os
import random
from collections import deque
from typing import NamedTuple

import cocotb
from module_bench import reset
from row_model import LineKind, Plan, lines_of

from lava_hw.regs import WeightFormat

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, GROUPS, ACC = (PARAMETERS[key] for key in ("Lanes", "AccGroups", "AccW"))
PITCH = 1 << (GROUPS - 1).bit_length()  # of a slot
HALF = {WeightFormat.BITS4: 8, WeightFormat.BITS8: 128, WeightFormat.BITS16: 2**15}
EDGES = (0, 1, 7, 8, 15, 127, 128, 255)


class Given(NamedTuple):
    """A line at the inputs."""

    plan: Plan
    kind: LineKind
    second: bool
    acc: int
    lanes: int
    factor: int
    stored: bytes


class Added(NamedTuple):
    """A contribution: an address and a weight in each lane."""

    lines: tuple[int, ...]
    weights: tuple[int, ...]
    half: int
    lanes: int
    factor: int


class Bench:
    """The module with what stands before it."""

    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.reserved = self.pause = 0.0
        self.forget()

    def forget(self) -> None:
        self.todo: deque[tuple[Given, list[Added]]] = deque()
        self.coming: deque[Added] = deque()  # of a pair the second word
        self.count = 0

    async def start(self) -> None:
        self.dut.line_valid_i.value = self.dut.acc_next_i.value = 0
        self.edge = await reset(self.dut)

    def row(self, plan: Plan, words: int) -> None:
        """All lines of a row with random contents, and what they add."""
        rng = self.random
        base, lanes, factor = rng.randrange(2**ACC), rng.getrandbits(LANES), rng.getrandbits(32)
        kept: dict[LineKind, bytes] = {}
        for line in lines_of(plan, words):
            kept[line.kind] = bytes(rng.choice([rng.choice(EDGES), rng.getrandbits(8)]) for _ in range(LANES))
            acc = (base + line.word) % 2**ACC
            given = Given(plan, line.kind, line.adds == 2, acc, lanes, factor, kept[line.kind])
            first = int(line.kind == LineKind.SECOND_DELAYS or plan.upper)
            added = [self.added(given, kept, number) for number in range(first, first + line.adds)]
            self.todo.append((given, added))

    def added(self, given: Given, kept: dict[LineKind, bytes], number: int) -> Added:
        """What word `number` of a pair adds, by docs/chip.md; of other formats the only one, 0."""
        k, plan = LineKind, given.plan
        weights = list(kept[k.WEIGHTS])
        if plan.pairs:
            weights = [weight >> 4 * number & 15 for weight in weights]
        if plan.format == WeightFormat.BITS16:
            weights = [low + 256 * high for low, high in zip(weights, kept[k.HIGH_WEIGHTS], strict=True)]
        # without target groups the second word of a pair is for the next group; its delays say so themselves
        next_group = number and not plan.sparse and not plan.upper and given.kind != k.SECOND_DELAYS
        lines = [given.acc + next_group] * LANES
        if plan.sparse:
            low, high = (k.SECOND_GROUPS, k.SECOND_HIGH_GROUPS) if number else (k.GROUPS, k.HIGH_GROUPS)
            lines = [line + group for line, group in zip(lines, kept[low], strict=True)]
            if plan.wide:
                lines = [line + 256 * group for line, group in zip(lines, kept[high], strict=True)]
        if plan.delays:
            lines = [line + PITCH * delay for line, delay in zip(lines, given.stored, strict=True)]
        half = HALF[plan.format] if plan.is_signed else 0
        return Added(tuple(line % 2**ACC for line in lines), tuple(weights), half, given.lanes, given.factor)

    async def tick(self) -> None:
        """One cycle: a line or none, and what is presented after it."""
        dut, rng = self.dut, self.random
        reserved = rng.random() < self.reserved
        early = bool(self.coming and self.todo) and self.todo[0][0].kind != LineKind.GROUPS
        valid = bool(self.todo) and not early and rng.random() >= self.pause
        given = self.todo[0][0] if valid else self.anything()
        dut.acc_next_i.value, dut.line_valid_i.value = int(reserved), int(valid)
        dut.line_i.value, dut.second_i.value = given.kind, int(given.second)
        dut.plan_i.value, dut.acc_i.value = given.plan.packed(), given.acc
        dut.lanes_i.value, dut.factor_i.value = given.lanes, given.factor
        for lane in range(LANES):
            dut.bytes_i[lane].value = given.stored[lane]
        want = None
        if not reserved:
            if valid:
                added = self.todo.popleft()[1]
                assert not (self.coming and added), "this bench lets two contributions meet"
                self.coming.extend(added)
            want = self.coming.popleft() if self.coming else None
        await self.edge
        assert bool(dut.acc_valid_o.value) == (want is not None)
        if want is not None:
            self.compare(want)
            self.count += 1

    def anything(self) -> Given:
        rng = self.random
        stored = rng.randbytes(LANES)
        acc, lanes, factor = rng.randrange(2**ACC), rng.getrandbits(LANES), rng.getrandbits(32)
        return Given(
            Plan.drawn(rng), rng.choice(list(LineKind)), bool(rng.getrandbits(1)), acc, lanes, factor, stored
        )

    def compare(self, want: Added) -> None:
        dut = self.dut
        if dut.acc_apart_o.value:
            lines = tuple(int(dut.acc_lines_o[lane].value) for lane in range(LANES))
        else:
            lines = (int(dut.acc_line_o.value),) * LANES
        weights = tuple(int(dut.acc_weights_o[lane].value) for lane in range(LANES))
        half = int(dut.acc_sign_o.value)
        lanes, factor = int(dut.acc_lanes_o.value), int(dut.acc_factor_o.value)
        assert Added(lines, weights, half, lanes, factor) == want

    async def rest(self) -> None:
        while self.todo or self.coming:
            await self.tick()
        await self.tick()


def draw(bench: Bench, words: int) -> tuple[Plan, int]:
    plan = Plan.drawn(bench.random, gathers=True)
    if plan.upper:
        words = 1
    return plan, words + words % 2 if plan.sparse and plan.pairs else words


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


@cocotb.test()
async def every_plan(dut):
    """Each way of lying in memory, alone: one word, two and three."""
    bench = await started(dut, 1)
    plans = sorted({Plan.drawn(bench.random, gathers=True) for _ in range(500)})
    assert len(plans) > 30
    for plan in plans:
        for words in (1, 2, 3):
            if not (plan.upper and words > 1) and not (plan.sparse and plan.pairs and words % 2):
                bench.row(plan, words)
        await bench.rest()


@cocotb.test()
async def random_work(dut):
    """Rows of all sorts behind each other, gaps between lines, reserved cycles."""
    bench = await started(dut, 2)
    rng = bench.random
    for _ in range(40):
        bench.reserved, bench.pause = rng.choice([0.0, 0.3, 0.9]), rng.choice([0.0, 0.3, 0.8])
        for _ in range(8):
            bench.row(*draw(bench, rng.randrange(1, 5)))
        await bench.rest()
    assert bench.count > 500


@cocotb.test()
async def reset_in_the_middle(dut):
    """The second word of a pair is forgotten; rows that come afterwards are whole."""
    bench = await started(dut, 3)
    pair = Plan(gathers=1, format=WeightFormat.BITS4)
    for _ in range(20):
        bench.reserved = 0.0
        bench.row(pair, 2)
        await bench.tick()
        assert bench.coming
        dut.rst_ni.value = dut.line_valid_i.value = 0
        await bench.edge
        assert not dut.acc_valid_o.value
        dut.rst_ni.value = 1
        bench.forget()
        for _ in range(3):
            await bench.tick()
        bench.row(*draw(bench, 3))
        await bench.rest()
