"""Run configurations: which model each process gets (Lava's path)."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.run_config_checks import (
    checked_keeping,
    checked_models,
    checked_places,
    checked_trace,
    checked_workers,
)
from lava_hw.magma.core.run_config_choice import fitting, from_map, names

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

    Raises
    ------
    ValueError, TypeError
        If `workers` is below 1, or a place is none of these.
    """

    workers: int = 1
    worker_placement: Mapping[Any, int | str] = {}
    keep_last_step: bool | None = None

    def __init__(
        self,
        custom_sync_domains: list[SyncDomain] | None = None,
        loglevel: int = logging.WARNING,
        *,
        workers: int = 1,
        worker_placement: Mapping[Any, int | str] | None = None,
        keep_last_step: bool | None = None,
    ) -> None:
        self.custom_sync_domains: list[SyncDomain] = list(custom_sync_domains or [])
        self.loglevel = loglevel
        own = type(self).__name__
        self.workers = checked_workers(own, workers)
        self.worker_placement = checked_places(own, worker_placement)
        self.keep_last_step = checked_keeping(own, keep_last_step)

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
        where = f"process '{process.name}' of type {type(process).__name__}"
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
    workers, worker_placement, keep_last_step
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
        keep_last_step: bool | None = None,
    ) -> None:
        super().__init__(
            custom_sync_domains,
            loglevel,
            workers=workers,
            worker_placement=worker_placement,
            keep_last_step=keep_last_step,
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


class HwRunCfg(RunConfig):
    """On our chip what has a model for it, the rest in Python.

    Parameters
    ----------
    device : {"verilator", "golden"}
        What computes the chip: the Verilated RTL, or the numpy interpreter of the image. There is no default.
    chip : str or path or Chip, default "default"
        Name of a chip of configs/, a YAML file, or a Chip.
    rtl_dir : path, optional
        Another copy of rtl/ to build the simulator from.
    check : {"golden"}, optional
        Run the interpreter beside the device and stop at the first difference (`DivergenceError`).
    trace : (int, int, path), optional
        First step, last step and file of a waveform.
    waveforms : path, default "."
        Directory in which `check` writes a waveform of the steps around a difference.
    build : {"fast", "checked"}, optional
        The simulator without or with assertions; by default with them if there is a `check`.
    placement : mapping of str to int, optional
        Core of a process, by the name of the process; the compiler places the others.
    exception_proc_model_map : dict, optional
        Models by process or process class; these come first. The way to keep a process off the chip.
    custom_sync_domains : list of SyncDomain, optional
        See RunConfig.
    select_tag : str, default "fixed_pt"
        Tag of the Python models; where no model has it, one without tags is taken.
    workers : int, default 1
        Processes of the operating system for Python models; see RunConfig.
    worker_placement : mapping, optional
        Where single Python processes run; see RunConfig.
    keep_last_step : bool, optional
        See RunConfig; True reads all Vars of the chip in each step.
    """

    DEVICES = ("verilator", "golden")

    def __init__(
        self,
        *,
        device: str,
        chip: Any = "default",
        rtl_dir: str | PathLike[str] | None = None,
        check: str | None = None,
        trace: tuple[int, int, str | PathLike[str]] | None = None,
        waveforms: str | PathLike[str] = ".",
        build: str | None = None,
        placement: Mapping[str, int] | None = None,
        exception_proc_model_map: ExceptionMap | None = None,
        custom_sync_domains: list[SyncDomain] | None = None,
        select_tag: str = "fixed_pt",
        loglevel: int = logging.WARNING,
        workers: int = 1,
        worker_placement: Mapping[Any, int | str] | None = None,
        keep_last_step: bool | None = None,
    ) -> None:
        RunConfig.__init__(
            self,
            custom_sync_domains,
            loglevel,
            workers=workers,
            worker_placement=worker_placement,
            keep_last_step=keep_last_step,
        )
        if device not in self.DEVICES:
            raise ValueError(
                f"HwRunCfg: unknown device {device!r}; known: {', '.join(map(repr, self.DEVICES))}."
            )
        if check not in (None, "golden"):
            raise ValueError(f"HwRunCfg: check must be None or 'golden', got {check!r}.")
        if build is None:
            build = "fast" if check is None else "checked"
        if build not in ("fast", "checked"):
            raise ValueError(f"HwRunCfg: build must be 'fast' or 'checked', got {build!r}.")
        self.device = device
        self.chip = chip
        self.rtl_dir = rtl_dir
        self.check = check
        self.trace = checked_trace(trace)
        self.waveforms = waveforms
        self.build: str = build
        self.placement: dict[str, int] = dict(placement or {})
        self.exception_proc_model_map: dict[Any, Any] = checked_models(exception_proc_model_map)
        self.select_tag: str | None = select_tag

    def select(self, process: AbstractProcess, proc_models: Models) -> type[AbstractProcessModel]:
        """Choose: exception, chip, Python or network with the tag, Python without tags, any network.

        Raises
        ------
        AssertionError
            If there is no such model.
        """
        chosen = from_map(process, self.exception_proc_model_map)
        if chosen is not None:
            return chosen
        # A model for the chip is chosen also where it does not fit: it says what it cannot do.
        chip: Models = [m for m in proc_models if issubclass(m, AbstractHwProcessModel)]
        proc_models = fitting(process, [m for m in proc_models if m not in chip])
        python: Models = [m for m in proc_models if issubclass(m, AbstractPyProcessModel)]
        subs: Models = [m for m in proc_models if issubclass(m, AbstractSubProcessModel)]
        ranks: list[Models] = [
            chip,
            [m for m in python if self.select_tag in m.tags],
            [m for m in subs if self.select_tag in m.tags],
            [m for m in python if not m.tags],
            subs,
        ]
        for rank in ranks:
            if rank:
                return rank[0]
        raise AssertionError(
            f"No ProcessModel for the chip, with tag '{self.select_tag}' or without tags was found for "
            f"process '{process.name}' of type {type(process).__name__}; it has: {names(proc_models)}. "
            "Name one in exception_proc_model_map."
        )


class AbstractLoihiHWRunCfg(AbstractLoihiRunCfg, HwRunCfg):
    """On our chip what has a model for it, the rest in Python, chosen by Lava's rules.

    A program that ran on Loihi only has to say what computes the chip: there is no default for that. Unlike
    HwRunCfg, which refuses it, what a model for the chip cannot do (a Dense with graded messages) is left to
    Python; `process.model_class` says which model was chosen.

    Parameters
    ----------
    custom_sync_domains, select_tag, select_sub_proc_model, exception_proc_model_map
        See AbstractLoihiSimRunCfg. Without a tag the models for the chip come first, then those in fixed
        point, which they talk to, then any. With a tag, models without tags serve too.
    callback_fxs : list, optional
        In Lava, functions that get Intel's board before and after a run. There is none: they are refused.
    embedded_allocation_order : int, default 1
        Kept; our chip has no embedded processors to allocate.
    device : {"verilator", "golden"}
        What computes the chip; see HwRunCfg.
    chip_options
        `chip`, `rtl_dir`, `check`, `trace`, `waveforms`, `build`, `placement`, `workers`, `worker_placement`
        and `keep_last_step` of HwRunCfg.

    Raises
    ------
    TypeError
        If the device is missing.
    NotImplementedError
        If there are callbacks.
    """

    def __init__(
        self,
        custom_sync_domains: list[SyncDomain] | None = None,
        select_tag: str | None = None,
        select_sub_proc_model: bool = False,
        exception_proc_model_map: ExceptionMap | None = None,
        loglevel: int = logging.WARNING,
        callback_fxs: Sequence[Any] | None = None,
        embedded_allocation_order: int = 1,
        *,
        device: str | None = None,
        **chip_options: Any,
    ) -> None:
        own = type(self).__name__
        if device is None:
            raise TypeError(
                f"{own}: there is no Loihi here, but a chip of our own. Say what computes it: "
                f'{own}(device="verilator") for its RTL or {own}(device="golden") for the interpreter; '
                "Loihi2SimCfg runs all in Python."
            )
        if callback_fxs:
            raise NotImplementedError(
                f"{own}: callback_fxs get Intel's board, which there is not. Counters of our chip are in "
                "process.runtime.counters()."
            )
        HwRunCfg.__init__(
            self,
            device=device,
            custom_sync_domains=custom_sync_domains,
            exception_proc_model_map=exception_proc_model_map,
            loglevel=loglevel,
            **chip_options,
        )
        self.select_tag = select_tag
        self.select_sub_proc_model = select_sub_proc_model
        self.callback_fxs: list[Any] = []
        self.embedded_allocation_order = embedded_allocation_order

    def _leaves(self, models: Models) -> Models:
        python = [m for m in models if issubclass(m, AbstractPyProcessModel)]
        chip: Models = [m for m in models if issubclass(m, AbstractHwProcessModel)]
        return chip + sorted(python, key=lambda m: "fixed_pt" not in m.tags)

    def _first(self, models: Models, where: str) -> type[AbstractProcessModel]:
        if self.select_tag is not None and not any(self.select_tag in m.tags for m in models):
            models = [m for m in models if not m.tags] or models
        return super()._first(models, where)


class Loihi1HwCfg(AbstractLoihiHWRunCfg):
    """On our chip what has a model for it. See AbstractLoihiHWRunCfg."""


class Loihi2HwCfg(AbstractLoihiHWRunCfg):
    """On our chip what has a model for it. See AbstractLoihiHWRunCfg."""
