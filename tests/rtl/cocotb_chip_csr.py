"""Chip registers by flits and over AXI4-Lite at the same time, with stalls everywhere."""

from __future__ import annotations

import random

import cocotb
from cocotb.triggers import RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp
from module_bench import LinkReceiver, reset

from lava_hw.cocotb import pauses
from lava_hw.regs import CONFIG_FLIT, LAYOUT_HASH, ChipCsr, ConfigOp, FaultCode, Magic

STATE = {
    "paused_i": 1, "idle_i": 1, "fault_code_i": 4, "step_i": 0x01020304, "limit_i": 0x05060708,
    "cycles_i": 0x1122334455667788, "cycles_wait_i": 0xA1A2A3A4,
    "flits_in_i": 0xB1B2B3B4, "flits_out_i": 0xC1C2C3C4,
}  # fmt: skip
WANTED = {
    ChipCsr.MAGIC: int(Magic.CHIP), ChipCsr.LAYOUT: LAYOUT_HASH, ChipCsr.CONFIG_ID: 0xFEDCBA98,
    ChipCsr.SHAPE: 0x20200503, ChipCsr.STATUS: 0x403, ChipCsr.STEP: 0x01020304, ChipCsr.LIMIT: 0x05060708,
    ChipCsr.CYCLES_LO: 0x55667788, ChipCsr.CYCLES_HI: 0x11223344, ChipCsr.CYC_WAIT: 0xA1A2A3A4,
    ChipCsr.FLITS_IN: 0xB1B2B3B4, ChipCsr.FLITS_OUT: 0xC1C2C3C4,
    ChipCsr.STAGES: 1, ChipCsr.NEEDS_CLOSE: 0, ChipCsr.NEEDS_END: 0,
}  # fmt: skip
LAST = max(ChipCsr)


class Bench:
    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.out = LinkReceiver(dut.out_valid_o, dut.out_flit_o, dut.out_ready_i, self.random)
        for name, value in {**STATE, "clear_i": 0, "in_valid_i": 0, "in_flit_i": 0}.items():
            getattr(dut, name).value = value

    async def start(self) -> None:
        self.lite = AxiLiteMaster(
            AxiLiteBus.from_prefix(self.dut, "s_axil"),
            self.dut.clk_i,
            self.dut.rst_ni,
            reset_active_level=False,
        )
        self.edge = await reset(self.dut)

    async def tick(self) -> None:
        self.out.drive()
        await self.edge
        self.out.look()

    async def request(self, op: ConfigOp, core: int, addr: int, data: int) -> list[tuple[int, int, int]]:
        """One request; gives (core, address, data) of the responses."""
        dut = self.dut
        while dut.busy_o.value:
            await self.tick()
        dut.in_valid_i.value = 1
        dut.in_flit_i.value = CONFIG_FLIT.pack(cfg=1, op=op, core=core, addr=addr, data=data)
        await self.tick()
        dut.in_valid_i.value = 0
        await self.tick()
        while dut.busy_o.value:
            await self.tick()
        words = [CONFIG_FLIT.unpack(flit) for flit in self.out.came]
        self.out.came.clear()
        assert all(word["cfg"] == 1 and word["op"] == ConfigOp.RESPONSE for word in words)
        return [(word["core"], word["addr"], word["data"]) for word in words]

    async def clear(self) -> None:
        self.dut.clear_i.value = 1
        await self.tick()
        self.dut.clear_i.value = 0


@cocotb.test()
async def reads(dut):
    bench = Bench(dut, 1)
    await bench.start()
    for pause in (0.0, 0.7):
        bench.out.pause = pause
        whole = await bench.request(ConfigOp.READ, 63, 0, LAST)
        assert whole == [(63, csr, WANTED[csr]) for csr in ChipCsr]
        for csr in ChipCsr:
            assert await bench.request(ConfigOp.READ, 63, csr, 0) == [(63, csr, WANTED[csr])]
    assert int(dut.fault_o.value) == 0


@cocotb.test()
async def writes(dut):
    """The three that can be written keep their bits; all others stay."""
    bench = Bench(dut, 2)
    await bench.start()
    written = {ChipCsr.STAGES: 0xFFFFFFEA, ChipCsr.NEEDS_CLOSE: 0xABCD1234, ChipCsr.NEEDS_END: 0x5555AAAA}
    for csr in ChipCsr:
        assert await bench.request(ConfigOp.WRITE, 63, csr, written.get(csr, 0x12345678)) == []
    kept = {ChipCsr.STAGES: 0x0A, ChipCsr.NEEDS_CLOSE: 0x1234, ChipCsr.NEEDS_END: 0xAAAA}
    for csr in ChipCsr:
        assert await bench.request(ConfigOp.READ, 63, csr, 0) == [(63, csr, kept.get(csr, WANTED[csr]))]
    pins = (dut.stages_o, dut.needs_close_o, dut.needs_end_o)
    assert [int(pin.value) for pin in pins] == list(kept.values())
    assert int(dut.fault_o.value) == 0


@cocotb.test()
async def what_is_not_there(dut):
    """BAD_ADDRESS, with responses of data 0 for reads; the fault stays until it is cleared."""
    bench = Bench(dut, 3)
    await bench.start()
    wide = 1 << 22 | ChipCsr.MAGIC
    for core, addr in ((63, LAST + 1), (63, wide), (63, 256), (5, 0), (62, ChipCsr.STAGES)):
        assert await bench.request(ConfigOp.READ, core, addr, 0) == [(core, addr, 0)]
        assert int(dut.fault_o.value) == FaultCode.BAD_ADDRESS
        await bench.clear()
        assert int(dut.fault_o.value) == 0
        assert await bench.request(ConfigOp.WRITE, core, addr, 7) == []
        assert int(dut.fault_o.value) == FaultCode.BAD_ADDRESS
        await bench.clear()
    assert await bench.request(ConfigOp.READ, 63, LAST, 1) == [(63, LAST, WANTED[LAST]), (63, LAST + 1, 0)]
    assert int(dut.fault_o.value) == FaultCode.BAD_ADDRESS
    for reserved in (0, 1 << 31, 1 << 23, 0xFF << 23, 0x1FF << 23):  # the count has 23 bits
        assert await bench.request(ConfigOp.READ, 63, ChipCsr.STAGES, reserved | 2) == [
            (63, 4 + i, WANTED[4 + i]) for i in range(3)
        ]


@cocotb.test()
async def both_sides_at_once(dut):
    """Random accesses over AXI4-Lite with random pauses, while flits read and write other registers."""
    bench = Bench(dut, 4)
    await bench.start()
    lite, rng = bench.lite, random.Random(9)
    channels = [lite.write_if.aw_channel, lite.write_if.w_channel, lite.write_if.b_channel]
    channels += [lite.read_if.ar_channel, lite.read_if.r_channel]
    for number, channel in enumerate(channels):
        generator = pauses(0.4, number)
        channel.set_pause_generator(iter(generator, None))
    mine = {ChipCsr.NEEDS_CLOSE: 0}
    finished = []

    async def by_axi() -> None:
        for _ in range(150):
            csr = rng.randrange(20)
            if rng.random() < 0.5:
                got = await lite.read(4 * csr, 4)
                assert got.resp == (AxiResp.OKAY if csr <= LAST else AxiResp.SLVERR)
                if csr not in (ChipCsr.STAGES, ChipCsr.NEEDS_END):  # the other side writes these
                    assert int.from_bytes(got.data, "little") == {**WANTED, **mine}.get(csr, 0), csr
                continue
            csr = csr if csr not in (ChipCsr.STAGES, ChipCsr.NEEDS_END) else ChipCsr.NEEDS_CLOSE
            first, value = rng.randrange(2), rng.getrandbits(16)
            data = value.to_bytes(2, "little")[first:]
            answer = await lite.write(4 * csr + first, data)
            assert answer.resp == (AxiResp.OKAY if csr == ChipCsr.NEEDS_CLOSE else AxiResp.SLVERR)
            if csr == ChipCsr.NEEDS_CLOSE:
                mine[csr] = value if first == 0 else (mine[csr] & 0xFF) | (value & 0xFF00)
        finished.append(True)

    cocotb.start_soon(by_axi())
    bench.out.pause = 0.3
    other = {ChipCsr.STAGES: 1, ChipCsr.NEEDS_END: 0}
    for _ in range(10_000):
        csr = bench.random.choice(list(other))
        if bench.random.random() < 0.5:
            other[csr] = bench.random.getrandbits(5)
            await bench.request(ConfigOp.WRITE, 63, csr, other[csr])
        else:
            assert await bench.request(ConfigOp.READ, 63, csr, 0) == [(63, csr, other[csr])]
        if finished:
            break
    assert finished
    assert int(dut.fault_o.value) == 0


@cocotb.test()
async def accesses_behind_each_other(dut):
    """A master that does not wait for a response before the next access, and takes its time: none is lost."""
    bench = Bench(dut, 8)
    await bench.start()
    lite = bench.lite
    for number, channel in enumerate((lite.write_if.b_channel, lite.read_if.r_channel)):
        channel.set_pause_generator(iter(pauses(0.8, number), None))
    words = {**WANTED}
    for _ in range(8):
        pair = (ChipCsr.NEEDS_CLOSE, ChipCsr.NEEDS_END)
        words |= {csr: bench.random.getrandbits(16) for csr in pair}
        data = b"".join(words[csr].to_bytes(4, "little") for csr in pair)
        assert (await lite.write(4 * ChipCsr.NEEDS_CLOSE, data)).resp == AxiResp.OKAY
        got = (await lite.read(0, 4 * (LAST + 1))).data
        assert [int.from_bytes(got[4 * csr : 4 * csr + 4], "little") for csr in ChipCsr] == [
            words[csr] for csr in ChipCsr
        ]


@cocotb.test()
async def axi_writes_need_a_pause(dut):
    bench = Bench(dut, 5)
    await bench.start()
    dut.paused_i.value = 0
    await RisingEdge(dut.clk_i)
    assert (await bench.lite.write(4 * ChipCsr.STAGES, b"\3\0\0\0")).resp == AxiResp.SLVERR
    dut.paused_i.value = 1
    assert (await bench.lite.write(4 * ChipCsr.STAGES, b"\3\0\0\0")).resp == AxiResp.OKAY
    assert int(dut.stages_o.value) == 3


@cocotb.test()
async def axi_writes_change_their_bytes_only(dut):
    bench = Bench(dut, 6)
    await bench.start()
    for offset, data, wanted in (
        *((0, b"\x34\x12", 0x1234), (1, b"\xab", 0xAB34), (0, b"\xcd", 0xABCD)),
        *((2, b"\xff\xff", 0xABCD), (1, b"\x01\xff", 0x01CD), (0, b"\0\0\0\0", 0)),
    ):
        assert (await bench.lite.write(4 * ChipCsr.NEEDS_CLOSE + offset, data)).resp == AxiResp.OKAY
        assert int(dut.needs_close_o.value) == wanted


@cocotb.test()
async def an_axi_write_beside_a_flit_is_answered(dut):
    """Address, data and a flit's WRITE in one cycle, then silence: the response comes all the same."""
    bench = Bench(dut, 7)
    pins = ("awaddr", "awvalid", "wdata", "wvalid", "wstrb", "bready", "araddr", "arvalid", "rready")
    for pin in pins:
        getattr(dut, f"s_axil_{pin}").value = 0
    bench.edge = await reset(dut)
    dut.s_axil_awaddr.value, dut.s_axil_wdata.value, dut.s_axil_wstrb.value = 4 * ChipCsr.NEEDS_END, 0x1234, 3
    dut.s_axil_awvalid.value = dut.s_axil_wvalid.value = dut.s_axil_bready.value = 1
    dut.in_flit_i.value = CONFIG_FLIT.pack(
        cfg=1, op=ConfigOp.WRITE, core=63, addr=ChipCsr.NEEDS_CLOSE, data=1
    )
    dut.in_valid_i.value = 1
    await bench.tick()
    dut.s_axil_awvalid.value = dut.s_axil_wvalid.value = dut.in_valid_i.value = 0
    answers = 0
    for _ in range(4):
        await bench.tick()
        answers += int(dut.s_axil_bvalid.value)
    assert answers == 1
    assert (int(dut.needs_end_o.value), int(dut.needs_close_o.value)) == (0x1234, 1)
