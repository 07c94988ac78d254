"""Weights in the synapse memory."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import ValueRefused
from lava_hw.device.places import Places, Words, region_address
from lava_hw.device.stores.pieces import WordPiece, all_places, of_units, read
from lava_hw.device.stores.store import Values
from lava_hw.image.connections.layout import KEPT
from lava_hw.image.manifest import WeightsEntry, WeightsPiece
from lava_hw.regs import CONNECTION0, CONNECTION_WORDS, CoreRegion
from lava_hw.weights import SignMode, StoredForm, clip_weights, stored_form, truncate_weights

_MODEL_BITS = 8


def first_step_weights(weights: Values, mode: SignMode, bits: int) -> Values:
    """Give what the first step of a fixed-point connection makes of its weights.

    They are clipped to 8 bits by sign mode, then truncated to `bits` bits; a mixed mode has one bit more,
    for the sign, and loses the lowest one.

    Parameters
    ----------
    weights : ndarray of int64
    mode : SignMode
    bits : int
        Number of weight bits, 0 to 8.

    Returns
    -------
    ndarray of int64
    """
    return truncate_weights(clip_weights(weights, mode, _MODEL_BITS), mode, bits).astype(np.int64)


class WeightStore:
    """Weights as bytes; see docs/image.md and docs/chip.md."""

    region: int | None = None

    def __init__(
        self, entry: WeightsEntry, shape: tuple[int, ...], chip: Chip, place: Callable[[int], str]
    ) -> None:
        self._place = place
        self._size = int(np.prod(shape, dtype=np.int64))
        self.mode = SignMode(entry.sign_mode)
        self.sign_given = entry.sign_given
        self.bits = entry.num_weight_bits
        self.converts = entry.converts
        self._exp = entry.exp
        self._pieces = [_piece(piece, shape, chip) for piece in entry.pieces]

    def with_mode(self, mode: SignMode) -> WeightStore:
        """Give the store of the same weights in another sign mode (the same one if it has it already)."""
        if mode is self.mode:
            return self
        result = copy.copy(self)
        result.mode = mode
        result._pieces = [
            replace(piece, form=stored_form(mode, piece.form.bits, self.bits)) for piece in self._pieces
        ]
        return result

    def descriptors(self) -> Places:
        """Give the places of word 0 of all connections that read these weights."""
        base = region_address(CoreRegion.CONNECTION)
        pairs = [
            (piece.core, base + conn * CONNECTION_WORDS) for piece in self._pieces for conn in piece.conns
        ]
        table = np.asarray(sorted(set(pairs)), np.int64).reshape(-1, 2)
        return Places(table[:, 0], table[:, 1])

    def describe(self, old: Words) -> Words:
        """Give word 0 of `descriptors` for this sign mode; `old` is what is there."""
        form = self._pieces[0].form
        fields = {
            "is_signed": int(form.signed),
            "negate": int(form.negate),
            "shift": self._exp + form.shift,
        }
        words = [CONNECTION0.pack(**{**CONNECTION0.unpack(int(word)), **fields}) for word in old]
        return np.asarray(words, np.uint32)

    def locate(self, step: int) -> Places:
        """See `store.Store`."""
        return all_places(self._pieces)

    def decode(self, words: Words) -> Values:
        """See `store.Store`."""
        weights = np.zeros(self._size, np.int64)
        read(self._pieces, words, weights)
        return weights

    def first_step(self, weights: Values, mode: SignMode) -> Values:
        """Give what the first step makes of weights in a sign mode."""
        return first_step_weights(weights, mode, self.bits) if self.converts else weights

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`: before the first step as that step makes them, afterwards raw."""
        weights = values
        if step == 0:
            if not 0 <= self.bits <= _MODEL_BITS:
                raise ValueRefused(f"{name}: num_weight_bits is {self.bits}; the chip has 0 to {_MODEL_BITS}")
            weights = self.first_step(values, self.mode)
        parts = []
        begin = 0
        for piece in self._pieces:
            elements = piece.elements()
            size = len(elements) * piece.unit // 32
            numbers = self._exact(piece, elements, weights, values, name)
            parts.append(piece.stored(numbers, elements, None if old is None else old[begin : begin + size]))
            begin += size
        return np.concatenate(parts) if parts else np.zeros(0, np.uint32)

    def _exact(self, piece: WordPiece, elements: Values, weights: Values, given: Values, name: str) -> Values:
        stored, bad = piece.form.stored(of_units(weights, elements))
        if bad.any():
            flat = int(elements[np.flatnonzero(bad)[0]])
            mode = f" of sign mode {self.mode.name}" if self.converts and piece.form.bits < 16 else ""
            limit = f"the chip holds weights{mode} as {piece.form.limit}"
            if self.converts and piece.form.bits >= 8:
                limit += "; before the first step any weight can be set"
            if piece.form.bits < 16:
                limit += ", and with stored_bits=16 those from -32768 to 32767"
            raise ValueRefused(f"{name}: {self._place(flat)} is {int(given[flat])}; {limit}")
        return stored

    def needs_old(self) -> bool:
        """See `store.Store`: where a word holds bytes of somebody else, too."""
        return any((piece.elements() == KEPT).any() for piece in self._pieces)


def _piece(entry: WeightsPiece, shape: tuple[int, ...], chip: Chip) -> WordPiece:
    return WordPiece(
        entry.core,
        StoredForm(entry.bits, entry.signed, entry.negate, entry.shift),
        entry.conns,
        entry.layout,
        shape,
        chip,
    )
