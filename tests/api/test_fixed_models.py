"""Fixed-point LIF and Dense against the equations in Python's integers, over and beyond their ranges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw import LIF, Dense, Loihi2SimCfg, RunSteps, SignMode, Sink, Source
from lava_hw.errors import UndefinedValueError
from lava_hw.proc.lif.arithmetic import decay, shift_bias, wrap_current

# The numbers go to the limits, and beyond what Loihi has, by intent.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

CFG = Loihi2SimCfg(select_tag="fixed_pt")
SETTINGS = settings(max_examples=60, deadline=None, database=None)
INT32 = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-300, 300),
    st.sampled_from([2**23, 2**23 - 1, 2**23 + 1, 3 * 2**23, 2**24, 2**30]).flatmap(
        lambda n: st.sampled_from([n, -n])
    ),
)


def wrap32(x):
    return (x + 2**31) % 2**32 - 2**31


def toward_zero(x, shift):
    return (1 if x >= 0 else -1) * (abs(x) >> shift)


def bias_of(mant, exp):
    return wrap32(mant << exp) if exp >= 0 else mant >> -exp


def lif_step(u, v, a, p):
    """One step of one neuron: (u, v, spike)."""
    u = wrap32(toward_zero(u * (4096 - (p["du"] + 1)), 12) + (a << 6))
    if u > 2**23:
        u -= 2**24
    elif u <= -(2**23):
        u += 2**24
    v = wrap32(toward_zero(v * (4096 - p["dv"]), 12) + u + bias_of(p["mant"], p["exp"]))
    v = min(max(v, -(2**23 - 1)), 2**23 - 1)
    spike = v > p["vth"] << 6
    return u, 0 if spike else v, int(spike)


PARAMETERS = st.fixed_dictionaries(
    {
        "du": st.one_of(st.integers(0, 4095), st.integers(-5000, 9000)),
        "dv": st.one_of(st.integers(0, 4096), st.integers(-5000, 9000)),
        "vth": st.one_of(st.integers(-10, 300), st.integers(-(2**20), 2**20)),
        "mant": st.one_of(st.integers(-4096, 4095), st.integers(-(2**15), 2**15 - 1)),
        "exp": st.one_of(st.integers(0, 7), st.integers(-20, 35)),
    }
)


@SETTINGS
@given(
    PARAMETERS,
    st.lists(st.tuples(INT32, INT32), min_size=1, max_size=4),
    st.lists(INT32, min_size=4, max_size=12),
)
def test_lif(p, start, inputs):
    n, steps = len(start), len(inputs)
    data = np.array([[wrap32(a * (k + 1)) for a in inputs] for k in range(n)], dtype=np.int64)
    lif = LIF(
        shape=(n,),
        u=[u for u, _ in start],
        v=[v for _, v in start],
        du=p["du"],
        dv=p["dv"],
        vth=p["vth"],
        bias_mant=p["mant"],
        bias_exp=p["exp"],
    )
    source, sink = Source(data=data), Sink(shape=(n,), buffer=steps)
    source.s_out.connect(lif.a_in)
    lif.s_out.connect(sink.a_in)
    with lif:
        lif.run(RunSteps(steps), CFG)
        u, v, spikes = lif.u.get(), lif.v.get(), sink.data.get()
    for k in range(n):
        state = start[k]
        expected = []
        for a in data[k]:
            *state, spike = lif_step(*state, int(a), p)
            expected.append(spike)
        assert (int(u[k]), int(v[k])) == tuple(state)
        assert spikes[k].tolist() == expected


@SETTINGS
@given(
    st.lists(INT32, min_size=1, max_size=40),
    st.one_of(st.integers(-(2**13), 2**13), st.integers(-(2**30), 2**30)),
)
def test_decay(values, factor):
    got = decay(np.array(values, dtype=np.int32), factor)
    assert got.tolist() == [toward_zero(x * factor, 12) for x in values]


@SETTINGS
@given(st.lists(INT32, min_size=1, max_size=40))
def test_wrap_current(values):
    array = np.array(values, dtype=np.int32)
    wrap_current(array)
    expected = [x - 2**24 if x > 2**23 else x + 2**24 if x <= -(2**23) else x for x in values]
    assert array.tolist() == expected


@SETTINGS
@given(st.lists(st.tuples(st.integers(-(2**15), 2**15 - 1), st.integers(-40, 40)), min_size=1, max_size=20))
def test_shift_bias(pairs):
    mant = np.array([m for m, _ in pairs], dtype=np.int16)
    exp = np.array([e for _, e in pairs], dtype=np.int16)
    assert shift_bias(mant, exp).tolist() == [bias_of(m, e) for m, e in pairs]


def stored_weight(w, mode, bits):
    """Clipped to 8 bits, truncated to `bits`."""
    sign = -1 if mode == SignMode.INHIBITORY else 1
    low = -256 if mode == SignMode.MIXED else 0
    w = min(max(sign * w, low), 255)
    shift = 8 - bits + (mode == SignMode.MIXED)
    return sign * ((w >> shift) << shift)


@SETTINGS
@given(st.data())
def test_dense(data):
    n_out, n_in = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 6))
    weight = data.draw(st.sampled_from([st.integers(-400, 400), st.integers(0, 400), st.integers(-400, 0)]))
    weights = np.array(data.draw(st.lists(weight, min_size=n_out * n_in, max_size=n_out * n_in)))
    weights = weights.reshape(n_out, n_in)
    mode = data.draw(st.sampled_from([None, SignMode.MIXED, SignMode.EXCITATORY, SignMode.INHIBITORY]))
    bits, exponent = data.draw(st.integers(0, 8)), data.draw(st.integers(-10, 20))
    graded = data.draw(st.booleans())
    value = INT32 if graded else st.one_of(st.sampled_from([0, 0, 1]), INT32)
    steps = data.draw(st.integers(2, 6))
    inputs = np.array([data.draw(st.lists(value, min_size=steps, max_size=steps)) for _ in range(n_in)])
    options = {} if mode is None else {"sign_mode": mode}
    dense = Dense(
        weights=weights, weight_exp=exponent, num_weight_bits=bits, num_message_bits=16 * graded, **options
    )
    source, sink = Source(data=inputs), Sink(shape=(n_out,), buffer=steps)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(sink.a_in)
    with dense:
        dense.run(RunSteps(steps), CFG)
        got, stored, buffer = sink.data.get(), dense.weights.get(), dense.a_buff.get()
    if mode is None:
        low, high = weights.min(), weights.max()
        mode = SignMode.EXCITATORY if low >= 0 else SignMode.INHIBITORY if high <= 0 else SignMode.MIXED
    expected = [[stored_weight(int(w), mode, bits) for w in row] for row in weights]
    assert stored.tolist() == expected
    sums = []
    for step in range(steps):
        column = [int(s) for s in inputs[:, step]]
        row = []
        for ws in expected:
            acc = sum(w * (s if graded else s != 0) for w, s in zip(ws, column, strict=True))
            acc = wrap32(acc) if graded else acc
            row.append(wrap32(acc << exponent if exponent >= 0 else acc >> -exponent))
        sums.append(row)
    assert got.T.tolist() == [[0] * n_out, *sums[:-1]]
    assert buffer.tolist() == sums[-1]


def test_weights_set_after_step_1_are_raw():
    dense, source = Dense(weights=np.array([[3, 3]])), Source(data=np.ones((2, 1)))
    source.s_out.connect(dense.s_in)
    with dense:
        dense.create_runtime(CFG)
        dense.weights.set(np.array([[301, -5]]))
        dense.run(RunSteps(1))
        assert dense.weights.get().tolist() == [[254, -6]]  # mixed now, clipped, even
        assert dense.a_buff.get().tolist() == [248]
        dense.weights.set(np.array([[301, -5]]))
        dense.run(RunSteps(1))
        assert dense.a_buff.get().tolist() == [296]


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, bool])
def test_narrow_and_wide_sources(dtype):
    """The input is scaled in 32 bits whatever the type of the source."""
    from lava_hw import (
        AbstractProcess,
        LavaPyType,
        LoihiProtocol,
        OutPort,
        PyLoihiProcessModel,
        PyOutPort,
        implements,
    )

    class Typed(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.out = OutPort((1,))

    @implements(proc=Typed, protocol=LoihiProtocol)
    class TypedModel(PyLoihiProcessModel):
        out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, dtype)

        def run_spk(self):
            self.out.send(np.array([100]))

    typed, lif = Typed(), LIF(shape=(1,), vth=131071)
    typed.out.connect(lif.a_in)
    with lif:
        lif.run(RunSteps(1), CFG)
        assert lif.u.get() == [(1 if dtype is bool else 100) * 64]


@pytest.mark.parametrize(("name", "value"), [("du", 0.5), ("dv", 1.0), ("vth", 2.5)])
def test_float_parameters_are_refused(name, value):
    with (
        LIF(shape=(1,), **{name: value}) as lif,
        pytest.raises(UndefinedValueError, match=f"LIF_0.{name}={value} is not an integer"),
    ):
        lif.run(RunSteps(1), CFG)
