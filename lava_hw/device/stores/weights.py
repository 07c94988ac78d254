"""Weight matrices in the synapse memory."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.device.errors import DeviceError, ValueRefused
from lava_hw.device.places import Places, Words, region_address
from lava_hw.device.ports import elements_of
from lava_hw.device.stores.store import Geometry, Values, refuse
from lava_hw.regs import CONNECTION0, CONNECTION_WORDS, CORE_ADDR, CoreRegion
from lava_hw.weights import SignMode, clip_weights, truncate_weights

_MODEL_BITS = 8
_BYTES = 4  # weights in a 32-bit word


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
    """Rows of one core: byte k of row i is weight (targets[k], columns[i]); 0 where one of them is -1."""

    core: int
    columns: NDArray[np.int64]
    targets: NDArray[np.int64]
    is_signed: bool
    negate: bool
    shift: int
    conns: tuple[int, ...]
    """Connections of the core that read these rows."""
    addr: NDArray[np.int64]
    """Address of every word, [rows, words of a row]."""

    @property
    def sign(self) -> int:
        """-1 if the chip negates the stored bytes."""
        return -1 if self.negate else 1

    def wanted(self, matrix: Values) -> Values:
        """Give what the stored bytes stand for without their sign, [rows, count]."""
        padded = np.pad(matrix, ((0, 1), (0, 1)))  # index -1 is the padding
        return self.sign * padded[self.targets][:, self.columns].T


class WeightStore:
    """A weight matrix (n_out, n_in) as rows of bytes; see docs/image.md and docs/chip.md."""

    region: int | None = None

    def __init__(
        self, entry: Mapping[str, Any], shape: tuple[int, ...], geometry: Geometry, where: str
    ) -> None:
        self._rows, self._cols = int(entry["rows"]), int(entry["cols"])
        self._shape = shape
        if shape != (self._cols, self._rows):
            raise DeviceError(
                f"{where}: the image has weights {shape} for {self._rows} sources, {self._cols} targets"
            )
        self.mode = SignMode(int(entry["sign_mode"]))
        self.sign_given = bool(entry["sign_given"])
        self.bits = int(entry["num_weight_bits"])
        self._exp = int(entry.get("exp", 0))
        self._pieces = [self._piece(piece, geometry, where) for piece in entry["pieces"]]

    def _piece(self, entry: Mapping[str, Any], geometry: Geometry, where: str) -> _Piece:
        rows = {"count": int(entry["rows"]), "order": entry.get("row_order")}
        columns = elements_of(rows, self._rows, where)
        targets = elements_of(entry, self._cols, where, "col_order")
        words = geometry.lanes // _BYTES
        line = int(entry["line"]) + np.arange(len(columns), dtype=np.int64) * int(entry["stride"])
        part = np.arange(-(-len(targets) // _BYTES), dtype=np.int64)
        addr = CORE_ADDR.pack(synapse=1) + line[:, None] * words + part[None, :]
        return _Piece(
            int(entry["core"]),
            columns,
            targets,
            bool(entry["signed"]),
            bool(entry["negate"]),
            int(entry["shift"]),
            tuple(map(int, entry.get("conns", ()))),
            addr,
        )

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
        cores = [np.full(piece.addr.size, piece.core, np.int64) for piece in self._pieces]
        addrs = [piece.addr.reshape(-1) for piece in self._pieces]
        none = [np.zeros(0, np.int64)]
        return Places(np.concatenate(cores or none), np.concatenate(addrs or none))

    def decode(self, words: Words) -> Values:
        """See `store.Store`."""
        matrix = np.zeros((self._cols, self._rows), np.int64)
        begin = 0
        for piece in self._pieces:
            mine = np.ascontiguousarray(words[begin : begin + piece.addr.size]).astype("<u4")
            begin += piece.addr.size
            data = mine.view(np.int8 if piece.is_signed else np.uint8).reshape(len(piece.columns), -1)
            values = data[:, : len(piece.targets)].astype(np.int64) * piece.sign << piece.shift
            used = (piece.targets[:, None] >= 0) & (piece.columns[None, :] >= 0)
            target, source = np.broadcast_arrays(piece.targets[:, None], piece.columns[None, :])
            matrix[target[used], source[used]] = values.T[used]
        return matrix.reshape(-1)

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `store.Store`: before the first step as that step makes them, afterwards raw."""
        given = matrix = values.reshape(self._cols, self._rows)
        if step == 0:
            if not 0 <= self.bits <= _MODEL_BITS:
                raise ValueRefused(f"{name}: num_weight_bits is {self.bits}; the chip has 0 to {_MODEL_BITS}")
            matrix = first_step_weights(matrix, self.mode, self.bits)
        parts = []
        begin = 0
        for piece in self._pieces:
            stored = self._exact(piece, matrix, given, name)
            count = len(piece.targets)
            size = piece.addr.size
            if old is None:
                data = np.zeros((len(piece.columns), piece.addr.shape[1] * _BYTES), np.uint8)
            else:
                kept = old[begin : begin + size].astype("<u4").view(np.uint8)
                data = kept.reshape(len(piece.columns), -1).copy()
            begin += size
            data[:, :count] = stored.astype(np.uint8)  # modulo 2^8: two's complement
            parts.append(data.view("<u4").reshape(-1).astype(np.uint32))
        return np.concatenate(parts) if parts else np.zeros(0, np.uint32)

    def _exact(self, piece: _Piece, matrix: Values, given: Values, name: str) -> Values:
        wanted = piece.wanted(matrix)
        stored = wanted >> piece.shift
        low, high = (-128, 127) if piece.is_signed else (0, 255)
        bad = np.argwhere((stored < low) | (stored > high) | (stored << piece.shift != wanted))
        if len(bad):
            row, k = (int(i) for i in bad[0])
            target, source = int(piece.targets[k]), int(piece.columns[row])
            ends = sorted((piece.sign * low << piece.shift, piece.sign * high << piece.shift))
            step = 1 << piece.shift
            limit = (
                f"the chip holds weights of sign mode {self.mode.name} as multiples of {step} from "
                f"{ends[0]} to {ends[1]}; before the first step any weight can be set"
            )
            flat = target * self._rows + source
            raise refuse(name, self._shape, flat, int(given[target, source]), limit)
        return stored

    def needs_old(self) -> bool:
        """See `store.Store`: a row whose last word is not full shares it."""
        return any(len(piece.targets) % _BYTES for piece in self._pieces)
