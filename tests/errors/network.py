"""One small network that the tests of this folder break in every way."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source

STEPS = 12
PYTHON = Loihi2SimCfg(select_tag="fixed_pt")


def on(device: str, **options: Any) -> Any:
    """The run configuration of a reference."""
    if device == "python":
        return Loihi2SimCfg(select_tag="fixed_pt", **options)
    return HwRunCfg(device=device, **({"chip": "test8", "build": "checked"} | options))


class Network:
    """source → dense → cells → sink; arguments of each may be replaced."""

    def __init__(self, size: int = 9, dense: dict[str, Any] | None = None, **cells: Any) -> None:
        rng = np.random.default_rng(4)
        inputs = 6
        self.source = Source(data=rng.integers(0, 2, (inputs, STEPS)), name="source")
        weights = 2 * rng.integers(-10, 20, (size, inputs))
        self.dense = Dense(**({"weights": weights, "name": "dense"} | (dense or {})))
        self.cells = LIF(**({"shape": (size,), "vth": 10, "du": 900, "name": "cells"} | cells))
        self.sink = Sink(shape=(size,), buffer=STEPS, name="sink")
        self.source.s_out.connect(self.dense.s_in)
        self.dense.a_out.connect(self.cells.a_in)
        self.cells.s_out.connect(self.sink.a_in)

    def answers(self) -> list[np.ndarray]:
        """All spikes, and the states, as they are now."""
        return [np.asarray(var.get()) for var in (self.sink.data, self.cells.u, self.cells.v)]

    def run(self, run_cfg: Any = None, steps: int = STEPS) -> None:
        """Run steps; the first call needs a configuration."""
        self.cells.run(RunSteps(steps), run_cfg)

    def __enter__(self) -> Network:
        return self

    def __exit__(self, *exc: object) -> None:
        self.cells.stop()


def expected(run_cfg: Any = PYTHON, steps: int = STEPS, **changes: Any) -> list[np.ndarray]:
    """The answers of an undisturbed run."""
    with Network(**changes) as network:
        network.run(run_cfg, steps)
        answers = network.answers()
    assert answers[0].any(), "no neuron fired: the test says nothing"
    return answers


def same(got: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    """Hold two answers equal."""
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(a, b)
