"""Any of the networks on a reference: answers to all samples, and all states in each step of some."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from digits.references import Classification, add_counters

from lava_hw import AbstractProcess, RunConfig, RunSteps, Sink

Array = np.ndarray


@dataclass(frozen=True)
class Built:
    """The processes of a network.

    Attributes
    ----------
    source : AbstractProcess
        Sends the sample; it runs in Python.
    on_chip : tuple of AbstractProcess
        Connections and neurons.
    sink : Sink
        What the last neurons send in each step, shape (neurons, steps).
    """

    source: Any
    on_chip: tuple[AbstractProcess, ...]
    sink: Sink


class Net(Protocol):
    """What a network must say of itself."""

    def build(self, samples: Array, /) -> Built:
        """Make the processes for some samples."""

    def present(self, built: Built, samples: Array, runtime: Any, /) -> Iterator[int]:
        """Make a run ready and give its number of steps; the caller runs it before asking for the next."""

    def answers(self, outputs: Array, /) -> Array:
        """Classes of all samples, from what the sink has got: shape (steps, runs, neurons)."""


@contextmanager
def _running(built: Built, run_cfg: RunConfig) -> Iterator[Any]:
    """The runtime of the network, freed at the end."""
    with built.source as source:
        source.create_runtime(run_cfg=run_cfg)
        yield source.runtime


def classify_all(net: Net, samples: Array, run_cfg: RunConfig) -> Classification:
    """Show all samples; `rasters` of the result are the outputs, shape (steps, runs, neurons)."""
    built, outputs = net.build(samples), []
    result = Classification(np.zeros(0, np.int64), np.zeros(0, np.int64))
    with _running(built, run_cfg) as runtime:
        start = time.perf_counter()
        for steps in net.present(built, samples, runtime):
            built.source.run(RunSteps(num_steps=steps))
            outputs.append(built.sink.data.get().T.astype(np.int64))
            add_counters(result, runtime, run_cfg)
        result.seconds = time.perf_counter() - start
    result.rasters = np.stack(outputs, axis=1)
    result.answers = net.answers(result.rasters)
    return result


def observe(net: Net, samples: Array, run_cfg: RunConfig) -> dict[str, Array]:
    """Every Var of every connection, of the neurons and of the sink after each step, by `process.name`."""
    built = net.build(samples)
    variables = {f"{p.label}.{var.name}": var for p in (*built.on_chip, built.sink) for var in p.vars}
    seen: dict[str, list[Any]] = {name: [] for name in variables}
    with _running(built, run_cfg) as runtime:
        for steps in net.present(built, samples, runtime):
            for _ in range(steps):
                built.source.run(RunSteps(num_steps=1))
                for name, var in variables.items():
                    seen[name].append(var.get())
    return {name: np.stack(values) for name, values in seen.items()}
