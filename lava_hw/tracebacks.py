"""Tracebacks without the package's own plumbing: the user's frames and the message.

Imports nothing of the package, so every layer may use it.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from types import TracebackType
from typing import ParamSpec, TypeVar

__all__ = ["FULL_TRACEBACK", "short_tracebacks", "shorten"]

FULL_TRACEBACK = "LAVA_HW_FULL_TRACEBACK"
"""Name of the environment variable that keeps tracebacks whole, for those who work on the package."""

_PLUMBING = frozenset({"contextlib", "functools", "threading", "runpy"})
"""Modules of Python whose frames only lead from one of our functions to the next."""

E = TypeVar("E", bound=BaseException)
P = ParamSpec("P")
R = TypeVar("R")


def shorten(error: E) -> E:
    """Cut the frames of this package out of the traceback of an error and of its causes.

    For the outermost call of the user: ``except Exception as error: raise shorten(error)``. Frames of the
    user's own code and of other libraries stay, and so does the innermost frame of an error that is none of
    our classes, as its message may not say enough.

    Parameters
    ----------
    error : BaseException
        What was raised.

    Returns
    -------
    BaseException
        The same object; unchanged if the environment variable LAVA_HW_FULL_TRACEBACK is set.
    """
    if os.environ.get(FULL_TRACEBACK):
        return error
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        now.__traceback__ = _cut(now.__traceback__, keep_last=not _is_own(type(now).__module__))
        now = now.__cause__
    return error


def short_tracebacks(function: Callable[P, R]) -> Callable[P, R]:
    """Shorten the traceback of what a function raises. For functions that users call."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            raise shorten(error)  # noqa: B904 - the same error

    return call


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == "lava_hw"


def _cut(trace: TracebackType | None, keep_last: bool) -> TracebackType | None:
    entries: list[TracebackType] = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    short: TracebackType | None = None
    for place, entry in enumerate(reversed(entries)):
        module = str(entry.tb_frame.f_globals.get("__name__", ""))
        if (keep_last and place == 0) or not (_is_own(module) or module in _PLUMBING):
            short = TracebackType(short, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return short
