"""Weights in the synapse memory. Where each of them lies is said by the layout of its piece."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.device.errors import ValueRefused
from lava_hw.device.places import Places, Words, region_address
from lava_hw.device.stores.store import Values, refuse
from lava_hw.image.connections.layout import BYTES, KEPT, WeightLayout
from lava_hw.image.manifest import WeightsEntry, WeightsPiece
from lava_hw.regs import CONNECTION0, CONNECTION_WORDS, CoreRegion
from lava_hw.weights import SignMode, clip_weights, truncate_weights

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


@dataclass(frozen=True)
class _Piece:
    """Weights of one core, as words of four bytes."""

    core: int
    is_signed: bool
    negate: bool
    shift: int
    conns: tuple[int, ...]
    """Connections of the core that read these weights."""
    layout: WeightLayout
    shape: tuple[int, ...]
    chip: Chip

    @property
    def sign(self) -> int:
        """-1 if the chip negates the stored bytes."""
        return -1 if self.negate else 1

    # Both arrays are larger than the weights, so they are made where they are needed.
    def addresses(self) -> NDArray[np.int64]:
        """Give the address of every word, [W]."""
        return self.layout.addresses(self.chip)

    def elements(self) -> NDArray[np.int64]:
        """Give the weight that every byte holds, counted in C order, [4 W]; negative for none."""
        return self.layout.elements(self.shape)


class WeightStore:
    """Weights as bytes; see docs/image.md and docs/chip.md."""

    region: int | None = None

    def __init__(self, entry: WeightsEntry, shape: tuple[int, ...], chip: Chip) -> None:
        self._shape = shape
        self._size = int(np.prod(shape, dtype=np.int64))
        self.mode = SignMode(entry.sign_mode)
        self.sign_given = entry.sign_given
        self.bits = entry.num_weight_bits
        self._exp = entry.exp
        self._pieces = [_piece(piece, shape, chip) for piece in entry.pieces]

    def with_mode(self, mode: SignMode) -> WeightStore:
        """Give the store of the same weights in another sign mode (the same one if it has it already)."""
        if mode is self.mode:
            return self
        result = copy.copy(self)
        result.mode = mode
        mixed = mode is SignMode.MIXED
        negate = mode is SignMode.INHIBITORY
        result._pieces = [
            replace(piece, is_signed=mixed, negate=negate, shift=int(mixed)) for piece in self._pieces
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
        mixed = self.mode is SignMode.MIXED
        fields = {
            "is_signed": int(mixed),
            "negate": int(self.mode is SignMode.INHIBITORY),
            "shift": self._exp + int(mixed),
        }
        words = [CONNECTION0.pack(**{**CONNECTION0.unpack(int(word)), **fields}) for word in old]
        return np.asarray(words, np.uint32)

    def locate(self, step: int) -> Places:
        """See `store.Store`."""
        addresses = [piece.addresses() for piece in self._pieces]
        cores = [
            np.full(len(a), piece.core, np.int64) for piece, a in zip(self._pieces, addresses, strict=True)
        ]
        none = [np.zeros(0, np.int64)]
        return Places(np.concatenate(cores or none), np.concatenate(addresses or none))

    def decode(self, words: Words) -> Values:
        """See `store.Store`."""
        weights = np.zeros(self._size, np.int64)
        begin = 0
        for piece in self._pieces:
            elements = piece.elements()
            size = len(elements) // BYTES
            mine = np.ascontiguousarray(words[begin : begin + size]).astype("<u4")
            begin += size
            used = elements >= 0
            data = mine.view(np.int8 if piece.is_signed else np.uint8)[used].astype(np.int64)
            weights[elements[used]] = data * piece.sign << piece.shift
        return weights

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`: before the first step as that step makes them, afterwards raw."""
        weights = values
        if step == 0:
            if not 0 <= self.bits <= _MODEL_BITS:
                raise ValueRefused(f"{name}: num_weight_bits is {self.bits}; the chip has 0 to {_MODEL_BITS}")
            weights = first_step_weights(values, self.mode, self.bits)
        parts = []
        begin = 0
        for piece in self._pieces:
            elements = piece.elements()
            size = len(elements) // BYTES
            exact = self._exact(piece, elements, weights, values, name)
            stored = exact.astype(np.uint8)  # modulo 2^8: two's complement
            if old is not None:
                kept = elements == KEPT
                stored[kept] = old[begin : begin + size].astype("<u4").view(np.uint8)[kept]
            begin += size
            parts.append(stored.view("<u4").astype(np.uint32))
        return np.concatenate(parts) if parts else np.zeros(0, np.uint32)

    def _exact(self, piece: _Piece, elements: Values, weights: Values, given: Values, name: str) -> Values:
        padded = np.append(weights, 0)  # for bytes without a weight
        wanted = piece.sign * padded[np.maximum(elements, -1)]
        stored = wanted >> piece.shift
        low, high = (-128, 127) if piece.is_signed else (0, 255)
        bad = np.flatnonzero((stored < low) | (stored > high) | (stored << piece.shift != wanted))
        if len(bad):
            flat = int(elements[bad[0]])
            ends = sorted((piece.sign * low << piece.shift, piece.sign * high << piece.shift))
            step = 1 << piece.shift
            limit = (
                f"the chip holds weights of sign mode {self.mode.name} as multiples of {step} from "
                f"{ends[0]} to {ends[1]}; before the first step any weight can be set"
            )
            raise refuse(name, self._shape, flat, int(given[flat]), limit)
        return stored

    def needs_old(self) -> bool:
        """See `store.Store`: where a word holds bytes of somebody else, too."""
        return any((piece.elements() == KEPT).any() for piece in self._pieces)


def _piece(entry: WeightsPiece, shape: tuple[int, ...], chip: Chip) -> _Piece:
    return _Piece(
        entry.core,
        entry.signed,
        entry.negate,
        entry.shift,
        entry.conns,
        entry.layout,
        shape,
        chip,
    )
