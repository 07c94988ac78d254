"""Which processes are connected (Lava's path); for programs, nothing of the package imports it."""

from __future__ import annotations

from lava_hw.graph.walk import connected
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["find_processes"]


def find_processes(proc: AbstractProcess) -> list[AbstractProcess]:
    """All processes that ports connect with one, itself included, in order of creation."""
    return connected([proc])
