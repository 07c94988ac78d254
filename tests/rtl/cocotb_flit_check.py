"""The checker of the mesh: it counts what goes in and what comes out, and is silent as long as all is well.

With LHW_BREAKS the last cycle is one that no good chip has; the simulation must not survive it.
"""

from __future__ import annotations

import json
import os
import random

import cocotb
from module_bench import reset

ENDS = json.loads(os.environ["LHW_PARAMETERS"])["Ends"]
BREAKS = os.environ.get("LHW_BREAKS", "")


class Bench:
    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random, self.in_flight = dut, random.Random(seed), 0

    async def start(self) -> None:
        for name in ("sends_i", "receives_i", "quiet_i", "dropped_i"):
            getattr(self.dut, name).value = 0
        self.edge = await reset(self.dut)

    async def tick(self, sends: int, receives: int, quiet: bool = False, dropped: bool = False) -> None:
        dut = self.dut
        dut.sends_i.value, dut.receives_i.value = sends, receives
        dut.quiet_i.value, dut.dropped_i.value = int(quiet), int(dropped)
        self.in_flight += sends.bit_count() - receives.bit_count()
        self.in_flight = 0 if dropped else self.in_flight
        await self.edge
        assert int(dut.in_flight.value) == self.in_flight % 2**32

    def some(self, most: int) -> int:
        """Any of the ends, but no more than `most`."""
        ends = self.random.sample(range(ENDS), self.random.randrange(min(most, ENDS) + 1))
        return sum(1 << end for end in ends)


@cocotb.test(skip=bool(BREAKS))
async def all_is_well(dut):
    """Any traffic; quiet is said when nothing is in flight, and after something was dropped."""
    bench = Bench(dut, 1)
    await bench.start()
    rng, rests = bench.random, 0
    for _ in range(2000):
        quiet = bench.in_flight == 0 and rng.random() < 0.5
        rests += quiet
        sends = bench.some(ENDS) if rng.random() < 0.5 else 0
        await bench.tick(sends, bench.some(bench.in_flight), quiet, rng.random() < 0.01)
    assert rests > 20


@cocotb.test(skip=not BREAKS)
async def something_is_wrong(dut):
    bench = Bench(dut, 2)
    await bench.start()
    await bench.tick(1 << ENDS - 1, 0)
    await bench.tick(1, 1)
    if BREAKS == "lost":  # it never comes out
        for _ in range(5):
            await bench.tick(0, 0)
    elif BREAKS == "made":  # two come out of one
        await bench.tick(0, 1)
        await bench.tick(0, 1 << ENDS - 1)
    elif BREAKS == "early":  # it comes out in the cycle after quiet
        await bench.tick(0, 0, quiet=True)
        await bench.tick(0, 1)
    await bench.tick(0, 0, quiet=True)
    await bench.tick(0, 0)
