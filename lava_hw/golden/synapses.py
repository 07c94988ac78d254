"""The synapse engine: events become additions to accumulators (docs/chip.md section 6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.connections import Connection, kinds
from lava_hw.golden.memory import Memory, unpacked
from lava_hw.regs import CONNECTION_ENTRY, FlitType


class Decoded(NamedTuple):
    """Events of one connection and kind, decoded: which sources, which values, whether one of them is bad."""

    connection: Connection | None
    spikes: int
    sources: NDArray[np.int64]
    values: NDArray[np.int32] | None  # of graded events; None for masks
    sign: int
    bad: bool


class Synapses:
    """Takes events for a core."""

    def __init__(self, memory: Memory, chip: Chip) -> None:
        self._memory, self._chip = memory, chip
        self._mask = chip.delay_slots - 1
        self._cache: dict[int, Connection] = {}
        self._version = -1

    def decode(self, conn: int, kind: int, index: NDArray[np.int64], payload: NDArray[np.uint32]) -> Decoded:
        """Decode events of one connection and kind; nothing is changed.

        Parameters
        ----------
        conn : int
            Number of the connection.
        kind : int
            `FlitType`, not TOKEN.
        index : int64 array
            Block or neuron index of every event.
        payload : uint32 array
            Mask bits or value of every event.
        """
        connection = self._connection(conn)
        values = None
        sign = 1
        if kind == FlitType.GRADED:
            spikes = len(payload)
            there = payload != 0
            sources = index if there.all() else index[there]
            values = payload[there].view(np.int32)
        else:
            sign = 1 if kind == FlitType.MASK_POS else -1
            bits = np.unpackbits(payload.astype("<u4").view(np.uint8), bitorder="little")
            position = bits.nonzero()[0]
            spikes = len(position)
            sources = (index[position >> 5] << 5) + (position & 31)
        if connection is None or not connection.known:
            return Decoded(None, spikes, sources, values, sign, True)
        bad = bool(len(sources)) and int(sources.max()) >= connection.limit
        return Decoded(connection, spikes, sources, values, sign, bad)

    def apply(self, events: Decoded, step: int, *, outside: bool) -> None:
        """Add what decoded events say; sources that are bad are left out and remembered as a fault.

        Parameters
        ----------
        events : Decoded
            What `decode` gave.
        step : int
            T.
        outside : bool
            Whether the host sent them, not a core.
        """
        self._memory.spikes_in += events.spikes
        if events.bad and outside:
            self._memory.bad_input_event = True
        elif events.bad:
            self._memory.bad_stage_event = True
        if events.connection is None:
            return
        sources, values = events.sources, events.values
        if events.bad:
            good = sources < events.connection.limit
            sources, values = sources[good], None if values is None else values[good]
        if len(sources):
            events.connection.add(step & self._mask, sources, values, events.sign)

    def _connection(self, number: int) -> Connection | None:
        if self._version != self._memory.weights_version:
            self._cache.clear()
            self._version = self._memory.weights_version
        found = self._cache.get(number)
        if found is None:
            if number >= self._chip.connections:
                return None
            fields = unpacked(CONNECTION_ENTRY, self._memory.connections[number])
            kind = kinds().get(fields["kind"])
            if kind is None:
                return None
            found = self._cache[number] = kind(self._memory, fields, self._chip)
        return found
