"""Drives lhw_core from cocotb by the rules of its link, with random stalls, and watches its promises."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from cocotb.clock import Clock
from cocotb.triggers import FallingEdge
from core_model import Model, Shape, address

from lava_hw import regs


class Core:
    """A core under test and the model beside it.

    Everything happens at falling edges: outputs are stable then, and inputs wait for the next rising edge.
    """

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.shape = Shape.of_environment()
        self.model = Model(self.shape)
        self.random = random.Random(seed)
        self.cycles = 0
        self.stall_in = 0.0  # probability that the sender pauses
        self.stall_out = 0.0  # probability that the receiver is not ready
        self.sent: list[int] = []  # what the core sent
        self.queue: list[int] = []
        self._ready_before = False
        self._go = False

    async def start(self) -> None:
        dut = self.dut
        for name in ("in_valid_i", "in_flit_i", "go_i", "stage_i", "step_i", "clear_i"):
            getattr(dut, name).value = 0
        dut.core_id_i.value = self.shape.core
        dut.out_ready_i.value = 1
        dut.rst_ni.value = 0
        Clock(dut.clk_i, 2, unit="ns").start()
        for _ in range(3):
            await FallingEdge(dut.clk_i)
        dut.rst_ni.value = 1
        self._receiver_ready = True
        await self.idle()  # the accumulators have walked

    async def tick(self) -> None:
        """One cycle: drive the input queue, then look at the outputs of the next cycle."""
        dut = self.dut
        valid = bool(self.queue) and self._ready_before and self.random.random() >= self.stall_in
        if valid:
            dut.in_flit_i.value = self.queue.pop(0)
        dut.in_valid_i.value = valid
        work, self._go = valid or self._go, False
        receiver_ready = self.random.random() >= self.stall_out
        dut.out_ready_i.value = receiver_ready
        self._ready_before = bool(dut.in_ready_o.value)
        await FallingEdge(dut.clk_i)
        self.cycles += 1
        dut.in_valid_i.value = 0
        dut.go_i.value = 0
        dut.clear_i.value = 0
        if dut.out_valid_o.value:
            assert receiver_ready, "out_valid_o although the receiver was not ready at the edge before"
            assert dut.busy_o.value, "a flit is presented, but the core says that it is not busy"
            self.sent.append(int(dut.out_flit_o.value))
        if work:
            assert dut.busy_o.value, "not busy in the cycle after a flit or a GO came"

    async def idle(self, limit: int = 100_000) -> int:
        """Clock until the queue is empty and the core is not busy; give the number of cycles."""
        start = self.cycles
        while True:
            await self.tick()
            if not self.queue and not self.dut.busy_o.value:
                break
            assert self.cycles - start < limit, "the core stays busy"
        spent = self.cycles - start
        for _ in range(self.random.randrange(4)):
            await self.tick()
            assert not self.dut.busy_o.value, "busy again without any input"
        return spent

    # ------------------------------------------------------------------ configuration
    def put(self, region: regs.CoreRegion | None, offset: int, words: Iterable[int]) -> None:
        """Queue writes of consecutive words, in the core and in the model."""
        for i, word in enumerate(words):
            self.put_address(address(region, offset + i), word)

    def put_address(self, addr: int, word: int) -> None:
        op = regs.ConfigOp.WRITE
        self.queue.append(regs.CONFIG_FLIT.pack(cfg=1, op=op, core=self.shape.core, addr=addr, data=word))
        self.model.write(addr, word)

    async def get(self, addr: int, count: int = 1) -> list[int]:
        """Read words; check that the responses are complete, in order, and carry their addresses."""
        assert not self.sent
        op = regs.ConfigOp.READ
        self.queue.append(
            regs.CONFIG_FLIT.pack(cfg=1, op=op, core=self.shape.core, addr=addr, data=count - 1)
        )
        await self.idle()
        answers, self.sent = self.sent, []
        assert len(answers) == count, f"{len(answers)} responses to a read of {count} words"
        for i, answer in enumerate(answers):
            parts = regs.CONFIG_FLIT.unpack(answer)
            assert parts["cfg"] == 1
            assert parts["op"] == regs.ConfigOp.RESPONSE
            assert parts["core"] == self.shape.core
            assert parts["addr"] == (addr + i) % 2**23
        return [regs.CONFIG_FLIT.get(answer, "data") for answer in answers]

    async def check(self, region: regs.CoreRegion | None, offset: int, count: int) -> None:
        """Words of the core are those of the model; words that were never written are not compared."""
        base = address(region, offset)
        got = await self.get(base, count)
        for i, word in enumerate(got):
            known = region == regs.CoreRegion.ACC or base + i in self.model.words
            assert not known or word == self.model.read(base + i), (
                f"{region}[{offset + i}] is {word:#x}, the model says {self.model.read(base + i):#x}"
            )

    async def check_counters(self) -> None:
        csr = regs.CoreCsr
        for name in (csr.ID, csr.SPIKES_IN, csr.SPIKES_OUT, csr.SYNOPS_LO, csr.SYNOPS_HI, csr.FAULT):
            (got,) = await self.get(address(regs.CoreRegion.CSR, name))
            want = self.model.read(address(regs.CoreRegion.CSR, name))
            assert got == want, f"counter {name.name} is {got}, the model says {want}"
        assert int(self.dut.faults_o.value) == self.model.faults

    # ------------------------------------------------------------------ events and stages
    def events(self, flits: Sequence[int]) -> None:
        self.queue.extend(flits)

    def go(self, stage: int, step: int) -> None:
        """Start a stage with the next tick."""
        self.dut.go_i.value = 1
        self._go = True
        self.dut.stage_i.value = stage
        self.dut.step_i.value = step

    async def run(self, stage: int, step: int, events: Sequence[int] = ()) -> int:
        """Run a stage, with events that come while it runs; check what was sent; give the cycles."""
        assert not self.sent
        self.go(stage, step)
        self.events(events)
        cycles = await self.idle()
        want = self.model.run(stage, step)
        for flit in events:
            self.model.event(flit)
        got, self.sent = sorted(self.sent), []
        assert got == sorted(want), f"stage {stage} of step {step} sent other flits than the model"
        return cycles
