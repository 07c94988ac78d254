"""The thread that owns a worker, and the requests that other threads make to it."""

from __future__ import annotations

import queue
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lava_hw.runtime.scheduler import Worker

__all__ = ["Request", "Requests", "answer", "serve_thread", "shut_down"]


class Request:
    """A call that the worker's thread executes."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self.done = threading.Event()
        self.value: Any = None
        self.error: BaseException | None = None

    def execute(self) -> None:
        """Call the function and keep what comes of it."""
        try:
            self.value = self._function()
        except BaseException as err:
            self.error = err
        finally:
            del self._function
            self.done.set()


Requests = queue.SimpleQueue["Request | None"]


def serve_thread(worker: Worker, requests: Requests) -> None:
    """Life of a worker's thread. It holds neither the runtime nor processes, so that they can be freed."""
    worker.attach()
    while True:
        request = requests.get()
        if request is None:
            break
        request.execute()
        del request
    for participant in worker.participants:
        try:
            participant.close()
        except Exception as err:
            warnings.warn(f"Closing '{participant.name}' failed: {err}", stacklevel=1)
    # Greenlets must be freed by the thread that they belong to.
    worker.detach()


def answer(worker: Worker, requests: Requests) -> None:
    """Answer what was asked during a run; called at a step boundary."""
    while True:
        try:
            request = requests.get_nowait()
        except queue.Empty:
            return
        if request is None:
            worker.stopping = True
            requests.put(None)
            return
        request.execute()


def shut_down(worker: Worker, requests: Requests) -> None:
    """End a run at a step boundary, then the thread.

    Does not wait for it, because the garbage collector calls this too.
    """
    worker.stopping = True
    requests.put(None)
    worker.nudge()
