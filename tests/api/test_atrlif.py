"""ATRLIF: integers in Python's own, floating point neuron by neuron, its odd corners."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import RunSteps, Source
from lava_hw.proc.atrlif.process import ATRLIF
from tests.api.integers import INT32, SETTINGS, clip24, toward_zero, wrap24, wrap32
from tests.api.one_process import FIXED, FLOAT, run

DELTA = st.one_of(st.sampled_from([0.0, 0.1, 0.4, 1.0]), st.floats(0, 1))


def fixed_step(state, a, p, theta_0, theta_step):
    """One step of one neuron: i, v, theta, r, spike."""
    i, v, theta, r, _ = state
    # The only float: the product with the current's factor is rounded to 53 bits before it is truncated.
    i = wrap24(wrap32(toward_zero(int(float(i) * (4096 - (p["delta_i"] * 4096 + 1))), 12) + 64 * a))
    keep = {name: int(4096 - p[name] * 4096) for name in ("delta_v", "delta_theta", "delta_r")}
    bias = wrap32(p["mant"] << p["exp"]) if p["exp"] >= 0 else p["mant"] >> -p["exp"]
    v = clip24(wrap32(toward_zero(v * keep["delta_v"], 12) + i + bias))
    theta = wrap32(toward_zero(wrap32(theta - theta_0) * keep["delta_theta"], 12) + theta_0)
    r = toward_zero(r * keep["delta_r"], 12)
    spike = wrap32(v - r) >= theta
    if spike:
        r, theta = wrap32(r + 2 * theta), wrap32(theta + theta_step)
    return i, v, theta, r, int(spike)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(
    st.fixed_dictionaries(
        {
            "delta_i": DELTA,
            "delta_v": DELTA,
            "delta_theta": DELTA,
            "delta_r": DELTA,
            "mant": st.integers(-4096, 4095),
            "exp": st.integers(-3, 7),
        }
    ),
    st.one_of(st.floats(-50, 5000), st.integers(-50, 5000)),
    st.one_of(st.floats(-5, 4e6), st.just(3.75)),
    st.lists(st.tuples(*[INT32] * 4), min_size=1, max_size=3),
    st.lists(INT32, min_size=3, max_size=9),
)
def test_fixed(p, theta_0, theta_step, start, inputs):
    n, steps = len(start), len(inputs)
    data = np.array([[wrap32(a * (k + 1)) for k in range(n)] for a in inputs])
    neurons = ATRLIF(
        shape=(n,),
        **dict(zip(("i", "v", "theta", "r"), np.array(start).T, strict=True)),
        **{name: p[name] for name in ("delta_i", "delta_v", "delta_theta", "delta_r")},
        theta_0=theta_0,
        theta_step=theta_step,
        bias_mant=p["mant"],
        bias_exp=p["exp"],
    )
    got = run(neurons, {"a_in": data}, steps)
    for k in range(n):
        rest, step = int(theta_0 * 64), wrap32(int(theta_step * 64))
        state = (start[k][0], start[k][1], rest, start[k][3], 0)  # the given theta is lost in step 1
        for t in range(steps):
            state = fixed_step(state, int(data[t, k]), p, rest, step)
            assert got["s_out"][t, k] == state[4]
        assert tuple(int(got[name][k]) for name in ("i", "v", "theta", "r", "s")) == state


def test_float():
    """Dyadic parameters: each product is exact."""
    rng = np.random.default_rng(3)
    data = rng.integers(-4, 9, (30, 3)).astype(float)
    parameters = {"delta_i": 0.5, "delta_v": 0.25, "delta_theta": 0.125, "delta_r": 0.5}
    neurons = ATRLIF(
        shape=(3,), theta=[6, 7.5, 8], theta_0=5, theta_step=1.5, bias_mant=0.25, bias_exp=9, **parameters
    )
    got = run(neurons, {"a_in": data}, 30, FLOAT)
    for k, theta in enumerate((6, 7.5, 8)):
        i = v = r = 0.0
        for t in range(30):
            i = i / 2 + data[t, k]
            v = v * 0.75 + i + 0.25  # bias_exp has no meaning here
            theta = (theta - 5) * 0.875 + 5
            r = r / 2
            spike = v - r >= theta
            if spike:
                r, theta = r + 2 * theta, theta + 1.5
            assert got["s_out"][t, k] == spike
        assert (got["i"][k], got["v"][k], got["theta"][k], got["r"][k]) == (i, v, theta, r)
    assert 0 < got["s_out"].sum() < 90


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
def test_an_integer_delta_i_wraps_the_product():
    """As in Lava; 0.0 does not."""
    for delta, wraps in ((0, True), (0.0, False)):
        neurons = ATRLIF(shape=(1,), i=600_000, delta_i=delta, theta_0=10**6)
        got = run(neurons, {"a_in": [[0]]}, 1)
        product = 600_000 * 4095
        assert got["i"] == [toward_zero(wrap32(product) if wraps else product, 12)]


def test_parameters_for_each_neuron():
    both = ATRLIF(shape=(2,), delta_v=np.array([0.25, 0.75]), theta_0=np.array([5, 9]), theta_step=0)
    got = run(both, {"a_in": [[4, 4]] * 5}, 5)
    for k, (delta, rest) in enumerate(((0.25, 5), (0.75, 9))):
        alone = run(ATRLIF(shape=(1,), delta_v=delta, theta_0=rest, theta_step=0), {"a_in": [[4]] * 5}, 5)
        assert [got[name][k] for name in ("i", "v", "theta", "r")] == [
            alone[name][0] for name in ("i", "v", "theta", "r")
        ]


def test_thresholds_are_scaled_in_step_1_only():
    neurons, source = ATRLIF(shape=(1,), theta_0=5), Source(data=np.zeros((1, 3), int))
    source.s_out.connect(neurons.a_in)
    with neurons:
        neurons.run(RunSteps(1), FIXED)
        assert (neurons.theta_0.get(), neurons.theta_step.get()) == ([320], [240])
        neurons.run(RunSteps(1))
        assert (neurons.theta_0.get(), neurons.theta.get()) == ([320], [320])


def test_values_that_are_no_integers_are_refused():
    from lava_hw.proc.io.source import PySendModelFloat

    neurons, source = ATRLIF(shape=(1,)), Source(data=np.array([[0.5]]))
    source.s_out.connect(neurons.a_in)
    cfg = type(FIXED)(select_tag="fixed_pt", exception_proc_model_map={source: PySendModelFloat})
    with neurons, pytest.raises(RuntimeError, match="a_in received float64 values that are no integers"):
        neurons.run(RunSteps(1), cfg)
