"""Emissions become flits, one set per route (docs/chip.md section 5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.memory import Memory
from lava_hw.regs import BLOCK, EVENT_FLIT, HOST_PORT, ROUTE0, ROUTE1, FlitType

_INDEX = EVENT_FLIT.fields["index"]
_INDEX_LSB = np.uint64(_INDEX.lsb)


class Events(NamedTuple):
    """Events on their way to a connection of a core."""

    core: int
    conn: int
    kind: int
    indices: NDArray[np.int64]
    payload: NDArray[np.uint32]


class Outbox:
    """What one stage sends: flits that leave the chip, and events for cores."""

    def __init__(self) -> None:
        self.flits: list[NDArray[np.uint64]] = []
        self.events: list[Events] = []


class Emitter:
    """All routes of one channel of a population, for the groups `first` to `first + groups - 1` of it."""

    def __init__(self, memory: Memory, chip: Chip, routes: list[list[int]], first: int, groups: int) -> None:
        self._memory = memory
        self._lanes = chip.lanes
        g = np.arange(first, first + groups, dtype=np.int64)
        self._shift = (g * chip.lanes % BLOCK).astype(np.uint32)
        self._block = g * chip.lanes // BLOCK
        self._neuron = (g[:, None] * chip.lanes + np.arange(chip.lanes)).reshape(-1)
        self._routes: list[dict[str, Any]] = []
        for words in routes:
            route: dict[str, Any] = {**ROUTE0.unpack(words[0]), **ROUTE1.unpack(words[1])}
            low = max(route["first"], first) - first
            high = min(route["first"] + route["groups"], first + groups) - first
            if low < high:
                to = {"egress": 1, "dest": route["dest"], "conn": route["conn"]}
                kinds = (FlitType.MASK_POS, FlitType.MASK_NEG, FlitType.GRADED)
                route["heads"] = {kind: np.uint64(EVENT_FLIT.pack(kind=kind, **to)) for kind in kinds}
                route |= {"low": low, "high": high, "all": low == 0 and high == groups}
                route["lost"] = route["dest"] not in ([HOST_PORT] if route["egress"] else chip.cores)
                self._routes.append(route)

    def mask(self, lanes: NDArray[np.bool_], negative: bool, out: Outbox) -> None:
        """Send spikes, bool (groups, LANES)."""
        count = np.count_nonzero(lanes)
        if not count:
            return
        self._memory.spikes_out += int(count)
        if not self._routes:
            return
        packed = np.packbits(lanes, axis=1, bitorder="little")
        payload = packed.view(f"<u{self._lanes // 8}").reshape(-1).astype(np.uint32) << self._shift
        at = payload.nonzero()[0]
        kind = FlitType.MASK_NEG if negative else FlitType.MASK_POS
        for route in self._routes:
            part = at if route["all"] else at[(at >= route["low"]) & (at < route["high"])]
            if len(part):
                index = self._block[part] + route["index_base"] & _INDEX.mask
                self._send(route, kind, index, payload[part], out)

    def graded(self, lanes: NDArray[np.bool_], values: NDArray[np.int32], out: Outbox) -> None:
        """Send values, int32 (groups, LANES), where `lanes` holds; the caller leaves out those that are 0."""
        at = lanes.reshape(-1).nonzero()[0]
        if not len(at):
            return
        self._memory.spikes_out += len(at)
        data = values.reshape(-1).view(np.uint32)
        for route in self._routes:
            low, high = route["low"] * self._lanes, route["high"] * self._lanes
            part = at if route["all"] else at[(at >= low) & (at < high)]
            if len(part):
                index = self._neuron[part] + BLOCK * route["index_base"] & _INDEX.mask
                self._send(route, FlitType.GRADED, index, data[part], out)

    def _send(
        self,
        route: dict[str, Any],
        kind: int,
        index: NDArray[np.int64],
        payload: NDArray[np.uint32],
        out: Outbox,
    ) -> None:
        if route["lost"]:
            self._memory.sent_nowhere = True
        elif route["egress"]:
            out.flits.append(route["heads"][kind] | index.astype(np.uint64) << _INDEX_LSB | payload)
        else:
            out.events.append(Events(route["dest"], route["conn"], int(kind), index, payload))
