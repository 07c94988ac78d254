"""The counter of cycles: against a count in Python, with random stages, clears and resets."""

from __future__ import annotations

import random

import cocotb
from module_bench import reset


@cocotb.test()
async def counts_what_it_is_told(dut):
    rng = random.Random(1)
    dut.clear_i.value = dut.counts_i.value = 0
    edge = await reset(dut)
    count, most = 0, 0
    for _ in range(3000):
        held, clears, counts = rng.random() < 0.002, rng.random() < 0.01, rng.random() < 0.8
        dut.rst_ni.value, dut.clear_i.value, dut.counts_i.value = not held, clears, counts
        await edge
        count = 0 if held or clears else count + counts
        assert int(dut.cycles_o.value) == count
        most = max(most, count)
    assert most > 100
