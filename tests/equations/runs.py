"""Processes of random texts in networks: every state and message of every step, on any device."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.equations import Graded, Input, Parameter, Spikes
from tests.equations.drawn import drawn, number

STEPS, SIZE = 6, 19
DRAWN: dict[int, Any] = {}


def process_class(seed: int) -> Any:
    if seed not in DRAWN:
        DRAWN[seed] = drawn(seed, __name__)
    return DRAWN[seed]


def run(seed: int, cfg: Any) -> list[np.ndarray[Any, Any]]:
    r = np.random.default_rng([seed, 3])
    cls = process_class(seed)
    text, shape = cls.equations, (SIZE,)
    some = [p.name for p in text.of_kind(Parameter) if r.random() < 0.5]
    each = {name: np.array([number(r) for _ in range(SIZE)]) for name in some}
    process = cls(shape=shape, **each)
    for port in text.of_kind(Input):
        data = np.array([[number(r) for _ in range(STEPS)] for _ in range(SIZE)])
        Source(data=data).s_out.connect(getattr(process, port.name))
    sinks = []
    for port in text.of_kind(Spikes, Graded):
        sinks.append(Sink(shape=shape, buffer=STEPS))
        getattr(process, port.name).connect(sinks[-1].a_in)
    found = []
    process.create_runtime(cfg)
    try:
        for _ in range(STEPS):
            process.run(RunSteps(1))
            found += [var.get() for var in process.vars]
        found += [sink.data.get() for sink in sinks]
    finally:
        process.stop()
    return found


def compare(seed: int, device: str, chip: str) -> None:
    cfg = HwRunCfg(device=device, chip=chip, build="checked", require_chip=[process_class(seed)])
    wanted = run(seed, Loihi2SimCfg(select_tag="fixed_pt"))
    for got, expected in zip(run(seed, cfg), wanted, strict=True):
        np.testing.assert_array_equal(got, expected, f"seed {seed}")
