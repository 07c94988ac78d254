"""Weights as the chip keeps them (Lava's path): sign mode, clipping, truncation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lava_hw.weights import (
    SignMode,
    Weights,
    clip_weights,
    determine_sign_mode,
    int32_weights,
    truncate_weights,
)

__all__ = [
    "OptimizedWeights",
    "SignMode",
    "clip_weights",
    "determine_sign_mode",
    "optimize_weight_bits",
    "truncate_weights",
]


@dataclass
class OptimizedWeights:
    """Result of `optimize_weight_bits`.

    Parameters
    ----------
    weights : int32 array
        Weights, shifted left as far as they go.
    num_weight_bits : int
        Bits that they need.
    weight_exp : int
        Exponent that undoes the shift.
    """

    weights: Weights
    num_weight_bits: int
    weight_exp: int


_RANGES = {SignMode.MIXED: (-256, 255), SignMode.EXCITATORY: (0, 255), SignMode.INHIBITORY: (-255, 0)}


def _determine_weight_exp(weights: Any, sign_mode: SignMode | int) -> int:
    """Exponent of two that brings the weights into 8 bits and uses as much of them as it can."""
    mixed = sign_mode == SignMode.MIXED
    scales = []
    if weights.max() > 0:
        scales.append((127 if mixed else 255) / float(weights.max()))
    if weights.min() < 0:
        scales.append((-128 if mixed else -255) / float(weights.min()))
    return -(int(np.floor(np.log2(min(scales)))) + int(mixed)) if scales else 0


def _determine_num_weight_bits(weights: Any, weight_exp: int, sign_mode: SignMode | int) -> int:
    """Bits that the weights need, once their common factor of a power of two is taken out."""
    shift = 0
    while shift < 8 and not np.any(weights % (1 << (shift + 1))):
        shift += 1
    return 8 + weight_exp - (shift - int(sign_mode == SignMode.MIXED))


def optimize_weight_bits(weights: Any, sign_mode: SignMode | int, loihi2: bool = False) -> OptimizedWeights:
    """Use the range of 8 bits as well as a power of two allows.

    Parameters
    ----------
    weights : array-like
        Integers in the range of the mode.
    sign_mode : SignMode
        Mode.
    loihi2 : bool
        Give the weights divided back to their bits.

    Raises
    ------
    ValueError
        If a weight is out of range.
    """
    w = int32_weights(weights)
    mode = SignMode(sign_mode)
    low, high = _RANGES.get(mode, _RANGES[SignMode.EXCITATORY])
    if w.min() < low or w.max() > high:
        raise ValueError(f"{mode.name} weights must lie in [{low}, {high}], got [{w.min()}, {w.max()}].")
    exponent = _determine_weight_exp(w, mode)
    scaled = np.left_shift(w, np.int32(-exponent)) if exponent <= 0 else np.right_shift(w, np.int32(exponent))
    num_weight_bits = _determine_num_weight_bits(w, exponent, mode)
    if loihi2:
        divisor = 2.0 ** (8 - num_weight_bits) * (2 if mode == SignMode.MIXED else 1)
        scaled = np.trunc(scaled / divisor)
    return OptimizedWeights(scaled.astype(np.int32), num_weight_bits, exponent)
