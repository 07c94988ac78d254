"""Errors of a run."""

from __future__ import annotations

__all__ = ["DeadlockError", "ModelError", "RunCancelled", "RunError"]


class RunError(RuntimeError):
    """A run could not be started, or ended early."""


class ModelError(RunError):
    """A model raised; the original exception is the cause (`__cause__`)."""


class DeadlockError(RunError):
    """Every process waits for another one."""


class RunCancelled(BaseException):
    """Raised in a waiting model when its run is given up. Not to be caught."""
