"""Run configurations for our chip: `HwRunCfg`, and Lava's `Loihi2HwCfg`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from lava_hw import devices
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.run_config_base import RunConfig
from lava_hw.magma.core.run_config_checks import (
    checked_models,
    checked_required,
    checked_split,
    checked_trace,
)
from lava_hw.magma.core.run_config_choice import AbstractLoihiRunCfg, fitting, from_map, names

if TYPE_CHECKING:
    from lava_hw.magma.core.model.model import AbstractProcessModel
    from lava_hw.magma.core.process.process import AbstractProcess
    from lava_hw.magma.core.sync.domain import SyncDomain

    Models = list[type[AbstractProcessModel]]
    ExceptionMap = Mapping[AbstractProcess | type[AbstractProcess], type[AbstractProcessModel]]

__all__ = ["AbstractLoihiHWRunCfg", "HwRunCfg", "Loihi1HwCfg", "Loihi2HwCfg"]


class HwRunCfg(RunConfig):
    """On our chip what has a model for it, the rest in Python.

    Parameters
    ----------
    device : str
        What computes the chip: "verilator" for the Verilated RTL, "golden" for the numpy interpreter of the
        image, or another of `lava_hw.devices`, by name or ``scheme://address``. There is no default.
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
    split : mapping of str to int, optional
        In how many parts to sum what a connection gets from its sources, by its name, each part on a core of
        its own and at the same time; who reads the sum is then a stage later. A connection that is not named
        is divided only where no core holds it.
    exception_proc_model_map : dict, optional
        Models by process, process class or name; these come first. The way to keep a process off the chip.
    custom_sync_domains : list of SyncDomain, optional
        See RunConfig.
    select_tag : str, default "fixed_pt"
        Tag of the Python models; where no model has it, one without tags is taken.
    workers : int, default 1
        Processes of the operating system for Python models; see RunConfig.
    worker_placement : mapping, optional
        Where single Python processes run; see RunConfig.
    checkpoint : bool, optional
        See RunConfig; True reads all Vars of the chip in each step.
    keep_last_step : bool, optional
        Old name of `checkpoint`.
    unfit : {"error", "python"}, default "error"
        What becomes of a process that has a model for the chip but parameters that the chip cannot hold: an
        error that names all of them, or a Python model, with the reason in the report.
    require_chip : bool or list, default False
        Processes that must be on the chip. A list has processes, classes of processes, or names; one that
        stands for a network of others stands for all of these. True asks for every process but those that can
        only be in Python: what has no model for the chip and no InPort or no OutPort (sources, sinks,
        monitors), and the library's I/O. What is asked for and is not on the chip is an error with the
        reason.
    stored_bits : {4, 8, 16}, default 8
        Bits of a weight in the chip's memory, for connections that do not say it themselves.
    strict : bool, default False
        Whether each warning of the package about this network is an error; see RunConfig.
    progress : bool, optional
        Whether what lasts shows a bar; see RunConfig.
    """

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
        split: Mapping[str, int] | None = None,
        exception_proc_model_map: ExceptionMap | None = None,
        custom_sync_domains: list[SyncDomain] | None = None,
        select_tag: str = "fixed_pt",
        loglevel: int = logging.WARNING,
        workers: int = 1,
        worker_placement: Mapping[Any, int | str] | None = None,
        checkpoint: bool | None = None,
        keep_last_step: bool | None = None,
        unfit: str = "error",
        require_chip: bool | Sequence[Any] = False,
        stored_bits: int = 8,
        strict: bool = False,
        progress: bool | None = None,
    ) -> None:
        RunConfig.__init__(
            self,
            custom_sync_domains,
            loglevel,
            workers=workers,
            worker_placement=worker_placement,
            checkpoint=checkpoint,
            keep_last_step=keep_last_step,
            strict=strict,
            progress=progress,
        )
        try:
            devices.check(device)
        except ValueError as error:
            raise ValueError(f"HwRunCfg: {error}") from None
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
        self.split = checked_split("HwRunCfg", split or {})
        self.exception_proc_model_map: dict[Any, Any] = checked_models(exception_proc_model_map)
        self.select_tag: str | None = select_tag
        if unfit not in ("error", "python"):
            raise ValueError(f"HwRunCfg: unfit must be 'error' or 'python', got {unfit!r}.")
        self.unfit = unfit
        self.require_chip = checked_required("HwRunCfg", require_chip)
        if stored_bits not in (4, 8, 16):
            raise ValueError(f"HwRunCfg: stored_bits must be 4, 8 or 16, got {stored_bits!r}.")
        self.stored_bits = stored_bits

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
            f"process '{process._shown}' of type {type(process).__name__}; it has: {names(proc_models)}. "
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
    device : str
        What computes the chip; see HwRunCfg.
    chip_options
        `chip`, `rtl_dir`, `check`, `trace`, `waveforms`, `build`, `placement`, `split`, `workers`,
        `worker_placement`, `checkpoint`, `unfit`, `require_chip`, `stored_bits`, `strict` and `progress` of
        HwRunCfg.

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
            ways = " or ".join(f'{own}(device="{name}")' for name in devices.known())
            raise TypeError(
                f"{own}: there is no Loihi here, but a chip of our own. Say what computes it: {ways}; "
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
