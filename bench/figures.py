"""Figures with their runs, bounds, and the table that is printed at the end."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Figure:
    """What was measured several times.

    Attributes
    ----------
    name : str
        Section and what it is, separated by slashes.
    unit : str
    runs : list of float
        In the order in which they were taken.
    facts : dict
        What else belongs to it: sizes, counters.
    """

    name: str
    unit: str
    runs: list[float]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        """Median of the runs."""
        return statistics.median(self.runs)

    def record(self) -> dict[str, Any]:
        """Give it for results.json."""
        return {**asdict(self), "median": self.median, "min": min(self.runs), "max": max(self.runs)}

    def line(self) -> str:
        """Give it as a line of the table."""
        values = [number(v) for v in (self.median, min(self.runs), max(self.runs))]
        return f"{self.name:<52}" + "".join(f"{v:>12}" for v in values) + f"  {self.unit}"


@dataclass
class Bound:
    """A promise about the median of a figure."""

    figure: str
    relation: str
    limit: float

    def verdict(self, figures: dict[str, Figure]) -> dict[str, Any]:
        """Say whether it holds; `met` is None if the figure was not measured."""
        figure = figures.get(self.figure)
        value = None if figure is None else figure.median
        met = None
        if value is not None:
            met = value <= self.limit if self.relation == "<=" else value >= self.limit
        return {**asdict(self), "value": value, "met": met}


class Results:
    """All figures, in the order in which they were measured; each is printed as soon as it is there.

    Parameters
    ----------
    say : callable
        Is given each line of the progress.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.figures: dict[str, Figure] = {}
        self.say = say
        self._begin = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._begin

    def add(self, name: str, unit: str, runs: list[float], **facts: Any) -> Figure:
        """Keep a figure."""
        if name in self.figures:
            raise ValueError(f"{name} was measured twice")
        figure = self.figures[name] = Figure(name, unit, runs, facts)
        self.say(f"{self.seconds:6.0f} s  {figure.line()}")
        return figure

    def table(self, bounds: list[Bound]) -> str:
        """Give the table of all figures, with the bounds below."""
        lines = [f"{'':<52}{'median':>12}{'min':>12}{'max':>12}"]
        lines += [figure.line() for figure in self.figures.values()]
        lines.append("")
        for bound in bounds:
            verdict = bound.verdict(self.figures)
            text = {True: "met", False: "MISSED", None: "not measured"}[verdict["met"]]
            value = "" if verdict["value"] is None else f": {number(verdict['value'])}"
            lines.append(f"{text:<13} {bound.figure} {bound.relation} {bound.limit}{value}")
        return "\n".join(lines)


def number(value: float) -> str:
    """Give a number with four digits or so."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"
