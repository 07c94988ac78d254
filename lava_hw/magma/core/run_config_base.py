"""What all run configurations have in common."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.run_config_checks import (
    checked_checkpoint,
    checked_flag,
    checked_places,
    checked_workers,
)

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.sync.domain import SyncDomain

    Models = list[type[AbstractProcessModel]]

__all__ = ["RunConfig"]


class RunConfig:
    """Parent of run configurations; a subclass overrides `select`.

    Parameters
    ----------
    custom_sync_domains : list of SyncDomain, optional
        Domains made by hand; other processes get one domain per protocol.
    loglevel : int
        Level of the models' loggers.
    workers : int, default 1
        Processes of the operating system over which the processes with Python models are spread: the
        program's own, and `workers - 1` others. Answers do not depend on it.
    worker_placement : mapping, optional
        Where single processes run, by process, class of processes, or name: the number of a worker (0 is the
        program's own), "process" for a worker of its own, or "thread" for a thread of its own in the program
        (for models that wait for a camera or a socket). `workers` spreads the others.
    checkpoint : bool, optional
        Whether after an error all Vars hold what they held after the last complete step, and not what the
        step with the error left. True copies the values in each step and lets nothing run ahead; None does so
        where processes go in lock step anyhow, none is on the chip, and few values change.
    keep_last_step : bool, optional
        Old name of `checkpoint`.
    strict : bool, default False
        Whether each warning of the package about this network is an error (`lava_hw.errors`).
    progress : bool, optional
        Whether what lasts (builds, loading, runs) shows a bar on standard error. None shows it where standard
        error is a terminal or a notebook's.

    Raises
    ------
    ValueError, TypeError
        If `workers` is below 1, a place is none of these, or a flag is no bool.
    """

    workers: int = 1
    worker_placement: Mapping[Any, int | str] = {}
    checkpoint: bool | None = None
    strict: bool = False
    progress: bool | None = None

    def __init__(
        self,
        custom_sync_domains: list[SyncDomain] | None = None,
        loglevel: int = logging.WARNING,
        *,
        workers: int = 1,
        worker_placement: Mapping[Any, int | str] | None = None,
        checkpoint: bool | None = None,
        keep_last_step: bool | None = None,
        strict: bool = False,
        progress: bool | None = None,
    ) -> None:
        self.custom_sync_domains: list[SyncDomain] = list(custom_sync_domains or [])
        self.loglevel = loglevel
        own = type(self).__name__
        self.workers = checked_workers(own, workers)
        self.worker_placement = checked_places(own, worker_placement)
        self.checkpoint = checked_checkpoint(own, checkpoint, keep_last_step)
        self.strict = checked_flag(own, "strict", strict)
        self.progress = checked_flag(own, "progress", progress, or_none=True)

    @property
    def keep_last_step(self) -> bool | None:
        """Old name of `checkpoint`."""
        return self.checkpoint

    @keep_last_step.setter
    def keep_last_step(self, value: bool | None) -> None:
        self.checkpoint = value

    def __repr__(self) -> str:
        """Give the call that makes it: what has no default, and what was given another value."""
        return _said(self)

    def select(self, process: AbstractProcess, proc_models: Models) -> type[AbstractProcessModel]:
        """Choose the model of a process among those that implement it, in order of definition."""
        raise NotImplementedError(f"{type(self).__name__} must define select(process, proc_models).")


def _said(run_cfg: object) -> str:
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
