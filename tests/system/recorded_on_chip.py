"""The recorded cases on a chip: as many as it holds in one network, so that a simulator starts once.

A Monitor that looks at Vars of all of them makes one network of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lava_hw import HwRunCfg, Monitor, RunSteps
from lava_hw.compiler import CompileError
from lava_hw.compiler.choose import choose_models
from lava_hw.graph.reasons import chip_models
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from tests.api.recorded import CASES, check_outputs, connect, make


@dataclass
class Plan:
    """Which cases run on the chip, and what is said of the others of processes that have a chip model.

    Attributes
    ----------
    on_chip : list of str
        Cases whose process runs on the chip.
    in_python : dict of str to str
        Cases that another model serves, and why.
    """

    on_chip: list[str] = field(default_factory=list)
    in_python: dict[str, str] = field(default_factory=dict)


def plan() -> Plan:
    """Ask for each fixed-point case whether the chip takes it."""
    found = Plan()
    cfg = HwRunCfg(device="golden", chip="test8", unfit="python")
    for name, case in CASES.items():
        process = make(case)
        if case["tag"] == "floating_pt" or not chip_models(type(process)):
            continue
        flat = choose_models(process, cfg)
        (entry,) = [each for each in flat.processes if each.process is process]
        if entry.on_chip:
            found.on_chip.append(name)
        else:
            found.in_python[name] = entry.reason
    return found


def run(names: Sequence[str], device: str, chip: str) -> None:
    """Run cases in one network, and hold all that was recorded equal.

    Raises
    ------
    AssertionError
        With case, port or Var, if something differs, or if a process does not run on the chip.
    CompileError
        If they do not fit into the chip together.
    """
    steps = max(CASES[name]["steps"] for name in names)
    processes: dict[str, Any] = {}
    sinks: dict[str, dict[str, Any]] = {}
    monitor = Monitor()
    for name in names:
        case = CASES[name]
        process = processes[name] = make(case)
        process.name = name
        sinks[name] = connect(case, process, steps)
        for var in case["vars"] or [next(iter(process.vars)).name]:
            monitor.probe(getattr(process, var), steps)
    cfg = HwRunCfg(device=device, chip=chip, build="checked" if device == "verilator" else None)
    with monitor:
        monitor.run(RunSteps(steps), cfg)
        for name in names:
            case = CASES[name]
            assert issubclass(processes[name].model_class, AbstractHwProcessModel), name
            check_outputs(case, sinks[name])
            for var, expected in case["vars"].items():
                seen = monitor.get_data()[name][var][: case["steps"]]
                np.testing.assert_array_equal(seen, np.asarray(expected), f"{name}.{var}")


def run_all(names: Sequence[str], device: str, chip: str) -> int:
    """Run cases in as few networks as the chip holds; how many these were."""
    try:
        run(names, device, chip)
    except CompileError:
        if len(names) == 1:
            raise
        half = len(names) // 2
        return run_all(names[:half], device, chip) + run_all(names[half:], device, chip)
    return 1
