"""Checks of what run configurations are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["checked_models", "checked_places"]


def checked_places(own: str, placement: Mapping[Any, int | str] | None) -> dict[Any, int | str]:
    """A copy of a placement."""
    if placement is None:
        return {}
    if not isinstance(placement, Mapping):
        raise TypeError(
            f"{own}: worker_placement must map processes, classes or names to places, got "
            f"{type(placement).__name__}."
        )
    for key, place in placement.items():
        if place in ("thread", "process"):
            continue
        if not isinstance(place, int) or isinstance(place, bool) or place < 0:
            raise ValueError(
                f"{own}: worker_placement of {key!r} must be the number of a worker (0, 1, ...), 'thread' or "
                f"'process', got {place!r}."
            )
    return dict(placement)


def checked_models(exceptions: Mapping[Any, Any] | None) -> dict[Any, Any]:
    """A copy of an exception map."""
    if exceptions is None:
        return {}
    if not isinstance(exceptions, Mapping):
        raise TypeError(
            "exception_proc_model_map must map processes or process classes to models, got "
            f"{type(exceptions).__name__}."
        )
    for key, model in exceptions.items():
        if not isinstance(model, type):
            raise TypeError(f"exception_proc_model_map: the model of {key!r} must be a class, got {model!r}.")
    return dict(exceptions)
