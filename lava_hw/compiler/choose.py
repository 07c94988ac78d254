"""Choose: which model each process gets, before anything is compiled or built.

The runtime, `compile_network` and `lava-hw check` share this function, so that all three say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from lava_hw.compiler.errors import CompileError, NotOnChip, UnfitProcesses
from lava_hw.compiler.legalise import legalise
from lava_hw.compiler.lower import lower, lower_network
from lava_hw.compiler.remarks import check_remarks
from lava_hw.compiler.require import check_required
from lava_hw.compiler.value_check import check_values
from lava_hw.graph import Flat, FlatProcess, flatten
from lava_hw.graph.flatten import offered_models
from lava_hw.graph.notices import check_notices
from lava_hw.graph.reasons import NOT_COVERED, chip_models
from lava_hw.graph.shapes import check_shapes
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig

__all__ = ["choose_models"]


@dataclass(frozen=True)
class _Refused:
    """A process with a chip model that cannot be on the chip."""

    process: FlatProcess
    error: CompileError

    @property
    def reason(self) -> str:
        return str(getattr(self.error, "reason", self.error))


def choose_models(
    net: AbstractProcess | Sequence[AbstractProcess], run_cfg: RunConfig, strict: bool | None = None
) -> Flat:
    """Describe a network, with a model for each process that can hold its values.

    Parameters
    ----------
    net : AbstractProcess or sequence
        One process of each connected network.
    run_cfg : RunConfig
        Chooses the models. Of a configuration for hardware, `unfit` and `require_chip` count here.
    strict : bool, optional
        Whether each warning of the package about this network is an error; by default that of `run_cfg`.

    Returns
    -------
    Flat
        `FlatProcess.reason` says of each process that is not on the chip why.

    Raises
    ------
    UnfitProcesses
        If the chip cannot hold values, or links, of processes that have a chip model, and `unfit` is
        "error"; all of them are named.
    NotOnChip
        If `require_chip` lists what is not on the chip.
    UndefinedValueError
        If an initial value has no defined meaning for the model of its process.
    ValueError
        If an initial value has another shape than its Var, and the model cannot hold it; or if `require_chip`
        or `exception_proc_model_map` names a process that is not there.
    LavaHwWarning
        With `strict`, if one was given when a process was made.
    NoProcessModelFound, AssertionError, TypeError
        See `lava_hw.graph.flatten`.
    """
    flat = flatten(net, run_cfg)
    strict = run_cfg.strict if strict is None else strict
    check_notices(flat, strict)
    check_shapes(flat)
    check_values(flat, strict)
    if not isinstance(run_cfg, HwRunCfg):
        check_remarks(flat, strict)
        return flat
    off_chip: dict[int, str] = {}
    while True:
        refused, lowered = _refused(flat)
        if not refused:
            break
        stuck = [r for r in refused if r.process.process.serial in off_chip]
        if run_cfg.unfit == "error" or stuck:
            raise UnfitProcesses(_message(stuck or refused, run_cfg), [r.error for r in stuck or refused])
        off_chip |= {r.process.process.serial: f"unfit: {r.reason}" for r in refused}
        flat = flatten(net, run_cfg, off_chip)
        check_shapes(flat)
    flat = _explained(replace(flat, lowered=lowered))
    check_required(flat, run_cfg)
    check_remarks(flat, strict)
    return flat


def _explained(flat: Flat) -> Flat:
    """Say which argument a chip model does not cover, where a configuration chose Python for that reason."""
    processes = list(flat.processes)
    for process in flat.processes:
        if process.reason == NOT_COVERED:
            (chip, *_) = chip_models(process.proc_class)
            try:
                lower(replace(process, model_class=chip))
            except CompileError as error:
                processes[process.index] = replace(
                    process, reason=f"unfit: {_Refused(process, error).reason}"
                )
    return replace(flat, processes=tuple(processes))


def _refused(flat: Flat) -> tuple[list[_Refused], dict[int, Any]]:
    """What the chip cannot hold of single processes; if there is none of these, the first of its links.

    Beside it what the chip models said of their processes.
    """
    found = []
    lowered: dict[int, Any] = {}
    for process in flat.processes:
        if process.on_chip:
            try:
                lowered[process.index] = lower(process)
            except CompileError as error:
                found.append(_Refused(process, error))
    if found or not lowered:
        return found, lowered
    try:
        legalise(lower_network(replace(flat, lowered=lowered)))
    except NotOnChip as error:
        if not error.process:
            raise
        return [_Refused(flat.by_name(error.process), error)], lowered
    return [], lowered


def _message(refused: Sequence[_Refused], run_cfg: HwRunCfg) -> str:
    """All that does not fit, and what can be pasted into the program."""
    one = len(refused) == 1
    lines = [
        "1 process cannot run on the chip:" if one else f"{len(refused)} processes cannot run on the chip:"
    ]
    for r in refused:
        start = "" if r.reason.startswith(r.process.name) else f"{r.process.name}: "
        lines.append(f"  {start}{r.reason}")
    models = {r.process.name: _python_model(r.process, run_cfg) for r in refused}
    named = {name: model for name, model in models.items() if model is not None}
    missing = [name for name, model in models.items() if model is None]
    if missing:
        lines.append(f"{', '.join(missing)}: no Python model is there; change the values.")
    if named:
        call = f'{type(run_cfg).__name__}(device="{run_cfg.device}", '
        lines.append(f"Change {'it' if one else 'them'}, or run in Python whatever does not fit:")
        lines += ["", f'    run_cfg = {call}unfit="python")', "", "or name what is to run there:", ""]
        imports = {(m.__module__, m.__name__) for m in named.values() if m.__module__ != "__main__"}
        lines += [f"    from {module} import {name}" for module, name in sorted(imports)]
        entries = ", ".join(f'"{name}": {model.__name__}' for name, model in named.items())
        lines.append(f"    run_cfg = {call}exception_proc_model_map={{{entries}}})")
    return "\n".join(lines)


def _python_model(process: FlatProcess, run_cfg: HwRunCfg) -> type | None:
    try:
        return run_cfg.select(process.process, offered_models(process.process, run_cfg, process.name, ""))
    except Exception:
        return None
