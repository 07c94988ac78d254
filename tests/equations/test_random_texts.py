"""Random texts are the same in numpy, on golden and on the RTL: every state and message of every step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.equations import Graded, Input, Parameter, Spikes, write
from tests.equations.drawn import drawn, number

pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
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


@pytest.mark.parametrize("shard", range(4))
def test_golden(shard: int) -> None:
    for seed in range(1000 * shard, 1000 * shard + 15):
        compare(seed, "golden", ("test8", "test32")[seed % 2])


@pytest.mark.rtl
@pytest.mark.parametrize("chip", ["test8", "test32"])
def test_rtl(chip: str) -> None:
    for seed in range(5000, 5010):
        compare(seed, "verilator", chip)


def test_some_texts_need_more_than_the_registers() -> None:
    spills = []
    for seed in range(15):
        text = process_class(seed).equations
        ports = {port.name: k for k, port in enumerate(text.of_kind(Spikes, Graded))}
        spills.append(len(write(text.trace(), [p.name for p in text.of_kind(Input)], ports).spills))
    assert max(spills) >= 3
    assert min(spills) == 0
