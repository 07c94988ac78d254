"""Words of weights in the synapse memory, decoded (docs/chip.md section 6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lava_hw.regs import WeightFormat

__all__ = ["BITS", "decoded", "lines_of"]

BITS = {int(WeightFormat.BITS8): 8, int(WeightFormat.BITS4): 4, int(WeightFormat.BITS16): 16}
"""Bits of a weight in each format."""


def lines_of(words: int, bits: int) -> int:
    """Give the lines that so many words of weights take, without target groups and delays."""
    return {4: (words + 1) // 2, 8: words, 16: 2 * words}[bits]


def decoded(lines: NDArray[np.uint8], words: int, bits: int, is_signed: bool) -> NDArray[np.int32]:
    """Give the numbers of rows.

    Parameters
    ----------
    lines : uint8 array, (rows, lines, LANES)
        Lines of the weights of each row, as `lines_of` counts them.

    Returns
    -------
    int32 array, (rows, words, LANES)
    """
    rows, _, lanes = lines.shape
    if bits == 8:
        return (lines.view(np.int8) if is_signed else lines).astype(np.int32)
    if bits == 16:
        both = lines.reshape(rows, words, 2, lanes).astype(np.int32)
        found = both[:, :, 0] | both[:, :, 1] << 8
    else:
        low, high = lines & 15, lines >> 4
        pairs = np.stack([low, high], axis=2).reshape(rows, 2 * lines.shape[1], lanes)
        found = pairs[:, :words].astype(np.int32)
    if is_signed:
        half = np.int32(1 << (bits - 1))
        found = (found ^ half) - half
    return found
