"""Corners of the schema: every one is a chip, or its keys are refused together."""

from __future__ import annotations

from itertools import combinations

import pytest

from lava_hw.chip import KEYS, Chip, ChipError
from tests.chip.corners import completed, covering, ends, limits, pairs, singles

# Keys of which not every pair of ends is a chip: they share an address or a field, or one fixes the other.
BOUND = {
    frozenset(pair)
    for pair in (
        ("lanes", "word"), ("lanes", "neurons"), ("lanes", "state_lines"), ("lanes", "acc_groups"),
        ("lanes", "synapse_lines"), ("word", "neurons"), ("word", "state_lines"), ("word", "acc_groups"),
        ("word", "synapse_lines"), ("neurons", "state_lines"), ("neurons", "acc_groups"),
        ("neurons", "synapse_lines"), ("acc_groups", "delay_slots"),
    )
}  # fmt: skip


@pytest.mark.parametrize("corner", singles(), ids=str)
def test_every_end_of_every_key_is_that_of_a_chip(corner: dict[str, int]) -> None:
    chip = completed(corner)
    assert chip is not None
    assert corner.items() <= chip.parameters().items()


def test_two_ends_are_those_of_a_chip_unless_the_keys_are_bound() -> None:
    for pair in pairs():
        assert completed(pair) or frozenset(pair) in BOUND, pair


@pytest.mark.parametrize(("key", "values"), list(limits()), ids=str)
def test_one_more_than_a_shared_limit_is_refused(key: str, values: dict[str, int]) -> None:
    chip = completed(values)
    assert chip is not None
    step = chip.lanes if key == "neurons" else 1
    grown = {**chip.parameters(), key: values[key] + step}
    with pytest.raises(ChipError, match=rf"chip one more: .*\b{key}\b.* is \d+"):
        Chip.from_dict({"name": "one more", **grown}, "chip one more")


def test_the_covering_chips_have_every_pair() -> None:
    chips = [chip.parameters().items() for chip in covering()]
    for pair in pairs():
        assert not completed(pair) or any(pair.items() <= chip for chip in chips), pair
    assert len(chips) < 20
    assert {key for pair in pairs() for key in pair} == set(KEYS)
    assert len(pairs()) == sum(len(ends(a)) * len(ends(b)) for a, b in combinations(KEYS, 2))
