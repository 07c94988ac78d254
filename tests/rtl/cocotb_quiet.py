"""The tree of registers over all tiles, cycle by cycle: quiescence, and which faults are reported first."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass

import cocotb
from cocotb.triggers import ReadOnly
from module_bench import reset

from lava_hw.regs import FaultCode

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
MESH_X, MESH_Y, LATENCY = PARAMETERS["MeshX"], PARAMETERS["MeshY"], PARAMETERS["Latency"]
TILES = MESH_X * MESH_Y
OPCODE, STAGE_EVENT, INPUT_EVENT, ADDRESS = 1, 2, 4, 8


@dataclass
class Said:
    """What comes in during a cycle."""

    busy: int = 0
    faults: tuple[int, ...] = (0,) * TILES
    hands_over: bool = False


def first(faults: tuple[int, ...], codes: dict[int, FaultCode]) -> tuple[FaultCode, int]:
    """Code and core of the fault that is reported first: lowest core, then the order of `codes`."""
    for tile, bits in enumerate(faults):
        for bit, code in codes.items():
            if bits & bit:
                return code, tile // MESH_X * 8 + tile % MESH_X
    return FaultCode.NONE, 0


class Bench:
    def __init__(self, dut) -> None:
        self.dut = dut
        self.drive(Said())

    def drive(self, said: Said) -> None:
        dut = self.dut
        dut.tile_busy_i.value = said.busy
        dut.tile_faults_i.value = sum(bits << 4 * tile for tile, bits in enumerate(said.faults))
        dut.hands_over_i.value = int(said.hands_over)

    def check(self, history: list[Said]) -> None:
        """Compare with what was said; the last entry is the present cycle."""
        dut, then = self.dut, history[-1 - LATENCY]
        quiet = not then.busy and not any(said.hands_over for said in history[-1 - LATENCY :])
        assert bool(dut.quiet_o.value) == quiet
        stage = first(then.faults, {OPCODE: FaultCode.BAD_OPCODE, STAGE_EVENT: FaultCode.BAD_EVENT})
        of_input = first(then.faults, {INPUT_EVENT: FaultCode.BAD_EVENT, ADDRESS: FaultCode.BAD_ADDRESS})
        for (code, core), pin, core_pin in (
            (stage, dut.stage_fault_o, dut.stage_fault_core_o),
            (of_input, dut.input_fault_o, dut.input_fault_core_o),
        ):
            assert int(pin.value) == code
            if code:
                assert int(core_pin.value) == core


@cocotb.test()
async def every_cycle(dut):
    """Random busy tiles, faults and pulses: what comes out is what was said Latency cycles before."""
    bench, rng = Bench(dut), random.Random(1)
    edge = await reset(dut)
    history: list[Said] = []
    seen, before = set(), Said(hands_over=True)
    for trial in range(3000):
        calm = trial // 100 % 2  # long rests and long times of work
        works = rng.random() < (0.3 if calm else 0.7) and (before.busy or before.hands_over)
        said = before = Said(
            busy=1 << rng.randrange(TILES) if works else 0,
            faults=tuple(rng.randrange(16) if rng.random() < 0.1 else 0 for _ in range(TILES)),
            hands_over=rng.random() < (0.05 if calm else 0.5),
        )
        bench.drive(said)
        history.append(said)
        await ReadOnly()  # quiet_o follows what is handed over in the same cycle
        if len(history) > LATENCY:
            bench.check(history)
        else:
            assert not dut.quiet_o.value, "quiescent before all tiles were heard"
        seen.add(bool(dut.quiet_o.value))
        await edge
    assert seen == {True, False}
