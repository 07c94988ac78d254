"""What a chip sends, as messages: `OutputPort`, and many steps of many ports at a time (`decode_outputs`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.device.errors import DeviceError
from lava_hw.device.flits import Flits, is_token
from lava_hw.regs import BLOCK, EVENT_FLIT, FlitType

_CONN, _INDEX, _KIND = (EVENT_FLIT.fields[key] for key in ("conn", "index", "kind"))
_PAYLOAD_MASK = EVENT_FLIT.fields["payload"].mask
_PAYLOAD = np.uint64(_PAYLOAD_MASK)
_FEW = 4
"""Flits of one step up to which Python's integers are quicker than arrays."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class OutputStream:
    """A part of an output port: number k of host stream `number` is element `elements[k]`."""

    number: int
    elements: Rows

    @cached_property
    def numbers(self) -> list[int]:
        """The same as `elements`, in Python's integers."""
        return [int(element) for element in self.elements]


@dataclass(frozen=True)
class OutputPort:
    """A port that sends outside: its messages are complete when stage `stage` of a step has ended."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    stage: int
    mode: str
    streams: tuple[OutputStream, ...]

    def zeros(self, steps: int) -> NDArray[Any]:
        """Give messages [steps, *shape] in which nothing was sent."""
        return np.zeros((steps, *self.shape), self.dtype)

    def decode(self, events: Flits, rows: Rows, steps: int) -> NDArray[Any]:
        """Give the messages of `steps` steps.

        Parameters
        ----------
        events : ndarray of uint64, [F]
            Event flits from the chip; those of other ports are passed over.
        rows : ndarray of int64, [F]
            The step of each flit, counted from 0.
        steps : int
            Number of messages.

        Returns
        -------
        ndarray of `dtype`, [steps, *shape]

        Raises
        ------
        DeviceError
            If a flit names a neuron that the port does not have.
        """
        size = int(np.prod(self.shape, dtype=np.int64))
        result = np.zeros((steps, size), np.int64)
        if steps == 1 and len(events) <= _FEW and len(self._by_number) == len(self.streams):
            self._add_few(result[0], events)
        elif len(events):
            numbers = EVENT_FLIT.get_array(events, "conn")
            for stream in self.streams:
                mine = numbers == stream.number
                if mine.any():
                    self._add(result, stream, events[mine], rows[mine])
        # Values add modulo 2^32, as everywhere on the chip.
        return result.astype(np.uint32).view(np.int32).astype(self.dtype).reshape(steps, *self.shape)

    def _add_few(self, row: NDArray[np.int64], events: Flits) -> None:
        """Do what `_add` does for the few flits of one step, one by one."""
        for word in events.tolist():
            number, kind = word >> _CONN.lsb & _CONN.mask, word >> _KIND.lsb & _KIND.mask
            index, payload = word >> _INDEX.lsb & _INDEX.mask, word & _PAYLOAD_MASK
            stream = self._by_number.get(number)
            if stream is None:
                continue
            if kind == FlitType.GRADED:
                self._add_one(row, stream, index, payload - (payload >> 31 << 32))
                continue
            sign = -1 if kind == FlitType.MASK_NEG else 1
            while payload:
                lowest = payload & -payload
                self._add_one(row, stream, index * BLOCK + lowest.bit_length() - 1, sign)
                payload ^= lowest

    def _add_one(self, row: NDArray[np.int64], stream: OutputStream, number: int, value: int) -> None:
        if number >= len(stream.numbers) or stream.numbers[number] < 0:
            # Refuses it, and says why.
            self._scatter(row[np.newaxis], stream, *(np.array([k], np.int64) for k in (0, number, value)))
        row[stream.numbers[number]] += value

    @cached_property
    def _by_number(self) -> dict[int, OutputStream]:
        return {stream.number: stream for stream in self.streams}

    def _add(self, result: NDArray[np.int64], stream: OutputStream, events: Flits, rows: Rows) -> None:
        kinds = EVENT_FLIT.get_array(events, "kind")
        index = EVENT_FLIT.get_array(events, "index")
        payload = (events & _PAYLOAD).astype(np.uint32)
        graded = kinds == FlitType.GRADED
        if graded.any():
            number, row = index[graded], rows[graded]
            value = payload[graded].view(np.int32).astype(np.int64)
            self._scatter(result, stream, row, number, value)
        masks = ~graded
        if masks.any():
            bits = np.unpackbits(payload[masks].astype("<u4").view(np.uint8), bitorder="little")
            flit, bit = np.divmod(np.flatnonzero(bits.view(np.bool_)), BLOCK)
            sign = np.where(kinds[masks] == FlitType.MASK_NEG, -1, 1)
            number = index[masks][flit] * BLOCK + bit
            self._scatter(result, stream, rows[masks][flit], number, sign[flit])

    def _scatter(
        self,
        result: NDArray[np.int64],
        stream: OutputStream,
        row: Rows,
        number: Rows,
        value: NDArray[np.int64],
    ) -> None:
        if len(number) and int(number.max()) >= len(stream.elements):
            raise DeviceError(
                f"{self.name}: the chip sent neuron {int(number.max())} on stream {stream.number}, which has "
                f"{len(stream.elements)}; image and chip contradict each other"
            )
        element = stream.elements[number]
        if len(element) and int(element.min()) < 0:
            raise DeviceError(
                f"{self.name}: the chip sent a neuron on stream {stream.number} that is no element of it"
            )
        np.add.at(result.reshape(-1), row * result.shape[1] + element, value)


def is_single(segment: Flits, step: int) -> bool:
    """Tell whether a segment is the events of one stage of `step` and its END, nothing else."""
    return int(is_token(segment).sum()) == 1 and EVENT_FLIT.get(int(segment[-1]), "payload") == step


def decode_outputs(
    ports: Iterable[OutputPort], segment: Flits, first: int, steps: int
) -> dict[str, NDArray[Any]]:
    """Give the messages of all `ports` for `steps` whole steps.

    Parameters
    ----------
    ports : iterable of OutputPort
    segment : ndarray of uint64
        Events and END tokens of exactly these steps, in the order in which the chip sent them.
    first : int
        Number of the first of these steps.
    steps : int

    Returns
    -------
    dict
        Arrays [steps, *shape] by port.

    Raises
    ------
    DeviceError
        If the END tokens are not those of these steps.
    """
    if steps == 1 and is_single(segment, first):
        events = segment[:-1]
        return {port.name: port.decode(events, np.zeros(len(events), np.int64), 1) for port in ports}
    tokens = is_token(segment)
    ends = np.flatnonzero(tokens)
    stages, numbers = (EVENT_FLIT.get_array(segment[ends], key) for key in ("index", "payload"))
    places = np.flatnonzero(~tokens)
    events = segment[places]
    rows_of: dict[int, Rows] = {}
    result = {}
    for port in ports:
        if port.stage not in rows_of:
            mine = stages == port.stage
            if not np.array_equal(numbers[mine], np.arange(first, first + steps)):
                raise DeviceError(
                    f"{port.name}: stage {port.stage} ended for steps {numbers[mine][:3].tolist()}..., "
                    f"steps {first} to {first + steps - 1} were awaited"
                )
            rows_of[port.stage] = np.searchsorted(ends[mine], places)
        rows = rows_of[port.stage]
        # What comes after the last END of an early stage belongs to later stages of the last step.
        early = rows < steps
        result[port.name] = port.decode(events[early], rows[early], steps)
    return result
