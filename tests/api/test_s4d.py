"""S4d, SigmaS4dDelta and its layer, with numbers whose products are exact: no rounding is compared."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import RunSteps, Sink, Source
from lava_hw.proc.s4d.process import S4d, SigmaS4dDelta, SigmaS4dDeltaLayer
from tests.api.one_process import FLOAT, run

ROWS = np.random.default_rng(10).integers(-8, 9, (12, 4)).astype(float)
A = np.array([0.5 + 0.25j, -0.5, 0.25j, 0.5 - 0.5j])
B = np.array([1.0, 0.5j, 2.0, 1 - 1j])
C = np.array([0.5 - 1j, 1.0, 1j, 0.25])


def linear(rows, k, a=A, b=B, c=C, state=0j):
    """Outputs of system k in Python's own numbers, and its last state."""
    outputs = []
    for row in rows:
        state = complex(a[k]) * state + complex(b[k]) * row
        outputs.append(2 * (complex(c[k]) * state).real)
    return outputs, state


def test_s4d():
    got = run(S4d((4,), A, B, C, s4_state=np.array([0, 1, 2, 1j])), {"a_in": ROWS}, 12, FLOAT)
    for k, start in enumerate([0, 1, 2, 1j]):
        outputs, state = linear(ROWS[:, k], k, state=complex(start))
        assert got["s_out"][:, k].tolist() == outputs
        assert got["s4_state"][k] == state
    assert got["a"].tolist() == A.tolist()


def encoded(outputs, vth):
    """What the encoder of a sigma-delta neuron sends for these activations."""
    act = residue = 0.0
    sent = []
    for new in outputs:
        change = new - act + residue
        sent.append(change if abs(change) >= vth else 0.0)
        residue, act = change - sent[-1], new
    return sent


@pytest.mark.parametrize("part", [np.asarray, np.real])
def test_sigma_s4d_delta(part):
    """Complex systems too: Lava's model drops their imaginary parts."""
    a, b, c = part(A), part(B), part(C)
    got = run(SigmaS4dDelta((4,), 1.5, a, b, c, state_exp=1), {"a_in": ROWS}, 12, FLOAT)
    for k in range(4):
        outputs, state = linear(np.cumsum(ROWS[:, k]), k, a, b, c)
        assert got["s_out"][:, k].tolist() == encoded(outputs, 3.0)
        assert got["s4_state"][k] == state
    assert np.iscomplexobj(got["s4_state"]) == np.iscomplexobj(a)


def test_layer():
    """Two systems an input; their messages are added; two steps later than a SigmaS4dDelta."""
    layer = SigmaS4dDeltaLayer((2,), 1.0, A, B, C, d_states=2)
    source, sink = Source(data=ROWS[:, :2].T), Sink(shape=(2,), buffer=12)
    source.s_out.connect(layer.s_in)
    layer.a_out.connect(sink.a_in)
    with layer:
        layer.run(RunSteps(12), FLOAT)
        got, states, given = sink.data.get(), layer.s4_state.get(), layer.a.get()
    assert given.tolist() == A.tolist()
    assert layer.shape == (2,)
    for k in range(2):
        sums = np.concatenate([[0], np.cumsum(ROWS[:11, k])])
        parts = [linear(sums, 2 * k + j) for j in range(2)]
        added = np.add(*(encoded(outputs, 1.0) for outputs, _ in parts))
        assert got[k].tolist() == [0.0, *added[:11]]
        assert states[2 * k : 2 * k + 2].tolist() == [state for _, state in parts]


def test_a_complex_var_is_set_as_it_is_got():
    neurons = S4d((1,), 1j, 1, 1)
    with neurons:
        neurons.create_runtime(FLOAT)
        neurons.s4_state.set(np.array([2 + 3j]))
        assert neurons.s4_state.get() == [2 + 3j]
        neurons.run(RunSteps(1))
        assert neurons.s4_state.get() == [-3 + 2j]
