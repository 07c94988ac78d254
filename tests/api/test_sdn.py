"""Sigma, Delta, SigmaDelta: integers in Python's own, floating point neuron by neuron."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import CPU, LoihiProtocol, Source, implements, requires, tag
from lava_hw.proc.sdn.models import PySigmaDeltaModelFloat, ReLU
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from tests.api.integers import INT32, SETTINGS, abs32, wrap32
from tests.api.one_process import FLOAT, run

ROWS = st.integers(1, 3).flatmap(
    lambda n: st.lists(st.lists(INT32, min_size=n, max_size=n), min_size=2, max_size=8)
)


class Encoder:
    """One neuron of the encoder, in integers of 32 bits or in floats."""

    def __init__(self, vth, cumulative, wrap, magnitude):
        self.vth, self.cumulative, self.wrap, self.magnitude = vth, cumulative, wrap, magnitude
        self.act = self.residue = self.error = 0

    def step(self, act):
        change = self.wrap(self.wrap(act - self.act) + self.residue)
        tested = change
        if self.cumulative:
            tested = self.error = self.wrap(self.error + change)
        out = change if self.magnitude(tested) >= self.vth else 0
        if self.cumulative and self.magnitude(out) > 0:
            self.error = 0
        self.residue = self.wrap(change - out)
        self.act = act
        return out


@SETTINGS
@given(ROWS)
def test_sigma(rows):
    got = run(Sigma(shape=(len(rows[0]),)), {"a_in": rows}, len(rows))
    sums = [0] * len(rows[0])
    for t, row in enumerate(rows):
        sums = [wrap32(s + a) for s, a in zip(sums, row, strict=True)]
        assert got["s_out"][t].tolist() == sums
    assert got["sigma"].tolist() == sums


@SETTINGS
@given(ROWS, st.integers(-5, 2**12), st.booleans(), st.integers(0, 6), st.integers(0, 5))
def test_delta(rows, vth, cumulative, spike_exp, state_exp):
    delta = Delta(
        shape=(len(rows[0]),), vth=vth, cum_error=cumulative, spike_exp=spike_exp, state_exp=state_exp
    )
    got = run(delta, {"a_in": rows}, len(rows))
    shift = spike_exp + state_exp
    for k in range(len(rows[0])):
        encoder = Encoder(wrap32(vth << shift), cumulative, wrap32, abs32)
        for t, row in enumerate(rows):
            assert got["s_out"][t, k] == encoder.step(wrap32(row[k] << shift)) >> state_exp
        assert (got["act"][k], got["residue"][k], got["error"][k]) == (
            encoder.act,
            encoder.residue,
            encoder.error,
        )


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(
    ROWS,
    st.one_of(st.integers(0, 2**12), st.floats(0, 100)),
    st.one_of(INT32, st.floats(-100, 100)),
    st.sampled_from(list(ActivationMode)),
    st.booleans(),
    st.integers(0, 5),
)
def test_sigma_delta(rows, vth, bias, mode, cumulative, state_exp):
    if abs(bias) >= 2 ** (31 - state_exp):
        bias = 1  # what a constructor is given must fit
    neurons = SigmaDelta(
        shape=(len(rows[0]),), vth=vth, bias=bias, act_mode=mode, cum_error=cumulative, state_exp=state_exp
    )
    got = run(neurons, {"a_in": rows}, len(rows))
    offset = int(bias * (1 << state_exp))
    for k in range(len(rows[0])):
        encoder, sigma = Encoder(int(vth * (1 << state_exp)), cumulative, wrap32, abs32), 0
        for t, row in enumerate(rows):
            sigma = wrap32(sigma + row[k])
            act = wrap32(sigma + offset)
            act = max(act, 0) if mode == ActivationMode.RELU else act
            assert got["s_out"][t, k] == encoder.step(act) >> state_exp
        assert (got["sigma"][k], got["act"][k]) == (sigma, encoder.act)
        assert (got["residue"][k], got["error"][k]) == (encoder.residue, encoder.error)


@pytest.mark.parametrize("cumulative", [False, True])
def test_float(cumulative):
    """Quarters: sums are exact. Exponents scale threshold and bias, and nothing else."""
    rows = np.random.default_rng(4).integers(-20, 21, (40, 3)) / 4
    got = run(Delta(shape=(3,), vth=0.5, cum_error=cumulative, state_exp=2), {"a_in": rows}, 40, FLOAT)
    both = run(
        SigmaDelta(shape=(3,), vth=1.5, bias=0.25, cum_error=cumulative, spike_exp=1),
        {"a_in": rows},
        40,
        FLOAT,
    )
    sums = run(Sigma(shape=(3,)), {"a_in": rows}, 40, FLOAT)
    for k in range(3):
        alone = Encoder(2.0, cumulative, float, abs)
        after, sigma = Encoder(3.0, cumulative, float, abs), 0.0
        for t in range(40):
            assert got["s_out"][t, k] == alone.step(rows[t, k])
            sigma += rows[t, k]
            assert both["s_out"][t, k] == after.step(max(sigma + 0.5, 0.0))
            assert sums["s_out"][t, k] == sigma
        assert (both["act"][k], both["residue"][k], both["error"][k]) == (
            after.act,
            after.residue,
            after.error,
        )
    assert np.any(got["s_out"] == 0)
    assert np.any(got["s_out"] != 0)


def test_the_sum_of_what_a_delta_sends_is_what_it_got():
    """Sigma after Delta is never further from the input than the threshold."""
    rows = np.random.default_rng(5).integers(-1000, 1000, (50, 4))
    delta, sigma = Delta(shape=(4,), vth=100), Sigma(shape=(4,))
    delta.s_out.connect(sigma.a_in)
    Source(data=rows.T).s_out.connect(delta.a_in)
    got = run(sigma, {}, 50)
    assert np.abs(got["s_out"] - rows).max() < 100


def test_other_activations_are_refused():
    neurons = SigmaDelta(shape=(1,), vth=1, act_mode=7)
    with pytest.raises(RuntimeError, match="act_mode=7 has no activation; use "):
        run(neurons, {"a_in": [[1]]}, 1)


@pytest.mark.parametrize("cls", [Delta, SigmaDelta])
def test_negative_exponents_are_refused(cls):
    with pytest.raises(ValueError, match=rf"{cls.__name__}: spike_exp \+ state_exp must be >= 0"):
        cls(shape=(1,), vth=1, spike_exp=1, state_exp=-2)


def test_a_derived_model_has_its_own_activation():
    """What networks of other libraries do."""

    class Squared(SigmaDelta):
        pass

    @implements(proc=Squared, protocol=LoihiProtocol)
    @requires(CPU)
    @tag("floating_pt")
    class SquaredModel(PySigmaDeltaModelFloat):
        def activation_dynamics(self, sigma_data):
            return sigma_data**2

    got = run(Squared(shape=(1,), vth=0), {"a_in": [[1.0], [1.0], [1.0]]}, 3, FLOAT)
    assert got["s_out"].ravel().tolist() == [1, 3, 5]
    assert Squared(shape=(2, 3), vth=1).shape == (2, 3)


def test_relu_of_arrays_and_lists() -> None:
    assert ReLU(np.array([-3, 0, 5], np.int32)).tolist() == [0, 0, 5]
    assert ReLU([-0.5, 0.25]).tolist() == [0.0, 0.25]
