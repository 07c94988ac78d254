"""lhw_sequencer alone: what it issues and when, what it holds back, its memories and its counter.

sequencer_driver.py compares every output in every cycle in which it means something.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import cocotb
from core_model import M32
from core_programs import lif_program
from sequencer_driver import Bench
from sequencer_model import ADD_TO_ACC, CONSTANTS, DEPTHS, EMISSIONS, LANES, PLACES, POPULATIONS, UCODE

from lava_hw import regs
from lava_hw.regs import CoreCsr, CoreRegion, Opcode


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    await bench.put(CoreRegion.CONSTANT, 0, [bench.random.getrandbits(32) for _ in range(CONSTANTS)])
    return bench


def code(op: int, rng: random.Random) -> int:
    """An instruction of that opcode; every other bit of it is random."""
    return regs.INSTRUCTION.pack(op=op) | rng.getrandbits(27)


def distances(issued: Sequence[tuple[int, dict[str, int]]]) -> list[int]:
    return [after[0] - before[0] for before, after in pairwise(issued)]


@cocotb.test()
async def groups_and_instructions(dut):
    """Any small number of each: two groups in turn, an instruction a cycle, 8 cycles around them."""
    bench = await started(dut, 1)
    await bench.put(CoreRegion.UCODE, 3, [code(Opcode.ADD, bench.random) for _ in range(5)])
    await bench.put_stage(2, first=4, count=1)
    for groups in range(7):
        for count in range(5):
            await bench.put_population(4, pc=3, count=count, groups=groups)
            before = bench.walk.cycles
            issued = await bench.run(2)
            order = [(want["op_group_o"], want["op_instr_o"]) for _, want in issued]
            program = [bench.walk.memory[CoreRegion.UCODE, 3 + i] for i in range(count)]
            pairs = [[g for g in (pair, pair + 1) if g < groups] for pair in range(0, groups, 2)]
            assert order == [(g, instr) for pair in pairs for instr in program for g in pair]
            slots = (groups + groups % 2) * count
            assert bench.walk.cycles - before == (slots - groups % 2 + 8 if slots else 3)
            if groups % 2 == 0:
                assert all(distance == 1 for distance in distances(issued))
    await bench.check_cycles()


@cocotb.test()
async def layer_without_bubbles(dut):
    """The layer that rtl/core/README.md measures: 256 neurons, an instruction in every cycle."""
    bench = await started(dut, 2)
    program, groups = lif_program(), 256 // LANES
    await bench.put(CoreRegion.UCODE, 0, program)
    await bench.put_population(0, pc=0, count=len(program), groups=groups)
    await bench.put_stage(0, first=0, count=1)
    for step in (1, 2):
        before = bench.walk.cycles
        issued = await bench.run(0, step)
        assert len(issued) == 13 * groups
        assert distances(issued) == [1] * (13 * groups - 1)
        assert bench.walk.cycles - before == 13 * groups + 8
    await bench.check_cycles()


@cocotb.test()
async def places_of_the_emitter(dut):
    """Four emissions go, the fifth waits for a place; each place that comes back lets one go."""
    bench = await started(dut, 3)
    program = [code(bench.random.choice(EMISSIONS), bench.random) for _ in range(5)]
    await bench.put(CoreRegion.UCODE, 0, program)
    await bench.put_population(1, pc=0, count=5, groups=3)
    await bench.put_stage(15, first=1, count=1)
    bench.credit_chance = 0.0
    bench.walk.issued.clear()
    await bench.tick(go=(15, 0))
    for _ in range(40):
        await bench.tick()
    assert bench.emissions == PLACES
    for number in range(PLACES + 1, 12):
        bench.credit_chance = 1.0
        await bench.tick()
        # The place is used at the edge that takes it, unless the slot is the empty one of the odd group.
        bench.credit_chance = 0.0
        await bench.tick()
        assert bench.emissions == number
        for _ in range(bench.random.randrange(12)):
            await bench.tick()
        assert bench.emissions == number
    bench.credit_chance = 1.0
    while bench.walk.busy or bench.taken:
        await bench.tick()
    assert bench.emissions == 15
    assert bench.walk.holds["credit"] > 40
    await bench.check_cycles()


@cocotb.test()
async def sums_before_they_are_read(dut):
    """An ACC comes four cycles behind an ACCADD at the earliest, and nothing else waits for one."""
    bench = await started(dut, 4)
    await bench.put_stage(0, first=0, count=1)
    rng = bench.random
    for groups in (1, 2):
        for gap in range(5):
            between = [code(rng.choice([Opcode.NOP, Opcode.ADD, Opcode.ST]), rng) for _ in range(gap)]
            program = [code(Opcode.ACCADD, rng), *between, code(Opcode.ACC, rng), code(Opcode.ACCADD, rng)]
            await bench.put(CoreRegion.UCODE, 0, program)
            await bench.put_population(0, pc=0, count=len(program), groups=groups)
            issued = await bench.run(0)
            when = [edge for edge, want in issued if want["op_group_o"] == 0]
            # With two groups the second one's ACCADD is a cycle later.
            assert when[gap + 1] - when[0] == max(2 * (gap + 1), ADD_TO_ACC + groups - 1)
            assert when[gap + 2] - when[gap + 1] == 2
    assert bench.walk.holds["hazard"] == 2 + 3 + 1


@cocotb.test()
async def every_opcode(dut):
    """The reserved ones are reported in their cycle and not issued; the others do not notice."""
    bench = await started(dut, 5)
    await bench.put_stage(1, first=2, count=1)
    order = list(range(32))
    for groups in (1, 2, 3):
        bench.random.shuffle(order)
        await bench.put(CoreRegion.UCODE, UCODE - 32, [code(op, bench.random) for op in order])
        await bench.put_population(2, pc=UCODE - 32, count=32, groups=groups)
        issued = await bench.run(1)
        assert len(issued) == groups * 21
    # A population of reserved opcodes only, the last one of a stage.
    await bench.put(CoreRegion.UCODE, 0, [code(31, bench.random)])
    await bench.put_population(2, pc=0, count=1, groups=1)
    assert await bench.run(1) == []


@cocotb.test()
async def several_populations(dut):
    """In order, from any entry of the table to the last one; those without work cost a cycle each."""
    bench = await started(dut, 6)
    rng = bench.random
    await bench.put(CoreRegion.UCODE, 0, [code(Opcode.MOV, rng) for _ in range(UCODE)])
    shapes = [(0, 0), (3, 2), (0, 5), (2, 0), (1, 1), (0, 0), (2, 3), (0, 4)]
    for number, (groups, count) in enumerate(shapes):
        await bench.put_population(number, pc=number, count=count, groups=groups)
    for number in range(len(shapes), POPULATIONS):
        await bench.put_population(number, pc=UCODE - 4, count=4, groups=1)
    for stage in range(regs.MAX_STAGES):
        first = rng.randrange(POPULATIONS + 1)
        await bench.put_stage(stage, first, rng.randrange(POPULATIONS + 1 - first))
    await bench.put_stage(7, 0, POPULATIONS)
    await bench.put_stage(8, POPULATIONS - 1, 1)
    await bench.put_stage(9, 0, 0)
    for stage in range(regs.MAX_STAGES):
        issued = await bench.run(stage)
        entry = regs.STAGE.unpack(bench.walk.memory[CoreRegion.STAGE, stage])
        words = [(CoreRegion.POPULATION, 8 * (entry["first"] + i)) for i in range(entry["count"])]
        counts = [regs.POPULATION0.get(bench.walk.memory[place], "count") for place in words]
        groups = [
            regs.POPULATION2.get(bench.walk.memory[region, offset + 2], "groups") for region, offset in words
        ]
        assert len(issued) == sum(a * b for a, b in zip(counts, groups, strict=True))
        await bench.check_cycles()


@cocotb.test()
async def numbers_that_wrap(dut):
    """Lines are modulo 2^16, indices modulo 2^32; more groups than a byte can count."""
    bench = await started(dut, 7)
    await bench.put(CoreRegion.UCODE, 0, [code(Opcode.IDX, bench.random), code(Opcode.ST, bench.random)])
    await bench.put_stage(0, first=0, count=1)
    fields = {"state_base": 2**16 - 300, "nvars": 255, "index_base": 2**32 - 100 * LANES, "const_base": 3}
    await bench.put_population(0, pc=0, count=2, groups=259, **fields)
    issued = await bench.run(0)
    assert len(issued) == 518
    assert {want["op_index_o"] for _, want in issued} >= {0, 2**32 - LANES, 158 * LANES}
    lines = [want["op_line_o"] for _, want in issued]
    assert max(lines) > 2**15 > min(lines)


@cocotb.test()
async def memories(dut):
    """Every word keeps what is written, also across a stage; words without a layout read 0."""
    bench = await started(dut, 8)
    rng = bench.random
    places = [(region, offset) for region, depth in DEPTHS.items() for offset in range(depth)]
    known: dict[tuple[CoreRegion, int], int] = {}
    rng.shuffle(places)
    for region, offset in places:
        await bench.put(region, offset, [rng.getrandbits(32)])
        known[region, offset] = bench.walk.memory[region, offset]
        if region == CoreRegion.POPULATION and offset % 8 >= 5:
            known[region, offset] = 0
    # A write of a counter changes nothing, whatever word of a memory has that address.
    for _ in range(4):
        await bench.access(CoreRegion.CSR, CoreCsr.CYC_UPDATE, rng.getrandbits(32))
    await bench.check_cycles()
    rng.shuffle(places)
    for place in places:
        assert await bench.access(*place) == known[place], place
        if rng.random() < 0.1:
            await bench.tick()
    await bench.put_stage(0, 0, 1)
    await bench.put_population(0, pc=0, count=6, groups=3, const_base=2)
    known |= {(CoreRegion.STAGE, 0): bench.walk.memory[CoreRegion.STAGE, 0]}
    known |= {(CoreRegion.POPULATION, i): bench.walk.memory[CoreRegion.POPULATION, i] for i in range(5)}
    await bench.run(0)
    for place in places:
        assert await bench.access(*place) == known[place], place


@cocotb.test()
async def step_and_clear(dut):
    """T comes with GO of stage 0 only; clear takes step and counter away, the memories stay."""
    bench = await started(dut, 9)
    await bench.put(CoreRegion.UCODE, 0, [code(Opcode.TIME, bench.random)])
    await bench.put_population(0, pc=0, count=1, groups=2)
    for stage in range(3):
        await bench.put_stage(stage, 0, 1)
    for step in (1, 2, 0x80000000, M32, 5):
        await bench.run(0, step)
        await bench.run(1, step + 7 & M32)
        await bench.run(2, 0)
        assert int(dut.step_o.value) == step
    assert bench.walk.cycles == 15 * (2 + 8)
    await bench.check_cycles()
    await bench.tick(clear=True)
    assert int(dut.step_o.value) == 0
    await bench.check_cycles()
    await bench.run(1, 9)
    assert int(dut.step_o.value) == 0
    assert bench.walk.cycles == 10
    await bench.check_cycles()


@cocotb.test(skip=UCODE < 4096)
async def long_programs(dut):
    """More instructions than a byte can count, so many that the highest bit of their number is set."""
    bench = await started(dut, 12)
    longest = (regs.POPULATION0.fields["count"].mask + 1) // 2 + 1
    ops = [Opcode.ADD, Opcode.ST, Opcode.MOV, Opcode.TIME]
    program = [code(bench.random.choice(ops), bench.random) for _ in range(longest)]
    await bench.put(CoreRegion.UCODE, UCODE - longest, program)
    await bench.put_stage(0, first=0, count=1)
    for count in (255, 256, 257, longest):
        pc = UCODE - count
        await bench.put_population(0, pc=pc, count=count, groups=1)
        issued = await bench.run(0)
        assert [want["op_instr_o"] for _, want in issued] == program[longest - count :]
    await bench.check_cycles()


async def put_random_network(bench: Bench) -> None:
    """Programs of all opcodes, many of them emissions, ACC and ACCADD; every population and stage."""
    rng = bench.random
    often = [Opcode.ACC, Opcode.ACCADD, *EMISSIONS]
    ops = [rng.choice(often) if rng.random() < 0.5 else rng.randrange(32) for _ in range(UCODE)]
    await bench.put(CoreRegion.UCODE, 0, [code(op, rng) for op in ops])
    for number in range(POPULATIONS):
        count = rng.choice([0, 1, 2, rng.randrange(3, 20)])
        pc = rng.choice([UCODE - count, rng.randrange(UCODE - count)])
        groups = rng.choice([0, 1, 2, 3, rng.randrange(4, 12)])
        await bench.put_population(number, pc, count, groups, const_base=rng.randrange(CONSTANTS))
    for stage in range(regs.MAX_STAGES):
        first = rng.randrange(POPULATIONS)
        await bench.put_stage(stage, first, rng.randrange(POPULATIONS + 1 - first))


@cocotb.test()
async def random_stages(dut):
    """With an emitter that is quick, slow, or stops for a while."""
    bench = await started(dut, 10)
    amount = 0
    for _ in range(12):
        await put_random_network(bench)
        for _ in range(40):
            bench.credit_chance = bench.random.choice([1.0, 0.5, 0.1])
            amount += len(await bench.run(bench.random.randrange(16), bench.random.getrandbits(32)))
        await bench.check_cycles()
    assert amount > 5000, amount
    assert bench.walk.holds["credit"] > 500
    assert bench.walk.holds["hazard"] > 50


@cocotb.test()
async def reset_in_the_middle(dut):
    """Nothing that was under way is left: no instruction, no taken place, no wait behind an ACCADD."""
    bench = await started(dut, 11)
    await put_random_network(bench)
    # The first population after a reset may emit as much as it likes.
    await bench.put(CoreRegion.UCODE, 0, [code(Opcode.EMITM, bench.random), code(Opcode.ACC, bench.random)])
    await bench.put_population(0, pc=0, count=2, groups=PLACES)
    await bench.put_stage(0, 0, POPULATIONS)
    within = 0
    for trial in range(80):
        bench.credit_chance = bench.random.choice([1.0, 0.1, 0.0])
        await bench.tick(go=(0, trial + 1))
        for _ in range(trial % 20 if trial % 2 else bench.random.randrange(80)):
            await bench.tick()
        within += bench.walk.busy
        await bench.break_off(bench.random.randrange(1, 4))
        if trial % 8 == 7:
            await bench.check_cycles()
            bench.credit_chance = 1.0
            await bench.run(bench.random.randrange(16), trial)
    assert within > 40
