"""lhw_neuron alone: every opcode at the edges of its numbers, predicates, contexts, tails, and every cycle.

neuron_driver.py compares every output in every cycle in which it means something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import cocotb
from core_model import M32
from core_programs import EXTREMES, word
from neuron_driver import EXECUTE, Bench
from neuron_model import GROUPS, LANES, LINES, SLOTS, Issue

from lava_hw.regs import Compare, Opcode, Operand

KNOWN = [op for op in Opcode if op not in (Opcode.ADDS, Opcode.MADTZ, Opcode.BCAST)]


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    await bench.run(bench.lines(0), bench.lines(1))
    await bench.run(bench.fill(0), bench.fill(1))
    return bench


def at_the_edges(bench: Bench, ctx: int, pairs: Sequence[tuple[int, int]]) -> Iterator[Issue]:
    """Every opcode of two operands, and of one, on these pairs; each result is shown."""
    bench.random.shuffle(order := [1, 2])
    a, b = order
    for register, values in ((a, [x for x, _ in pairs]), (b, [y for _, y in pairs])):
        yield bench.op(ctx, Opcode.ACC, rd=register, sh=0, sums=values)
    both = {"ra": a, "bsel": Operand.REG, "b": b | bench.random.choice([0, 8, 56])}
    shifts = {Opcode.MUL: (0, 1, 31, 32, 62, 63), Opcode.MULTZ: (0, 1, 31, 32, 62, 63)}
    codes = [Opcode.ADD, Opcode.SUB, Opcode.MIN, Opcode.MAX, Opcode.CLIP, Opcode.SHV, Opcode.ABS, Opcode.WRAP]
    for code in (*codes, *shifts):
        for shift in shifts.get(code, (bench.random.randrange(64),)):
            target = bench.random.randrange(3, 8)
            yield bench.op(ctx, code, rd=target, sh=shift, **both)
            yield bench.show(ctx, target)
    for kind in Compare:
        target = bench.random.randrange(4)
        yield bench.op(ctx, Opcode.CMP, rd=target, aux=kind, **both)
        yield bench.show_mask(ctx, target)


@cocotb.test()
async def edges_of_the_numbers(dut):
    """Every pair of extreme numbers, in both contexts at once."""
    bench = await started(dut, 1)
    pairs = list(product(EXTREMES, EXTREMES))
    bench.random.shuffle(pairs)
    pairs += pairs[: -len(pairs) % (2 * LANES)]
    for start in range(0, len(pairs), 2 * LANES):
        halves = pairs[start : start + LANES], pairs[start + LANES : start + 2 * LANES]
        await bench.run(*(at_the_edges(bench, ctx, half) for ctx, half in enumerate(halves)))
    await bench.settle()


@cocotb.test()
async def operands(dut):
    """MOV from every register, state variable and immediate, and from constants; TIME; IDX."""
    bench = await started(dut, 2)

    def moves(ctx: int) -> Iterator[Issue]:
        places = [(Operand.REG, {"b": b}) for b in range(64)] + [(Operand.IMM, {"b": b}) for b in range(64)]
        places += [(Operand.CONST, {"const": value}) for value in EXTREMES]
        places += [(Operand.STATE, {"line": line}) for line in range(ctx, LINES, 2)]
        bench.random.shuffle(places)
        for source, where in places:
            target = bench.random.randrange(8)
            yield bench.op(ctx, Opcode.MOV, rd=target, bsel=source, **where)
            yield bench.show(ctx, target)

    def numbers(ctx: int) -> Iterator[Issue]:
        yield bench.op(ctx, Opcode.TIME, rd=5)
        yield bench.show(ctx, 5)
        for index in (0, 1, 2**31 - 3, 2**31, M32 - 2, M32 - LANES, M32):
            yield bench.op(ctx, Opcode.IDX, rd=6, index=index)
            yield bench.show(ctx, 6)

    await bench.run(moves(0), moves(1))
    for step in (0, 1, 2**31 - 1, 2**31, M32):
        await bench.settle(step=step)
        await bench.run(numbers(0), numbers(1))


@cocotb.test()
async def sums_and_slots(dut):
    """ACC by every amount; ACC and ACCADD in every slot; the last reader clears despite a predicate."""
    bench = await started(dut, 3)

    def shifts(ctx: int) -> Iterator[Issue]:
        for amount in range(64):
            target = bench.random.randrange(8)
            values = [bench.random.choice(EXTREMES) for _ in range(LANES)]
            for sums in (values, None):
                yield bench.op(ctx, Opcode.ACC, rd=target, sh=amount, sums=sums)
                yield bench.show(ctx, target)

    def slots(ctx: int) -> Iterator[Issue]:
        for code in (Opcode.ACC, Opcode.ACCADD):
            for ahead in range(64):
                for const, group in ((0, 0), (GROUPS - 1, 0), (0, GROUPS - 1)):
                    yield bench.op(ctx, code, const=const, group=group, slot=ahead)
        yield from bench.masks(ctx)
        for mask, minus, clears in product(range(4), (0, 1), (0, 1)):
            yield bench.op(ctx, Opcode.ACC, rd=4, pen=1, p=mask, pneg=minus, last=clears, aux=2)
            yield bench.show(ctx, 4)

    await bench.run(shifts(0), shifts(1))
    for step in (*range(SLOTS), 2**31 - 1, M32):
        await bench.settle(step=step)
        await bench.run(slots(0), slots(1))


@cocotb.test()
async def predicates(dut):
    """Each mask, as it is and inverted, before each kind of result; what is not selected stays."""
    bench = await started(dut, 4)

    def every(ctx: int) -> Iterator[Issue]:
        for code, mask, minus in product(KNOWN, range(4), (0, 1)):
            yield from bench.masks(ctx)
            target = bench.random.randrange(8)
            line = 2 * bench.random.randrange(LINES // 2) + ctx
            yield bench.op(ctx, code, rd=target, pen=1, p=mask, pneg=minus, line=line)
            if code == Opcode.ST:
                yield bench.op(ctx, Opcode.MOV, rd=3, bsel=Operand.STATE, line=line)
                target = 3
            yield bench.show(ctx, target)
            yield bench.show_mask(ctx, target & 3)

    await bench.run(every(0), every(1))
    await bench.check_state()


@cocotb.test()
async def truth_tables(dut):
    """PLOG with every table on every pair of masks, also in place; of its fields only the low bits count."""
    bench = await started(dut, 5)

    def tables(ctx: int) -> Iterator[Issue]:
        for first, second in product(range(4), range(4)):
            for table in range(16):
                if table % 4 == 0:
                    yield from bench.masks(ctx)
                fields = {
                    "ra": first | bench.random.choice([0, 4]),
                    "b": second | bench.random.choice([0, 4, 56]),
                }
                target = bench.random.randrange(8)
                yield bench.op(
                    ctx, Opcode.PLOG, rd=target, sh=table | bench.random.choice([0, 16, 32]), **fields
                )
                yield bench.show_mask(ctx, target & 3)

    await bench.run(tables(0), tables(1))


@cocotb.test()
async def tails(dut):
    """Lanes beyond the tail of the last group do not send, and zeros are not sent as values."""
    bench = await started(dut, 6)

    def emissions(ctx: int) -> Iterator[Issue]:
        for code, last, pen, minus in product((Opcode.EMITM, Opcode.EMITG), (0, 1), (0, 1), (0, 1)):
            values = [bench.random.choice([0, word(bench.random), 2**31, 1]) for _ in range(LANES)]
            yield bench.op(ctx, Opcode.ACC, rd=7, sh=0, sums=values)
            yield bench.op(ctx, code, ra=7, last=last, pen=pen, pneg=minus)

    for tail in (*range(LANES + 1), 63):
        await bench.settle(tail=tail)
        await bench.run(emissions(0), emissions(1))
    await bench.settle()


@cocotb.test()
async def state_by_configuration(dut):
    """Every word of the state memory; writing one lane keeps the others, at three cycles an access."""
    bench = await started(dut, 7)
    await bench.settle()
    words = list(product(range(LINES), range(LANES)))
    bench.random.shuffle(words)
    for line, lane in words:
        if bench.random.random() < 0.7:
            await bench.access(line, lane, word(bench.random))
        other, place = bench.random.choice([(line, lane), (line, bench.random.randrange(LANES)), words[0]])
        assert await bench.access(other, place) == bench.model.state[other][place]
    await bench.check_state()
    # The lanes read what was written, and do not notice the accesses otherwise.
    for line in range(LINES):
        ctx = line % 2
        read = bench.op(ctx, Opcode.MOV, rd=1, bsel=Operand.STATE, line=line)
        await bench.run([read, bench.show(ctx, 1)])
    await bench.run(bench.show_all(0), bench.show_all(1))


@cocotb.test()
async def an_instruction_in_every_cycle(dut):
    """Of any kind; what they present comes in successive cycles, and the lanes rest behind it."""
    bench = await started(dut, 8)
    for codes in ([Opcode.EMITM], [Opcode.EMITG], [Opcode.ACC], [Opcode.ACCADD], [Opcode.ST], KNOWN[4:]):
        await bench.settle()
        before = bench.now
        ops = [[bench.op(ctx, bench.random.choice(codes)) for _ in range(60)] for ctx in (0, 1)]
        await bench.run(*ops)
        assert bench.now - before == 120
        while dut.busy_o.value:
            await bench.tick()
        assert bench.now - before <= 120 + EXECUTE + 1
    # One context alone has every other cycle.
    await bench.settle()
    before = bench.now
    await bench.run([bench.op(1, Opcode.ADD) for _ in range(20)])
    assert bench.now - before == 2 * 20 - 1
    await bench.check_state()


def any_program(bench: Bench, ctx: int, length: int) -> Iterator[Issue]:
    often = [Opcode.ST, Opcode.ACC, Opcode.ACCADD, Opcode.EMITG, Opcode.CMP, Opcode.PLOG, Opcode.MOV]
    for _ in range(length):
        code = bench.random.choice(often if bench.random.random() < 0.4 else KNOWN)
        yield bench.op(ctx, code, pen=bench.random.randrange(2))


@cocotb.test()
async def random_programs(dut):
    """With pauses, another step and another tail now and then; at the end everything is looked at."""
    bench = await started(dut, 9)
    for _ in range(40):
        bench.pause = bench.random.choice([0.0, 0.0, 0.2, 0.7])
        await bench.settle(word(bench.random), bench.random.randrange(1, LANES + 1))
        await bench.run(*(any_program(bench, ctx, bench.random.choice([1, 40, 110])) for ctx in (0, 1)))
    bench.pause = 0.0
    await bench.run(bench.show_all(0), bench.show_all(1))
    await bench.check_state()


@cocotb.test()
async def reset_in_the_middle(dut):
    """What had not executed leaves no trace, what was written to the state memory stays."""
    bench = await started(dut, 10)
    for trial in range(60):
        await bench.run(*(any_program(bench, ctx, bench.random.randrange(1, 12)) for ctx in (0, 1)))
        for _ in range(trial % 5):
            await bench.tick()
        await bench.break_off(bench.random.randrange(1, 4))
        if trial % 20 == 19:
            await bench.check_state()
        await bench.run(bench.fill(0), bench.fill(1))
        await bench.run(bench.show_all(0), bench.show_all(1))
