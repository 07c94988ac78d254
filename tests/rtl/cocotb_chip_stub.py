"""Mesh, host port and step control with a stub in place of the core (tests/rtl/stub/lhw_core.sv)."""

from __future__ import annotations

import json
import os
import random

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from lava_hw.cocotb import ChipBench, never, pauses
from lava_hw.device.flits import reads, token, writes
from lava_hw.regs import (
    CONFIG_FLIT,
    EVENT_FLIT,
    LAYOUT_HASH,
    ChipCsr,
    FaultCode,
    FlitType,
    Magic,
    TokenIn,
    TokenOut,
)

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
MESH_X, MESH_Y = PARAMETERS["MeshX"], PARAMETERS["MeshY"]
CORES = [8 * y + x for y in range(MESH_Y) for x in range(MESH_X)]
CHIP = 63
QUIET_LATENCY = PARAMETERS["QuietLatency"]
PAUSE = float(os.environ.get("LHW_PAUSE", "0"))

COUNT, BUSY, SUM, EVENTS, STEP, STAGES, LIST = 0, 16, 17, 18, 19, 20, 32


def event(dest: int, payload: int, conn: int = 1, egress: int = 0, index: int = 0) -> int:
    return EVENT_FLIT.pack(
        kind=FlitType.GRADED, egress=egress, dest=dest, conn=conn, index=index, payload=payload
    )


def out(code: TokenOut, stage: int = 0, step: int = 0) -> int:
    return EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=code, index=stage, payload=step)


def one(flits) -> int:
    return int(flits[0])


def run(step: int) -> int:
    return one(token(TokenIn.RUN, step))


def close(step: int, stage: int = 0) -> int:
    return one(token(TokenIn.CLOSE, step, stage))


async def start(dut, seed: int = 1) -> ChipBench:
    source = pauses(PAUSE, seed) if PAUSE else never
    sink = pauses(PAUSE, seed + 1) if PAUSE else never
    bench = ChipBench(dut, source_pause=source, sink_pause=sink)
    await bench.reset()
    return bench


async def configure(bench: ChipBench, stages: int, needs_close: int, needs_end: int) -> None:
    await bench.write(CHIP, ChipCsr.STAGES, [stages, needs_close, needs_end])


async def give(bench: ChipBench, core: int, flits: list[int], stage: int = 0, busy: int = 0) -> None:
    """Make the stub send flits in a stage."""
    words = [word for flit in flits for word in (flit >> 32, flit & 0xFFFFFFFF)]
    if words:
        await bench.write(core, LIST, words)
    await bench.write(core, COUNT + stage, len(flits))
    await bench.write(core, BUSY, busy)


@cocotb.test()
async def reads_what_was_written(dut):
    """Words of every core, single and in bursts; bursts of several cores do not mix their order."""
    bench = await start(dut)
    generator = np.random.default_rng(3)
    wanted = {}
    for core in CORES:
        wanted[core] = generator.integers(0, 2**32, 40, dtype=np.uint32)
        bench.send(writes(core, 100 + np.arange(40), wanted[core]))
    for core in CORES:
        assert (await bench.read(core, 100, 40) == wanted[core]).all()
        assert (await bench.read(core, 117) == wanted[core][17]).all()
    flits = await bench.collect(np.concatenate([reads(core, 100, 40) for core in CORES]))
    assert len(flits) == 40 * len(CORES)
    for core in CORES:
        mine = [CONFIG_FLIT.unpack(flit) for flit in flits if CONFIG_FLIT.get(flit, "core") == core]
        assert [word["addr"] for word in mine] == list(range(100, 140))
        assert [word["data"] for word in mine] == wanted[core].tolist()


@cocotb.test()
async def chip_registers(dut):
    bench = await start(dut)
    shape = MESH_X | MESH_Y << 8 | PARAMETERS["Lanes"] << 16 | PARAMETERS["Word"] // 8 << 24
    got = (await bench.read(CHIP, ChipCsr.MAGIC, 4)).tolist()
    assert got == [Magic.CHIP, LAYOUT_HASH, PARAMETERS["ConfigId"], shape]
    assert (await bench.read(CHIP, ChipCsr.STAGES, 3)).tolist() == [1, 0, 0]
    await configure(bench, 3, 0b101, 0b110)
    await bench.write(CHIP, ChipCsr.SHAPE, 7)
    await bench.write(CHIP, ChipCsr.CYC_WAIT, 7)
    assert (await bench.read(CHIP, ChipCsr.SHAPE, 4)).tolist() == [shape, 3, 0b101, 0b110]
    assert (await bench.read(CHIP, ChipCsr.STATUS)).tolist() == [1]
    assert (await bench.read(CHIP, ChipCsr.STEP, 7)).tolist() == [0] * 7


@cocotb.test()
async def steps_and_stages_in_order(dut):
    """END after the events of its stage, PAUSED after END; a stage starts only after its CLOSE."""
    bench = await start(dut)
    await configure(bench, 3, 0b101, 0b110)
    for core in CORES:
        await give(bench, core, [event(0, 1000 + core, egress=1)], stage=1, busy=core)
    flits = await bench.collect([run(2), close(1, 0)])
    assert sorted(flits[:-1]) == [event(0, 1000 + core, egress=1) for core in CORES]
    assert flits[-1] == out(TokenOut.END, 1, 1)
    assert int(dut.step_o.value) == 1
    flits = await bench.collect([close(1, 2)])
    assert flits == [out(TokenOut.END, 2, 1)]
    flits = await bench.collect([close(2, 0), close(2, 2)])
    assert sorted(flits[: len(CORES)]) == [event(0, 1000 + core, egress=1) for core in CORES]
    assert flits[len(CORES) :] == [
        out(TokenOut.END, 1, 2), out(TokenOut.END, 2, 2), out(TokenOut.PAUSED, 0, 2),
    ]  # fmt: skip
    for core in CORES:
        assert (await bench.read(core, STEP, 2)).tolist() == [2, 6]
    assert (await bench.read(CHIP, ChipCsr.STATUS, 3)).tolist() == [1, 2, 2]
    assert (await bench.read(CHIP, ChipCsr.FLITS_OUT)).tolist() == [2 * len(CORES)]
    await bench.reset_chip()
    assert (await bench.read(CHIP, ChipCsr.STATUS, 8)).tolist() == [1] + [0] * 7
    assert (await bench.read(CHIP, ChipCsr.STAGES, 3)).tolist() == [3, 0b101, 0b110]


@cocotb.test()
async def runs_without_close(dut):
    bench = await start(dut)
    await configure(bench, 2, 0, 0b10)
    flits = await bench.collect([run(3)])
    assert flits == [*(out(TokenOut.END, 1, t) for t in (1, 2, 3)), out(TokenOut.PAUSED, 0, 3)]
    flits = await bench.collect([run(5)])
    assert flits == [*(out(TokenOut.END, 1, t) for t in (4, 5)), out(TokenOut.PAUSED, 0, 5)]


@cocotb.test()
async def events_reach_their_core_before_the_stage(dut):
    """An event before CLOSE is there before the stage starts; one behind it comes in the same step."""
    bench = await start(dut)
    await configure(bench, 1, 1, 1)
    generator = random.Random(5)
    total = dict.fromkeys(CORES, 0)
    stream, taken = [run(20)], 0
    for step in range(1, 21):
        for _ in range(generator.randrange(12)):
            core, value = generator.choice(CORES), generator.randrange(2**32)
            total[core] = (total[core] + value) % 2**32
            stream.append(event(core, value))
            taken += 1
        stream.append(close(step))
    flits = await bench.collect(stream)
    assert flits == [*(out(TokenOut.END, 0, t) for t in range(1, 21)), out(TokenOut.PAUSED, 0, 20)]
    for core in CORES:
        assert int((await bench.read(core, SUM))[0]) == total[core]
    assert (await bench.read(CHIP, ChipCsr.FLITS_IN)).tolist() == [taken]


@cocotb.test()
async def random_traffic(dut):
    """Every core sends to every core and to the host; nothing is lost, pairs keep their order."""
    bench = await start(dut, seed=7)
    await configure(bench, 1, 1, 1)
    generator = random.Random(11)
    total, host, count = dict.fromkeys(CORES, 0), {}, 0
    for core in CORES:
        flits = []
        for i in range(120):
            dest = generator.choice([*CORES, "host"])
            if dest == "host":
                flits.append(event(0, i, conn=core, egress=1))
                host.setdefault(core, []).append(i)
            else:
                value = generator.randrange(2**32)
                total[dest] = (total[dest] + value) % 2**32
                count += 1
                flits.append(event(dest, value))
        await give(bench, core, flits, busy=generator.randrange(4))
    stream = [run(1), close(1)]
    for _ in range(200):  # the window of the next step flows in meanwhile
        core, value = generator.choice(CORES), generator.randrange(2**32)
        total[core] = (total[core] + value) % 2**32
        stream.append(event(core, value))
    flits = await bench.collect(stream)
    assert flits[-2:] == [out(TokenOut.END, 0, 1), out(TokenOut.PAUSED, 0, 1)]
    came = {}
    for flit in flits[:-2]:
        word = EVENT_FLIT.unpack(flit)
        came.setdefault(word["conn"], []).append(word["payload"])
    assert came == host
    for core in CORES:
        assert int((await bench.read(core, SUM))[0]) == total[core]
    events = sum([int((await bench.read(core, EVENTS))[0]) for core in CORES])
    assert events == count + 200


async def faults_with(
    bench: ChipBench, stream: list[int], core: int, code: FaultCode, before: list[int]
) -> None:
    """Send a stream that must end in a fault, and check what is left of the chip then.

    The READ behind it makes the chip look; its answer comes after the fault.
    """
    flits = await bench.collect([*stream, one(reads(CHIP, ChipCsr.CONFIG_ID))])
    answer = CONFIG_FLIT.pack(cfg=1, op=2, core=CHIP, addr=ChipCsr.CONFIG_ID, data=PARAMETERS["ConfigId"])
    assert flits == [*before, out(TokenOut.FAULT, core, code), answer], [hex(flit) for flit in flits]
    status = int((await bench.read(CHIP, ChipCsr.STATUS))[0])
    assert status == 1 | code << 8
    # Only reads, SYNC and RESET do anything now.
    old = await bench.read(CORES[-1], 300)
    ignored = [
        run(1000), close(1), event(CORES[-1], 5), one(token(TokenIn.SYNC)), one(writes(CORES[-1], 300, 99)),
    ]  # fmt: skip
    assert await bench.collect(ignored) == []
    assert (await bench.read(CORES[-1], 300) == old).all()
    await bench.reset_chip()
    assert (await bench.read(CHIP, ChipCsr.STATUS, 3)).tolist() == [1, 0, 0]
    flits = await bench.collect([run(1), close(1)])
    assert flits == [out(TokenOut.END, 0, 1), out(TokenOut.PAUSED, 0, 1)]
    await bench.reset_chip()


@cocotb.test()
async def protocol_faults(dut):
    bench = await start(dut)
    await configure(bench, 1, 1, 1)
    end, pause = out(TokenOut.END, 0, 1), out(TokenOut.PAUSED, 0, 1)
    bad = FaultCode
    await faults_with(bench, [close(1)], CHIP, bad.BAD_CLOSE, [])
    await faults_with(bench, [run(3), close(2)], CHIP, bad.BAD_CLOSE, [])
    await faults_with(bench, [run(3), close(1, 1)], CHIP, bad.BAD_CLOSE, [])
    await faults_with(bench, [run(3), close(1), close(1)], CHIP, bad.BAD_CLOSE, [end])
    await faults_with(bench, [run(3), run(4)], CHIP, bad.BAD_CLOSE, [])
    await faults_with(bench, [run(3), one(writes(CHIP, ChipCsr.STAGES, 2))], CHIP, bad.BAD_CLOSE, [])
    await faults_with(bench, [run(1), close(1), run(1)], CHIP, bad.BAD_RUN, [end, pause])
    await faults_with(bench, [run(0)], CHIP, bad.BAD_RUN, [])
    await faults_with(bench, [EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=9)], CHIP, bad.BAD_TOKEN, [])
    await faults_with(bench, [EVENT_FLIT.pack(kind=5)], CHIP, bad.BAD_TOKEN, [])
    await faults_with(bench, [CONFIG_FLIT.pack(cfg=1, op=2)], CHIP, bad.BAD_TOKEN, [])
    await faults_with(bench, [event(56, 1)], CHIP, bad.BAD_EVENT, [])
    await faults_with(bench, [event(64, 1)], CHIP, bad.BAD_EVENT, [])
    await faults_with(bench, [event(0, 1, egress=1)], CHIP, bad.BAD_EVENT, [])
    await faults_with(bench, [one(writes(CHIP, 15, 1))], CHIP, bad.BAD_ADDRESS, [])
    await faults_with(bench, [one(writes(56, 0, 1))], CHIP, bad.BAD_ADDRESS, [])
    response = CONFIG_FLIT.pack(cfg=1, op=2, core=57, addr=3)
    await faults_with(bench, [one(reads(57, 3))], CHIP, bad.BAD_ADDRESS, [response])
    # A read that cannot be waited for is answered after the fault.
    flits = await bench.collect([run(3), one(reads(CHIP, ChipCsr.CONFIG_ID))])
    answer = CONFIG_FLIT.pack(cfg=1, op=2, core=CHIP, addr=ChipCsr.CONFIG_ID, data=PARAMETERS["ConfigId"])
    assert flits == [out(TokenOut.FAULT, CHIP, bad.BAD_CLOSE), answer]
    await bench.reset_chip()
    # RESET cannot be waited for while a CLOSE is due; it takes effect after the fault.
    flits = await bench.collect([run(3), one(token(TokenIn.RESET))])
    assert flits == [out(TokenOut.FAULT, CHIP, bad.BAD_CLOSE), out(TokenOut.RESET_DONE)]


@cocotb.test()
async def faults_of_cores(dut):
    """A core's fault is reported in place of END, with its number; so is a flit that it sends to nowhere."""
    bench = await start(dut)
    await configure(bench, 1, 1, 1)
    last = CORES[-1]
    await faults_with(bench, [run(3), event(last, 1, conn=255), close(1)], last, FaultCode.BAD_EVENT, [])
    await give(bench, last, [event(62, 1), event(0, 2)])
    flits = await bench.collect([run(3), close(1), close(2)])
    assert flits == [out(TokenOut.FAULT, last, FaultCode.BAD_EVENT)]
    assert (await bench.read(0, EVENTS)).tolist() == [1]
    await give(bench, last, [])
    await bench.reset_chip()
    await bench.write(last, COUNT, 0)
    flits = await bench.collect([run(1), close(1)])
    assert flits == [out(TokenOut.END, 0, 1), out(TokenOut.PAUSED, 0, 1)]


@cocotb.test()
async def cycles_between_stages(dut):
    """With its CLOSE waiting, a stage starts two cycles, and those of the tree, after the last work."""
    bench = await start(dut)
    await configure(bench, 2, 0b11, 0b01)
    for core in CORES:
        await bench.write(core, BUSY, 5)
    gaps, since = [], None

    async def watch() -> None:
        nonlocal since
        cycle, last_busy = 0, 0
        while True:
            await RisingEdge(dut.clk_i)
            cycle += 1
            if dut.tile_busy.value:
                last_busy = cycle
            if dut.go.value:
                gaps.append(cycle - last_busy)

    cocotb.start_soon(watch())
    stream = [run(4)]
    for step in range(1, 5):
        stream += [close(step, 0), close(step, 1)]
    await bench.collect(stream)
    if not PAUSE:
        assert gaps[2:] == [2 + QUIET_LATENCY] * 6, gaps
    assert len(gaps) == 8
