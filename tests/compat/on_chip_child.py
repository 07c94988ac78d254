"""Run the networks of a library in Python and with HwRunCfg, and say what ran where, as JSON.

``python -m tests.compat.on_chip_child LIBRARY FOLDER DEVICE CHIP OUT`` writes a list, an entry a network of
the library that lies in the folder. It is a program of its own because a library needs the alias ``lava``,
and may need another numpy.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lava_hw import HwRunCfg, Loihi2SimCfg, RunConfig, RunSteps
from tests.compat.library_networks import CASES, Network

_SEED = 5

States = Sequence[Mapping[str, Any]]
"""Values of all Vars: by step, then by `process.Var`."""


@dataclass(frozen=True)
class Part:
    """A process of a network: name of its class, whether it is on the chip, else why not, and its place.

    The place of a process in Python is "before" if it only feeds the chip, "behind" if it only hears of it,
    "between" if both, and "apart" if neither.
    """

    name: str
    on_chip: bool
    reason: str
    place: str


@dataclass(frozen=True)
class Outcome:
    """What became of a network: an error, or its parts, how many values were compared, and what differs.

    `still` names processes on the chip of which no value changes in the whole run: those are equal anyhow.
    """

    name: str
    steps: int
    parts: tuple[Part, ...] = ()
    compared: int = 0
    differing: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    error: str = ""


def reached(first: Iterable[int], links: Mapping[int, set[int]]) -> set[int]:
    """All that can be reached from some processes, without these unless they reach themselves."""
    found: set[int] = set()
    todo = [after for process in first for after in links.get(process, ())]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += links.get(one, ())
    return found


def parts(flat: Any) -> tuple[Part, ...]:
    """The processes of a flat network with their places; a RefPort links both ways."""
    forward: dict[int, set[int]] = {}
    backward: dict[int, set[int]] = {}
    pairs = [(link.src_process, link.dst_process) for link in flat.links]
    for ref in flat.refs:
        pairs += [(ref.process, ref.var_process), (ref.var_process, ref.process)]
    for source, target in pairs:
        forward.setdefault(source, set()).add(target)
        backward.setdefault(target, set()).add(source)
    chip = [p.index for p in flat.processes if p.on_chip]
    behind, before = reached(chip, forward), reached(chip, backward)
    found = []
    for p in flat.processes:
        sides = {"before": p.index in before, "behind": p.index in behind}
        place = "between" if all(sides.values()) else next((side for side in sides if sides[side]), "apart")
        place = "chip" if p.on_chip else place
        found.append(Part(p.proc_class._class_label(), p.on_chip, p.reason, place))
    return tuple(found)


def history(network: Network, run_cfg: RunConfig) -> tuple[list[dict[str, Any]], Any]:
    """Every Var of every process after every step, and the flat network."""
    process = network.process
    with process:
        # The libraries draw from numpy's global generator.
        np.random.seed(_SEED)  # noqa: NPY002 - no other generator reaches them
        process.create_runtime(run_cfg=run_cfg)
        flat = process.runtime.flat
        states = []
        for _ in range(network.steps):
            process.run(RunSteps(num_steps=1))
            states.append(
                {
                    f"{p.name}.{name}": np.asarray(_plain(getattr(p.process, name).get()))
                    for p in flat.processes
                    for name in p.vars
                }
            )
        return states, flat


def _plain(value: Any) -> Any:
    return value.toarray() if hasattr(value, "toarray") else value


def differences(expected: States, got: States) -> tuple[int, list[str]]:
    """How many values were compared, and where they differ, as `step k: process.Var`."""
    compared, found = 0, []
    for step, (one, other) in enumerate(zip(expected, got, strict=True), 1):
        for name in sorted({*one, *other}):
            a, b = one.get(name), other.get(name)
            compared += 0 if a is None else a.size
            same = a is not None and b is not None and a.shape == b.shape
            if not same or not np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f"):
                found.append(f"step {step}: {name}")
    return compared, found


def still(flat: Any, states: States) -> tuple[str, ...]:
    """Names of the processes on the chip of which no Var changes."""
    found = []
    for p in flat.processes:
        moved = any(
            not np.array_equal(state[f"{p.name}.{name}"], states[0][f"{p.name}.{name}"])
            for state in states
            for name in p.vars
        )
        if p.on_chip and not moved:
            found.append(p.name)
    return tuple(found)


def outcome(name: str, make: Any, device: str, chip: str) -> Outcome:
    """Run a network on both."""
    steps = 0
    try:
        network = make()
        steps = network.steps
        fixed = {"select_tag": "fixed_pt", "exception_proc_model_map": dict(network.models)}
        expected, _ = history(network, Loihi2SimCfg(select_sub_proc_model=True, **fixed))
        network = make()
        # The models of a solver are made with its process.
        fixed["exception_proc_model_map"] = dict(network.models)
        got, flat = history(network, HwRunCfg(device=device, chip=chip, **fixed))
    except Exception as error:
        return Outcome(name, steps, error=f"{type(error).__name__}: {error}")
    compared, found = differences(expected, got)
    return Outcome(name, steps, parts(flat), compared, tuple(found[:5]), still(flat, expected))


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    library, folder, device, chip, out = arguments
    importlib.import_module("lava_hw.as_lava")
    # Behind our own folder: the wheel has a package `tests`, too, and ours is imported already.
    sys.path.append(folder)
    warnings.simplefilter("ignore")
    found = [outcome(case.name, case.make, device, chip) for case in CASES if case.library == library]
    Path(out).write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
