"""Values below, at and beyond each limit, in all number types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.values.oracle import Row

INTEGERS = (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)
FLOATS = (np.float16, np.float32, np.float64)


def numbers(row: Row) -> list[int]:
    """The limits, and what lies on both sides of them."""
    limits = [limit for limit in (*row.limits, *row.loihi) if limit is not None]
    around = {limit + step for limit in limits for step in (-1, 0, 1)}
    return sorted(around | {0, 3, 100, 109, 280, 1 << 40, -(1 << 40), 1 << 70})


def typed(row: Row) -> Iterator[Any]:
    """Scalars: Python's, and those of numpy."""
    yield from (True, np.True_, 0.5, -0.5, 1.5, float("nan"), float("inf"), -float("inf"))
    for kind in FLOATS:
        yield from (kind(1.75), kind(-1.75), kind("nan"), kind("inf"), kind(7))
    for limit in (row.limits[0], row.limits[1]):
        # Between a limit and the next integer: cut off, it is the limit.
        yield limit + (0.5 if limit > 0 else -0.5)
    for number in numbers(row):
        yield number
        for kind in INTEGERS:
            info = np.iinfo(kind)
            if info.min <= number <= info.max and number in (info.min, info.max, 109):
                yield kind(number)
        yield float(number)


def cases(row: Row, shape: tuple[int, ...]) -> Iterator[Any]:
    """Each of them as it is, and in an array of the shape of the Var, with zeros."""
    for k, value in enumerate(typed(row)):
        if k % 2 == 0:
            yield value
        else:
            kind = getattr(value, "dtype", None)
            array = np.zeros(shape, kind if kind is not None else np.asarray(value).dtype)
            array.reshape(-1)[-1] = value
            yield array


def plain(value: Any) -> list[Any]:
    """Elements as Python's bool, int or float."""
    return [getattr(x, "item", lambda x=x: x)() for x in np.asarray(value).reshape(-1)]
