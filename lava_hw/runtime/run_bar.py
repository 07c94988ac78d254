"""Shows how far a run is, from the thread that waits for it: the steps themselves cost nothing more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lava_hw import progress as bars
from lava_hw.magma.core.run_conditions import AbstractRunCondition, RunSteps

if TYPE_CHECKING:
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.worker import Worker

__all__ = ["RunBar"]

_DELAY = 1.0
"""Seconds that a run lasts before it has a bar."""


def _complete(domain: Domain) -> int:
    """The last step that everybody has ended, as far as this worker knows."""
    if domain.lockstep:
        return max(domain.barrier - 1, 0)
    if domain.participants:
        return min(participant.reached for participant in domain.participants)
    return max(domain.started.values(), default=0)


class RunBar:
    """The bar of one run. It is made when the run begins, and seen only while somebody waits.

    Parameters
    ----------
    worker : Worker
        What runs.
    condition : AbstractRunCondition
        How long.
    progress : bool or None
        Of the run configuration.
    """

    def __init__(self, worker: Worker, condition: AbstractRunCondition, progress: bool | None) -> None:
        self._worker, self._progress = worker, progress
        self._total = condition.num_steps if isinstance(condition, RunSteps) else None
        self._begin = time.time()
        self._before = [domain.step for domain in worker.domains]
        self._bar: bars.Bar | None = None

    def look(self) -> None:
        """Show how far the run is, if it lasts."""
        domains = self._worker.domains
        if not domains:
            return  # asynchronous models count no steps
        if self._bar is None:
            self._bar = bars.bar(
                self._total, "running", "steps", self._progress, delay=_DELAY, begin=self._begin
            )
        if self._bar.due():
            self._bar.reach(self._steps())

    def _steps(self) -> int:
        domains = self._worker.domains
        return min(_complete(d) - before for d, before in zip(domains, self._before, strict=True))

    def close(self) -> None:
        """End it, at the step at which the run has ended."""
        if self._bar is not None:
            steps = [d.step - b for d, b in zip(self._worker.domains, self._before, strict=False)]
            self._bar.done(max(steps, default=0))
            self._bar.close()
            self._bar = None
