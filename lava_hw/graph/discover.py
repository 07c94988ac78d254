"""Which models implement a process.

`@implements` registers a model when its module is imported. Models usually lie in a module beside that of
the process, which nobody imported yet; so the sibling modules that import the process and implement something
are imported, once and in the normal way. One that cannot be imported is left out with a warning.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
import warnings
from pathlib import Path
from types import ModuleType

from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.decorator import registered_models
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["find_models"]


def _may_implement(path: str | None, module_name: str, proc_name: str) -> bool:
    """Whether a source file imports a process, and implements some."""
    if path is None or not path.endswith(".py"):
        return False
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    if "implements" not in text:
        return False
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return proc_name in text  # importing it will say what is wrong
    package, _, own = module_name.rpartition(".")
    homes = {own, package.rpartition(".")[2], ""}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if own in names or ((node.module or "").rpartition(".")[2] in homes and names & {proc_name, "*"}):
                return True
        elif isinstance(node, ast.Import) and any(a.name.rpartition(".")[2] == own for a in node.names):
            return True
    return False


def _import_siblings(module: ModuleType, proc_name: str) -> list[str]:
    """Import the modules beside `module` that may implement a process of it; say which could not be."""
    failed: list[str] = []
    if module.__name__ == "__main__" or getattr(module, "__file__", None) is None:
        return failed
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
        if _may_implement(origin, module.__name__, proc_name):
            try:
                importlib.import_module(full)
            except Exception as error:
                failed.append(f"{full} ({type(error).__name__}: {error})")
                warnings.warn(
                    f"Models of '{proc_name}' in {failed[-1]} could not be imported and are left out.",
                    stacklevel=2,
                )
    return failed


# What could not be imported beside a process, by module and name of the process.
_SEARCHED: dict[tuple[str, str], list[str]] = {}


def find_models(proc_class: type[AbstractProcess]) -> list[type[AbstractProcessModel]]:
    """Models of a process class; of its nearest parent with models if it has none of its own.

    Those of the class's own module come first, then those of its package, by name of the module and in order
    of definition. Models defined elsewhere count only if there are none of these (name them in
    exception_proc_model_map).

    Raises
    ------
    NoProcessModelFound
        If there is none.
    """
    failed: list[str] = []
    for cls in proc_class.__mro__:
        if cls is AbstractProcess:
            break
        if issubclass(cls, AbstractProcess):
            found = _models_of(cls, failed)
            if found:
                return found
    name = f"{proc_class.__module__}.{proc_class.__name__}"
    if failed:
        raise NoProcessModelFound(
            f"No ProcessModel of process class '{name}' could be imported: {'; '.join(failed)}."
        )
    raise NoProcessModelFound(
        f"No ProcessModel implements process class '{name}' or a parent of it. A model is decorated with "
        "@implements(proc=...) and lies in the process's module or package, or was imported."
    )


def _models_of(proc_class: type[AbstractProcess], failed: list[str]) -> list[type[AbstractProcessModel]]:
    """Models of exactly this class; adds to `failed` what could not be imported."""
    name, module_name = proc_class.__name__, proc_class.__module__
    module = sys.modules.get(module_name)
    package = module_name.rpartition(".")[0]
    if module is not None and (module_name, name) not in _SEARCHED:
        # A module outside of any package lies among scripts; those are only searched if there is no other
        # way.
        if package or hasattr(module, "__path__") or not registered_models(proc_class):
            _SEARCHED[module_name, name] = _import_siblings(module, name)
        _SEARCHED.setdefault((module_name, name), [])
    failed += _SEARCHED.get((module_name, name), [])
    models = registered_models(proc_class)
    own = [m for m in models if m.__module__ == module_name]
    near = [m for m in models if m not in own and package and m.__module__.startswith(package + ".")]
    near.sort(key=lambda m: m.__module__)  # stable: definition order within a module
    return own + near or models
