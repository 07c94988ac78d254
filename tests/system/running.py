"""Simulators as the operating system sees them: who runs, with what memory, and stopping them for a while."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] not in "ZX"


def simulators(parent: int | None = None) -> list[int]:
    """Give the pids of the simulators that this process, or `parent`, has started and that still run."""
    parent = os.getpid() if parent is None else parent
    return [pid for pid in children(parent) if name_of(pid) == "simulator"]


def children(parent: int) -> list[int]:
    """Give the pids of all children of a process, whichever of its threads started them."""
    found = []
    with contextlib.suppress(OSError):
        for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += [int(pid) for pid in tasks.read_text().split()]
    return sorted(found)


def name_of(pid: int) -> str:
    """Give the name of a process's program."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def marked(mark: str) -> list[int]:
    """Give the processes whose environment at their start held ``LAVA_HW_TEST_MARK=mark``."""
    wanted = b"LAVA_HW_TEST_MARK=" + mark.encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if wanted in (entry / "environ").read_bytes().split(b"\0") and is_alive(int(entry.name)):
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for something; whether it came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return condition()
        time.sleep(0.01)
    return True


def descriptors() -> dict[int, str]:
    """Give what this process has open."""
    found = {}
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the one of the listing itself
            found[int(number)] = os.readlink(f"/proc/self/fd/{number}")
    return found


def ring_mappings() -> list[str]:
    """Give the mappings of memory rings in this process."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return [line for line in lines if "memfd:" in line or "/dev/shm" in line]


def memory() -> int:
    """Give the resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Stutter:
    """Stops the simulators of this process at random moments and lets them go on a little later.

    Attributes
    ----------
    stops : int
        How often one was stopped.
    """

    def __init__(self, seed: int) -> None:
        self.stops = 0
        self._rng = np.random.default_rng(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="stutter")

    def _work(self) -> None:
        while not self._over.wait(self._rng.random() * 0.003):
            for pid in simulators():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    self.stops += 1
                    time.sleep(self._rng.random() * 0.006)
                    os.kill(pid, signal.SIGCONT)

    def __enter__(self) -> Stutter:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        for pid in simulators():
            os.kill(pid, signal.SIGCONT)
