"""One line a network: what is on the chip, and what stays in Python and why."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

from lava_hw.progress import is_shown
from lava_hw.report.types import Report

__all__ = ["announce", "line"]

MOST = 6
"""Names that a line lists of each kind; of the others it says how many there are."""

_log = logging.getLogger("lava_hw")

if TYPE_CHECKING:
    _StreamHandler = logging.StreamHandler[Any]
else:  # Python 3.10 has no types of handlers
    _StreamHandler = logging.StreamHandler


def line(report: Report) -> str:
    """Say in one line what runs where."""
    parts = [report.head]
    if report.on_chip:
        parts[0] += f": {_list(report.on_chip)}"
    reasons: dict[str, list[str]] = {}
    for process in report.processes:
        if process.device != "chip":
            reasons.setdefault(process.reason, []).append(process.name)
    python = [f"{_list(names)} ({reason})" if reason else _list(names) for reason, names in reasons.items()]
    if python:
        parts.append(f"in Python: {', '.join(python)}")
    return "; ".join(parts)


def _list(names: list[str] | tuple[str, ...]) -> str:
    shown = ", ".join(names[:MOST])
    return shown if len(names) <= MOST else f"{shown} and {len(names) - MOST} more"


def announce(report: Report) -> None:
    """Log the line at level INFO on the logger `lava_hw`.

    Where the application has set no handler and no level, and standard error is seen by a person (a terminal,
    or the kernel of a notebook), it appears there.
    """
    _show_to_people()
    _log.info("%s", line(report))


def _show_to_people() -> None:
    root = logging.getLogger()
    if _log.handlers or root.handlers or not _log.propagate or not is_shown(None):
        return
    handler = _ToStandardError()
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    # An application that sets a handler later has its own; loggers below this one speak up where it matters.
    handler.addFilter(
        lambda record: not root.handlers and (record.name == _log.name or record.levelno >= logging.WARNING)
    )
    _log.addHandler(handler)
    if _log.level == logging.NOTSET:
        _log.setLevel(logging.INFO)


class _ToStandardError(_StreamHandler):
    """Writes to what `sys.stderr` is at the time: notebooks and tests exchange it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        """Standard error."""
        return sys.stderr
