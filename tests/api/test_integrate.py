"""Our own integrators: fixed point against Python's integers, floating point, ranges, arguments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw.errors import UndefinedValueError
from lava_hw.proc.integrate.process import IF, LeakyIntegrator, LIFSubtract
from tests.api.integers import INT32, SETTINGS, clip24, toward_zero
from tests.api.one_process import FLOAT, run

MOST = 2**23 - 1
STATE = st.one_of(st.integers(-MOST, MOST), st.integers(-300, 300), st.sampled_from([-MOST, MOST]))
DECAY = st.one_of(st.integers(0, 4096), st.sampled_from([0, 1, 4095, 4096]))
LEAKY = {"u": STATE, "v": STATE, "du": DECAY, "dv": DECAY, "bias": STATE}
SPIKES = {
    "vth": st.one_of(st.integers(0, 60), st.integers(0, MOST)),
    "reset": st.sampled_from(["subtract", "zero"]),
}
INPUTS = st.lists(st.one_of(st.integers(-200, 400), INT32), min_size=3, max_size=14)
SHIFT = st.integers(0, 6)


def leaky(u, v, a, p, shift):
    u = clip24(toward_zero(u * (4096 - p["du"]), 12) + (a << shift))
    return u, clip24(toward_zero(v * (4096 - p["dv"]), 12) + u + p["bias"])


def fire(v, p, shift):
    """A spike, and v after it."""
    threshold = p["vth"] << shift
    if v <= threshold:
        return 0, v
    return 1, 0 if p["reset"] == "zero" else v - threshold


@SETTINGS
@given(st.fixed_dictionaries(LEAKY | SPIKES), SHIFT, INPUTS)
def test_lif_with_reset_by_subtraction(p, shift, inputs):
    got = run(LIFSubtract(shape=(1,), input_shift=shift, **p), {"a_in": inputs}, len(inputs))
    u, v, sent = p["u"], p["v"], []
    for a in inputs:
        u, v = leaky(u, v, a, p, shift)
        spike, v = fire(v, p, shift)
        sent.append(spike)
    assert got["s_out"].ravel().tolist() == sent
    assert (got["u"], got["v"]) == ([u], [v])


@SETTINGS
@given(st.fixed_dictionaries({"v": STATE, "bias": STATE} | SPIKES), SHIFT, INPUTS)
def test_if_without_leak(p, shift, inputs):
    got = run(IF(shape=(1,), input_shift=shift, **p), {"a_in": inputs}, len(inputs))
    v, sent = p["v"], []
    for a in inputs:
        spike, v = fire(clip24(v + (a << shift) + p["bias"]), p, shift)
        sent.append(spike)
    assert got["s_out"].ravel().tolist() == sent
    assert got["v"] == [v]


@SETTINGS
@given(st.fixed_dictionaries(LEAKY), SHIFT, INPUTS)
def test_leaky_integrator_sends_its_voltage(p, shift, inputs):
    got = run(LeakyIntegrator(shape=(1,), input_shift=shift, **p), {"a_in": inputs}, len(inputs))
    u, v, sent = p["u"], p["v"], []
    for a in inputs:
        u, v = leaky(u, v, a, p, shift)
        sent.append(v)
    assert got["s_out"].ravel().tolist() == sent


def test_in_floating_point():
    rng = np.random.default_rng(5)
    data, bias = rng.normal(0, 3, (40, 3)), rng.normal(0, 1, 3)
    soft = run(LIFSubtract(shape=(3,), du=0.3, dv=0.1, vth=2.0, bias=bias), {"a_in": data}, 40, FLOAT)
    plain = run(IF(shape=(3,), vth=2.0, bias=bias, reset="zero"), {"a_in": data}, 40, FLOAT)
    sends = run(LeakyIntegrator(shape=(3,), du=0.3, dv=0.1, bias=bias), {"a_in": data}, 40, FLOAT)
    u, v, w, x = (np.zeros(3) for _ in range(4))
    for t in range(40):
        u = u * (1 - 0.3) + data[t]
        v = v * (1 - 0.1) + u + bias
        w = w + data[t] + bias
        x = x * (1 - 0.1) + u + bias
        assert soft["s_out"][t].tolist() == (v > 2).tolist()
        assert plain["s_out"][t].tolist() == (w > 2).tolist()
        assert sends["s_out"][t].tolist() == x.tolist()
        v = np.where(v > 2, v - 2, v)
        w = np.where(w > 2, 0, w)
    assert soft["s_out"].any()
    assert plain["s_out"].any()
    assert (soft["v"].tolist(), plain["v"].tolist()) == (v.tolist(), w.tolist())


def test_a_shift_less_needs_fewer_bits():
    """16-bit weights overflow 24 bits with Lava's shift of 6 and not with 3."""
    drive = {"a_in": [150_000, 0, 0]}
    wide = run(LIFSubtract(shape=(1,), du=4096, vth=100_000, input_shift=3), drive, 3)
    assert wide["v"].tolist() == [(150_000 - 100_000) * 8]
    narrow = run(LIFSubtract(shape=(1,), du=4096, vth=100_000, input_shift=6), drive, 3)
    assert narrow["v"].tolist() == [MOST - 100_000 * 64]


@pytest.mark.parametrize(
    ("var", "bad"),
    [
        ("u", MOST + 1),
        ("v", -MOST - 1),
        ("du", -1),
        ("dv", 4097),
        ("bias", 2**23),
        ("vth", -1),
        ("vth", 2**23),
    ],
)
def test_ranges_are_strict(var, bad):
    neurons = LIFSubtract(shape=(2,), **{var: bad})
    with pytest.raises(UndefinedValueError, match=rf"{var}: the value is {bad}"):
        run(neurons, {}, 1)


def test_arguments_are_named():
    with pytest.raises(ValueError, match="IF: input_shift=7 is no integer from 0 to 6"):
        IF(shape=(2,), input_shift=7)
    with pytest.raises(ValueError, match="LIFSubtract: reset='soft' is unknown; give 'subtract'"):
        LIFSubtract(shape=(2,), reset="soft")
    with pytest.raises(
        ValueError, match=r"LeakyIntegrator: dv has the shape \(3,\); give one number, or an array"
    ):
        LeakyIntegrator(shape=(2,), dv=[1, 2, 3])
