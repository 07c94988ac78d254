"""Remote channels: their processes are in two workers, and each worker has one end, a sender or a receiver.

Messages go as they are through the ring between the workers. As many are under way, or wait at the target, as
the channel holds. The receiver gives a credit for each message that was taken; it collects pending credits,
and flushes them before its worker waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw.runtime.channel import ChannelWorker, PortChannel
from lava_hw.runtime.workers.connection import PacketConnection, PacketKind, pack_object, unpack_object

if TYPE_CHECKING:
    from lava_hw.runtime.task import Party

__all__ = ["RemoteChannelReceiver", "RemoteChannelSender"]

Array = npt.NDArray[Any]
_OBJECTS = 1 << 63


class RemoteChannel(PortChannel):
    """Either end of a remote channel.

    Parameters
    ----------
    worker, source, target, source_name, target_name, capacity
        See PortChannel; source or target stands for a process of another worker.
    connection : PacketConnection
        Leads to the other end.
    number : int
        Number of the channel, the same at both ends.
    shape : tuple of int
        Shape of a message.
    dtype : np.dtype
        Element type of a message.
    """

    __slots__ = ("connection", "dtype", "number", "shape")

    def __init__(
        self,
        worker: ChannelWorker,
        source: Party,
        target: Party,
        source_name: str,
        target_name: str,
        capacity: int,
        connection: PacketConnection,
        number: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        super().__init__(worker, source, target, source_name, target_name, capacity)
        self.connection = connection
        self.number = number
        self.shape = shape
        self.dtype = dtype


class RemoteChannelSender(RemoteChannel):
    """The end at the source.

    Attributes
    ----------
    away : int
        Messages that were sent, for which there was no credit yet.
    """

    __slots__ = ("away",)

    def __init__(self, *end: Any) -> None:
        super().__init__(*end)
        self.away = 0

    @property
    def count(self) -> int:
        """See PortChannel."""
        return self.away

    @property
    def room(self) -> int:
        """See PortChannel."""
        return self.capacity - self.away

    def send(self, message: Any) -> None:
        """See PortChannel."""
        self._wait_for_room()
        if (
            isinstance(message, np.ndarray)
            and message.shape == self.shape
            and message.dtype == self.dtype
            and not message.dtype.hasobject
        ):
            self.away += 1
            self._send_rows(message[np.newaxis])
        else:
            packed = pack_object(message)
            self.away += 1
            self.connection.send(
                PacketKind.DATA, self.number, np.concatenate([np.array([_OBJECTS], np.uint64), packed])
            )

    def send_batch(self, rows: Array) -> None:
        """See PortChannel."""
        first = 0
        while first < len(rows):
            self._wait_for_room()
            upto = min(len(rows), first + self.room)
            if rows.shape[1:] == self.shape and rows.dtype == self.dtype and not rows.dtype.hasobject:
                self.away += upto - first
                self._send_rows(rows[first:upto])
                first = upto
            else:
                self.send(rows[first])
                first += 1

    def add_credits(self, count: int) -> None:
        """Take credits for messages that the target has taken."""
        self.away -= count
        self._taken(count)

    def clear(self) -> None:
        """See PortChannel."""
        super().clear()
        self.away = 0

    def _wait_for_room(self) -> None:
        while self.away >= self.capacity:
            self.writer = self.worker.current
            self.worker.full[self] = None
            self.worker.wait(self, "send")

    def _send_rows(self, rows: Array) -> None:
        size = rows.nbytes
        payload = np.empty(1 + (size + 7) // 8, np.uint64)
        payload[-1] = 0
        payload[0] = len(rows)
        payload[1:].view(np.uint8)[:size] = np.ascontiguousarray(rows).reshape(-1).view(np.uint8)
        self.connection.send(PacketKind.DATA, self.number, payload)


class RemoteChannelReceiver(RemoteChannel):
    """The end at the target.

    Parameters
    ----------
    note_pending : callable
        Called with this end when it has pending credits.
    *end
        See RemoteChannel.

    Attributes
    ----------
    pending_credits : int
        Messages that were taken since the last credits were sent.
    """

    __slots__ = ("note_pending", "pending_credits")

    def __init__(self, note_pending: Callable[[RemoteChannelReceiver], None], *end: Any) -> None:
        super().__init__(*end)
        self.pending_credits = 0
        self.note_pending = note_pending
        self.forget_waiting()

    def forget_waiting(self) -> None:
        """See PortChannel. A writer seems to wait always, so that what is taken is counted."""
        self.reader = None
        self.writer = _REMOTE

    def arrived(self, payload: npt.NDArray[np.uint64]) -> None:
        """Take messages in from the ring."""
        head = int(payload[0])
        if head == _OBJECTS:
            self.queue.append(unpack_object(payload[1:]))
        else:
            shape = (head, *self.shape)
            size = head * int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize
            rows = payload[1:].view(np.uint8)[:size].view(self.dtype).reshape(shape)
            if self.shape:
                self.queue.extend(rows)
            else:
                self.queue.extend(rows[i : i + 1].reshape(()) for i in range(head))
        reader = self.reader
        if reader is not None:
            self.reader = None
            self.worker.ready.append(reader)

    def flush_credits(self) -> None:
        """Send pending credits to the source."""
        if self.pending_credits:
            self.connection.send(PacketKind.CREDIT, self.number, np.array([self.pending_credits], np.uint64))
            self.pending_credits = 0

    def clear(self) -> None:
        """See PortChannel."""
        super().clear()
        self.pending_credits = 0

    def _taken(self, count: int) -> None:
        self.pending_credits += count
        if self.pending_credits * 2 >= self.capacity:
            self.flush_credits()
        else:
            self.note_pending(self)


_REMOTE: Any = object()
