"""The thread that owns a worker, and the requests that other threads make to it."""

from __future__ import annotations

import ctypes
import queue
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lava_hw.runtime.errors import RunCancelled
from lava_hw.runtime.terminal import without_terminal

if TYPE_CHECKING:
    from lava_hw.runtime.worker import Worker

__all__ = ["PATIENCE_SECONDS", "Request", "Requests", "answer", "cancel", "serve_thread", "shut_down"]

PATIENCE_SECONDS = 5.0
"""How long a model may go on when the program ends, or somebody pressed Ctrl-C twice."""


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


@without_terminal()
def serve_thread(worker: Worker, requests: Requests, ended: threading.Event) -> None:
    """Life of a worker's thread. It holds neither the runtime nor processes, so that they can be freed."""
    try:
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
        worker.peers.close()
        # Greenlets must be freed by the thread that they belong to.
        worker.detach()
    finally:
        ended.set()


def answer(worker: Worker, requests: Requests) -> None:
    """Answer what was asked during a run; called at a step boundary."""
    while True:
        try:
            request = requests.get_nowait()
        except queue.Empty:
            return
        if request is None:
            worker.stopping = worker.called_off = True
            requests.put(None)
            return
        request.execute()


def shut_down(worker: Worker, requests: Requests) -> None:
    """End a run at a step boundary, then the thread.

    Does not wait for it, because the garbage collector calls this too.
    """
    worker.stopping = worker.called_off = True
    requests.put(None)
    worker.request_yield()


def cancel(thread: threading.Thread, ended: threading.Event) -> None:
    """End a worker's thread that was told to end, even if a model does not return.

    It is raised out of what it does. A thread that were still in a greenlet when the interpreter ends would
    crash it.
    """
    if ended.wait(PATIENCE_SECONDS) or thread.ident is None:
        return
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(RunCancelled))
    ended.wait(1.0)  # one that waits outside of Python does not come back, and does no harm
