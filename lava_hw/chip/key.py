"""`Key`: what the value of one key of a chip's YAML file may be, and what the key means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class ChipError(ValueError):
    """A chip's description is not acceptable; the message names file, key, value and what is allowed."""


@dataclass(frozen=True)
class Key:
    """One key of a chip's file: an integer with a range, a unit and a sentence that says what it is.

    Parameters
    ----------
    minimum, maximum : int
        The smallest and the largest value.
    unit : str
        What the value counts. A unit that ends with ``a core`` makes the key a resource of each core.
    about : str
        What the key means: a sentence.
    one_of : tuple of int
        The only values, if there are few.
    power_of_two : bool
        Whether a value must be a power of two.
    name : str
        The key itself; `Chip` fills it in.
    sv : str
        Parameter of the module lhw_chip; given where it is not the key in UpperCamelCase.
    """

    minimum: int
    maximum: int
    unit: str
    about: str
    one_of: tuple[int, ...] = ()
    power_of_two: bool = False
    name: str = ""
    sv: str = ""

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if self.one_of:
            return "one of " + ", ".join(map(str, self.one_of))
        kind = "a power of two" if self.power_of_two else "an integer"
        return f"{kind} from {self.minimum} to {self.maximum}"

    @property
    def few(self) -> tuple[int, ...]:
        """All values that are allowed, if they can be listed; else nothing."""
        if self.power_of_two:
            exponents = range(self.minimum.bit_length() - 1, self.maximum.bit_length())
            return tuple(1 << exponent for exponent in exponents)
        return self.one_of

    @property
    def of_a_core(self) -> bool:
        """Whether each core has so much of it, for what is placed there."""
        return self.unit.endswith(" a core")

    def check(self, value: Any, where: str) -> int:
        """Give `value` as int if it is allowed.

        Raises
        ------
        ChipError
            If it is not an integer (true and false are none), or out of range.
        """
        bad = isinstance(value, bool) or not isinstance(value, int)
        bad = bad or not self.minimum <= value <= self.maximum
        bad = bad or bool(self.few and value not in self.few)
        if bad:
            raise ChipError(
                f"{where}: {self.name} is {short(value)}; it must be {self.allowed} ({self.unit})"
            )
        return int(value)


def short(value: Any) -> str:
    """Give a value as a message shows it: 60 characters at most."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python converts
        text = "a huge number"
    return text if len(text) <= 60 else text[:57] + "..."
