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
import traceback
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, ModuleType
from typing import NoReturn

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


USAGE = f"""usage: python -m {PACKAGE}.as_lava script.py [arguments]

Runs a script, a directory or a zip file with a __main__.py as python does, with `{ALIAS}` as another name of
`{PACKAGE}`.
"""


def main() -> None:
    """Run the script that is named on the command line, with its arguments, under the alias."""
    if len(sys.argv) > 1 and sys.argv[1] in ("-h", "--help"):
        print(USAGE, end="")
        return
    if len(sys.argv) < 2:
        _refuse("the script to run is missing")
    script = sys.argv[1]
    if script.startswith("-"):
        _refuse(f"there is no option {script}")
    path = Path(script)
    if not path.exists():
        _refuse(f"{script}: there is no such file or directory")
    if path.is_dir() and not (path / "__main__.py").is_file():
        _refuse(f"{script} is a directory without a __main__.py")
    del sys.argv[0]
    sys.path[0] = str(path.resolve().parent)  # as python itself does
    try:
        runpy.run_path(script, run_name="__main__")
    except OSError as error:
        if error.filename == script and error.__traceback__ is not None and not _ran(error):
            _refuse(f"{script} cannot be read: {error.strerror}")
        _show(error)
    except Exception as error:
        _show(error)


def _refuse(text: str) -> NoReturn:
    print(f"{USAGE.splitlines()[0]}\npython -m {PACKAGE}.as_lava: {text}", file=sys.stderr)
    raise SystemExit(2)


def _ran(error: BaseException) -> bool:
    """Whether an error came out of the script, and not out of the attempt to run it."""
    return any(frame.f_globals.get("__name__") == "__main__" for frame in _frames(error)[1:])


def _frames(error: BaseException) -> list[FrameType]:
    return [frame for frame, _ in traceback.walk_tb(error.__traceback__)]


def _show(error: Exception) -> NoReturn:
    """Let an error end the program with a traceback that begins in the script."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in (
        __file__,
        "<frozen runpy>",
        runpy.__file__,
    ):
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)
    raise SystemExit(1)


install()
if __name__ == "__main__":
    main()
