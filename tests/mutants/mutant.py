"""What a mutant is, and how many are drawn of which file."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """A place of a text that an operator changes.

    Attributes
    ----------
    start, end : int
        Characters that are replaced.
    new : str
        What stands there instead.
    operator : str
        What kind of change it is.
    """

    start: int
    end: int
    new: str
    operator: str

    def applied(self, text: str) -> str:
        """Give the text with the change."""
        return text[: self.start] + self.new + text[self.end :]


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes
    ----------
    file : str
        From the top of the project.
    line : int
        Where it is now, from 1.
    was, is_now : str
        The line before and after, without blanks around it.
    number : int
        Which of the mutants of this file with the same two lines.
    operator : str
    text : str
        The whole file with the change.
    """

    file: str
    line: int
    was: str
    is_now: str
    number: int
    operator: str
    text: str

    @property
    def key(self) -> str:
        """A name that stays when other lines of the file change."""
        last = f" ({self.number})" if self.number > 1 else ""
        return f"{self.file}: {self.was} -> {self.is_now}{last}"


def mutants_of(file: str, text: str, sites: Iterable[Site]) -> list[Mutant]:
    """Make the mutants of a file, in the order of their places."""
    made: list[Mutant] = []
    numbers: Counter[tuple[str, str]] = Counter()
    for site in sorted(sites, key=lambda s: (s.start, s.end, s.new)):
        new = site.applied(text)
        first = text.rfind("\n", 0, site.start) + 1
        was = text[first : text.find("\n", site.end)]
        is_now = new[first : new.find("\n", site.start + len(site.new))]
        lines = " ".join(was.split()), " ".join(is_now.split())
        numbers[lines] += 1
        line = text.count("\n", 0, site.start) + 1
        made.append(Mutant(file, line, *lines, numbers[lines], site.operator, new))
    return made


def draw(mutants: Mapping[str, Sequence[Mutant]], count: int, seed: int) -> list[Mutant]:
    """Draw so many mutants: each file has its share, and a smaller draw is the beginning of a larger one."""
    order: list[tuple[float, Mutant]] = []
    for file, some in sorted(mutants.items()):
        shuffled = random.Random(f"{seed} {file}").sample(list(some), len(some))
        order += [((k + 0.5) / len(some), mutant) for k, mutant in enumerate(shuffled)]
    order.sort(key=lambda pair: (pair[0], pair[1].key))
    return [mutant for _, mutant in order[:count]]
