"""The chip's input: each rule of docs/chip.md section 2 that is decided at the head of the stream."""

from __future__ import annotations

import random

import cocotb
from module_bench import LinkReceiver, reset

from lava_hw.cocotb import FlitSource, pauses
from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp, FaultCode, FlitType, TokenIn

MESH_X, MESH_Y = 3, 2
WRITE, READ = ConfigOp.WRITE, ConfigOp.READ


def event(dest: int = 0, payload: int = 0, **fields: int) -> int:
    return EVENT_FLIT.pack(kind=FlitType.GRADED, dest=dest, payload=payload, **fields)


def outside(flit: int) -> int:
    """An event as it enters the mesh."""
    return flit | EVENT_FLIT.pack(dest=64)


def config(op: ConfigOp, core: int, data: int = 0) -> int:
    return CONFIG_FLIT.pack(cfg=1, op=op, core=core, data=data)


def token(code: int, step: int = 0, stage: int = 0) -> int:
    return EVENT_FLIT.pack(kind=FlitType.TOKEN, conn=code, index=stage, payload=step)


class Bench:
    """Plays mesh, chip registers and step controller; checks the rules in every cycle."""

    def __init__(self, dut, seed: int, pause: float = 0.0) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.source = FlitSource(dut, dut.clk_i, pause=pauses(pause, seed))
        self.mesh = LinkReceiver(dut.mesh_valid_o, dut.mesh_flit_o, dut.mesh_ready_i, self.random)
        self.csr: list[int] = []
        self.tokens: list[tuple[int, int, int]] = []
        self.order: list[int] = []  # everything that left, by its own number in the payload or data
        self.chip = {"paused": True, "faulted": False, "pending": False, "quiet": True}
        self.take = True  # take tokens at once
        self.longest = 0  # cycles for which a flit is under way
        for name in ("clear_i", "csr_busy_i", "token_take_i"):
            getattr(dut, name).value = 0
        self._last: dict[str, bool] = dict(self.chip)
        self._csr_busy = 0
        self._mesh_busy = 0
        self._run: tuple[int, int] | None = None  # operation and core of the accesses that are under way

    async def start(self) -> None:
        for name, value in self.chip.items():
            getattr(self.dut, f"{name}_i").value = int(value)
        self.edge = await reset(self.dut)

    async def tick(self) -> None:
        dut = self.dut
        # As in the chip, quiet is false while a flit is under way, and stays true when none is.
        quiet = self.chip["quiet"] and not dut.busy_o.value and not self._csr_busy and not self._mesh_busy
        state = {**self.chip, "quiet": quiet}
        for name, value in state.items():
            getattr(dut, f"{name}_i").value = int(value)
        self.mesh.drive()
        dut.csr_busy_i.value = int(self._csr_busy > 0)
        take = bool(dut.token_valid_o.value) and self.take and not dut.token_take_i.value
        dut.token_take_i.value = int(take)
        if take:
            fields = (dut.token_code_o, dut.token_stage_o, dut.token_step_o)
            self.tokens.append(tuple(int(pin.value) for pin in fields))
            self.order.append(self.tokens[-1][2])
        offered = bool(dut.token_valid_o.value) and not take
        await self.edge
        self._csr_busy = max(0, self._csr_busy - 1)
        self._mesh_busy = max(0, self._mesh_busy - 1)
        flit = self.mesh.look()
        if dut.token_valid_o.value:
            self._run = None  # it waited for quiet, too
        if dut.csr_valid_o.value:
            assert flit is None
            assert not self._csr_busy, "a request although the registers were busy"
            flit = int(dut.csr_flit_o.value)
            self.csr.append(flit)
            self._csr_busy = self.random.randrange(2, 6)
        if flit is None:
            return
        self._mesh_busy = max(self._mesh_busy, self.random.randrange(self.longest + 1))
        assert dut.busy_o.value
        assert not offered, "a flit passed a token that was not taken"
        self.order.append(flit & 0xFFFFFFFF)
        if flit >> 63:
            assert state["paused"], "configuration while the chip was not paused"
            op, core = CONFIG_FLIT.get(flit, "op"), CONFIG_FLIT.get(flit, "core")
            run = (op, core if op == READ else 0)
            if run != self._run:
                assert quiet, "configuration of another kind while the chip was not quiescent"
                assert state["faulted"] or not state["pending"], "configuration passed a fault of the input"
            assert not (state["faulted"] and op == WRITE)
            self._run = run
        else:
            assert EVENT_FLIT.get(flit, "dest") >= 64, "an event is not marked as coming from outside"
            assert quiet or self._run is None, "an event before configuration had come to rest"
            self._run = None

    async def ticks(self, count: int) -> None:
        for _ in range(count):
            await self.tick()


@cocotb.test()
async def events_at_full_speed(dut):
    bench = Bench(dut, 1)
    await bench.start()
    flits = [event(8 * (i % 2) + i % 3, i) for i in range(100)]
    bench.source.send(flits)
    await bench.ticks(104)
    assert bench.mesh.came == [outside(flit) for flit in flits]
    assert int(dut.flits_in_o.value) == 100
    assert dut.empty_o.value
    assert dut.s_axis_tready.value


@cocotb.test()
async def what_never_passes(dut):
    """SYNC and events for nobody are dropped; the latter raise the fault and do not count."""
    bench = Bench(dut, 2)
    await bench.start()
    bench.source.send([token(TokenIn.SYNC), event(3), event(16), event(64), event(0, egress=1), event(8, 7)])
    await bench.ticks(12)
    assert bench.mesh.came == [outside(event(8, 7))]
    assert int(dut.flits_in_o.value) == 1
    assert int(dut.fault_o.value) == FaultCode.BAD_EVENT
    assert bench.tokens == []
    dut.clear_i.value = 1
    await bench.tick()
    dut.clear_i.value = 0
    assert (int(dut.fault_o.value), int(dut.flits_in_o.value)) == (0, 0)


@cocotb.test()
async def tokens_hold_the_stream(dut):
    """Nothing passes a token before it is taken; flits without meaning come as code 0."""
    bench = Bench(dut, 3)
    await bench.start()
    bench.take = False
    bench.source.send([event(0, 1), token(TokenIn.CLOSE, 5, 3), event(0, 2), EVENT_FLIT.pack(kind=6, conn=2)])
    bench.source.send([CONFIG_FLIT.pack(cfg=1, op=3), token(77, 9)])
    await bench.ticks(20)
    assert bench.mesh.came == [outside(event(0, 1))]
    assert dut.token_valid_o.value
    assert not dut.empty_o.value
    bench.take = True
    await bench.ticks(30)
    assert bench.mesh.came == [outside(event(0, 1)), outside(event(0, 2))]
    assert bench.tokens == [(TokenIn.CLOSE, 3, 5), (0, 0, 0), (0, 0, 0), (77, 0, 9)]


@cocotb.test()
async def configuration_waits(dut):
    """For a pause and for quiet; meanwhile it says so. Core 63 and absent cores go to the registers."""
    bench = Bench(dut, 4)
    bench.chip["paused"] = False
    await bench.start()
    flits = [
        config(WRITE, 1, 1),
        config(READ, 10, 2),
        config(READ, 63, 3),
        config(WRITE, 5, 4),
        config(READ, 0, 5),
    ]
    bench.source.send([*flits, event(0, 6)])
    await bench.ticks(10)
    assert dut.config_waits_o.value
    assert bench.order == []
    bench.chip.update(paused=True, quiet=False)
    await bench.ticks(10)
    assert bench.order == []
    bench.chip["quiet"] = True
    await bench.ticks(40)
    assert not dut.config_waits_o.value
    assert bench.order == [1, 2, 3, 4, 5, 6]
    assert bench.csr == flits[2:4]


@cocotb.test()
async def a_run_of_accesses(dut):
    """WRITEs, or READs of one core, follow each other at once; anything else waits until all is quiet."""
    bench = Bench(dut, 7)
    await bench.start()
    writes = [config(WRITE, core, number) for number, core in enumerate((0, 1, 63, 10, 5, 0), 1)]
    bench.source.send([*writes[:3], token(TokenIn.SYNC), *writes[3:]])
    bench.source.send([config(READ, 1, 7), config(READ, 1, 8), token(TokenIn.SYNC), config(READ, 1, 9)])
    bench.source.send([config(READ, 2, 10), event(0, 11), config(READ, 2, 12)])
    while not bench.order:
        await bench.tick()
    bench.chip["quiet"] = False  # what has begun is under way
    for last in (6, 9, 10, 11, 12):
        await bench.ticks(30)
        assert bench.order[-1] == last
        bench.chip["quiet"] = True
        while bench.order[-1] == last and last < 12:
            await bench.tick()
        bench.chip["quiet"] = False
    assert bench.order == list(range(1, 13))


@cocotb.test()
async def configuration_behind_a_fault_that_is_pending(dut):
    """The first of a run waits and says so; the others of a run that has begun pass. Events do not look."""
    bench = Bench(dut, 8)
    await bench.start()
    bench.source.send([config(WRITE, 0, 1)])
    await bench.ticks(10)
    bench.chip["pending"] = True
    bench.source.send([config(WRITE, 1, 2), token(TokenIn.SYNC), config(WRITE, 63, 3)])
    await bench.ticks(20)
    assert bench.order == [1, 2, 3]
    assert not dut.config_waits_o.value
    bench.source.send([event(0, 4), config(WRITE, 0, 5), config(READ, 0, 6), config(WRITE, 0, 7)])
    await bench.ticks(20)
    assert bench.order == [1, 2, 3, 4]
    assert dut.config_waits_o.value
    bench.chip.update(paused=False, faulted=True)  # FAULT is on its way
    await bench.ticks(20)
    assert bench.order == [1, 2, 3, 4]
    bench.chip["paused"] = True
    await bench.ticks(20)
    assert bench.order == [1, 2, 3, 4, 6]


@cocotb.test()
async def a_write_that_is_dropped_ends_the_run(dut):
    """A READ behind it does not go on the run of the READ before: it waits until FAULT was sent."""
    bench = Bench(dut, 11)
    await bench.start()
    bench.source.send([config(READ, 0, 1), config(WRITE, 0, 2), config(READ, 0, 3)])
    while not bench.order:
        await bench.tick()
    bench.chip["pending"] = True
    await bench.ticks(20)
    assert bench.order == [1]
    bench.chip.update(paused=False, faulted=True)  # FAULT is on its way
    await bench.ticks(20)
    assert bench.order == [1]
    bench.chip["paused"] = True
    await bench.ticks(20)
    assert bench.order == [1, 3]


FIRST = [
    token(TokenIn.RUN, 9),
    config(WRITE, 0, 9),
    config(READ, 0, 3),
    token(99, 9),
    token(TokenIn.RESET, 3),
]


@cocotb.test()
@cocotb.parametrize(number=range(len(FIRST)))
async def after_a_fault(dut, number: int):
    """Events pass until the first other flit; from there on READ and RESET only. READs wait for the pause."""
    bench = Bench(dut, 9)
    bench.chip.update(paused=False, faulted=True, pending=True)
    await bench.start()
    bench.source.send([event(0, 1), token(TokenIn.SYNC), event(5), event(8, 2), FIRST[number], event(0, 9)])
    bench.source.send([config(READ, 0, 4), token(TokenIn.CLOSE, 9), config(WRITE, 9, 9), config(READ, 63, 5)])
    bench.source.send([event(0, 9), CONFIG_FLIT.pack(cfg=1, op=2, data=9), token(TokenIn.RESET, 6)])
    passes = [3] if FIRST[number] & 0xFFFFFFFF == 3 else []
    await bench.ticks(30)
    assert bench.order == [1, 2, *(passes if number == 4 else [])]
    bench.chip["paused"] = True
    await bench.ticks(40)
    assert bench.order == [1, 2, *passes, 4, 5, 6]
    assert int(dut.flits_in_o.value) == 2
    assert int(dut.fault_o.value) == FaultCode.BAD_EVENT
    dut.clear_i.value = 1
    bench.chip.update(faulted=False, pending=False)
    await bench.tick()
    dut.clear_i.value = 0
    bench.source.send([event(0, 7)])
    await bench.ticks(10)
    assert bench.order[-1] == 7


@cocotb.test()
async def a_token_that_is_a_fault_itself(dut):
    """It was taken in the cycle in which the fault became known: the events behind it do not pass."""
    bench = Bench(dut, 10)
    await bench.start()
    bench.source.send([token(TokenIn.CLOSE, 1), event(0, 9)])
    while not dut.token_valid_o.value:
        await bench.tick()
    bench.chip.update(paused=False, faulted=True)
    await bench.ticks(10)
    assert bench.order == [1]
    assert dut.empty_o.value


@cocotb.test()
async def random_streams(dut):
    """All kinds in random order, everybody pausing: what passes passes once and in order."""
    bench = Bench(dut, 6, pause=0.3)
    await bench.start()
    rng = bench.random
    wanted, flits = [], []
    for number in range(1, 1500):
        kind = rng.random()
        if kind < 0.5:
            flits.append(event(8 * rng.randrange(2) + rng.randrange(3), number))
        elif kind < 0.8:
            flits += [config(rng.choice([READ, WRITE]), rng.choice([0, 10, 63, 40]), number)]
        elif kind < 0.9:
            flits.append(token(rng.choice([TokenIn.RUN, TokenIn.CLOSE, TokenIn.RESET]), number))
        else:
            flits.append(token(TokenIn.SYNC, number))
            continue
        wanted.append(number)
    bench.source.send(flits)
    for _ in range(20_000):
        if rng.random() < 0.05:
            bench.mesh.pause = rng.choice([0.0, 0.5, 0.9])
            bench.longest = rng.choice([0, 3, 20])
            bench.take = rng.random() < 0.7
        await bench.tick()
        if len(bench.order) == len(wanted):
            break
    assert bench.order == wanted
    events = sum(not flit >> 63 for flit in bench.mesh.came)
    assert int(dut.flits_in_o.value) == events
