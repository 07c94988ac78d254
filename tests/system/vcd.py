"""A small reader of waveforms (VCD), for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Waveform:
    """Changes of the signals of one scope.

    Attributes
    ----------
    times : list of int
        All times at which something was written, ascending.
    changes : dict
        For each signal a list of (time, value); None where it is undefined.
    depth : int
        Levels of the deepest scope.
    """

    times: list[int]
    changes: dict[str, list[tuple[int, int | None]]]
    depth: int

    def values(self, name: str) -> list[int | None]:
        """Give the values that a signal takes, in order."""
        return [value for _, value in self.changes[name]]

    def at_rising(self, clock: str, *names: str) -> list[tuple[int | None, ...]]:
        """Give the values of signals just before each rising edge of a clock."""
        current: dict[str, int | None] = dict.fromkeys((clock, *names))
        events: dict[int, list[tuple[str, int | None]]] = {}
        for name in current:
            for time, value in self.changes[name]:
                events.setdefault(time, []).append((name, value))
        found = []
        for time in sorted(events):
            new = dict(events[time])
            if current[clock] == 0 and new.get(clock) == 1:
                found.append(tuple(current[name] for name in names))
            current.update(new)
        return found


def read(path: Path, scope: str = "") -> Waveform:
    """Read a waveform.

    Parameters
    ----------
    path : Path
        The file.
    scope : str, default ""
        Scope of the signals, as "top.lhw_chip"; "" for the outermost one. Of a scope that is named, those
        within it are read as well: "u_host.paused".

    Raises
    ------
    ValueError
        If it is no VCD, or times do not ascend.
    """
    header, found, body = path.read_text().partition("$enddefinitions $end")
    if not found:
        raise ValueError(f"{path} is no waveform")
    names: dict[str, list[str]] = {}
    deepest, within = 0, []
    wanted = scope.split(".") if scope else None
    words = header.split()
    for i, word in enumerate(words):
        if word == "$scope":
            within.append(words[i + 2])
            deepest = max(deepest, len(within))
        elif word == "$upscope":
            within.pop()
        elif word == "$var":
            wanted = list(within) if wanted is None else wanted
            if within == wanted or (scope and within[: len(wanted)] == wanted):
                path = [*within[len(wanted) :], words[i + 4]]
                names.setdefault(words[i + 3], []).append(".".join(path))
    changes: dict[str, list[tuple[int, int | None]]] = {n: [] for group in names.values() for n in group}
    times: list[int] = []
    for line in body.split("\n"):
        if line.startswith("#"):
            times.append(int(line[1:]))
            if len(times) > 1 and times[-1] <= times[-2]:
                raise ValueError(f"{path}: time {times[-1]} comes after {times[-2]}")
            continue
        if not line or line.startswith("$"):
            continue
        text, _, code = line[1:].partition(" ") if line[0] in "bB" else (line[0], " ", line[1:])
        for name in names.get(code.strip(), ()):
            value = None if set(text) - {"0", "1"} else int(text, 2)
            changes[name].append((times[-1], value))
    return Waveform(times, changes, deepest)
