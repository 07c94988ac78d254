"""Scripts for Lava run unchanged: once this module is imported, ``lava`` is another name of ``lava_hw``.

    import lava_hw.as_lava                                 # before the first import from lava
    from lava.proc.lif.process import LIF                  # the very class of lava_hw

or, without touching the script at all::

    python -m lava_hw.as_lava script.py arguments

``lava.x.y`` and ``lava_hw.x.y`` are one module object. The libraries of Lava that come in packages of their
own (``lava.lib.dnf`` and the like) are found where they are installed, and see the same names.
"""

from __future__ import annotations

import importlib
import runpy
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

__all__ = ["install"]

ALIAS, PACKAGE = "lava", "lava_hw"
_LIBRARIES = f"{ALIAS}.lib"


class _Same(Loader):
    """Loads a module by giving the one that exists under another name."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make a module, which `exec_module` replaces."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the other module in the place of the fresh one."""
        sys.modules[module.__name__] = importlib.import_module(self.target)


class _Finder(MetaPathFinder):
    """Finds ``lava.x`` as ``lava_hw.x``, and libraries of other packages below ``lava.lib``."""

    alias = ALIAS

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if fullname == _LIBRARIES:
            return PathFinder.find_spec(fullname, [str(Path(entry or ".") / ALIAS) for entry in sys.path])
        if fullname.startswith(f"{_LIBRARIES}."):
            return None  # by the path of lava.lib, as ever
        if fullname != ALIAS and not fullname.startswith(f"{ALIAS}."):
            return None
        real = PACKAGE + fullname[len(ALIAS) :]
        if find_spec(real) is None:
            return None
        return ModuleSpec(fullname, _Same(real), is_package=False)


def install() -> None:
    """Make ``lava`` another name of ``lava_hw``, from now on. A second call changes nothing.

    Raises
    ------
    ImportError
        If the real Lava was imported before: there would be two classes of each name.
    """
    # Not isinstance: under `python -m` this module exists twice.
    if any(getattr(finder, "alias", None) == ALIAS for finder in sys.meta_path):
        return
    there = sys.modules.get(ALIAS)
    if there is not None:
        raise ImportError(
            f"{ALIAS} was imported from {getattr(there, '__file__', None) or list(there.__path__)} before "
            f"{PACKAGE}.as_lava; import {PACKAGE}.as_lava first."
        )
    sys.meta_path.insert(0, _Finder())


def main() -> None:
    """Run the script that is named on the command line, with its arguments, under the alias."""
    if len(sys.argv) < 2:
        raise SystemExit(f"usage: python -m {PACKAGE}.as_lava script.py [arguments]")
    script = sys.argv.pop(1)
    sys.argv[0] = script
    sys.path[0] = str(Path(script).resolve().parent)  # as python itself does
    runpy.run_path(script, run_name="__main__")


install()
if __name__ == "__main__":
    main()
