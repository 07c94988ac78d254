"""Checkpoints: copies of Vars between two steps, so that after an error they hold the last complete step."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.graph.flat import Flat, FlatProcess, private_copy
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.run_ahead import needs_lockstep

__all__ = ["CHECKPOINT_BYTES", "Checkpoint", "keeps_checkpoints"]

CHECKPOINT_BYTES = 1 << 16
"""Bytes that are copied in each step, at most, where the run configuration does not decide."""

_IMMUTABLE = (bool, int, float, complex, str, bytes, type(None), np.generic)


def keeps_checkpoints(flat: Flat, run_cfg: RunConfig) -> bool:
    """Whether values are copied before each step. The runtime asks once, and tells its workers.

    If the run configuration does not say so: where it makes nothing slower but by the copies, and these are
    small. Library models alone hardly fail, and would lose that they run ahead.

    Parameters
    ----------
    flat : Flat
        The network.
    run_cfg : RunConfig
        Its option `checkpoint` decides, if it is not None.
    """
    if run_cfg.checkpoint is not None:
        return run_cfg.checkpoint
    if any(process.on_chip for process in flat.processes) or not needs_lockstep(flat):
        return False
    written = {(link.var_process, link.var) for link in flat.refs}
    total = 0
    for process in flat.processes:
        total += sum(_bytes_of(process, name, (process.index, name) in written) for name in process.vars)
        if total > CHECKPOINT_BYTES:
            return False
    return True


def _bytes_of(process: FlatProcess, name: str, written: bool) -> int:
    """Count the bytes of a Var that are copied in each step, more than are allowed if nobody can tell."""
    model, var = process.model_class, process.vars[name]
    place = None if written else _place(model, name)
    if place == "constant":
        return 0
    lava_type = process.types.get(name)
    if lava_type is not None and lava_type.cls is np.ndarray:
        size = int(np.prod(var.shape, dtype=np.int64)) * np.dtype(lava_type.d_type).itemsize
        return size // var.shape[place] if isinstance(place, int) and var.shape[place] else size
    if hasattr(var.init, "tocsr"):
        return int(var.init.nnz) * 16
    if isinstance(var.init, np.ndarray) and var.init.dtype != object:
        return var.init.nbytes
    return 8 if isinstance(var.init, _IMMUTABLE) else CHECKPOINT_BYTES + 1


def _place(model: Any, name: str) -> str | int | None:
    """Give where a step writes a Var: "constant" for nowhere, the axis along which it has one place, or None.

    As with `run_ahead`, only the class itself is believed: a subclass may do more.
    """
    if not vars(model).get("run_ahead", False):
        return None
    if name in model.constant_vars:
        return "constant"
    axis: int | None = model.recorded_along(name)
    return axis


class Checkpoint:
    """The values of the Vars of a model, as they were between two steps.

    Parameters
    ----------
    model : object
        The model.
    names : list of str
        Its Vars.
    written : set of str
        Those that RefPorts may write, so that they are not constant.
    """

    def __init__(self, model: Any, names: list[str], written: set[str]) -> None:
        self._model = model
        self._whole: list[str] = []
        self._constant: list[str] = []
        self._recorded: list[tuple[str, int]] = []
        for name in names:
            place = None if name in written else _place(type(model), name)
            if place == "constant":
                self._constant.append(name)
            elif isinstance(place, int) and getattr(model, name).size:
                self._recorded.append((name, place))
            else:
                self._whole.append(name)
        self._values: dict[str, Any] = {}
        self._new = True
        self._places: dict[str, tuple[Any, Any, Any]] = {}

    def forget(self) -> None:
        """Note that somebody else than the model has changed a Var."""
        self._new = True

    def save(self, step: int) -> None:
        """Copy what they hold; `step` is the last one that is complete."""
        model, values = self._model, self._values
        for name in self._whole:
            value = getattr(model, name)
            if type(value) is np.ndarray or hasattr(value, "tocsr"):
                # Faster than to look whether it fits where the last one was.
                values[name] = value.copy()
            else:
                values[name] = value if isinstance(value, _IMMUTABLE) else private_copy(value)
        # A first step may bring them into another form, but not in place.
        if self._new or step < 2:
            self._new = False
            for name in self._constant:
                value = getattr(model, name)
                self._places[name] = value, None, value.data if hasattr(value, "tocsr") else None
        for name, axis in self._recorded:
            array = getattr(model, name)
            place = (slice(None),) * (axis % array.ndim) + (step % array.shape[axis],)
            self._places[name] = array, place, array[place].copy()

    def restore(self, model: Any) -> None:
        """Give a model, or a copy of it, what was saved; nothing if nothing was."""
        for name, value in self._values.items():
            setattr(model, name, value)
        for name, (value, place, content) in self._places.items():
            if place is not None:
                value[place] = content
            elif hasattr(value, "tocsr"):
                value.data = content
            setattr(model, name, value)
        self._values, self._places, self._new = {}, {}, True
