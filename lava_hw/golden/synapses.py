"""The synapse engine: events become additions to accumulators (docs/chip.md section 6)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.memory import Memory
from lava_hw.regs import (
    CONNECTION0,
    CONNECTION1,
    CONNECTION2,
    CONNECTION3,
    CONNECTION4,
    CONNECTION5,
    ConnKind,
    FaultCode,
    FlitType,
    WeightFormat,
)


class Job(NamedTuple):
    """Events of one connection and kind, decoded: which sources, which values, whether one of them is bad."""

    connection: Connection | None
    spikes: int
    sources: NDArray[np.int64]
    values: NDArray[np.int32] | None  # of graded events; None for masks
    sign: int
    bad: bool


class Connection:
    """A descriptor, decoded, with its weights in a form that numpy sums quickly."""

    def __init__(self, memory: Memory, words: list[int], chip: Chip) -> None:
        f = {
            **CONNECTION0.unpack(words[0]),
            **CONNECTION1.unpack(words[1]),
            **CONNECTION2.unpack(words[2]),
            **CONNECTION3.unpack(words[3]),
            **CONNECTION4.unpack(words[4]),
            **CONNECTION5.unpack(words[5]),
        }
        self.memory, self.lanes = memory, chip.lanes
        self.dense = f["kind"] == ConnKind.DENSE
        self.known = f["kind"] in (ConnKind.DENSE, ConnKind.PORT) and f["format"] == WeightFormat.BITS8
        self.shift, self.groups, self.targets = f["shift"], f["groups"], f["targets"]
        self.limit = f["sources"] if self.dense else self.groups * chip.lanes
        # First accumulator line by T mod slots.
        slots = chip.delay_slots
        self.lines = [(t + f["slot"]) % slots * chip.acc_groups + f["acc_base"] for t in range(slots)]
        self._signed, self._negate = f["is_signed"], f["negate"]
        self._base, self._stride = f["syn_base"], f["stride"]
        self._rows: NDArray[np.uint8] | None = None
        self._values: NDArray[np.int32] | None = None
        if self.known and self.dense:
            self._find_rows(chip)

    def _find_rows(self, chip: Chip) -> None:
        """Look for the source rows as one view; decode them once if they are not more than the memory."""
        synapse, lanes = self.memory.synapse, self.lanes
        end = self._base + (self.limit - 1) * self._stride + self.groups
        if self.limit and end <= chip.synapse_lines:
            self._rows = as_strided(
                synapse[self._base :],
                (self.limit, self.groups * lanes),
                (self._stride * synapse.strides[0], 1),
                writeable=False,
            )
            if self._rows.size <= synapse.size:
                self._values = self._decode(self._rows)

    def _decode(self, rows: NDArray[np.uint8]) -> NDArray[np.int32]:
        values = (rows.view(np.int8) if self._signed else rows).astype(np.int32)
        if self._negate:
            np.negative(values, out=values)
        return np.left_shift(values, self.shift, out=values)

    def weights(self, sources: NDArray[np.int64]) -> NDArray[np.int32]:
        """Give the source rows of `sources`, int32 (sources, groups * LANES), as they are added."""
        if self._values is not None:
            return self._values.take(sources, axis=0)
        if self._rows is not None:
            return self._decode(np.ascontiguousarray(self._rows[sources]))
        # Source rows that leave the memory: the address counts modulo its depth.
        lines = self._base + sources[:, None] * self._stride + np.arange(self.groups)
        rows = self.memory.synapse[lines % len(self.memory.synapse)]
        return self._decode(rows.reshape(len(sources), -1))

    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """Add what events of valid `sources` say, in the slot that `slot` (T mod slots) leads to."""
        line = self.lines[slot]
        acc = self.memory.acc
        inside = line + self.groups <= len(acc)
        if self.dense:
            self.memory.synops += self.targets * len(sources)
            total = np.add.reduce(self.weights(sources), axis=0, dtype=np.int32).reshape(-1, self.lanes)
            if inside:
                part = acc[line : line + self.groups]
                np.add(part, total, out=part)
            else:
                np.add.at(acc, (line + np.arange(self.groups)) % len(acc), total)
            return
        if values is None:
            values = np.full(len(sources), sign, np.int32)
        values = np.left_shift(values, self.shift)
        if inside:
            np.add.at(acc[line : line + self.groups].reshape(-1), sources, values)
        else:
            np.add.at(acc.reshape(-1), (line * self.lanes + sources) % acc.size, values)


class Synapses:
    """Takes events for a core."""

    def __init__(self, memory: Memory, chip: Chip) -> None:
        self._memory, self._chip = memory, chip
        self._mask = chip.delay_slots - 1
        self._cache: dict[int, Connection] = {}
        self._version = -1

    def job(self, conn: int, kind: int, index: NDArray[np.int64], payload: NDArray[np.uint32]) -> Job:
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
            return Job(None, spikes, sources, values, sign, True)
        bad = bool(len(sources)) and int(sources.max()) >= connection.limit
        return Job(connection, spikes, sources, values, sign, bad)

    def do(self, job: Job, step: int) -> None:
        """Carry out a job while T is `step`; bad sources are left out and raise the fault."""
        self._memory.spikes_in += job.spikes
        if job.bad:
            self._memory.raise_fault(FaultCode.BAD_EVENT)
        if job.connection is None:
            return
        sources, values = job.sources, job.values
        if job.bad:
            good = sources < job.connection.limit
            sources, values = sources[good], None if values is None else values[good]
        if len(sources):
            job.connection.add(step & self._mask, sources, values, job.sign)

    def _connection(self, number: int) -> Connection | None:
        if self._version != self._memory.weights_version:
            self._cache.clear()
            self._version = self._memory.weights_version
        found = self._cache.get(number)
        if found is None:
            if number >= self._chip.connections:
                return None
            found = Connection(self._memory, self._memory.connections[number].tolist(), self._chip)
            self._cache[number] = found
        return found
