"""Sums of one lane: what is read in the cycle in which it is written is what was written."""

from __future__ import annotations

import json
import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

LINES = json.loads(os.environ["LHW_PARAMETERS"])["Lines"]


@cocotb.test()
async def reads_and_writes(dut):
    """In every cycle a read, a write, both or neither; often of the same line, or of the one just written."""
    rng, sums = random.Random(1), [0] * LINES
    edge = FallingEdge(dut.clk_i)
    dut.read_i.value = dut.write_i.value = 0
    Clock(dut.clk_i, 2, unit="ns").start(start_high=False)
    await edge
    for line in range(LINES):
        sums[line] = rng.getrandbits(32)
        dut.write_i.value, dut.store_line_i.value, dut.store_i.value = 1, line, sums[line]
        await edge
    shown, stored, forwarded, later = None, 0, 0, 0
    for _ in range(4000):
        read, write = rng.random() < 0.7, rng.random() < 0.5
        line = rng.choice([stored, rng.randrange(LINES)])
        before, stored, store = stored, rng.choice([line, rng.randrange(LINES)]), rng.getrandbits(32)
        dut.read_i.value, dut.line_i.value = int(read), line
        dut.write_i.value, dut.store_line_i.value, dut.store_i.value = int(write), stored, store
        if write:
            sums[stored] = store
        if read:
            shown = sums[line]
            forwarded += write and line == stored
            later += line == before
        await edge
        if shown is not None:  # and stays until the next read, whatever is written
            assert int(dut.sum_o.value) == shown
    assert min(forwarded, later) > 300
