"""Entries of Vars that are kept in the synapse memory: weights and delays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar

from lava_hw.chip import Chip
from lava_hw.image.connections.layout import AnyLayout, WeightLayout
from lava_hw.image.connections.words import DELAYS, GROUPS
from lava_hw.image.entries.forms import CoreNumber, Integer, Numbers, OneOf, fail
from lava_hw.image.entries.records import Entry
from lava_hw.image.entries.store import StoreEntry, listed

_Core = Annotated[int, CoreNumber()]
_Shift = Annotated[int, Integer(0, 31)]


@dataclass(frozen=True)
class WeightsPiece(Entry):
    """Weights on a core, as numbers of `bits` bits: value = number * (-1 if `negate`) * 2^`shift`.

    Attributes
    ----------
    conns : tuple of int
        The connections of the core that read them.
    layout : WeightLayout
        Where they lie; it belongs to the kind of the connection.
    """

    core: _Core
    conns: Annotated[tuple[int, ...], Numbers(0, lambda chip: chip.connections - 1)]
    signed: bool
    negate: bool
    shift: _Shift
    layout: Annotated[WeightLayout, AnyLayout()]
    bits: Annotated[int, OneOf(4, 8, 16)] = 8


@dataclass(frozen=True)
class WeightsEntry(StoreEntry):
    """In the synapse memory.

    Attributes
    ----------
    sign_mode : int
        The signs that the weights may have, as in `lava_hw.weights.SignMode`.
    sign_given : bool
        Whether the user chose it; else weights that are written before the first step may change it.
    num_weight_bits, exp : int
        Bits that the first step keeps of a weight; exponent of the weights, not negative.
    converts : bool
        Whether the first step clips and truncates weights.
    """

    KIND: ClassVar[str] = "weights"
    sign_mode: Annotated[int, Integer(0, 3)]
    sign_given: bool
    num_weight_bits: _Shift
    exp: _Shift
    pieces: tuple[WeightsPiece, ...]
    converts: bool = True

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        for i, piece in enumerate(self.pieces):
            piece.layout.check_shape(shape, f"{where}.pieces[{i}].layout", chip)

    def places(self) -> str:
        """See `StoreEntry`."""
        return "weights " + listed(f"core {piece.core} {piece.layout}" for piece in self.pieces)


@dataclass(frozen=True)
class DelaysPiece(Entry):
    """Delays on a core, a byte each.

    Attributes
    ----------
    layout : WeightLayout
        Where they lie.
    areas : WeightLayout or None
        Where target groups lie that follow from them, if what arrives with each delay has accumulators of its
        own: a target group is that of delay 0 plus `pitch` * delay.
    pitch : int
        Accumulator groups from one delay to the next.
    """

    core: _Core
    layout: Annotated[WeightLayout, AnyLayout()]
    areas: Annotated[WeightLayout, AnyLayout()] | None
    pitch: Annotated[int, Integer(1, lambda chip: chip.acc_groups)]

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        for key, layout, part in (("layout", self.layout, DELAYS), ("areas", self.areas, GROUPS)):
            if layout is not None and getattr(layout, "part", None) != part:
                fail(f"{where}.{key}", f"must name {part}: its part is another one")


@dataclass(frozen=True)
class DelaysEntry(StoreEntry):
    """In the synapse memory.

    Attributes
    ----------
    most : int
        The longest delay that there may be.
    values : tuple of int
        The whole Var as it begins, C order; the host keeps those of its elements that no piece has.
    pieces : tuple of DelaysPiece
    """

    KIND: ClassVar[str] = "delays"
    most: Annotated[int, Integer(0, lambda chip: chip.delay_slots - 2)]
    values: Annotated[tuple[int, ...], Numbers(0, lambda chip: (1 << 31) - 1)]
    pieces: tuple[DelaysPiece, ...]

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        if len(self.values) != math.prod(shape):
            fail(f"{where}.values", f"has {len(self.values)} values, and the Var has {math.prod(shape)}")
        for i, piece in enumerate(self.pieces):
            piece.layout.check_shape(shape, f"{where}.pieces[{i}].layout", chip)
            if piece.areas is not None:
                piece.areas.check_shape(shape, f"{where}.pieces[{i}].areas", chip)

    def places(self) -> str:
        """See `StoreEntry`."""
        return "delays " + listed(f"core {piece.core} {piece.layout}" for piece in self.pieces)
