"""The chip's output: order, nothing lost, AXI4-Stream rules, counter, emptiness."""

from __future__ import annotations

import random

import cocotb
from module_bench import LinkSender, reset

from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp, FlitType, TokenOut

TOKEN = EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=TokenOut.END)
RESPONSE = CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE, core=63)


class Bench:
    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        rng = self.random
        self.mesh = LinkSender(dut.mesh_valid_i, dut.mesh_flit_i, lambda: dut.mesh_ready_o.value, rng)
        self.token = LinkSender(dut.token_valid_i, dut.token_flit_i, lambda: dut.local_ready_o.value, rng)
        self.csr = LinkSender(dut.csr_valid_i, dut.csr_flit_i, lambda: dut.local_ready_o.value, rng)
        self.pause = 0.0
        self.sent: list[int] = []
        self.came: list[int] = []
        dut.m_axis_tready.value = 0
        dut.clear_i.value = 0

    async def start(self) -> None:
        self.edge = await reset(self.dut)

    async def tick(self) -> None:
        """One cycle; one of the three links speaks at most."""
        dut = self.dut
        senders = [self.mesh, self.token, self.csr]
        speaker = next((s for s in senders if s.queue), None)
        for sender in senders:
            flit = sender.drive(silent=sender is not speaker)
            if flit is not None:
                self.sent.append(flit)
        valid, data = bool(dut.m_axis_tvalid.value), int(dut.m_axis_tdata.value)
        ready = self.random.random() >= self.pause
        dut.m_axis_tready.value = int(ready)
        await self.edge
        if valid and ready:
            self.came.append(data)
        elif valid:
            assert dut.m_axis_tvalid.value, "tvalid was taken back"
            assert int(dut.m_axis_tdata.value) == data, "tdata changed before it was taken"
        if dut.empty_o.value:
            assert not dut.m_axis_tvalid.value

    async def drain(self) -> None:
        for _ in range(5000):
            await self.tick()
            if not (self.mesh.queue or self.token.queue or self.csr.queue) and self.dut.empty_o.value:
                assert self.came == self.sent
                return
        raise AssertionError("the output did not run empty")


def events(count: int, first: int = 0) -> list[int]:
    return [EVENT_FLIT.pack(kind=2, egress=1, payload=first + i) for i in range(count)]


@cocotb.test()
async def full_speed(dut):
    """A flit a cycle comes out two cycles after it was presented."""
    bench = Bench(dut, 1)
    await bench.start()
    bench.mesh.queue = events(100)
    for _ in range(102):
        await bench.tick()
    assert len(bench.came) == 100 or len(bench.came) == 101
    await bench.drain()
    assert int(dut.flits_out_o.value) == 100


@cocotb.test()
async def order_under_back_pressure(dut):
    """Events, tokens, events...: what comes out is what went in, in that order; only events count."""
    bench = Bench(dut, 2)
    await bench.start()
    total = 0
    for part in range(60):
        bench.pause = bench.random.choice([0.0, 0.5, 0.95])
        bench.mesh.pause = bench.random.choice([0.0, 0.6])
        count = bench.random.randrange(30)
        total += count
        bench.mesh.queue = events(count, 1000 * part)
        while bench.mesh.queue:
            await bench.tick()
        bench.token.queue = [TOKEN | part, TOKEN | 1 << 20 | part][: bench.random.randrange(3)]
        bench.csr.queue = [RESPONSE | i for i in range(bench.random.randrange(20))]
        bench.mesh.queue += [CONFIG_FLIT.pack(cfg=1, op=ConfigOp.RESPONSE, core=3, data=part)]
        while bench.mesh.queue or bench.token.queue or bench.csr.queue:
            await bench.tick()
    bench.pause = 0.0
    await bench.drain()
    assert int(dut.flits_out_o.value) == total


@cocotb.test()
async def stalled_host(dut):
    """With a host that takes nothing, ready goes away in time; afterwards everything comes."""
    bench = Bench(dut, 3)
    await bench.start()
    bench.pause = 1.0
    bench.mesh.queue = events(40)
    for _ in range(60):
        await bench.tick()
    assert len(bench.mesh.queue) > 25
    assert not dut.mesh_ready_o.value
    assert not dut.local_ready_o.value
    bench.pause = 0.0
    await bench.drain()
    dut.clear_i.value = 1
    await bench.tick()
    dut.clear_i.value = 0
    assert int(dut.flits_out_o.value) == 0
