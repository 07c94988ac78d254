"""lhw_accumulator with an operation in almost every cycle on few groups: forwarding, dirty bits, clears."""

from __future__ import annotations

import random
from collections import deque

import cocotb
import pytest
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge
from core_model import M32, signed
from lhw_bench import build_and_test

LANES, GROUPS, SLOTS = 8, 12, 2


@pytest.mark.rtl
def test_accumulator() -> None:
    parameters = {"Lanes": LANES, "AccGroups": GROUPS, "DelaySlots": SLOTS}
    build_and_test("lhw_accumulator", "test_lhw_accumulator", parameters=parameters)


async def start(dut) -> None:
    for name in ("clear_i", "neu_valid_i", "syn_valid_i", "cfg_valid_i", "cfg_write_i"):
        getattr(dut, name).value = 0
    dut.rst_ni.value = 0
    Clock(dut.clk_i, 2, unit="ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk_i)
    dut.rst_ni.value = 1


class Groups:
    """What the accumulators hold; a clean group is missing."""

    def __init__(self) -> None:
        self.sums: dict[int, list[int]] = {}

    def get(self, line: int) -> list[int]:
        return self.sums.get(line, [0] * LANES)

    def add(self, line: int, values: list[int]) -> None:
        self.sums[line] = [(a + b) & M32 for a, b in zip(self.get(line), values, strict=True)]


def drive(dut, rng: random.Random, groups: Groups) -> list[int] | None:
    """Give the module a random operation for this cycle and the model too; give what a read has to answer."""
    kind = rng.choice(["dense", "dense", "dense", "value", "add", "read", "none"])
    # few lines, often the one of the cycle before
    line = rng.choice([0, 1, GROUPS * SLOTS - 1])
    dut.syn_valid_i.value = kind in ("dense", "value")
    dut.neu_valid_i.value = kind in ("add", "read")
    if kind in ("dense", "value"):
        dut.syn_line_i.value = line
        dut.syn_dense_i.value = kind == "dense"
    if kind == "dense":
        raw = [rng.choice([0, 127, 128, 255, rng.getrandbits(8)]) for _ in range(LANES)]
        is_signed, minus, shift = rng.random() < 0.5, rng.random() < 0.5, rng.choice([0, 0, 1, 31])
        for lane in range(LANES):
            dut.syn_word_i[lane].value = raw[lane]
        dut.syn_signed_i.value, dut.syn_negate_i.value, dut.syn_shift_i.value = is_signed, minus, shift
        weights = [signed(byte, 8) if is_signed else byte for byte in raw]
        groups.add(line, [((-w if minus else w) << shift) & M32 for w in weights])
    elif kind == "value":
        lanes, value = rng.getrandbits(LANES), rng.getrandbits(32)
        dut.syn_lanes_i.value, dut.syn_value_i.value = lanes, value
        groups.add(line, [value if lanes >> lane & 1 else 0 for lane in range(LANES)])
    elif kind in ("add", "read"):
        dut.neu_line_i.value, dut.neu_add_i.value = line, kind == "add"
        if kind == "add":
            values = [rng.getrandbits(32) for _ in range(LANES)]
            for lane in range(LANES):
                dut.neu_data_i[lane].value = values[lane]
            groups.add(line, values)
        else:
            clears = rng.random() < 0.5
            dut.neu_clear_i.value = clears
            answer = groups.get(line)
            if clears:
                groups.sums.pop(line, None)
            return answer
    return None


@cocotb.test()
async def back_to_back(dut):
    await start(dut)
    rng, groups = random.Random(11), Groups()
    answers: deque[list[int] | None] = deque([None])
    reads = 0
    for _ in range(3000):
        answers.append(drive(dut, rng, groups))
        await FallingEdge(dut.clk_i)
        want = answers.popleft()
        if want is not None:
            reads += 1
            got = [int(dut.neu_rdata_o[lane].value) for lane in range(LANES)]
            assert got == want, f"read {reads} gave {got}, the model says {want}"
    assert reads > 200


@cocotb.test()
async def configuration_access(dut):
    """Writing a lane of a clean group makes the others 0; reads see it; clear_i makes all groups clean."""
    await start(dut)
    rng, groups = random.Random(12), Groups()
    for trial in range(300):
        offset = rng.randrange(GROUPS * SLOTS * LANES)
        line, lane = divmod(offset, LANES)
        write = rng.random() < 0.5
        data = rng.getrandbits(32)
        dut.cfg_addr_i.value, dut.cfg_data_i.value, dut.cfg_write_i.value = offset, data, write
        dut.cfg_valid_i.value = 1
        await FallingEdge(dut.clk_i)
        dut.cfg_valid_i.value = 0
        await FallingEdge(dut.clk_i)
        if write:
            row = list(groups.get(line))
            row[lane] = data
            groups.sums[line] = row
        else:
            assert int(dut.cfg_rdata_o.value) == groups.get(line)[lane]
        if trial % 97 == 96:
            dut.clear_i.value = 1
            await FallingEdge(dut.clk_i)
            dut.clear_i.value = 0
            groups.sums.clear()
