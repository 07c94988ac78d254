"""Words of weights as lines of the synapse memory, for all kinds of connections (docs/chip.md section 6).

A word makes one contribution to the accumulators: a weight for each lane, for some kinds with a target group
or a delay for each lane. Its lines lie one behind the other; weights of 4 bits share a line between two
words.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lava_hw.image.connections.words import lines_of
from lava_hw.regs import WeightFormat

__all__ = ["FORMATS", "lines_of", "packed", "table_lines", "table_of"]

Numbers = npt.NDArray[np.int32]
FORMATS = {4: WeightFormat.BITS4, 8: WeightFormat.BITS8, 16: WeightFormat.BITS16}
"""Format of weights by their bits."""
_WORD = 4
"""Bytes of an entry of a table."""


def packed(
    weights: Numbers,
    bits: int,
    groups: Numbers | None = None,
    wide: bool = False,
    delays: Numbers | None = None,
) -> npt.NDArray[np.uint8]:
    """Give rows of words as lines.

    Parameters
    ----------
    weights : int32 array, (rows, words, lanes)
        Numbers of `bits` bits, with or without sign.
    groups : int32 array, (rows, words, lanes), optional
        Target group of each lane.
    wide : bool
        Whether a target group takes two lines.
    delays : int32 array, (rows, words, lanes), optional
        Delay of each lane.

    Returns
    -------
    uint8 array, (rows, lines, lanes)
        `lines_of` the words.
    """
    rows, words, lanes = weights.shape
    parts: list[npt.NDArray[np.uint8]] = []  # lines of one word, or pair of words, in their order
    per = 2 if bits == 4 else 1
    count = -(-words // per)

    def split(values: Numbers) -> Numbers:
        """Give (rows, count, per, lanes), padded with 0."""
        filled = np.zeros((rows, count * per, lanes), np.int32)
        filled[:, :words] = values
        return filled.reshape(rows, count, per, lanes)

    if groups is not None:
        of_word = split(groups)
        for k in range(per):
            parts += [_byte(of_word[:, :, k], n) for n in range(2 if wide else 1)]
    stored = split(weights)
    if bits == 4:
        parts.append(((stored[:, :, 0] & 15) | (stored[:, :, 1] & 15) << 4).astype(np.uint8))
    else:
        parts += [_byte(stored[:, :, 0], n) for n in range(bits // 8)]
    if delays is not None:
        of_word = split(delays)
        parts += [_byte(of_word[:, :, k], 0) for k in range(per)]
    lines = np.stack(parts, axis=2).reshape(rows, count * len(parts), lanes)
    # The second word of the last pair is not there if words are odd: neither is its line of delays.
    return lines[:, : lines_of(words, bits, (1 + int(wide)) * int(groups is not None), delays is not None)]


def table_of(words: npt.NDArray[np.uint64], lanes: int) -> npt.NDArray[np.uint8]:
    """Give a table of 32-bit words as whole lines, uint8 (lines, lanes)."""
    padded = np.zeros(table_lines(len(words), lanes) * lanes // _WORD, "<u4")
    padded[: len(words)] = words
    return padded.view(np.uint8).reshape(-1, lanes)


def table_lines(words: int, lanes: int) -> int:
    """Give the lines that a table of so many 32-bit words takes."""
    return -(-words * _WORD // lanes)


def _byte(values: Numbers, number: int) -> npt.NDArray[np.uint8]:
    return (values >> 8 * number & 0xFF).astype(np.uint8)
