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

_ACTIVE: set[int] = set()
"""Threads in which a bar counts something already; what that consists of has none of its own."""
_LOOK = 0.25
"""Seconds between two changes of what is seen."""


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
        tqdm = import_module("tqdm.auto" if in_notebook() else "tqdm").tqdm
        # Without tqdm's own thread, which looks at bars that are not updated; ours are.
        return type("Shown", (tqdm,), {"monitor_interval": 0})(**options)


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
    begin : float, optional
        When it began (time.time()); by default now.
    """

    def __init__(
        self,
        total: float | None,
        text: str,
        unit: str,
        shown: bool,
        delay: float,
        begin: float | None = None,
    ) -> None:
        self._total, self._text, self._unit = total, text, unit
        self._begin = time.time() if begin is None else begin
        self._thread = threading.get_ident()
        self._shown = shown and self._thread not in _ACTIVE
        self._next = self._begin + delay
        self._count: float = 0
        self._bar: Any = None
        self._ticker: threading.Thread | None = None
        self._ended = threading.Event()
        if self._shown:
            _ACTIVE.add(self._thread)
            if not delay:
                self._open().refresh()

    def _open(self) -> Any:
        options: dict[str, Any] = {"total": self._total, "desc": self._text, "unit": self._unit}
        if self._unit == "s":
            # Seconds of an estimate: neither a rate nor the count says anything.
            options["bar_format"] = (
                "{desc}: {elapsed}"
                if self._total is None
                else "{desc}: {percentage:3.0f}%|{bar}| {elapsed} of about {total:.0f} s{postfix}"
            )
        else:
            options["unit"] = f" {self._unit}"
        # With any delay it waits for the first count, instead of showing 0 at once.
        self._bar = _make(file=sys.stderr, dynamic_ncols=True, leave=True, delay=1e-9, **options)
        self._bar.start_t = self._begin
        return self._bar

    def due(self) -> bool:
        """Whether somebody would see a new count; asked in loops, so that it costs next to nothing."""
        return self._shown and time.time() >= self._next

    @property
    def is_shown(self) -> bool:
        """Whether it can be seen, now or later."""
        return self._shown

    @property
    def is_open(self) -> bool:
        """Whether it can be seen now."""
        return self._bar is not None

    def reach(self, count: float) -> None:
        """Say how much is done."""
        if not self.due():
            return
        self._next = time.time() + _LOOK
        if self._bar is None:
            self._open()
        bar = self._bar
        if self._total is not None:
            count = min(count, self._total)
        # Also without any advance: the time goes on.
        bar.n = self._count = max(self._count, count)
        bar.refresh()

    def reach_now(self) -> None:
        """Say that the time goes on, where seconds are counted."""
        self.reach(time.time() - self._begin)

    def say(self, text: str) -> None:
        """Say something behind the count."""
        if self._bar is not None:
            self._bar.set_postfix_str(text)

    def tick(self) -> Bar:
        """Let a thread show that the time goes on, for work that cannot say how much is done."""
        if self._shown and self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="lava_hw progress", daemon=True)
            self._ticker.start()
        return self

    def _tick(self) -> None:
        while not self._ended.wait(_LOOK):
            self.reach_now()

    def done(self, count: float | None = None) -> None:
        """Say that all is done, or so much."""
        self._count = self._count if count is None else count
        if self._bar is not None:
            self._bar.n = self._total if count is None and self._total is not None else self._count

    def close(self) -> None:
        """End it; what was seen stays."""
        self._ended.set()
        if self._ticker is not None:
            self._ticker.join()
        if self._shown:
            self._shown = False
            _ACTIVE.discard(self._thread)
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
    total: float | None,
    text: str,
    unit: str,
    progress: bool | None = None,
    *,
    delay: float = 0.0,
    begin: float | None = None,
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
    begin : float, optional
        When it began (time.time()), if that was before.

    Returns
    -------
    Bar
        Shows nothing inside of another bar of the same thread.
    """
    return Bar(total, text, unit, is_shown(progress), delay, begin)
