"""RF, RF_IZ, RFZero: integers in Python's own, floating point neuron by neuron."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import RunSteps, TernaryLIF
from lava_hw.errors import UndefinedValueError
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.rf.process import RF
from lava_hw.proc.rf_iz.process import RF_IZ
from tests.api.integers import INT32, SETTINGS, clip24, toward_zero, wrap32
from tests.api.one_process import FIXED, FLOAT, run

PAIRS = st.lists(
    st.one_of(st.tuples(INT32, INT32), st.tuples(st.integers(-400, 400), st.integers(-400, 400))),
    min_size=2,
    max_size=10,
)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(
    st.sampled_from([RF, RF_IZ]),
    PAIRS,
    st.floats(2, 60),
    st.floats(0, 1),
    st.integers(0, 8),
    st.one_of(st.integers(1, 16), st.integers(20, 28)),
    st.one_of(st.integers(-5, 200), st.floats(0, 50)),
)
def test_fixed(cls, pairs, period, alpha, state_exp, bits, vth):
    got = run(
        cls((1,), period, alpha, state_exp, bits, vth),
        dict(zip(("a_real_in", "a_imag_in"), zip(*pairs, strict=True), strict=True)),
        len(pairs),
    )
    angle = math.pi * 2 / period
    sin = int((1 - alpha) * float(np.sin(angle)) * 2**bits)
    cos = int((1 - alpha) * float(np.cos(angle)) * 2**bits)
    limit = int(vth * 2**state_exp)
    real = imag = 0
    spikes = []
    for a, b in pairs:
        re = toward_zero(cos * real, bits) - toward_zero(sin * imag, bits) + wrap32(a << state_exp)
        im = toward_zero(sin * real, bits) + toward_zero(cos * imag, bits) + wrap32(b << state_exp)
        re, im = clip24(re), clip24(im)
        if cls is RF:
            spike = re >= limit and im >= 0 and imag < 0
        else:
            spike = im >= limit
            re, im = (0, limit - 1) if spike else (re, im)
        real, imag = re, im
        spikes.append(int(spike))
    assert got["s_out"].ravel().tolist() == spikes
    assert (got["real"], got["imag"]) == ([real], [imag])


@pytest.mark.parametrize("cls", [RF, RF_IZ])
def test_float(cls):
    rng = np.random.default_rng(6)
    data = rng.normal(0, 1, (60, 2, 3))
    got = run(cls((3,), 9, 0.05, vth=1.5), {"a_real_in": data[:, 0], "a_imag_in": data[:, 1]}, 60, FLOAT)
    sin, cos = 0.95 * np.sin(math.pi * 2 / 9), 0.95 * np.cos(math.pi * 2 / 9)
    for k in range(3):
        real = imag = 0.0
        for t in range(60):
            re = cos * real - sin * imag + data[t, 0, k]
            im = sin * real + cos * imag + data[t, 1, k]
            if cls is RF:
                spike = re >= 1.5 and im >= 0 > imag
            else:
                spike = im >= 1.5
                re, im = (0.0, 1.5 - 1e-5) if spike else (re, im)
            real, imag = re, im
            assert got["s_out"][t, k] == spike
        assert (got["real"][k], got["imag"][k]) == (real, imag)
    assert 0 < got["s_out"].sum() < 90


def test_narrow_input_is_scaled_in_32_bits():
    """Spikes of eight bits, times 2^state_exp."""
    lif, rf = TernaryLIF(shape=(1,), bias_mant=1000, vth_hi=1), RF((1,), 10, 0.1, 20, 12)
    lif.s_out.connect(rf.a_real_in)
    with rf:
        rf.run(RunSteps(1), FIXED)
        assert rf.real.get() == [2**20]


def test_fixed_point_needs_bits():
    with pytest.raises(
        UndefinedValueError, match=r"RF_0\.\w+_decay=.* is not an integer.*give decay_bits above 0"
    ):
        run(RF((1,), 10, 0.1), {}, 1)


@SETTINGS
@given(PAIRS, st.floats(0, 500), st.floats(0.001, 10), st.sampled_from([0.001, 0.01]), st.integers(-5, 300))
def test_rf_zero(pairs, frequency, tau, dt, uth):
    got = run(
        RFZero((1,), frequency, tau, dt, uth),
        dict(zip(("u_in", "v_in"), zip(*pairs, strict=True), strict=True)),
        len(pairs),
    )
    amplitude, angle = float(np.exp(dt * (-1 / tau))), dt * frequency * math.pi * 2
    lct = int(amplitude * float(np.cos(angle)) * 2**15)
    lst = int(amplitude * float(np.sin(angle)) * 2**15)
    assert (got["lct"], got["lst"]) == ([lct], [lst])
    u = v = 0
    sent = []
    for a, b in pairs:
        new_u = wrap32((wrap32(u * lct) >> 15) - (wrap32(v * lst) >> 15) + a)
        new_v = wrap32((wrap32(v * lct) >> 15) + (wrap32(u * lst) >> 15) + b)
        sent.append(new_u if new_u > uth and new_v >= 0 > v else 0)
        u, v = new_u, new_v
    assert got["s_out"].ravel().tolist() == sent
    assert (got["u"], got["v"]) == ([u], [v])


def test_frequencies_for_each_neuron():
    both = RFZero(shape=(2,), freqs=np.array([50, 80]), decay_tau=np.array([0.1, 0.2]), uth=10)
    kick = np.zeros((40, 2), int)
    kick[0] = -3000
    got = run(both, {"v_in": kick}, 40)
    for k, (frequency, tau) in enumerate(((50, 0.1), (80, 0.2))):
        alone = run(RFZero((1,), frequency, tau, uth=10), {"v_in": kick[:, :1]}, 40)
        assert got["s_out"][:, k].tolist() == alone["s_out"].ravel().tolist()
        assert got["s_out"][:, k].any()
