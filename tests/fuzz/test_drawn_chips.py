"""Chips drawn from the schema build, and answer random streams of flits as golden does."""

from __future__ import annotations

import pytest

from lava_hw.chip import KEYS
from tests.fuzz.flit_chips import draw_chip
from tests.fuzz.flit_streams import legal
from tests.fuzz.test_flits import try_many

# One or two tiles, which build in seconds: 8 and 16 lanes, all depths of 1, some that are no powers of two.
QUICK = (1, 22, 29)
MANY = range(20)
CASES = 30


def test_the_chips_that_are_built_differ_in_every_key() -> None:
    """Of each key the drawn chips have several values, and its least one where it is a depth."""
    drawn = [draw_chip(number).parameters() for number in {*QUICK, *MANY}]
    for name, key in KEYS.items():
        values = {chip[name] for chip in drawn}
        assert len(values) > 1, name
        assert key.minimum in values or name in ("state_lines", "const_words", "neurons"), name
    assert max(chip["mesh_x"] * chip["mesh_y"] for chip in drawn) == 6


@pytest.mark.rtl
@pytest.mark.slow
@pytest.mark.parametrize("number", QUICK)
def test_three_chips(number: int) -> None:
    try_many(legal(draw_chip(number)), number, CASES)


@pytest.mark.rtl
@pytest.mark.nightly
@pytest.mark.parametrize("number", MANY)
def test_twenty_chips(number: int) -> None:
    try_many(legal(draw_chip(number)), number, CASES)
