"""The one error of this package."""

from __future__ import annotations


class AsmError(ValueError):
    """An instruction or a program text is not acceptable; the message says which and why."""
