"""The configuration endpoint: whose a word is, three cycles an access, responses, faults.

The model beside it says for every cycle what each output has to be. An owner gives the word in the one cycle
in which the interface promises it; in every other cycle, and from every other owner, comes something random.
"""

from __future__ import annotations

import random
from collections import deque

import cocotb
from core_model import Model, Shape, address, fault_code
from module_bench import reset

from lava_hw.regs import CONFIG_FLIT, CORE_ADDR, READ_DATA, ConfigOp, CoreCsr, CoreRegion, FaultCode

SHAPE = Shape.of_environment()
TOP = 2**23  # words that an address can name
FAULT_PINS = {"bad_opcode_i": 1, "bad_stage_event_i": 2, "bad_input_event_i": 4}
BAD_ADDRESS = 8
OWNERS = ("seq", "neu", "acc", "syn", "emit")
REGIONS = {
    None: "syn",
    CoreRegion.STATE: "neu",
    CoreRegion.ACC: "acc",
    CoreRegion.UCODE: "seq",
    CoreRegion.CONSTANT: "seq",
    CoreRegion.POPULATION: "seq",
    CoreRegion.STAGE: "seq",
    CoreRegion.CONNECTION: "syn",
    CoreRegion.ROUTE: "emit",
}
REGISTERS = {
    CoreCsr.ID: "own",
    CoreCsr.FAULT: "own",
    CoreCsr.CYC_UPDATE: "seq",
    CoreCsr.SPIKES_OUT: "emit",
    CoreCsr.CYC_SYNAPSE: "syn",
    CoreCsr.CYC_STALL: "syn",
    CoreCsr.SPIKES_IN: "syn",
    CoreCsr.SYNOPS_LO: "syn",
    CoreCsr.SYNOPS_HI: "syn",
}


def owner_of(addr: int) -> str | None:
    """Who owns a word by docs/chip.md; None if there is no such word."""
    place = Model(SHAPE).split(addr)
    if place is None:
        return None
    region, offset = place
    return REGISTERS[CoreCsr(offset)] if region == CoreRegion.CSR else REGIONS[region]


def edges() -> list[int]:
    """Addresses at the ends of every memory and of what is no memory."""
    found = []
    for region, depth in SHAPE.depths().items():
        room = 2**22 if region is None else 2**18
        offsets = {0, 1, depth - 2, depth - 1, depth, depth + 1, 256, room - 1}
        found += [address(region, offset) for offset in sorted(offsets)]
    for region in range(len(CoreRegion), 16):
        found += [CORE_ADDR.pack(region=region, offset=offset) for offset in (0, 2**18 - 1)]
    return found


class Bench:
    """The endpoint, its neighbours, and what is expected of it in every cycle."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.flits: deque[int] = deque()
        self.pause = 0.0  # probability that the next flit comes later than it could
        self.stall = 0.0  # probability that no response can be taken
        self.noise = 0.0  # probability of a fault of another module
        self.clear = False
        self.raised = 0  # faults of other modules with the next tick, as in faults_o
        self.cycle = 0
        self.responses: list[int] = []
        self.forget()

    def forget(self) -> None:
        """As after a reset."""
        self.faults = 0
        self.age: int | None = None  # cycles since the access was presented, None without one
        self.rests = 1  # cycles since the flit before was done
        self.addr = self.left = self.data = self.word = 0
        self.writes = False
        self.owner: str | None = None

    async def start(self) -> None:
        dut = self.dut
        for name in ("clear_i", "flit_valid_i", "flit_i", *FAULT_PINS):
            getattr(dut, name).value = 0
        for owner in OWNERS:
            getattr(dut, f"{owner}_rdata_i").value = 0
        dut.core_id_i.value = SHAPE.core
        dut.rsp_ready_i.value = 1
        self.edge = await reset(dut)

    def begin(self, addr: int) -> bool:
        """An access is presented; gives True if there is no such word."""
        self.addr, self.age, self.owner = addr % TOP, 0, owner_of(addr % TOP)
        return self.owner is None

    async def tick(self) -> None:
        """One cycle: drive the inputs, then compare every output with what the model says."""
        dut, rng = self.dut, self.random
        flit = None
        if self.flits and self.age is None and self.rests >= 1 and rng.random() >= self.pause:
            flit = self.flits.popleft()
        dut.flit_valid_i.value = int(flit is not None)
        dut.flit_i.value = rng.getrandbits(64) if flit is None else flit
        ready = rng.random() >= self.stall
        dut.rsp_ready_i.value = int(ready)
        raised = self.raised | sum(bit for bit in FAULT_PINS.values() if rng.random() < self.noise)
        clear, self.clear, self.raised = self.clear, False, 0
        dut.clear_i.value = int(clear)
        for name, bit in FAULT_PINS.items():
            getattr(dut, name).value = int(bool(raised & bit))
        words = {owner: rng.getrandbits(32) for owner in OWNERS}
        for owner, word in words.items():
            getattr(dut, f"{owner}_rdata_i").value = word

        pulse = done = missing = False
        response = None
        if flit is not None:
            parts = CONFIG_FLIT.unpack(flit)
            self.writes, self.data = parts["op"] == ConfigOp.WRITE, parts["data"]
            self.left = READ_DATA.get(parts["data"], "words")
            if parts["op"] in (ConfigOp.WRITE, ConfigOp.READ):
                pulse, missing = True, self.begin(parts["addr"])
            else:
                done = missing = True
        elif self.age is not None:
            self.age += 1
            if self.age == 3:
                own = (
                    SHAPE.core
                    if self.addr == address(CoreRegion.CSR, CoreCsr.ID)
                    else fault_code(self.faults)
                )
                self.word = {None: 0, "own": own}.get(self.owner, words.get(self.owner, 0))
            if self.age >= 3 and self.writes:
                done, self.age = True, None
            elif self.age >= 3 and ready:
                op = ConfigOp.RESPONSE
                response = CONFIG_FLIT.pack(cfg=1, op=op, core=SHAPE.core, addr=self.addr, data=self.word)
                if self.left:
                    self.left -= 1
                    pulse, missing = True, self.begin(self.addr + 1)
                else:
                    done, self.age = True, None
        self.faults |= raised | (BAD_ADDRESS if missing else 0)
        if clear:
            self.faults = 0

        await self.edge
        self.cycle += 1
        self.rests = 0 if done else self.rests + 1
        got = {owner: bool(getattr(dut, f"{owner}_valid_o").value) for owner in OWNERS}
        want = {owner: pulse and owner == self.owner for owner in OWNERS}
        assert got == want, f"access to {self.addr:#x}, which belongs to {self.owner}, went to {got}"
        assert bool(dut.done_o.value) == done
        assert int(dut.faults_o.value) == self.faults
        # In the cycle of done the module that gave the flit is still busy (lhw_synapse).
        assert bool(dut.busy_o.value) == (self.age is not None)
        assert bool(dut.rsp_valid_o.value) == (response is not None)
        if response is not None:
            assert int(dut.rsp_flit_o.value) == response, f"the response is not {response:#x}"
            self.responses.append(response)
        if self.age is not None and self.age < 3:
            assert int(dut.addr_o.value) == self.addr
            assert bool(dut.write_o.value) == self.writes
            assert not self.writes or int(dut.data_o.value) == self.data

    async def work(self, limit: int = 100_000) -> int:
        """Clock until every flit was carried out; gives the cycles."""
        start = self.cycle
        while self.flits or self.age is not None:
            await self.tick()
            assert self.cycle - start < limit, "the endpoint does not come to an end"
        return self.cycle - start

    def write(self, addr: int, data: int) -> None:
        fields = {"op": ConfigOp.WRITE, "core": SHAPE.core, "addr": addr, "data": data}
        self.flits.append(CONFIG_FLIT.pack(cfg=1, **fields))

    def read(self, addr: int, count: int = 1) -> None:
        fields = {"op": ConfigOp.READ, "core": SHAPE.core, "addr": addr, "data": count - 1}
        self.flits.append(CONFIG_FLIT.pack(cfg=1, **fields))


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    await bench.tick()
    return bench


@cocotb.test()
async def ends_of_every_memory(dut):
    """First and last words belong to their owners, what lies beyond to nobody; each fault on its own."""
    bench = await started(dut, 1)
    for addr in edges():
        bench.write(addr, bench.random.getrandbits(32))
        bench.read(addr)
        await bench.work()
        assert bench.faults == (0 if owner_of(addr) else BAD_ADDRESS)
        bench.clear = True
        await bench.tick()
    assert len(bench.responses) == len(edges())


@cocotb.test()
async def every_register(dut):
    """Registers of the core, those of the endpoint itself among them; a write to these goes to nobody."""
    bench = await started(dut, 2)
    for csr in CoreCsr:
        bench.read(address(CoreRegion.CSR, csr))
        bench.write(address(CoreRegion.CSR, csr), 0xFFFFFFFF)
    await bench.work()
    bench.raised = FAULT_PINS["bad_input_event_i"]
    await bench.tick()
    bench.read(address(CoreRegion.CSR, CoreCsr.ID), len(CoreCsr))
    await bench.work()
    data = [CONFIG_FLIT.get(flit, "data") for flit in bench.responses[-len(CoreCsr) :]]
    assert data[CoreCsr.ID] == SHAPE.core
    assert data[CoreCsr.FAULT] == FaultCode.BAD_EVENT


@cocotb.test()
async def reads_over_the_end(dut):
    """A read of several words goes on behind the end of a memory, into the next region, and round the top."""
    bench = await started(dut, 3)
    for region, depth in SHAPE.depths().items():
        bench.read(address(region, depth - 2), 5)
    bench.read(address(CoreRegion.CSR, 2**18 - 2), 4)  # into the state memory
    bench.read(TOP - 2, 5)  # into the core's registers
    count = 5 * len(SHAPE.depths()) + 4 + 5
    await bench.work()
    assert len(bench.responses) == count
    assert CONFIG_FLIT.get(bench.responses[-3], "data") == SHAPE.core
    assert bench.faults == BAD_ADDRESS


@cocotb.test()
async def reserved_bits_of_a_count(dut):
    """The lower 23 bits of a READ's data are the count; whatever stands above them changes nothing."""
    bench = await started(dut, 10)
    for number, reserved in enumerate((1 << 31, 1 << 23, 0xFF << 23, 0x1FF << 23)):
        bench.read(address(CoreRegion.CONSTANT, 1), 3 + reserved)
        await bench.work()
        addresses = [CONFIG_FLIT.get(flit, "addr") for flit in bench.responses[3 * number :]]
        assert addresses == [address(CoreRegion.CONSTANT, 1 + word) for word in range(3)]


@cocotb.test()
async def three_cycles_a_word(dut):
    """A word is read every 3 cycles; a write takes 5, with the cycle in which the next flit comes."""
    bench = await started(dut, 4)
    for offset in range(10):
        bench.write(address(CoreRegion.STATE, offset), offset)
    assert await bench.work() == 5 * 10 - 1
    await bench.tick()
    bench.read(address(CoreRegion.STATE, 0), 40)
    assert await bench.work() == 1 + 3 * 40
    await bench.tick()
    bench.read(address(CoreRegion.ROUTE, 2 * SHAPE.Routes), 10)  # there are none: no quicker, no slower
    assert await bench.work() == 1 + 3 * 10


@cocotb.test()
async def a_closed_output_holds_the_response(dut):
    """The word is kept while it cannot leave, whatever the owner shows meanwhile; then work goes on."""
    bench = await started(dut, 5)
    bench.read(address(CoreRegion.ACC, 3), 3)
    for count in range(3):
        bench.stall = 1.0
        for _ in range(20):
            await bench.tick()
        assert len(bench.responses) == count
        assert bench.age is not None
        bench.stall = 0.0
        await bench.tick()
        assert len(bench.responses) == count + 1
    assert bench.age is None


@cocotb.test()
async def unknown_operations(dut):
    """RESPONSE and the free code are done at once, with a fault, and access nothing."""
    bench = await started(dut, 6)
    for op in (ConfigOp.RESPONSE, 3):
        bench.flits.append(CONFIG_FLIT.pack(cfg=1, op=op, core=SHAPE.core, addr=0, data=4))
        bench.read(0)
        await bench.work()
        assert bench.faults == BAD_ADDRESS
        bench.clear = True
        await bench.tick()
    assert len(bench.responses) == 2


@cocotb.test()
async def faults_gather(dut):
    """All orders of the four faults: each stays, and the register shows the worst; clear goes before all."""
    bench = await started(dut, 7)
    nowhere, shown = address(CoreRegion.STAGE, 16), address(CoreRegion.CSR, CoreCsr.FAULT)
    for chosen in range(1, 16):
        for later in range(0, 16, 3):
            for number in (chosen, later):
                bench.raised = number & ~BAD_ADDRESS
                if number & BAD_ADDRESS:
                    bench.write(nowhere, 1)
                await bench.tick()
                await bench.work()
                await bench.tick()
            assert int(dut.faults_o.value) == chosen | later
            bench.read(shown)
            await bench.work()
            both = chosen | later
            worst = (
                FaultCode.BAD_OPCODE
                if both & 1
                else FaultCode.BAD_EVENT
                if both & 6
                else FaultCode.BAD_ADDRESS
            )
            assert CONFIG_FLIT.get(bench.responses[-1], "data") == worst
            bench.clear, bench.raised = True, later & ~BAD_ADDRESS
            await bench.tick()
            assert int(dut.faults_o.value) == 0


@cocotb.test()
async def reset_in_the_middle(dut):
    """After a reset at any moment nothing comes any more, the fault is gone, and the next flit is taken."""
    bench = await started(dut, 8)
    for trial in range(60):
        bench.stall = bench.random.choice([0.0, 0.9])
        bench.flits.clear()
        bench.opcode = trial % 3 == 0
        # so many words that no one could wait for them
        bench.read(bench.random.choice(edges()), 2**32 if trial % 2 else 3)
        bench.write(address(None, 0), 7)
        for _ in range(bench.random.randrange(1, 14)):
            await bench.tick()
        dut.rst_ni.value = 0
        dut.flit_valid_i.value = int(trial % 5 == 0)
        await bench.edge
        for name in (
            "done_o",
            "rsp_valid_o",
            "busy_o",
            "faults_o",
            *(f"{owner}_valid_o" for owner in OWNERS),
        ):
            assert int(getattr(dut, name).value) == 0, name
        dut.rst_ni.value = 1
        bench.forget()
        bench.flits.clear()
        for _ in range(bench.random.randrange(6)):
            await bench.tick()
        bench.write(address(CoreRegion.UCODE, 0), 1)
        bench.read(address(CoreRegion.UCODE, 0), 2)
        await bench.work()
        assert bench.faults == 0


@cocotb.test()
async def random_work(dut):
    """Everything at once, with pauses, closed outputs, faults and clears that change over time."""
    bench = await started(dut, 9)
    rng, places = bench.random, edges()
    flits = 0
    while flits < 1500:
        bench.pause, bench.stall = rng.choice([0.0, 0.3, 0.9]), rng.choice([0.0, 0.5, 0.9])
        bench.noise, bench.clear = rng.choice([0.0, 0.0, 0.02]), rng.random() < 0.5
        for _ in range(20):
            addr = (
                (rng.choice(places) + rng.randrange(-3, 4)) % TOP
                if rng.random() < 0.8
                else rng.randrange(TOP)
            )
            kind = rng.random()
            if kind < 0.5:
                bench.write(addr, rng.getrandbits(32))
            elif kind < 0.97:
                bench.read(addr, rng.choice([1, 1, 2, 6]))
            else:
                op, data = rng.randrange(2, 4), rng.getrandbits(32)
                bench.flits.append(CONFIG_FLIT.pack(cfg=1, op=op, core=SHAPE.core, addr=addr, data=data))
            flits += 1
        await bench.work()
    assert len(bench.responses) > 500
