"""What all kinds of stores share: their calls (`Store`), and how they keep numbers in words (`Linear`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lava_hw.device.errors import ValueRefused
from lava_hw.device.exact import INT32_MAX, INT32_MIN
from lava_hw.device.places import Places, Words

Values = NDArray[np.int64]


class Store(Protocol):
    """A kind of place for the values of one variable."""

    region: int | None
    """Region of the memory that a write changes; None for the synapses."""

    def locate(self, step: int) -> Places:
        """Give the words that hold the values when `step` is the last complete step."""
        ...

    def decode(self, words: Words) -> Values:
        """Give the values, flat, of the words that `locate` named."""
        ...

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """Give the words that hold `values`; `old` is what is there, if `needs_old`.

        Raises
        ------
        ValueRefused
            If they cannot be held exactly.
        """
        ...

    def needs_old(self) -> bool:
        """Tell whether the words hold something else, too, that must be kept."""
        ...


def signed(words: Words) -> Values:
    """Give the words as signed numbers."""
    return np.ascontiguousarray(words, np.uint32).view(np.int32).astype(np.int64)


def refuse(name: str, shape: tuple[int, ...], flat: int, value: Any, limit: str) -> ValueRefused:
    """Give the error for element `flat` of variable `name`."""
    place = tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
    return ValueRefused(f"{name}: element {place} is {value}; {limit}")


@dataclass(frozen=True)
class Linear:
    """How a value is stored: scale * value + offset, shifted left, as 32 signed bits; what is read keeps the
    lowest `bits` bits, as a signed number.
    """

    scale: int = 1
    offset: int = 0
    shift: int = 0
    bits: int = 32

    def decode(self, words: Words) -> Values:
        """Give the values of stored words."""
        stored = signed(words) >> self.shift
        half = 1 << (self.bits - 1)
        return self.scale * (((stored + half) & (2 * half - 1)) - half - self.offset)

    def encode(self, values: Values, name: str, shape: tuple[int, ...]) -> Words:
        """Give the words of values.

        Raises
        ------
        ValueRefused
            If one of them needs more than 32 bits.
        """
        stored = (self.scale * values + self.offset) << self.shift
        half = 1 << (self.bits - 1)
        low, high = max(INT32_MIN, -half << self.shift), min(INT32_MAX, (half << self.shift) - 1)
        bad = np.flatnonzero((stored < low) | (stored > high))
        if len(bad):
            form = "value" if self.scale == 1 else "-value"
            form += f" + {self.offset}" if self.offset else ""
            form = f"({form}) * {1 << self.shift}" if self.shift else form
            raise refuse(
                name, shape, int(bad[0]), int(values[bad[0]]), f"the chip holds {form} in {self.bits} bits"
            )
        return stored.astype(np.uint32)
