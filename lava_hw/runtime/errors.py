"""Errors of a run."""

from __future__ import annotations

__all__ = ["OWN_NETWORK", "DeadlockError", "ModelError", "RunCancelled", "RunError", "add_note"]


OWN_NETWORK = (
    "A model cannot call get, set, run, pause or stop of processes of its own network; use ports, a RefPort, "
    "or self._req_pause and self._req_stop."
)
"""What is said to a model that does."""


class RunError(RuntimeError):
    """A run could not be started, or ended early."""


class ModelError(RunError):
    """A model raised; the original exception is the cause (`__cause__`)."""


class DeadlockError(RunError):
    """Every process waits for another one."""


class RunCancelled(BaseException):
    """Raised in a waiting model when its run is given up. Not to be caught."""


def add_note(error: BaseException, note: str) -> None:
    """Add a note to an error, once; tracebacks show it from Python 3.11 on."""
    notes = list(getattr(error, "__notes__", ()))
    if note not in notes:
        error.__notes__ = [*notes, note]  # type: ignore[attr-defined]  # as BaseException.add_note does
