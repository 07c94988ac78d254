"""Synchronization domains (Lava's path)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lava_hw.magma.core.sync.protocol import AbstractSyncProtocol

if TYPE_CHECKING:
    from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["SyncDomain"]


class SyncDomain:
    """Processes that keep step with each other.

    Parameters
    ----------
    name : str
        Name for messages.
    protocol : AbstractSyncProtocol
        How they keep step; an instance, or the class.
    processes : list of AbstractProcess, optional
        The members.
    """

    def __init__(
        self, name: str, protocol: AbstractSyncProtocol, processes: list[AbstractProcess] | None = None
    ) -> None:
        self.name = name
        self.protocol = protocol
        self.processes: list[AbstractProcess] = list(processes or [])

    def add_process(self, process: AbstractProcess) -> None:
        """Add a member."""
        self.processes.append(process)
