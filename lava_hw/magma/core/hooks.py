"""What magma asks packages above it to do: it imports none of them, they register themselves."""

from __future__ import annotations

from typing import Generic, TypeVar

from lava_hw import _providers

__all__ = ["Hook"]

T = TypeVar("T")


class Hook(Generic[T]):
    """A task, and the object that does it once its module has registered it.

    Parameters
    ----------
    name : str
        The task; `lava_hw._providers` names the module of this package that does it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._provider: T | None = None

    def register(self, provider: T) -> None:
        """Let an object do the task, from now on, instead of any before it."""
        self._provider = provider

    def get(self) -> T:
        """The object that does the task; imports the module of this package if none was registered before."""
        if self._provider is None:
            _providers.load(self.name)
            assert self._provider is not None, f"{_providers.MODULES[self.name]} must register itself"
        return self._provider
