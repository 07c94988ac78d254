"""What the rules of all run configurations need to choose a model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess

    Models = list[type[AbstractProcessModel]]
    ExceptionMap = Mapping[AbstractProcess | type[AbstractProcess], type[AbstractProcessModel]]

__all__ = ["fitting", "from_map", "names", "said"]


def names(models: Sequence[type]) -> str:
    """Models with their tags, for messages."""
    return ", ".join(f"{m.__name__}{getattr(m, 'tags', [])}" for m in models) or "none"


def from_map(process: AbstractProcess, exceptions: ExceptionMap) -> type[AbstractProcessModel] | None:
    """The model that the exception map names for the process, or for its class."""
    for key, model in exceptions.items():
        if key is process:
            return model
    return exceptions.get(type(process))


def fitting(process: AbstractProcess, models: Models) -> Models:
    """The models that can do what a process asks for; all of them if none can, so that one says why."""
    return [m for m in models if m.fits(process)] or list(models)


def said(run_cfg: object) -> str:
    """A run configuration as the call that makes it; of its options those that differ from their defaults."""
    options: dict[str, Any] = {}
    for cls in type(run_cfg).__mro__:
        if "__init__" in vars(cls) and cls is not object:
            for name, parameter in inspect.signature(cls.__init__).parameters.items():  # type: ignore[misc]
                if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) and name != "self":
                    options.setdefault(name, parameter.default)
    shown = []
    for name, default in options.items():
        value = vars(run_cfg).get(name, default)
        # None stands for what the constructor makes of it: an empty dict, a build.
        if value is default or (isinstance(value, (bool, int, str)) and value == default):
            continue
        if default is None and (not value or name == "build"):
            continue
        shown.append(f"{name}={_value(value)}")
    return f"{type(run_cfg).__name__}({', '.join(shown)})"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_value(key)}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return value.__name__ if isinstance(value, type) else repr(value)
