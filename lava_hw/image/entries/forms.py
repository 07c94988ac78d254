"""How values of the manifest are in JSON, and which values they may have.

An entry of the manifest is a frozen dataclass. The types of its members say everything: `form_of` makes a
`Form` of a type, which reads, checks and writes its values. Limits stand beside the type, as in
``Annotated[int, Integer(0, 31)]``; a limit that depends on the chip is a function of it.

Reading looks at the structure only (objects, lists, keys); `Form.check` looks at every value. So entries that
the compiler makes are held to the same rules as those of a file. Paths in messages are those of the JSON.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from lava_hw.chip import Chip
from lava_hw.image.errors import ImageError

Json = Any
Limit = int | Callable[[Chip], int]
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
    if isinstance(value, (dict, list, tuple)):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    out = repr(value)
    return out if len(out) <= 60 else out[:57] + "..."


def at_most(value: int, limit: int, where: str) -> None:
    """Check a number that was computed."""
    if value > limit:
        fail(where, f"{value} of {limit}")


def _limit(limit: Limit, chip: Chip) -> int:
    return limit if isinstance(limit, int) else limit(chip)


class Form:
    """How the values of one type are in JSON; this one passes them on as they are."""

    def read(self, value: Json, where: str) -> Any:
        """Give the value of some JSON.

        Raises
        ------
        ImageError
            If the structure is another one.
        """
        return value

    def write(self, value: Any) -> Json:
        """Give the JSON of a value."""
        return value

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """Check a value against the limits.

        Raises
        ------
        ImageError
            If it has another type or lies outside the limits.
        """


class Text(Form):
    """A text of at most 1,000 characters."""

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, str) or len(value) > 1000:
            fail(where, f"must be a text of at most 1000 characters, and is {short(value)}")


class Boolean(Form):
    """True or false."""

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, bool):
            fail(where, f"must be true or false, and is {short(value)}")


class Integer(Form):
    """An integer from `low` to `high`."""

    def __init__(self, low: Limit, high: Limit) -> None:
        self._low, self._high = low, high

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        low, high = _limit(self._low, chip), _limit(self._high, chip)
        if type(value) is not int or not low <= value <= high:
            fail(where, f"must be an integer from {low} to {high}, and is {short(value)}")


class Numbers(Form):
    """A list of integers from `low` to `high`; quick for long lists."""

    def __init__(self, low: Limit, high: Limit) -> None:
        self._low, self._high = low, high

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        if not isinstance(value, list):
            fail(where, f"must be a list of integers, and is {short(value)}")
        return tuple(value)

    def write(self, value: Any) -> Json:
        """See `Form`."""
        return list(value)

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        low, high = _limit(self._low, chip), _limit(self._high, chip)
        if not isinstance(value, tuple) or not all(type(v) is int for v in value):
            fail(where, f"must be a list of integers, and is {short(value)}")
        if value and not (low <= min(value) and max(value) <= high):
            fail(where, f"must be integers from {low} to {high}, and has {min(value)} to {max(value)}")


class Shape(Numbers):
    """A shape: at most 32 dimensions, at most `limit` elements."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(0, limit)

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        super().check(value, where, chip)
        limit = _limit(self._high, chip)
        if len(value) > 32:
            fail(where, f"has {len(value)} dimensions; 32 at most")
        if math.prod(d or 1 for d in value) > limit:
            fail(where, f"has more than {limit} elements")


class OneOf(Form):
    """One of some values, of the same type."""

    def __init__(self, *values: Any) -> None:
        self._values = values

    def _may(self, chip: Chip) -> tuple[Any, ...]:
        return self._values

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        may = self._may(chip)
        if not any(type(value) is type(v) and value == v for v in may):
            fail(where, f"must be {' or '.join(map(str, may))}, and is {short(value)}")


class CoreNumber(OneOf):
    """The number of a core of the chip."""

    def _may(self, chip: Chip) -> tuple[Any, ...]:
        return tuple(chip.cores)


class Dtype(Form):
    """The name of a dtype of numbers."""

    names: ClassVar[frozenset[str]] = frozenset(_DTYPES)

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if not isinstance(value, str) or value not in self.names:
            fail(where, f"must be one of {', '.join(sorted(self.names))}, and is {short(value)}")


class OrNone(Form):
    """Null or something."""

    def __init__(self, inner: Form) -> None:
        self._inner = inner

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        return None if value is None else self._inner.read(value, where)

    def write(self, value: Any) -> Json:
        """See `Form`."""
        return None if value is None else self._inner.write(value)

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        if value is not None:
            self._inner.check(value, where, chip)
