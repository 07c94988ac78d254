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


class SendingEnd(Channel):
    """The end at the source.

    Parameters
    ----------
    worker, source, target, source_name, target_name, capacity
        See Channel; the target stands for a process of another worker.
    line : Line
        Leads there.
    number : int
        Number of the channel, the same at both ends.
    shape : tuple of int
        Shape of a message.
    dtype : np.dtype
        Element type of a message.
    """

    __slots__ = ("away", "dtype", "line", "number", "shape")

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
        self.away += 1
        if (
            isinstance(message, np.ndarray)
            and message.shape == self.shape
            and message.dtype == self.dtype
            and not message.dtype.hasobject
        ):
            self._send_rows(message[np.newaxis])
        else:
            packed = pack_object(message)
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
        writer = self.writer
        if writer is not None and self.away <= self.low:
            self.writer = None
            self.worker.ready.append(writer)

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


class ReceivingEnd(Channel):
    """The end at the target; parameters as those of SendingEnd.

    Attributes
    ----------
    owed : int
        Messages that were taken since the source was told.
    """

    __slots__ = ("dtype", "line", "number", "owed", "owing", "shape")

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
        owing: Callable[[ReceivingEnd], None],
    ) -> None:
        super().__init__(worker, source, target, source_name, target_name, capacity)
        self.line = line
        self.number = number
        self.shape = shape
        self.dtype = dtype
        self.owed = 0
        self.owing = owing
        self.forget_waiting()

    def forget_waiting(self) -> None:
        """See Channel. Ports must take messages by `recv`, so that it is counted: a writer seems to wait."""
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

    def recv(self) -> Any:
        """See Channel."""
        queue = self.queue
        while not queue:
            self.reader = self.worker.current
            self.worker.wait(self, "recv")
        self._take(1)
        return queue.popleft()

    def recv_block(self, count: int) -> Array:
        """See Channel."""
        taken: list[Any] = []
        queue = self.queue
        while len(taken) < count:
            while not queue:
                self.reader = self.worker.current
                self.worker.wait(self, "recv")
            now = min(count - len(taken), len(queue))
            taken.extend([queue.popleft() for _ in range(now)])
            self._take(now)
        return np.stack(taken)

    def settle(self) -> None:
        """Tell the source what was taken."""
        if self.owed:
            self.line.send(Kind.CREDIT, self.number, np.array([self.owed], np.uint64))
            self.owed = 0

    def clear(self) -> None:
        """See Channel."""
        super().clear()
        self.owed = 0

    def _take(self, count: int) -> None:
        self.owed += count
        if self.owed * 2 >= self.capacity:
            self.settle()
        else:
            self.owing(self)


_ELSEWHERE: Any = object()
