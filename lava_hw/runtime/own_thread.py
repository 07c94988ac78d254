"""A thread for one model, so that the others go on while it waits for a camera or a socket.

The model's greenlet stays in the worker's thread and does there what the model wants of its ports; the model
itself runs in its own thread. So its messages are sent and received in the same order as ever.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lava_hw.runtime.errors import RunCancelled
from lava_hw.runtime.terminal import without_terminal

if TYPE_CHECKING:
    from lava_hw.runtime.channel import Channel
    from lava_hw.runtime.scheduler import Worker

__all__ = ["OwnThread", "ThreadChannel"]

_PATIENCE_SECONDS = 1.0
"""How long stop() waits for a model that does not come back."""


class _Desk:
    """What a thread and a greenlet hand to each other."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # What the thread wants of the greenlet: a function to call, or None when the job is done.
        self.wants: queue.SimpleQueue[tuple[Callable[[], Any] | None, BaseException | None]]
        self.wants = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self.abandoned = False


class OwnThread:
    """Runs a model's methods in a thread, on behalf of its greenlet.

    Parameters
    ----------
    worker : Worker
        The worker of the greenlet.
    name : str
        Name of the process.
    """

    def __init__(self, worker: Worker, name: str) -> None:
        self._worker = worker
        self._name = name
        self._desk: _Desk | None = None
        self._seat = threading.local()
        self._stop_seen = 0.0

    # -- in the greenlet --
    def run(self, function: Callable[[], None]) -> None:
        """Call a function in the thread and wait for its end; meanwhile others go on."""
        desk = self._desk
        if desk is None:
            desk = self._desk = _Desk()
            thread = threading.Thread(
                target=self._life, args=(desk,), daemon=True, name=f"lava_hw {self._name}"
            )
            thread.start()
        desk.jobs.put(function)
        try:
            while not self._serve(desk):
                pass
        except RunCancelled:
            # The thread is left to itself: it ends when what it waits for comes.
            desk.abandoned = True
            self._desk = None
            desk.answers.put((None, RunCancelled()))
            desk.jobs.put(None)
            raise

    def _serve(self, desk: _Desk) -> bool:
        """Do one thing that the thread wants; whether its job is done."""
        worker = self._worker
        worker.wait_external(partial(self._has_come, desk), worker.outside_wait, "for its own thread")
        if desk.wants.empty():
            raise RunCancelled
        wish, failure = desk.wants.get()
        if wish is None:
            if failure is not None:
                raise failure
            return True
        value, error = None, None
        try:
            value = wish()
        except RunCancelled:
            raise
        except BaseException as err:
            error = err
        desk.answers.put((value, error))
        return False

    def _has_come(self, desk: _Desk) -> bool:
        """Whether the thread wants something, or the user has waited long enough for the end."""
        if not desk.wants.empty():
            self._stop_seen = 0.0
            return True
        if not self._worker.stopping:
            return False
        now = time.monotonic()
        self._stop_seen = self._stop_seen or now
        return now - self._stop_seen > _PATIENCE_SECONDS

    def close(self) -> None:
        """End the thread, if it does nothing."""
        if self._desk is not None:
            self._desk.jobs.put(None)

    # -- in the thread --
    def call(self, function: Callable[[], Any]) -> Any:
        """Let the greenlet call a function, and give what comes of it."""
        desk: _Desk | None = getattr(self._seat, "desk", None)
        if desk is None:
            return function()
        if desk.abandoned:
            raise RunCancelled
        desk.wants.put((function, None))
        self._worker.outside.set()
        value, error = desk.answers.get()
        if error is not None:
            raise error
        return value

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, called by the greenlet."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return self.call(partial(function, *args, **kwargs))

        return wrapped

    @without_terminal()
    def _life(self, desk: _Desk) -> None:
        self._seat.desk = desk
        while (job := desk.jobs.get()) is not None:
            error: BaseException | None = None
            try:
                job()
            except BaseException as err:
                error = err
            desk.wants.put((None, error))
            self._worker.outside.set()
            del job, error


class ThreadChannel:
    """A channel as the model in its own thread sees it; what a port needs of a channel.

    Parameters
    ----------
    channel : Channel
        The channel.
    own : OwnThread
        The thread.
    """

    queue = ()
    """Empty, so that ports take messages by `recv`."""
    writer = None

    def __init__(self, channel: Channel, own: OwnThread) -> None:
        self._channel = channel
        self._own = own

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._channel, name)
        return self._own.wrap(found) if callable(found) else found
