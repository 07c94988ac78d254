"""Neurons of the chip that serve connections which learn in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import (
    Dense,
    HwRunCfg,
    LearningDense,
    LearningLIF,
    Loihi2FLearningRule,
    Loihi2SimCfg,
    RunSteps,
    Source,
)
from lava_hw.compiler import CompileError
from lava_hw.proc.clp.prototype_lif.process import PrototypeLIF

STEPS = 25


def learnt(cfg: Any, cls: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Changes of weights, traces and states of neurons whose spikes go back to what drives them."""
    r = np.random.default_rng(8)
    spikes = (r.random((6, STEPS)) < 0.5).astype(int)
    rule = Loihi2FLearningRule(
        dw="x1*y0 - y1*x0", x1_impulse=20, x1_tau=5, y1_impulse=20, y1_tau=5, t_epoch=1, rng_seed=3
    )
    source = Source(data=spikes)
    fixed = Dense(weights=2 * r.integers(-20, 60, (4, 6)))
    plastic = LearningDense(weights=2 * r.integers(5, 30, (4, 6)), learning_rule=rule)
    neurons = cls(shape=(4,), vth=60, du=2000, dv=300, learning_rule=rule)
    source.s_out.connect(fixed.s_in)
    fixed.a_out.connect(neurons.a_in)
    source.s_out.connect(plastic.s_in)
    plastic.a_out.connect(neurons.a_in)
    neurons.s_out_bap.connect(plastic.s_in_bap)
    neurons.s_out_y1.connect(plastic.s_in_y1)
    if cls is PrototypeLIF:
        chosen = np.repeat(r.integers(0, 5, (1, STEPS)), 4, axis=0)
        Source(data=chosen).s_out.connect(neurons.a_third_factor_in)
    neurons.run(RunSteps(STEPS), cfg)
    found = {name: getattr(neurons, name).get() for name in ("u", "v", "y1", "y2")}
    found["change"] = plastic.weights.get() - plastic.weights.init
    neurons.stop()
    return found


@pytest.mark.parametrize("cls", [LearningLIF, PrototypeLIF])
def test_what_is_learnt_is_the_same(cls: Any) -> None:
    python = learnt(Loihi2SimCfg(select_tag="fixed_pt"), cls)
    chip = learnt(HwRunCfg(device="golden", chip="test8", require_chip=[cls]), cls)
    for name, value in python.items():
        np.testing.assert_array_equal(chip[name], value, name)
    assert np.any(python["change"]), "nothing was learnt"


def test_a_third_factor_of_the_same_step_is_refused() -> None:
    """In Python it may depend on the spikes of the step, for it is received last; not on the chip."""
    neurons = LearningLIF(shape=(4,), vth=2, name="neurons")
    neurons.s_out.connect(neurons.a_third_factor_in)
    with pytest.raises(CompileError, match="neurons"):
        neurons.run(RunSteps(2), HwRunCfg(device="golden", chip="test8"))
