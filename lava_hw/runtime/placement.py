"""Which process runs in which worker."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lava_hw.graph.flat import Flat, FlatProcess
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.errors import RunError

__all__ = ["Placement", "place"]

Place = int | str


@dataclass(frozen=True)
class Placement:
    """Where the processes of a network run.

    Parameters
    ----------
    workers : tuple of int
        Number of the worker of each process of `Flat.processes`; 0 is the program's own.
    threads : frozenset of int
        Indices of the processes that have a thread of their own in the program.
    count : int
        Number of workers; each of the numbers below it has a process.
    """

    workers: tuple[int, ...]
    threads: frozenset[int]
    count: int

    def names(self, flat: Flat, number: int) -> list[str]:
        """Names of the processes of a worker."""
        return [p.name for p, at in zip(flat.processes, self.workers, strict=True) if at == number]


def place(flat: Flat, run_cfg: RunConfig) -> Placement:
    """Decide where each process runs.

    First what the configuration says of a process, of its name or of its class (a hierarchical process stands
    for its parts); then what its model says of itself (`isolation`). The others are spread over `workers` in
    order of creation, in stretches of about the same number of elements of their Vars, because neighbours
    talk to each other. What runs on the chip, or talks with the program, stays in the program.

    Raises
    ------
    RunError
        If a key names nothing of this network, or a process cannot run where it should.
    """
    wanted: dict[int, Place] = {}
    for key, where in run_cfg.worker_placement.items():
        hit = [p for p in flat.processes if _is_meant(flat, p, key)]
        if not hit:
            raise RunError(
                f"worker_placement: {_said(key)} is no process of this network; it has: "
                f"{', '.join(p.name for p in flat.processes)}."
            )
        for process in hit:
            # What is named itself counts more than its class.
            if process.index not in wanted or not isinstance(key, type):
                wanted[process.index] = where
    for process in flat.processes:
        isolation = getattr(process.model_class, "isolation", None)
        if isolation is not None and process.index not in wanted:
            wanted[process.index] = _checked_isolation(process, isolation)
    for index, where in wanted.items():
        _check(flat.processes[index], where)
    workers = _spread(flat, wanted, run_cfg.workers)
    threads = frozenset(index for index, where in wanted.items() if where == "thread")
    # Numbers without gaps, in the order of what was asked for.
    numbers = {number: k for k, number in enumerate(sorted({0, *workers}))}
    return Placement(tuple(numbers[n] for n in workers), threads, len(numbers))


def _is_meant(flat: Flat, process: FlatProcess, key: Any) -> bool:
    live: AbstractProcess | None = process.process
    parents = {parent.serial: name for name, parent in flat.parents}
    while live is not None:
        name = process.name if live is process.process else parents.get(live.serial)
        if key is live or key == name or (isinstance(key, type) and isinstance(live, key)):
            return True
        live = live.parent_proc
    return False


def _said(key: Any) -> str:
    if isinstance(key, AbstractProcess):
        return f"process '{key._shown}'"
    return f"class {key.__name__}" if isinstance(key, type) else repr(key)


def _checked_isolation(process: FlatProcess, isolation: Any) -> Place:
    if isolation not in ("thread", "process"):
        raise RunError(
            f"Model {process.model_class.__name__} of process '{process.name}': isolation must be None, "
            f"'thread' or 'process', got {isolation!r}."
        )
    return str(isolation)


def _check(process: FlatProcess, where: Place) -> None:
    if where == 0:
        return
    if process.on_chip:
        raise RunError(
            f"worker_placement: process '{process.name}' runs on the chip and has no worker; a Python model "
            "can be chosen by exception_proc_model_map."
        )
    if getattr(process.model_class, "with_program", False):
        raise RunError(
            f"worker_placement: process '{process.name}' hands objects to the program around the network "
            f"({process.model_class.__name__}), so it runs in the program's own worker, 0, not in {where!r}."
        )


def _spread(flat: Flat, wanted: dict[int, Place], count: int) -> list[int]:
    workers = [0] * len(flat.processes)
    taken = [where for where in wanted.values() if isinstance(where, int)]
    own = max([count - 1, *taken])
    free = []
    for process in flat.processes:
        where = wanted.get(process.index)
        if where == "process":
            own += 1
            workers[process.index] = own
        elif isinstance(where, int):
            workers[process.index] = where
        elif (
            where is None and not process.on_chip and not getattr(process.model_class, "with_program", False)
        ):
            free.append(process)
    sizes = [1 + sum(math.prod(var.shape) for var in p.vars.values()) for p in free]
    total, before = sum(sizes), 0
    for process, size in zip(free, sizes, strict=True):
        workers[process.index] = min(count - 1, (2 * before + size) * count // (2 * total))
        before += size
    return workers
