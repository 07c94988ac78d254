"""One router: every route, random traffic, back-pressure, nothing lost, order kept."""

from __future__ import annotations

import json
import os
import random
from collections import defaultdict
from itertools import pairwise

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
MESH_X, MESH_Y = (PARAMETERS[key] for key in ("MeshX", "MeshY"))
X, Y = (int(os.environ[key]) for key in ("LHW_X", "LHW_Y"))
PORTS = "lnesw"


OUTSIDE = 64  # in `dest` of the host's events


def route(flit: int) -> str | None:
    """Output port by docs/chip.md section 1; None for a core or an egress port that is not there."""
    if flit >> 63:
        word = CONFIG_FLIT.unpack(flit)
        leaves, dest = word["op"] in (ConfigOp.RESPONSE, ConfigOp.RESPONSE_CPU), word["core"]
    else:
        word = EVENT_FLIT.unpack(flit)
        leaves, dest = bool(word["egress"]), word["dest"] % OUTSIDE
        if leaves and word["dest"]:
            return None
    x, y = dest % 8, dest // 8
    if leaves:
        return "w" if X > 0 or Y == 0 else "n"
    if x >= MESH_X or y >= MESH_Y:
        return None
    if x != X:
        return "e" if x > X else "w"
    if y != Y:
        return "s" if y > Y else "n"
    return "l"


def allowed(port: str, flit: int) -> bool:
    """True if a mesh can bring this flit to this input: no way leads from y back to x, none turns round."""
    out = route(flit)
    if port == "l":
        return flit >> 63 == 1 or not EVENT_FLIT.get(flit, "dest") & OUTSIDE
    if out is None:
        return False
    if port in "ns":
        leaves = out == "w" and X == 0 and Y == 0 and port == "s"
        return (out in "nsl" and out != port) or leaves
    return out != port


class Bench:
    """All five links, each with its own queue and pauses; looks and drives at falling edges."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.queues: dict[str, list[int]] = {port: [] for port in PORTS}
        self.came: dict[str, list[int]] = {port: [] for port in PORTS}
        self.pause_in = dict.fromkeys(PORTS, 0.0)
        self.pause_out = dict.fromkeys(PORTS, 0.0)
        self._ready_in = dict.fromkeys(PORTS, True)
        self._ready_out = {port: [True, True] for port in PORTS}
        self.cycle = 0

    def pin(self, port: str, name: str):
        return getattr(self.dut, f"{port}_{name}")

    async def start(self) -> None:
        for port in PORTS:
            self.pin(port, "valid_i").value = 0
            self.pin(port, "flit_i").value = 0
            self.pin(port, "ready_i").value = 1
        self.dut.x_i.value, self.dut.y_i.value = X, Y
        self.dut.clear_i.value = 0
        self.dut.rst_ni.value = 0
        Clock(self.dut.clk_i, 2, unit="ns").start(start_high=False)
        for _ in range(3):
            await FallingEdge(self.dut.clk_i)
        self.dut.rst_ni.value = 1

    async def tick(self) -> None:
        """One cycle: offer flits where the router was ready an edge before, then look at what comes out."""
        for port in PORTS:
            # A neighbour decides at one edge, from the ready before it, what is seen here at the next.
            ready, self._ready_in[port] = self._ready_in[port], bool(self.pin(port, "ready_o").value)
            send = self.queues[port] and ready and self.random.random() >= self.pause_in[port]
            self.pin(port, "valid_i").value = int(bool(send))
            if send:
                self.pin(port, "flit_i").value = self.queues[port].pop(0)
            offered = self.random.random() >= self.pause_out[port]
            self._ready_out[port] = [offered, self._ready_out[port][0]]
            self.pin(port, "ready_i").value = int(offered)
        await FallingEdge(self.dut.clk_i)
        self.cycle += 1
        presented = False
        for port in PORTS:
            if self.pin(port, "valid_o").value:
                presented = True
                assert self._ready_out[port][0], f"port {port}: a flit although ready was 0"
                self.came[port].append(int(self.pin(port, "flit_o").value))
        assert self.dut.busy_o.value or not presented

    async def drain(self, limit: int = 5000) -> None:
        for _ in range(limit):
            if not any(self.queues.values()) and not self.dut.busy_o.value:
                return
            await self.tick()
        raise AssertionError("the router did not come to rest")


def random_flit(rng: random.Random, number: int) -> int:
    if rng.random() < 0.3:
        core = rng.randrange(MESH_Y) * 8 + rng.randrange(MESH_X)
        op = rng.choice(list(ConfigOp))
        return CONFIG_FLIT.pack(cfg=1, op=op, core=core, addr=rng.getrandbits(23), data=number)
    core = rng.randrange(MESH_Y) * 8 + rng.randrange(MESH_X)
    egress = rng.random() < 0.2
    core += rng.choice([0, OUTSIDE])
    return EVENT_FLIT.pack(
        kind=rng.randrange(3), egress=egress, dest=0 if egress else core, conn=rng.randrange(256),
        index=rng.randrange(4096), payload=number,
    )  # fmt: skip


def fill(bench: Bench, count: int) -> dict[tuple[str, str], list[int]]:
    """Queue random flits at every input; give what must come, in order, by input and output."""
    wanted = defaultdict(list)
    number = 0
    for port in PORTS:
        while len(bench.queues[port]) < count:
            flit = random_flit(bench.random, number)
            if allowed(port, flit):
                bench.queues[port].append(flit)
                wanted[port, route(flit)].append(flit)
                number += 1
            elif not any(
                allowed(port, random_flit(bench.random, 0)) for _ in range(200)
            ):  # an edge of the mesh: nothing can come from there
                break
    return wanted


def compare(bench: Bench, wanted: dict[tuple[str, str], list[int]]) -> None:
    total = 0
    for out in PORTS:
        came = bench.came[out]
        total += len(came)
        for port in PORTS:
            mine = wanted.get((port, out), [])
            chosen = set(mine)
            assert [flit for flit in came if flit in chosen] == mine, (port, out)
    assert total == sum(map(len, wanted.values()))


@cocotb.test()
async def every_destination(dut):
    """One flit at a time, from every input to every destination it can be for; one cycle each."""
    bench = Bench(dut, 1)
    await bench.start()
    routes = set()
    dests = [8 * y + x for y in range(MESH_Y) for x in range(MESH_X)]
    flits = [EVENT_FLIT.pack(kind=2, dest=dest + mark, payload=1) for dest in dests for mark in (0, OUTSIDE)]
    flits += [CONFIG_FLIT.pack(cfg=1, op=op, core=dest) for dest in dests for op in ConfigOp]
    flits += [EVENT_FLIT.pack(kind=0, dest=0, egress=1)]
    await bench.tick()
    for port in PORTS:
        for flit in flits:
            if not allowed(port, flit):
                continue
            bench.queues[port].append(flit)
            await bench.tick()
            out = route(flit)
            assert bench.came[out][-1:] == [flit], (port, hex(flit))
            routes.add((port, out))
            bench.came[out].clear()
    assert all(not came for came in bench.came.values())
    if 0 < X < MESH_X - 1 and 0 < Y < MESH_Y - 1:  # in the middle every turn but those from y to x is taken
        straight = {(a, b) for a in "ew" for b in PORTS if a != b} | {("l", b) for b in PORTS}
        assert routes == straight | {("n", "s"), ("s", "n"), ("n", "l"), ("s", "l")}


@cocotb.test()
async def full_speed(dut):
    """Without pauses an input that alone wants an output gets a flit through every cycle."""
    bench = Bench(dut, 2)
    await bench.start()
    here = EVENT_FLIT.pack(kind=2, dest=8 * Y + X)
    await bench.tick()
    bench.queues["l"] = [here | n for n in range(100)]
    for _ in range(100):
        await bench.tick()
    assert len(bench.came["l"]) == 100


@cocotb.test()
async def random_traffic(dut):
    bench = Bench(dut, 3)
    await bench.start()
    wanted = fill(bench, 400)
    await bench.drain()
    compare(bench, wanted)


@cocotb.test()
async def back_pressure(dut):
    """Random pauses of all links, differing by port and changing over time."""
    bench = Bench(dut, 4)
    await bench.start()
    wanted = fill(bench, 400)
    while any(bench.queues.values()):
        for port in PORTS:
            bench.pause_in[port] = bench.random.choice([0, 0.3, 0.9])
            bench.pause_out[port] = bench.random.choice([0, 0.5, 0.95])
        for _ in range(40):
            await bench.tick()
    bench.pause_out = dict.fromkeys(PORTS, 0.0)
    await bench.drain()
    compare(bench, wanted)


@cocotb.test()
async def long_stall_then_all(dut):
    """Outputs are closed until every queue is full, then opened: nothing is lost, ready comes back."""
    bench = Bench(dut, 5)
    await bench.start()
    wanted = fill(bench, 50)
    bench.pause_out = dict.fromkeys(PORTS, 1.0)
    for _ in range(60):
        await bench.tick()
    for port in PORTS:
        if bench.queues[port]:
            assert not bench.pin(port, "ready_o").value
            assert len(bench.queues[port]) >= 50 - 6
    bench.pause_out = dict.fromkeys(PORTS, 0.0)
    await bench.drain()
    compare(bench, wanted)


@cocotb.test()
async def everybody_is_served(dut):
    """Inputs that all want the local port share it evenly."""
    bench = Bench(dut, 6)
    await bench.start()
    here = EVENT_FLIT.pack(kind=2, dest=8 * Y + X)
    for place, port in enumerate(PORTS):
        bench.queues[port] = [here | place << 16 | n for n in range(60)]
    for _ in range(200):
        await bench.tick()
    came = [flit >> 16 & 7 for flit in bench.came["l"]]
    assert len(came) >= 198
    for place in range(len(PORTS)):
        gaps = [i for i, who in enumerate(came[10:150]) if who == place]
        assert max(b - a for a, b in pairwise(gaps)) <= 5


@cocotb.test()
async def flits_to_nowhere(dut):
    """They end here, the fault stays until it is cleared, and others pass."""
    bench = Bench(dut, 7)
    await bench.start()
    here = EVENT_FLIT.pack(kind=2, dest=8 * Y + X, payload=3)
    nowhere = [
        EVENT_FLIT.pack(kind=2, dest=dest) for dest in (MESH_X, 8 * MESH_Y, OUTSIDE + 8 * Y + X) if dest != 8
    ]
    nowhere += [EVENT_FLIT.pack(kind=2, egress=1, dest=dest) for dest in (1, 8, OUTSIDE)]
    assert not dut.stage_event_o.value
    bench.queues["l"] = [here, nowhere[0], here, *nowhere[1:], here]
    await bench.tick()
    await bench.drain()
    assert bench.came == {**{port: [] for port in PORTS}, "l": [here] * 3}
    assert int(dut.stage_event_o.value) == 1
    dut.clear_i.value = 1
    await bench.tick()
    dut.clear_i.value = 0
    assert int(dut.stage_event_o.value) == 0
