"""The chip with its cores at the pins, held against the golden model flit by flit."""

from __future__ import annotations

import json
import os

import cocotb
import numpy as np
from chip_network import Network
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

from lava_hw.chip import Chip
from lava_hw.cocotb import ChipBench, pauses
from lava_hw.device.flits import is_token, reads, token, writes
from lava_hw.golden import GoldenChip
from lava_hw.regs import (
    CONTROL_CORE,
    CORE_ADDR,
    EVENT_FLIT,
    LAYOUT_HASH,
    ChipCsr,
    CoreCsr,
    CoreRegion,
    FaultCode,
    TokenIn,
    TokenOut,
)

CHIP = Chip.from_dict(json.loads(os.environ["LHW_CHIP"]))
SEEDS = json.loads(os.environ.get("LHW_SEEDS", "[1]"))


async def start(dut) -> ChipBench:
    bench = ChipBench(dut)
    await bench.reset()
    return bench


def depths() -> dict[int, int]:
    """First address and number of words of every region of a core."""
    region = CoreRegion
    words = {
        region.STATE: CHIP.state_lines * CHIP.lanes,
        region.ACC: CHIP.delay_slots * CHIP.acc_pitch * CHIP.lanes,
        region.UCODE: CHIP.ucode_words,
        region.CONSTANT: CHIP.const_words,
        region.POPULATION: 8 * CHIP.populations,
        region.CONNECTION: 8 * CHIP.connections,
        region.ROUTE: 2 * CHIP.routes,
        region.STAGE: 16,
    }
    found = {CORE_ADDR.pack(region=region): count for region, count in words.items()}
    return found | {CORE_ADDR.pack(synapse=1): CHIP.synapse_lines * CHIP.synapse_parts}


def exists(first: int, places: np.ndarray) -> np.ndarray:
    """Tell which words of a region have a layout; the others of an entry read 0."""
    words = {CoreRegion.POPULATION: 5, CoreRegion.CONNECTION: 6}.get(CORE_ADDR.get(first, "region"), 8)
    return places % 8 < (words if first < CORE_ADDR.pack(synapse=1) else 8)


def by_token(flits) -> list[tuple[list[int], int | None]]:
    """Events between tokens, sorted (their order is free), and the token that ends them."""
    groups, events = [], []
    for flit, ends in zip(flits, is_token(np.asarray(flits, np.uint64)), strict=True):
        if ends:
            groups.append((sorted(events), int(flit)))
            events = []
        else:
            events.append(int(flit))
    return [*groups, (sorted(events), None)]


@cocotb.test()
async def every_region_of_every_core(dut):
    """Ends and random places of each memory hold what was written; beyond them is BAD_ADDRESS."""
    bench = await start(dut)
    generator = np.random.default_rng(1)
    for core in CHIP.cores:
        for first, count in depths().items():
            places = np.unique(np.r_[0, count - 1, generator.integers(0, count, 6)])
            places = places[exists(first, places)]
            values = generator.integers(0, 2**32, len(places), dtype=np.uint32)
            got = await bench.collect(
                np.concatenate([writes(core, first + places, values), reads(core, first + places)])
            )
            assert [flit & 0xFFFFFFFF for flit in got] == values.tolist(), (core, hex(first))
            burst = generator.integers(0, 2**32, 13, dtype=np.uint32)
            burst[~exists(first, np.arange(13))] = 0
            await bench.write(core, first, burst)
            assert (await bench.read(core, first, 13) == burst).all()
    assert (await bench.read(CONTROL_CORE, ChipCsr.STATUS)).tolist() == [1]
    core = CHIP.cores[-1]
    for first, count in depths().items():
        beyond = first + count
        status = reads(CONTROL_CORE, ChipCsr.STATUS)  # a READ of another core: the chip looks
        flits = await bench.collect(np.concatenate([reads(core, beyond), status]))
        fault = [EVENT_FLIT.unpack(f) for f in flits if is_token(np.array([f], np.uint64))[0]]
        assert len(flits) == 3, [hex(flit) for flit in flits]
        assert flits[2] & 0xFFFFFFFF == 1 | FaultCode.BAD_ADDRESS << 8
        assert (fault[0]["conn"], fault[0]["index"], fault[0]["payload"]) == (
            TokenOut.FAULT, core, FaultCode.BAD_ADDRESS,
        )  # fmt: skip
        await bench.reset_chip()


async def same_as_golden(bench: ChipBench, seed: int, steps: int) -> None:
    """Load a random network into the chip and the golden model, run it, and compare all that can be seen."""
    network = Network(CHIP, seed)
    golden = GoldenChip(CHIP)
    stream = network.stream(steps)
    assert await bench.collect(token(TokenIn.RESET), 100_000) != []
    for flits in (network.configuration(), stream):
        golden.push(flits)
        wanted, got = golden.pop(), await bench.collect(flits, 400_000)
        assert by_token(got) == by_token(wanted), f"seed {seed}"
    for core in CHIP.cores:
        for region, offset, count in network.used[core]:
            address = CORE_ADDR.pack(region=region, offset=offset)
            got = await bench.read(core, address, count)
            assert (got == golden.peek(core, address, count)).all(), (seed, core, region, offset)
        for csr in (
            CoreCsr.ID,
            CoreCsr.SPIKES_IN,
            CoreCsr.SPIKES_OUT,
            CoreCsr.SYNOPS_LO,
            CoreCsr.SYNOPS_HI,
            CoreCsr.FAULT,
        ):
            address = CORE_ADDR.pack(region=CoreRegion.CSR, offset=csr)
            assert await bench.read(core, address) == golden.peek(core, address), (seed, core, csr)
    for csr in (ChipCsr.STATUS, ChipCsr.STEP, ChipCsr.LIMIT, ChipCsr.FLITS_IN, ChipCsr.FLITS_OUT):
        golden.push(reads(CONTROL_CORE, csr))
        wanted = int(golden.pop()[0]) & 0xFFFFFFFF
        assert (await bench.read(CONTROL_CORE, csr)).tolist() == [wanted], (seed, csr)


@cocotb.test()
async def random_networks(dut):
    bench = await start(dut)
    for seed in SEEDS:
        await same_as_golden(bench, seed, steps=6)


@cocotb.test()
async def axi_lite(dut):
    """The chip's registers over AXI4-Lite: readable at any time, written only while it is paused."""
    bench = await start(dut)
    lite = AxiLiteMaster(
        AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk_i, dut.rst_ni, reset_active_level=False
    )

    async def register(csr: ChipCsr) -> int:
        return await lite.read_dword(4 * csr)

    assert await register(ChipCsr.LAYOUT) == LAYOUT_HASH
    assert await register(ChipCsr.CONFIG_ID) == CHIP.config_id
    for csr, value in ((ChipCsr.STAGES, 2), (ChipCsr.NEEDS_CLOSE, 0xBEEF), (ChipCsr.NEEDS_END, 0xF00D)):
        assert (await lite.write(4 * csr, value.to_bytes(4, "little"))).resp == AxiResp.OKAY
        assert await register(csr) == value
        assert (await bench.read(CONTROL_CORE, csr)).tolist() == [value]
    assert (await lite.write(4 * ChipCsr.NEEDS_CLOSE + 1, b"\x12")).resp == AxiResp.OKAY
    assert await register(ChipCsr.NEEDS_CLOSE) == 0x12EF
    for csr in (ChipCsr.STEP, ChipCsr.MAGIC, 15):
        assert (await lite.write(4 * csr, b"\1\0\0\0")).resp == AxiResp.SLVERR
    assert (await lite.read(4 * 15, 4)).resp == AxiResp.SLVERR
    await bench.write(CONTROL_CORE, ChipCsr.STAGES, [1, 1, 1])
    await bench.collect(np.r_[token(TokenIn.RUN, 7), token(TokenIn.CLOSE, 1)])
    # The chip waits for CLOSE(2, 0): not paused, but idle.
    assert await register(ChipCsr.STATUS) == 2
    assert (await register(ChipCsr.STEP), await register(ChipCsr.LIMIT)) == (1, 7)
    assert (await lite.write(4 * ChipCsr.STAGES, b"\2\0\0\0")).resp == AxiResp.SLVERR
    await bench.collect([token(TokenIn.CLOSE, t)[0] for t in range(2, 8)])
    assert await register(ChipCsr.STATUS) == 3
    assert await register(ChipCsr.CYCLES_LO) > 7
    await bench.collect(token(TokenIn.RUN, 7))
    assert await register(ChipCsr.STATUS) == 3 | FaultCode.BAD_RUN << 8


@cocotb.test()
async def random_networks_with_stalls(dut):
    """The same networks with pauses on both streams: the same answers and counters."""
    bench = await start(dut)
    for seed, pause in enumerate(((0.3, 0.3), (0.8, 0.0), (0.0, 0.9)), SEEDS[0]):
        bench.source.pause, bench.sink.pause = pauses(pause[0], seed), pauses(pause[1], seed)
        await same_as_golden(bench, seed, steps=4)
