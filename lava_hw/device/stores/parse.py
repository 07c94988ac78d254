"""`parse_variables`: the variables of a manifest, each with its store."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.chip import Chip
from lava_hw.device.errors import DeviceError
from lava_hw.device.stores.computed import ComputedStore
from lava_hw.device.stores.const import ConstStore
from lava_hw.device.stores.delays import DelayStore
from lava_hw.device.stores.host import HostStore
from lava_hw.device.stores.lanes import LaneStore
from lava_hw.device.stores.latched import LatchedStore
from lava_hw.device.stores.variable import StoredVariable, element
from lava_hw.device.stores.weights import WeightStore
from lava_hw.image import Manifest
from lava_hw.image.manifest import (
    AccEntry,
    ComputedEntry,
    ConstEntry,
    DelaysEntry,
    HostEntry,
    LatchedEntry,
    PatternEntry,
    StateEntry,
    StoreEntry,
    WeightsEntry,
)


def parse_variables(manifest: Manifest) -> dict[str, StoredVariable]:
    """Give the variables of a manifest by name.

    Raises
    ------
    DeviceError
        If a store lacks elements, or is of a kind that is not known here.
    """
    return {
        name: StoredVariable(
            name,
            entry.shape,
            np.dtype(entry.dtype),
            store_of(entry.store, entry.held, manifest.chip, name, entry.pattern),
            entry.low,
            entry.high,
            entry.pattern,
        )
        for name, entry in manifest.vars.items()
    }


def store_of(
    entry: StoreEntry, shape: tuple[int, ...], chip: Chip, where: str, pattern: PatternEntry | None = None
) -> Any:
    """Give the store of a Var of some shape; `where` is its name, for messages."""
    if isinstance(entry, (StateEntry, AccEntry)):
        return LaneStore(entry, shape, chip, where)
    if isinstance(entry, ConstEntry):
        return ConstStore(entry, shape)
    if isinstance(entry, WeightsEntry):
        return WeightStore(entry, shape, chip, lambda flat: element(flat, shape, pattern))
    if isinstance(entry, DelaysEntry):
        return DelayStore(entry, shape, chip, lambda flat: element(flat, shape, pattern))
    if isinstance(entry, HostEntry):
        return HostStore(np.asarray(entry.value), entry.frozen)
    if isinstance(entry, LatchedEntry):
        raw, latched = (store_of(one, shape, chip, where) for one in (entry.raw, entry.latched))
        return LatchedStore(raw, latched, entry.shift, entry.min, entry.max)
    if isinstance(entry, ComputedEntry):
        raw = store_of(entry.raw, shape, chip, where)
        writes = tuple((each.rule, store_of(each.store, shape, chip, where)) for each in entry.writes)
        return ComputedStore(
            raw, writes, None if entry.then is None else store_of(entry.then, shape, chip, where)
        )
    raise DeviceError(f"{where}: nothing here reads a store of kind {entry.KIND!r}")
