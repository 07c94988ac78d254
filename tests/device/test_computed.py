"""Variables from which numbers of the chip follow by rules, and limits of what can be set."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np
import pytest

from lava_hw.computed import RULES, split_decay
from lava_hw.device.errors import ValueRefused
from lava_hw.device.stores.computed import ComputedStore
from lava_hw.device.stores.host import HostStore
from lava_hw.device.stores.variable import StoredVariable


def rule(name: str, *values: float) -> list[int]:
    return RULES[name].compute(np.array(values)).tolist()


def test_rules_are_those_of_the_models() -> None:
    assert rule("kept", 0, 0.2, 0.4, 1, -1, 2) == [4096, 3276, 2457, 0, 8192, -4096]
    assert rule("scaled", 5, 3.75, -0.02, 2**25 - 1) == [320, 240, -1, 2**31 - 64]
    assert rule("decay", 0, 0.25, 1) == [4095, 3071, -1]
    assert rule("value", -(2**31), 7) == [-(2**31), 7]


@pytest.mark.parametrize("interval", [1, 2, 3, 7, 4096, 10**9 + 7, 2**30, 2**30 + 1, 2**31 - 1])
def test_a_reciprocal_divides_with_an_error_of_one_at_most(interval: int) -> None:
    (reciprocal,) = rule("reciprocal", interval)
    assert 0 <= reciprocal < 2**31
    drawn = random.Random(interval)
    most = 2**31 - 1
    near = [k * interval + d for k in (0, 1, 2, most // interval) for d in (-1, 0, 1)]
    for n in (*near, most, *(drawn.randrange(most) for _ in range(2000))):
        if 0 <= n <= most:
            assert n // interval - (n * reciprocal >> 31) in (0, 1)


def test_the_parts_of_a_decay_lose_nothing() -> None:
    deltas = np.concatenate(
        [np.random.default_rng(1).random(500), [0, 1, 0.3, 0.4, 1e-9, 1 - 1e-9, 4095 / 4096]]
    )
    for delta, sign, high, low in zip(
        deltas.tolist(), *(p.tolist() for p in split_decay(deltas)), strict=True
    ):
        factor = Fraction(4096 - (delta * 4096 + 1)) / 4096
        assert sign * (Fraction(high, 2**31) + Fraction(low, 2**53)) == factor
        assert 0 <= high < 2**31
        assert 0 <= low < 2**22


def test_what_has_no_exact_answer_is_refused() -> None:
    store = ComputedStore(HostStore(np.array([0.5]), False), (("decay", None),), None)  # type: ignore[arg-type]
    assert store.compute(np.array([0.5]), "P.delta_i")[0][1].tolist() == [2047]
    for bad in (0.3, -0.5, 1.5, math.nan):
        with pytest.raises(
            ValueRefused, match=r"P\.delta_i: element \(0,\) is .*; the chip holds multiples of 1/4096"
        ):
            store.compute(np.array([bad]), "P.delta_i")


def test_limits_of_a_variable() -> None:
    variable = StoredVariable("P.x", (2,), np.dtype("int32"), None, -8, 7)
    assert variable.check([-8, 7.9]).tolist() == [-8, 7]
    for bad in (8, -9):
        with pytest.raises(ValueRefused, match=rf"P\.x: it is {bad}.*; the chip holds -8 to 7"):
            variable.check(bad)
