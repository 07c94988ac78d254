"""Selects models, expands sub-process models and puts everything into a `Flat`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lava_hw.graph.directions import check_directions
from lava_hw.graph.discover import find_models
from lava_hw.graph.flat import Flat, FlatProcess, FlatVar, private_copy
from lava_hw.graph.links import fold_in_port, fold_ref_port
from lava_hw.graph.members import check_inherited, check_members
from lava_hw.graph.reasons import check_named, named_model, why_python
from lava_hw.graph.walk import connected, name_processes, only_passes_on
from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.model.py.model import AbstractPyProcessModel
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.magma.core.process.parameters import plain_number
from lava_hw.magma.core.process.ports.ports import ImplicitVarPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import HwRunCfg, RunConfig

__all__ = ["flatten", "offered_models"]

Chosen = dict[int, tuple[AbstractProcess, type[AbstractProcessModel]]]


def flatten(
    processes: AbstractProcess | Sequence[AbstractProcess],
    run_cfg: RunConfig,
    off_chip: Mapping[int, str] | None = None,
) -> Flat:
    """Describe the network that the given processes belong to.

    Parameters
    ----------
    processes : AbstractProcess or sequence
        One process of each connected network.
    run_cfg : RunConfig
        Chooses the models.
    off_chip : mapping of int to str, optional
        Serial numbers of processes that must not get a chip model, with the reason.

    Returns
    -------
    Flat

    Raises
    ------
    NoProcessModelFound
        If nothing implements a process.
    AssertionError
        If a model does not fit its process, or the run configuration finds none.
    TypeError, ValueError
        If there is no process, or something else than processes or a run configuration is given, or if the
        run configuration names a model for a process that is not there.
    """
    several = not isinstance(processes, AbstractProcess) and isinstance(processes, Iterable)
    start: list[Any] = list(processes) if several else [processes]  # type: ignore[arg-type]
    if not all(isinstance(process, AbstractProcess) for process in start):
        raise TypeError(f"A network is a process, or a list with one of each part of it; got {processes!r}.")
    if not start:
        raise ValueError("A network has at least one process; the list is empty.")
    check_run_cfg(run_cfg)
    start = [_root(process) for process in start]
    top = [p for p in connected(start) if p.parent_proc is None]
    names = name_processes(top)
    off_chip = off_chip or {}
    chosen: Chosen = {}
    for process in top:
        _choose(process, run_cfg, names, off_chip, chosen)
    check_named(run_cfg, names.values())

    in_order = [chosen[key] for key in sorted(chosen)]
    executed = [(p, model) for p, model in in_order if not issubclass(model, AbstractSubProcessModel)]
    around = {
        p.serial: model is _Shell for p, model in in_order if issubclass(model, AbstractSubProcessModel)
    }
    parents = [p for p, _ in in_order if p.serial in around]
    check_directions([p for p, _ in in_order], around, names)
    leaves = {process.serial: k for k, (process, _) in enumerate(executed)}
    flat_processes = tuple(
        _flat_process(
            k,
            names[process.serial],
            process,
            model,
            why_python(process, names[process.serial], model, run_cfg, off_chip),
            getattr(run_cfg, "stored_bits", 8),
        )
        for k, (process, model) in enumerate(executed)
    )
    links = [
        link for process, _ in executed for port in process.in_ports for link in fold_in_port(port, leaves)
    ]
    refs = [fold_ref_port(port, leaves, names) for process, _ in executed for port in process.ref_ports]
    aliases = {}
    for parent in parents:
        parent.validate_var_aliases()
        for var in parent.vars:
            if var.aliased_var is None:
                continue
            target = var.resolve()
            assert target.process is not None
            aliases[names[parent.serial], var.name] = (leaves[target.process.serial], target.name)
    return Flat(
        flat_processes,
        tuple(links),
        tuple(ref for ref in refs if ref is not None),
        aliases,
        tuple((names[parent.serial], parent) for parent in parents),
    )


class _Shell(AbstractSubProcessModel):
    """Of a process without a model, around others that its constructor made and connected with its ports."""

    def __init__(self, proc: AbstractProcess) -> None:
        super().__init__(proc)


def check_run_cfg(run_cfg: object) -> None:
    """Refuse what is no run configuration.

    Raises
    ------
    TypeError
        If it is none; a class is told from its object.
    """
    if isinstance(run_cfg, type) and issubclass(run_cfg, RunConfig):
        raise TypeError(f"run_cfg must be a RunConfig, got the class; write {run_cfg.__name__}(...).")
    if not isinstance(run_cfg, RunConfig):
        raise TypeError(f"run_cfg must be a RunConfig, got {type(run_cfg).__name__}.")


def _root(process: AbstractProcess) -> AbstractProcess:
    while process.parent_proc is not None:
        process = process.parent_proc
    return process


def _choose(
    process: AbstractProcess,
    run_cfg: RunConfig,
    names: dict[int, str],
    off_chip: Mapping[int, str],
    chosen: Chosen,
) -> None:
    """Select the model of a process; expand it if it is a network of processes."""
    try:
        own = names[process.serial]
        model = named_model(run_cfg, own)
        if model is None:
            offered = offered_models(process, run_cfg, own, off_chip.get(process.serial))
            model = run_cfg.select(process, offered)
    except NoProcessModelFound:
        # Lava never asks for the model of such a process: it sees only the ends of connections.
        if not only_passes_on(process):
            raise
        model = _Shell
    if not (isinstance(model, type) and issubclass(model, AbstractProcessModel)):
        raise AssertionError(
            f"{type(run_cfg).__name__}.select() must return a ProcessModel class for process "
            f"'{names[process.serial]}', got {model!r}."
        )
    kinds = (AbstractPyProcessModel, AbstractSubProcessModel, AbstractHwProcessModel)
    if not issubclass(model, kinds):
        raise NotImplementedError(
            f"The model {model.__name__} of process '{names[process.serial]}' cannot run here."
        )
    chosen[process.serial] = (process, model)
    process._model_class = model
    if not issubclass(model, AbstractSubProcessModel):
        if process._sub_model is not None:
            raise AssertionError(
                f"Process '{names[process.serial]}' was expanded by {type(process._sub_model).__name__} "
                f"before; it cannot get the model {model.__name__} now. Build the network anew."
            )
        return
    if process._sub_model is None:
        process._sub_model = model(process)
    elif type(process._sub_model) is not model:
        raise AssertionError(
            f"Process '{names[process.serial]}' was expanded by {type(process._sub_model).__name__} before; "
            f"it cannot get the model {model.__name__} now. Build the network anew."
        )
    subs = process._sub_model.sub_processes()
    given = {id(sub): attribute for attribute, sub in subs.items()}
    process.register_sub_procs(subs)
    # Helpers that the model connected but did not keep as attributes belong to it as well.
    for sub in connected(subs.values()):
        if sub.serial not in names and sub.parent_proc is None:
            sub.parent_proc = process
    inner = [sub for sub in connected(subs.values()) if sub.parent_proc is process]
    for position, sub in enumerate(inner):
        own = sub._name or given.get(id(sub), f"{sub._class_label()}_{position}")
        wanted = unique = f"{names[process.serial]}.{own}"
        count = 0
        while any(unique == name and key != sub.serial for key, name in names.items()):
            count += 1
            unique = f"{wanted}_{count}"
        names[sub.serial] = sub._network_name = unique
    for sub in inner:
        _choose(sub, run_cfg, names, off_chip, chosen)


def offered_models(
    process: AbstractProcess, run_cfg: RunConfig, name: str, off_chip: str | None = None
) -> list[type[AbstractProcessModel]]:
    """Models that a run configuration may choose from: those of the chip only where it names a device, and
    only where there is no reason `off_chip` against it.

    A model that `exception_proc_model_map` of the configuration names for the process need neither be
    decorated nor found: it is the only one of a process without any other.

    Raises
    ------
    NoProcessModelFound
        If there is none; the message calls the process by `name`.
    """
    try:
        models = find_models(type(process))
    except NoProcessModelFound:
        named = getattr(run_cfg, "exception_proc_model_map", None) or {}
        models = [m for key, m in named.items() if key is process or key is type(process)][:1]
        if not models:
            raise
    if isinstance(run_cfg, HwRunCfg) and off_chip is None:
        return models
    here = [model for model in models if not issubclass(model, AbstractHwProcessModel)]
    if not here and off_chip is not None:
        raise NoProcessModelFound(
            f"Process '{name}' has models for the chip only, and cannot run on it: {off_chip}."
        )
    if not here:
        raise NoProcessModelFound(f"Process '{name}' has models for the chip only; use HwRunCfg(device=...).")
    return here


def _flat_process(
    index: int,
    name: str,
    process: AbstractProcess,
    model: type[AbstractProcessModel],
    reason: str,
    stored_bits: int,
) -> FlatProcess:
    memo: dict[int, Any] = {}
    types: dict[str, LavaPyType] = {}
    if issubclass(model, AbstractPyProcessModel):
        types = model.lava_types(process)
    flat = FlatProcess(
        index=index,
        name=name,
        process=process,
        proc_class=type(process),
        model_class=model,
        on_chip=issubclass(model, AbstractHwProcessModel),
        params={key: private_copy(value, memo) for key, value in process.proc_params.items()},
        vars={
            var.name: FlatVar(var.name, var.shape, private_copy(plain_number(var.init), memo))
            for var in process.vars
        },
        in_ports={port.name: port.shape for port in process.in_ports},
        out_ports={port.name: port.shape for port in process.out_ports},
        ref_ports={port.name: port.shape for port in process.ref_ports},
        var_ports={p.name: p.shape for p in process.var_ports if not isinstance(p, ImplicitVarPort)},
        types=types,
        reason=reason,
        stored_bits=stored_bits,
    )
    if issubclass(model, AbstractPyProcessModel):
        check_members(flat, model, types)
    check_inherited(flat)
    return flat
