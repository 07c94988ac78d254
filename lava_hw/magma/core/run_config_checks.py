"""Checks of what run configurations are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "checked_checkpoint",
    "checked_flag",
    "checked_models",
    "checked_places",
    "checked_required",
    "checked_split",
    "checked_trace",
    "checked_workers",
]


def checked_workers(own: str, workers: int) -> int:
    """The number of workers."""
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise ValueError(f"{own}: workers must be an int >= 1, got {workers!r}.")
    return workers


def checked_checkpoint(own: str, checkpoint: bool | None, keep_last_step: bool | None) -> bool | None:
    """Whether values are kept, by the name of the option or by its old one."""
    for name, value in (("checkpoint", checkpoint), ("keep_last_step", keep_last_step)):
        checked_flag(own, name, value, or_none=True)
    if None not in (checkpoint, keep_last_step) and checkpoint != keep_last_step:
        raise ValueError(f"{own}: keep_last_step is an old name of checkpoint; give one of them.")
    return checkpoint if keep_last_step is None else keep_last_step


def checked_flag(own: str, name: str, value: Any, or_none: bool = False) -> Any:
    """A bool, or None where that is allowed."""
    if not isinstance(value, bool) and not (or_none and value is None):
        allowed = "True, False or None" if or_none else "True or False"
        raise ValueError(f"{own}: {name} must be {allowed}, got {value!r}.")
    return value


def checked_required(own: str, required: Any) -> bool | tuple[Any, ...]:
    """The processes that must be on the chip."""
    if isinstance(required, bool):
        return required
    if isinstance(required, (str, type)) or not isinstance(required, Iterable):
        raise TypeError(
            f"{own}: require_chip must be True, False, or a list of processes, classes of processes "
            f"or names; got {required!r}."
        )
    return tuple(required)


def checked_split(own: str, split: Any) -> dict[str, int]:
    """Parts of connections, by their names."""
    if not isinstance(split, Mapping):
        raise TypeError(f"{own}: split has numbers of parts by names of connections; got {split!r}.")
    for name, parts in split.items():
        if not isinstance(name, str) or not isinstance(parts, int) or isinstance(parts, bool) or parts < 1:
            raise ValueError(
                f"{own}: split has a number of parts, 1 or more, for the name of a connection; got "
                f"{name!r}: {parts!r}."
            )
    return dict(split)


def checked_trace(trace: Any) -> Any:
    """The steps and the file of a waveform."""
    if trace is not None and (
        not isinstance(trace, tuple)
        or len(trace) != 3
        or not all(isinstance(t, int) and t >= 1 for t in trace[:2])
        or trace[0] > trace[1]
    ):
        raise ValueError(f"HwRunCfg: trace must be (first step, last step, path), got {trace!r}.")
    return trace


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
