"""What the rules of all run configurations need to choose a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess

    Models = list[type[AbstractProcessModel]]
    ExceptionMap = Mapping[AbstractProcess | type[AbstractProcess], type[AbstractProcessModel]]

__all__ = ["fitting", "from_map", "names"]


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
