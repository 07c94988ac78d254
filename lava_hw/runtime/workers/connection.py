"""A packet connection of two workers: a ring of shared memory in each direction.

A packet is a header slot of 64 bits and its payload. Nothing here waits: what does not fit into the ring
stays in the outbox, and goes on when the other end has read. How much can be in the outbox is bounded by the
capacity of the channels. So no cycle of full rings can lock its workers.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.bridge import PeerError

__all__ = ["PacketConnection", "PacketKind", "pack_object", "unpack_object"]

Slots = npt.NDArray[np.uint64]
_NOTHING: Slots = np.empty(0, np.uint64)
_MOST = 1 << 16


class PacketKind(IntEnum):
    """Kinds of packets."""

    DATA = 1
    """Messages of a channel."""
    CREDIT = 2
    """Messages of a channel that were taken."""
    CALL = 3
    """A function to call, and its arguments."""
    REPLY = 4
    """The result of a call."""
    RUN = 5
    """Steps to run."""
    BARRIER = 6
    """The last step of a domain that may be started."""
    ENDED = 7
    """All processes of a domain in a worker have ended the step of the barrier."""
    HOLD = 8
    """A domain that runs freely is to stop as soon as it can."""
    STARTED = 9
    """Answer to HOLD: the furthest step that was started."""
    FLAGS = 10
    """Whether the user, or a model, asked for a pause or a stop."""
    END_RUN = 11
    """A model asked for it."""
    FAILED = 12
    """A model raised."""
    CANCEL = 13
    """Give up everything that waits."""
    DONE = 14
    """The run has ended in a worker."""
    PROBES = 15
    """Nothing more can arrive in this step."""
    FENCE = 16
    """No packet that belongs before the fence follows."""
    QUERY = 17
    """Say when nothing can go on."""
    STATUS = 18
    """Nothing can go on; the numbers of packets that were sent and received so far."""
    STOP = 19
    """Free everything and end."""


_UNCOUNTED = (PacketKind.QUERY, PacketKind.STATUS)


def pack_object(value: Any) -> Slots:
    """A Python object as slots."""
    data = pickle.dumps(value, protocol=5)
    slots = np.zeros(1 + (len(data) + 7) // 8, np.uint64)
    slots[0] = len(data)
    slots[1:].view(np.uint8)[: len(data)] = np.frombuffer(data, np.uint8)
    return slots


def unpack_object(slots: Slots) -> Any:
    """The object of `pack_object`."""
    return pickle.loads(slots[1:].view(np.uint8)[: int(slots[0])].tobytes())


class PacketConnection:
    """The packet connection to another worker, as this one sees it.

    Parameters
    ----------
    number : int
        Number of the other worker.
    producer, consumer : bridge.Producer, bridge.Consumer
        The ends that belong to this worker.

    Attributes
    ----------
    sent, received : int
        Packets that can make the other end, or this one, go on.
    dead : bool
        Whether the other worker is gone; nothing is sent to it or read any more.
    """

    def __init__(self, number: int, producer: Any, consumer: Any) -> None:
        self.number = number
        self.producer = producer
        self.consumer = consumer
        self.sent = 0
        self.received = 0
        self.dead = False
        self._outbox: deque[Slots] = deque()
        self._partial: Slots = _NOTHING
        self._filled = 0
        self._header = 0

    @property
    def pending(self) -> bool:
        """Whether something is in the outbox."""
        return bool(self._outbox)

    def send(self, kind: PacketKind, ident: int = 0, payload: Slots = _NOTHING) -> None:
        """Send a packet; `ident` has 24 bits. Never waits."""
        if self.dead:
            return
        if kind not in _UNCOUNTED:
            self.sent += 1
        packet = np.empty(1 + len(payload), np.uint64)
        packet[0] = kind << 56 | ident << 32 | len(payload)
        packet[1:] = payload
        if self._outbox:
            self._outbox.append(packet)
            return
        moved = self._push(packet)
        if moved < len(packet):
            self._outbox.append(packet[moved:])

    def send_object(self, kind: PacketKind, value: Any, ident: int = 0) -> None:
        """Send any object that can be pickled."""
        self.send(kind, ident, pack_object(value))

    def flush(self) -> None:
        """Send on what is in the outbox, as far as there is room."""
        outbox = self._outbox
        while outbox and not self.dead:
            packet = outbox[0]
            moved = self._push(packet)
            if moved < len(packet):
                outbox[0] = packet[moved:]
                return
            outbox.popleft()

    def _push(self, packet: Slots) -> int:
        try:
            moved: int = self.producer.try_push(packet)
        except PeerError:  # it is found, and named, where its packets are read
            return len(packet)
        return moved

    def take(self, check: bool = False) -> Iterator[tuple[int, int, Slots]]:
        """PacketKind, ident and payload of each packet that has arrived.

        Parameters
        ----------
        check : bool, default False
            Whether to look, if nothing has arrived, for an end of the other worker.

        Raises
        ------
        PeerError
            If the other worker is gone and all that it sent was taken.
        """
        if self.dead:
            return
        while check or self.consumer.poll():
            slots = self.consumer.pop_ready(_MOST)
            check = False
            position, end = 0, len(slots)
            while position < end:
                if self._filled < len(self._partial):
                    part = slots[position : position + len(self._partial) - self._filled]
                    self._partial[self._filled : self._filled + len(part)] = part
                    self._filled += len(part)
                    position += len(part)
                    if self._filled < len(self._partial):
                        break
                    payload, self._partial, self._filled = self._partial, _NOTHING, 0
                    yield self._taken(self._header, payload)
                    continue
                header = int(slots[position])
                position += 1
                length = header & 0xFFFFFFFF
                if position + length <= end:
                    payload = slots[position : position + length]
                    position += length
                    yield self._taken(header, payload)
                else:
                    self._header = header
                    self._partial = np.empty(length, np.uint64)

    def _taken(self, header: int, payload: Slots) -> tuple[int, int, Slots]:
        kind = header >> 56
        if kind not in _UNCOUNTED:
            self.received += 1
        return kind, header >> 32 & 0xFFFFFF, payload
