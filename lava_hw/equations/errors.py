"""What is wrong with a text of equations."""

from __future__ import annotations

__all__ = ["EquationsError", "OverflowInText"]


class EquationsError(ValueError):
    """A text of equations that cannot be understood, or that the chip does not have."""


class OverflowInText(EquationsError):
    """A value that may leave its range; the message names operation, interval, line and remedy."""
