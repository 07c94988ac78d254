"""Intervals of texts hold every result: each operation on small ranges, and at their ends on large ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw.equations import (
    FLOOR,
    TOWARD_ZERO,
    Equations,
    Graded,
    OverflowInText,
    Parameter,
    absolute,
    clip,
    maximum,
    minimum,
    mul,
    numpy_step,
    select,
    shift_by,
    wrap24,
)

HALF = 1 << 23
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "negative": lambda a, b: -a,
    "product": lambda a, b: a * b,
    "floor": lambda a, b: mul(a, b, 2, FLOOR),
    "toward zero": lambda a, b: mul(a, b, 2, TOWARD_ZERO),
    "left": lambda a, b: a << 3,
    "right": lambda a, b: a >> 2,
    "shift_by": lambda a, b: shift_by(a, clip(b, 5)),
    "minimum": minimum,
    "maximum": maximum,
    "clip": lambda a, b: clip(a, 4),
    "between": lambda a, b: clip(a, -2, 5),
    "absolute": lambda a, b: absolute(a),
    "wrap24": lambda a, b: wrap24(a),
    "select": lambda a, b: select(a > 1, b, a),
}
CAN_OVERFLOW = {"add", "sub", "negative", "product", "floor", "toward zero", "left", "shift_by", "absolute"}
RANGES = [(-7, 5), (0, 6), (-6, -2), (3, 3), (-1, 0)]
LARGE = [(HALF - 3, HALF + 4), (-HALF - 4, 2 - HALF), (-HALF - 2, HALF + 2), (HALF + 1, HALF + 5)]


def text_of(name: str, one: tuple[int, int], two: tuple[int, int]) -> tuple[type[Equations], list[Any]]:
    """A text of an operation on parameters of two ranges; the list gets the node of its result."""
    trace: list[Any] = []

    def step(n: Any) -> None:
        value = OPERATIONS[name](n.one, n.two)
        trace.append(value.node)
        n.out.send(value)

    members: dict[str, Any] = {"one": Parameter(*one), "two": Parameter(*two), "out": Graded()}
    made = type("Text", (Equations,), {"step": step, **members})
    for key, member in members.items():
        member.__set_name__(made, key)
    return made, trace


def results(name: str, one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int, np.ndarray[Any, Any]]:
    """The interval of an operation, and its results for all operands of two ranges."""
    made, trace = text_of(name, one, two)
    a, b = (np.arange(low, high + 1, dtype=np.int32) for low, high in (one, two))
    grid = np.meshgrid(a, b)
    sent, _ = numpy_step(made.trace())({"one": grid[0], "two": grid[1]}, 1, 0)
    return trace[0].low, trace[0].high, np.asarray(sent["out"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_result_lies_outside_and_the_ends_are_reached(name: str) -> None:
    for one in RANGES:
        for two in RANGES:
            low, high, found = results(name, one, two)
            assert low <= found.min(), (name, one, two)
            assert found.max() <= high, (name, one, two)
            if name not in ("select", "shift_by"):
                assert (low, high) == (found.min(), found.max()), (name, one, two)


@pytest.mark.parametrize("one", LARGE, ids=str)
def test_a_wrap_at_its_turns(one: tuple[int, int]) -> None:
    low, high, found = results("wrap24", one, (0, 0))
    assert (low, high) == (found.min(), found.max())


ENDS = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.sampled_from([-(2**31), 2**31 - 1, HALF, -HALF, HALF + 1, 2**24, 0, 1, -1]),
)


@given(data=st.data(), name=st.sampled_from(list(OPERATIONS)))
def test_results_of_any_ranges_lie_inside(data: st.DataObject, name: str) -> None:
    """What numpy gives for operands in wide ranges lies in the interval, wherever 32 bits hold that."""
    ranges = [sorted((data.draw(ENDS), data.draw(ENDS))) for _ in range(2)]
    operands = [
        [low, high, (low + high) // 2, *data.draw(st.lists(st.integers(low, high), max_size=5))]
        for low, high in ranges
    ]
    (one, two), grid = ranges, np.meshgrid(*(np.array(each, np.int32) for each in operands))
    made, trace = text_of(name, (one[0], one[1]), (two[0], two[1]))
    try:
        step = numpy_step(made.trace())
    except OverflowInText:
        # Only what really leaves 32 bits somewhere is refused: the ends of an interval are reached.
        assert name in CAN_OVERFLOW
        return
    sent, _ = step({"one": grid[0], "two": grid[1]}, 1, 0)
    assert trace[0].low <= np.min(sent["out"])
    assert np.max(sent["out"]) <= trace[0].high
