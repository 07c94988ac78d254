"""Reads and writes the Vars of a model in Python, and copies them between two steps."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lava_hw.compiler.value_check import defined
from lava_hw.graph.flat import FlatProcess
from lava_hw.runtime.checkpoint import Checkpoint
from lava_hw.runtime.executor import ThreadExecutor
from lava_hw.runtime.participant import Participant
from lava_hw.sparse_values import fitted

if TYPE_CHECKING:
    from lava_hw.runtime.barrier import Barriers

__all__ = ["ModelVars"]


class ModelVars(Participant):
    """A participant that is one model in Python: its Vars.

    Parameters
    ----------
    worker : Barriers
        Owner of its greenlets.
    spec : FlatProcess
        The process and its model class.

    Attributes
    ----------
    model : object
        The model, once `prepare` has made it.
    executor : ThreadExecutor or None
        The thread of the model, if it has one of its own.
    """

    model: Any

    def __init__(self, worker: Barriers, spec: FlatProcess) -> None:
        super().__init__(worker, spec.name)
        # Without the live process, so that a network that nobody holds any more can be freed.
        self.spec = replace(spec, process=None)  # type: ignore[arg-type]
        self.executor: ThreadExecutor | None = None
        self._written: set[str] = set()
        self._checkpoint: Checkpoint | None = None

    def add_written(self, name: str) -> None:
        """Note that RefPorts may write a Var."""
        self._written.add(name)

    # -- access --
    def var_shape(self, process: int, name: str) -> tuple[int, ...]:
        """See Participant."""
        return self.spec.vars[name].shape

    def read_var(self, process: int, name: str) -> Any:
        """See Participant."""
        value = getattr(self.model, name)
        return value.copy() if isinstance(value, np.ndarray) or hasattr(value, "tocsr") else value

    def write_var(self, process: int, name: str, value: np.ndarray[Any, Any]) -> None:
        """See Participant."""
        self._assign(name, value)

    def is_sparse(self, name: str) -> bool:
        """Whether the model holds a Var as a sparse matrix."""
        return hasattr(getattr(self.model, name), "tocsr")

    def set_var(self, process: int, name: str, value: Any) -> None:
        """Change a Var on behalf of the user, and tell the model."""
        self._assign(name, value)
        self.model.on_var_update()

    def take_var(self, process: int, name: str) -> Any:
        """See Participant."""
        value = getattr(self.model, name)
        if isinstance(value, np.ndarray):
            value = value.copy(order="K")  # which sums are fast, and how floats are added, may depend on it
        elif hasattr(value, "tocsr"):
            value = value.copy()
        flag = self.model.converted_vars.get(name)
        return value, flag is not None and bool(getattr(self.model, flag, False))

    def give_var(self, process: int, name: str, taken: Any) -> None:
        """See Participant."""
        value, is_converted = taken
        model = self.model
        setattr(model, name, value)
        if is_converted:
            setattr(model, model.converted_vars[name], True)
        model.on_var_update()

    def _assign(self, name: str, value: Any) -> None:
        model = self.model
        if self._checkpoint is not None:
            self._checkpoint.forget()
        now = getattr(model, name)
        if hasattr(now, "tocsr"):
            setattr(model, name, fitted(now, value, f"{self.name}.{name}"))
        elif isinstance(value, str):
            setattr(model, name, value)
        else:
            self._assign_numbers(name, now, value)

    def _assign_numbers(self, name: str, now: Any, value: Any) -> None:
        model, lava_type = self.model, self.spec.types[name]
        array = np.asarray(value)
        if not isinstance(now, np.ndarray) or now.dtype != array.dtype:
            array = defined(self.spec, name, array)
        if isinstance(now, np.ndarray) and now.shape == array.shape and now.flags.writeable:
            with np.errstate(invalid="ignore"):
                now[...] = array
        elif lava_type.cls is np.ndarray:
            with np.errstate(invalid="ignore"):
                setattr(model, name, array.astype(lava_type.d_type))
        else:
            # A scalar class keeps a Python number, so that the model's arithmetic stays what it was.
            setattr(model, name, array.reshape(-1)[0].item() if array.size == 1 else array.copy())

    # -- checkpoints --
    def checkpoint(self, step: int) -> None:
        """See Participant."""
        if self._checkpoint is None:
            self._checkpoint = Checkpoint(self.model, list(self.spec.vars), self._written)
        self._checkpoint.save(step)

    def rollback(self) -> None:
        """See Participant."""
        if self._checkpoint is not None:
            if self.executor is not None:
                # A thread that was left to itself may still write into what it has.
                self.model = copy(self.model)
            self._checkpoint.restore(self.model)
