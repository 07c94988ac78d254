"""Entries of Vars: their shape, their type, and the store that says where their values are kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from lava_hw.chip import Chip
from lava_hw.computed import RULES
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import (
    ELEMENTS,
    CoreNumber,
    Dtype,
    Form,
    Integer,
    Json,
    OneOf,
    Shape,
    at_most,
    fail,
)
from lava_hw.image.entries.pattern import PatternEntry
from lava_hw.image.entries.records import Entry, OneKind
from lava_hw.image.entries.store import StoreEntry, listed
from lava_hw.image.entries.synapses import DelaysEntry, WeightsEntry

_Core = Annotated[int, CoreNumber()]
_Int32 = Annotated[int, Integer(-(1 << 31), (1 << 31) - 1)]
_Scale = Annotated[int, OneOf(1, -1)]
_Shift = Annotated[int, Integer(0, 31)]


@dataclass(frozen=True)
class StatePiece(Entry):
    """Value k is in state line `base` + k // lanes * `nvars` + `var`, lane k modulo lanes."""

    core: _Core
    base: Annotated[int, Integer(0, lambda chip: chip.state_lines - 1)]
    nvars: Annotated[int, Integer(1, 255)]
    var: Annotated[int, Integer(0, 254)]
    elements: Elements

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        groups = -(-self.elements.count // chip.lanes)
        if groups:
            if self.var >= self.nvars:
                fail(where, f"variable {self.var} of {self.nvars}")
            last = self.base + (groups - 1) * self.nvars + self.var
            at_most(last + 1, chip.state_lines, f"{where}: state lines")


@dataclass(frozen=True)
class StateEntry(StoreEntry):
    """In the state memory, as `scale` * value + `offset`, 32 bits with sign."""

    KIND: ClassVar[str] = "state"
    scale: _Scale
    offset: _Int32
    pieces: tuple[StatePiece, ...]

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        for i, piece in enumerate(self.pieces):
            piece.elements.check_size(math.prod(shape), f"{where}.pieces[{i}].elements")

    def places(self) -> str:
        """See `StoreEntry`."""
        return "state " + listed(f"core {piece.core} from {piece.base}" for piece in self.pieces)


@dataclass(frozen=True)
class ConstPlace(Entry):
    """Constant `index` of a core."""

    core: _Core
    index: Annotated[int, Integer(0, lambda chip: chip.const_words - 1)]


@dataclass(frozen=True)
class ConstEntry(StoreEntry):
    """One value for all elements, as `scale` * value + `offset`, the same in all places."""

    KIND: ClassVar[str] = "const"
    scale: _Scale
    offset: _Int32
    at: tuple[ConstPlace, ...]

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if not self.at:
            fail(f"{where}.at", "is empty; a constant has a place")

    def places(self) -> str:
        """See `StoreEntry`."""
        return "constant " + ", ".join(f"{place.index} of core {place.core}" for place in self.at)


@dataclass(frozen=True)
class AccPiece(Entry):
    """Value k is in group `base` + k // lanes of the accumulators, lane k modulo lanes.

    Attributes
    ----------
    slot : int, default 0
        Steps from the slot that the next step reads to that of these values.
    part : int, default 0
        Of which part of the sum; the sum is that of all parts.
    area : int, default 0
        Which of the sums that are shifted apart, and then add up to a value.
    """

    core: _Core
    base: Annotated[int, Integer(0, lambda chip: chip.acc_groups - 1)]
    elements: Elements
    slot: Annotated[int, Integer(0, lambda chip: chip.delay_slots - 2)] = 0
    part: Annotated[int, Integer(0, ELEMENTS)] = 0
    area: Annotated[int, Integer(0, lambda chip: chip.delay_slots - 2)] = 0

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        groups = -(-self.elements.count // chip.lanes)
        at_most(self.base + groups, chip.acc_groups, f"{where}: accumulator groups")


@dataclass(frozen=True)
class AccEntry(StoreEntry):
    """In the accumulators of the slot that the next step reads, or of later ones, shifted left by `shift`.

    A number is what the lowest `bits` bits above are, as a signed number; parts of a sum are added first,
    modulo 2^32. If an element has several areas, its value is the sum of their numbers, modulo 2^32. A write
    goes into part 0 of area 0, and clears the others.
    """

    KIND: ClassVar[str] = "acc"
    shift: _Shift
    bits: Annotated[int, Integer(1, 32)]
    pieces: tuple[AccPiece, ...]

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        for i, piece in enumerate(self.pieces):
            piece.elements.check_size(math.prod(shape), f"{where}.pieces[{i}].elements")

    def places(self) -> str:
        """See `StoreEntry`."""
        return "acc " + listed(f"core {piece.core} from {piece.base}" for piece in self.pieces)


class _Nested(Form):
    """Numbers in nested lists (tuples in Python), or one text."""

    def read(self, value: Json, where: str) -> Any:
        """See `Form`."""
        return nested(value)

    def check(self, value: Any, where: str, chip: Chip) -> None:
        """See `Form`."""
        try:
            array = np.array(value)
        except (ValueError, OverflowError, TypeError):
            array = np.array(None)
        if array.dtype.kind not in "biufU" or (array.dtype.kind == "U" and array.ndim):
            fail(where, "is no nested list of numbers")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            fail(where, "has a number that is not finite; JSON has none")


def nested(value: Any) -> Any:
    """Give numbers of any kind, arrays and lists as plain numbers in nested tuples."""
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    return tuple(map(nested, value)) if isinstance(value, (list, tuple)) else value


@dataclass(frozen=True)
class HostEntry(StoreEntry):
    """Not on the chip: the host keeps `value`, which cannot be changed after a step if it is `frozen`."""

    KIND: ClassVar[str] = "host"
    value: Annotated[Any, _Nested()]
    frozen: bool

    def __post_init__(self) -> None:
        """Keep an own copy of the value."""
        object.__setattr__(self, "value", nested(self.value))

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        if np.shape(self.value) not in ((), shape):
            fail(f"{where}.value", f"has not the shape {shape}")

    def places(self) -> str:
        """See `StoreEntry`."""
        return "kept by the host"


_PLAIN = (StateEntry, ConstEntry, AccEntry, WeightsEntry, HostEntry)


@dataclass(frozen=True)
class LatchedEntry(StoreEntry):
    """Latched by the first step: a write before it also writes clip(value << `shift`, `min`, `max`) to
    `latched`; reads see `raw`.
    """

    KIND: ClassVar[str] = "latched"
    raw: Annotated[StoreEntry, OneKind(*_PLAIN)]
    latched: Annotated[StoreEntry, OneKind(*_PLAIN)]
    shift: _Shift
    min: _Int32
    max: _Int32

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        self.raw.check_shape(shape, f"{where}.raw", chip)
        self.latched.check_shape(shape, f"{where}.latched", chip)

    def places(self) -> str:
        """See `StoreEntry`."""
        return f"{self.raw.places()}, latched as {self.latched.places()}"


@dataclass(frozen=True)
class ComputedPlace(Entry):
    """What `rule` makes of the value of a Var (`lava_hw.computed`) is kept in `store`."""

    rule: Annotated[str, OneOf(*RULES)]
    store: Annotated[StoreEntry, OneKind(StateEntry, ConstEntry)]


@dataclass(frozen=True)
class ComputedEntry(StoreEntry):
    """The host keeps `raw`; a write also carries out `writes`.

    Where there is `then`, this is so until the first step has run; from then on the Var is `then`.
    """

    KIND: ClassVar[str] = "computed"
    raw: Annotated[StoreEntry, OneKind(HostEntry)]
    writes: tuple[ComputedPlace, ...]
    then: Annotated[StoreEntry, OneKind(StateEntry, ConstEntry)] | None

    def check_shape(self, shape: tuple[int, ...], where: str, chip: Chip) -> None:
        """See `StoreEntry`."""
        self.raw.check_shape(shape, f"{where}.raw", chip)
        for i, write in enumerate(self.writes):
            write.store.check_shape(shape, f"{where}.writes[{i}].store", chip)
        if self.then is not None:
            self.then.check_shape(shape, f"{where}.then", chip)

    def places(self) -> str:
        """See `StoreEntry`."""
        found = [self.raw.places(), *(f"{each.rule} in {each.store.places()}" for each in self.writes)]
        if self.then is not None:
            found.append(f"after step 1 {self.then.places()}")
        return "; ".join(found)


def _most(chip: Chip) -> int:
    return len(chip.cores) * chip.synapse_lines * chip.word // 8 + ELEMENTS


@dataclass(frozen=True)
class VarEntry(Entry):
    """A Var of a process of the chip; integers below `low` or above `high` cannot be written.

    With a `pattern` it is a sparse matrix, and its elements are the entries of the pattern.
    """

    shape: Annotated[tuple[int, ...], Shape(_most)]
    dtype: Annotated[str, Dtype()]
    store: Annotated[StoreEntry, OneKind(*_PLAIN, DelaysEntry, LatchedEntry, ComputedEntry)]
    low: Annotated[int, Integer(-(1 << 63), (1 << 63) - 1)] | None = None
    high: Annotated[int, Integer(-(1 << 63), (1 << 63) - 1)] | None = None
    pattern: PatternEntry | None = None

    @property
    def held(self) -> tuple[int, ...]:
        """Shape of what the store keeps: that of the Var, or one axis with the entries of the pattern."""
        return self.shape if self.pattern is None else (len(self.pattern.columns),)

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if self.pattern is not None:
            self.pattern.check_shape(self.shape, f"{where}.pattern")
        self.store.check_shape(self.held, f"{where}.store", chip)
