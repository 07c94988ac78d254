"""What somebody may have meant who wrote a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["NoSuchAttribute", "meant", "nearest"]

# Below this likeness (difflib's ratio) a name is no suggestion.
_ALIKE = 0.6
# Likeness of a name that begins as the wanted one, `bias_mant` for `bias`, and of one that is its beginning.
_BEGINNING, _ENOUGH = 0.9, 0.75
# A name that is less alike than the best one by so much is not given beside it.
_APART = 0.15


def nearest(wanted: str, names: Iterable[str], most: int = 2) -> list[str]:
    """The names that are most like the wanted one, the nearest first; case does not count.

    Parameters
    ----------
    wanted : str
        A name that does not exist.
    names : iterable of str
        Names that do; of two that are as near, the first is named first.
    most : int, default 2
        Names to give at most.
    """
    low = wanted.lower()
    found = []
    for name in dict.fromkeys(names):
        other = name.lower()
        alike = difflib.SequenceMatcher(None, low, other).ratio()
        if low != other and min(len(low), len(other)) > 1:
            if other.startswith(low):
                alike = max(alike, _BEGINNING)
            elif low.startswith(other):
                alike = max(alike, _ENOUGH)
        if alike >= _ALIKE:
            found.append((alike, name))
    best = max((alike for alike, _ in found), default=0.0)
    found = [(alike, name) for alike, name in found if alike > best - _APART]
    return [name for _, name in sorted(found, key=lambda pair: -pair[0])[:most]]


def meant(wanted: str, names: Iterable[str]) -> str:
    """A question for a message, with a space in front; empty if nothing is near."""
    near = nearest(wanted, names)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


class NoSuchAttribute(AttributeError):
    """A process has no such attribute. The text is made when somebody reads it, for `hasattr` does not.

    Parameters
    ----------
    name : str
        What the process was asked for.
    text : function
        Gives the text.
    """

    def __init__(self, name: str, text: Callable[[], str]) -> None:
        super().__init__(name)
        self._text = text

    def __reduce__(self) -> tuple[Any, ...]:
        return AttributeError, (str(self),)

    def __str__(self) -> str:
        return self._text()
