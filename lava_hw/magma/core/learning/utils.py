"""Helpers of learning (Lava's path)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["apply_mask", "float_to_literal", "stochastic_round"]


def stochastic_round(values: Any, random_numbers: Any, probabilities: Any) -> npt.NDArray[np.int64]:
    """Values, plus 1 where the random number is below the probability; as int64."""
    return (np.asarray(values) + np.less(random_numbers, probabilities)).astype(np.int64)


def apply_mask(item: Any, nb_bits: int) -> Any:
    """The lowest `nb_bits` bits of integers."""
    return item & ((1 << nb_bits) - 1)


def float_to_literal(learning_parameter: float) -> str:
    """Text of a scale in the language of learning rules, next to a number.

    Its mantissa is the number truncated to an integer, but at least 1; its exponent makes up for the rest as
    well as a power of 2 can: 0.3 is 1 * 2^-2, 3.7 is 3 * 2^0, 5.0 is 5.

    Parameters
    ----------
    learning_parameter : float
        Any finite number.

    Returns
    -------
    str
        ``0``, ``(mantissa)`` or ``(mantissa) * 2 ^ exponent``.
    """
    number = float(learning_parameter)
    if number == 0:
        return "0"
    mantissa = max(int(abs(number)), 1)
    rest = abs(number) / mantissa
    signed = mantissa if number > 0 else -mantissa
    if rest == 1:
        return f"({signed})"
    return f"({signed}) * 2 ^ {int(np.round(np.log2(rest)))}"
