"""The same network on its three references, and the comparison of their answers.

A reference is a run configuration: all processes in Python; the layers on the chip as interpreted by golden;
the layers on the chip's RTL. Encoder and readout are Python processes in all three.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from digits.network import DigitsNetwork, build_network
from digits.training import Setting
from lava_hw import HwRunCfg, Loihi2SimCfg, RunConfig, RunSteps
from lava_hw.utils.lif_network import FixedPopulation

Array = np.ndarray
Progress = Callable[[int, int], None]

REFERENCES = ("python", "golden", "verilator")
#: What they are called for people.
WORDS = {"python": "Python models", "golden": "interpreter", "verilator": "RTL simulation"}


def run_config(reference: str, chip: str) -> RunConfig:
    """The run configuration that makes a network run on `reference`."""
    if reference == "python":
        return Loihi2SimCfg(select_tag="fixed_pt")
    return HwRunCfg(device=reference, chip=chip)


@dataclass
class Classification:
    """Answers of a reference to all images.

    Attributes
    ----------
    answers : ndarray, shape (images,)
        Class with the most output spikes.
    rasters : ndarray, shape (steps, images, neurons)
        Output spikes, bool; of networks whose output are numbers, these.
    seconds : float
        Wall time of all presentations, resets and reading of results included, building excluded.
    chip, cores : Counter, dict of int to Counter
        Counters of the chip and of each core, summed over all images; empty for the Python models.
    """

    answers: Array
    rasters: Array
    seconds: float = 0.0
    chip: Counter[str] = field(default_factory=Counter)
    cores: dict[int, Counter[str]] = field(default_factory=dict)

    def total(self, counter: str) -> int:
        """Sum of a counter over the cores."""
        return sum(core[counter] for core in self.cores.values())


def add_counters(result: Classification, runtime: Any, run_cfg: RunConfig) -> None:
    """Add what a chip has counted since the last reset, which clears it."""
    if isinstance(run_cfg, HwRunCfg):
        counters = runtime.counters()
        result.chip.update(counters["chip"])
        for core, values in counters["cores"].items():
            result.cores.setdefault(core, Counter()).update(values)


@contextmanager
def _built(network: DigitsNetwork, run_cfg: RunConfig) -> Iterator[Any]:
    """The runtime of the network, freed at the end."""
    with network.encoder as encoder:
        encoder.create_runtime(run_cfg=run_cfg)
        yield encoder.runtime


def classify_all(
    layers: Sequence[FixedPopulation],
    setting: Setting,
    images: Array,
    run_cfg: RunConfig,
    progress: Progress | None = None,
) -> Classification:
    """Show all images one after the other, as `setting.steps` steps of a network that was reset before."""
    network = build_network(layers, setting)
    neurons = network.readout.raster.shape[1]
    result = Classification(
        np.zeros(len(images), np.int64), np.zeros((setting.steps, len(images), neurons), bool)
    )
    with _built(network, run_cfg) as runtime:
        start = time.perf_counter()
        for k, image in enumerate(images):
            if k:
                runtime.reset()
            network.encoder.pixels.set(image)
            network.encoder.run(RunSteps(num_steps=setting.steps))
            result.rasters[:, k] = network.readout.raster.get() != 0
            result.answers[k] = network.readout.counts.get().argmax()
            add_counters(result, runtime, run_cfg)
            if progress is not None:
                progress(k + 1, len(images))
        result.seconds = time.perf_counter() - start
    return result


def observe(
    layers: Sequence[FixedPopulation],
    setting: Setting,
    images: Array,
    run_cfg: RunConfig,
    progress: Progress | None = None,
) -> dict[str, Array]:
    """Show images step by step and read every Var after every step, with the spikes of all populations.

    Returns
    -------
    dict of str to ndarray
        By `process.name`: Vars that can change, shape (images, steps, ...); the others, which are read at
        the end of every image, shape (images, ...); spikes as `process.spikes`, shape (images, steps, n).
    """
    network = build_network(layers, setting, record=True)
    seen: dict[str, list[Array]] = {}
    with _built(network, run_cfg) as runtime:
        for k, image in enumerate(images):
            if k:
                runtime.reset()
            network.encoder.pixels.set(image)
            states: dict[str, list[Array]] = {name: [] for name in network.state}
            for _ in range(setting.steps):
                network.encoder.run(RunSteps(num_steps=1))
                for name, var in network.state.items():
                    states[name].append(var.get())
            shown = {name: np.stack(values) for name, values in states.items()}
            shown.update({name: var.get() for name, var in network.constants.items()})
            shown.update({f"{name}.spikes": sink.data.get().T for name, sink in network.records.items()})
            for name, value in shown.items():
                seen.setdefault(name, []).append(np.asarray(value))
            if progress is not None:
                progress(k + 1, len(images))
    return {name: np.stack(values) for name, values in seen.items()}


def count_differences(first: Mapping[str, Array], second: Mapping[str, Array]) -> dict[str, int]:
    """Number of values that differ, per array; of arrays of other shapes, or in one only, all differ."""
    result = {}
    for name in sorted({*first, *second}):
        a, b = first.get(name), second.get(name)
        if a is None or b is None or a.shape != b.shape:
            result[name] = max(x.size for x in (a, b) if x is not None)
        else:
            result[name] = int(np.count_nonzero(a != b))
    return result
