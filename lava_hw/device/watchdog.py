"""Tells a simulator that computes from one that has gone to sleep although an answer is due."""

from __future__ import annotations

import time
from pathlib import Path

_PERIOD = 2.0  # seconds between two looks


class Watchdog:
    """Looks at a process now and then while somebody waits for its answer.

    It says nothing of a process that computes, is stopped, or does not get a core.

    Parameters
    ----------
    pid : int
        The process.
    """

    def __init__(self, pid: int) -> None:
        self._stat = Path(f"/proc/{pid}/stat")
        self._seen: tuple[float, tuple[str, int] | None] | None = None

    def heard(self) -> None:
        """Be told that something came, or that nothing was waited for meanwhile."""
        self._seen = None

    def is_stalled(self) -> bool:
        """Tell whether the process slept for the last seconds; to be called when a wait brought nothing."""
        now = time.monotonic()
        if self._seen is None:
            self._seen = now, self._look()
            return False
        since, before = self._seen
        if now - since < _PERIOD:
            return False
        current = self._look()
        self._seen = now, current
        return current is not None and current == before and current[0] == "S"

    def _look(self) -> tuple[str, int] | None:
        """State of the process, and the processor time that it has used."""
        try:
            fields = self._stat.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            return None
        return fields[0], int(fields[11]) + int(fields[12])
