"""Each factor by which ATRLIF's current decays is exact on the chip, where float64 rounds up, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import ATRLIF, HwRunCfg, Loihi2SimCfg, RunSteps

pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

MOST = 2**31 - 1
DELTAS = [0.3, 0.4, 0.05, 0.77, 0.1234567, 1e-9, 1 - 1e-9, 4095 / 4096 + 1e-7, 0.0, 0.25, 1.0, 0, 1]


def rounded_up(delta: float) -> np.ndarray[Any, Any]:
    """Currents whose product float64 rounds up to the next integer, as far as they are found."""
    factor = abs(4096 - (delta * 4096 + 1)) / 4096
    if not factor:
        return np.zeros(0, np.int64)
    whole = np.arange(1, 400_000, dtype=np.int64)
    near = np.ceil(whole / factor).astype(np.int64)
    near = np.concatenate([near, near - 1, np.arange(20_480, MOST, 20_480 * 97), MOST - whole[:50_000]])
    near = near[(near > 0) & (near <= MOST)]
    units = int(factor * 2**53)
    exact = np.array([int(m) * units >> 53 for m in near])
    return near[np.trunc(near * factor).astype(np.int64) > exact]


def currents(delta: float) -> np.ndarray[Any, Any]:
    """4096 currents: those that are rounded up, the ends, and any others."""
    r = np.random.default_rng(3)
    up = rounded_up(delta)[:1500]
    edges = [0, 1, 2, MOST, MOST - 1, *(2**k + d for k in range(2, 31) for d in (-1, 0, 1))]
    rest = r.integers(0, MOST, 4096, endpoint=True) >> r.integers(0, 30, 4096)
    found = np.concatenate([up, edges, rest])[:4096]
    return found * r.choice([-1, 1], 4096)


def decayed(delta: Any, values: np.ndarray[Any, Any], cfg: Any) -> np.ndarray[Any, Any]:
    """Currents after a step without input, and after another one with other currents."""
    neurons = ATRLIF(shape=values.shape, i=values, delta_i=delta, theta_0=1000)
    neurons.run(RunSteps(1), cfg)
    first = neurons.i.get()
    neurons.i.set(-values[::-1])
    neurons.run(RunSteps(1))
    found = np.stack([first, neurons.i.get()])
    neurons.stop()
    return found


def test_there_are_currents_that_are_rounded_up() -> None:
    assert len(rounded_up(0.3)) > 100
    assert len(rounded_up(0.4)) > 100


@pytest.mark.parametrize("delta", DELTAS, ids=repr)
def test_golden(delta: float) -> None:
    values = currents(delta)
    python = decayed(delta, values, Loihi2SimCfg(select_tag="fixed_pt"))
    chip = decayed(delta, values, HwRunCfg(device="golden", chip="default"))
    np.testing.assert_array_equal(chip, python)


def test_another_factor_for_each_neuron() -> None:
    values = currents(0.3)
    deltas = np.random.default_rng(4).choice([d for d in DELTAS if isinstance(d, float)], values.shape)
    python = decayed(deltas, values, Loihi2SimCfg(select_tag="fixed_pt"))
    chip = decayed(deltas, values, HwRunCfg(device="golden", chip="default"))
    np.testing.assert_array_equal(chip, python)


@pytest.mark.rtl
@pytest.mark.parametrize("delta", [0.3, 0.25])
def test_rtl(delta: float) -> None:
    values = currents(delta)[:200]
    python = decayed(delta, values, Loihi2SimCfg(select_tag="fixed_pt"))
    chip = decayed(delta, values, HwRunCfg(device="verilator", chip="test8", build="checked"))
    np.testing.assert_array_equal(chip, python)
