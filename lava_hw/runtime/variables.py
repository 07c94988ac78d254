"""Reads and writes the Vars of a running network, wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lava_hw.compiler.value_check import check_set
from lava_hw.errors import NoEffectWarning, notify
from lava_hw.graph import Flat
from lava_hw.graph.flat import private_copy
from lava_hw.magma.core.process.variable import Var
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.participant import Participant
from lava_hw.sparse_values import entries

__all__ = ["Variables"]


class Variables:
    """The Vars of a network.

    Parameters
    ----------
    flat : Flat
        The network.
    participants : mapping of int to Participant
        Who has the values of a process, by its index.
    call : callable
        Executes a function at a step boundary and gives its result.
    strict : bool, default False
        Whether warnings about values are errors.
    """

    def __init__(
        self,
        flat: Flat,
        participants: Mapping[int, Participant],
        call: Callable[[Callable[[], Any]], Any],
        strict: bool = False,
    ) -> None:
        self._flat, self._participants, self._call, self._strict = flat, participants, call, strict
        self._index = {p.process.serial: p.index for p in flat.processes}
        self._parents = {parent.serial: name for name, parent in flat.parents}
        self.columns: dict[tuple[int, str], int] = {}
        """Length of the last axis of what `put` put, by process and Var."""

    def get(self, wanted: Var | int) -> Any:
        """Value of a Var; see Var.get."""
        var = self._var(wanted)
        index, name = self._locate(var)
        participant = self._participants[index]
        value = self._call(lambda: participant.read_var(index, name))
        if isinstance(value, str):
            return value
        if hasattr(value, "tocsr"):
            return value.astype(np.float64)
        array = np.array(value, dtype=np.complex128 if np.iscomplexobj(value) else np.float64)
        return array.reshape(var.shape) if array.size == 1 and var.size == 1 else array

    def set(self, wanted: Var | int, value: Any) -> None:
        """Change a Var; see Var.set."""
        var = self._var(wanted)
        index, name = self._locate(var)
        participant = self._participants[index]
        if isinstance(value, str):
            if not (participant.in_python and isinstance(self.get(var), str)):
                raise self._no_numbers(var, value)
            new: Any = value
        elif participant.in_python and self._call(lambda: participant.is_sparse(name)):
            new = private_copy(value)
        elif not participant.in_python and hasattr(self._flat.processes[index].vars[name].init, "tocsr"):
            new = self._in_pattern(var, value)
        elif hasattr(value, "tocsr"):
            new = self._fit(var, value.toarray())
        else:
            new = self._fit(var, value)
        if not isinstance(new, str):
            domain = participant.domain
            step = 0 if domain is None else self._call(lambda: domain.step)
            check_set(self._flat.processes[index], name, new, step, self._strict)
        text = self._flat.processes[index].process._remark(name, new)
        if text:
            notify(NoEffectWarning(f"{self._path(var)}: {text}"), self._strict)
        self._call(lambda: participant.set_var(index, name, new))

    def keeping(self, kept: Sequence[Var], reset: Callable[[], None]) -> Callable[[], None]:
        """A function that resets everything but some Vars.

        Raises
        ------
        RunError
            If one of them does not belong to the network.
        """
        places = list(dict.fromkeys(self._locate(var) for var in kept))

        def reset_others() -> None:
            self.columns.clear()
            taken = [self._participants[index].take_var(index, name) for index, name in places]
            reset()
            for (index, name), value in zip(places, taken, strict=True):
                self._participants[index].give_var(index, name, value)

        return reset_others

    def put(self, var: Var, value: np.ndarray[Any, Any]) -> None:
        """Change a Var into a value of any shape that its model takes, such as the data of a source."""
        index, name = self._locate(var)
        self._call(lambda: self._participants[index].set_var(index, name, value))
        self.columns[index, name] = value.shape[-1] if value.ndim else 1

    def columns_of(self, var: Var) -> int:
        """Length of the last axis of what a Var holds, if only `put` has changed it."""
        return self.columns.get(self._locate(var), var.shape[-1])

    def take(self, var: Var) -> Any:
        """Value of a Var in the type of its model."""
        index, name = self._locate(var)
        return self._call(lambda: self._participants[index].read_var(index, name))

    def _var(self, wanted: Var | int) -> Var:
        """A Var, or the one of this network with that id (as programs for Lava say it)."""
        if isinstance(wanted, Var):
            return wanted
        processes = [p.process for p in self._flat.processes] + [parent for _, parent in self._flat.parents]
        for process in processes:
            for var in process.vars:
                if var.id == wanted:
                    assert isinstance(var, Var)
                    return var
        raise RunError(f"No Var of this network has the id {wanted}.")

    def _locate(self, var: Var) -> tuple[int, str]:
        target = var.resolve()
        owner = target.process
        if owner is None or owner.serial not in self._index:
            if owner is not None and owner.serial in self._parents:
                raise RunError(
                    f"Var '{target.name}' of the hierarchical process '{self._parents[owner.serial]}' has no "
                    "value of its own; give it an alias in the sub-process model."
                )
            raise RunError(f"Var {var.path} does not belong to this network.")
        return self._index[owner.serial], target.name

    def _path(self, var: Var) -> str:
        """`process.var` with the name that the process has in this network."""
        index, name = self._locate(var)
        return f"{self._flat.processes[index].name}.{name}"

    def _no_numbers(self, var: Var, value: Any) -> TypeError:
        return TypeError(
            f"Cannot set {self._path(var)}: a number or an array of numbers is needed, got {value!r}."
        )

    def _in_pattern(self, var: Var, value: Any) -> Any:
        """The new value as a matrix with the entries of the first one."""
        index, name = self._locate(var)
        new = self._flat.processes[index].vars[name].init.tocsr(copy=True)
        new.sum_duplicates()
        new.data = entries(value, new.shape, new.indptr, new.indices, self._path(var))
        return new

    def _fit(self, var: Var, value: Any) -> np.ndarray[Any, Any]:
        """The new value as an array of the Var's shape; axes of length one may be elsewhere, or missing."""
        array = np.asarray(value)
        large = array.dtype.kind == "O" and array.size and all(isinstance(v, int) for v in array.flat)
        if array.dtype.kind not in "biufc" and not large:
            raise self._no_numbers(var, value)
        if array.ndim == 0:
            return np.full(var.shape, array)
        current = np.shape(self.get(var))
        if array.shape not in (var.shape, current):
            for shape in (var.shape, current):
                if [n for n in array.shape if n != 1] == [n for n in shape if n != 1]:
                    return array.reshape(shape).copy()
            raise ValueError(
                f"Cannot set {self._path(var)} of shape {var.shape} to a value of shape {array.shape}."
            )
        return array.copy()
