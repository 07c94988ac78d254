"""What users do with LearningDense and LearningSparse."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lava_hw import (
    LIF,
    Dense,
    HwRunCfg,
    Loihi2SimCfg,
    Monitor,
    RunSteps,
    SignMode,
    Sink,
    Source,
)
from lava_hw.magma.core.learning.constants import GradedSpikeCfg
from lava_hw.magma.core.learning.learning_rule import Loihi2FLearningRule, Loihi3FLearningRule
from lava_hw.magma.core.learning.random import ConnVarRandom, TraceRandom
from lava_hw.magma.core.process.connection import LearningConnectionProcess
from lava_hw.proc.dense.process import LearningDense
from lava_hw.proc.learning_rules.r_stdp_learning_rule import RewardModulatedSTDP
from lava_hw.proc.learning_rules.stdp_learning_rule import STDPLoihi
from lava_hw.proc.lif.process import LearningLIF
from lava_hw.proc.sparse.process import LearningSparse
from tests.api.one_process import FIXED, run

# Weights are odd by intent: learnt ones keep all bits.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")

FLOAT = Loihi2SimCfg(select_tag="floating_pt")
BOTH = pytest.mark.parametrize("cfg", [FIXED, FLOAT], ids=["fixed", "float"])
KINDS = pytest.mark.parametrize("kind", [LearningDense, LearningSparse])


def rule(**given):
    return Loihi2FLearningRule(**{"rng_seed": 3, **given})


def pulses(n, *steps, length=10):
    """Spikes of all neurons in these steps, counted from 1."""
    data = np.zeros((length, n), int)
    data[np.array(steps) - 1] = 1
    return data


@KINDS
@BOTH
def test_when_a_weight_changes(kind, cfg):
    """What epoch 2 (steps 4 to 6) learns weighs spikes of step 7, which arrive in step 8."""
    spikes = pulses(1, 5, 6, 7)
    got = run(
        kind(weights=np.array([[10]]), learning_rule=rule(dw="4*x0", t_epoch=3)), {"s_in": spikes}, 10, cfg
    )
    assert got["a_out"][:, 0].tolist() == [0, 0, 0, 0, 0, 10, 10, 14, 0, 0]
    value = got["weights"].toarray() if kind is LearningSparse else got["weights"]
    assert value == [[18]]


@BOTH
def test_ports_that_are_not_connected_read_zeros(cfg):
    dense = LearningDense(weights=np.eye(2) * 8, learning_rule=rule(dw="u0*2 + y0*4"))
    with dense:
        dense.run(RunSteps(3), cfg)
        assert dense.weights.get().tolist() == [[14, 6], [6, 14]]
        assert not dense.ty.get().any()


@KINDS
def test_a_rule_is_needed(kind):
    with pytest.raises(TypeError, match=rf"{kind.__name__} needs a learning_rule.*STDPLoihi"):
        kind(weights=np.eye(2))


@KINDS
def test_shapes(kind):
    with pytest.raises(ValueError, match="2D matrix"):
        kind(weights=np.ones(3), learning_rule=rule(dw="x0"))
    with pytest.raises(
        ValueError, match=r"'tag_1' must have the shape of the weights \(2, 2\), got \(2, 3\)"
    ):
        kind(weights=np.eye(2), tag_1=np.ones((2, 3)), learning_rule=rule(dw="x0"))
    made = kind(weights=np.ones((2, 3)), tag_2=5, learning_rule=rule(dw="x0", x1_tau=4))
    assert isinstance(made, LearningConnectionProcess)
    assert {p.name: p.shape for p in made.in_ports} == {
        "s_in": (3,),
        "s_in_bap": (2,),
        "s_in_y1": (2,),
        "s_in_y2": (2,),
        "s_in_y3": (2,),
    }
    assert made.x1.shape == made.tx.shape == (3,)
    assert made.y3.shape == made.ty.shape == (2,)
    assert made.tag_1.shape == made.tag_2.shape == (2, 3)
    assert (made.x1_tau.init, made.x1_tau.shape, made.dw.init, made.dd.init) == (4, (1,), "x0", "")


def test_tags_where_there_is_no_synapse():
    with pytest.raises(ValueError, match="'tag_2' has values where there is no synapse"):
        LearningSparse(weights=np.eye(2), tag_2=np.ones((2, 2)), learning_rule=rule(dw="x0"))


@BOTH
def test_tags_of_sparse_connections_learn_from_zero(cfg):
    """In Lava zeros are not stored, do not learn, and cannot be read."""
    sparse = LearningSparse(weights=np.array([[8, 0], [6, 4]]), learning_rule=rule(dt="u0*2", dd="u0*3"))
    with sparse:
        sparse.run(RunSteps(2), cfg)
        assert sparse.tag_1.get().toarray().tolist() == [[4, 0], [4, 4]]
        assert sparse.tag_2.get().toarray().tolist() == [[6, 0], [6, 6]]
        sparse.tag_1.set(csr_matrix(np.array([[1, 0], [2, 3]])))
        sparse.run(RunSteps(1))
        assert sparse.tag_1.get().toarray().tolist() == [[3, 0], [4, 5]]


@BOTH
def test_a_weight_that_becomes_zero_stays_a_synapse(cfg):
    sparse = LearningSparse(weights=np.array([[2, 0], [0, -2]]), learning_rule=rule(dw="u0*(-2)"))
    with sparse:
        sparse.run(RunSteps(1), cfg)
        assert sparse.weights.get().nnz == 2
        assert sparse.weights.get().toarray().tolist() == [[0, 0], [0, -4]]
        sparse.dw.set("u0*w + u0*2")
        sparse.run(RunSteps(1))
        assert sparse.weights.get().toarray().tolist() == [[2, 0], [0, -6]]


@pytest.mark.parametrize("graded", list(GradedSpikeCfg))
def test_the_rule_of_the_user_stays_as_it_is(graded):
    """Lava sets its impulse to 0, for all connections that share it."""
    shared = rule(dw="y0*x1", x1_impulse=16, x1_tau=5)
    one = LearningDense(weights=np.eye(2), learning_rule=shared, graded_spike_cfg=graded, num_message_bits=8)
    assert shared.x1_impulse == 16
    assert one.x1_impulse.init == (0 if graded else 16)
    with one:
        one.run(RunSteps(1), FIXED)
        one.x1_tau.set(7)
        one.dw.set("x0")
    assert (shared.x1_tau, shared.dw_str) == (5, "y0*x1")


@BOTH
def test_two_connections_may_share_a_rule(cfg):
    shared = rule(dw="u0*2")
    first, second = (LearningDense(weights=np.zeros((1, 1)), learning_rule=shared) for _ in range(2))
    first.a_out.connect(second.s_in)
    with first:
        first.run(RunSteps(2), cfg)
        first.dw.set("-u0")
        first.run(RunSteps(1))
        assert (first.weights.get().item(), second.weights.get().item()) == (3, 6)


@KINDS
def test_changing_the_rule(kind):
    made = kind(weights=np.array([[10]]), learning_rule=rule(dw="u0", x1_impulse=2.5, x1_tau=1.5, y1_tau=3))
    with made:
        made.run(RunSteps(1), FIXED)
        assert (made.x1_impulse.get(), made.x1_tau.get(), made.dw.get(), made.dd.get()) == (
            2.5,
            1.5,
            "u0",
            "",
        )
        made.dd.set("3*u0")
        made.y1_tau.set(9)
        made.run(RunSteps(1))
        assert made.tag_2.get().sum() == 3
        with pytest.raises(ValueError, match="no dependency"):
            made.dw.set("w")
        with pytest.raises(AttributeError, match="cannot read"):
            made.dw.set("nonsense")
        with pytest.raises(ValueError, match="u0 and u1"):
            made.dt.set("u1")
        with pytest.raises(ValueError, match="x1_tau must not be negative"):
            made.x1_tau.set(-1)
        assert (made.dw.get(), made.dt.get(), made.x1_tau.get(), made.y1_tau.get()) == ("u0", "", 1.5, 9)
        made.dw.set("")
        made.run(RunSteps(1))
        assert made.weights.get().sum() == 12
        assert made.tag_2.get().sum() == 6


def test_fractions_of_impulses_survive_a_change():
    """In Lava any Var.set truncates all impulses and time constants."""
    spikes = pulses(1, 1, 2, 3, 4, 5, 6, 7, 8, length=8)
    sums = []
    for change in (False, True):
        dense = LearningDense(
            weights=np.array([[0]]), learning_rule=rule(dw="x0*0", x1_impulse=4.5, x1_tau=2.7)
        )
        Source(data=spikes.T).s_out.connect(dense.s_in)
        with dense:
            dense.run(RunSteps(2), FIXED)
            if change:
                dense.tag_1.set(1)
            dense.run(RunSteps(6))
            sums.append(dense.x1.get().item())
    assert sums[0] == sums[1] > 4


def test_weights_are_truncated_at_first_and_then_keep_all_bits():
    dense = LearningDense(weights=np.array([[7, 300]]), learning_rule=rule(dw="u0", t_epoch=2))
    with dense:
        dense.run(RunSteps(1), FIXED)
        assert dense.weights.get().tolist() == [[6, 300]]
        dense.run(RunSteps(1))
        assert dense.weights.get().tolist() == [[7, 255]]


@pytest.mark.parametrize(("mode", "weights"), [("EXCITATORY", [[0, 4]]), ("INHIBITORY", [[-4, 0]])])
@BOTH
def test_signs(mode, weights, cfg):
    dense = LearningDense(
        weights=np.array([[-4, 4]]), learning_rule=rule(dw="u0*0"), sign_mode=SignMode[mode]
    )
    with dense:
        dense.run(RunSteps(1), cfg)
        assert dense.weights.get().tolist() == weights


def test_weights_can_be_observed_while_they_learn():
    dense = LearningDense(weights=np.zeros((1, 2)), learning_rule=rule(dw="u0*2", t_epoch=2), name="dense")
    sparse = LearningSparse(weights=np.array([[1, 0]]), learning_rule=rule(dw="u0*2"), name="sparse")
    dense.a_out.connect(sparse.s_in_bap)
    monitor = Monitor()
    monitor.probe(dense.weights, 5)
    monitor.probe(sparse.weights, 5)
    with dense:
        dense.run(RunSteps(5), FIXED)
        data = monitor.get_data()
    assert data["dense"]["weights"][:, 0, 0].tolist() == [0, 2, 2, 4, 4]
    assert data["sparse"]["weights"][:, 0, 0].tolist() == [2, 4, 6, 8, 10]


@BOTH
def test_stdp_between_populations(cfg):
    """A source that fires before its target gains, one that fires after it loses."""
    early, late = pulses(1, 2, 12, 22, length=30), pulses(1, 6, 16, 26, length=30)
    stdp = STDPLoihi(learning_rate=1, A_plus=1, A_minus=-1, tau_plus=10, tau_minus=10, t_epoch=1, rng_seed=4)
    dense = LearningDense(weights=np.full((1, 2), 50), learning_rule=stdp)
    got = run(dense, {"s_in": np.hstack([early, late]), "s_in_bap": pulses(1, 4, 14, 24, length=30)}, 30, cfg)
    gained, lost = got["weights"][0]
    assert gained > 55
    assert lost < 45


@BOTH
def test_a_loop_through_a_learning_neuron(cfg):
    """LearningLIF serves the ports for the way back; in Lava this stands still."""
    reward = np.zeros((1, 30), int)
    reward[0, 20:] = 2
    rstdp = RewardModulatedSTDP(
        learning_rate=1,
        A_plus=1,
        A_minus=1,
        pre_trace_decay_tau=10,
        post_trace_decay_tau=10,
        pre_trace_kernel_magnitude=16,
        post_trace_kernel_magnitude=16,
        eligibility_trace_decay_tau=0.125,
        t_epoch=2,
        rng_seed=5,
    )
    fixed = cfg is FIXED
    source = Source(data=np.tile([[1, 0, 0, 1, 0]], (1, 6)))
    dense = LearningDense(weights=np.array([[60]]), learning_rule=rstdp)
    neurons = LearningLIF(shape=(1,), du=4095 if fixed else 1, dv=0, vth=50, learning_rule=rstdp)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(neurons.a_in)
    for name in ("bap", "y1", "y2", "y3"):
        getattr(neurons, f"s_out_{name}").connect(getattr(dense, f"s_in_{name}"))
    Source(data=reward).s_out.connect(neurons.a_third_factor_in)
    with dense:
        dense.run(RunSteps(20), cfg)
        assert dense.weights.get().item() == 60
        assert dense.tag_1.get().item() > 8
        dense.run(RunSteps(10))
        assert dense.weights.get().item() > 90
        assert dense.y2.get().item() == 2


@pytest.mark.parametrize("kind", [LearningDense, LearningSparse])
def test_beside_a_chip(kind):
    """Connections that learn run in Python, the neurons around them on the chip."""

    def network(cfg):
        source = Source(data=(np.random.default_rng(1).random((6, 40)) < 0.3).astype(int))
        first, neurons = Dense(weights=np.eye(6) * 60), LIF(shape=(6,), du=4095, dv=0, vth=40)
        stdp = STDPLoihi(
            learning_rate=1, A_plus=2, A_minus=-1, tau_plus=10, tau_minus=10, t_epoch=4, rng_seed=4
        )
        learning = kind(weights=np.full((4, 6), 20), learning_rule=stdp)
        targets, sink = LIF(shape=(4,), du=4095, dv=200, vth=60), Sink(shape=(4,), buffer=40)
        source.s_out.connect(first.s_in)
        first.a_out.connect(neurons.a_in)
        neurons.s_out.connect(learning.s_in)
        learning.a_out.connect(targets.a_in)
        targets.s_out.connect(sink.a_in)
        targets.s_out.connect(learning.s_in_bap)
        with targets:
            targets.run(RunSteps(40), cfg)
            weights = learning.weights.get()
            return sink.data.get(), weights.toarray() if kind is LearningSparse else weights

    spikes, weights = network(FIXED)
    on_chip, learned = network(HwRunCfg(device="golden", chip="test8"))
    np.testing.assert_array_equal(on_chip, spikes)
    np.testing.assert_array_equal(learned, weights)
    assert spikes.any()
    assert (weights != 20).any()


def test_random_numbers_are_those_of_single_draws():
    """They are drawn in blocks."""
    traces, synapses = TraceRandom(5, 6), ConnVarRandom(7)
    decay, impulse, rounding = (np.random.default_rng(seed) for seed in (5, 6, 7))
    for _ in range(600):
        assert traces.random_trace_decay == decay.random(1)[0]
        assert traces.random_impulse_addition == impulse.integers(0, 128, size=1)[0]
        assert synapses.random_stochastic_round == rounding.random(1)[0]
        traces.advance()
        synapses.advance()


def test_three_factors_take_the_traces_that_arrive():
    third = Loihi3FLearningRule(dw="u0*y1 + u0*y3", rng_seed=1)
    dense = LearningDense(weights=np.zeros((2, 1)), learning_rule=third)
    inputs = {"s_in_y1": [[1, 2], [0, 5]], "s_in_y3": [[10, 20], [0, 0]]}
    got = run(dense, inputs, 2, FLOAT)
    # y decays by exp(-1/65535) between its arrival and the end of the epoch.
    np.testing.assert_array_equal(got["y1"], [0, 5])
    kept = np.exp(-1 / np.array([65535]))[0]
    wanted = [[kept * 1 + kept * 10], [(kept * 2 + kept * 20) + (kept * 5 + 0)]]
    np.testing.assert_array_equal(got["weights"], wanted)


@BOTH
@KINDS
def test_two_factors_leave_no_sender_waiting(kind, cfg):
    """They take no notice of traces that arrive, but receive them: a channel holds 64 messages."""
    process = kind(weights=np.array([[10]]), learning_rule=rule(dw="x0*y1", y1_impulse=16, y1_tau=4))
    got = run(process, {"s_in_y1": np.full((70, 1), 5), "s_in_bap": pulses(1, 70, length=70)}, 70, cfg)
    assert got["y1"] == [16]
