"""`VariableAccess`: the variables of a loaded image, and what was changed since it was loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lava_hw.device.errors import DeviceError, ValueRefused
from lava_hw.device.flits import Flits
from lava_hw.device.link import ChipLink
from lava_hw.device.places import Places, Words
from lava_hw.device.stores.computed import ComputedStore
from lava_hw.device.stores.delays import DelayStore
from lava_hw.device.stores.host import HostStore
from lava_hw.device.stores.latched import LatchedStore
from lava_hw.device.stores.parse import parse_variables
from lava_hw.device.stores.store import Store
from lava_hw.device.stores.variable import StoredVariable, element
from lava_hw.device.stores.weights import WeightStore
from lava_hw.errors import LavaHwWarning, NoEffectWarning, ValueChangedWarning
from lava_hw.image import Image
from lava_hw.image.segments import config_flits
from lava_hw.regs import CONTROL_CORE, CORE_ADDR, CoreRegion
from lava_hw.weights import SignMode, determine_sign_mode

# Memories that steps change: they are written anew at every reset.
_ALWAYS = frozenset({int(CoreRegion.STATE), int(CoreRegion.ACC)})
_SYNAPSE = -1
Say = Callable[[LavaHwWarning], None]
_REGION_LSB = CORE_ADDR.fields["region"].lsb


def _region(addr: int) -> int:
    parts = CORE_ADDR.unpack(addr)
    return _SYNAPSE if parts["synapse"] else parts["region"]


class VariableAccess:
    """Reads and writes variables by name.

    Parameters
    ----------
    image : Image
        What is loaded.
    link : ChipLink
        The chip.
    """

    def __init__(self, image: Image, link: ChipLink) -> None:
        self._image, self._link = image, link
        self.restore()

    def restore(self) -> None:
        """Forget all changes: the chip holds what the image holds."""
        self._former: dict[str, StoredVariable] = getattr(self, "variables", {})
        self.variables: dict[str, StoredVariable] = parse_variables(self._image.manifest)
        self._host: dict[str, NDArray[Any]] = {}
        self._dirty: set[tuple[int, int]] = set()

    def dirty_flits(self) -> Flits:
        """Give the WRITE flits that bring all memories to what the image holds."""
        segments = []
        for segment in self._image.segments:
            region = _region(segment.address)
            if segment.core == CONTROL_CORE:
                continue  # the chip's registers keep their contents, and nothing here writes them
            if region in _ALWAYS or (segment.core, region) in self._dirty:
                segments.append(segment)
        return config_flits(segments)

    def _find(self, name: str) -> StoredVariable:
        try:
            return self.variables[name]
        except KeyError:
            known = ", ".join(sorted(self.variables)) or "none"
            raise DeviceError(f"the image has no variable {name!r}; its variables are: {known}") from None

    # ------------------------------------------------------------------ reads
    def read(self, names: list[str], step: int) -> dict[str, NDArray[Any]]:
        """Give the values of variables in one exchange."""
        variables = [self._find(name) for name in names]
        stores = [(v, _visible(v.store, step)) for v in variables]
        on_chip = [(v, store) for v, store in stores if not isinstance(store, HostStore)]
        all_words = self._fetch([store.locate(step) for _, store in on_chip])
        result = {
            v.name: v.shaped(self._host.get(v.name, np.broadcast_to(store.value, v.shape)))
            for v, store in stores
            if isinstance(store, HostStore)
        }
        for (v, store), words in zip(on_chip, all_words, strict=True):
            values = store.decode(words)
            if isinstance(store, DelayStore) and v.name in self._host:
                values = store.fill(values, self._host[v.name])
            result[v.name] = v.shaped(values)
        return {name: result[name] for name in names}

    def _fetch(self, places: list[Places]) -> list[Words]:
        if not places:
            return []
        words = self._link.read(
            Places(np.concatenate([p.core for p in places]), np.concatenate([p.addr for p in places]))
        )
        return np.split(words, np.cumsum([len(p) for p in places])[:-1])

    # ------------------------------------------------------------------ writes
    def _notices(self, name: str, value: ArrayLike, step: int) -> list[LavaHwWarning]:
        """Give what is to be said about a value that is to be written."""
        variable = self._find(name)
        store = variable.store
        if variable.dtype.kind not in "iu":
            return []
        used = variable.check(value)
        if isinstance(store, WeightStore) and step == 0:
            mode = store.mode if store.sign_given else determine_sign_mode(used)
            used = store.first_step(used, mode)
        given = np.broadcast_to(variable.given(value), variable.held).reshape(-1)
        found: list[LavaHwWarning] = []
        changed = given != used
        if changed.any():
            k = int(np.argmax(np.abs(given.astype(np.float64) - used)))
            place = element(k, variable.shape, variable.pattern)
            found.append(
                ValueChangedWarning(
                    f"{name}: {int(np.count_nonzero(changed))} of {given.size} values are changed before "
                    f"they are used. The largest change: {place}: {given[k]!s} is used as "
                    f"{used[k]!s}. Scale fractions to integers; weights of both signs are even and lie in "
                    "-256 to 254."
                )
            )
        if isinstance(store, LatchedStore) and step > 0:
            found.append(
                NoEffectWarning(
                    f"{name}: step 1 has latched it, so the new value can be read back but has no effect. "
                    "Compile with this value, or call reset() and write it before step 1."
                )
            )
        return found

    def write(
        self, values: Mapping[str, ArrayLike], step: int, keep: bool = False, say: Say | None = None
    ) -> None:
        """Set variables; all of them are checked before the first is written.

        With `keep`, weights are as they were before the last `restore`: raw, in the sign mode of then.
        """
        plan: list[tuple[Places, Words]] = []
        host: dict[str, NDArray[Any]] = {}
        changed: dict[str, StoredVariable] = {}
        for name, value in values.items():
            variable = self._find(name)
            store = variable.store
            visible = _visible(store, step)
            if isinstance(visible, HostStore) and visible.frozen and step > 0:
                raise ValueRefused(
                    f"{name} is fixed once a step has run; reset first, or compile with the value"
                )
            of_floats = variable.dtype.kind not in "iu"
            if isinstance(visible, HostStore) and of_floats:
                host[name] = np.broadcast_to(np.asarray(value, variable.dtype), variable.shape).copy()
                checked = host[name].reshape(-1)
            else:
                checked = variable.check(value)
            if isinstance(store, ComputedStore) and visible is store.raw:
                for place, numbers in store.compute(checked, name):
                    plan.append(self._words(place, numbers, name, step))
            if isinstance(visible, HostStore) and of_floats:
                continue
            if isinstance(visible, HostStore):
                host[name] = checked.reshape(variable.shape)
            else:
                mode = None
                if keep and isinstance(visible, WeightStore):
                    mode = self._former[name].store.mode
                visible = self._prepare(variable, visible, checked, step, plan, changed, mode)
                plan.append(self._words(visible, checked, name, 1 if mode is not None else step))
                if isinstance(visible, DelayStore):
                    host[name] = checked  # those that have no place in the memory
            if isinstance(store, LatchedStore) and step == 0:
                plan.append(self._words(store.latched, store.latch(checked), name, step))
        if say is not None:
            for name, value in values.items():
                for warning in self._notices(name, value, step):
                    say(warning)
        self._host.update(host)
        self.variables.update(changed)
        for places, words in plan:
            self._link.write(places, words)
            pairs = np.unique(np.stack([places.core, places.addr >> _REGION_LSB]), axis=1)
            self._dirty.update((core, _region(high << _REGION_LSB)) for core, high in pairs.T.tolist())
        self._link.sync()

    def _words(self, store: Store, values: NDArray[np.int64], name: str, step: int) -> tuple[Places, Words]:
        places = store.locate(step)
        old = self._link.read(places) if store.needs_old() else None
        return places, store.encode(values, name, step, old)

    def _prepare(
        self,
        variable: StoredVariable,
        store: Store,
        values: NDArray[np.int64],
        step: int,
        plan: list[tuple[Places, Words]],
        changed: dict[str, StoredVariable],
        mode: SignMode | None,
    ) -> Store:
        """Give the store for `values`; weights set before the first step may need another sign mode."""
        if not isinstance(store, WeightStore) or store.sign_given or step > 0:
            return store
        new = store.with_mode(determine_sign_mode(values) if mode is None else mode)
        if new is not store:
            places = new.descriptors()
            plan.append((places, new.describe(self._link.read(places))))
            changed[variable.name] = replace(variable, store=new)
        return new


def _visible(store: Any, step: int) -> Any:
    """Give the store that reads see after a step."""
    if isinstance(store, ComputedStore):
        return store.raw if store.then is None or step == 0 else store.then
    return store.raw if isinstance(store, LatchedStore) else store
