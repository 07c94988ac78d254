"""Hold a compiled network on the golden chip against its Python models: every message, Var and step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lava_hw import HwRunCfg, Loihi2SimCfg
from lava_hw.chip import Chip
from lava_hw.compiler import compile_flat
from lava_hw.graph import flatten
from lava_hw.image import Image
from tests.compiler.golden_stages import GoldenStages
from tests.compiler.python_models import Network

Setter = Callable[[int], dict[str, Any]]


def hold_equal(
    processes: Sequence[Any],
    chip: str | Chip,
    steps: int = 8,
    placement: Any = None,
    in_python: dict[Any, Any] | None = None,
    sets: Setter | None = None,
    split: Any = None,
) -> Image:
    """Run `steps` steps on both.

    Parameters
    ----------
    in_python : dict, optional
        The exception_proc_model_map of both.
    sets : callable, optional
        Gives for a step the values of Vars, by name, that are set after it on both.
    split : dict, optional
        Parts of connections, by name.

    Returns
    -------
    Image
        What was run, with every out port of the chip as output.
    """
    hardware = flatten(list(processes), HwRunCfg(device="golden", exception_proc_model_map=in_python))
    software = flatten(
        list(processes), Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map=in_python)
    )
    outputs = [f"{p.name}.{port}" for p in hardware.processes if p.on_chip for port in p.out_ports]
    image = compile_flat(hardware, chip, outputs, placement, split=split)
    golden = GoldenStages(image)
    python, mixed = Network(software), Network(hardware, golden, image.manifest.groups)
    for step in range(1, steps + 1):
        python.run(1)
        mixed.run(1)
        for port, messages in python.record.items():
            assert len(mixed.record[port]) == len(messages) == step
            _equal(f"step {step}: {port}", messages[-1], mixed.record[port][-1])
        for process in software.processes:
            model = python.models[process.name]
            for name in process.vars:
                other: Any
                if process.name in mixed.models:
                    other = getattr(mixed.models[process.name], name)
                else:
                    other = golden.read(f"{process.name}.{name}")
                    if other is None:
                        continue
                _equal(f"step {step}: {process.name}.{name}", getattr(model, name), other)
        for name, value in (sets(step) if sets else {}).items():
            owner, var = name.rsplit(".", 1)
            kept = getattr(python.models[owner], var)
            if hasattr(kept, "tocsr"):
                kept.data = value.data.astype(kept.dtype)
            else:
                given = np.array(value, kept.dtype) if isinstance(kept, np.ndarray) else value
                setattr(python.models[owner], var, given)
            golden.write(name, value)
    return image


def _array(value: Any) -> Any:
    return value.toarray() if hasattr(value, "tocsr") else np.asarray(value)


def _equal(where: str, python: Any, chip: Any) -> None:
    python, chip = _array(python), _array(chip)
    assert python.size == chip.size, f"{where}: {python.shape} against {chip.shape}"
    differs = np.flatnonzero(python.reshape(-1) != chip.reshape(-1))
    if len(differs):
        k = int(differs[0])
        raise AssertionError(
            f"{where}: element {k} is {python.reshape(-1)[k]} in Python and {chip.reshape(-1)[k]} on the chip"
        )
