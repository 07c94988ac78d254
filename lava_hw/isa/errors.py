"""The one error of this package."""

from __future__ import annotations


class AsmError(ValueError):
    """An instruction or a program text is not acceptable; the message says which and why."""


class BeyondLimit(AsmError):
    """A program needs a larger number than an instruction, or a population, can hold."""
