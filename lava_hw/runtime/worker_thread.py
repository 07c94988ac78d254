"""The thread that owns a worker, and the requests that other threads make to it."""

from __future__ import annotations

import atexit
import ctypes
import queue
import threading
import warnings
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lava_hw.runtime.errors import OWN_NETWORK, RunCancelled, RunError
from lava_hw.runtime.terminal import without_terminal
from lava_hw.tracebacks import shorten

if TYPE_CHECKING:
    from lava_hw.runtime.worker import Worker

__all__ = ["PATIENCE_SECONDS", "Request", "WorkerThread"]

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
        """Call the function and keep its result."""
        try:
            self.value = self._function()
        except BaseException as err:
            self.error = err
        finally:
            del self._function
            self.done.set()


Requests = queue.SimpleQueue["Request | None"]


class WorkerThread:
    """The thread of a worker, as other threads see it.

    Parameters
    ----------
    worker : Worker
        Runs in the thread until the end.
    """

    def __init__(self, worker: Worker) -> None:
        requests: Requests = queue.SimpleQueue()
        worker.has_requests = lambda: not requests.empty()
        worker.serve = partial(_answer, worker, requests)
        self._worker: Worker | None = worker
        self._requests = requests
        # Not Thread.join: a Ctrl-C while it waits lets Python believe that the thread has ended.
        self._ended = threading.Event()
        self.thread = threading.Thread(
            target=_serve, args=(worker, requests, self._ended), name="lava_hw worker", daemon=True
        )
        self.thread.start()
        self._finalizer = weakref.finalize(self, _shut_down, worker, requests)
        self._finalizer.atexit = False
        _THREADS.add(self)

    @property
    def is_current(self) -> bool:
        """Whether it is this thread that asks."""
        return threading.current_thread() is self.thread

    def put(self, request: Request) -> None:
        """Let the thread execute a request when it is free."""
        self._requests.put(request)

    def call(self, function: Callable[[], Any]) -> Any:
        """Execute a function in the thread: at once between runs, else at the next step boundary.

        Raises
        ------
        BaseException
            What the function raised, or RunError if the thread has ended, or it is this one that asks.
        """
        if self.is_current:
            raise RunError(OWN_NETWORK)
        request = Request(function)
        self._requests.put(request)
        if self._worker is not None:
            self._worker.request_yield()
        while not request.done.wait(1.0):
            if self._ended.is_set() and not request.done.is_set():
                raise RunError("The runtime was stopped meanwhile.")
        if request.error is not None:
            raise shorten(request.error)
        return request.value

    def end(self, patient: bool = True) -> None:
        """End a run at a step boundary, then the thread; see `Runtime.stop`."""
        self._finalizer.detach()
        self.shut_down()
        try:
            if not patient:
                self.cancel()
                if not self._ended.is_set():
                    warnings.warn("A model does not return; its thread goes on.", stacklevel=5)
                    return
            self._ended.wait()
        except KeyboardInterrupt:
            # What was begun is soon done; who does not want to wait for it can press Ctrl-C again.
            self.cancel()
            if self._ended.is_set():
                self.thread.join()
            raise
        self.thread.join()
        _THREADS.discard(self)

    def release(self) -> None:
        """Let go of the worker: its models and devices hold memory."""
        self._worker = None

    def shut_down(self) -> None:
        """Let the thread end at a step boundary, without waiting for it."""
        if self._worker is not None:
            _shut_down(self._worker, self._requests)

    def cancel(self) -> None:
        """End a thread that was told to end, even if a model does not return.

        RunCancelled is raised out of what it does. A thread that were still in a greenlet when the
        interpreter ends would crash it.
        """
        thread, ended = self.thread, self._ended
        if ended.wait(PATIENCE_SECONDS) or thread.ident is None:
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(RunCancelled)
        )
        ended.wait(1.0)  # one that waits outside of Python does not come back, and does no harm


_THREADS: weakref.WeakSet[WorkerThread] = weakref.WeakSet()


@atexit.register
def _at_exit() -> None:
    """A run must not outlive the program, and nothing may be left behind."""
    threads = list(_THREADS)
    for thread in threads:
        thread.shut_down()
    for thread in threads:
        thread.cancel()


@without_terminal()
def _serve(worker: Worker, requests: Requests, ended: threading.Event) -> None:
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


def _answer(worker: Worker, requests: Requests) -> None:
    """Answer the requests that came during a run; called at a step boundary."""
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


def _shut_down(worker: Worker, requests: Requests) -> None:
    """End a run at a step boundary, then the thread.

    Does not wait for it, because the garbage collector calls this too.
    """
    worker.stopping = worker.called_off = True
    requests.put(None)
    worker.request_yield()
