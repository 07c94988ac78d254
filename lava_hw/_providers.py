"""Who does what a lower package asks for: modules of higher packages, by name, imported when first asked for.

A package that needs something done by one above it says so by a `Hook` (`lava_hw.magma.core.hooks`) and does
not import it. The module that does it registers itself with the hook. This table is the only place that knows
both.
"""

from __future__ import annotations

from importlib import import_module

__all__ = ["MODULES", "load"]

# Name of a hook -> module that registers itself with it.
MODULES = {
    "run networks": "lava_hw.runtime.runner",
    "give the program an end of a port": "lava_hw.proc.io.pipe",
}


def load(name: str) -> None:
    """Import the module that registers itself with the hook of this name."""
    import_module(MODULES[name])
