"""Finds the module of a kind by its name, so that nothing has a list of kinds."""

from __future__ import annotations

import importlib
import importlib.util


def find(name: str) -> None:
    """Import the module of a kind, if this folder has one; the name may come from any file."""
    module = f"{__package__}.{name}"
    if name.isidentifier() and importlib.util.find_spec(module) is not None:
        importlib.import_module(module)
