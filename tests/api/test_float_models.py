"""Floating-point models against a computation of their own, neuron by neuron."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import LIF, Dense, LIFReset, Loihi2SimCfg, Monitor, RunSteps, Sink, Source, TernaryLIF

CFG = Loihi2SimCfg()
STEPS = 40


def spikes_of(process, data, steps=STEPS):
    source, sink = Source(data=data), Sink(shape=process.out_ports.members[0].shape, buffer=steps)
    source.s_out.connect(process.in_ports.members[0])
    process.out_ports.members[0].connect(sink.a_in)
    monitor = Monitor()
    if isinstance(process, Dense):
        monitor.probe(process.a_buff, steps)
    else:
        monitor.probe(process.v, steps)
    with process:
        process.run(RunSteps(steps), CFG)
        (recorded,) = monitor.get_data()[process.name].values()
        return sink.data.get().T, recorded


@pytest.mark.parametrize("cls", [LIF, LIFReset, TernaryLIF])
def test_lif(cls):
    rng = np.random.default_rng(1)
    data = rng.normal(0.3, 2, (3, STEPS))
    bias, du, dv = [0.1, 0.0, -0.1], 0.25, 0.125
    extra = {LIF: {"vth": 1.5}, LIFReset: {"vth": 1.5, "reset_interval": 7, "reset_offset": 2}}
    kwargs = extra.get(cls, {"vth_hi": 1.5, "vth_lo": -1.0})
    got, voltages = spikes_of(cls(shape=(3,), du=du, dv=dv, bias_mant=bias, bias_exp=5, **kwargs), data)
    seen = set()
    for neuron in range(3):
        u = v = 0.0
        for step in range(1, STEPS + 1):
            if cls is LIFReset and step % 7 == 2:
                u = v = 0.0
            u = u * (1 - du) + data[neuron, step - 1]
            v = v * (1 - dv) + u + bias[neuron]  # bias_exp has no meaning here
            spike = float(v > 1.5)
            if cls is TernaryLIF and v < -1.0:
                spike = -1.0
            if spike:
                v = 0.0
            seen.add(spike)
            assert got[step - 1, neuron] == spike
            assert voltages[step - 1, neuron] == v
    assert seen == ({0.0, 1.0, -1.0} if cls is TernaryLIF else {0.0, 1.0})


@pytest.mark.parametrize("bits", [0, 8])
def test_dense(bits):
    rng = np.random.default_rng(2)
    weights = rng.integers(-40, 40, (4, 6)) / 8  # sums of these are exact in any order
    data = rng.integers(-1, 3, (6, STEPS)).astype(float)
    got, buffers = spikes_of(Dense(weights=weights, num_message_bits=bits, weight_exp=3), data)
    previous = np.zeros(4)
    for step in range(STEPS):
        np.testing.assert_array_equal(got[step], previous)
        s = data[:, step]
        previous = weights @ (s if bits else s != 0)
        np.testing.assert_array_equal(buffers[step], previous)


def test_ternary_thresholds():
    with pytest.raises(ValueError, match="vth_lo=5 must not be above vth_hi=4"):
        TernaryLIF(shape=(1,), vth_hi=4, vth_lo=5)


def test_reset_arguments():
    with pytest.raises(ValueError, match="reset_interval"):
        LIFReset(shape=(1,), reset_interval=0)
    with pytest.raises(ValueError, match="reset_offset"):
        LIFReset(shape=(1,), reset_offset=-1)


def test_weights_must_be_a_matrix():
    with pytest.raises(ValueError, match="2D matrix"):
        Dense(weights=np.ones(3))


def test_recurrence_through_dense():
    """Dense sends before it receives, so that a loop runs, with a delay of one step."""
    lif, dense = LIF(shape=(1,), du=1, dv=1, vth=0.5, bias_mant=0), Dense(weights=[[1.0]])
    start = Source(data=np.eye(1, 20))
    start.s_out.connect(lif.a_in)
    lif.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    sink = Sink(shape=(1,), buffer=6)
    lif.s_out.connect(sink.a_in)
    with lif:
        lif.run(RunSteps(6), CFG)
        assert sink.data.get().tolist() == [[1] * 6]
