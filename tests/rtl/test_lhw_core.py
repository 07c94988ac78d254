"""lhw_core against the model of core_model.py: configuration, programs, events, faults, cycles."""

from __future__ import annotations

import cocotb
import pytest
from core_connections import random_connections, random_event
from core_driver import Core
from core_model import BAD_ADDRESS, BAD_OPCODE, INPUT_EVENT, OUTSIDE, STAGE_EVENT, Shape, address
from core_programs import (
    ARITHMETIC,
    EXTREMES,
    Room,
    graded_event,
    instruction,
    lif_program,
    mask_event,
    put_connection,
    put_population,
    random_instruction,
    random_route,
    start_program,
    word,
)
from lhw_bench import build_and_test

from lava_hw import regs
from lava_hw.regs import ConnKind, CoreRegion, Opcode, Operand

SHAPES = {
    "8": Shape(),
    "32": Shape(
        core=9,
        Lanes=32,
        Word=256,
        AccGroups=24,
        DelaySlots=8,
        StateLines=120,
        SynLines=600,
        Connections=256,
    ),
}


def run(shape: Shape, *build_args: str) -> None:
    build_and_test(
        "lhw_core", "test_lhw_core", parameters=shape.parameters(), extra_env=shape.environment(),
        build_args=build_args,
    )  # fmt: skip


@pytest.mark.rtl
@pytest.mark.parametrize("width", SHAPES)
def test_core(width: str) -> None:
    run(SHAPES[width])


@pytest.mark.rtl
@pytest.mark.nightly
def test_core_as_synthesis_reads_it() -> None:
    """The other branch of rtl/prim/lhw_style.svh gives the same answers.

    So does the netlist that is made of that branch, which `make test` runs (test_synthesis.py).
    """
    run(SHAPES["8"], "-DLHW_AS_SYNTHESIS")


async def started(dut, seed: int, stall_in: float = 0.0, stall_out: float = 0.0) -> Core:
    core = Core(dut, seed)
    await core.start()
    core.stall_in, core.stall_out = stall_in, stall_out
    return core


async def ended(core: Core) -> None:
    """Nothing may be left, and all accumulators and counters are those of the model."""
    shape = core.shape
    await core.check(CoreRegion.ACC, 0, shape.DelaySlots * shape.pitch * shape.Lanes)
    await core.check_counters()


@cocotb.test()
async def config_reads_back(dut):
    core = await started(dut, 1, stall_in=0.2, stall_out=0.3)
    rng = core.random
    spans = []
    for region, depth in core.shape.depths().items():
        if region == CoreRegion.CSR:
            continue
        for first in (0, depth - 12, rng.randrange(depth - 12)):
            count = 5 if region == CoreRegion.POPULATION else 12
            first = first // 8 * 8 if count == 5 else first
            core.put(region, first, [rng.getrandbits(32) for _ in range(count)])
            spans.append((region, first, count))
    await core.idle()
    for region, first, count in spans:
        await core.check(region, first, count)
    await core.check_counters()


@cocotb.test()
async def config_faults(dut):
    core = await started(dut, 2, stall_out=0.3)
    for region, depth in core.shape.depths().items():
        if region is None and depth == 1 << 22:
            continue
        assert await core.get(address(region, depth), 2) == [0, 0]
        core.model.fail(BAD_ADDRESS)
        await core.check_counters()
        core.dut.clear_i.value = 1
        core.model.clear()
        await core.idle()
        core.put(region, depth, [7])
        await core.idle()
        await core.check_counters()
        core.dut.clear_i.value = 1
        core.model.clear()
        await core.idle()
        await core.check_counters()
    # a read that leaves the memory on its way: real data first, then zeros
    core.put(CoreRegion.ROUTE, 2 * core.shape.Routes - 1, [1234])
    base = address(CoreRegion.ROUTE, 2 * core.shape.Routes - 1)
    assert await core.get(base, 3) == [1234, 0, 0]
    core.model.fail(BAD_ADDRESS)
    await core.check_counters()


@cocotb.test()
async def arithmetic(dut):
    """Every opcode without side effects, on random and extreme operands, in populations of 1 to 3 groups."""
    core = await started(dut, 3)
    rng = core.random
    for _ in range(6):
        room = Room()
        counts = []
        for groups in (rng.randrange(1, 4), 1):
            code = start_program(rng)
            code += [
                random_instruction(rng, op, 8, 8) for op in rng.sample(ARITHMETIC * 2, 2 * len(ARITHMETIC))
            ]
            code += [instruction(Opcode.ST, ra=r, bsel=Operand.STATE, b=r) for r in range(8)]
            # masks are made visible as numbers
            for p in range(4):
                code.append(instruction(Opcode.MOV, rd=0, bsel=Operand.IMM, b=0))
                code.append(instruction(Opcode.MOV, rd=0, bsel=Operand.IMM, b=1, pen=1, p=p))
                code.append(instruction(Opcode.ST, ra=0, bsel=Operand.STATE, b=8 + p))
            constants = [word(rng) for _ in range(8)]
            put_population(
                core, room, code, groups=groups, variables=12, constants=constants, tail=1,
                routes=[], index_base=word(rng),
            )  # fmt: skip
            counts.append(groups)
        core.put(CoreRegion.STAGE, 2, [regs.STAGE.pack(first=0, count=2)])
        core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=0)])
        await core.idle()
        step = word(rng)
        await core.run(0, step)
        await core.run(2, step)
        await core.check(CoreRegion.STATE, 0, sum(counts) * 12 * core.shape.Lanes)
    await core.check_counters()


@cocotb.test()
async def extreme_operands(dut):
    """Every extreme number against ten others in the opcodes of two operands, and in those of one."""
    core = await started(dut, 10)
    lanes = core.shape.Lanes
    groups = -(-len(EXTREMES) // lanes)
    two = [(op, 0) for op in (Opcode.ADD, Opcode.SUB, Opcode.SHV, Opcode.MIN, Opcode.MAX, Opcode.CLIP)]
    two += [(Opcode.MUL, 0), (Opcode.MUL, 31), (Opcode.MULTZ, 12), (Opcode.MULTZ, 63)]
    for step, constants in enumerate(([1, -1, 31, -32, 2**23], [33, 4095, -(2**23), 2**31 - 1, -(2**31)]), 1):
        results = [(op, sh, k) for k in range(len(constants)) for op, sh in two]
        results += [(Opcode.WRAP, 0, 0), (Opcode.ABS, 0, 0)]
        code = [instruction(Opcode.MOV, rd=0, bsel=Operand.STATE, b=0)]
        for n, (op, sh, k) in enumerate(results, 1):
            code.append(instruction(op, rd=1, ra=0, bsel=Operand.CONST, b=k, sh=sh))
            code.append(instruction(Opcode.ST, ra=1, bsel=Operand.STATE, b=n))
        state = []
        for group in range(groups):
            state += [EXTREMES[(group * lanes + lane) % len(EXTREMES)] for lane in range(lanes)]
            state += [0] * (len(results) * lanes)
        put_population(
            core, Room(), code, groups=groups, variables=1 + len(results),
            constants=[number % 2**32 for number in constants], tail=lanes, routes=[], state=state,
        )  # fmt: skip
        core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=1)])
        await core.idle()
        await core.run(0, step)
        await core.check(CoreRegion.STATE, 0, len(state))
    await core.check_counters()


@cocotb.test()
async def emissions(dut):
    """Masks of both signs and graded values over several routes, with tails and a slow receiver."""
    core = await started(dut, 4, stall_out=0.5)
    rng = core.random
    for trial in range(6):
        room = Room()
        for _ in range(3):
            groups = rng.randrange(1, 6)
            code = start_program(rng)
            for _ in range(rng.randrange(2, 8)):
                op = rng.choice([Opcode.EMITM, Opcode.EMITG])
                code.append(random_instruction(rng, op, 4, 4))
            routes = [random_route(rng, groups) for _ in range(rng.randrange(0, 5))]
            put_population(
                core, room, code, groups=groups, variables=8, constants=[word(rng) for _ in range(8)],
                tail=rng.randrange(1, core.shape.Lanes + 1), routes=routes,
            )  # fmt: skip
        core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=3)])
        await core.idle()
        await core.run(0, trial + 1)
    await core.check_counters()


@cocotb.test()
async def blocks_count_from_the_base_of_the_route(dut):
    """Four blocks of 32 neurons, the last with one group, numbered from bases that are no powers of two."""
    core = await started(dut, 11, stall_out=0.2)
    lanes = core.shape.Lanes
    groups = 3 * 32 // lanes + 1
    code = [instruction(Opcode.IDX, rd=0), instruction(Opcode.EMITM), instruction(Opcode.EMITG, ra=0)]
    routes = [
        (regs.ROUTE0.pack(groups=groups), regs.ROUTE1.pack(index_base=base, conn=n, egress=1))
        for n, base in enumerate((1, 3, 0x7F, 0xFFF))
    ]
    put_population(
        core, Room(), code, groups=groups, variables=1, constants=[0], tail=lanes - 1, routes=routes,
        index_base=7,
    )  # fmt: skip
    core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=1)])
    await core.idle()
    await core.run(0, 1)
    assert core.model.spikes_out == 2 * (groups * lanes - 1)
    await core.check_counters()


@cocotb.test()
async def events(dut):
    """Events of all kinds, one after the other without a pause, in several steps: slots turn."""
    core = await started(dut, 5)
    core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=0)])
    numbers = range(len(random_connections(core)))
    await core.idle()
    for step in range(1, 6):
        core.stall_in = core.random.choice([0.0, 0.5])
        batch = [random_event(core, core.random.choice(numbers)) for _ in range(40)]
        core.events(batch)
        for flit in batch:
            core.model.event(flit)
        await core.idle()
        await core.run(0, 3 * step)
    await ended(core)
    core.dut.clear_i.value = 1
    core.model.clear()
    await core.idle()
    await ended(core)


@cocotb.test()
async def event_faults(dut):
    core = await started(dut, 6)
    shape = core.shape
    dense = {"kind": ConnKind.DENSE, "groups": 1, "stride": 1, "slot": 1, "targets": 3}
    put_connection(core, 0, kind=ConnKind.NONE, groups=1)
    put_connection(core, 1, **dense, sources=3)
    put_connection(core, 2, kind=ConnKind.PORT, groups=1, slot=1, acc_base=2)
    put_connection(core, 3, kind=6, groups=1)
    put_connection(core, 4, **{**dense, "format": 3}, sources=3)
    core.put(None, 0, [0x01020304] * (4 * shape.Word // 32))
    await core.idle()
    bad = [
        mask_event(0, 0, 1), mask_event(1, 0, 0b1011), mask_event(1, 1, 1), graded_event(1, 3, 9),
        graded_event(2, shape.Lanes, 5), mask_event(2, 1, 1), mask_event(3, 0, 1), graded_event(4, 0, 1),
        regs.EVENT_FLIT.pack(kind=regs.FlitType.TOKEN, dest=5, conn=1, payload=1),
    ]  # fmt: skip
    if shape.Connections < 256:
        bad.append(mask_event(shape.Connections + 1, 0, 1))
    outside = regs.EVENT_FLIT.pack(dest=OUTSIDE)
    for flit in [*bad, *(flit | outside for flit in bad)]:
        core.events([flit])
        core.model.event(flit)
        assert core.model.faults == (INPUT_EVENT if flit & outside else STAGE_EVENT)
        await core.idle()
        await core.check_counters()
        core.dut.clear_i.value = 1
        core.model.clear()
        await core.idle()
    good = [mask_event(1, 0, 0b101), graded_event(1, 99, 0), graded_event(2, 0, 3), mask_event(1, 5, 0)]
    good.append(graded_event(2, shape.Lanes + 5, 0))  # nothing is sent, so nothing is out of range
    core.events(good)
    for flit in good:
        core.model.event(flit)
    await core.idle()
    assert core.model.faults == 0
    await ended(core)


@cocotb.test()
async def bad_opcodes(dut):
    core = await started(dut, 7)
    for op in [Opcode.ADDS, Opcode.MADTZ, Opcode.BCAST, *range(24, 32)]:
        code = [instruction(Opcode.MOV, rd=0, bsel=Operand.IMM, b=5), instruction(op, rd=0, ra=0)]
        code += [instruction(Opcode.ST, ra=0, bsel=Operand.STATE, b=0)]
        put_population(core, Room(), code, groups=1, variables=1, constants=[], tail=1, routes=[])
        core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=1)])
        await core.idle()
        await core.run(0, 1)
        assert core.model.faults == BAD_OPCODE
        await core.check_counters()
        await core.check(CoreRegion.STATE, 0, core.shape.Lanes)
        core.dut.clear_i.value = 1
        core.model.clear()
        await core.idle()


@cocotb.test()
async def whole_steps(dut):
    """Programs that read, clear and add to accumulators and emit, in two stages, while events come in."""
    core = await started(dut, 8, stall_in=0.1, stall_out=0.3)
    rng, shape = core.random, core.shape
    numbers = range(len(random_connections(core)))
    room = Room()
    sizes = [rng.randrange(1, 5) for _ in range(4)]
    bases = [sum(sizes[:i]) for i in range(4)]
    for i, groups in enumerate(sizes):
        code = start_program(rng)
        for _ in range(30):
            op = rng.choice([Opcode.ACC, Opcode.ACC, Opcode.ACCADD, Opcode.EMITM, Opcode.EMITG, *ARITHMETIC])
            if op in (Opcode.ACC, Opcode.ACCADD):
                fields = regs.INSTRUCTION.unpack(random_instruction(rng, op, 8, 8))
                del fields["ra"]
                fields |= {"bsel": 0, "b": 8 if op == Opcode.ACC else rng.choice([8, 9]), "aux": 0}
                # the program uses the slot of this step only: events may come into the others meanwhile
                last = rng.randrange(2) if op == Opcode.ACC else 0
                code.append(instruction(Opcode(fields.pop("op")), last=last, **fields))
            else:
                code.append(random_instruction(rng, op, 8, 8))
        # constant 9 is a group of the next population, which has its turn later in the step
        constants = [word(rng) for _ in range(8)] + [bases[i], max(bases[(i + 1) % 4], 0)]
        if i == 3 or sizes[(i + 1) % 4] < groups:
            constants[9] = shape.AccGroups - groups
        routes = [random_route(rng, groups) for _ in range(3)]
        put_population(
            core, room, code, groups=groups, variables=8, constants=constants,
            tail=rng.randrange(1, shape.Lanes + 1), routes=routes, index_base=rng.getrandbits(16),
        )  # fmt: skip
    assert sum(sizes) + max(sizes) <= shape.AccGroups
    core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=3)])
    core.put(CoreRegion.STAGE, 1, [regs.STAGE.pack(first=3, count=1)])
    await core.idle()
    for step in range(1, 9):
        for stage in (0, 1):
            batch = [random_event(core, rng.choice(numbers)) for _ in range(rng.randrange(12))]
            await core.run(stage, step, batch)
    await core.check(CoreRegion.STATE, 0, room.state * shape.Lanes)
    await ended(core)


@cocotb.test()
async def dense_layer_cycles(dut):
    """A dense layer of LIF neurons: the model's answers, within the cycles that the README promises."""
    core = await started(dut, 9)
    rng, shape = core.random, core.shape
    groups, sources = 8, 32
    parts = shape.Word // 32
    fields = {
        "acc_base": 0,
        "groups": groups,
        "stride": groups,
        "sources": sources,
        "targets": groups * shape.Lanes,
    }
    put_connection(core, 0, kind=ConnKind.DENSE, is_signed=1, slot=1, **fields)
    core.put(None, 0, [rng.getrandbits(32) for _ in range(sources * groups * parts)])
    code = lif_program()
    room = Room()
    put_population(
        core, room, code, groups=groups, variables=3, constants=[3000, 3500, 60000, 0], tail=shape.Lanes,
        routes=[(regs.ROUTE0.pack(groups=groups), regs.ROUTE1.pack(egress=1))],
        state=[0] * (groups * 3 * shape.Lanes),
    )  # fmt: skip
    core.put(CoreRegion.STAGE, 0, [regs.STAGE.pack(first=0, count=1)])
    await core.idle()
    rows, fired = 26, 0
    for step in range(1, 5):
        bits = sum(1 << n for n in rng.sample(range(sources), rows))
        flits = [mask_event(0, 0, bits & 0xFFFF), mask_event(0, 0, bits & 0xFFFF0000)]
        before = core.model.spikes_out
        cycles = await core.run(0, step, flits)
        fired += core.model.spikes_out - before
        dut._log.info(
            "%d rows of %d words and %d instructions: %d cycles", rows, groups, groups * len(code), cycles
        )
        # one row word a cycle; each ACC takes a cycle of the accumulators; a fixed latency
        assert cycles <= rows * groups + groups + 16
    assert fired > 0
    cycles = await core.run(0, 9)
    dut._log.info("%d instructions: %d cycles", groups * len(code), cycles)
    assert cycles <= groups * len(code) + 20
    await core.check(CoreRegion.STATE, 0, room.state * shape.Lanes)
    await ended(core)
