"""Where the numbers of words of weights lie in the lines of the synapse memory (docs/chip.md section 6).

A *unit* is the part of a memory word that holds one number or a part of it: a byte, and half a byte for
numbers of 4 bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNIT = {4: 4, 8: 8, 16: 8}
"""Bits of a unit, by the bits of a number."""


def lines_of(words: int, bits: int) -> int:
    """Give the lines that so many words of numbers of `bits` bits take."""
    return {4: (words + 1) // 2, 8: words, 16: 2 * words}[bits]


def in_units(numbers: Ints, bits: int, empty: int) -> Ints:
    """Give what stands in each unit of rows of words.

    Parameters
    ----------
    numbers : int64 array, (rows, words, lanes)
        A name for each number.
    bits : int
        Of a number: 4, 8 or 16.
    empty : int
        Stands for a unit without a number.

    Returns
    -------
    int64 array, (rows, units)
        In the order of the memory; the lowest unit of a 32-bit word first.
    """
    rows, words, lanes = numbers.shape
    if bits == 8:
        return numbers.reshape(rows, words * lanes)
    if bits == 16:
        return np.repeat(numbers, 2, axis=1).reshape(rows, 2 * words * lanes)
    pairs = np.full((rows, words + words % 2, lanes), empty, np.int64)
    pairs[:, :words] = numbers
    paired = pairs.reshape(rows, (words + 1) // 2, 2, lanes)
    return paired.transpose(0, 1, 3, 2).reshape(rows, (words + words % 2) * lanes)


def low_bits(rows: int, words: int, lanes: int, bits: int) -> Ints:
    """Give the bit of its number with which each unit begins, in the order of `in_units`."""
    if bits == 16:
        return np.tile(np.repeat(np.array([0, 8], np.int64), lanes), rows * words)
    return np.zeros(rows * lines_of(words, bits) * lanes * 8 // UNIT[bits], np.int64)
