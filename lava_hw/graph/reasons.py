"""Why a process of a configuration for hardware does not run on the chip; models that are named by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lava_hw.graph.discover import find_models
from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig

__all__ = ["ASKED", "NOT_COVERED", "NO_MODEL", "check_named", "chip_models", "named_model", "why_python"]

NO_MODEL = "no chip model"
ASKED = "asked for"
NOT_COVERED = "its chip model does not do what its arguments ask for"


def chip_models(proc_class: type[AbstractProcess]) -> list[type[AbstractHwProcessModel]]:
    """Models for the chip of a process class; empty if there are none."""
    try:
        models = find_models(proc_class)
    except NoProcessModelFound:
        return []
    return [model for model in models if issubclass(model, AbstractHwProcessModel)]


def named_model(run_cfg: RunConfig, name: str) -> type[AbstractProcessModel] | None:
    """The model that `exception_proc_model_map` has under the name of a process, or None."""
    named: Mapping[Any, Any] = getattr(run_cfg, "exception_proc_model_map", None) or {}
    return next((model for key, model in named.items() if isinstance(key, str) and key == name), None)


def check_named(run_cfg: RunConfig, names: Iterable[str]) -> None:
    """Refuse names in `exception_proc_model_map` that no process has.

    Raises
    ------
    ValueError
        If there is such a name; the message lists those that exist.
    """
    known = list(names)
    for key in getattr(run_cfg, "exception_proc_model_map", None) or {}:
        if isinstance(key, str) and key not in known:
            raise ValueError(
                f"exception_proc_model_map: no process is named {key!r}; known: {', '.join(known)}."
            )


def why_python(
    process: AbstractProcess,
    name: str,
    model: type[AbstractProcessModel],
    run_cfg: RunConfig,
    off_chip: Mapping[int, str],
) -> str:
    """Say why a process runs in Python; empty if it is on the chip, or nothing of the network may be."""
    if not isinstance(run_cfg, HwRunCfg) or issubclass(model, AbstractHwProcessModel):
        return ""
    if process.serial in off_chip:
        return off_chip[process.serial]
    chip = chip_models(type(process))
    if not chip:
        return NO_MODEL
    named = run_cfg.exception_proc_model_map
    if named_model(run_cfg, name) or any(key is process or key is type(process) for key in named):
        return ASKED
    if not any(other.fits(process) for other in chip):
        return NOT_COVERED
    return f"chosen by {type(run_cfg).__name__}"
