"""The synapse engine: full queue, reserved accumulators, all kinds of connections and faults, memories."""

from __future__ import annotations

import cocotb
from synapse_bench import CONNECTIONS, GROUPS, LANES, LINES, SLOTS, SYNAPSES, Bench, connection_address

from lava_hw.regs import ConnKind, CoreCsr, CoreRegion, FlitType, WeightFormat


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


def port(**fields: int) -> dict[str, int]:
    return {"kind": ConnKind.PORT, "groups": 5, "acc_base": 1, **fields}


def dense(**fields: int) -> dict[str, int]:
    """Rows of 3 words behind each other, from the fourth line to the last one."""
    shape = {"groups": 3, "stride": 3, "sources": 12, "syn_base": 4, "targets": 3 * LANES - 1}
    return {"kind": ConnKind.DENSE, "acc_base": 2, **shape, **fields}


@cocotb.test()
async def ports(dut):
    """Every bit of a mask, both signs, all groups, the last source and those behind it, three shifts."""
    bench = await started(dut, 1)
    for connection, shift in enumerate((0, 1, 31)):
        bench.connect(connection, **port(shift=shift))
    last = 5 * LANES
    for connection in range(3):
        for kind in (FlitType.MASK_POS, FlitType.MASK_NEG):
            for index in (0, (last - 1) // 32, last // 32, 4095):
                for payload in (2**32 - 1, 0x8000_0001, 0x5A5A_A5A5, *(1 << bit for bit in range(32))):
                    bench.send(kind, payload, index, connection)
    await bench.run()
    assert bench.added
    assert bench.faults
    await bench.check_counters()


@cocotb.test()
async def graded_values(dut):
    """Extreme values at the first and last source and behind it; a row looks at no value but 0."""
    bench = await started(dut, 2)
    bench.connect(0, **port(shift=0))
    bench.connect(1, **port(shift=31, slot=1))
    bench.connect(2, **dense())
    bench.connect(3, **dense(sources=2100, stride=0))
    for connection, sources in enumerate((5 * LANES, 5 * LANES, 12, 2100)):
        for value in (0, 1, -1, 2**31 - 1, -(2**31), 0x1234_5678):
            for index in (0, 1, sources - 1, sources, 4095):
                bench.send(FlitType.GRADED, value, index, connection)
    await bench.run()
    assert bench.faults == 4 * 5 * 2
    assert len(bench.added) == 2 * 5 * 3 + 2 * 5 * 3 * 3
    await bench.check_counters()


@cocotb.test()
async def rows(dut):
    """Signs, negation and shifts pass; rows of one word and of several, shared rows, the last source."""
    bench = await started(dut, 3)
    shapes = [
        dense(),
        dense(sources=37, stride=1, groups=1, syn_base=3, acc_base=GROUPS - 1, targets=1),
        dense(sources=131_072, stride=0, groups=2, syn_base=38, targets=2**20 - 1),
        dense(sources=38, stride=1, groups=3, syn_base=0),
    ]
    for is_signed, negate, shift in ((0, 0, 0), (1, 0, 1), (0, 1, 31), (1, 1, 16)):
        for connection, shape in enumerate(shapes):
            bench.connect(connection, **shape, is_signed=is_signed, negate=negate, shift=shift)
        for connection in range(len(shapes)):
            for kind, index in ((FlitType.MASK_POS, 0), (FlitType.MASK_NEG, 1), (FlitType.MASK_POS, 4095)):
                bench.send(kind, 2**32 - 1, index, connection)
                bench.send(kind, bench.random.getrandbits(32), index, connection)
        await bench.run()
        assert bench.added
        assert bench.faults
    await bench.check_counters()


@cocotb.test()
async def flits_that_name_nothing(dut):
    """Unknown flits, connections, kinds and formats are faults and add nothing; others are taken."""
    bench = await started(dut, 4)
    bench.connect(0, **port())
    for kind in range(3, 8):
        bench.send(kind, 3)
        bench.send(FlitType.MASK_POS, 1)
    await bench.run()
    assert (bench.faults, len(bench.added), bench.model.spikes_in) == (5, 5, 5)
    for connection in (CONNECTIONS, CONNECTIONS + 1, 8, 128, 255):
        bench.send(FlitType.MASK_POS, 7, 0, connection)
        bench.send(FlitType.GRADED, 1, 0, 0)
    await bench.run()
    assert (bench.faults, len(bench.added), bench.model.spikes_in) == (5, 5, 25)
    bad = [{**dense(), "kind": kind} for kind in (ConnKind.NONE, *range(6, 16))]
    bad += [{**dense(), "kind": kind, "format": 3} for kind in range(1, 6)]
    bad += [port(format=code) for code in (WeightFormat.BITS4, WeightFormat.BITS16)]
    bad += [
        port(wide=1),
        dense(wide=1),
        dense(kind=ConnKind.CONV, wide=1),
        dense(kind=ConnKind.ONE_TO_ONE, wide=1),
    ]
    bad += [port(delays=1), dense(kind=ConnKind.CONV, delays=1)]
    for fields in bad:
        bench.connect(1, **fields)
        for kind, payload in ((FlitType.MASK_POS, 3), (FlitType.GRADED, 5), (FlitType.MASK_NEG, 0)):
            bench.send(kind, payload, 0, 1)
            bench.send(FlitType.MASK_POS, 1)
        await bench.run()
        assert (bench.faults, len(bench.added)) == (3, 3), fields
    await bench.check_counters()


@cocotb.test()
async def slots_go_round(dut):
    bench = await started(dut, 5)
    slots = [0, 1, SLOTS - 1, SLOTS, 63]
    for connection, slot in enumerate(slots):
        bench.connect(connection, **port(slot=slot, acc_base=GROUPS - 5))
    for step in (0, 1, SLOTS - 1, SLOTS, 2**32 - 1):
        for connection in range(len(slots)):
            bench.send(FlitType.MASK_POS, 1, 0, connection)
        await bench.run(step)
        assert [added.lines[0] // bench.model.pitch for added in bench.added] == [
            (step + slot) % SLOTS for slot in slots
        ]


@cocotb.test()
async def nothing_to_add(dut):
    """Empty masks, rows of no words: nothing is added; what counts is counted, also beyond 32 bits."""
    bench = await started(dut, 6)
    bench.connect(0, **port())
    bench.connect(1, **dense())
    bench.connect(2, **dense(groups=0, stride=0, sources=32, targets=2**20 - 1))
    bench.connect(3, **port(groups=0))
    for connection in (0, 1):
        bench.send(FlitType.MASK_POS, 0, 0, connection)
        bench.send(FlitType.GRADED, 0, 4095, connection)
    await bench.run()
    assert not bench.added
    assert not bench.faults
    bench.send(FlitType.MASK_POS, 1, 0, 3)
    for _ in range(130):
        bench.send(FlitType.MASK_POS, 2**32 - 1, 0, 2)
    await bench.run()
    assert not bench.added
    assert bench.faults == 1
    assert bench.model.synops > 2**32
    await bench.check_counters()


@cocotb.test()
async def an_addition_every_cycle(dut):
    """From the first word to the last no cycle is lost: single spikes, groups of ports, rows, connections."""
    bench = await started(dut, 7)
    bench.connect(0, **port())
    bench.connect(1, **dense())
    bench.connect(2, **dense(groups=1, stride=1, sources=32))
    latency = 6  # link, queue, head, event, job, row
    for flits in (
        [(FlitType.MASK_POS, 1, 0, 0)] * 100,
        [(FlitType.GRADED, 5, 3, 0), (FlitType.GRADED, 5, 3, 2)] * 50,
        [(FlitType.MASK_NEG, 2**32 - 1, 0, 0)] * 20,
        [(FlitType.MASK_POS, 0xFFF, 0, 1), (FlitType.MASK_POS, 1, 0, 0)] * 10,
        [(FlitType.MASK_POS, 2**32 - 1, 0, 2)] * 10,
    ):
        for flit in flits:
            bench.send(*flit)
        assert await bench.run() == len(bench.added) + latency
    assert len(bench.added) == 320


@cocotb.test()
async def reserved_accumulators(dut):
    """While the neuron engine has them the queue fills to the last place; nothing is lost."""
    bench = await started(dut, 8)
    bench.connect(0, **port())
    await bench.rest()
    bench.reserved = 1.0
    for number in range(30):
        bench.send(FlitType.GRADED, number + 1, number % 5)
    bench.link.queue, bench.events, bench.added = bench.events, [], []
    for _ in range(50):
        await bench.tick()
    assert len(bench.link.queue) == 30 - 12  # 8 in the queue, one in each of head, events, job, row
    assert not bench.added
    assert bench.model.cyc_stall > 40
    bench.reserved = 0.0
    await bench.rest()
    assert [sum(added.adds) for added in bench.added] == list(range(1, 31))
    await bench.check_counters()


@cocotb.test()
async def configuration_in_order(dut):
    """Words come back as they were written, one at a time; words without a layout and counters stay."""
    bench = await started(dut, 9)
    model, rng = bench.model, bench.random
    bench.slow, bench.link.pause = 0.5, 0.2
    parts = LANES // 4
    for _ in range(60):
        bench.write(SYNAPSES | rng.randrange(LINES * parts), rng.getrandbits(32))
        bench.write(connection_address(rng.randrange(CONNECTIONS), rng.randrange(8)), rng.getrandbits(32))
        bench.write(CoreRegion.CSR << 18 | CoreCsr.SPIKES_IN, 5)
    words = await bench.read(SYNAPSES, LINES * parts)
    lines = [
        b"".join(w.to_bytes(4, "little") for w in words[i : i + parts]) for i in range(0, len(words), parts)
    ]
    assert [list(line) for line in lines] == model.lines
    words = await bench.read(connection_address(0, 0), 8 * CONNECTIONS)
    assert [words[i : i + 8] for i in range(0, len(words), 8)] == model.connections
    await bench.check_counters()


@cocotb.test()
async def reset_in_the_middle(dut):
    """After a reset at any moment nothing is added, counters are 0, memories are what they were."""
    bench = await started(dut, 10)
    bench.connect(0, **port())
    bench.connect(1, **dense())
    bench.connect(2, kind=ConnKind.NONE)
    for trial in range(60):
        await bench.rest()
        bench.reserved = bench.random.choice([0.0, 0.5, 1.0])
        for _ in range(12):
            bench.send(bench.random.randrange(3), bench.random.getrandbits(32), 0, bench.random.randrange(3))
        if trial % 4 == 3:
            bench.write(SYNAPSES | 1, trial)  # configuration, which is not done when the reset comes
        else:
            bench.link.queue, bench.events = bench.events, []
        for _ in range(bench.random.randrange(1, 25 if trial % 4 != 3 else 4)):
            await bench.tick()
        dut.rst_ni.value = 0
        dut.cfg_valid_i.value = dut.cfg_done_i.value = 0
        await bench.edge
        for name in (
            "acc_valid_o",
            "gathered_valid_o",
            "cfg_flit_valid_o",
            "bad_stage_event_o",
            "bad_input_event_o",
            "busy_o",
        ):
            assert not getattr(dut, name).value, name
        dut.rst_ni.value = 1
        bench.model.reset()
        bench.plan.clear()
        bench.link.queue, bench.events = [], []
        bench.reserved = 0.0
        for _ in range(bench.random.randrange(5)):
            await bench.tick()
        await bench.check_counters()
        bench.send(FlitType.MASK_POS, 0xF0F, 0, 1)
        await bench.run()
        assert len(bench.added) == 3 * 8


@cocotb.test()
async def clear_counters(dut):
    bench = await started(dut, 11)
    bench.connect(0, **port())
    bench.connect(1, **dense())
    for _ in range(3):
        bench.reserved = 0.5
        for connection in (0, 1, 0):
            bench.send(FlitType.MASK_POS, 0x111, 0, connection)
        await bench.run()
        await bench.check_counters()
        await bench.clear()
        await bench.check_counters()


def random_connection(bench: Bench, connection: int) -> int:
    """A connection of any kind, with all fields random; gives the number of its sources."""
    rng = bench.random
    groups = rng.randrange(5)
    fields = {"shift": rng.choice([0, 0, 1, 31, rng.randrange(32)]), "slot": rng.randrange(64)}
    fields |= {
        "groups": groups,
        "acc_base": rng.randrange(GROUPS - groups + 1),
        "payload": rng.getrandbits(1),
    }
    fields |= {"is_signed": rng.getrandbits(1), "negate": rng.getrandbits(1), "targets": rng.getrandbits(20)}
    kind = rng.random()
    if kind < 0.35:
        bench.connect(connection, kind=ConnKind.PORT, **fields)
        return groups * LANES
    stride = rng.choice([0, 1, groups, 7])
    sources = rng.randrange(1, (LINES - groups) // stride if stride else 2**18)
    base = rng.randrange(LINES - groups - (sources - 1) * stride + 1)
    code = ConnKind.DENSE if kind < 0.9 else rng.choice([0, 6, 15])
    bench.connect(connection, kind=code, stride=stride, sources=sources, syn_base=base, **fields)
    return sources


@cocotb.test()
async def random_work(dut):
    """Random connections and events, pauses and reservations that change while they work."""
    bench = await started(dut, 12)
    rng, events, added = bench.random, 0, 0
    for _ in range(16):
        bench.reserved = 0.0
        sources = [random_connection(bench, connection) for connection in range(CONNECTIONS)]
        await bench.rest()
        for _ in range(150):
            connection = rng.randrange(CONNECTIONS + (rng.random() < 0.05))
            limit = sources[connection] if connection < CONNECTIONS else 1
            kind = rng.randrange(3) if rng.random() < 0.98 else rng.randrange(8)
            source = rng.choice([rng.randrange(limit + 1), limit - 1, limit, rng.randrange(2**17)])
            index = source if kind == FlitType.GRADED else source // 32
            few = 1 << max(source, 0) % 32 | rng.getrandbits(32) & rng.getrandbits(32) & rng.getrandbits(32)
            bits = rng.choice([few, few, 1 << max(source, 0) % 32, 0, rng.getrandbits(32)])
            bench.send(kind, bits, min(max(index, 0), 4095), connection)
        events += len(bench.events)
        bench.dut.step_i.value = bench.model.step = rng.getrandbits(32)
        bench.link.queue, bench.events, bench.added = bench.events, [], []
        while bench.link.queue:
            bench.link.pause, bench.reserved = rng.choice([0.0, 0.0, 0.5, 0.9]), rng.choice([0.0, 0.3, 0.95])
            for _ in range(30):
                await bench.tick()
        bench.link.pause = bench.reserved = 0.0
        await bench.rest()
        added += len(bench.added)
        await bench.check_counters()
        if rng.random() < 0.3:
            await bench.clear()
    assert events == 16 * 150
    assert added > 3000
