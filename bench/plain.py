"""The simulator fed from a file, against a plain loop in C++ that computes the same layer.

The loop is the limit: nobody would simulate a chip if the layer alone were wanted. Both are compiled with the
same flags, take turns in the same call, and read the clock twice within one run each.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from bench import cosim
from bench.figures import Results
from bench.networks import PERIOD, Network, layer
from lava_hw import HwRunCfg, RunSteps
from lava_hw.chip import Chip
from lava_hw.device.build import build_simulator, chip_design
from lava_hw.device.tools import find_compiler

SOURCE = Path(__file__).with_name("plain.cpp")
LONGER = 32
"""How many times as many steps as the simulator the loop is given."""


class PlainLoop:
    """A compiled loop over one layer.

    Parameters
    ----------
    network : Network
        Of one layer.
    folder : Path
        For the program and its files.
    flags : sequence of str
        Of the compiler.
    """

    def __init__(self, network: Network, folder: Path, flags: list[str]) -> None:
        (weights,) = network.weights
        self._program, self._file, self._spikes = folder / "plain", folder / "layer", folder / "spikes"
        sizes = {"INPUTS": weights.shape[1], "NEURONS": weights.shape[0], "PERIOD": PERIOD}
        command = [*find_compiler().command, "-std=gnu++17", *flags, str(SOURCE), "-o", str(self._program)]
        subprocess.run([*command, *(f"-DLHW_{name}={size}" for name, size in sizes.items())], check=True)
        parts = (
            np.int32(network.bias[0]),
            network.voltage[0].astype(np.int32),
            weights.T.astype(np.int8),
            network.inputs.T.astype(np.uint8),
        )
        self._file.write_bytes(b"".join(part.tobytes() for part in parts))

    def rate(self, warm: int, steps: int) -> float:
        """Run it; give steps a second of the steps after the first ones."""
        return steps / float(self._run(warm, steps))

    def spikes(self) -> np.ndarray:
        """Give the spikes of the first `PERIOD` steps, [step, neuron]."""
        self._run(0, PERIOD, str(self._spikes))
        return np.fromfile(self._spikes, np.uint8).reshape(PERIOD, -1).astype(np.bool_)

    def _run(self, warm: int, steps: int, *more: str) -> str:
        command = [str(self._program), str(self._file), str(warm), str(steps), *more]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check(loop: PlainLoop, size: int, chip: str) -> None:
    """Compare the loop with golden.

    Raises
    ------
    RuntimeError
        If a spike differs.
    """
    network = layer(size)
    network.start.run(RunSteps(PERIOD), HwRunCfg(device="golden", chip=chip))
    spikes = network.sink.data.get().T
    network.start.stop()
    if not spikes.any() or not np.array_equal(spikes, loop.spikes()):
        raise RuntimeError(f"the plain loop in C++ and golden of a layer of {size} differ")


def measure(results: Results, case: cosim.Case, size: int, flags: list[str], runs: int) -> None:
    """Measure the simulator of a layer and the loop, one run of each in turn, and compare each pair."""
    bare, plain = [], []
    with tempfile.TemporaryDirectory(prefix="lava_hw_bench_") as name:
        folder = Path(name)
        loop = PlainLoop(layer(size), folder, flags)
        check(loop, size, str(case.run_cfg.chip))
        recording = cosim.record(case, folder)
        for _ in range(runs):
            bare.append(cosim.bare_rate(case, recording))
            plain.append(loop.rate(case.warm, case.steps * LONGER))
    results.add(f"{case.name}/bare, beside a plain C++ loop", "steps/s", bare, steps=case.steps)
    facts = {"steps": case.steps * LONGER, "flags": flags}
    results.add(f"{case.name}/plain C++ loop", "steps/s", plain, **facts)
    ratios = [other / one for one, other in zip(bare, plain, strict=True)]
    results.add(f"{case.name}/plain C++ loop to bare", "ratio", ratios, steps=case.steps)


def flags_of_simulator(chip: Chip) -> list[str]:
    """Give the flags that the simulator of a chip was compiled with."""
    facts = json.loads((build_simulator(chip_design(chip), "fast").directory / "facts.json").read_text())
    flags: list[str] = facts["flags"]
    return flags
