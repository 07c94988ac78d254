"""Delays in the synapse memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import ValueRefused
from lava_hw.device.places import Places, Words
from lava_hw.device.stores.pieces import WordPiece, all_places, of_units, read, shares
from lava_hw.device.stores.store import Values
from lava_hw.image.connections.layout import WeightLayout
from lava_hw.image.manifest import DelaysEntry
from lava_hw.weights import StoredForm


class DelayStore:
    """Delays as bytes, with the target groups that follow from them; see docs/image.md.

    Elements of the Var that no piece has are kept by the host, as `fill` is told.
    """

    region: int | None = None

    def __init__(
        self, entry: DelaysEntry, shape: tuple[int, ...], chip: Chip, place: Callable[[int], str]
    ) -> None:
        self._most, self._place, self._chip = entry.most, place, chip
        self._values = np.array(entry.values, np.int64)
        self._shape = shape
        self._delays = [self._piece(piece.core, piece.layout) for piece in entry.pieces]
        self._areas = [
            (self._piece(piece.core, piece.areas), piece.pitch)
            for piece in entry.pieces
            if piece.areas is not None
        ]

    @property
    def _pieces(self) -> list[WordPiece]:
        """Delays, and behind them the groups that follow from them."""
        return [*self._delays, *(piece for piece, _ in self._areas)]

    def _piece(self, core: int, layout: WeightLayout) -> WordPiece:
        return WordPiece(core, StoredForm(8, False, False, 0), (), layout, self._shape, self._chip)

    def locate(self, step: int) -> Places:
        """See `store.Store`."""
        return all_places(self._pieces)

    def decode(self, words: Words) -> Values:
        """See `store.Store`; elements without a place are those of the image."""
        values = self._values.copy()
        read(self._delays, words, values)
        return values

    def fill(self, values: Values, kept: Values) -> Values:
        """Give what `decode` gave, with elements without a place as the host keeps them."""
        placed = np.zeros(len(values), bool)
        for piece in self._delays:
            elements = piece.elements()
            placed[elements[elements >= 0]] = True
        return np.where(placed, values, kept.reshape(-1))

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`."""
        bad = np.flatnonzero((values < 0) | (values > self._most))
        if len(bad):
            k = int(bad[0])
            raise ValueRefused(
                f"{name}: {self._place(k)} is {int(values[k])}; on the chip this process has delays of 0 to "
                f"{self._most}. Give max_delay={int(values[k])} to the constructor (62 at most)"
            )
        if old is None:
            return np.zeros(0, np.uint32)  # no delay has a place
        parts = []
        pitches = [None] * len(self._delays) + [pitch for _, pitch in self._areas]
        for (piece, there), pitch in zip(shares(self._pieces, old), pitches, strict=True):
            elements = piece.elements()
            numbers = of_units(values, elements)
            if pitch is not None:
                # The words say in which group a target is; a unit has one byte of its number.
                groups = piece.whole(there)
                numbers = np.where(elements < 0, groups, groups % pitch + pitch * numbers)
            parts.append(piece.stored(numbers, elements, there))
        return np.concatenate(parts)

    def needs_old(self) -> bool:
        """See `store.Store`: where a word holds bytes of somebody else, or groups that follow from delays."""
        return bool(self._delays)
