"""An executor: a thread for one model, so that others go on while it waits for a camera or a socket.

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
    from lava_hw.runtime.barrier import Barriers
    from lava_hw.runtime.channel import PortChannel

__all__ = ["ThreadChannel", "ThreadExecutor"]

_PATIENCE_SECONDS = 1.0
"""How long stop() waits for a model that does not come back."""


class _JobQueue:
    """The job queue of a model's thread, and the queues by which the thread asks its greenlet to act."""

    def __init__(self) -> None:
        self.todo: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # The thread wants something of the greenlet: a function to call, or None when the job is done.
        self.wants: queue.SimpleQueue[tuple[Callable[[], Any] | None, BaseException | None]]
        self.wants = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self.abandoned = False


class ThreadExecutor:
    """Runs a model's methods in a thread, on behalf of its greenlet.

    Parameters
    ----------
    worker : Barriers
        The worker of the greenlet.
    name : str
        Name of the process.
    """

    def __init__(self, worker: Barriers, name: str) -> None:
        self._worker = worker
        self._name = name
        self._queue: _JobQueue | None = None
        self._local = threading.local()
        self._stop_seen = 0.0

    # -- in the greenlet --
    def run(self, function: Callable[[], None]) -> None:
        """Call a function in the thread and wait for its end; meanwhile others go on."""
        jobs = self._queue
        if jobs is None:
            jobs = self._queue = _JobQueue()
            thread = threading.Thread(
                target=self._life, args=(jobs,), daemon=True, name=f"lava_hw {self._name}"
            )
            thread.start()
        jobs.todo.put(function)
        try:
            while not self._serve(jobs):
                pass
        except RunCancelled:
            # The thread is left to itself: it ends when what it waits for comes.
            jobs.abandoned = True
            self._queue = None
            jobs.answers.put((None, RunCancelled()))
            jobs.todo.put(None)
            raise

    def _serve(self, jobs: _JobQueue) -> bool:
        """Do one thing that the thread wants, and say whether its job is done."""
        worker = self._worker
        worker.wait_external(partial(self._has_come, jobs), worker.outside_wait, "for its own thread")
        if jobs.wants.empty():
            raise RunCancelled
        wish, failure = jobs.wants.get()
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
        jobs.answers.put((value, error))
        return False

    def _has_come(self, jobs: _JobQueue) -> bool:
        """Whether the thread wants something, or the user has waited long enough for the end."""
        if not jobs.wants.empty():
            self._stop_seen = 0.0
            return True
        if not self._worker.stopping:
            return False
        now = time.monotonic()
        self._stop_seen = self._stop_seen or now
        return now - self._stop_seen > _PATIENCE_SECONDS

    def close(self) -> None:
        """End the thread, if it does nothing."""
        if self._queue is not None:
            self._queue.todo.put(None)

    # -- in the thread --
    def call(self, function: Callable[[], Any]) -> Any:
        """Let the greenlet call a function, and give its result."""
        jobs: _JobQueue | None = getattr(self._local, "jobs", None)
        if jobs is None:
            return function()
        if jobs.abandoned:
            raise RunCancelled
        jobs.wants.put((function, None))
        self._worker.outside.set()
        value, error = jobs.answers.get()
        if error is not None:
            raise error
        return value

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, called by the greenlet."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return self.call(partial(function, *args, **kwargs))

        return wrapped

    @without_terminal()
    def _life(self, jobs: _JobQueue) -> None:
        self._local.jobs = jobs
        while (job := jobs.todo.get()) is not None:
            error: BaseException | None = None
            try:
                job()
            except BaseException as err:
                error = err
            jobs.wants.put((None, error))
            self._worker.outside.set()
            del job, error


class ThreadChannel:
    """A channel as the model in its own thread sees it: the parts that a port uses.

    Parameters
    ----------
    channel : PortChannel
        The channel.
    executor : ThreadExecutor
        The thread.
    """

    queue = ()
    """Empty, so that ports take messages by `recv`."""
    writer = None

    def __init__(self, channel: PortChannel, executor: ThreadExecutor) -> None:
        self._channel = channel
        self._executor = executor

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._channel, name)
        return self._executor.wrap(found) if callable(found) else found
