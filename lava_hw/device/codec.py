"""Messages to flits, as the manifest of an image says, many steps at a time.

Nothing here knows of devices: `ports` reads the ports of a manifest, an `InputPort` encodes an array of
messages, and `outputs` has the way back. All of it is exact; what the chip could not hold is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.errors import ValueRefused
from lava_hw.device.exact import exact_int32
from lava_hw.device.flits import NONE, Flits
from lava_hw.regs import BLOCK, EVENT_FLIT, FlitType

_INDEX = EVENT_FLIT.fields["index"]
_INDEX_LSB = np.uint64(_INDEX.lsb)
_BLOCK_MASK = (1 << BLOCK) - 1

Rows = NDArray[np.int64]
Values = NDArray[Any]


@dataclass(frozen=True)
class Target:
    """Where a part of a message goes: connection `conn` of `core`, whose source k is element `elements[k]`.

    Source 0 has flit number 32 * `index_base`. A source whose element is -1 is never sent.
    """

    core: int
    conn: int
    index_base: int
    elements: Rows

    @cached_property
    def columns(self) -> slice | Rows:
        """The same as `elements`, as a slice where they are neighbours."""
        count = len(self.elements)
        first = int(self.elements[0]) if count else 0
        if first >= 0 and np.array_equal(self.elements, np.arange(first, first + count)):
            return slice(first, first + count)
        return self.elements

    @cached_property
    def absent(self) -> NDArray[np.bool_] | None:
        """Sources that are never sent, if there are any."""
        absent: NDArray[np.bool_] = self.elements < 0
        return absent if absent.any() else None


@dataclass(frozen=True)
class InputPort:
    """A port that takes messages from outside.

    Attributes
    ----------
    kind : str
        ``connection`` (a message sent in step t acts in step t + 1) or ``port`` (it acts in step t).
    stage : int or None
        Stage of the step in which a ``port`` is read; None for a ``connection``.
    mode : str
        ``mask`` (any nonzero element counts as 1) or ``graded`` (its value counts).
    """

    name: str
    shape: tuple[int, ...]
    kind: str
    stage: int | None
    mode: str
    targets: tuple[Target, ...]

    def check(self, messages: ArrayLike) -> Values:
        """Give messages [T, *shape] as an array [T, elements] of integers or booleans; maybe a view.

        Raises
        ------
        ValueRefused
            If the shape is another one, or a value is not an integer of 32 bits.
        """
        array = np.asarray(messages)
        if array.shape[1:] != self.shape or array.ndim != len(self.shape) + 1:
            wanted = ", ".join(["T", *map(str, self.shape)])
            raise ValueRefused(
                f"{self.name}: messages have shape {array.shape}; the port needs [{wanted}], a row a step"
            )
        if array.dtype != np.int32:
            array = exact_int32(array, self.name, "message element (step, place)")
        return array.reshape(len(array), int(np.prod(self.shape, dtype=np.int64)))

    @cached_property
    def _bases(self) -> list[int]:
        """A flit without index and payload for each target."""
        kind = FlitType.MASK_POS if self.mode == "mask" else FlitType.GRADED
        return [EVENT_FLIT.pack(kind=kind, dest=target.core, conn=target.conn) for target in self.targets]

    def encode(self, values: Values) -> tuple[Rows, Flits]:
        """Give the flits of checked messages.

        Parameters
        ----------
        values : ndarray of integers or booleans, [T, elements]
            What `check` gave.

        Returns
        -------
        rows : ndarray of int64, [F]
            The row of each flit, ascending.
        flits : ndarray of uint64, [F]
        """
        parts = [
            _encode_target(self.mode, base, target, values)
            for base, target in zip(self._bases, self.targets, strict=True)
        ]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return np.zeros(0, np.int64), NONE
        rows, flits = (np.concatenate([part[k] for part in parts]) for k in range(2))
        # Targets take turns: a core that is busy holds up those whose flits are behind its own.
        index = (flits >> _INDEX_LSB).astype(np.int64) & _INDEX.mask
        order = np.argsort(rows * (_INDEX.mask + 1) + index, kind="stable")
        return rows[order], flits[order]


def _encode_target(mode: str, base: int, target: Target, values: Values) -> tuple[Rows, Flits]:
    chosen = values[:, target.columns]
    if target.absent is not None:
        chosen[:, target.absent] = 0
    if mode == "mask" and len(chosen) == 1:
        flits = _encode_mask(base, target.index_base, chosen[0])
        return np.zeros(len(flits), np.int64), flits
    if mode == "mask":
        steps, count = chosen.shape
        bits = np.zeros((steps, -(-count // BLOCK) * BLOCK), np.bool_)
        np.not_equal(chosen, 0, out=bits[:, :count])
        payload = np.packbits(bits, axis=1, bitorder="little").view("<u4")
        first = target.index_base
    else:
        payload = chosen.astype(np.uint32)  # modulo 2^32: two's complement
        first = target.index_base * BLOCK
    rows, place = np.divmod(np.flatnonzero(payload), max(payload.shape[1], 1))
    index = (place + first).astype(np.uint64) << _INDEX_LSB
    return rows, np.uint64(base) | index | payload[rows, place].astype(np.uint64)


def _encode_mask(base: int, first: int, row: Values) -> Flits:
    """Give the mask flits of one message: for a single step, Python's integers are quicker than arrays."""
    bits = int.from_bytes(np.packbits(row != 0, bitorder="little").tobytes(), "little")
    flits = []
    while bits:
        payload = bits & _BLOCK_MASK
        if payload:
            flits.append(base | first << _INDEX.lsb | payload)
        bits >>= BLOCK
        first += 1
    return np.array(flits, np.uint64)
