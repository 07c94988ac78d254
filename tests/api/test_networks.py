"""Algebra on networks: numbers that Lava 0.10.0 computed, and what is connected."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import lava_hw.frameworks.loihi2 as lv
from lava_hw import AbstractProcess, HwRunCfg, Loihi2SimCfg, RunSteps
from lava_hw.networks.network import AlgebraicMatrix, Network, NetworkList
from lava_hw.proc.lif.hw_models import HwLif

DATA = json.loads((Path(__file__).parent / "data" / "networks.json").read_text())
X, Y, W, V = (np.array(DATA[key]) for key in ("x", "y", "weights", "recurrent"))
STEPS = X.shape[1]


def total() -> Network:
    """Two inputs and a recurrent one, added up."""
    neurons = lv.GradedVec(shape=(3,), vth=40)
    one, two = lv.GradedDense(weights=W), lv.GradedSparse(weights=csr_matrix(W[::-1]))
    neurons << one @ lv.InputVec(X) + two @ lv.InputVec(Y, exp=1) + lv.GradedDense(V, exp=6) @ neurons
    return neurons


def product() -> Network:
    """The product of two vectors, through identities."""
    a, b = (lv.GradedVec(shape=(4,), vth=5, exp=3) for _ in range(2))
    a << lv.InputVec(X)
    b << lv.InputVec(Y)
    return lv.GradedVec(shape=(4,), vth=1) << a * b


def pair() -> Network:
    """The product of two matrix-vector products."""
    neurons = lv.ProductVec(shape=(3,), vth=2, exp=4)
    other = lv.GradedSparse(weights=csr_matrix(W * 0.5))
    return neurons << (lv.GradedDense(weights=W) @ lv.InputVec(X), other @ lv.InputVec(Y))


def normalise() -> Network:
    """Two vectors, each for five steps."""
    vectors = np.repeat(np.array([[3, 100], [-4, 20], [0, -50], [12, 7]]), 5, axis=1)
    return lv.NormalizeNet(shape=(4,)) << lv.GradedDense(weights=np.eye(4)) @ lv.InputVec(vectors)


def lif() -> Network:
    """LIF neurons behind graded messages."""
    neurons = lv.LIFVec(shape=(3,), du=300, dv=100, vth=12, bias_mant=2, bias_exp=6)
    return neurons << lv.GradedDense(weights=W) @ lv.InputVec(X)


def resonators() -> lv.ResFireVec:
    return lv.ResFireVec(shape=(3,), freqs=[250, 180, 310], decay_tau=[0.1, 0.05, 1.0], uth=10)


def resfire() -> Network:
    """Both inputs of resonate-and-fire neurons."""
    parts = lv.GradedDense(weights=W) @ lv.InputVec(X), lv.GradedDense(weights=W[::-1]) @ lv.InputVec(Y)
    return resonators() << parts


def resfire_real() -> Network:
    """The real part alone."""
    return resonators() << lv.GradedDense(weights=W) @ lv.InputVec(X)


NETWORKS = {f.__name__: f for f in (total, product, pair, normalise, lif, resfire, resfire_real)}


def recorded(network: Network, run_cfg=None) -> np.ndarray:
    """What the network sends, step by step."""
    out = lv.OutputVec(shape=network.out_port.shape, buffer=STEPS)
    out << network
    network.run(RunSteps(STEPS), run_cfg or Loihi2SimCfg(select_tag="fixed_pt"))
    try:
        return out.get_data()
    finally:
        network.stop()


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@pytest.mark.parametrize("name", DATA["outputs"])
def test_numbers_are_lavas(name: str) -> None:
    expected = np.array(DATA["outputs"][name])
    assert np.count_nonzero(expected) > 2
    assert recorded(NETWORKS[{"sum": "total"}.get(name, name)]()).tolist() == expected.tolist()


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
def test_a_program_of_this_kind_runs_on_the_chip() -> None:
    network = lif()
    answer = recorded(network, lv.Loihi2HwCfg(device="golden", chip="test8"))
    assert answer.tolist() == DATA["outputs"]["lif"]
    assert network.main.model_class is HwLif


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # numbers beyond Loihi's by intent
@pytest.mark.parametrize("run_cfg", [lv.Loihi2HwCfg, HwRunCfg])
def test_graded_messages_on_the_chip(run_cfg: type) -> None:
    assert recorded(total(), run_cfg(device="golden")).tolist() == DATA["outputs"]["sum"]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, bool, np.int64, np.float64])
def test_the_input_is_not_changed_and_does_not_wrap(dtype: type) -> None:
    given = np.array([[1, 0, 1]], dtype)
    before = given.copy()
    vector = lv.InputVec(given, exp=9)
    assert given.dtype == dtype
    assert np.array_equal(given, before)
    assert vector.inport_plug.data.init.tolist() == [[512, 0, 512]]
    assert vector.shape == (1, 3)


def test_negative_exponents_of_an_input() -> None:
    assert lv.InputVec(np.array([6, 8]), exp=-1).inport_plug.data.init.tolist() == [[3, 4]]


def test_the_low_24_bits_are_signed() -> None:
    source = lv.InputVec(np.array([[2**23 - 1, 2**23, -1, -(2**23) - 1]]))
    out = lv.OutputVec(shape=(1,), buffer=4)
    out << source
    out.run(RunSteps(4), Loihi2SimCfg(select_tag="fixed_pt"))
    data = out.get_data()
    out.stop()
    assert data.tolist() == [[2**23 - 1, -(2**23), -1, 2**23 - 1]]
    assert data.dtype == np.int32


def test_vectors_of_several_axes() -> None:
    """Through the identity between two vectors."""
    table = np.arange(-12, 12).reshape(2, 3, 4)
    first, second = lv.GradedVec(shape=(2, 3), vth=0), lv.GradedVec(shape=(2, 3), vth=0)
    given = Network()
    given.out_port = lv.InputVec(table.reshape(6, 4)).out_port.reshape((2, 3))
    first << given
    second << first
    out = lv.OutputVec(shape=(2, 3), buffer=5)
    out << second
    out.run(RunSteps(5), Loihi2SimCfg(select_tag="fixed_pt"))
    assert np.array_equal(out.get_data()[..., 1:], table)
    out.stop()


def test_sums_stay_what_they_are() -> None:
    a, b, c, d = (lv.GradedDense(weights=np.eye(2)) for _ in range(4))
    two = a + b
    three, four = two + c, (a + b) + (c + d)
    assert (two, three, four) == ([a, b], [a, b, c], [a, b, c, d])
    assert [a + two, two] == [[a, b, a], [a, b]]
    assert all(isinstance(s, NetworkList) for s in (two, three, four))


def test_products_of_matrices_multiply() -> None:
    weights = np.array([[0.5, -0.25, 1, 0], [-1.5, 0, 0.125, 0.75]])  # exact in eight bits
    one, two = (lv.GradedDense(weights=weights * sign) @ lv.InputVec(X) for sign in (1, -1))
    expected = np.zeros((2, STEPS))
    expected[:, 1:] = np.floor(weights @ X[:, :-1]) * np.floor(-weights @ X[:, :-1])
    assert recorded(one * two).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (lambda p, m: p << (m,), ValueError, r"ProductVec << \(first, second\): .* got 1"),
        (lambda p, m: p << [m, m, m], ValueError, "got 3"),
        (lambda p, m: p << (m, 3), TypeError, "both must be networks, got int"),
        (lambda p, m: p << m, TypeError, "unsupported operand"),
        (lambda p, m: m @ m, TypeError, "unsupported operand"),
        (lambda p, m: m + 1, TypeError, "unsupported operand"),
        (lambda p, m: m * 2, TypeError, "unsupported operand"),
        (lambda p, m: lv.InputVec(np.ones(3)) << m, TypeError, "unsupported operand"),
        (lambda p, m: lv.GradedVec(shape=(2,)) << 1, TypeError, "unsupported operand"),
        (lambda p, m: lv.GradedVec(shape=(2,)) * m, TypeError, "unsupported operand"),
        (lambda p, m: resonators() << (m,), ValueError, "ResFireVec"),
    ],
)
def test_what_is_no_algebra(wrong, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        wrong(lv.ProductVec(shape=(2,)), lv.GradedDense(weights=np.eye(2)))


def test_shapes_that_do_not_fit_are_refused_when_they_are_connected() -> None:
    with pytest.raises(AssertionError, match="incompatible"):
        lv.GradedDense(weights=np.ones((2, 3))) @ lv.GradedVec(shape=(2,))


def test_names_reach_the_processes_and_other_keywords_are_ignored() -> None:
    matrix = lv.GradedSparse(weights=np.eye(2), name="same", sign_mode=3, anything=None)
    assert isinstance(matrix, AlgebraicMatrix)
    assert isinstance(matrix.main, AbstractProcess)
    assert matrix.main.name == "same"
    assert matrix.shape == (2,)
    assert lv.InputVec(np.ones((1,)), shape=(1,)).shape == (1, 1)
