"""Which models implement a process.

`@implements` registers a model when its module is imported. Models usually lie in a module beside that of
the process, which nobody imported yet; so the sibling modules that mention the process are imported, once
and in the normal way.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType

from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.decorator import registered_models
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["find_models"]


def _mentions(path: str | None, proc_name: str) -> bool:
    """Whether a source file may implement a process of this name."""
    if path is None or not path.endswith(".py"):
        return False
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "implements" in text and re.search(rf"\b{re.escape(proc_name)}\b", text) is not None


def _import_siblings(module: ModuleType, proc_name: str) -> None:
    """Import the modules beside `module` that mention the process."""
    if module.__name__ == "__main__" or getattr(module, "__file__", None) is None:
        return
    package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
    if package:
        folders = list(sys.modules[package].__path__) if package in sys.modules else []
    else:
        folders = [str(Path(str(module.__file__)).parent)]
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    for info in sorted(pkgutil.iter_modules(folders), key=lambda i: i.name):
        full = f"{package}.{info.name}" if package else info.name
        if full in sys.modules or info.ispkg:
            continue
        spec = info.module_finder.find_spec(info.name, None)
        origin = spec.origin if spec is not None else None
        # The program itself must not be executed a second time.
        if main is not None and origin is not None and Path(origin).resolve() == Path(main).resolve():
            continue
        if _mentions(origin, proc_name):
            importlib.import_module(full)


_SEARCHED: set[tuple[str, str]] = set()


def find_models(proc_class: type[AbstractProcess]) -> list[type[AbstractProcessModel]]:
    """Models of exactly this process class.

    Those of its own module come first, then those of its package, by name of the module and in order of
    definition. Models defined elsewhere count only if there are none of these (name them in
    exception_proc_model_map).

    Raises
    ------
    NoProcessModelFound
        If there is none.
    """
    name, module_name = proc_class.__name__, proc_class.__module__
    module = sys.modules.get(module_name)
    package = module_name.rpartition(".")[0]
    if module is not None and (module_name, name) not in _SEARCHED:
        # A module outside of any package lies among scripts; those are only searched if there is no other
        # way.
        if package or hasattr(module, "__path__") or not registered_models(proc_class):
            _import_siblings(module, name)
        _SEARCHED.add((module_name, name))
    models = registered_models(proc_class)
    own = [m for m in models if m.__module__ == module_name]
    near = [m for m in models if m not in own and package and m.__module__.startswith(package + ".")]
    near.sort(key=lambda m: m.__module__)  # stable: definition order within a module
    found = own + near or models
    if not found:
        raise NoProcessModelFound(
            f"No ProcessModel implements process class '{module_name}.{name}'. "
            "A model is decorated with @implements(proc=...) for exactly this class (a subclass of a process "
            "does not inherit its models) and lies in the process's module or package, or was imported."
        )
    return found
