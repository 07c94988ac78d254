"""What the constructor of a process takes: its own parameters, and those of its parents that it passes on."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any

from lava_hw.errors import UnknownArgumentWarning
from lava_hw.magma.core.process.names import nearest

__all__ = ["known_arguments", "signature_of", "unknown_arguments"]


def signature_of(cls: type) -> Signature:
    """The parameters of a class of processes, its parents' where it passes **kwargs on.

    A class may say more than its constructor does: `_model_parameters` (name -> default), which it takes by
    **kwargs and its models find in `proc_params`, and `_set_by_itself`, those of its parents that it gives.

    Returns
    -------
    Signature
        With **kwargs at its end where the constructor takes any name.
    """
    found: dict[str, Parameter] = {}
    passed_on: Parameter | None = None
    hidden: set[str] = set()
    for parent in cls.__mro__:
        if parent is object:
            continue
        init = parent.__dict__.get("__init__")
        own = inspect.signature(init).parameters.values() if init is not None else ()
        if init is not None:
            passed_on = None
        for position, parameter in enumerate(own):
            if parameter.kind is Parameter.VAR_KEYWORD:
                passed_on = parameter
            elif position and parameter.kind is not Parameter.VAR_POSITIONAL and parameter.name not in hidden:
                # What comes through **kwargs has no position.
                found.setdefault(
                    parameter.name,
                    parameter.replace(kind=Parameter.KEYWORD_ONLY)
                    if parent is not _first_init(cls)
                    else parameter,
                )
        for name, default in parent.__dict__.get("_model_parameters", {}).items():
            found.setdefault(name, Parameter(name, Parameter.KEYWORD_ONLY, default=default))
        hidden |= set(parent.__dict__.get("_set_by_itself", ()))
        if (init is not None and passed_on is None) or "_is_root_of_processes" in parent.__dict__:
            break
    in_order = sorted(found.values(), key=lambda parameter: parameter.kind)
    return Signature([*in_order, *([passed_on] if passed_on is not None else [])])


def _first_init(cls: type) -> type:
    return next(parent for parent in cls.__mro__ if "__init__" in parent.__dict__)


def known_arguments(cls: type) -> frozenset[str] | None:
    """Names that a process of the library takes; None for classes of users, which pass on what they like."""
    if cls.__module__.partition(".")[0] != "lava_hw":
        return None
    return frozenset(signature_of(cls).parameters)


def unknown_arguments(
    cls: type, title: str, known: frozenset[str], given: Mapping[str, Any]
) -> UnknownArgumentWarning | None:
    """What to say of keyword arguments that no part of a process looks at, None if there are none."""
    wrong = [name for name in given if name not in known]
    if not wrong:
        return None
    parameters = signature_of(cls).parameters.values()
    names = [p.name for p in parameters if p.kind is not Parameter.VAR_KEYWORD]
    said = []
    for name in wrong:
        near = nearest(name, names)
        said.append(f"'{name}'" + (f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""))
    what = "it has" if len(wrong) == 1 else "they have"
    return UnknownArgumentWarning(
        f"{title} has no parameter {', '.join(said)}; {what} no effect but on models of your own that read "
        f"proc_params. Parameters: {', '.join(names)}. A subclass of your own may pass on any other."
    )
