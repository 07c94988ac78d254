"""LIFRefractory: our model in fixed point against Python's integers, and against that in floating point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw.graph.discover import find_models
from lava_hw.proc.lif.process import LIF, LIFRefractory
from tests.api.integers import INT32, SETTINGS, clip24, toward_zero, wrap24, wrap32
from tests.api.one_process import FIXED, FLOAT, run


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(
    st.fixed_dictionaries(
        {
            "du": st.integers(0, 4095),
            "dv": st.integers(0, 4096),
            "vth": st.one_of(st.integers(-3, 60), st.integers(0, 2**17 - 1)),
            "bias_mant": st.integers(-4096, 4095),
            "bias_exp": st.integers(0, 7),
        }
    ),
    st.integers(1, 4),
    st.lists(st.one_of(st.integers(-200, 400), INT32), min_size=4, max_size=16),
)
def test_fixed(p, period, inputs):
    neurons = LIFRefractory(shape=(1,), refractory_period=period, **p)
    got = run(neurons, {"a_in": inputs}, len(inputs))
    u = v = end = 0
    spikes = []
    for t, a in enumerate(inputs, start=1):
        u = wrap24(wrap32(toward_zero(u * (4095 - p["du"]), 12) + wrap32(a << 6)))
        if end < t:
            v = toward_zero(v * (4096 - p["dv"]), 12) + u + wrap32(p["bias_mant"] << p["bias_exp"])
            v = clip24(wrap32(v))
        spike = v > p["vth"] << 6
        if spike:
            v, end = 0, t + period
        spikes.append(int(spike))
    assert got["s_out"].ravel().tolist() == spikes
    assert (got["u"], got["v"], got["refractory_period_end"]) == ([u], [v], [end])


def test_float():
    """Rounded in the order of Lava's sum, which is not that of LIF."""
    rng = np.random.default_rng(11)
    data, bias = rng.normal(0, 3, (40, 3)), rng.normal(0, 1, 3)
    neurons = LIFRefractory(shape=(3,), du=0.3, dv=0.1, vth=2.0, bias_mant=bias, refractory_period=2)
    got = run(neurons, {"a_in": data}, 40, FLOAT)
    other_order = False
    for k in range(3):
        u = v = 0.0
        end = 0
        for t in range(1, 41):
            u = u * (1 - 0.3) + data[t - 1, k]
            if end < t:
                left_to_right = v * (1 - 0.1) + u + bias[k]
                v = v * (1 - 0.1) + (u + bias[k])
                other_order |= v != left_to_right
            spike = v > 2.0
            if spike:
                v, end = 0.0, t + 2
            assert got["s_out"][t - 1, k] == spike
        assert (got["u"][k], got["v"][k], got["refractory_period_end"][k]) == (u, v, end)
    assert other_order


def test_the_rest_is_that_of_the_model_in_floating_point():
    """Spikes at t, rests in t + 1 to t + period, integrates in t + period + 1: in both models."""
    inputs = np.full((20, 1), 8)
    fixed = run(LIFRefractory(shape=(1,), du=4095, dv=0, vth=20, refractory_period=3), {"a_in": inputs}, 20)
    floating = run(
        LIFRefractory(shape=(1,), du=1, dv=0, vth=20, refractory_period=3), {"a_in": inputs}, 20, FLOAT
    )
    assert fixed["s_out"].ravel().tolist() == floating["s_out"].ravel().tolist()
    assert np.flatnonzero(fixed["s_out"]).tolist() == [2, 8, 14]


def test_without_a_spike_it_is_lif():
    data = np.random.default_rng(7).integers(-50, 50, (30, 5))
    options = {"shape": (5,), "du": 300, "dv": 100, "vth": 2**17 - 1, "bias_mant": 3}
    ours = run(LIFRefractory(**options), {"a_in": data}, 30)
    lif = run(LIF(**options), {"a_in": data}, 30)
    assert ours["v"].tolist() == lif["v"].tolist()


def test_which_model():
    process = LIFRefractory(shape=(1,))
    models = find_models(LIFRefractory)
    assert FLOAT.select(process, models).__name__ == "PyLifRefractoryModelFloat"  # as in Lava
    assert FIXED.select(process, models).__name__ == "PyLifRefractoryModelFixed"
    assert "bit_accurate_loihi" not in FIXED.select(process, models).tags
