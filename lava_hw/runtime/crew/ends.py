"""The two ends of a channel whose processes are in two workers.

Messages go as they are through the ring between the workers. As many are under way, or wait at the target, as
the channel holds: the target says how many it has taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw.runtime.channel import Channel
from lava_hw.runtime.crew.line import Kind, Line, pack_object, unpack_object

if TYPE_CHECKING:
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.scheduler import Worker

__all__ = ["ReceivingEnd", "SendingEnd"]

Array = npt.NDArray[Any]
_OBJECTS = 1 << 63


class _End(Channel):
    """Either end.

    Parameters
    ----------
    worker, source, target, source_name, target_name, capacity
        See Channel; source or target stands for a process of another worker.
    line : Line
        Leads to the other end.
    number : int
        Number of the channel, the same at both ends.
    shape : tuple of int
        Shape of a message.
    dtype : np.dtype
        Element type of a message.
    """

    __slots__ = ("dtype", "line", "number", "shape")

    def __init__(
        self,
        worker: Worker,
        source: Participant,
        target: Participant,
        source_name: str,
        target_name: str,
        capacity: int,
        line: Line,
        number: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> None:
        super().__init__(worker, source, target, source_name, target_name, capacity)
        self.line = line
        self.number = number
        self.shape = shape
        self.dtype = dtype


class SendingEnd(_End):
    """The end at the source.

    Attributes
    ----------
    away : int
        Messages that were sent, of which the target has not said that they were taken.
    """

    __slots__ = ("away",)

    def __init__(self, *end: Any) -> None:
        super().__init__(*end)
        self.away = 0

    @property
    def count(self) -> int:
        """See Channel."""
        return self.away

    @property
    def room(self) -> int:
        """See Channel."""
        return self.capacity - self.away

    def send(self, message: Any) -> None:
        """See Channel."""
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
            self.line.send(Kind.DATA, self.number, np.concatenate([np.array([_OBJECTS], np.uint64), packed]))

    def send_block(self, rows: Array) -> None:
        """See Channel."""
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

    def taken(self, count: int) -> None:
        """Be told that the target has taken messages."""
        self.away -= count
        self._taken(count)

    def clear(self) -> None:
        """See Channel."""
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
        self.line.send(Kind.DATA, self.number, payload)


class ReceivingEnd(_End):
    """The end at the target.

    Parameters
    ----------
    owing : callable
        Called with this end when messages were taken and the source was not told yet.
    *end
        See _End.

    Attributes
    ----------
    owed : int
        Messages that were taken since the source was told.
    """

    __slots__ = ("owed", "owing")

    def __init__(self, owing: Callable[[ReceivingEnd], None], *end: Any) -> None:
        super().__init__(*end)
        self.owed = 0
        self.owing = owing
        self.forget_waiting()

    def forget_waiting(self) -> None:
        """See Channel. A writer seems to wait always, so that what is taken is counted."""
        self.reader = None
        self.writer = _ELSEWHERE

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

    def settle(self) -> None:
        """Tell the source what was taken."""
        if self.owed:
            self.line.send(Kind.CREDIT, self.number, np.array([self.owed], np.uint64))
            self.owed = 0

    def clear(self) -> None:
        """See Channel."""
        super().clear()
        self.owed = 0

    def _taken(self, count: int) -> None:
        self.owed += count
        if self.owed * 2 >= self.capacity:
            self.settle()
        else:
            self.owing(self)


_ELSEWHERE: Any = object()
