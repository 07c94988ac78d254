"""How long a run lasts (Lava's path)."""

from __future__ import annotations

import sys

__all__ = ["AbstractRunCondition", "RunContinuous", "RunSteps"]


class AbstractRunCondition:
    """Parent of run conditions.

    Parameters
    ----------
    blocking : bool
        Whether `run` waits until the run is done.
    """

    def __init__(self, blocking: bool) -> None:
        self.blocking = blocking


class RunSteps(AbstractRunCondition):
    """Run a number of steps.

    Parameters
    ----------
    num_steps : int
        Steps; 0 runs none.
    blocking : bool, default True
        Whether `run` waits for them.
    """

    def __init__(self, num_steps: int, blocking: bool = True) -> None:
        super().__init__(blocking)
        if isinstance(num_steps, bool) or int(num_steps) != num_steps or num_steps < 0:
            raise ValueError(f"RunSteps needs a number of steps >= 0, got {num_steps!r}.")
        self.num_steps = int(num_steps)


class RunContinuous(AbstractRunCondition):
    """Run until pause() or stop(). Never waits."""

    def __init__(self) -> None:
        super().__init__(blocking=False)
        self.num_steps = sys.maxsize
