"""Vars and ports of processes, and those that their models declare."""

from __future__ import annotations

from lava_hw.graph.discover import find_models
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort, PyRefPort, PyVarPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import AbstractVirtualPort, ImplicitVarPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var

__all__ = ["check_inherited", "check_members"]


def check_inherited(name: str, process: AbstractProcess, model: type[AbstractProcessModel]) -> None:
    """A chip model of a parent class serves only what the parent had: what Python models declare."""
    if not issubclass(model, AbstractHwProcessModel) or model.implements_process in (None, type(process)):
        return
    for other in find_models(type(process)):
        if issubclass(other, AbstractPyProcessModel):
            check_members(name, process, other, other.lava_types(process))
            return


def check_members(
    name: str, process: AbstractProcess, model: type[AbstractProcessModel], types: dict[str, LavaPyType]
) -> None:
    """Every Var and port must exist on both sides, as the same kind."""
    # Implicit VarPorts are served by the runtime; models know nothing of them.
    var_ports = {port.name for port in process.var_ports if not isinstance(port, ImplicitVarPort)}
    declared: dict[str, set[str]] = {
        "Var": set(),
        "InPort": set(),
        "OutPort": set(),
        "RefPort": set(),
        "VarPort": set(),
    }
    kinds = {"InPort": PyInPort, "OutPort": PyOutPort, "RefPort": PyRefPort, "VarPort": PyVarPort}
    for member, lava_type in types.items():
        kind = "Var"
        for label, base in kinds.items():
            if isinstance(lava_type.cls, type) and issubclass(lava_type.cls, base):
                kind = label
        declared[kind].add(member)
    existing = {
        "Var": {var.name for var in process.vars},
        "InPort": {port.name for port in process.in_ports},
        "OutPort": {port.name for port in process.out_ports},
        "RefPort": {port.name for port in process.ref_ports},
        "VarPort": var_ports,
    }
    for kind, members in existing.items():
        for member in sorted(members ^ declared[kind]):
            where = "the Process" if member in members else "the ProcessModel"
            raise AssertionError(
                _replaced(name, process, member)
                or f"Both Process '{name}' of type {type(process).__name__} and ProcessModel "
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
