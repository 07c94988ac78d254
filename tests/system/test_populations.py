"""Each neuron of the chip against its Python model: ports and Vars in each step, Vars set between runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from tests.system.populations import KINDS, numbers

# The numbers go beyond what Loihi has, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

STEPS = 14
SHAPES = [(1,), (5, 3), (37,), (70,)]
Record = dict[str, np.ndarray[Any, Any]]


@contextmanager
def network(name: str, seed: int, cfg: Any) -> Iterator[tuple[Any, list[Any], np.random.Generator, bool]]:
    """A population between sources and sinks, the same for every device."""
    r = np.random.default_rng([seed, sum(map(ord, name))])
    usual = seed % 2 == 0
    kind, shape = KINDS[name], SHAPES[seed % len(SHAPES)]
    process = kind.make(r, usual, shape)
    for port, (near, far) in kind.inputs.items():
        data = numbers(r, usual, near, far, (*shape, STEPS)) * (r.random((*shape, STEPS)) < 0.6)
        if port == "a_third_factor_in" and name == "PrototypeLIF":
            data = data % (int(np.prod(shape)) + 1)
        if r.random() < 0.85:
            Source(data=data).s_out.connect(getattr(process, port))
    sinks = []
    for port in process.out_ports:
        sinks.append(Sink(shape=port.shape, buffer=STEPS))
        port.connect(sinks[-1].a_in)
    process.create_runtime(cfg)
    try:
        yield process, sinks, r, usual
    finally:
        process.stop()


def run(name: str, seed: int, cfg: Any) -> list[Record]:
    """Give all Vars, after each step and where some are set, and all that was sent."""
    kind = KINDS[name]
    found: list[Record] = []
    with network(name, seed, cfg) as (process, sinks, r, usual):
        for steps in (0, 1, 5, STEPS - 6):
            for _ in range(steps):
                process.run(RunSteps(1))
                found.append({var.name: np.array(var.get()) for var in process.vars})
            for var in sorted(kind.sets):
                if r.random() < 0.3:
                    getattr(process, var).set(kind.value(r, usual, process, var))
            found.append({var.name: np.array(var.get()) for var in process.vars})
        found.append({f"sink {k}": sink.data.get() for k, sink in enumerate(sinks)})
    return found


def compare(name: str, seed: int, device: str, chip: str) -> Record:
    """Hold a device equal to Python; what was sent in Python."""
    cfg = HwRunCfg(device=device, chip=chip, build="checked", require_chip=True)
    wanted = run(name, seed, Loihi2SimCfg(select_tag="fixed_pt"))
    got = run(name, seed, cfg)
    assert len(got) == len(wanted)
    for k, (mine, theirs) in enumerate(zip(got, wanted, strict=True)):
        for var, value in theirs.items():
            np.testing.assert_array_equal(mine[var], value, f"{name} seed {seed}: {var}, record {k}")
    return wanted[-1]


@pytest.mark.parametrize("name", KINDS)
def test_golden(name: str) -> None:
    sent = [compare(name, seed, "golden", ("test8", "test32")[seed // 2 % 2]) for seed in range(10)]
    for port in sent[0]:
        assert any(np.any(each[port]) for each in sent), f"{name}: nothing was ever sent on {port}"


@pytest.mark.rtl
@pytest.mark.parametrize("chip", ["test8", "test32"])
@pytest.mark.parametrize("name", KINDS)
def test_rtl(name: str, chip: str) -> None:
    for seed in range(6):
        compare(name, seed, "verilator", chip)
