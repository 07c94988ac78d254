"""Vars and ports of processes, and those that their models declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lava_hw.graph.discover import find_models
from lava_hw.graph.flat import FlatProcess
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.py.ports import AbstractPyPort, PyInPort, PyOutPort, PyRefPort, PyVarPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import AbstractVirtualPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var

__all__ = ["check_inherited", "check_members"]

_PORTS = {"InPort": PyInPort, "OutPort": PyOutPort, "RefPort": PyRefPort, "VarPort": PyVarPort}


def check_inherited(process: FlatProcess) -> None:
    """A chip model of a parent class serves only what the parent had: what Python models declare."""
    model = process.model_class
    if not process.on_chip or model.implements_process in (None, process.proc_class):
        return
    for other in find_models(process.proc_class):
        if issubclass(other, AbstractPyProcessModel):
            check_members(process, other, other.lava_types(process.process))
            return


def check_members(
    process: FlatProcess, model: type[AbstractProcessModel], types: dict[str, LavaPyType]
) -> None:
    """Every Var and port must exist on both sides, as the same kind."""
    declared: dict[str, set[str]] = {kind: set() for kind in ("Var", *_PORTS)}
    for member, lava_type in types.items():
        cls = lava_type.cls
        kind = "Var"
        if isinstance(cls, type) and issubclass(cls, AbstractPyPort):
            kind = next((label for label, base in _PORTS.items() if issubclass(cls, base)), kind)
        declared[kind].add(member)
    # Implicit VarPorts are served by the runtime, models know nothing of them, and `var_ports` has none.
    existing: dict[str, Mapping[str, Any]] = {
        "Var": process.vars,
        "InPort": process.in_ports,
        "OutPort": process.out_ports,
        "RefPort": process.ref_ports,
        "VarPort": process.var_ports,
    }
    for kind, members in existing.items():
        if members.keys() == declared[kind]:
            continue
        member = min(members.keys() ^ declared[kind])
        where = "the Process" if member in members else "the ProcessModel"
        raise AssertionError(
            _replaced(process.name, process.process, member)
            or f"Both Process '{process.name}' of type {process.proc_class.__name__} and ProcessModel "
            f"{model.__name__} are expected to have {kind} named '{member}', but only {where} has it."
        )


def _replaced(name: str, process: AbstractProcess, member: str) -> str | None:
    """What happened to a member that the constructor made and something else took the place of."""
    before = process.__dict__.get("_replaced", {}).get(member)
    if before is None or member in process.__dict__.get("_members", ()):
        return None
    kind, now = type(before).__name__, getattr(process, member, None)
    happened = (
        f"Process '{name}' of type {type(process).__name__} has no {kind} '{member}' any more: after "
        f"self.{member} = {kind}(...)"
    )
    if isinstance(now, AbstractVirtualPort):
        return (
            f"{happened} the attribute was assigned a view of it, a {type(now).__name__} of shape "
            f"{now.shape}. Keep the port, and give the view another name (self.{member}_view = ...), or make "
            f"the view where the port is connected: process.{member}.flatten().connect(...)."
        )
    remedy = (
        "The value of a Var is given as Var(shape, init=...), and changed by its set()"
        if isinstance(before, Var)
        else "A port keeps its attribute"
    )
    return (
        f"{happened} the attribute was assigned something else ({type(now).__name__}). {remedy}; give the "
        "other object another name."
    )
