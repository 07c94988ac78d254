"""Neurons of the chip exactly at their thresholds, one below and one above; conditions that seldom meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    ATRLIF,
    IF,
    LIF,
    RF,
    RF_IZ,
    HwRunCfg,
    LIFRefractory,
    LIFReset,
    LIFSubtract,
    Loihi2SimCfg,
    RFZero,
    RunSteps,
    Sink,
    TernaryLIF,
)
from lava_hw.proc.graded.process import GradedReluVec, GradedVec
from lava_hw.proc.sdn.process import ActivationMode, Delta, SigmaDelta
from lava_hw.proc.spiker.process import Spiker

PYTHON, GOLDEN = Loihi2SimCfg(select_tag="fixed_pt"), HwRunCfg(device="golden", chip="test8")
STILL = {"shape": (3,), "du": 0, "dv": 0}


def sent(process: Any, sets: dict[str, Any], cfg: Any, steps: int = 1) -> list[list[int]]:
    """What is sent in each step, where Vars are set before the first one."""
    sink = Sink(shape=process.s_out.shape, buffer=steps)
    process.s_out.connect(sink.a_in)
    process.create_runtime(cfg)
    for var, values in sets.items():
        getattr(process, var).set(np.array(values))
    process.run(RunSteps(steps))
    found: list[list[int]] = sink.data.get().astype(int).T.tolist()
    process.stop()
    return found


# Without input a voltage stays as it was set, so these are one below a threshold, there, and one above.
CASES: dict[str, tuple[Callable[[], Any], dict[str, Any], list[int]]] = {
    "LIF": (lambda: LIF(**STILL, vth=2), {"v": [127, 128, 129]}, [0, 0, 1]),
    "LIFReset": (lambda: LIFReset(**STILL, vth=2, reset_interval=9), {"v": [127, 128, 129]}, [0, 0, 1]),
    "LIFRefractory": (lambda: LIFRefractory(**STILL, vth=2), {"v": [127, 128, 129]}, [0, 0, 1]),
    "TernaryLIF above": (lambda: TernaryLIF(**STILL, vth_hi=2), {"v": [127, 128, 129]}, [0, 0, 1]),
    "TernaryLIF below": (lambda: TernaryLIF(**STILL, vth_lo=-2), {"v": [-127, -128, -129]}, [0, 0, -1]),
    "ATRLIF": (
        lambda: ATRLIF(shape=(3,), delta_v=0.0, delta_i=0.0, delta_theta=0.0, delta_r=0.0, theta_0=2),
        {"v": [127 + 9, 128 + 9, 129 + 9], "r": [9, 9, 9]},
        [0, 1, 1],
    ),
    "RF real": (
        lambda: RF((3,), period=4, alpha=0, decay_bits=1, vth=50),
        {"real": [0, 0, 0], "imag": [-49, -50, -51]},  # a quarter turn: real = -imag, imag = real
        [0, 1, 1],
    ),
    "RF imaginary": (
        lambda: RF((3,), period=4, alpha=0, decay_bits=1, vth=5),
        {"real": [-1, 0, 1], "imag": [-50, -50, -50]},
        [0, 1, 1],
    ),
    "RF before": (
        lambda: RF((3,), period=4, alpha=0, decay_bits=1, vth=-9),
        {"real": [5, 5, 5], "imag": [-1, 0, 1]},
        [1, 0, 0],
    ),
    "RF_IZ": (
        lambda: RF_IZ((3,), period=4, alpha=0, decay_bits=1, vth=50),
        {"real": [49, 50, 51], "imag": [0, 0, 0]},
        [0, 1, 1],
    ),
    "LIFSubtract": (lambda: LIFSubtract(**STILL, vth=2), {"v": [127, 128, 129]}, [0, 0, 1]),
    "Delta": (lambda: Delta(shape=(3,), vth=5), {"act": [4, 5, 6]}, [0, -5, -6]),
    "Delta errors": (
        lambda: Delta(shape=(3,), vth=5, cum_error=True),
        {"error": [3, 4, 5], "act": [-1] * 3},
        [0, 1, 1],
    ),
    "Delta least": (lambda: Delta(shape=(3,), vth=1), {"residue": [1, -1, -(2**31)]}, [1, -1, 0]),
    "Delta floors": (lambda: Delta(shape=(3,), vth=0, state_exp=2), {"residue": [7, -1, -5]}, [1, -1, -2]),
    "SigmaDelta": (lambda: SigmaDelta(shape=(3,), vth=5, bias=-9), {"sigma": [13, 14, 8]}, [0, 5, 0]),
    "SigmaDelta unit": (
        lambda: SigmaDelta(shape=(3,), vth=5, bias=-9, act_mode=ActivationMode.UNIT),
        {"sigma": [13, 14, 4]},
        [0, 5, -5],
    ),
    "GradedVec": (lambda: GradedVec((4,), vth=5), {"v": [5, 6, -5, -6]}, [0, 6, 0, -6]),
    "GradedVec least": (lambda: GradedVec((2,), vth=-1), {"v": [-(2**31), 0]}, [0, 0]),
    "GradedReluVec": (lambda: GradedReluVec((4,), vth=-3), {"v": [5, -2, -3, -4]}, [5, -2, 0, 0]),
    "Spiker": (lambda: Spiker(shape=(3,), period=2, payload=7), {"counter": [1, 2, 3]}, [0, 7, 0]),
    "IF": (lambda: IF(shape=(3,), vth=2, input_shift=0), {"v": [1, 2, 3]}, [0, 0, 1]),
}


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
@pytest.mark.parametrize("case", CASES)
def test_at_the_threshold(case: str) -> None:
    make, sets, wanted = CASES[case]
    assert sent(make(), sets, PYTHON) == [wanted]
    assert sent(make(), sets, GOLDEN) == [wanted]


def test_rf_zero_at_its_threshold() -> None:
    """A quarter turn: u = -v, v = u, from v below 0 to v of at least 0, and u above the threshold."""

    def make() -> Any:
        return RFZero((4,), freqs=250.0, decay_tau=1e12, uth=50)

    sets = {"u": [0, 0, -1, 0], "v": [-50, -51, -60, 0], "lct": [0] * 4, "lst": [1 << 15] * 4}
    wanted = [[0, 51, 0, 0]]
    assert sent(make(), sets, PYTHON) == wanted
    assert sent(make(), sets, GOLDEN) == wanted


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
def test_at_the_least_of_32_bits() -> None:
    """The magnitude of -2^31 is below 0 in 32 bits: such a change clears no error."""
    errors = []
    for cfg in (PYTHON, GOLDEN):
        cells = Delta(shape=(2,), vth=0, cum_error=True)
        cells.create_runtime(cfg)
        cells.error.set(np.array([-(2**31) + 5, 4]))
        cells.residue.set(np.array([-(2**31), 3]))
        cells.run(RunSteps(1))
        errors.append((cells.error.get().tolist(), cells.residue.get().tolist()))
        cells.stop()
    assert errors[0] == errors[1] == ([5, 0], [0, 0])


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")
def test_thresholds_that_cross() -> None:
    """Above the high and below the low threshold at once, TernaryLIF sends nothing and keeps its voltage."""
    sets = {"v": [0, 700, -700], "vth_hi": [-10], "vth_lo": [10]}
    for cfg in (PYTHON, GOLDEN):
        assert sent(TernaryLIF(**STILL), sets, cfg, steps=2) == [[0, 1, -1], [0, 0, 0]]
