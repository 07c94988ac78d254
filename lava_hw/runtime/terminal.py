"""Models never read the terminal, nor whatever else is the program's standard input.

As for a model of Lava, whose process has none: `input()` raises EOFError. The program around the network
reads on, also while the network runs.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["without_terminal"]

_thread = threading.local()
_lock = threading.Lock()
_inside = 0


def _nothing() -> io.TextIOWrapper:
    """What ends at once. It has no number, as a terminal would, so that input() asks it for a line."""
    return io.TextIOWrapper(io.BytesIO())


class _ByThread:
    """Stands for sys.stdin: empty for threads of models, what it was for all others."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        empty = getattr(_thread, "empty", None)
        if empty is None:
            return getattr(self.real, name)
        if empty.closed:  # by a model; the others of its thread have theirs
            empty = _thread.empty = _nothing()
        return getattr(empty, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.readline, "")


@contextmanager
def without_terminal() -> Iterator[None]:
    """Keep the calling thread from standard input until the end of the block."""
    global _inside
    with _lock:
        if sys.stdin is not None and not isinstance(sys.stdin, _ByThread):
            sys.stdin = _ByThread(sys.stdin)
        _inside += 1
    _thread.empty = _nothing()
    try:
        yield
    finally:
        del _thread.empty
        with _lock:
            _inside -= 1
            if not _inside and isinstance(sys.stdin, _ByThread):
                sys.stdin = sys.stdin.real
