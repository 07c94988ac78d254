"""Numbers of numpy as parameters and values give what Python's numbers give, with any numpy.

Lava ran on numpy 1.26, whose scalars take the type of a Python number beside them; from numpy 2 on the small
type stays, and wraps. What a Var cannot hold is refused with both.
"""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import LIF, Dense, LIFReset, Monitor, RunSteps, Sink, Source, TernaryLIF
from lava_hw.errors import UndefinedValueError
from lava_hw.proc.atrlif.process import ATRLIF
from lava_hw.proc.dense.process import DelayDense
from lava_hw.proc.graded.process import GradedVec, NormVecDelay
from lava_hw.proc.io.encoder import DeltaEncoder
from lava_hw.proc.lif.process import LIFRefractory
from lava_hw.proc.prodneuron.process import ProdNeuron
from lava_hw.proc.resfire.process import RFZero
from lava_hw.proc.rf.process import RF
from lava_hw.proc.s4d.process import S4d
from lava_hw.proc.sdn.process import ActivationMode, Delta, Sigma, SigmaDelta
from lava_hw.proc.sparse.process import Sparse
from lava_hw.proc.spiker.process import Spiker
from tests.api.one_process import FIXED, FLOAT, run

STEPS = 12
WEIGHTS = np.array([[100, -90, 7], [3, 255, -256]])
# Large enough that a product, a shift or a sum with the parameter leaves the small type.
PROCESSES = {
    "LIF": (LIF, {"shape": (3,)}, {"du": 120, "dv": 100, "vth": 110, "bias_mant": 90, "bias_exp": 6}),
    "LIF with state": (LIF, {"shape": (3,), "vth": 90}, {"u": 127, "v": -128}),
    "TernaryLIF": (TernaryLIF, {"shape": (3,), "du": 10}, {"vth_hi": 100, "vth_lo": -120}),
    "LIFReset": (LIFReset, {"shape": (3,), "vth": 500}, {"reset_interval": 3, "reset_offset": 2}),
    "LIFRefractory": (LIFRefractory, {"shape": (3,)}, {"refractory_period": 2, "vth": 100, "du": 90}),
    "ATRLIF": (ATRLIF, {"shape": (3,)}, {"bias_mant": 100, "bias_exp": 5, "theta_0": 100, "theta_step": 120}),
    "Sigma": (Sigma, {"shape": (3,)}, {}),
    "Delta": (Delta, {"shape": (3,)}, {"vth": 100, "spike_exp": 3, "state_exp": 2}),
    "SigmaDelta": (
        SigmaDelta,
        {"shape": (3,), "act_mode": ActivationMode.RELU},
        {"vth": 120, "bias": 120, "spike_exp": 4, "state_exp": 6},
    ),
    "RF": (RF, {"shape": (3,), "alpha": 0.07}, {"period": 10, "state_exp": 6, "decay_bits": 12, "vth": 100}),
    "RFZero": (RFZero, {"shape": (3,)}, {"freqs": 55, "decay_tau": 1, "uth": 20}),
    "GradedVec": (GradedVec, {"shape": (3,)}, {"vth": 100, "exp": 2}),
    "NormVecDelay": (NormVecDelay, {"shape": (3,)}, {"vth": 100, "exp": 1}),
    "ProdNeuron": (ProdNeuron, {"shape": (3,)}, {"vth": 100, "exp": 2}),
    "DeltaEncoder": (DeltaEncoder, {"shape": (3,)}, {"vth": 100, "spike_exp": 5}),
    "Spiker": (Spiker, {"shape": (3,)}, {"period": 3, "payload": 100}),
    "Dense": (Dense, {"weights": WEIGHTS}, {"weight_exp": 5, "num_weight_bits": 6, "num_message_bits": 16}),
    "Sparse": (Sparse, {"weights": WEIGHTS}, {"weight_exp": -2, "num_weight_bits": 6, "num_message_bits": 8}),
    "DelayDense": (
        DelayDense,
        {"weights": WEIGHTS, "delays": WEIGHTS % 3},
        {"weight_exp": 3, "num_weight_bits": 5},
    ),
}
KINDS = {
    "int8": np.int8,
    "int16": np.int16,
    "uint64": lambda x: np.uint64(x) if x >= 0 else np.int64(x),
    "array": lambda x: np.array(x),
    "array of int8": lambda x: np.array(x, dtype=np.int8),
    "array of one": lambda x: np.array([x]),
}


def answers(kind, convert, cfg):
    cls, fixed, parameters = PROCESSES[kind]
    process = cls(**fixed, **{k: convert(v) for k, v in parameters.items()})
    rng = np.random.default_rng(5)
    inputs = {p.name: rng.integers(-300, 900, (STEPS, *p.shape)) for p in process.in_ports}
    found = run(process, inputs, STEPS, cfg)
    return {k: v.toarray() if hasattr(v, "toarray") else v for k, v in found.items()}


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@pytest.mark.parametrize("convert", KINDS)
@pytest.mark.parametrize("kind", PROCESSES)
def test_parameters_that_are_numbers_of_numpy(kind, convert):
    expected, got = (answers(kind, c, FIXED) for c in (int, KINDS[convert]))
    assert list(got) == list(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(got[name], values, err_msg=name)


FLOATS = {
    "LIF": (LIF, {"shape": (3,)}, {"du": 0.1, "dv": 0.3, "vth": 0.7, "bias_mant": 0.6}),
    "ATRLIF": (
        ATRLIF,
        {"shape": (3,)},
        {
            "delta_i": 0.1,
            "delta_v": 0.3,
            "delta_theta": 0.7,
            "delta_r": 0.6,
            "theta_0": 0.2,
            "theta_step": 0.9,
        },
    ),
    "RF": (RF, {"shape": (3,)}, {"period": 9.7, "alpha": 0.07, "vth": 0.3}),
    "RFZero": (RFZero, {"shape": (3,)}, {"freqs": 55.3, "decay_tau": 0.7, "dt": 0.0011}),
    "Delta": (Delta, {"shape": (3,)}, {"vth": 0.3}),
    "SigmaDelta": (SigmaDelta, {"shape": (3,), "spike_exp": 3}, {"vth": 0.3, "bias": 0.7}),
    "S4d": (S4d, {"shape": (3,)}, {"a": 0.3, "b": 0.7, "c": 0.9, "s4_exp": 2}),
}


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@pytest.mark.parametrize("convert", [np.float16, np.float32, lambda x: np.array(x, np.float32)])
@pytest.mark.parametrize("kind", FLOATS)
def test_parameters_that_are_floats_of_numpy(kind, convert):
    """What is computed with them has 64 bits, whatever they have."""
    cls, fixed, parameters = FLOATS[kind]
    found = []
    for make in (lambda x: float(convert(x)), convert):
        process = cls(**fixed, **{k: make(v) if type(v) is float else v for k, v in parameters.items()})
        rng = np.random.default_rng(5)
        inputs = {p.name: rng.normal(size=(STEPS, *p.shape)) for p in process.in_ports}
        found.append(run(process, inputs, STEPS, FIXED if kind == "RFZero" else FLOAT))
    for name, values in found[0].items():
        np.testing.assert_array_equal(found[1][name], values, err_msg=name)


def test_an_initial_value_beyond_the_type_of_its_var_is_refused():
    """Numpy 1.26 wraps a number that does not fit int16, where Lava warns; numpy 2 would raise."""
    for value in (40000, np.int64(40000), [40000] * 2, np.full(2, 40000)):
        with (
            LIF(shape=(2,), bias_mant=value) as lif,
            pytest.raises(UndefinedValueError, match="is 40000; int"),
        ):
            lif.run(RunSteps(1), FIXED)


def test_values_beyond_the_type_of_their_var_are_refused_when_they_are_set():
    with LIF(shape=(2,), bias_mant=3) as lif:
        lif.create_runtime(FIXED)
        for value in (40000, np.array([40000, 40000]), np.uint16(40000), 40000.9):
            with pytest.raises(UndefinedValueError, match=r"element \(0,\) is 40000.*; int"):
                lif.bias_mant.set(value)
            assert lif.bias_mant.get().tolist() == [3, 3]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.float32, np.uint64])
def test_data_and_weights_of_any_type(dtype):
    """Products of small integers do not stay in their type."""
    data, weights = np.array([[100, 120], [90, 80]]), np.array([[127, 100], [126, 2]])
    found = []
    for kind in (np.int64, dtype):
        source, sink = Source(data=data.astype(kind)), Sink(shape=(2,), buffer=4)
        dense = Dense(weights=weights.astype(kind), num_message_bits=16)
        source.s_out.connect(dense.s_in)
        dense.a_out.connect(sink.a_in)
        with sink:
            sink.run(RunSteps(4), FIXED)
            found.append(sink.data.get().tolist())
    assert found[0] == found[1]
    assert found[0][0][1] == 127 * 100 + 100 * 90


def test_numbers_of_steps():
    """Counts that come out of an array."""
    lif, monitor = LIF(shape=(1,), bias_mant=1, vth=131071, du=4095), Monitor()
    monitor.probe(lif.v, np.int8(5))
    with lif:
        lif.run(RunSteps(np.int16(3)), FLOAT)
        lif.run(RunSteps(num_steps=np.array([2, 7])[0]))
        assert monitor.get_data()[lif.name]["v"].ravel().tolist() == [1, 2, 3, 4, 5]
