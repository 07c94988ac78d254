"""All formats of the synapse engine: weights of all widths, delays, payload, one to one, tables; cycles."""

from __future__ import annotations

from itertools import product

import cocotb
from synapse_bench import CONNECTIONS, GROUPS, LANES, LINES, SYNAPSES, Bench

from lava_hw.regs import CONV_POSITION, CONV_TAP, SPARSE_ROW, ConnKind, FlitType, WeightFormat

PARTS = LANES // 4
TABLES = 200  # first line of the tables; connection c has those from TABLES + 20 * c on
FORMATS = (WeightFormat.BITS8, WeightFormat.BITS4, WeightFormat.BITS16)


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


def put_table(bench: Bench, line: int, words: list[int]) -> None:
    for number, word in enumerate(words):
        bench.write(SYNAPSES | line * PARTS + number, word)


def lines_of(words: int, form: int, delays: int = 0, groups: int = 0) -> int:
    """Lines of so many words, each with `groups` lines of target groups."""
    weights = {
        WeightFormat.BITS8: words,
        WeightFormat.BITS4: (words + 1) // 2,
        WeightFormat.BITS16: 2 * words,
    }
    return weights[form] + (delays + groups) * words


def any_how(bench: Bench) -> dict[str, int]:
    """What does not change which lines are read."""
    rng = bench.random
    return {
        "shift": rng.choice([0, 0, 1, 31, rng.randrange(32)]), "slot": rng.randrange(64),
        "acc_base": rng.randrange(GROUPS), "payload": rng.getrandbits(1), "is_signed": rng.getrandbits(1),
        "negate": rng.getrandbits(1), "targets": rng.getrandbits(20), "rule": rng.getrandbits(8),
        "learns": rng.getrandbits(1),
    }  # fmt: skip


def put_dense(bench: Bench, number: int, form: int, **fields: int) -> int:
    """Rows within the lines below the tables; gives the sources."""
    fields = (
        any_how(bench) | {"groups": bench.random.randrange(7), "delays": bench.random.getrandbits(1)} | fields
    )
    length = lines_of(fields["groups"], form, fields["delays"])
    stride = bench.random.choice([0, length, length + 3])
    sources = bench.random.randrange(1, min(64, (TABLES - length) // stride) if stride else 2**12)
    base = bench.random.randrange(TABLES - length - (sources - 1) * stride)
    shape = {"stride": stride, "sources": sources, "syn_base": base}
    bench.connect(number, kind=ConnKind.DENSE, format=form, **shape, **fields)
    return sources


def put_one_to_one(bench: Bench, number: int, form: int, **fields: int) -> int:
    """Often with a last group that is not whole."""
    fields = any_how(bench) | {"delays": bench.random.getrandbits(1)} | fields
    sources = bench.random.randrange(1, 5 * LANES + 1)
    base = bench.random.randrange(TABLES - 20)
    bench.connect(number, kind=ConnKind.ONE_TO_ONE, format=form, sources=sources, syn_base=base, **fields)
    return sources


def put_sparse(bench: Bench, number: int, form: int, words: list[int] | None = None, **fields: int) -> int:
    """Rows of 0 to 4 words; their bytes, whatever they are, are groups, weights and delays."""
    rng = bench.random
    pair = 2 if form == WeightFormat.BITS4 else 1
    fields = any_how(bench) | {"delays": rng.getrandbits(1), "wide": rng.getrandbits(1)} | fields
    words = words or [rng.randrange(0, 5, pair) for _ in range(rng.randrange(1, 33))]
    table, base, rows = TABLES + 20 * number, rng.randrange(50), []
    for count in words:
        length = lines_of(count, form, fields["delays"], 1 + fields["wide"])
        rows.append(SPARSE_ROW.pack(line=rng.randrange(TABLES - base - length), words=count))
    put_table(bench, table, rows)
    shape = {"sources": len(rows), "table_base": table, "syn_base": base}
    bench.connect(number, kind=ConnKind.SPARSE, format=form, **shape, **fields)
    return len(rows)


def put_conv(bench: Bench, number: int, form: int, taps: list[int] | None = None, **fields: int) -> int:
    """Positions of 0 to 3 taps, which may share them; some positions have no good channels at the end."""
    rng = bench.random
    bits = rng.choice([0, 1, 2])
    fields = any_how(bench) | {"groups": rng.randrange(4)} | fields
    length = lines_of(fields["groups"], form)
    stride = rng.choice([length, length + 1, 0])
    taps = taps or [rng.randrange(4) for _ in range(rng.randrange(1, 9))]
    table, base = TABLES + 20 * number, rng.randrange(50)
    put_table(bench, table, [CONV_POSITION.pack(first=rng.randrange(10), taps=count) for count in taps])
    room = TABLES - base - length - stride * (2**bits - 1)
    tap = [
        CONV_TAP.pack(line=rng.randrange(room), group=rng.choice([0, 1, GROUPS, 65535])) for _ in range(13)
    ]
    put_table(bench, table + 5, tap)
    sources = max(1, len(taps) * 2**bits - rng.randrange(2**bits))
    shape = {"sources": sources, "table_base": table, "taps_base": table + 5, "syn_base": base}
    shape |= {"stride": stride, "channel_bits": bits}
    bench.connect(number, kind=ConnKind.CONV, format=form, **shape, **fields)
    return sources


PUT = {
    ConnKind.DENSE: put_dense,
    ConnKind.ONE_TO_ONE: put_one_to_one,
    ConnKind.SPARSE: put_sparse,
    ConnKind.CONV: put_conv,
}


def send_some(bench: Bench, number: int, sources: int, count: int) -> None:
    """Events of all sorts, mostly of good sources."""
    rng = bench.random
    for _ in range(count):
        source = rng.choice([rng.randrange(sources), rng.randrange(sources), sources - 1, sources])
        if rng.random() < 0.4:
            bench.send(
                FlitType.GRADED, rng.choice([0, 1, -1, 2**31, rng.getrandbits(32)]), min(source, 4095), number
            )
            continue
        kind = rng.choice([FlitType.MASK_POS, FlitType.MASK_NEG])
        bits = 1 << source % 32 | rng.choice(
            [0, rng.getrandbits(32) & rng.getrandbits(32), rng.getrandbits(32)]
        )
        left = max(sources - source // 32 * 32, 0)
        if rng.random() < 0.8 and left < 32:
            bits = bits & ((1 << left) - 1)
        bench.send(kind, bits, source // 32, number)


async def every_form(bench: Bench, kind: int, trials: int, **fields: int) -> None:
    for _ in range(trials):
        for form in FORMATS:
            bench.reserved = 0.0
            sources = [PUT[kind](bench, number, form, **fields) for number in range(CONNECTIONS)]
            await bench.rest()
            bench.reserved = bench.random.choice([0.0, 0.0, 0.3, 0.8])
            for number, count in enumerate(sources):
                send_some(bench, number, count, 8)
            bench.random.shuffle(bench.events)
            await bench.run(bench.random.getrandbits(32))
            assert bench.added
        await bench.check_counters()


@cocotb.test()
async def dense_rows(dut):
    await every_form(await started(dut, 21), ConnKind.DENSE, 6)


@cocotb.test()
async def one_to_one(dut):
    await every_form(await started(dut, 22), ConnKind.ONE_TO_ONE, 6)


@cocotb.test()
async def sparse_rows(dut):
    await every_form(await started(dut, 23), ConnKind.SPARSE, 6)


@cocotb.test()
async def convolutions(dut):
    await every_form(await started(dut, 24), ConnKind.CONV, 6)


@cocotb.test()
async def values_times_weights(dut):
    """Extreme values with extreme weights of all widths, signed or not, negated or not; 0 adds nothing."""
    bench = await started(dut, 25)
    for part in range(6 * PARTS):
        bench.write(SYNAPSES | part, bench.random.choice([0x80FF7F01, 0x00FE8101, 0xFF80FF7F, 0x7FFF8000]))
    values = (0, 1, -1, 2**31 - 1, -(2**31), 2**23, -(2**30), 0x1234_5678)
    for form, is_signed, negate in product(FORMATS, (0, 1), (0, 1)):
        for number, (payload, shift) in enumerate(((0, 0), (1, 0), (1, 3), (1, 31))):
            fields = {"format": form, "is_signed": is_signed, "negate": negate, "payload": payload}
            fields |= {"kind": ConnKind.DENSE, "groups": 2, "sources": 3000, "shift": shift}
            bench.connect(number, **fields)
            for value in values:
                bench.send(FlitType.GRADED, value, 2999, number)
            bench.send(FlitType.MASK_POS, 1, 0, number)
            bench.send(FlitType.MASK_NEG, 1 << 31, 3, number)
        await bench.run()
        assert len(bench.added) == 4 * 2 * (len(values) - 1 + 2)
    await bench.check_counters()


@cocotb.test()
async def everything_mixed(dut):
    """All kinds and formats behind each other, with pauses and reservations; memory written between."""
    bench = await started(dut, 26)
    rng, added = bench.random, 0
    for _ in range(25):
        bench.reserved = bench.link.pause = 0.0
        sources = []
        for number in range(CONNECTIONS):
            kind = rng.choice([*PUT, ConnKind.PORT])
            if kind == ConnKind.PORT:
                bench.connect(number, **any_how(bench) | {"kind": kind, "groups": 5})
                sources.append(5 * LANES)
            else:
                fields = {"delays": 0} if kind == ConnKind.DENSE and rng.random() < 0.5 else {}
                sources.append(PUT[kind](bench, number, rng.choice(FORMATS), **fields))
        for _ in range(20):
            bench.write(SYNAPSES | rng.randrange(TABLES * PARTS), rng.getrandbits(32))
        await bench.rest()
        for _ in range(60):
            number = rng.randrange(CONNECTIONS)
            send_some(bench, number, sources[number], 1)
        bench.dut.step_i.value = bench.model.step = rng.getrandbits(32)
        bench.link.queue, bench.events, bench.added = bench.events, [], []
        while bench.link.queue:
            bench.link.pause, bench.reserved = (
                rng.choice([0.0, 0.0, 0.5, 0.9]),
                rng.choice([0.0, 0.0, 0.3, 0.95]),
            )
            for _ in range(30):
                await bench.tick()
        bench.link.pause = bench.reserved = 0.0
        await bench.rest()
        added += len(bench.added)
        await bench.check_counters()
    assert added > 3000


LATENCY = 8  # link, queue, head, event, job, row, and the words that are gathered


@cocotb.test()
async def cycles_a_word(dut):
    """What rtl/core/README.md says of rows that follow each other."""
    bench = await started(dut, 27)
    for form, delays, most in (
        (WeightFormat.BITS8, 0, 1), (WeightFormat.BITS8, 1, 2), (WeightFormat.BITS16, 0, 2),
        (WeightFormat.BITS16, 1, 3), (WeightFormat.BITS4, 0, 1), (WeightFormat.BITS4, 1, 1.5),
    ):  # fmt: skip
        shape = {"groups": 4, "delays": delays, "sources": 32, "format": form}
        bench.connect(0, kind=ConnKind.DENSE, **shape)  # all sources have one row
        for _ in range(4):
            bench.send(FlitType.MASK_POS, 2**32 - 1, 0, 0)
        cycles = await bench.run()
        assert len(bench.added) == 4 * 32 * 4
        dut._log.info("dense %s, delays %d: %.3f cycles a word", form.name, delays, cycles / len(bench.added))
        assert cycles <= most * len(bench.added) + LATENCY
    for form, delays, wide, words in (
        (WeightFormat.BITS8, 0, 0, 1), (WeightFormat.BITS8, 0, 0, 4), (WeightFormat.BITS8, 1, 1, 2),
        (WeightFormat.BITS16, 0, 0, 1), (WeightFormat.BITS4, 0, 0, 2), (WeightFormat.BITS4, 1, 0, 4),
    ):  # fmt: skip
        put_sparse(bench, 0, form, [words] * 32, delays=delays, wide=wide)
        for _ in range(4):
            bench.send(FlitType.MASK_POS, 2**32 - 1, 0, 0)
        cycles = await bench.run()
        lines = lines_of(words, form, delays, 1 + wide)
        assert len(bench.added) == 4 * 32 * words
        dut._log.info("sparse %s, %d lines a row: %.3f cycles a row", form.name, lines, cycles / 128)
        assert cycles <= 4 * (32 * (lines + 1) + 3) + LATENCY
    for form, groups, most in (
        (WeightFormat.BITS8, 1, 2), (WeightFormat.BITS8, 4, 5), (WeightFormat.BITS16, 4, 9),
        (WeightFormat.BITS4, 4, 5),
    ):  # fmt: skip
        put_conv(bench, 0, form, [3] * 8, groups=groups)
        bench.connect(0, **{**CONV, "format": form, "groups": groups})
        for _ in range(4):
            bench.send(FlitType.MASK_POS, 0xFF, 0, 0)
        cycles = await bench.run()
        taps = 4 * 8 * 3
        assert len(bench.added) == taps * groups
        dut._log.info("convolution %s, %d groups: %.3f cycles a tap", form.name, groups, cycles / taps)
        # an entry of the position takes a cycle, too, and with short taps is not hidden
        assert cycles <= taps * most + 4 * 8 * 3 + LATENCY


CONV = {
    "kind": ConnKind.CONV, "sources": 8, "table_base": TABLES, "taps_base": TABLES + 5, "targets": 1,
}  # fmt: skip
assert LINES >= TABLES + 20 * CONNECTIONS
