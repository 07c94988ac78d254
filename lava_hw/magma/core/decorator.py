"""Decorators of process models (Lava's path). `@implements` also registers the model for its process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.resources import AbstractResource
from lava_hw.magma.core.sync.protocol import AbstractSyncProtocol

if TYPE_CHECKING:
    _M = TypeVar("_M", bound=type[AbstractProcessModel])

__all__ = ["implements", "registered_models", "requires", "tag"]

_REGISTRY: WeakKeyDictionary[type[AbstractProcess], list[type[AbstractProcessModel]]] = WeakKeyDictionary()


# What @implements said, and not what base classes for users say by default.
_GIVEN_PROTOCOLS: WeakKeyDictionary[type, type[AbstractSyncProtocol]] = WeakKeyDictionary()


def registered_models(proc_class: type[AbstractProcess]) -> list[type[AbstractProcessModel]]:
    """Models that `@implements` registered for exactly this process class, in order of definition."""
    return list(_REGISTRY.get(proc_class, ()))


def register(model_class: type[AbstractProcessModel]) -> None:
    """Register a model for the process that it implements. A new class replaces one of the same full name."""
    proc_class = model_class.implements_process
    assert proc_class is not None
    known = _REGISTRY.setdefault(proc_class, [])
    for k, other in enumerate(known):
        if other is model_class:
            return
        # A notebook cell or a reloaded module that runs again defines the same class anew.
        if (other.__module__, other.__qualname__) == (model_class.__module__, model_class.__qualname__):
            known[k] = model_class
            return
    known.append(model_class)


def _check_model(cls: Any, decorator: str) -> None:
    if not (isinstance(cls, type) and issubclass(cls, AbstractProcessModel)):
        raise AssertionError(f"@{decorator} decorates process models, got {cls!r}.")


def implements(
    proc: type[AbstractProcess] | None = None, protocol: type[AbstractSyncProtocol] | None = None
) -> Callable[[_M], _M]:
    """Say which process a model implements, and by which synchronization protocol.

    Parameters
    ----------
    proc : type, optional
        Process class; may be inherited.
    protocol : type, optional
        Protocol class; may be inherited. A model without one runs asynchronously.

    Raises
    ------
    TypeError
        If an argument is of the wrong kind.
    AssertionError
        If the decorated class is no process model, or inherits from one that runs by another protocol.
    """
    if proc is not None and not (isinstance(proc, type) and issubclass(proc, AbstractProcess)):
        raise TypeError(f"@implements(proc=...) needs a process class, got {proc!r}.")
    if protocol is not None and not (
        isinstance(protocol, type) and issubclass(protocol, AbstractSyncProtocol)
    ):
        raise TypeError(f"@implements(protocol=...) needs a protocol class, got {protocol!r}.")

    def decorate(cls: _M) -> _M:
        _check_model(cls, "implements")
        inherited = _GIVEN_PROTOCOLS.get(next((c for c in cls.__mro__ if c in _GIVEN_PROTOCOLS), cls))
        if protocol is not None and inherited not in (None, protocol):
            raise AssertionError(
                f"{cls.__name__} inherits from a model that runs by {inherited.__name__}; its phases mean "
                f"nothing to {protocol.__name__}."
            )
        if proc is not None:
            cls.implements_process = proc
        if protocol is not None:
            cls.implements_protocol = protocol
            _GIVEN_PROTOCOLS[cls] = protocol
        if cls.implements_process is not None:
            register(cls)
        return cls

    return decorate


def requires(*resources: type[AbstractResource] | list[type[AbstractResource]]) -> Callable[[_M], _M]:
    """Say which resources a model needs; they add up over inheritance. A list means one of several."""
    for resource in resources:
        for one in resource if isinstance(resource, list) else [resource]:
            if not (isinstance(one, type) and issubclass(one, AbstractResource)):
                raise TypeError(f"@requires needs resource classes, got {one!r}.")

    def decorate(cls: _M) -> _M:
        _check_model(cls, "requires")
        cls.required_resources = [*cls.required_resources, *resources]
        return cls

    return decorate


def tag(*tags: str) -> Callable[[_M], _M]:
    """Label a model for selection by a run configuration; tags add up over inheritance."""
    for one in tags:
        if not isinstance(one, str):
            raise AssertionError(f"@tag needs str, got {one!r}.")

    def decorate(cls: _M) -> _M:
        _check_model(cls, "tag")
        cls.tags = [*cls.tags, *tags]
        return cls

    return decorate
