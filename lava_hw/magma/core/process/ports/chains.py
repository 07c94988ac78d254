"""Chains of ports: their ends, the port between a RefPort and a Var, and where a view puts elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.core.process.ports.exceptions import VarNotSharableError
from lava_hw.magma.core.process.variable import Var

if TYPE_CHECKING:
    from lava_hw.magma.core.process.ports.connection_config import ConnectionConfig
    from lava_hw.magma.core.process.ports.ports import AbstractPort, AbstractVirtualPort

__all__ = ["Index", "as_list", "connect_var", "ends", "moved_elements"]

Index = npt.NDArray[np.int64]


def as_list(ports: Any) -> list[Any]:
    """One port or a sequence of ports, as a list."""
    return list(ports) if isinstance(ports, (list, tuple)) else [ports]


def ends(port: AbstractPort, direction: str) -> list[AbstractPort]:
    """The real ports at the far ends of a port's ``in_connections`` or ``out_connections``, each once."""
    from lava_hw.magma.core.process.ports.ports import AbstractVirtualPort

    found: dict[AbstractPort, None] = {}
    todo: list[AbstractPort] = list(getattr(port, direction))
    seen: set[AbstractPort] = set()
    while todo:
        near = todo.pop(0)
        if near in seen:
            continue
        seen.add(near)
        further = getattr(near, direction)
        todo[:0] = further
        if not further and not isinstance(near, AbstractVirtualPort):
            found[near] = None
    return list(found)


def connect_var(ref: AbstractPort, var: Var, config: ConnectionConfig | None = None) -> None:
    """Connect a RefPort, or a virtual port after one, to a Var through a VarPort made for it."""
    from lava_hw.magma.core.process.ports.ports import AbstractRVPort, AbstractVirtualPort, ImplicitVarPort

    if not isinstance(var, Var):
        raise TypeError(f"{ref.path} connects to a Var, got {type(var).__name__}.")
    if not var.shareable:
        raise VarNotSharableError(var.path)
    if ref.shape != var.shape:
        raise AssertionError(
            f"Shapes {ref.shape} of {ref.path} and {var.shape} of {var.path} are incompatible."
        )
    owner = ref.origin().process if isinstance(ref, AbstractVirtualPort) else ref.process
    if var.process is not None and var.process is owner:
        raise AssertionError(f"RefPort {ref.path} cannot reference a Var of its own process.")
    port = ImplicitVarPort(var)
    base = name = f"_{var.name}_implicit_port"
    count = 0
    while var.process is not None and hasattr(var.process, name):
        count += 1
        name = f"{base}_{count}"
    port.name = name
    if isinstance(ref, AbstractRVPort):
        ref._link_one(port, config)
    else:
        ref._link(port, config)
    if var.process is not None:
        setattr(var.process, name, port)


def moved_elements(view: AbstractVirtualPort, before: tuple[int, ...]) -> tuple[Index, Index]:
    """Where a view puts the elements of a port of shape `before`; see AbstractVirtualPort.source_index."""
    function = view.get_transform_func_fwd()
    every = np.arange(int(np.prod(before, dtype=np.int64)), dtype=np.int64)
    there = np.asarray(function(every.reshape(before)))
    # Numbers of the other sign tell a function that moves elements from one that computes with them.
    again = np.asarray(function((-1 - every).reshape(before)))
    if there.shape != view.shape or not np.array_equal(np.sort(there, axis=None), every):
        raise AssertionError(
            f"{view.path} is of shape {view.shape} and must give each element of shape {before} one place; "
            f"its get_transform_func_fwd() makes shape {there.shape}, or leaves out or repeats elements."
        )
    if not np.array_equal(again, -1 - there):
        raise AssertionError(f"{view.path} may move elements, but not change their values.")
    return every, there.ravel().astype(np.int64)
