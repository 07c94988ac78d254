"""Words of a row in plain Python: which lines a job reads, and what a word adds (docs/chip.md, section 6)."""

from __future__ import annotations

import random
from enum import IntEnum
from typing import NamedTuple

from lava_hw.regs import ConnKind, WeightFormat

FORMATS = (WeightFormat.BITS8, WeightFormat.BITS4, WeightFormat.BITS16)


class Plan(NamedTuple):
    """How the words of a job lie in memory, as lhw_row_pkg packs it: the first field is the highest."""

    gathers: int = 0
    reads: int = 1
    apart: int = 0
    sparse: int = 0
    wide: int = 0
    format: int = WeightFormat.BITS8
    is_signed: int = 0
    delays: int = 0
    upper: int = 0

    @classmethod
    def of(cls, c: dict[str, int]) -> Plan:
        """The plan of a connection; `upper` is that of its first group."""
        sparse = int(c["kind"] == ConnKind.SPARSE)
        fields = {key: c[key] for key in ("wide", "format", "is_signed", "delays")}
        apart = int(bool(sparse or c["delays"]))
        gathers = int(bool(apart or c["format"] != WeightFormat.BITS8))
        reads = int(c["kind"] != ConnKind.PORT)
        return cls(gathers=gathers, reads=reads, apart=apart, sparse=sparse, **fields)

    @classmethod
    def drawn(cls, rng: random.Random, gathers: bool | None = None) -> Plan:
        """Any that there is, mostly of words of several lines; only those if `gathers`."""
        while True:
            kind = rng.choice([ConnKind.PORT, *[ConnKind.DENSE, ConnKind.ONE_TO_ONE, ConnKind.SPARSE] * 2])
            c = {"kind": kind, "format": WeightFormat.BITS8, "wide": 0, "delays": 0}
            c["is_signed"] = rng.getrandbits(1)
            if kind != ConnKind.PORT:
                c |= {"format": rng.choice(FORMATS), "delays": rng.getrandbits(1)}
            if kind == ConnKind.SPARSE:
                c["wide"] = rng.getrandbits(1)
            plan = cls.of(c)
            if kind == ConnKind.ONE_TO_ONE and c["format"] == WeightFormat.BITS4:
                plan = plan._replace(upper=rng.getrandbits(1))
            if gathers is None or plan.gathers == gathers:
                return plan

    def packed(self) -> int:
        word = 0
        for name, value in self._asdict().items():
            word = word << (2 if name == "format" else 1) | value
        return word

    @property
    def pairs(self) -> bool:
        """A line of weights is that of two words."""
        return self.format == WeightFormat.BITS4


class LineKind(IntEnum):
    """What a line of a word, or of a pair of words, is."""

    GROUPS = 0
    HIGH_GROUPS = 1
    SECOND_GROUPS = 2
    SECOND_HIGH_GROUPS = 3
    WEIGHTS = 4
    HIGH_WEIGHTS = 5
    DELAYS = 6
    SECOND_DELAYS = 7


class Line(NamedTuple):
    """A line that the row reads."""

    kind: LineKind
    place: int  # counted from the first line of the row
    word: int  # whose address in the accumulators it stands for
    adds: int  # words that are complete with it


def kinds_of(plan: Plan, here: int) -> list[LineKind]:
    """The lines of a word, or of `here` = 2 words that share weights, in order."""
    k = LineKind
    kinds = []
    if plan.sparse:
        kinds += [k.GROUPS, *([k.HIGH_GROUPS] if plan.wide else [])]
        if plan.pairs:
            kinds += [k.SECOND_GROUPS, *([k.SECOND_HIGH_GROUPS] if plan.wide else [])]
    kinds += [k.WEIGHTS, *([k.HIGH_WEIGHTS] if plan.format == WeightFormat.BITS16 else [])]
    if plan.delays:
        kinds += [k.DELAYS, *([k.SECOND_DELAYS] if here == 2 else [])]
    return kinds


def lines_of(plan: Plan, words: int) -> list[Line]:
    """All lines of a row of gathered words."""
    lines: list[Line] = []
    place = 0
    for word in range(0, words, 2 if plan.pairs else 1):
        here = min(words - word, 2 if plan.pairs else 1)
        kinds = kinds_of(plan, here)
        for kind in kinds:
            if plan.upper and kind == LineKind.DELAYS:
                place += 1  # of a pair the second word alone: its delays are behind those of the first one
            of_second = kind == LineKind.SECOND_DELAYS and not plan.sparse
            if plan.delays:
                adds = int(kind in (LineKind.DELAYS, LineKind.SECOND_DELAYS))
            else:
                adds = here if kind == kinds[-1] else 0
            number = 0 if plan.sparse else word + of_second
            lines.append(Line(kind, place, number, adds))
            place += 1
    return lines
