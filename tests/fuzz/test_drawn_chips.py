"""Chips drawn from the schema build, and answer random streams of flits as golden does."""

from __future__ import annotations

import pytest

from lava_hw.chip import KEYS
from tests.chip.corners import WAITING
from tests.fuzz.flit_chips import draw_chip
from tests.fuzz.flit_streams import legal
from tests.fuzz.test_flits import try_many

# One or two tiles, which build in seconds: 8 and 16 lanes, depths of 1 and 2, some that are no powers of two.
QUICK = (20, 22, 29)
MANY = range(20)
CASES = 30


def waits(number: int) -> bool:
    """Tell whether a chip has a corner that the RTL does not build yet."""
    chip = draw_chip(number).parameters()
    return any(chip[key] == value for key, value in WAITING)


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
@pytest.mark.parametrize("number", [number for number in QUICK if not waits(number)])
def test_three_chips(number: int) -> None:
    try_many(legal(draw_chip(number)), number, CASES)


@pytest.mark.rtl
@pytest.mark.nightly
@pytest.mark.parametrize("number", [number for number in MANY if not waits(number)])
def test_twenty_chips(number: int) -> None:
    try_many(legal(draw_chip(number)), number, CASES)
