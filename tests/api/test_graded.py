"""GradedVec, GradedReluVec, NormVecDelay, InvSqrt, ProdNeuron: integers in Python's own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import RunSteps, Sink, Source
from lava_hw.proc.graded.models import clz, inv_sqrt, make_fpinv_table
from lava_hw.proc.graded.process import GradedReluVec, GradedVec, InvSqrt, NormVecDelay, loihi2round
from lava_hw.proc.prodneuron.process import ProdNeuron
from tests.api.integers import INT32, SETTINGS, abs32, wrap32
from tests.api.one_process import FIXED, FLOAT, run

PAIRS = st.lists(st.tuples(INT32, INT32), min_size=2, max_size=8)
VTH = st.one_of(st.integers(-10, 300), INT32)


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(PAIRS, VTH)
def test_graded_vectors(rows, vth):
    magnitude = run(GradedVec((2,), vth), {"a_in": rows}, len(rows))
    rectified = run(GradedReluVec((2,), vth), {"a_in": rows}, len(rows))
    assert magnitude["s_out"].tolist() == [[a if abs32(a) > vth else 0 for a in row] for row in rows]
    assert rectified["s_out"].tolist() == [[a if a > vth else 0 for a in row] for row in rows]
    assert magnitude["v"].tolist() == rectified["v"].tolist() == [0, 0]


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(PAIRS, VTH)
def test_norm_vec_delay(pairs, vth):
    first, second = zip(*pairs, strict=True)
    got = run(NormVecDelay((1,), vth), {"a_in1": first, "a_in2": second}, len(pairs))
    held = 0
    for t, (a, b) in enumerate(pairs):
        product = wrap32(held * b)
        assert got["s2_out"][t] == [wrap32(a * a)]
        assert got["s_out"][t] == [product if abs32(product) > vth else 0]
        before, held = held, a
    assert (got["v"], got["v2"]) == ([held], [before])


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@SETTINGS
@given(PAIRS, VTH, st.integers(0, 31))
def test_prod_neuron(pairs, vth, exp):
    first, second = zip(*pairs, strict=True)
    got = run(ProdNeuron((1,), vth, exp), {"a_in1": first, "a_in2": second}, len(pairs))
    products = [wrap32(a * b) >> exp for a, b in pairs]
    assert got["s_out"].ravel().tolist() == [p if abs32(p) > vth else 0 for p in products]
    assert got["v"] == [0]


def inverse_root(x):
    """The equations of InvSqrt in Python's integers."""
    guess = 2 * int(2**12 / (2 ** ((x.bit_length() - 1 - 12) / 2) * 1.238982962))
    y, b = guess // 2, x
    for _ in range(5):
        b = (((b * guess) >> 13) * guess) >> 13
        guess = (3 << 12) - b
        y = (y * guess) >> 13
    return y


@SETTINGS
@given(st.lists(st.integers(0, 2**24 - 1), min_size=3, max_size=3))
def test_inv_sqrt(values):
    """Any shape; in Lava only one element, which this is for each of them."""
    got = run(InvSqrt((3,)), {"a_in": [values]}, 1)["s_out"][0]
    assert got.tolist() == [inverse_root(x) if x else 0 for x in values]


def test_inv_sqrt_is_an_inverse_square_root():
    values = np.arange(64, 2**24, 9973)
    exact = np.array([2**18 / math.sqrt(x) for x in values])
    assert np.all(np.abs(inv_sqrt(values) - exact) <= 2 + exact / 500)


def test_what_inv_sqrt_is_made_of():
    assert [int(clz(x)) for x in (1, 2, 3, 2**23 - 1, 2**23, 2**24 - 1)] == [23, 22, 22, 1, 0, 0]
    table = make_fpinv_table(12)
    assert table.shape == (24,)
    assert table[clz(2**12)] == 2 * int(2**12 / 1.238982962)
    assert int(inv_sqrt(4096)) == inverse_root(4096) == 4095


def test_inv_sqrt_refuses_negative_numbers():
    with pytest.raises(RuntimeError, match="a_in received -5; InvSqrt has no value for negative numbers"):
        run(InvSqrt((2,)), {"a_in": [[3, -5]]}, 1)


def test_inv_sqrt_float():
    got = run(InvSqrt((4,)), {"a_in": [[4.0, 0.25, 0.0, -1.0]]}, 1, FLOAT)["s_out"][0]
    assert got[:3].tolist() == [0.5, 2.0, math.inf]
    assert math.isnan(got[3])


def test_loihi2round():
    values = [-1.51, -1.5, -0.51, -0.5, -0.4, 0, 0.49, 0.5, 0.51, 1.5, 2.6]
    assert loihi2round(np.array(values)).tolist() == [-2, -2, -1, -1, 0, 0, 0, 1, 1, 2, 3]
    assert loihi2round(np.array(values)).dtype == np.dtype(int)


def test_a_value_given_to_v_is_added_to_the_next_input():
    vector, source = GradedVec(shape=(1,)), Source(data=np.array([[5, 5]]))
    source.s_out.connect(vector.a_in)
    sink = Sink(shape=(1,), buffer=2)
    vector.s_out.connect(sink.a_in)
    with vector:
        vector.run(RunSteps(1), FIXED)
        vector.v.set(np.array([37]))
        vector.run(RunSteps(1))
        assert sink.data.get().tolist() == [[5, 42]]


def test_without_a_tag_the_fixed_model_is_chosen():
    """The only one that Lava has."""
    assert run(GradedVec((1,)), {}, 1, FLOAT)["s_out"] == [[0]]
