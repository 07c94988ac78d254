"""`parse_variables`: the variables of a manifest, each with its store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lava_hw.device.errors import DeviceError
from lava_hw.device.stores.const import ConstStore
from lava_hw.device.stores.host import HostStore
from lava_hw.device.stores.lanes import LaneStore
from lava_hw.device.stores.latched import LatchedStore
from lava_hw.device.stores.store import Geometry
from lava_hw.device.stores.variable import StoredVariable
from lava_hw.device.stores.weights import WeightStore


def parse_variables(manifest: Mapping[str, Any]) -> dict[str, StoredVariable]:
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
        result[name] = StoredVariable(name, shape, np.dtype(entry["dtype"]), store)
    return result


def _parse_store(entry: Mapping[str, Any], shape: tuple[int, ...], geometry: Geometry, where: str) -> Any:
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
