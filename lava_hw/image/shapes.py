"""Checks of values that were read from JSON; each takes a value and its path, and raises ImageError."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NoReturn

from lava_hw.image.errors import ImageError

Check = Callable[[Any, str], None]
ELEMENTS = 1 << 26  # of a port: more than 56 cores can name in flits
_DTYPES = {f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)} | {
    "bool",
    "float16",
    "float32",
    "float64",
}


def fail(where: str, what: str) -> NoReturn:
    """Raise the error of a manifest: `where` is the path of the value."""
    raise ImageError(f"manifest: {where}: {what}")


def short(value: Any) -> str:
    """Give a value for a message, shortened."""
    if isinstance(value, (dict, list)):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    out = repr(value)
    return out if len(out) <= 60 else out[:57] + "..."


def at_most(value: int, limit: int, where: str) -> None:
    """Check a number that was computed."""
    if value > limit:
        fail(where, f"{value} of {limit}")


def text(value: Any, where: str) -> None:
    """Check for a text of at most 1,000 characters."""
    if not isinstance(value, str) or len(value) > 1000:
        fail(where, f"must be a text of at most 1000 characters, and is {short(value)}")


def boolean(value: Any, where: str) -> None:
    """Check for true or false."""
    if not isinstance(value, bool):
        fail(where, f"must be true or false, and is {short(value)}")


def number(value: Any, where: str) -> None:
    """Check for an integer of any size."""
    if type(value) is not int:
        fail(where, f"must be an integer, and is {short(value)}")


def integer(low: int, high: int) -> Check:
    """Give the check for an integer in a range."""

    def check(value: Any, where: str) -> None:
        if type(value) is not int or not low <= value <= high:
            fail(where, f"must be an integer from {low} to {high}, and is {short(value)}")

    return check


def one_of(*values: Any) -> Check:
    """Give the check for one of some values, of the same type."""

    def check(value: Any, where: str) -> None:
        if not any(type(value) is type(v) and value == v for v in values):
            fail(where, f"must be {' or '.join(map(str, values))}, and is {short(value)}")

    return check


def nullable(inner: Check) -> Check:
    """Give the check for null or something."""

    def check(value: Any, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def list_of(inner: Check, length: int | None = None) -> Check:
    """Give the check for a list, of a given length if one is given."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list) or (length is not None and len(value) != length):
            fail(where, f"must be a list{'' if length is None else f' of {length}'}, and is {short(value)}")
        for i, item in enumerate(value):
            inner(item, f"{where}[{i}]")

    return check


def numbers(low: int, high: int) -> Check:
    """Give the check for a list of integers in a range; quick for long lists."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, list) or not all(type(v) is int for v in value):
            fail(where, f"must be a list of integers, and is {short(value)}")
        if value and not (low <= min(value) and max(value) <= high):
            fail(where, f"must be integers from {low} to {high}, and has {min(value)} to {max(value)}")

    return check


def map_of(inner: Check) -> Check:
    """Give the check for an object whose keys are free."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            fail(where, f"must be an object, and is {short(value)}")
        for key, item in value.items():
            text(key, where)
            inner(item, f"{where}.{key[:60]}")

    return check


def record(needed: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    """Give the check for an object with given keys; further keys are allowed."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            fail(where, f"must be an object, and is {short(value)}")
        prefix = f"{where}." if where else ""
        for key, inner in needed.items():
            if key not in value:
                fail(f"{prefix}{key}", "is missing")
            inner(value[key], f"{prefix}{key}")
        for key, inner in (optional or {}).items():
            if key in value:
                inner(value[key], f"{prefix}{key}")

    return check


def shape(limit: int) -> Check:
    """Give the check for a shape: at most 32 dimensions, at most `limit` elements."""
    sizes = numbers(0, limit)

    def check(value: Any, where: str) -> None:
        sizes(value, where)
        if len(value) > 32:
            fail(where, f"has {len(value)} dimensions; 32 at most")
        if math.prod(d or 1 for d in value) > limit:
            fail(where, f"has more than {limit} elements")

    return check


# An order names elements; -1 stands for a place without one.
orders = nullable(numbers(-1, ELEMENTS))


def order_of(
    entry: dict[str, Any], size: int, where: str, order: str = "order", first: str = "first"
) -> None:
    """Check that first/order of `entry` name elements 0 to size - 1."""
    count, given = entry["count"], entry.get(order)
    if given is None:
        if entry.get(first, 0) + count > size:
            fail(where, f"elements {entry.get(first, 0)} to {entry.get(first, 0) + count - 1} of {size}")
        return
    if len(given) != count:
        fail(f"{where}.{order}", f"has {len(given)} elements for a count of {count}")
    if given and max(given) >= size:
        fail(f"{where}.{order}", f"element {max(given)} of {size}")


def dtype(value: Any, where: str) -> None:
    """Check for the name of a dtype of numbers."""
    if not isinstance(value, str) or value not in _DTYPES:
        fail(where, f"must be one of {', '.join(sorted(_DTYPES))}, and is {short(value)}")
