"""Drives lhw_synapse by the rules of its neighbours and compares every output in every cycle with the model.

Flits come as late after ready as the link allows. The bench also plays the configuration endpoint: it takes
configuration flits, accesses the memories in three cycles a word, and says when it is done.
"""

from __future__ import annotations

import json
import os
import random
from collections import deque

from module_bench import LinkSender, reset
from synapse_model import Addition, SynapseModel

from lava_hw.regs import CONFIG_FLIT, EVENT_FLIT, ConfigOp, CoreCsr, CoreRegion
from tests.tables import packed

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, GROUPS, SLOTS, LINES, CONNECTIONS = (
    PARAMETERS[key] for key in ("Lanes", "AccGroups", "DelaySlots", "SynLines", "Connections")
)
SYNAPSES = 1 << 22
COUNTERS = {
    CoreCsr.CYC_SYNAPSE: lambda model: model.cyc_synapse,
    CoreCsr.CYC_STALL: lambda model: model.cyc_stall,
    CoreCsr.SPIKES_IN: lambda model: model.spikes_in,
    CoreCsr.SYNOPS_LO: lambda model: model.synops % 2**32,
    CoreCsr.SYNOPS_HI: lambda model: model.synops >> 32,
}


def connection_address(connection: int, part: int) -> int:
    return CoreRegion.CONNECTION << 18 | connection * 8 + part


class Bench:
    """The engine with its neighbours; the model says what every output has to be."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.model = SynapseModel(LANES, GROUPS, SLOTS, LINES, CONNECTIONS)
        ready = dut.in_ready_o
        self.link = LinkSender(dut.in_valid_i, dut.in_flit_i, lambda: bool(ready.value), self.random)
        self.reserved = 0.0  # probability that the neuron engine takes the next cycle of the accumulators
        self.slow = 0.0  # probability that the endpoint works longer on a flit than it could
        self.cycle = 0
        self.events: list[int] = []  # for the next run
        self.added: list[Addition] = []
        self.faults = 0  # cycles with a bad event
        self.answers: list[int] = []
        self.plan: deque[tuple[str, int]] = deque()  # of the endpoint, an action a cycle

    async def start(self) -> None:
        dut = self.dut
        for name in (
            "clear_i",
            "acc_next_i",
            "cfg_done_i",
            "cfg_valid_i",
            "cfg_write_i",
            "cfg_addr_i",
            "step_i",
        ):
            getattr(dut, name).value = 0
        self.edge = await reset(dut)
        for line in range(LINES):
            extremes = [0, 1, 127, 128, 255, self.random.getrandbits(8)]
            weights = bytes(self.random.choice(extremes) for _ in range(LANES))
            for part in range(LANES // 4):
                self.write(
                    SYNAPSES | line * (LANES // 4) + part,
                    int.from_bytes(weights[4 * part : 4 * part + 4], "little"),
                )
        for connection in range(CONNECTIONS):
            self.connect(connection)
        await self.rest()

    # ------------------------------------------------------------------ flits
    def write(self, address: int, data: int) -> None:
        fields = {"op": ConfigOp.WRITE, "core": 3, "addr": address, "data": data}
        self.link.queue.append(CONFIG_FLIT.pack(cfg=1, **fields))

    async def read(self, address: int, count: int = 1) -> list[int]:
        fields = {"op": ConfigOp.READ, "core": 3, "addr": address, "data": count - 1}
        self.link.queue.append(CONFIG_FLIT.pack(cfg=1, **fields))
        await self.rest()
        answers, self.answers = self.answers, []
        return answers

    def connect(self, connection: int, **fields: int) -> None:
        """Write all words of a connection."""
        for part, word in enumerate(packed("CONNECTION", **fields)):
            self.write(connection_address(connection, part), word)

    def send(self, kind: int, payload: int, index: int = 0, connection: int = 0) -> None:
        egress, dest = (
            self.random.getrandbits(1),
            self.random.getrandbits(7),
        )  # the routers have looked at them
        fields = {"kind": kind, "conn": connection, "index": index, "payload": payload % 2**32}
        self.events.append(EVENT_FLIT.pack(egress=egress, dest=dest, **fields))

    # ------------------------------------------------------------------ one cycle
    def _endpoint(self) -> bool:
        """Do what the endpoint does in this cycle; give True if it says that it is done."""
        dut = self.dut
        action, value = self.plan.popleft() if self.plan else ("", 0)
        dut.cfg_valid_i.value = int(action == "access")
        dut.cfg_done_i.value = int(action == "done")
        if action == "access":
            self.model.kept = None
            parts = CONFIG_FLIT.unpack(value)
            dut.cfg_write_i.value = int(parts["op"] == ConfigOp.WRITE)
            dut.cfg_addr_i.value, dut.cfg_data_i.value = parts["addr"], parts["data"]
            if parts["op"] == ConfigOp.WRITE:
                self.model.write(value)
        elif action == "look":
            self.answers.append(int(dut.cfg_rdata_o.value))
        return action == "done"

    def _take(self, flit: int) -> None:
        """The endpoint has a new flit: words one after the other, three cycles each."""
        parts = CONFIG_FLIT.unpack(flit)
        writes = parts["op"] == ConfigOp.WRITE
        waits = 0 if self.random.random() >= self.slow else self.random.randrange(1, 12)
        self.plan.extend([("wait", 0)] * waits)
        for word in range(1 if writes else parts["data"] + 1):
            address = (parts["addr"] + word) % 2**23
            access = CONFIG_FLIT.pack(**{**parts, "addr": address})
            self.plan += [("access", access), ("wait", 0), ("wait" if writes else "look", 0)]
        self.plan.append(("done", 0))

    async def tick(self) -> None:
        dut, model = self.dut, self.model
        flit = self.link.drive()
        reserved = self.random.random() < self.reserved
        dut.acc_next_i.value = int(reserved)
        done = self._endpoint()
        model.edge(flit, reserved, done)
        await self.edge
        self.cycle += 1
        assert bool(dut.in_ready_o.value) == model.ready, f"{len(model.queue)} flits are in the queue"
        assert bool(dut.busy_o.value) == model.busy
        assert int(dut.bad_stage_event_o.value) | int(dut.bad_input_event_o.value) << 1 == model.bad
        self.faults += model.bad != 0
        assert bool(dut.cfg_flit_valid_o.value) == (model.sends is not None)
        if model.sends is not None:
            assert int(dut.cfg_flit_o.value) == model.sends
            self._take(model.sends)
        self.compare(model.adds)
        if model.adds is not None:
            self.added.append(model.adds)

    def compare(self, want: Addition | None) -> None:
        """What is presented now, in either way."""
        dut = self.dut
        gathered = want is not None and want.gathered
        assert bool(dut.acc_valid_o.value) == (want is not None and not gathered)
        assert bool(dut.gathered_valid_o.value) == gathered
        if want is None:
            return
        if gathered:
            lanes, factor = int(dut.gathered_lanes_o.value), int(dut.gathered_factor_o.value)
            stored = [int(dut.gathered_weights_o[lane].value) for lane in range(LANES)]
            half = int(dut.gathered_sign_o.value)
        else:
            lanes, factor = int(dut.acc_lanes_o.value), int(dut.acc_factor_o.value)
            weighs, half = bool(dut.acc_weighs_o.value), 128 * int(dut.acc_signed_o.value)
            stored = [int(dut.acc_bytes_o[lane].value) if weighs else 1 for lane in range(LANES)]
            half = half if weighs else 0
        taken = [bool(lanes >> lane & 1) for lane in range(LANES)]
        # a weight of the upper half of the range of signed numbers is negative
        weights = [w - 2 * half if half and w >= half else w for w in stored]
        adds = tuple(w * factor % 2**32 if on else 0 for w, on in zip(weights, taken, strict=True))
        if gathered and dut.gathered_apart_o.value:
            places = [int(dut.gathered_lines_o[lane].value) for lane in range(LANES)]
        else:
            places = [int((dut.gathered_line_o if gathered else dut.acc_line_o).value)] * LANES
        lines = tuple(place if on else None for place, on in zip(places, taken, strict=True))
        assert (lines, adds) == (want.lines, want.adds)

    async def rest(self, limit: int = 100_000) -> int:
        """Clock until nothing is left, and two cycles more; gives the cycles of the former."""
        start = self.cycle
        while self.link.queue or self.model.busy or self.plan:
            await self.tick()
            assert self.cycle - start < limit, "the engine does not come to rest"
        spent = self.cycle - start
        for _ in range(2):
            await self.tick()
        return spent

    async def run(self, step: int | None = None) -> int:
        """Let the events do their work, after the configuration ahead of them; gives the cycles."""
        await self.rest()
        if step is not None:
            self.dut.step_i.value = self.model.step = step
        self.added, self.faults = [], 0
        self.link.queue, self.events = self.events, []
        return await self.rest()

    async def check_counters(self) -> None:
        for name, counter in COUNTERS.items():
            (got,), want = await self.read(CoreRegion.CSR << 18 | name), counter(self.model) % 2**32
            assert got == want, f"{name.name} is {got}, the model says {want}"

    async def clear(self) -> None:
        self.dut.clear_i.value = 1
        await self.tick()
        self.dut.clear_i.value = 0
        self.model.clear()
