"""lhw_accumulator with an operation in almost every cycle on few lines: every output in every cycle."""

from __future__ import annotations

import json
import os
import random

import cocotb
from accumulator_model import M32, AccumulatorModel, Operation
from core_model import signed
from module_bench import reset

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES = PARAMETERS["Lanes"]
PITCH = 1 << (PARAMETERS["AccGroups"] - 1).bit_length()
LINES = PARAMETERS["DelaySlots"] * PITCH


class Bench:
    """The module and its model, with the clients' pins."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.model = AccumulatorModel(LANES, LINES)
        self.reads = 0
        self.watched = False  # in the walk, where nothing comes out, only its first cycle is
        self.seen: set[str] = set()

    async def start(self) -> None:
        self.idle()
        self.dut.clear_i.value = 0
        self.edge = await reset(self.dut)
        self.compare()

    def idle(self) -> None:
        for name in ("neu_valid_i", "syn_valid_i", "gat_valid_i", "cfg_valid_i"):
            getattr(self.dut, name).value = 0

    async def tick(self, operation: Operation | None = None, clear: bool = False) -> None:
        self.dut.clear_i.value = int(clear)
        self.model.edge(operation, clear)
        await self.edge
        self.idle()
        self.dut.clear_i.value = 0
        self.compare()

    def compare(self) -> None:
        dut, model = self.dut, self.model
        assert bool(dut.busy_o.value) == model.busy
        assert bool(dut.walking_o.value) == model.walking
        if model.walking and self.watched:
            return
        self.watched = model.walking
        if model.read is not None:
            got = [int(dut.neu_rdata_o[lane].value) for lane in range(LANES)]
            assert got == model.read, f"read {self.reads} gave {got}, the model says {model.read}"
        if model.word is not None:
            assert int(dut.cfg_rdata_o.value) == model.word

    async def walked(self) -> int:
        cycles = 0
        while self.model.walking:
            await self.tick()
            cycles += 1
        return cycles

    # ------------------------------------------------------------------ operations
    def line(self) -> int:
        """Few lines, often the one of the cycle before."""
        return self.random.choice([0, 1, LINES - 1])

    def contribution(self) -> Operation:
        """What the synapse engine gives: a line of bytes, a factor alone, or a word with addresses."""
        dut, rng = self.dut, self.random
        lanes = rng.choice([2**LANES - 1, 2**LANES - 1, rng.getrandbits(LANES)])
        factor = rng.choice([1, M32, 1 << 31, 3, rng.getrandbits(32)])
        line, lines = self.line(), [self.line() for _ in range(LANES)]
        kind = rng.choice(["bytes", "bytes", "factor", "word", "word apart"])
        bits = 8 if kind == "bytes" else rng.choice([4, 8, 16])
        half = rng.choice([0, 1 << (bits - 1)])
        extremes = [0, 1, (1 << bits) - 1, 1 << (bits - 1), (1 << (bits - 1)) - 1]
        raw = [rng.choice([*extremes, rng.getrandbits(bits)]) for _ in range(LANES)]
        self.seen.add(kind)
        if kind in ("bytes", "factor"):
            dut.syn_valid_i.value, dut.syn_weighs_i.value = 1, int(kind == "bytes")
            dut.syn_lanes_i.value, dut.syn_line_i.value, dut.syn_factor_i.value = lanes, line, factor
            dut.syn_signed_i.value = int(half != 0)
            for lane in range(LANES):
                dut.syn_bytes_i[lane].value = raw[lane] if kind == "bytes" else rng.getrandbits(8)
        else:
            dut.gat_valid_i.value, dut.gat_apart_i.value = 1, int(kind == "word apart")
            dut.gat_lanes_i.value, dut.gat_line_i.value, dut.gat_factor_i.value = lanes, line, factor
            dut.gat_sign_i.value = half
            for lane in range(LANES):
                dut.gat_weights_i[lane].value, dut.gat_lines_i[lane].value = raw[lane], lines[lane]
        weights = [1] * LANES if kind == "factor" else [signed(w, bits) if half else w for w in raw]
        adds = [weight * factor & M32 if lanes >> lane & 1 else 0 for lane, weight in enumerate(weights)]
        return Operation(tuple(lines if kind == "word apart" else [line] * LANES), tuple(adds))

    def of_neurons(self) -> Operation:
        """ACC or ACCADD."""
        dut, rng = self.dut, self.random
        line, adds, clears = self.line(), rng.random() < 0.5, rng.random() < 0.5
        values = [rng.getrandbits(32) for _ in range(LANES)]
        dut.neu_valid_i.value, dut.neu_add_i.value, dut.neu_clear_i.value = 1, int(adds), int(clears)
        dut.neu_line_i.value = line
        for lane in range(LANES):
            dut.neu_data_i[lane].value = values[lane]
        if adds:
            return Operation((line,) * LANES, tuple(values))
        self.reads += 1
        return Operation((line,) * LANES, clears=clears)

    async def access(self, line: int, lane: int, data: int | None) -> None:
        """A word of configuration: address and data stay for both cycles."""
        dut = self.dut
        dut.cfg_addr_i.value, dut.cfg_data_i.value = line * LANES + lane, data or 0
        dut.cfg_write_i.value, dut.cfg_valid_i.value = int(data is not None), 1
        await self.tick(Operation((line,) * LANES, lane=lane, data=data))
        await self.tick()


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


@cocotb.test()
async def back_to_back(dut):
    """Operations of the synapse engine and of the neuron engine in almost every cycle."""
    bench = await started(dut, 11)
    assert await bench.walked() == LINES
    for _ in range(3000):
        kind = bench.random.choice(["synapses", "synapses", "synapses", "neurons", "neurons", "none"])
        operation = None
        if kind == "synapses":
            operation = bench.contribution()
        elif kind == "neurons":
            operation = bench.of_neurons()
        await bench.tick(operation)
    assert bench.reads > 200
    assert bench.seen == {"bytes", "factor", "word", "word apart"}


@cocotb.test()
async def configuration_access(dut):
    """Writing a lane leaves the others as they are, right behind an addition too."""
    bench = await started(dut, 12)
    await bench.walked()
    for _ in range(400):
        if bench.random.random() < 0.5:
            await bench.tick(bench.contribution())
        line = bench.random.choice([bench.line(), bench.random.randrange(LINES)])
        data = bench.random.getrandbits(32) if bench.random.random() < 0.5 else None
        await bench.access(line, bench.random.randrange(LANES), data)
        if bench.random.random() < 0.5:
            await bench.tick(bench.of_neurons())


@cocotb.test()
async def the_walk_leaves_every_group_clean(dut):
    """Reset and clear, also one during the walk of the other: all lines are 0 when the module rests."""
    bench = await started(dut, 13)
    for trial in range(3):
        await bench.walked()
        for line in range(0, LINES, max(1, LINES // 61)):
            await bench.access(line, bench.random.randrange(LANES), bench.random.getrandbits(32) | 1)
        await bench.access(LINES - 1, LANES - 1, 77)
        if trial == 2:
            dut.rst_ni.value = 0
            bench.model.reset()
            await bench.edge
            dut.rst_ni.value = 1
        else:
            await bench.tick(clear=True)
        if trial == 1:  # one more in the middle starts anew
            for _ in range(LINES // 2):
                await bench.tick()
            await bench.tick(clear=True)
        assert await bench.walked() == LINES
        for line in {0, LINES // 2, LINES - 1, *(bench.random.randrange(LINES) for _ in range(40))}:
            for lane in range(0, LANES, 3):
                await bench.access(line, lane, None)
                assert bench.model.word == 0
