"""What becomes of a value, in plain Python, from the facts about Loihi and Lava, without the package.

A row says of a Var: the least and greatest value that has a meaning, those that Loihi has, and what step 1
does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

ERROR, CHANGED, RANGE, EFFECT = "error", "changed", "range", "no effect"
INT8, INT16, INT32, INT64 = ((-(1 << (n - 1)), (1 << (n - 1)) - 1) for n in (8, 16, 32, 64))
ANY = (None, None)


@dataclass(frozen=True)
class Row:
    """A Var of a fixed-point model.

    Attributes
    ----------
    limits : (int, int)
        What has a defined meaning.
    loihi : (int or None, int or None)
        What Loihi has.
    holds : str
        "array"; "integer": initial floats are refused; "number": fractions stay.
    latched : bool
        Whether step 1 takes it over.
    weights : str
        "": none; "stored": clipped and truncated in step 1; "learning": truncated only, of MIXED mode.
    chip : (int, int), optional
        What the chip can hold, where that is less.
    most : int, optional
        What is above has no effect.
    """

    limits: tuple[int, int]
    loihi: tuple[int | None, int | None] = ANY
    holds: str = "array"
    latched: bool = False
    weights: str = ""
    chip: tuple[int, int] | None = None
    most: int | None = None

    @property
    def on_chip(self) -> Row:
        """The row of a process on the chip."""
        return self if self.chip is None else replace(self, limits=self.chip)


@dataclass(frozen=True)
class Outcome:
    """What is expected: the words above, and the values that are used, if any are."""

    said: frozenset[str]
    used: tuple[float, ...] = ()


def outcome(row: Row, values: list[Any], initial: bool, step: int = 0) -> Outcome:
    """What becomes of numbers that are given (Python's bool, int or float)."""
    whole: list[Any] = []
    for x in values:
        if isinstance(x, float) and not math.isfinite(x):
            return Outcome(frozenset({ERROR}))
        if isinstance(x, float) and row.holds == "integer" and initial:
            return Outcome(frozenset({ERROR}))
        cut = math.trunc(x)
        if not row.limits[0] <= cut <= row.limits[1]:
            return Outcome(frozenset({ERROR}))
        whole.append(x if row.holds == "number" else cut)
    used = stored(whole, row.weights) if row.weights and step == 0 else whole
    said = set()
    if any(a != b for a, b in zip(used, values, strict=True)):
        said.add(CHANGED)
    low, high = row.loihi
    if any((low is not None and u < low) or (high is not None and u > high) for u in used):
        said.add(RANGE)
    if row.latched and step > 0 and not initial:
        said.add(EFFECT)
    if row.most is not None and any(x > row.most for x in whole):
        said.add(EFFECT)
    return Outcome(frozenset(said), tuple(whole))


def stored(weights: list[int], kind: str) -> list[int]:
    """Weights of 8 bits after step 1."""
    if kind == "learning":
        return [w - w % 2 for w in weights]
    if min(weights) >= 0:
        return [min(w, 255) for w in weights]
    if max(weights) <= 0:
        # As in Lava, the least of 32 bits is its own negative, and is clipped to 0.
        return [0 if w == -(1 << 31) else max(w, -255) for w in weights]
    clipped = [max(-256, min(w, 255)) for w in weights]
    return [w - w % 2 for w in clipped]
