"""Numbers that the chip computes with and that follow from the value of a Var by a rule.

The one source of these rules for the chip models, which make the image, and for what a device writes when
a Var is set. An image names a rule (`ComputedEntry`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["RULES", "Rule", "split_decay"]

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

_LOW_BITS = 22


@dataclass(frozen=True)
class Rule:
    """What the chip holds for a value.

    Attributes
    ----------
    low, high : int
        Least and greatest value that has an exact answer.
    compute : callable
        Gives int64 numbers of 32 signed bits for an array of values between these.
    exact : callable, optional
        Tells which values are answered exactly, where not all are.
    text : str, optional
        What such values are, for messages.
    cut : bool
        Whether a value may have a fraction beyond a limit.
    """

    low: int
    high: int
    compute: Callable[[Array], Ints]
    exact: Callable[[Array], npt.NDArray[np.bool_]] | None = None
    text: str = ""
    cut: bool = False

    @property
    def limit(self) -> str:
        """Which values the chip holds, for messages."""
        return f"{self.text + ' ' if self.text else ''}{self.low} to {self.high}"

    def bad(self, values: Array) -> npt.NDArray[np.bool_]:
        """Where values have no exact answer."""
        with np.errstate(invalid="ignore"):
            compared = np.trunc(values) if self.cut and values.dtype.kind == "f" else values
            bad = ~((compared >= self.low) & (compared <= self.high))
        if self.exact is not None:
            bad[~bad] = ~self.exact(values[~bad])
        return np.asarray(bad)


def _kept(values: Array) -> Ints:
    """Parts of 4096 that a decay keeps, toward zero."""
    return np.asarray(4096 - values * 4096).astype(np.int64)


def _scaled(values: Array) -> Ints:
    """Values times 2^6, toward zero."""
    return np.asarray(values * 64).astype(np.int64)


def _reciprocal(values: Array) -> Ints:
    """2^31 // value, in 31 bits: its product with n < 2^31, shifted by 31, is n // value or one less."""
    return np.minimum((1 << 31) // values.astype(np.int64), (1 << 31) - 1)


def _factor(values: Array) -> Array:
    """What ATRLIF's fixed-point model keeps of its current, as parts of 4096 in float64."""
    kept: Array = 4096 - (values.astype(np.float64) * 4096 + 1)
    return kept


def split_decay(values: Array) -> tuple[Ints, Ints, Ints]:
    """The factor of a decay of ATRLIF's current as sign * (high * 2^-31 + low * 2^-53).

    The factor is a float64 between -1 and 1 and a multiple of 2^-53, so nothing is lost.
    """
    units = (_factor(values) * 2.0**41).astype(np.int64)
    size = np.abs(units)
    return np.where(units < 0, -1, 1), size >> _LOW_BITS, size & ((1 << _LOW_BITS) - 1)


def _is_whole(values: Array) -> npt.NDArray[np.bool_]:
    factor = _factor(values)
    return np.asarray(factor == np.trunc(factor))


_SCALABLE = 1 << 25

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "kept": Rule(-(1 << 18), 1 << 18, _kept, cut=True),
        "scaled": Rule(1 - _SCALABLE, _SCALABLE - 1, _scaled, cut=True),
        "reciprocal": Rule(1, (1 << 31) - 1, _reciprocal),
        "value": Rule(-(1 << 31), (1 << 31) - 1, lambda values: values.astype(np.int64)),
        "decay": Rule(
            0, 1, lambda values: _factor(values).astype(np.int64), _is_whole, "multiples of 1/4096 from"
        ),
        "decay_sign": Rule(0, 1, lambda values: split_decay(values)[0]),
        "decay_high": Rule(0, 1, lambda values: split_decay(values)[1]),
        "decay_low": Rule(0, 1, lambda values: split_decay(values)[2]),
    }
)
"""By their names in images."""
