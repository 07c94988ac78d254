"""Shared memory for channels that programs make themselves (Lava's path). Networks do not need it."""

from __future__ import annotations

from multiprocessing.managers import SharedMemoryManager

__all__ = ["MultiProcessing"]


class MultiProcessing:
    """Owner of the memory of channels: what is made with it is gone after `stop`."""

    def __init__(self) -> None:
        self._smm: SharedMemoryManager | None = None

    @property
    def smm(self) -> SharedMemoryManager:
        """The manager of the memory.

        Raises
        ------
        RuntimeError
            Before `start` and after `stop`.
        """
        if self._smm is None:
            raise RuntimeError("MultiProcessing has no memory to give; call start() first.")
        return self._smm

    def start(self) -> None:
        """Start the manager, a process of its own."""
        self._smm = SharedMemoryManager()
        self._smm.start()

    def stop(self) -> None:
        """End the manager and free the memory of all channels made with it."""
        if self._smm is not None:
            self._smm.shutdown()
            self._smm = None
