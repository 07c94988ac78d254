"""Kinds of connections: a module of this package with an object `KIND` for each."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from lava_hw.compiler.connections.kind import ConnectionKind, TablePlan
from lava_hw.ir import Connection

__all__ = ["ConnectionKind", "TablePlan", "kind_of"]


@cache
def _kinds() -> dict[type[Connection], ConnectionKind]:
    found: dict[type[Connection], ConnectionKind] = {}
    for module in pkgutil.iter_modules(__path__):
        kind = getattr(importlib.import_module(f"{__name__}.{module.name}"), "KIND", None)
        if isinstance(kind, ConnectionKind):
            found[kind.ir] = kind
    return found


def kind_of(connection: Connection) -> ConnectionKind:
    """Give the kind of a connection.

    Raises
    ------
    TypeError
        If no module of this package compiles connections of its class.
    """
    kinds = _kinds()
    for cls in type(connection).__mro__:
        if cls in kinds:
            return kinds[cls]
    raise TypeError(
        f"{connection.name}: no module of lava_hw/compiler/connections compiles a "
        f"{type(connection).__name__}; there are {', '.join(sorted(cls.__name__ for cls in kinds))}."
    )
