"""Weights as the chip keeps them (Lava's path): sign mode, clipping, truncation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, unique
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "OptimizedWeights",
    "SignMode",
    "clip_weights",
    "determine_sign_mode",
    "optimize_weight_bits",
    "truncate_weights",
]

Weights = npt.NDArray[np.int32]


@unique
class SignMode(IntEnum):
    """Which signs the weights of a connection may have."""

    NULL = 0
    MIXED = 1
    EXCITATORY = 2
    INHIBITORY = 3


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


def _int32(weights: Any) -> Weights:
    """Weights as int32 (toward zero, wrapping), sparse matrices kept sparse; maybe the same array."""
    if isinstance(weights, np.ndarray) and weights.dtype.kind in "iu":
        return weights.astype(np.int32, copy=False)
    with np.errstate(invalid="ignore"):
        return weights.astype(np.int32) if hasattr(weights, "astype") else np.array(weights).astype(np.int32)


def determine_sign_mode(weights: Any) -> SignMode:
    """The narrowest mode that holds all weights; all zero is EXCITATORY."""
    if weights.min() >= 0:
        return SignMode.EXCITATORY
    if weights.max() <= 0:
        return SignMode.INHIBITORY
    return SignMode.MIXED


def clip_weights(
    weights: Any, sign_mode: SignMode | int, num_bits: int, learning_simulation: bool = False
) -> Weights:
    """Clip to the range of a sign mode.

    With 8 bits: MIXED [-256, 255], EXCITATORY [0, 255], INHIBITORY [-255, 0], NULL like EXCITATORY.

    Parameters
    ----------
    weights : array-like
        Cast to int32 first, toward zero.
    sign_mode : SignMode
        Mode.
    num_bits : int
        Bits of the magnitude.
    learning_simulation : bool
        MIXED ends at 254 then.
    """
    w = _int32(weights)
    mixed = sign_mode == SignMode.MIXED
    if sign_mode == SignMode.INHIBITORY:
        w = -w
    top = 2**num_bits - (2 if mixed and learning_simulation else 1)
    w = w.clip(-(2**num_bits) if mixed else 0, top)
    return (-w if sign_mode == SignMode.INHIBITORY else w).astype(np.int32, copy=False)


def truncate_weights(
    weights: Any, sign_mode: SignMode | int, num_weight_bits: int, max_num_weight_bits: int = 8
) -> Weights:
    """Clear the bits below the precision; in MIXED one more, so that weights of 8 bits are even.

    Floor for MIXED, toward zero else.

    Parameters
    ----------
    weights : array-like
        Cast to int32 first, toward zero.
    sign_mode : SignMode
        Mode.
    num_weight_bits : int
        Bits to keep.
    max_num_weight_bits : int
        Bits that are there.
    """
    w = _int32(weights)
    shift = np.int32(max_num_weight_bits - num_weight_bits + (1 if sign_mode == SignMode.MIXED else 0))
    if sign_mode == SignMode.INHIBITORY:
        w = -w
    w = np.left_shift(np.right_shift(w, shift), shift)
    return (-w if sign_mode == SignMode.INHIBITORY else w).astype(np.int32, copy=False)


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
    w = _int32(weights)
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
