"""`ChipVars`: the Vars of processes on the chip, asked of the device, or kept where it cannot answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.image.manifest import WeightsEntry
from lava_hw.sparse_values import canonical

if TYPE_CHECKING:
    from lava_hw.device import ChipSession
    from lava_hw.graph.flat import FlatVar
    from lava_hw.image import Image

__all__ = ["ChipVars"]

Array = np.ndarray[Any, Any]
VarKey = tuple[int, str]
"""Index of a process, and name of its Var."""


class ChipVars:
    """Reads and writes the Vars of processes on the chip.

    Parameters
    ----------
    image : Image
        What the chip is loaded with.
    names : mapping
        Name of each process by its index.
    variables : mapping
        Vars of each process on the chip, by its index.
    session : callable
        Gives the driver of the chip.
    reach : callable
        Refuses what is said to it, if an error has left the chip within a step, or for good.
    """

    def __init__(
        self,
        image: Image,
        names: Mapping[int, str],
        variables: Mapping[int, Mapping[str, FlatVar]],
        session: Callable[[], ChipSession],
        reach: Callable[[str], None],
    ) -> None:
        self._image, self._names, self._vars = image, names, variables
        self._session, self._reach = session, reach
        self._raw: dict[VarKey, Array] = {}
        self._converted: set[VarKey] = set()
        self._kept: dict[VarKey, Array] = {}
        self._answers: dict[VarKey, Array] = {}

    def forget(self) -> None:
        """Forget all that is kept: the chip was reset."""
        self._raw.clear()
        self._converted.clear()
        self._kept, self._answers = {}, {}

    def shape(self, process: int, name: str) -> tuple[int, ...]:
        """Give the shape of a Var."""
        return self._vars[process][name].shape

    def read(self, process: int, name: str) -> Any:
        """Give a value. Weights are raw until the first step clips and truncates them, as in Python."""
        if (process, name) in self._answers:
            return self._answers[process, name].copy()
        session = self._session()
        if session.limit == 0 and self._is_weights(process, name):
            raw = self._raw.get((process, name))
            return _whole(self._vars[process][name].init) if raw is None else raw.copy()
        key = f"{self._names[process]}.{name}"
        self._reach(f"{key} cannot be read")
        return session.read_vars([key])[key]

    def write(self, process: int, name: str, value: Array) -> None:
        """Set a value; it counts from the next step on.

        Raises
        ------
        ValueRefused
            If the chip cannot hold the value exactly.
        """
        entry = self._image.manifest.vars.get(f"{self._names[process]}.{name}")
        fractions = entry is not None and entry.dtype.startswith("float")
        truncated = value if fractions else _whole(value)
        self._kept.pop((process, name), None)
        self._converted.discard((process, name))
        if (process, name) in self._answers:
            # After an error the device may be anywhere in a step; the next thing that it does is a reset.
            self._answers[process, name] = truncated.copy()
            return
        self._reach(f"{self._names[process]}.{name} cannot be set")
        session = self._session()
        session.write_vars({f"{self._names[process]}.{name}": truncated})
        if session.step == 0 and self._is_weights(process, name):
            self._raw[process, name] = truncated.copy()

    def take(self, process: int, name: str) -> Any:
        """Give a value, with what `give` needs to bring it back after a reset."""
        is_converted = self._session().step > 0 or (process, name) in self._converted
        return self.read(process, name), is_converted

    def give(self, process: int, name: str, taken: Any) -> None:
        """Set what `take` gave; the first step does not convert weights that an earlier one has converted."""
        value, is_converted = taken
        key = f"{self._names[process]}.{name}"
        if not (is_converted and self._is_weights(process, name)):
            self.write(process, name, value)
            return
        self._session().keep_weights({key: value})
        self._raw[process, name] = value.copy()
        self._converted.add((process, name))

    def _is_weights(self, process: int, name: str) -> bool:
        entry = self._image.manifest.vars.get(f"{self._names[process]}.{name}")
        return entry is not None and isinstance(entry.store, WeightsEntry)

    def checkpoint(self, step: int) -> None:
        """Copy all values as they are after `step`.

        Weights, which steps do not change, are read where they are unknown.
        """
        for process, variables in self._vars.items():
            for name in variables:
                if step < 2 or (process, name) not in self._kept or not self._is_weights(process, name):
                    self._kept[process, name] = self.read(process, name)

    def rollback(self) -> None:
        """Answer with the last checkpoint, until `forget`."""
        self._answers, self._kept = self._kept, {}


def _whole(value: Any) -> Any:
    """A value without its fractions; a sparse matrix stays one."""
    if hasattr(value, "tocsr"):
        matrix = canonical(value)
        matrix.data = _whole(matrix.data)
        return matrix
    array = np.array(value)
    return np.trunc(array) if array.dtype.kind == "f" else array
