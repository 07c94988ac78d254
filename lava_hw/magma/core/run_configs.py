"""Run configurations: which model each process gets (Lava's path)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.hw_run_configs import AbstractLoihiHWRunCfg, HwRunCfg, Loihi1HwCfg, Loihi2HwCfg
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.run_config_base import RunConfig
from lava_hw.magma.core.run_config_checks import checked_models
from lava_hw.magma.core.run_config_choice import AbstractLoihiRunCfg

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.sync.domain import SyncDomain

    Models = list[type[AbstractProcessModel]]
    ExceptionMap = Mapping[AbstractProcess | type[AbstractProcess], type[AbstractProcessModel]]

__all__ = [
    "AbstractLoihiHWRunCfg",
    "AbstractLoihiRunCfg",
    "AbstractLoihiSimRunCfg",
    "HwRunCfg",
    "Loihi1HwCfg",
    "Loihi1SimCfg",
    "Loihi2HwCfg",
    "Loihi2SimCfg",
    "RunConfig",
]


class AbstractLoihiSimRunCfg(AbstractLoihiRunCfg):
    """Everything in Python.

    Parameters
    ----------
    custom_sync_domains : list of SyncDomain, optional
        See RunConfig.
    select_tag : str, optional
        Tag to choose by, "fixed_pt" or "floating_pt"; without it the first model is taken, the floating point
        one of most library processes. Of models without any tags the first one is taken, whatever the tag.
    select_sub_proc_model : bool, default False
        Whether sub-process models are preferred.
    exception_proc_model_map : dict, optional
        Models by process or process class; these come first and are not checked.
    workers, worker_placement, checkpoint, keep_last_step, strict, progress
        See RunConfig.
    """

    def __init__(
        self,
        custom_sync_domains: list[SyncDomain] | None = None,
        select_tag: str | None = None,
        select_sub_proc_model: bool = False,
        exception_proc_model_map: ExceptionMap | None = None,
        loglevel: int = logging.WARNING,
        *,
        workers: int = 1,
        worker_placement: Mapping[Any, int | str] | None = None,
        checkpoint: bool | None = None,
        keep_last_step: bool | None = None,
        strict: bool = False,
        progress: bool | None = None,
    ) -> None:
        super().__init__(
            custom_sync_domains,
            loglevel,
            workers=workers,
            worker_placement=worker_placement,
            checkpoint=checkpoint,
            keep_last_step=keep_last_step,
            strict=strict,
            progress=progress,
        )
        self.select_tag = select_tag
        self.select_sub_proc_model = select_sub_proc_model
        self.exception_proc_model_map = checked_models(exception_proc_model_map)

    def _leaves(self, models: Models) -> Models:
        return [m for m in models if issubclass(m, AbstractPyProcessModel)]


class Loihi1SimCfg(AbstractLoihiSimRunCfg):
    """Everything in Python; the rules are those of Loihi2SimCfg."""


class Loihi2SimCfg(AbstractLoihiSimRunCfg):
    """Everything in Python. See AbstractLoihiSimRunCfg."""
