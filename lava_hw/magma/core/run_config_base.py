"""What all run configurations have in common, and Lava's rules of selection."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.run_config_checks import (
    checked_flag,
    checked_keeping,
    checked_places,
    checked_workers,
)
from lava_hw.magma.core.run_config_choice import fitting, from_map, names, said

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.sync.domain import SyncDomain

    Models = list[type[AbstractProcessModel]]

__all__ = ["AbstractLoihiRunCfg", "RunConfig"]


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
    keep_last_step : bool, optional
        Whether after an error all Vars hold what they held after the last complete step, and not what the
        step with the error left. True copies the values in each step and lets nothing run ahead; None does so
        where processes go in lock step anyhow, none is on the chip, and few values change.
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
    keep_last_step: bool | None = None
    strict: bool = False
    progress: bool | None = None

    def __init__(
        self,
        custom_sync_domains: list[SyncDomain] | None = None,
        loglevel: int = logging.WARNING,
        *,
        workers: int = 1,
        worker_placement: Mapping[Any, int | str] | None = None,
        keep_last_step: bool | None = None,
        strict: bool = False,
        progress: bool | None = None,
    ) -> None:
        self.custom_sync_domains: list[SyncDomain] = list(custom_sync_domains or [])
        self.loglevel = loglevel
        own = type(self).__name__
        self.workers = checked_workers(own, workers)
        self.worker_placement = checked_places(own, worker_placement)
        self.keep_last_step = checked_keeping(own, keep_last_step)
        self.strict = checked_flag(own, "strict", strict)
        self.progress = checked_flag(own, "progress", progress, or_none=True)

    def __repr__(self) -> str:
        """Give the call that makes it: what has no default, and what was given another value."""
        return said(self)

    def select(self, process: AbstractProcess, proc_models: Models) -> type[AbstractProcessModel]:
        """Choose the model of a process among those that implement it, in order of definition."""
        raise NotImplementedError(f"{type(self).__name__} must define select(process, proc_models).")


class AbstractLoihiRunCfg(RunConfig, ABC):
    """Lava's rules of selection; a subclass says which models it can run, the preferred ones first."""

    select_tag: str | None
    select_sub_proc_model: bool
    exception_proc_model_map: dict[Any, Any]

    @abstractmethod
    def _leaves(self, models: Models) -> Models:
        """Those of the models that are no network of processes."""

    def select(self, process: AbstractProcess, proc_models: Models) -> type[AbstractProcessModel]:
        """Choose a model.

        Raises
        ------
        AssertionError
            If there is no model, or none with the tag.
        NotImplementedError
            If the only model is neither one that can run by itself nor a network of processes.
        """
        chosen = from_map(process, self.exception_proc_model_map)
        if chosen is not None:
            return chosen
        models = fitting(process, proc_models)
        where = f"process '{process._shown}' of type {type(process).__name__}"
        if not models:
            raise AssertionError(f"No ProcessModels exist for {where}.")
        subs: Models = [m for m in models if issubclass(m, AbstractSubProcessModel)]
        leaves = self._leaves(models)
        if len(models) == 1:
            only = models[0]
            if self.select_tag is not None and only.tags and self.select_tag not in only.tags:
                raise AssertionError(self._no_tag(where, models))
            if not leaves and not subs:
                raise NotImplementedError(f"The model {only.__name__} of {where} cannot run in Python.")
            return only
        if self.select_sub_proc_model:
            if len(subs) == 1:
                return subs[0]
            if subs:
                return self._first(list(subs), where)
        return self._first(leaves, where)

    def _first(self, models: Models, where: str) -> type[AbstractProcessModel]:
        for model in models:
            if self.select_tag is None or self.select_tag in model.tags:
                return model
        # What nobody tagged is for every network.
        if models and not any(model.tags for model in models):
            return models[0]
        raise AssertionError(self._no_tag(where, models))

    def _no_tag(self, where: str, models: Models) -> str:
        return (
            f"No ProcessModels found with tag '{self.select_tag}' for {where}; it has: {names(models)}. "
            "Name one in exception_proc_model_map."
        )
