"""Channels: bounded queues between two ports of participants of one worker.

All calls come from greenlets of the worker's thread, so there are no locks. For a channel between two workers
see `lava_hw.runtime.workers.remote_channel`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from lava_hw.runtime.task import Party, Task

__all__ = ["ChannelWorker", "PortChannel"]


class ChannelWorker(Protocol):
    """A worker, as the channels of its participants know it; see `Greenlets`."""

    ready: deque[Task]
    full: dict[PortChannel, None]
    current: Task | None

    def wait(self, channel: PortChannel | None, to: str) -> None:
        """Leave the running greenlet until another one puts it into `ready`."""

    def probe(self, channel: PortChannel) -> bool:
        """Wait for a message, or for the end of the source's step; see `PortChannel.probe`."""


class PortChannel:
    """A queue of messages from one port to another.

    Parameters
    ----------
    worker : ChannelWorker
        Owner of the greenlets at both ends.
    source, target : Participant
        The two ends.
    source_name, target_name : str
        `process.port` of the ends, for messages.
    capacity : int
        Messages that fit; a sender waits when they do not.

    Attributes
    ----------
    queue : deque
        The messages; they are not copied.
    reader, writer : Task or None
        The greenlets that wait at the ends.
    closed : int
        All messages of steps up to this one were sent; only participants that are not Python models say so.
    """

    __slots__ = (
        "capacity",
        "closed",
        "low",
        "queue",
        "reader",
        "source",
        "source_name",
        "target",
        "target_name",
        "worker",
        "writer",
    )

    def __init__(
        self,
        worker: ChannelWorker,
        source: Party,
        target: Party,
        source_name: str,
        target_name: str,
        capacity: int = 64,
    ) -> None:
        self.worker = worker
        self.source = source
        self.target = target
        self.source_name = source_name
        self.target_name = target_name
        self.queue: deque[Any] = deque()
        self.reader: Task | None = None
        self.writer: Task | None = None
        self.closed = 0
        self.set_capacity(capacity)

    def set_capacity(self, capacity: int) -> None:
        """Change how many messages fit."""
        if capacity < 1:
            raise ValueError(
                f"PortChannel {self.source_name} -> {self.target_name}: capacity must be at least 1."
            )
        self.capacity = capacity
        # A waiting sender goes on when half of the queue is free: fewer switches than one for each message.
        self.low = capacity // 2

    @property
    def count(self) -> int:
        """Messages that wait."""
        return len(self.queue)

    def send(self, message: Any) -> None:
        """Append a message; waits while the channel is full."""
        queue = self.queue
        while len(queue) >= self.capacity:
            self.writer = self.worker.current
            self.worker.full[self] = None
            self.worker.wait(self, "send")
        queue.append(message)
        reader = self.reader
        if reader is not None:
            self.reader = None
            self.worker.ready.append(reader)

    def recv(self) -> Any:
        """Take the oldest message; waits while there is none."""
        queue = self.queue
        while not queue:
            self.reader = self.worker.current
            self.worker.wait(self, "recv")
        message = queue.popleft()
        if self.writer is not None:
            self._taken(1)
        return message

    @property
    def room(self) -> int:
        """Messages that still fit."""
        return self.capacity - len(self.queue)

    def send_batch(self, rows: np.ndarray[Any, Any]) -> None:
        """Append the rows of an array, one message each; waits whenever the channel is full.

        Parameters
        ----------
        rows : ndarray, [n, *shape]
            Must not be written into afterwards.
        """
        queue = self.queue
        first = 0
        while first < len(rows):
            if len(queue) >= self.capacity:
                self.writer = self.worker.current
                self.worker.full[self] = None
                self.worker.wait(self, "send")
                continue
            upto = first + self.capacity - len(queue)
            queue.extend(rows[first:upto])
            first = upto
            reader = self.reader
            if reader is not None:
                self.reader = None
                self.worker.ready.append(reader)

    def recv_batch(self, count: int) -> np.ndarray[Any, Any]:
        """Take the `count` oldest messages (at least 1), [count, *shape]; waits until all of them are there.

        The messages are arrays of one shape.
        """
        queue = self.queue
        taken: list[Any] = []
        while len(taken) < count:
            while not queue:
                self.reader = self.worker.current
                self.worker.wait(self, "recv")
            before = len(taken)
            wanted = count - before
            if wanted >= len(queue):
                taken.extend(queue)
                queue.clear()
            else:
                taken.extend([queue.popleft() for _ in range(wanted)])
            if self.writer is not None:
                self._taken(len(taken) - before)
        if taken[0].ndim == 0:
            return np.array(taken)
        # Much faster than np.stack, which makes a view of each message first.
        return np.concatenate(taken).reshape(count, *taken[0].shape)

    def _taken(self, count: int) -> None:
        """Let the writer that waits go on, now that messages were taken."""
        writer = self.writer
        if writer is not None and self.count <= self.low:
            self.writer = None
            self.worker.ready.append(writer)

    def peek(self) -> Any:
        """Give the oldest message, which stays; waits while there is none."""
        while not self.queue:
            self.reader = self.worker.current
            self.worker.wait(self, "recv")
        return self.queue[0]

    def ready(self) -> int:
        """Count the messages that wait; waits itself while there is none."""
        self.peek()
        return len(self.queue)

    def probe(self) -> bool:
        """Whether there is a message; before it says no, it waits until the source has ended this step."""
        return bool(self.queue) or self.worker.probe(self)

    def close_step(self, step: int) -> None:
        """Say that all messages of steps up to this one were sent."""
        self.closed = step
        if self.reader is not None and self.reader.waits_to == "probe":
            reader, self.reader = self.reader, None
            self.worker.ready.append(reader)

    def forget_waiting(self) -> None:
        """Forget the greenlets that wait at the ends."""
        self.reader = self.writer = None

    def clear(self) -> None:
        """Forget all messages and waiting ends."""
        self.queue.clear()
        self.forget_waiting()
        self.closed = 0
