"""Random streams at the pins, with registers read and written over AXI4-Lite at random times meanwhile."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

from lava_hw.cocotb import ChipBench, pauses
from lava_hw.golden import GoldenChip
from lava_hw.regs import CONTROL_CORE, LAYOUT_HASH, ChipCsr, Magic
from tests.fuzz.flit_case import FlitCase, encode
from tests.fuzz.flit_runs import difference

CASES = [FlitCase.from_json(data) for data in json.loads(Path(os.environ["LHW_CASES"]).read_text())]
WRITABLE = (ChipCsr.STAGES, ChipCsr.NEEDS_CLOSE, ChipCsr.NEEDS_END)


class Visitor:
    """Reads and writes registers at random times; what it writes is there already, or cannot be written."""

    def __init__(self, dut, lite: AxiLiteMaster, case: FlitCase, seed: int) -> None:
        self.edge, self.lite, self.random = RisingEdge(dut.clk_i), lite, random.Random(seed)
        self.chip = case.of_chip()
        self.written: dict[int, int] = {}  # what the stream has written for good
        self.reads, self.refused, self.done, self.stop = 0, 0, 0, False

    async def run(self) -> None:
        """One access after the other, until it is told to stop."""
        while not self.stop:
            for _ in range(self.random.choice((0, 1, 5, 40))):
                await self.edge
            await (self.read() if self.random.random() < 0.5 else self.write())

    async def read(self) -> None:
        register = self.random.randrange(20)
        word = await self.lite.read(4 * register, 4)
        value = int.from_bytes(word.data, "little")
        fixed = {
            ChipCsr.MAGIC: Magic.CHIP,
            ChipCsr.LAYOUT: LAYOUT_HASH,
            ChipCsr.CONFIG_ID: self.chip.config_id,
        }
        assert word.resp == (AxiResp.OKAY if register in list(ChipCsr) else AxiResp.SLVERR), register
        assert value == {**fixed, **self.written}.get(register, value), ChipCsr(register)
        self.reads += 1

    async def write(self) -> None:
        register = self.random.randrange(20)
        value = self.random.getrandbits(32)
        if register in WRITABLE:
            if register not in self.written:
                return
            value = self.written[register]
        word = await self.lite.write(4 * register, value.to_bytes(4, "little"))
        assert word.resp == AxiResp.SLVERR or register in WRITABLE, register
        self.refused += word.resp == AxiResp.SLVERR and register in WRITABLE
        self.done += word.resp == AxiResp.OKAY


def last_writes(case: FlitCase) -> dict[int, tuple[int, int]]:
    """The item that writes a register for the last time, and the value that it then keeps."""
    found = {}
    for number, item in enumerate(case.items):
        if item[:3] == ["write", CONTROL_CORE, "CSR"]:
            for register, word in enumerate(item[4], item[3]):
                found[register] = (number, word & (31 if register == ChipCsr.STAGES else 0xFFFF))
    return {register: found[register] for register in WRITABLE if register in found}


async def same_as_golden(bench: ChipBench, visitor: Visitor, case: FlitCase) -> None:
    """Send a stream, part by part where it says SYNC, and compare all answers."""
    golden = GoldenChip(visitor.chip)
    golden.push(case.flits())
    came: list[int] = []
    part: list[int] = []
    writes = last_writes(case)
    ends = {number for number, _ in writes.values()}
    for number, item in enumerate(case.items):
        part += encode(item).tolist()
        if item == ["sync"] or number in ends:
            came += await bench.collect(part, 400_000)
            part = []
            visitor.written = {r: value for r, (written, value) in writes.items() if written <= number}
    came += await bench.collect(part, 400_000)
    found = difference(golden.pop(), np.array(came, np.uint64))
    assert found is None, found


@cocotb.test()
async def streams_with_axi_lite(dut):
    """Whoever looks at the registers changes no answer; a write while the chip runs is refused."""
    bench = ChipBench(dut)
    lite = AxiLiteMaster(
        AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk_i, dut.rst_ni, reset_active_level=False
    )
    reads = refused = done = 0
    for number, case in enumerate(CASES):
        await bench.reset()
        odds = random.Random(number).choice(((0.0, 0.0), (0.3, 0.3), (0.8, 0.0), (0.0, 0.8)))
        bench.source.pause, bench.sink.pause = pauses(odds[0], number), pauses(odds[1], number)
        visitor = Visitor(dut, lite, case, number)
        visits = cocotb.start_soon(visitor.run())
        await same_as_golden(bench, visitor, case)
        visitor.stop = True
        await visits
        reads, refused, done = reads + visitor.reads, refused + visitor.refused, done + visitor.done
    assert min(reads // 10, refused, done) > 10, (reads, refused, done)
