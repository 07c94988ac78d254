"""The emitter: routes of every emission, flits in order, places given back, responses, the output's owner.

The model expands an emission to its flits by docs/chip.md section 5. Emissions come by the rule of the
sequencer: never more than there are places, and as early as that allows.
"""

from __future__ import annotations

import json
import os
import random
from collections import deque
from dataclasses import dataclass

import cocotb
from module_bench import LinkReceiver, reset

from lava_hw.regs import EVENT_FLIT, ROUTE0, ROUTE1, ROUTE_WORDS, CoreCsr, CoreRegion, FlitType

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, ROUTES, DEPTH = (PARAMETERS[key] for key in ("Lanes", "Routes", "Depth"))
ALL = 2**LANES - 1


@dataclass(frozen=True)
class Emission:
    """What the lanes hand over, with the routes of their population."""

    lanes: int
    group: int = 0
    channel: int = 0
    base: int = 0
    count: int = 1
    data: tuple[int, ...] | None = None  # values of a graded emission
    negative: bool = False


class Bench:
    """The emitter with its neighbours; everything is checked in every cycle."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.routes = [(0, 0)] * ROUTES
        self.todo: deque[Emission] = deque()
        self.pause = 0.0  # probability that an emission comes later than it could
        self.cycle = 0
        self.receiver = LinkReceiver(dut.out_valid_o, dut.out_flit_o, dut.out_ready_i, self.random)
        self.forget()

    def forget(self) -> None:
        """As after a reset: the route memory keeps its contents."""
        self.queue: deque[deque[int]] = (
            deque()
        )  # flits that still must come, of each emission that holds a place
        self.response: int | None = None
        self.spikes = 0

    async def start(self) -> None:
        dut = self.dut
        for name in ("clear_i", "emit_valid_i", "rsp_valid_i", "cfg_valid_i", "cfg_write_i", "cfg_addr_i"):
            getattr(dut, name).value = 0
        self.edge = await reset(dut)
        for route in range(ROUTES):
            await self.set_route(route, channel=0, first=0, groups=0)

    # ------------------------------------------------------------------ the model
    def routes_of(self, emission: Emission) -> list[list[int]]:
        """The flits of every route that is tried, in order."""
        tried = []
        for word0, word1 in self.routes[emission.base : emission.base + emission.count]:
            takes, to = ROUTE0.unpack(word0), ROUTE1.unpack(word1)
            inside = takes["first"] <= emission.group < takes["first"] + takes["groups"]
            if takes["channel"] != emission.channel or not inside:
                tried.append([])
                continue
            fields = {key: to[key] for key in ("egress", "dest", "conn")}
            first = emission.group * LANES
            if emission.data is None:
                kind = FlitType.MASK_NEG if emission.negative else FlitType.MASK_POS
                index = (first // 32 + to["index_base"]) % 4096
                payload = emission.lanes << first % 32
                tried.append([EVENT_FLIT.pack(kind=kind, index=index, payload=payload, **fields)])
                continue
            flits = []
            for lane in range(LANES):
                if emission.lanes >> lane & 1:
                    index = (first + lane + 32 * to["index_base"]) % 4096
                    fields |= {"kind": FlitType.GRADED, "index": index, "payload": emission.data[lane]}
                    flits.append(EVENT_FLIT.pack(**fields))
            tried.append(flits)
        return tried if emission.lanes else []

    def cycles_of(self, emission: Emission) -> int:
        """Cycles that an emission needs with an open output: one for a route or a flit."""
        return sum(max(1, len(flits)) for flits in self.routes_of(emission))

    # ------------------------------------------------------------------ one cycle
    def _offer(self) -> None:
        """Drive the emission of this cycle, or something random that is none."""
        dut, rng = self.dut, self.random
        comes = bool(self.todo) and len(self.queue) < DEPTH and rng.random() >= self.pause
        dut.emit_valid_i.value = int(comes)
        if not comes:
            dut.emit_lanes_i.value = rng.getrandbits(LANES)
            dut.emit_group_i.value = rng.getrandbits(12)
            dut.route_count_i.value = rng.getrandbits(8)
            return
        emission = self.todo.popleft()
        dut.emit_graded_i.value = int(emission.data is not None)
        dut.emit_negative_i.value = int(emission.negative)
        dut.emit_channel_i.value, dut.emit_group_i.value = emission.channel, emission.group
        dut.emit_lanes_i.value = emission.lanes
        dut.route_base_i.value, dut.route_count_i.value = emission.base, emission.count
        for lane, value in enumerate(emission.data or ()):
            dut.emit_data_i[lane].value = value
        self.queue.append(deque(flit for flits in self.routes_of(emission) for flit in flits))
        self.spikes += emission.lanes.bit_count()

    async def tick(self) -> None:
        dut = self.dut
        self._offer()
        self.receiver.drive()
        await self.edge
        self.cycle += 1
        flit = self.receiver.look()
        if flit is not None and self.response is not None:
            assert not self.queue, "a response came although the core did not rest: a fault of this bench"
            assert flit == self.response, "the response is not the one that was given"
            self.response = None
        elif flit is not None:
            assert self.queue, f"{flit:#x} came, and no emission is left"
            assert self.queue[0], f"{flit:#x} came although the place of the emission before was not free yet"
            want = self.queue[0].popleft()
            assert flit == want, f"{EVENT_FLIT.unpack(flit)} came instead of {EVENT_FLIT.unpack(want)}"
        if dut.credit_o.value:
            assert self.queue, "more places were given back than were taken"
            assert not self.queue[0], "a place was given back although flits of its emission are missing"
            self.queue.popleft()
        assert bool(dut.rsp_ready_o.value) == (self.response is None)
        held = bool(self.queue) or self.response is not None or flit is not None
        assert bool(dut.busy_o.value) == held, (
            f"busy is {dut.busy_o.value}, {len(self.queue)} emissions are held"
        )
        dut.rsp_valid_i.value = dut.cfg_valid_i.value = dut.clear_i.value = 0

    async def rest(self, limit: int = 100_000) -> int:
        """Clock until every emission has left, and a few cycles more; gives the cycles of the former."""
        start = self.cycle
        while self.todo or self.queue:
            await self.tick()
            assert self.cycle - start < limit, "emissions stay in the emitter"
        spent = self.cycle - start
        for _ in range(3):
            await self.tick()
        return spent

    # ------------------------------------------------------------------ configuration, as lhw_config does it
    async def write(self, addr: int, data: int) -> None:
        dut = self.dut
        dut.cfg_addr_i.value, dut.cfg_data_i.value, dut.cfg_write_i.value = addr, data, 1
        dut.cfg_valid_i.value = 1
        for _ in range(3):
            await self.tick()

    async def read(self, addrs: list[int]) -> list[int]:
        """Read words one after the other; each response is given together with the next access."""
        dut, words = self.dut, []
        for addr in addrs:
            dut.cfg_addr_i.value, dut.cfg_write_i.value, dut.cfg_valid_i.value = addr, 0, 1
            await self.tick()
            await self.tick()
            words.append(int(dut.cfg_rdata_o.value))
            # the endpoint decides with the next edge, from what it sees now
            ready = bool(dut.rsp_ready_o.value)
            await self.tick()
            while not ready:
                ready = bool(dut.rsp_ready_o.value)
                await self.tick()
            assert self.response is None, "ready for a response although one is held"
            self.response = self.random.getrandbits(64)
            dut.rsp_valid_i.value, dut.rsp_flit_i.value = 1, self.response
        while self.response is not None:
            await self.tick()
        await self.tick()
        return words

    async def set_route(self, route: int, **fields: int) -> None:
        """Write a route; fields of both words, the rest of the second one random."""
        rng, words = self.random, []
        random_fields = {"egress": rng.getrandbits(1), "dest": rng.getrandbits(7)}
        fields = {**random_fields, "conn": rng.getrandbits(8), "index_base": rng.getrandbits(12), **fields}
        for part, layout in enumerate((ROUTE0, ROUTE1)):
            names = ("channel", "first", "groups") if part == 0 else ("egress", "dest", "conn", "index_base")
            words.append(layout.pack(**{name: fields[name] for name in names}))
            await self.write(route_address(route, part), words[part])
        self.routes[route] = (words[0], words[1])

    async def check(self) -> None:
        """Compare SPIKES_OUT and a few words of the routes."""
        route, part = self.random.randrange(ROUTES), self.random.randrange(ROUTE_WORDS)
        addrs = [csr_address(CoreCsr.SPIKES_OUT), route_address(route, part)]
        assert await self.read(addrs) == [self.spikes % 2**32, self.routes[route][part]]


def route_address(route: int, part: int) -> int:
    return CoreRegion.ROUTE << 18 | route * ROUTE_WORDS + part


def csr_address(csr: CoreCsr) -> int:
    return CoreRegion.CSR << 18 | csr


def values(rng: random.Random) -> tuple[int, ...]:
    return tuple(rng.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, rng.getrandbits(32)]) for _ in range(LANES))


def random_emission(bench: Bench, **fields) -> Emission:
    """An emission of a group near the ends of some route, or of any group."""
    rng = bench.random
    base = rng.randrange(ROUTES)
    takes = ROUTE0.unpack(bench.routes[base][0])
    near = [takes["first"], takes["first"] - 1, takes["first"] + takes["groups"], rng.getrandbits(12)]
    fields = {
        "lanes": rng.choice([0, 1, ALL, 1 << (LANES - 1), rng.getrandbits(LANES), rng.getrandbits(LANES)]),
        "group": min(max(rng.choice([*near, takes["first"] + takes["groups"] - 1]), 0), 4095),
        "channel": takes["channel"] if rng.random() < 0.8 else rng.randrange(8),
        "base": base,
        "count": rng.choice([0, 1, 1, 2, 3, ROUTES]),
        "data": values(rng) if rng.random() < 0.4 else None,
        "negative": rng.random() < 0.5,
        **fields,
    }
    return Emission(**{**fields, "count": min(fields["count"], ROUTES - fields["base"])})


async def random_routes(bench: Bench) -> None:
    for route in range(ROUTES):
        first = bench.random.choice([0, 1, 7, 4095, bench.random.getrandbits(12)])
        groups = bench.random.choice([0, 1, 4095 - first, 4095, bench.random.randrange(1, 40)])
        await bench.set_route(route, channel=bench.random.randrange(8), first=first, groups=groups)


async def started(dut, seed: int) -> Bench:
    bench = Bench(dut, seed)
    await bench.start()
    return bench


@cocotb.test()
async def ends_of_a_route(dut):
    """Groups beside and at the ends of routes: of no group, of one, of those up to the last and beyond."""
    bench = await started(dut, 1)
    ranges = [(5, 3), (0, 0), (9, 1), (4090, 5), (4095, 4095), (0, 4095), (1, 4095)]
    for route, (first, groups) in enumerate(ranges):
        await bench.set_route(route, channel=1, first=first, groups=groups)
    for route, (first, groups) in enumerate(ranges):
        for group in {first - 1, first, first + groups - 1, first + groups, 0, 4095} & set(range(4096)):
            for channel in (1, 2):
                bench.todo.append(Emission(ALL, group=group, channel=channel, base=route))
    taken = sum(len(flits) for emission in bench.todo for flits in bench.routes_of(emission))
    await bench.rest()
    assert len(bench.receiver.came) == taken > len(ranges)


@cocotb.test()
async def indices_and_places_of_bits(dut):
    """Each place of a group within its block, every lane, and indices that go round."""
    bench = await started(dut, 2)
    for route, base in enumerate((0, 1, 2047, 4095)):
        await bench.set_route(route, channel=0, first=0, groups=4095, index_base=base)
    for group in [*range(9), 127, 128, 511, 512, 1023, 2048, 4091, 4092, 4093, 4094]:
        for lanes in (1, 1 << (LANES - 1), ALL):
            for negative in (False, True):
                bench.todo.append(Emission(lanes, group=group, count=4, negative=negative))
        data = values(bench.random)
        bench.todo.append(Emission(ALL, group=group, count=4, data=data))
    await bench.rest()
    assert len(bench.receiver.came) == 19 * (6 * 4 + 4 * LANES)


@cocotb.test()
async def nothing_to_send(dut):
    """No lane, no route, no route that fits: the place is given back, nothing leaves, lanes are counted."""
    bench = await started(dut, 3)
    data = values(bench.random)
    for lanes in (0, 1, ALL):
        for count in (0, 3):
            bench.todo += [Emission(lanes, count=count), Emission(lanes, count=count, data=data)] * 3
    await bench.rest()
    assert not bench.receiver.came
    assert bench.spikes == 12 * (1 + LANES)
    await bench.check()


@cocotb.test()
async def the_last_route(dut):
    """The last route alone, all routes of the memory, and a mix with emissions that have none."""
    bench = await started(dut, 4)
    for route in range(ROUTES):
        await bench.set_route(route, channel=3, first=0, groups=2)
    full = Emission(ALL, channel=3, count=ROUTES)
    last = Emission(1, channel=3, base=ROUTES - 1, data=values(bench.random))
    bench.todo += [last, full, Emission(ALL, channel=3, count=0), last, Emission(0, channel=3), full]
    await bench.rest()
    assert len(bench.receiver.came) == 2 * (1 + ROUTES)


@cocotb.test()
async def graded_over_several_routes(dut):
    """A value a flit, lanes in order, route after route; lanes that are not sent are left out."""
    bench = await started(dut, 5)
    for route in range(4):
        await bench.set_route(route, channel=route % 2, first=0, groups=4)
    for lanes in (ALL, ALL - 1, ALL >> 1, 1, 1 << (LANES - 1), 0b1010_0101):
        for channel in (0, 1, 2):
            data = values(bench.random)
            bench.todo.append(Emission(lanes, group=3, channel=channel, count=4, data=data))
    bench.receiver.pause = 0.3
    await bench.rest()
    assert len(bench.receiver.came) == 4 * (3 * LANES - 2 + 1 + 1 + 4)


@cocotb.test()
async def a_closed_output_fills_the_queue(dut):
    """Only as many emissions are taken as there are places; none is given back; then all comes, in order."""
    bench = await started(dut, 6)
    await bench.set_route(0, channel=0, first=0, groups=4095)
    sent = [Emission(1 + number % ALL, group=number) for number in range(3 * DEPTH)]
    bench.todo += sent
    bench.receiver.pause = 1.0
    for _ in range(50):
        await bench.tick()
    assert len(bench.queue) == DEPTH
    assert len(bench.todo) == 2 * DEPTH
    bench.receiver.pause = 0.0
    await bench.rest()
    assert len(bench.receiver.came) == len(sent)


@cocotb.test()
async def a_route_or_a_flit_every_cycle(dut):
    """With an open output no cycle is lost; an emission that tries no route costs two at most."""
    bench = await started(dut, 7)
    await random_routes(bench)
    for _ in range(30):
        while len(bench.todo) < 12:
            emission = random_emission(bench)
            if bench.cycles_of(emission):
                bench.todo.append(emission)
        cycles = sum(map(bench.cycles_of, bench.todo))
        # one cycle until the first is taken, one for reading its first route
        assert await bench.rest() == 2 + cycles
    empty = [Emission(0), Emission(ALL, count=0)] * 20
    bench.todo += empty
    assert await bench.rest() <= 2 + 2 * len(empty)


@cocotb.test()
async def responses_and_routes(dut):
    """Words come back as they were written, a response every three cycles; later if the output is closed."""
    bench = await started(dut, 8)
    await random_routes(bench)
    words = [word for pair in bench.routes for word in pair]
    addrs = [route_address(*divmod(number, ROUTE_WORDS)) for number in range(len(words))]
    start = bench.cycle
    assert await bench.read(addrs) == words
    assert bench.cycle - start <= 3 * len(words) + 3
    assert bench.receiver.came
    bench.receiver.pause = 0.8
    assert await bench.read(addrs[::-1]) == words[::-1]
    bench.receiver.pause = 0.0
    bench.todo.append(random_emission(bench, lanes=ALL))
    await bench.rest()
    await bench.check()


@cocotb.test()
async def clear_and_writes_to_the_counter(dut):
    """SPIKES_OUT cannot be written; clear sets it to 0 and leaves the routes alone."""
    bench = await started(dut, 9)
    await random_routes(bench)
    bench.todo += [random_emission(bench, lanes=ALL) for _ in range(5)]
    await bench.rest()
    await bench.write(csr_address(CoreCsr.SPIKES_OUT), 3)
    await bench.check()
    dut.clear_i.value = 1
    await bench.tick()
    bench.spikes = 0
    for _ in range(10):
        await bench.check()


@cocotb.test()
async def reset_in_the_middle(dut):
    """After a reset at any moment nothing comes any more, all places are free, and work starts anew."""
    bench = await started(dut, 10)
    await random_routes(bench)
    for trial in range(60):
        bench.receiver.pause = bench.random.choice([0.0, 0.5, 1.0])
        bench.todo += [random_emission(bench, lanes=ALL) for _ in range(8)]
        for _ in range(bench.random.randrange(1, 20)):
            await bench.tick()
        dut.rst_ni.value = 0
        dut.emit_valid_i.value = trial % 2
        await bench.edge
        for name in ("out_valid_o", "credit_o", "busy_o"):
            assert not getattr(dut, name).value, name
        assert dut.rsp_ready_o.value
        dut.rst_ni.value = 1
        bench.todo.clear()
        bench.forget()
        for _ in range(bench.random.randrange(4)):
            await bench.tick()
        bench.receiver.pause = 0.0
        bench.todo += [random_emission(bench) for _ in range(6)]
        await bench.rest()
        await bench.check()


@cocotb.test()
async def random_work(dut):
    """Random routes and emissions, pauses on both sides that change over time, configuration between."""
    bench = await started(dut, 11)
    emissions = 0
    while emissions < 6000:
        if emissions % 400 == 0:
            bench.receiver.pause = 0.0
            await random_routes(bench)
        bench.pause = bench.random.choice([0.0, 0.0, 0.3, 0.9])
        bench.receiver.pause = bench.random.choice([0.0, 0.3, 0.7])
        bench.todo += [random_emission(bench) for _ in range(40)]
        emissions += 40
        await bench.rest()
        await bench.check()
    assert len(bench.receiver.came) > 3000
