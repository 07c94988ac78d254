"""Integer arithmetic of the fixed-point connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.utils.weightutils import SignMode, clip_weights, determine_sign_mode, truncate_weights

__all__ = [
    "EXACT",
    "MOST_DELAY",
    "advanced",
    "binned_sum",
    "check_delays",
    "learning_weights",
    "payload",
    "shifted",
    "stored_weights",
]

Array = npt.NDArray[Any]

EXACT = 1 << 53
"""Integers up to this one are exact in float64."""

MOST_DELAY = 63
"""Steps that a fixed-point connection may delay."""


def check_delays(process: str, delays: Array) -> None:
    """Refuse delays that a fixed-point model cannot have.

    Raises
    ------
    ValueError
        If one is below 0 or above MOST_DELAY.
    """
    if delays.size and not 0 <= delays.min() <= delays.max() <= MOST_DELAY:
        raise ValueError(
            f"{process} Process 'delays' must lie between 0 and {MOST_DELAY} in fixed point, got "
            f"{delays.min()} to {delays.max()}. The floating-point model has no such limit."
        )


def stored_weights(weights: Array, params: Mapping[str, Any]) -> npt.NDArray[np.int32]:
    """Weights as they are kept: clipped to 8 bits by sign mode, then truncated to `num_weight_bits`.

    Parameters
    ----------
    weights : int array
        As given; of a sparse matrix, the stored values.
    params : mapping
        `sign_mode` (by default, and if it is NULL, the narrowest that holds all weights) and
        `num_weight_bits` (8).
    """
    mode = params.get("sign_mode", None)
    if not mode:
        mode = determine_sign_mode(weights) if weights.size else SignMode.EXCITATORY
    clipped = clip_weights(weights, SignMode(mode), num_bits=8)
    return truncate_weights(clipped, SignMode(mode), num_weight_bits=params.get("num_weight_bits", 8))


def learning_weights(weights: Array, params: Mapping[str, Any]) -> npt.NDArray[np.int32]:
    """Weights that learn, as they start: truncated to `num_weight_bits`, and not clipped before they learn.

    Parameters
    ----------
    weights : int array
        As given; of a sparse matrix, the stored values.
    params : mapping
        `sign_mode` (by default MIXED) and `num_weight_bits` (8).
    """
    mode = SignMode(params.get("sign_mode", None) or SignMode.MIXED)
    return truncate_weights(weights, mode, params.get("num_weight_bits", 8))


def shifted(acc: Array, exponent: int) -> Array:
    """Sum * 2^exponent in the type of the sum, flooring."""
    if exponent > 0:
        return np.left_shift(acc, acc.dtype.type(exponent))
    if exponent < 0:
        return np.right_shift(acc, acc.dtype.type(-exponent))
    return acc


def payload(s_in: Array) -> np.dtype[Any]:
    """Type in which weights are multiplied by graded messages: 32 bits, or that of wider messages.

    Raises
    ------
    TypeError
        If the messages are no integers.
    """
    if s_in.dtype.kind not in "iub":
        raise TypeError(
            f"s_in received {s_in.dtype} values; the fixed-point model needs integers. "
            "Use a fixed-point source, for example with select_tag='fixed_pt'."
        )
    return np.promote_types(np.int32, s_in.dtype)


def advanced(slots: Array) -> Array:
    """Sums of later steps, [n_out, slots], one step later: the first column has left, the last one is 0.

    The array is changed in place if its columns are contiguous, so that this is one copy of memory.
    """
    if not slots.flags.f_contiguous:
        slots = np.asfortranarray(slots)
    columns = slots.T
    columns[:-1] = columns[1:]
    columns[-1] = 0
    return slots


def binned_sum(place: Array, values: Array, size: int) -> Array:
    """Sums of the values by place: float64 for floats, else int64 (modulo 2^64).

    Parameters
    ----------
    place : int array, shape (n,)
        Where each value goes, 0 to size - 1. Floats are added in this order.
    values : array, shape (n,)
        What is added.
    size : int
        Number of sums.
    """
    if values.dtype.kind == "f":
        return np.bincount(place, weights=values, minlength=size)
    if not len(values):
        return np.zeros(size, np.int64)
    # Adding in float64 is several times as fast, and exact as long as no sum can exceed 2^53.
    if max(int(values.max()), -int(values.min())) * len(values) <= EXACT:
        return np.bincount(place, weights=values, minlength=size).astype(np.int64)
    total = np.zeros(size, np.int64)
    np.add.at(total, place, values.astype(np.int64, copy=False))
    return total
