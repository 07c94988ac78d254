"""Bars for what takes long: builds, runs, batches of samples. A thin layer over tqdm.

Imports nothing of the package, and tqdm only when a bar is shown.
"""

from __future__ import annotations

import sys
import threading
import time
import warnings
from importlib import import_module
from types import TracebackType
from typing import Any

__all__ = ["Bar", "bar", "in_notebook", "is_shown"]

_ACTIVE = threading.local()
"""Whether a bar of this thread counts something already; what it consists of has none of its own."""


def in_notebook() -> bool:
    """Whether the program runs in the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def is_shown(progress: bool | None) -> bool:
    """Whether bars are shown.

    Parameters
    ----------
    progress : bool or None
        None: if standard error is a terminal, or in a notebook.
    """
    if progress is not None:
        return progress
    return (sys.stderr is not None and sys.stderr.isatty()) or in_notebook()


def _make(**options: Any) -> Any:
    with warnings.catch_warnings():
        # Without ipywidgets a notebook gets a bar of text, which needs no word.
        warnings.simplefilter("ignore")
        tqdm = import_module("tqdm.auto" if in_notebook() else "tqdm")
    return tqdm.tqdm(**options)


class Bar:
    """Counts something; what is seen of it comes after `delay` seconds. Made by `bar`; a context manager.

    Parameters
    ----------
    total : int, float or None
        What it counts up to, if that is known.
    text : str
        What is done.
    unit : str
        What is counted; "s" for seconds of an estimate.
    shown : bool
        Whether anything is seen of it.
    delay : float
        Seconds that have to pass first.
    """

    def __init__(self, total: float | None, text: str, unit: str, shown: bool, delay: float) -> None:
        self._total, self._text, self._unit = total, text, unit
        self._begin = time.time()
        self._delay = delay
        self._shown = shown and not getattr(_ACTIVE, "bar", False)
        self._bar: Any = None
        if self._shown:
            _ACTIVE.bar = True
            if not delay:
                self._open()

    def _open(self) -> None:
        options: dict[str, Any] = {"total": self._total, "desc": self._text, "unit": self._unit}
        if self._unit == "s":
            # Seconds of an estimate: neither a rate nor the count says anything.
            options["bar_format"] = (
                "{desc}: {elapsed}"
                if self._total is None
                else "{desc}: {percentage:3.0f}%|{bar}| {elapsed} of about {total:.0f} s"
            )
        else:
            options["unit"] = f" {self._unit}"
        self._bar = _make(file=sys.stderr, dynamic_ncols=True, leave=True, **options)
        self._bar.start_t = self._begin

    @property
    def is_open(self) -> bool:
        """Whether it can be seen."""
        return self._bar is not None

    def reach(self, count: float) -> None:
        """Say how much is done."""
        if not self._shown:
            return
        if self._bar is None:
            if time.time() - self._begin < self._delay:
                return
            self._open()
        bar = self._bar
        if self._total is not None:
            count = min(count, self._total)
        # Also without any advance: the time goes on.
        bar.n = max(bar.n, count)
        bar.refresh()

    def advance(self, count: float = 1) -> None:
        """Say that so much more is done."""
        if self._bar is not None:
            self._bar.update(count)

    def close(self) -> None:
        """End it; what was seen stays."""
        if self._shown:
            self._shown = False
            _ACTIVE.bar = False
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def bar(
    total: float | None, text: str, unit: str, progress: bool | None = None, *, delay: float = 0.0
) -> Bar:
    """A bar for something that takes long.

    Parameters
    ----------
    total : int, float or None
        What it counts up to, if that is known.
    text : str
        What is done: "running", "building ...".
    unit : str
        What is counted: "steps", "samples"; "s" for the seconds of an estimate.
    progress : bool or None
        See `is_shown`.
    delay : float, default 0
        Seconds before anything is seen.

    Returns
    -------
    Bar
        Shows nothing inside of another bar of the same thread.
    """
    return Bar(total, text, unit, is_shown(progress), delay)
