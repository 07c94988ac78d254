"""The slow-model warning: a model holds up all others of its worker while it waits for something outside."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lava_hw.runtime.worker import Worker

__all__ = ["LOOK_SECONDS", "SlowModelWatchdog"]

LOOK_SECONDS = 0.5
"""Time between two looks."""
_LOOKS = 2
"""Looks in a row that must find the same."""
_WORK = 0.02
"""Whoever computes for more than this part of the time is not blamed: more workers may help, or not."""


class SlowModelWatchdog:
    """Looks for a slow model in a worker from the thread that waits for its run.

    Parameters
    ----------
    worker : Worker
        The worker.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._seen = self._now()
        self._found = 0
        self._warned = False

    def _now(self) -> tuple[int, int, float]:
        task = self._worker.current
        return id(task) if task is not None else 0, self._worker.switches, self._worker.busy_seconds()

    def look(self) -> None:
        """Warn, once a run, if one greenlet has gone on for several looks and did not compute."""
        task = self._worker.current
        before, self._seen = self._seen, self._now()
        waits = (
            task is not None
            and task.participant.in_python
            and self._seen[:2] == before[:2]
            and self._seen[2] > 0  # else it is not known
            and self._seen[2] - before[2] < _WORK * LOOK_SECONDS
            and len(self._worker.participants) > 1
        )
        self._found = self._found + 1 if waits else 0
        if self._warned or task is None or self._found < _LOOKS:
            return
        self._warned = True
        who = task.participant
        warnings.warn(
            f"Process '{who.name}' has held up all other processes of its worker for "
            f"{_LOOKS * LOOK_SECONDS} s in {who.where()}: it waits for something outside of the network. A "
            f"thread of its own lets them go on: worker_placement={{'{who.name}': 'thread'}} in the run "
            "configuration, or isolation = 'thread' in its model.",
            RuntimeWarning,
            stacklevel=4,
        )
