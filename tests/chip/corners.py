"""Corners of the schema of chips: each key at the ends of its range, alone and two by two.

A corner fixes some keys. `completed` gives the others the values that make a chip of it, or says that no chip
has the corner: then the keys contradict each other (`Chip` refuses every completion).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import combinations, product

from lava_hw.chip import KEYS, Chip, ChipError
from lava_hw.regs import CORE_ADDR, POPULATION2

Corner = Mapping[str, int]
"""Values of some keys."""

# What a corner leaves open: as little as there may be, so that tools are quick.
_SMALL = {
    "mesh_x": 1, "mesh_y": 1, "synapse_lines": 32, "ucode_words": 16, "const_words": 8, "populations": 4,
    "connections": 4, "routes": 4,
}  # fmt: skip

_LARGEST = {("mesh_x", 8), ("mesh_y", 7)}


def ends(key: str) -> tuple[int, ...]:
    """Give the values of a key that are corners: all of up to three, else the first and the last."""
    few = KEYS[key].few
    return few if 0 < len(few) <= 3 else (KEYS[key].minimum, KEYS[key].maximum)


def limits() -> Iterator[tuple[str, dict[str, int]]]:
    """Give the largest values that addresses and fields allow where several keys share them.

    Each comes with the key that is one too large if it grows.
    """
    for lanes in KEYS["lanes"].few:
        words = 1 << CORE_ADDR.fields["offset"].width
        groups = POPULATION2.fields["groups"].mask
        yield "neurons", {"lanes": lanes, "neurons": groups * lanes}
        yield "state_lines", {"lanes": lanes, "state_lines": words // lanes}
        yield (
            "synapse_lines",
            {"lanes": lanes, "synapse_lines": (1 << CORE_ADDR.fields["synapse"].lsb) * 4 // lanes},
        )
        for slots in ends("delay_slots"):
            yield "acc_groups", {"lanes": lanes, "delay_slots": slots, "acc_groups": words // lanes // slots}


def singles() -> list[Corner]:
    """Give every corner of one key."""
    return [{key: value} for key in KEYS for value in ends(key)]


def pairs() -> list[Corner]:
    """Give every corner of two keys."""
    return [{one: a, two: b} for one, two in combinations(KEYS, 2) for a, b in product(ends(one), ends(two))]


def completed(corner: Corner) -> Chip | None:
    """Give a small chip with a corner; None if there is no chip with it."""
    return _completed(frozenset(corner.items()))


@cache
def _completed(corner: frozenset[tuple[str, int]]) -> Chip | None:
    for values in _completions(dict(corner)):
        try:
            return Chip(name="corner", **values)
        except ChipError:
            continue
    return None


def _completions(fixed: dict[str, int]) -> Iterator[dict[str, int]]:
    """Give candidates, smallest first: with the least that the keys that depend on each other need."""
    free = {
        "lanes": [fixed["word"] // 8] if "word" in fixed else KEYS["lanes"].few,
        "delay_slots": [4, 2],
        "acc_groups": [4, 1],
    }
    choices = [[fixed[key]] if key in fixed else values for key, values in free.items()]
    for lanes, slots, groups in product(*choices):
        neurons = fixed.get("neurons", lanes)
        derived = {
            "lanes": lanes, "word": 8 * lanes, "delay_slots": slots, "acc_groups": groups, "neurons": neurons,
            "state_lines": max(16, -(-neurons // lanes)),
        }  # fmt: skip
        yield {**_SMALL, **derived, **fixed}


def covering() -> list[Chip]:
    """Give few chips that have, together, every corner of two keys that some chip has; found greedily."""
    left = {frozenset(pair.items()) for pair in pairs() if completed(pair)}
    found = []
    while left:
        row: dict[str, int] = {}
        while True:
            more = [pair for pair in sorted(left, key=sorted) if _joins(row, pair, left)]
            if not more:
                break
            # Of what still joins, the pair with which the row gains most.
            row |= max(more, key=lambda pair: _gain({**row, **dict(pair)}, left))
        found.append(_chip_of(row))
        left -= set(_pairs_of(found[-1].parameters()))
    return found


def _joins(row: Corner, pair: frozenset[tuple[str, int]], left: set[frozenset[tuple[str, int]]]) -> bool:
    together = {**row, **dict(pair)}
    same = all(together[key] == value for key, value in row.items())
    # The largest mesh takes long, and once is enough.
    again = together.items() >= _LARGEST and frozenset(_LARGEST) not in left
    return same and not again and len(together) > len(row) and completed(together) is not None


def _chip_of(row: Corner) -> Chip:
    chip = completed(row)
    assert chip is not None
    return chip


def _gain(row: Corner, left: set[frozenset[tuple[str, int]]]) -> int:
    return sum(pair in left for pair in _pairs_of(row))


def _pairs_of(row: Corner) -> Iterable[frozenset[tuple[str, int]]]:
    return (frozenset(pair) for pair in combinations(row.items(), 2))
