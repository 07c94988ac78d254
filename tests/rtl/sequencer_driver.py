"""Drives lhw_sequencer as its neighbours do, and holds it against sequencer_model.py after every edge."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable

from core_model import address
from module_bench import reset
from sequencer_model import EMISSIONS, PLACES, Walk

from lava_hw import regs
from lava_hw.regs import CoreCsr, CoreRegion
from tests.tables import packed

TO_CREDIT = 7  # edges from an emission's issue until its place can be given back

OUTPUTS = (
    "op_valid_o", "op_ctx_o", "op_instr_o", "op_const_o", "op_line_o", "op_group_o", "op_last_o",
    "op_index_o", "pop_tail_o", "pop_route_base_o", "pop_route_count_o", "acc_next_o", "bad_opcode_o",
    "busy_o", "step_o", "cfg_rdata_o",
)  # fmt: skip


class Bench:
    """The module and its model; an emitter that gives its places back after any time."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.walk = Walk()
        self.pins = {name: getattr(dut, name) for name in OUTPUTS}
        self.credit_chance = 1.0  # that the emitter gives back a place that it can give back
        self.taken: deque[int] = deque()  # when each place was taken
        self.emissions = 0

    async def start(self) -> None:
        for name in ("clear_i", "go_i", "stage_i", "step_i", "credit_i", "cfg_valid_i", "cfg_write_i"):
            getattr(self.dut, name).value = 0
        self.dut.cfg_addr_i.value = self.dut.cfg_data_i.value = 0
        self.edge = await reset(self.dut)
        assert not any(int(self.pins[name].value) for name in ("op_valid_o", "busy_o", "step_o"))

    async def break_off(self, cycles: int) -> None:
        """Reset in whatever state the module is; memories stay."""
        self.dut.rst_ni.value = 0
        for name in ("go_i", "clear_i", "credit_i", "cfg_valid_i"):
            getattr(self.dut, name).value = 0
        for _ in range(cycles):
            await self.edge
            self.walk.now += 1
            for name in ("op_valid_o", "acc_next_o", "bad_opcode_o", "busy_o", "step_o"):
                assert not self.pins[name].value, f"{name} in reset"
        self.dut.rst_ni.value = 1
        self.walk.forget()
        self.taken.clear()

    async def tick(
        self, go: tuple[int, int] | None = None, clear: bool = False, access: bool = False
    ) -> None:
        dut, rng = self.dut, self.random
        dut.go_i.value, dut.clear_i.value, dut.cfg_valid_i.value = (
            int(go is not None),
            int(clear),
            int(access),
        )
        assert go is None or not (self.walk.busy or self.taken), "the bench starts a stage too early"
        # Stage and step mean something with GO only.
        dut.stage_i.value, dut.step_i.value = go or (rng.randrange(16), rng.getrandbits(32))
        credit = bool(self.taken) and self.walk.now + 1 >= self.taken[0] + TO_CREDIT
        credit = credit and rng.random() < self.credit_chance
        if credit:
            self.taken.popleft()
        dut.credit_i.value = int(credit)
        await self.edge
        for name, want in self.walk.edge(go, credit, clear).items():
            got = int(self.pins[name].value)
            assert got == want, f"edge {self.walk.now}: {name} is {got:#x}, the model says {want:#x}"
        op = regs.INSTRUCTION.get(int(self.pins["op_instr_o"].value), "op")
        if self.pins["op_valid_o"].value and op in EMISSIONS:
            self.taken.append(self.walk.now)
            self.emissions += 1
            assert len(self.taken) <= PLACES, "an emission was issued although the emitter has no place"

    # ------------------------------------------------------------------ configuration
    async def access(self, region: CoreRegion, offset: int, data: int | None = None) -> int:
        """Write `data`, or read; three cycles, through which address and data stay."""
        self.dut.cfg_addr_i.value = address(region, offset)
        self.dut.cfg_write_i.value = int(data is not None)
        self.dut.cfg_data_i.value = self.random.getrandbits(32) if data is None else data
        await self.tick(access=True)
        await self.tick()
        word = int(self.pins["cfg_rdata_o"].value)
        await self.tick()
        return word

    async def put(self, region: CoreRegion, offset: int, words: Iterable[int]) -> None:
        for i, word in enumerate(words):
            await self.access(region, offset + i, word)
            self.walk.memory[region, offset + i] = word

    async def check_cycles(self) -> None:
        got = await self.access(CoreRegion.CSR, CoreCsr.CYC_UPDATE)
        assert got == self.walk.cycles, f"CYC_UPDATE is {got}, busy cycles were {self.walk.cycles}"

    async def put_population(self, number: int, pc: int, count: int, groups: int, **fields: int) -> None:
        rng = self.random
        free = {
            "nvars": rng.getrandbits(8), "state_base": rng.getrandbits(16), "const_base": 0,
            "tail": rng.getrandbits(6), "route_base": rng.getrandbits(16),
            "route_count": rng.getrandbits(regs.POPULATION3.fields["route_count"].width),
            "index_base": rng.getrandbits(32),
        }  # fmt: skip
        words = packed("POPULATION", **{**free, "pc": pc, "count": count, "groups": groups, **fields})
        await self.put(CoreRegion.POPULATION, regs.POPULATION_WORDS * number, words)

    async def put_stage(self, stage: int, first: int, count: int) -> None:
        await self.put(CoreRegion.STAGE, stage, [regs.STAGE.pack(first=first, count=count)])

    # ------------------------------------------------------------------ stages
    async def run(self, stage: int, step: int = 0) -> list[tuple[int, dict[str, int]]]:
        """One stage, until the engine rests and every place was given back; what was issued, and when."""
        self.walk.issued.clear()
        await self.tick(go=(stage, step))
        while self.walk.busy or self.taken:
            await self.tick()
        for _ in range(self.random.randrange(4)):
            await self.tick()
        return list(self.walk.issued)
