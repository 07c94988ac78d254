"""Remote exceptions: they go from one process of the operating system to another."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

from lava_hw.runtime.errors import RunError

__all__ = ["RemoteTraceback", "pack_error", "unpack_error"]


class RemoteTraceback(Exception):
    """Text of a traceback of another operating-system process; the cause of the exception it belongs to."""

    def __str__(self) -> str:
        return f"\n{self.args[0]}"


def pack_error(error: BaseException) -> list[tuple[bytes | None, str, str]]:
    """Pack an exception and its causes, outermost first: pickled (None if it cannot be), text, traceback."""
    packed = []
    now: BaseException | None = error
    while now is not None and not isinstance(now, RemoteTraceback):
        lines = traceback.format_exception(type(now), now, now.__traceback__, chain=False)
        packed.append((_pickled(now), f"{type(now).__name__}: {now}", "".join(lines)))
        now = now.__cause__
    return packed


def unpack_error(packed: list[tuple[bytes | None, str, str]]) -> BaseException:
    """Give the exception of `pack_error`; one that cannot be made again becomes a RunError with its text."""
    cause: BaseException | None = None
    for data, text, trace in reversed(packed):
        error = _again(data, text)
        error.__cause__ = cause if cause is not None else RemoteTraceback(trace)
        cause = error
    assert cause is not None
    return cause


def _pickled(error: BaseException) -> bytes | None:
    """Pickle an exception in a form that `_again` can read; None if there is none."""
    kind, text = type(error), str(error)
    # Pickling calls the class with `args`, which is not what many an __init__ of users takes; and without a
    # call of it an exception may lack what it keeps in slots.
    forms: list[Any] = [error, (kind, error.args, dict(vars(error)))]
    for form in forms:
        try:
            data = pickle.dumps(form)
            again = _again(data, text)
            if type(again) is kind and str(again) == text:
                return data
        except Exception:
            continue
    return None


def _again(data: bytes | None, text: str) -> BaseException:
    if data is None:
        return RunError(text)
    form = pickle.loads(data)
    if isinstance(form, BaseException):
        return form
    kind, args, attributes = form
    error: BaseException = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error
