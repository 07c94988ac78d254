"""The synapse memory: whose line is read, words for configuration, and that nobody else is disturbed.

The model holds lines of bytes. What was asked for stands at the output from the next cycle on, until
something else is asked for; the walk goes before the row; nobody reads while the accumulators are reserved.
"""

from __future__ import annotations

import json
import os
import random

import cocotb
from module_bench import reset

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, LINES = (PARAMETERS[key] for key in ("Lanes", "SynLines"))
PARTS = LANES // 4  # words of a line
SYNAPSES = 1 << 22


class Bench:
    """The memory, and a row, a walk and an endpoint that ask for lines."""

    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.lines = [bytearray(LANES) for _ in range(LINES)]
        self.filled = False
        self.shown: bytes | None = None

    async def start(self) -> None:
        for name in (
            "row_valid_i",
            "row_reads_i",
            "table_valid_i",
            "acc_next_i",
            "cfg_valid_i",
            "cfg_write_i",
        ):
            getattr(self.dut, name).value = 0
        for name in ("row_line_i", "table_line_i", "cfg_addr_i", "cfg_data_i"):
            getattr(self.dut, name).value = 0
        self.edge = await reset(self.dut)
        for word in self.random.sample(range(LINES * PARTS), LINES * PARTS):
            data = self.random.getrandbits(32)
            await self.access(SYNAPSES | word, data)
            self.put(word, data)
        self.filled = True

    async def tick(self, row: int | None = None, table: int | None = None, reserved: bool = False) -> None:
        """One cycle; the row and the walk may ask for a line each."""
        dut, rng = self.dut, self.random
        idle = rng.randrange(3) if row is None else 3  # a row without lines, or none, has any line
        dut.row_valid_i.value, dut.row_reads_i.value = int(idle in (1, 3)), int(idle in (2, 3))
        dut.row_line_i.value = rng.randrange(LINES) if row is None else row
        dut.table_valid_i.value = int(table is not None)
        dut.table_line_i.value = rng.randrange(LINES) if table is None else table
        dut.acc_next_i.value = int(reserved)
        asked = row if table is None else table
        if asked is not None and not reserved:
            self.shown = bytes(self.lines[asked])
        await self.edge
        self.look()

    def look(self) -> None:
        if self.shown is not None:
            assert bytes(int(self.dut.bytes_o[lane].value) for lane in range(LANES)) == self.shown

    # ------------------------------------------------------------------ the endpoint
    async def access(self, address: int, data: int | None = None) -> int:
        """Three cycles, through which address and data stay; gives the word in the third one."""
        dut = self.dut
        dut.cfg_valid_i.value, dut.cfg_write_i.value = 1, int(data is not None)
        dut.cfg_addr_i.value = address
        dut.cfg_data_i.value = self.random.getrandbits(32) if data is None else data
        if address & SYNAPSES and self.filled:  # a word takes the read port
            self.shown = bytes(self.lines[(address & SYNAPSES - 1) // PARTS])
        await self.tick(reserved=self.random.random() < 0.5)
        dut.cfg_valid_i.value = 0
        await self.tick(reserved=self.random.random() < 0.5)
        word = int(dut.cfg_rdata_o.value)
        await self.tick()
        return word

    def word(self, address: int) -> int:
        """What a read gives: words of others are theirs to give."""
        if not address & SYNAPSES:
            return 0
        line, part = divmod(address & SYNAPSES - 1, PARTS)
        return int.from_bytes(self.lines[line][4 * part : 4 * part + 4], "little")

    async def write(self, address: int, data: int) -> None:
        assert await self.access(address, data) == self.word(address)  # before the write
        if address & SYNAPSES:
            self.put(address & SYNAPSES - 1, data)

    def put(self, word: int, data: int) -> None:
        line, part = divmod(word, PARTS)
        self.lines[line][4 * part : 4 * part + 4] = data.to_bytes(4, "little")


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


@cocotb.test()
async def every_word(dut):
    """What was written comes back, in any order, and reading changes nothing."""
    bench = await started(dut, 1)
    for word in bench.random.sample(range(LINES * PARTS), LINES * PARTS):
        assert await bench.access(SYNAPSES | word) == bench.word(SYNAPSES | word)
    for line in bench.random.sample(range(LINES), LINES):
        await bench.tick(row=line)


@cocotb.test()
async def tables_go_first(dut):
    """With the same line and with others; a row that is not read from memory reads nothing."""
    bench = await started(dut, 2)
    for _ in range(200):
        row, table = bench.random.randrange(LINES), bench.random.randrange(LINES)
        await bench.tick(row=row, table=table)
        await bench.tick(row=row)
        await bench.tick()


@cocotb.test()
async def reserved_cycles(dut):
    """While the accumulators are reserved the line of before stays."""
    bench = await started(dut, 3)
    for _ in range(100):
        await bench.tick(row=bench.random.randrange(LINES))
        for _ in range(bench.random.randrange(4)):
            table = bench.random.choice([None, bench.random.randrange(LINES)])
            await bench.tick(row=bench.random.randrange(LINES), table=table, reserved=True)


@cocotb.test()
async def random_work(dut):
    """Lines of row and walk, words of configuration between them, and words that are for others."""
    bench = await started(dut, 4)
    rng = bench.random
    for _ in range(1500):
        kind = rng.random()
        if kind < 0.7:
            row = rng.choice([None, rng.randrange(LINES)])
            table = rng.choice([None, None, rng.randrange(LINES)])
            await bench.tick(row=row, table=table, reserved=rng.random() < 0.3)
            continue
        address = rng.randrange(LINES * PARTS)
        if rng.random() < 0.8:
            address |= SYNAPSES
        if kind < 0.85:
            await bench.write(address, rng.getrandbits(32))
        else:
            assert await bench.access(address) == bench.word(address)


@cocotb.test()
async def reset_in_the_middle(dut):
    """The memory keeps its contents; an access that was under way is forgotten."""
    bench = await started(dut, 5)
    for _ in range(30):
        await bench.tick(row=bench.random.randrange(LINES))
        dut.cfg_addr_i.value = SYNAPSES | bench.random.randrange(LINES * PARTS)
        dut.cfg_valid_i.value = dut.cfg_write_i.value = 1
        dut.row_valid_i.value = dut.table_valid_i.value = 0
        await bench.edge
        dut.rst_ni.value = dut.cfg_valid_i.value = 0
        await bench.edge
        dut.rst_ni.value = 1
        bench.shown = None
        await bench.tick()
        for line in range(min(LINES, 4)):
            await bench.tick(row=line)
