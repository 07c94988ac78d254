"""Processes of the operating system for workers: made by fork, because models may live in `__main__`.

Forked before the runtime has a thread. Rings are memfds without a name, so nothing is left behind however a
process ends. A process whose program is gone ends itself.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lava_hw import bridge
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.workers.connection import PacketConnection

__all__ = ["Forked", "fork"]

_SLOTS = 1 << 15
"""Slots of a ring, 256 KiB."""
_WATCHDOG_SECONDS = 0.5


class Forked:
    """The processes of the operating system that were started, as the program sees them.

    Parameters
    ----------
    pids : dict of int to int
        Process id of each worker.
    connections : dict of int to PacketConnection
        To each worker.
    """

    def __init__(self, pids: dict[int, int], connections: dict[int, PacketConnection]) -> None:
        self.pids = pids
        self.connections = connections
        self._status: dict[int, int] = {}

    def how_it_ended(self, number: int) -> str:
        """Give the exit code or signal of a worker that is gone."""
        self._reap(number, 1.0)
        status = self._status.get(number)
        if status is None:
            return "it cannot be reached"
        if status < 0:
            return f"it was killed by {signal.Signals(-status).name}"
        return f"it ended with exit code {status}"

    def end(self, seconds: float) -> None:
        """Wait for all to end, and kill those that have not after so long."""
        limit = time.monotonic() + seconds
        for number in self.pids:
            if not self._reap(number, max(0.0, limit - time.monotonic())):
                self.kill(number)
                self._reap(number, 5.0)
        for connection in self.connections.values():
            connection.dead = True
            for end in (connection.producer, connection.consumer):
                with suppress(bridge.BridgeError):
                    end.close()

    def kill(self, number: int) -> None:
        """End a worker by force."""
        if number not in self._status:
            with suppress(ProcessLookupError):
                os.kill(self.pids[number], signal.SIGKILL)

    def _reap(self, number: int, seconds: float) -> bool:
        """Whether a worker has ended; waits so long for it."""
        if number in self._status:
            return True
        limit = time.monotonic() + seconds
        nap = 0.0005
        while True:
            try:
                pid, status = os.waitpid(self.pids[number], os.WNOHANG)
            except ChildProcessError:  # somebody else in this program has waited for it
                return True
            if pid:
                self._status[number] = os.waitstatus_to_exitcode(status)
                return True
            if time.monotonic() >= limit:
                return False
            time.sleep(nap)
            nap = min(2 * nap, 0.02)


def fork(count: int, live: Callable[[int, dict[int, PacketConnection]], None]) -> Forked:
    """Start workers 1 to `count - 1`.

    Parameters
    ----------
    count : int
        Number of workers, with the program's own.
    live : callable
        The life of a worker in its own process; it gets its number and its connections.

    Raises
    ------
    RunError
        If this system cannot fork.
    BridgeUnavailable
        If the compiled module of the rings is missing.
    """
    if not hasattr(os, "fork"):
        raise RunError("Several workers need os.fork, which this system does not have; use workers=1.")
    if not bridge.available():
        raise bridge.BridgeUnavailable(f"Several workers need rings, but {bridge.unavailable_reason()}.")
    pairs = [(i, j) for i in range(count) for j in range(count) if i != j]
    rings = {
        (i, j): bridge.create_ring(_SLOTS, f"worker {i} to worker {j}", f"worker {i}", f"worker {j}")
        for i, j in pairs
    }
    pids: dict[int, int] = {}
    parent = os.getpid()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        for number in range(1, count):
            pid = _fork()
            if pid == 0:
                _be_worker(parent, number, count, rings, live)
            pids[number] = pid
            for i, j in pairs:
                if i == number:
                    bridge.expect_peer(rings[i, j], "producer", pid)
                elif j == number:
                    bridge.expect_peer(rings[i, j], "consumer", pid)
        connections = _attach(0, count, rings)
    except BaseException:
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        raise
    finally:
        for fd in rings.values():
            os.close(fd)
    return Forked(pids, connections)


def _fork() -> int:
    with warnings.catch_warnings():
        # The threads that Python sees here are numpy's, which knows of forks; ours do not exist yet.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _attach(number: int, count: int, rings: dict[tuple[int, int], int]) -> dict[int, PacketConnection]:
    return {
        other: PacketConnection(
            other, bridge.Producer(rings[number, other]), bridge.Consumer(rings[other, number])
        )
        for other in range(count)
        if other != number
    }


def _be_worker(
    parent: int,
    number: int,
    count: int,
    rings: dict[tuple[int, int], int],
    live: Callable[[int, dict[int, PacketConnection]], None],
) -> Any:
    """Life of a worker in its own process; never returns."""
    code = 1
    try:
        # Ctrl-C goes to the program too, which decides.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # What the program had is not to be finalised here: it still has it.
        gc.freeze()
        sys.stdin = open(os.devnull)  # noqa: SIM115 (for the life of this process)
        threading.Thread(target=_watchdog, args=(parent,), daemon=True, name="lava_hw watchdog").start()
        connections = _attach(number, count, rings)
        for fd in rings.values():
            os.close(fd)
        live(number, connections)
        for connection in connections.values():
            if not connection.dead:
                connection.producer.close()
                connection.consumer.close()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _watchdog(parent: int) -> None:
    """End this process when the program is gone, whatever a model does."""
    while os.getppid() == parent:
        time.sleep(_WATCHDOG_SECONDS)
    os._exit(1)
