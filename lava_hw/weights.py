"""Weights as a connection in fixed point keeps them: sign mode, clipping, truncation.

The one source of these rules for the Python models (by `lava_hw.utils.weightutils`, Lava's path) and for what
a device writes into a chip before the first step.
"""

from __future__ import annotations

from enum import IntEnum, unique
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Weights = npt.NDArray[np.int32]


@unique
class SignMode(IntEnum):
    """Which signs the weights of a connection may have."""

    NULL = 0
    MIXED = 1
    EXCITATORY = 2
    INHIBITORY = 3


def int32_weights(weights: Any) -> Weights:
    """Weights as int32 (toward zero, wrapping), sparse matrices kept sparse; maybe the same array."""
    if isinstance(weights, np.ndarray) and weights.dtype.kind in "iu":
        return weights.astype(np.int32, copy=False)
    with np.errstate(invalid="ignore"):
        return weights.astype(np.int32) if hasattr(weights, "astype") else np.array(weights).astype(np.int32)


def determine_sign_mode(weights: Any) -> SignMode:
    """The narrowest mode that holds all weights; all zero, or none, is EXCITATORY."""
    if weights.size == 0 or weights.min() >= 0:
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
    w = int32_weights(weights)
    mixed = sign_mode == SignMode.MIXED
    if sign_mode == SignMode.INHIBITORY:
        w = -w
    top = 2**num_bits - (2 if mixed and learning_simulation else 1)
    low = -(2**num_bits) if mixed else 0
    if w.size and low <= w.min() and w.max() <= top:  # most are: nothing to clip
        w = w.copy() if w is weights else w
    else:
        w = w.clip(low, top)
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
    w = int32_weights(weights)
    shift = np.int32(max_num_weight_bits - num_weight_bits + (1 if sign_mode == SignMode.MIXED else 0))
    if sign_mode == SignMode.INHIBITORY:
        w = -w
    # The same as a shift to the right and back, for any shift, in one pass.
    w = np.bitwise_and(w, np.left_shift(np.int32(-1), shift))
    return (-w if sign_mode == SignMode.INHIBITORY else w).astype(np.int32, copy=False)


class StoredForm(NamedTuple):
    """How a synapse memory holds weights: weight = number * (-1 if `negate`) * 2^`shift`.

    Attributes
    ----------
    bits : int
        Bits of a number: 4, 8 or 16.
    signed : bool
        Whether the numbers have a sign.
    """

    bits: int
    signed: bool
    negate: bool
    shift: int

    @property
    def numbers(self) -> tuple[int, int]:
        """Least and greatest number."""
        return (
            (-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1)
            if self.signed
            else (0, (1 << self.bits) - 1)
        )

    @property
    def limit(self) -> str:
        """Which weights it holds, for messages."""
        low, high = sorted((-n if self.negate else n) << self.shift for n in self.numbers)
        step = f"multiples of {1 << self.shift}"
        return f"{step} from {low} to {high}"

    def stored(self, weights: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
        """Give the numbers of weights, and where there is none."""
        wanted = -weights if self.negate else weights
        numbers = wanted >> self.shift
        low, high = self.numbers
        return numbers, (numbers < low) | (numbers > high) | (numbers << self.shift != wanted)


def stored_form(mode: SignMode | int, bits: int, num_weight_bits: int) -> StoredForm:
    """Give the form of weights that were clipped and truncated.

    With 8 bits a weight is its half (MIXED weights are even), its value, or its negative (INHIBITORY). With
    16 bits it is its value, so that any weight can follow. With 4 bits the low bits that truncation has
    cleared are not stored.

    Parameters
    ----------
    mode : SignMode
        Sign mode.
    bits : int
        Of a number: 4, 8 or 16.
    num_weight_bits : int
        Bits that truncation keeps.
    """
    if bits == 16:
        return StoredForm(16, True, False, 0)
    mixed = mode == SignMode.MIXED
    cleared = max(8 - max(num_weight_bits, 4), 0) if bits == 4 else 0
    return StoredForm(bits, mixed, mode == SignMode.INHIBITORY, cleared + int(mixed))
