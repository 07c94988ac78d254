"""The event queue: order, the head that waits, configuration one at a time; every output in every cycle.

The model is written from rtl/core/README.md: eight places and a head, which leaves in the cycle in which the
stage behind it will be free, or when the endpoint has done the configuration flit before.
"""

from __future__ import annotations

import random
from collections import deque

import cocotb
from module_bench import LinkSender, reset

from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT

PLACES, SLACK = 8, 2
IS_CONFIG = 1 << 63


class QueueModel:
    """What is held, and what is shown after an edge."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.queue: deque[int] = deque()
        self.head: int | None = None
        self.sends: int | None = None  # to the endpoint, in this cycle
        self.configuring = False
        self.left: list[int] = []  # events, in the order in which they left

    def edge(self, flit: int | None, free: bool, done: bool) -> None:
        """One cycle; `free`: the source walk holds nothing after it."""
        self.sends = None
        self.configuring = self.configuring and not done
        if self.head is not None and self.head & IS_CONFIG:
            if not self.configuring:
                self.sends, self.head, self.configuring = self.head, None, True
        elif self.head is not None and free:
            self.left.append(self.head)
            self.head = None
        if self.head is None and self.queue:
            self.head = self.queue.popleft()
        if flit is not None:
            self.queue.append(flit)

    @property
    def event(self) -> int | None:
        return None if self.head is None or self.head & IS_CONFIG else self.head

    @property
    def holds(self) -> bool:
        return bool(self.queue) or self.head is not None or self.sends is not None


class Bench:
    """The queue, a link, the stages behind it, and an endpoint that takes its time."""

    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random, self.model = dut, random.Random(seed), QueueModel()
        self.link = LinkSender(dut.in_valid_i, dut.in_flit_i, lambda: bool(dut.in_ready_o.value), self.random)
        self.held = 0.0  # probability that the stages behind hold something in a cycle
        self.blocks = False  # the row stands still, and all behind it wait
        self.slow = 0.0  # probability that the endpoint is not done yet
        self.sent: list[int] = []  # events
        self.configured: list[int] = []
        self.cycle = 0

    async def start(self) -> None:
        self._rest_behind()
        self.dut.cfg_done_i.value = 0
        self.edge = await reset(self.dut)

    def _rest_behind(self) -> None:
        self.dut.walk_valid_i.value = self.dut.walk_last_i.value = self.dut.job_valid_i.value = 0
        self.dut.row_free_i.value = 1

    def events(self, count: int) -> None:
        """Random ones: the queue looks at the first bit only."""
        flits = [EVENT_FLIT.pack(cfg=0) | self.random.getrandbits(63) for _ in range(count)]
        self.link.queue += flits
        self.sent += flits

    def configuration(self, count: int) -> None:
        self.link.queue += [CONFIG_FLIT.pack(cfg=1) | self.random.getrandbits(63) for _ in range(count)]

    def _behind(self) -> bool:
        """Drive what the stages show; give whether the source walk is free after this cycle."""
        dut, rng = self.dut, self.random
        # Configuration comes only into a core that rests.
        if self.model.head is not None and self.model.head & IS_CONFIG:
            self._rest_behind()
            return True
        walk, job, stands = (self.blocks or rng.random() < self.held for _ in range(3))
        last = rng.random() < 0.5
        dut.walk_valid_i.value, dut.walk_last_i.value = int(walk), int(last)
        dut.job_valid_i.value, dut.row_free_i.value = int(job), int(not stands)
        return not walk or (last and not (job and stands))

    async def tick(self) -> None:
        dut, model = self.dut, self.model
        flit = self.link.drive()
        free = self._behind()
        done = model.configuring and model.sends is None and self.random.random() >= self.slow
        dut.cfg_done_i.value = int(done)
        model.edge(flit, free, done)
        await self.edge
        self.cycle += 1
        assert bool(dut.in_ready_o.value) == (PLACES - len(model.queue) >= SLACK)
        assert bool(dut.head_valid_o.value) == (model.event is not None)
        if model.event is not None:
            assert int(dut.head_flit_o.value) == model.event
        assert bool(dut.cfg_flit_valid_o.value) == (model.sends is not None)
        if model.sends is not None:
            assert int(dut.cfg_flit_o.value) == model.sends
            self.configured.append(model.sends)
        assert bool(dut.busy_o.value) == (model.holds or model.configuring)
        assert bool(dut.awake_o.value) == model.holds

    async def rest(self, limit: int = 20_000) -> int:
        """Clock until nothing is left; gives the cycles."""
        start = self.cycle
        while self.link.queue or self.model.holds or self.model.configuring:
            await self.tick()
            assert self.cycle - start < limit, "the queue does not come to rest"
        assert self.model.left == self.sent
        return self.cycle - start


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


@cocotb.test()
async def an_event_every_cycle(dut):
    bench = await started(dut, 1)
    bench.events(100)
    assert await bench.rest() == 100 + 2  # into the queue, and to the head


@cocotb.test()
async def full_to_the_last_place(dut):
    """Nothing leaves: eight in the queue and one at its head; then all come out, in order."""
    bench = await started(dut, 2)
    bench.blocks = True
    bench.events(30)
    for _ in range(40):
        await bench.tick()
    assert (len(bench.link.queue), bench.model.left) == (30 - PLACES - 1, [])
    bench.blocks = False
    await bench.rest()


@cocotb.test()
async def configuration_one_at_a_time(dut):
    """A flit goes to the endpoint in the cycle after the one before is done, two cycles each at best."""
    bench = await started(dut, 3)
    bench.configuration(50)
    flits = list(bench.link.queue)
    assert await bench.rest() <= 3 * 50 + 3
    assert bench.configured == flits
    bench.slow = 0.9
    bench.configuration(30)
    flits += bench.link.queue
    await bench.rest()
    assert bench.configured == flits


@cocotb.test()
async def random_work(dut):
    """Events and configuration in turn, pauses of the link, of the stages and of the endpoint."""
    bench = await started(dut, 4)
    rng = bench.random
    for turn in range(150):
        bench.link.pause, bench.held = rng.choice([0.0, 0.3, 0.9]), rng.choice([0.0, 0.5, 0.9])
        bench.slow = rng.choice([0.0, 0.5, 0.9])
        if turn % 3 == 2:
            bench.configuration(rng.randrange(1, 12))
        else:
            bench.events(rng.randrange(1, 40))
        await bench.rest()
        for _ in range(rng.randrange(3)):
            await bench.tick()
    assert len(bench.sent) > 1500
    assert len(bench.configured) > 200


@cocotb.test()
async def reset_in_the_middle(dut):
    bench = await started(dut, 5)
    for trial in range(40):
        bench.held = bench.slow = bench.random.choice([0.0, 0.5, 1.0])
        if trial % 2:
            bench.events(12)
        else:
            bench.configuration(5)
        for _ in range(bench.random.randrange(1, 20)):
            await bench.tick()
        dut.rst_ni.value = 0
        dut.in_valid_i.value = trial % 4 // 2
        await bench.edge
        shown = (dut.head_valid_o, dut.cfg_flit_valid_o, dut.busy_o, dut.awake_o)
        assert not any(pin.value for pin in shown)
        assert dut.in_ready_o.value
        dut.rst_ni.value = 1
        bench.model.reset()
        bench.link.queue.clear()
        bench.sent.clear()
        bench.held = bench.slow = 0.0
        bench.events(3)
        await bench.rest()
