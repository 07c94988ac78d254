"""Numbers in words of the synapse memory. Where each of them lies is said by the layout of its piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.device.places import Places, Words
from lava_hw.image.connections.layout import KEPT, WeightLayout
from lava_hw.image.connections.words import UNIT
from lava_hw.weights import StoredForm


@dataclass(frozen=True)
class WordPiece:
    """Numbers in words of the synapse memory of one core: weights, delays, or target groups."""

    core: int
    form: StoredForm
    conns: tuple[int, ...]
    """Connections of the core that read these numbers."""
    layout: WeightLayout
    shape: tuple[int, ...]
    chip: Chip

    @property
    def unit(self) -> int:
        """Bits of a unit."""
        return UNIT[self.form.bits]

    # These arrays are larger than the Var, so they are made where they are needed.
    def addresses(self) -> NDArray[np.int64]:
        """Give the address of every word, [W]."""
        return self.layout.addresses(self.chip)

    def elements(self) -> NDArray[np.int64]:
        """Give the number that every unit holds, counted in C order, [units]; negative for none."""
        return self.layout.elements(self.shape, self.chip)

    def units_of(self, words: Words) -> NDArray[np.int64]:
        """Give the units of words, as numbers without sign."""
        found = np.ascontiguousarray(words).astype("<u4").view(np.uint8)
        if self.unit < 8:
            found = np.stack([found & 15, found >> 4], axis=1).reshape(-1)
        return found.astype(np.int64)

    def whole(self, words: Words) -> NDArray[np.int64]:
        """Give for each unit the whole number, without sign, that it is a part of."""
        units = self.units_of(words)
        if self.layout.low_bits(self.chip) is None:
            return units
        pairs = units.reshape(-1, 2, self.chip.lanes)  # a line of low bytes, a line of high ones
        numbers = pairs[:, 0] | pairs[:, 1] << 8
        return np.stack([numbers, numbers], axis=1).reshape(-1)

    def words_of(self, units: NDArray[np.int64]) -> Words:
        """Give the words that hold units."""
        held = units
        if self.unit < 8:
            pairs = units.reshape(-1, 2)
            held = pairs[:, 0] | pairs[:, 1] << 4
        return held.astype(np.uint8).view("<u4").astype(np.uint32)

    def numbers(self, words: Words, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give what words hold, as an array of all elements of the Var, and which these are."""
        elements, low = self.elements(), self.layout.low_bits(self.chip)
        used = elements >= 0
        there = elements[used]
        raw = np.zeros(size, np.int64)
        units = self.units_of(words)[used]
        if low is None:
            raw[there] = units
        else:
            np.bitwise_or.at(raw, there, units << low[used])
        if self.form.signed:
            half = 1 << (self.form.bits - 1)
            raw = (raw ^ half) - half
        weights = (-raw if self.form.negate else raw) << self.form.shift
        return weights, there

    def stored(self, numbers: NDArray[np.int64], elements: NDArray[np.int64], old: Words | None) -> Words:
        """Give the words that hold a number in each unit, modulo 2^bits; `old` is what is there.

        Parameters
        ----------
        numbers : int64 array, [units]
            The whole number of each unit.
        elements : int64 array, [units]
            What `elements` gives.
        """
        low = self.layout.low_bits(self.chip)
        units = (numbers if low is None else numbers >> low) & ((1 << self.unit) - 1)
        if old is not None:
            kept = elements == KEPT
            units[kept] = self.units_of(old)[kept]
        return self.words_of(units)


def of_units(values: NDArray[np.int64], elements: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the value of the element of each unit, 0 for a unit without one."""
    return np.append(values, 0)[np.maximum(elements, -1)]


def shares(pieces: Iterable[WordPiece], words: Words) -> Iterator[tuple[WordPiece, Words]]:
    """Give each piece with its words, where those of all pieces are one after the other."""
    begin = 0
    for piece in pieces:
        end = begin + len(piece.addresses())
        yield piece, words[begin:end]
        begin = end


def read(pieces: Iterable[WordPiece], words: Words, values: NDArray[np.int64]) -> None:
    """Put what the words of pieces hold into the elements of a Var that have a place in them."""
    for piece, mine in shares(pieces, words):
        found, there = piece.numbers(mine, len(values))
        values[there] = found[there]


def all_places(pieces: Sequence[WordPiece]) -> Places:
    """Give the places of the words of all pieces, one after the other."""
    addresses = [piece.addresses() for piece in pieces]
    cores = [np.full(len(a), piece.core, np.int64) for piece, a in zip(pieces, addresses, strict=True)]
    none = [np.zeros(0, np.int64)]
    return Places(np.concatenate(cores or none), np.concatenate(addresses or none))
