"""Where the values of variables are on the chip, and how they are written there.

A `Store` names 32-bit words of the chip (`locate`), and turns words into values (`decode`) and values into
words (`encode`). One class for each kind of store that docs/image.md lists; weights are in `weights.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.codec import INT32_MAX, INT32_MIN, elements_of, exact_int32
from lava_hw.device.errors import DeviceError, ValueRefused
from lava_hw.regs import CORE_ADDR, CoreRegion

Words = NDArray[np.uint32]
Values = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """32-bit words of the chip: word i is at `addr[i]` of core `core[i]`."""

    core: NDArray[np.int64]
    addr: NDArray[np.int64]

    def __len__(self) -> int:
        """Give the number of words."""
        return len(self.core)


@dataclass(frozen=True)
class Geometry:
    """What the addresses of a chip depend on."""

    lanes: int
    acc_groups: int
    delay_slots: int


class Store(Protocol):
    """A kind of place for the values of one variable."""

    region: int | None
    """Region of the memory that a write changes; None for the synapses."""

    def locate(self, step: int) -> Places:
        """Give the words that hold the values when `step` is the last complete step."""
        ...

    def decode(self, words: Words) -> Values:
        """Give the values, flat, of the words that `locate` named."""
        ...

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """Give the words that hold `values`; `old` is what is there, if `needs_old`.

        Raises
        ------
        ValueRefused
            If they cannot be held exactly.
        """
        ...

    def needs_old(self) -> bool:
        """Tell whether the words hold something else, too, that must be kept."""
        ...


def region_address(region: int) -> int:
    """Give the address of the first word of a region of a core."""
    return CORE_ADDR.pack(region=region)


def signed(words: Words) -> Values:
    """Give the words as signed numbers."""
    return np.ascontiguousarray(words, np.uint32).view(np.int32).astype(np.int64)


def refuse(name: str, shape: tuple[int, ...], flat: int, value: Any, limit: str) -> ValueRefused:
    """Give the error for element `flat` of variable `name`."""
    place = tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
    return ValueRefused(f"{name}: element {place} is {value}; {limit}")


@dataclass(frozen=True)
class Linear:
    """How a value is stored: scale * value + offset, shifted left, as 32 signed bits."""

    scale: int = 1
    offset: int = 0
    shift: int = 0

    def decode(self, words: Words) -> Values:
        """Give the values of stored words."""
        return self.scale * ((signed(words) >> self.shift) - self.offset)

    def encode(self, values: Values, name: str, shape: tuple[int, ...]) -> Words:
        """Give the words of values.

        Raises
        ------
        ValueRefused
            If one of them needs more than 32 bits.
        """
        stored = (self.scale * values + self.offset) << self.shift
        bad = np.flatnonzero((stored < INT32_MIN) | (stored > INT32_MAX))
        if len(bad):
            form = "value" if self.scale == 1 else "-value"
            form += f" + {self.offset}" if self.offset else ""
            form = f"({form}) * {1 << self.shift}" if self.shift else form
            raise refuse(name, shape, int(bad[0]), int(values[bad[0]]), f"the chip holds {form} in 32 bits")
        return stored.astype(np.uint32)


def _linear(entry: Mapping[str, Any], shift: int, where: str) -> Linear:
    scale = int(entry.get("scale", 1))
    if scale not in (1, -1):
        raise DeviceError(f"{where}: the image has a scale of {scale}; it is 1 or -1")
    return Linear(scale, int(entry.get("offset", 0)), shift)


class LaneStore:
    """Values in lanes of the state memory or of the accumulators, one word each."""

    def __init__(
        self, entry: Mapping[str, Any], shape: tuple[int, ...], geometry: Geometry, where: str
    ) -> None:
        self._acc = entry["kind"] == "acc"
        self.region: int | None = int(CoreRegion.ACC if self._acc else CoreRegion.STATE)
        self._shape, self._geometry = shape, geometry
        self._size = int(np.prod(shape, dtype=np.int64))
        self._linear = _linear(entry, max(int(entry.get("shift", 0)), 0) if self._acc else 0, where)
        parts = [self._piece(piece, where) for piece in entry["pieces"]]
        self._core, self._elements, self._offset = (
            np.concatenate([part[i] for part in parts] or [np.zeros(0, np.int64)]) for i in range(3)
        )
        if len(np.unique(self._elements)) != self._size:
            raise DeviceError(
                f"{where}: the image has {len(np.unique(self._elements))} of {self._size} elements"
            )

    def _piece(self, piece: Mapping[str, Any], where: str) -> tuple[Values, Values, Values]:
        elements = elements_of(piece, self._size, where)
        lanes = self._geometry.lanes
        k = np.arange(len(elements), dtype=np.int64)
        line = int(piece["base"]) + k // lanes
        if not self._acc:
            line = int(piece["base"]) + k // lanes * int(piece["nvars"]) + int(piece["var"])
        offset = line * lanes + k % lanes
        used = elements >= 0
        return np.full(int(used.sum()), int(piece["core"]), np.int64), elements[used], offset[used]

    def locate(self, step: int) -> Places:
        """See `Store`; accumulators are those of the slot that the next step reads."""
        assert self.region is not None
        addr = self._offset + region_address(self.region)
        if self._acc:
            slot = (step + 1) % self._geometry.delay_slots
            addr = addr + slot * self._geometry.acc_groups * self._geometry.lanes
        return Places(self._core, addr)

    def decode(self, words: Words) -> Values:
        """See `Store`."""
        values = np.zeros(self._size, np.int64)
        values[self._elements] = self._linear.decode(words)
        return values

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `Store`."""
        return self._linear.encode(values, name, self._shape)[self._elements]

    def needs_old(self) -> bool:
        """See `Store`."""
        return False


class ConstStore:
    """One value, the same in all places of the constants."""

    def __init__(self, entry: Mapping[str, Any], shape: tuple[int, ...], where: str) -> None:
        self.region: int | None = int(CoreRegion.CONSTANT)
        self._shape = shape
        self._linear = _linear(entry, 0, where)
        places = np.asarray(entry["places"], np.int64).reshape(-1, 2)
        if not len(places):
            raise DeviceError(f"{where}: the image has a constant without a place")
        self._places = Places(places[:, 0], places[:, 1] + region_address(CoreRegion.CONSTANT))

    def locate(self, step: int) -> Places:
        """See `Store`."""
        return self._places

    def decode(self, words: Words) -> Values:
        """See `Store`."""
        size = int(np.prod(self._shape, dtype=np.int64))
        return np.repeat(self._linear.decode(words[:1]), size)

    def encode(self, values: Values, name: str, step: int, old: Words | None) -> Words:
        """See `Store`."""
        differs = np.flatnonzero(values != values[0])
        if len(differs):
            limit = (
                f"the image holds one value for all elements ({int(values[0])}); compile with the new values"
            )
            raise refuse(name, self._shape, int(differs[0]), int(values[differs[0]]), limit)
        return np.repeat(self._linear.encode(values[:1], name, self._shape), len(self._places))

    def needs_old(self) -> bool:
        """See `Store`."""
        return False


@dataclass(frozen=True)
class HostStore:
    """A value that is not on the chip; `frozen` ones cannot be changed once a step has run."""

    value: NDArray[Any]
    frozen: bool


@dataclass(frozen=True)
class LatchedStore:
    """A value that the first step latches: reads see `raw`, the chip works with `latched`."""

    raw: Any
    latched: Store
    shift: int
    minimum: int
    maximum: int

    def latch(self, values: Values) -> Values:
        """Give what the first step makes of `values`."""
        return np.clip(values << self.shift, self.minimum, self.maximum)


@dataclass(frozen=True)
class Variable:
    """A variable of a process, and where it is."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    store: Any

    def check(self, value: ArrayLike) -> Values:
        """Give `value` as flat int64 array of the variable's size.

        As in a Python model, fractions are cut off.

        Raises
        ------
        ValueRefused
            If the shape is neither the variable's nor one value, or a value without its fraction is no
            number of the variable's type and of 32 bits.
        """
        array = np.asarray(value)
        if array.shape != self.shape and array.size != 1:
            raise ValueRefused(
                f"{self.name}: the value has shape {array.shape}; the variable has {self.shape}"
            )
        if array.size == 1:
            array = array.reshape(())
        if array.dtype.kind == "f" and self.dtype.kind in "iu":
            array = np.trunc(array)
        low, high = INT32_MIN, INT32_MAX
        if self.dtype.kind in "iu":
            low, high = max(low, int(np.iinfo(self.dtype).min)), min(high, int(np.iinfo(self.dtype).max))
        exact = exact_int32(array, self.name, "element", low, high)
        return np.broadcast_to(exact, self.shape).reshape(-1)

    def shaped(self, values: NDArray[Any]) -> NDArray[Any]:
        """Give flat values in the variable's shape and type."""
        return values.astype(self.dtype).reshape(self.shape)


def parse_variables(manifest: Mapping[str, Any]) -> dict[str, Variable]:
    """Give the variables of a manifest by name.

    Raises
    ------
    DeviceError
        If the manifest contradicts itself, or has a kind of store that is not known here.
    """
    chip = manifest["chip"]
    geometry = Geometry(int(chip["lanes"]), int(chip["acc_groups"]), int(chip["delay_slots"]))
    result = {}
    for name, entry in manifest["vars"].items():
        shape = tuple(map(int, entry["shape"]))
        store = _parse_store(entry["store"], shape, geometry, name)
        result[name] = Variable(name, shape, np.dtype(entry["dtype"]), store)
    return result


def _parse_store(entry: Mapping[str, Any], shape: tuple[int, ...], geometry: Geometry, where: str) -> Any:
    from lava_hw.device.weights import WeightStore  # it builds upon this module

    kind = entry["kind"]
    if kind in ("state", "acc"):
        return LaneStore(entry, shape, geometry, where)
    if kind == "const":
        return ConstStore(entry, shape, where)
    if kind == "weights":
        return WeightStore(entry, shape, geometry, where)
    if kind == "host":
        return HostStore(np.asarray(entry["value"]), bool(entry.get("frozen", False)))
    if kind == "latched":
        raw = _parse_store(entry["raw"], shape, geometry, where)
        latched = _parse_store(entry["latched"], shape, geometry, where)
        return LatchedStore(raw, latched, int(entry["shift"]), int(entry["min"]), int(entry["max"]))
    raise DeviceError(f"{where}: the image has a store of unknown kind {kind!r}; it is too new or damaged")
