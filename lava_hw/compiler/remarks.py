"""What is taken as in Lava, and is likely not what the user wants: said once models are chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw.errors import ModelTypeWarning, NoEffectWarning, notify
from lava_hw.graph import Flat
from lava_hw.graph.discover import find_models
from lava_hw.graph.flat import FlatProcess, RefLink
from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.py.type import LavaPyType

__all__ = ["check_remarks"]


def check_remarks(flat: Flat, strict: bool) -> None:
    """Warn of references of a type that cannot hold the Var, and of values that have no effect.

    Parameters
    ----------
    flat : Flat
        The network with its models.
    strict : bool
        Whether a warning is an error.

    Raises
    ------
    LavaHwWarning
        If warnings are errors.
    """
    for link in flat.refs:
        text = _of_reference(flat, link)
        if text:
            notify(ModelTypeWarning(text), strict)
    for process in flat.processes:
        for var in process.vars.values():
            text = process.process._remark(var.name, var.init)
            if text:
                notify(NoEffectWarning(f"{process.name}.{var.name}: {text}"), strict)


def _kind(lava_type: LavaPyType | None) -> str:
    """Kind of the elements, as numpy writes it; "" if that is not known."""
    if lava_type is None:
        return ""
    try:
        cls: Any = lava_type.cls
        return np.dtype(cls if cls in (int, float, complex) else lava_type.d_type).kind
    except TypeError:
        return ""


def _of_reference(flat: Flat, link: RefLink) -> str:
    """Why a reference loses something, "" if it does not."""
    reader, owner = flat.processes[link.process], flat.processes[link.var_process]
    if _kind(reader.types.get(link.port)) not in "iu" or _kind(owner.types.get(link.var)) not in ("f", "c"):
        return ""
    model: Any = reader.model_class
    if issubclass(model, AbstractPyProcessModel) and model.writes_integers(reader.process, link.port):
        return ""
    return (
        f"'{reader.name}.{link.port}' is of integers in {model.__name__}, but '{owner.name}.{link.var}' is "
        f"of floats in {owner.model_class.__name__}: fractions are cut off. Take another model, by "
        f"{_remedy(reader, link.port)} in the run configuration."
    )


def _remedy(reader: FlatProcess, port: str) -> str:
    better = [model for model in _models(reader) if _holds_floats(model, reader, port)]
    name = reader.proc_class.__name__
    if not better:
        return f"exception_proc_model_map={{{name}: a model of yours with a port of floats}}"
    ways = [f"exception_proc_model_map={{{name}: {better[0].__name__}}}"]
    if better[0].tags:
        ways.insert(0, f"select_tag='{better[0].tags[0]}'")
    return " or ".join(ways)


def _models(reader: FlatProcess) -> list[type[AbstractProcessModel]]:
    try:
        return list(find_models(reader.proc_class))
    except NoProcessModelFound:  # it was named in the run configuration
        return []


def _holds_floats(model: Any, reader: FlatProcess, port: str) -> bool:
    return issubclass(model, AbstractPyProcessModel) and (
        _kind(model.lava_types(reader.process).get(port)) == "f"
    )
