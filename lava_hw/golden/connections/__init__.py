"""Kinds of connections, one module each (docs/chip.md section 6). The modules are found by themselves."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from lava_hw.golden.connections.connection import Connection

__all__ = ["Connection", "kinds"]


@cache
def kinds() -> dict[int, type[Connection]]:
    """Give the class of each kind, by its number in a descriptor."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    found: dict[int, type[Connection]] = {}
    todo = list(Connection.__subclasses__())
    while todo:
        cls = todo.pop()
        todo += cls.__subclasses__()
        if cls.kind >= 0:
            found[cls.kind] = cls
    return found
