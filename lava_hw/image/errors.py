"""The one error of this package."""

from __future__ import annotations


class ImageError(ValueError):
    """An image is not acceptable; the message says what is wrong, where, and what to do about it."""
