"""LearningLIF serves the ports that a learning connection needs; models derived as users do."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    CPU,
    LIF,
    Dense,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    PyOutPort,
    RunSteps,
    Sink,
    Source,
    implements,
    requires,
    tag,
)
from lava_hw.graph.discover import find_models
from lava_hw.magma.core.model.py.neuron import LearningNeuronModelFixed, LearningNeuronModelFloat
from lava_hw.magma.core.process.neuron import LearningNeuronProcess
from lava_hw.proc.lif.models import AbstractPyLifModelFixed, AbstractPyLifModelFloat
from lava_hw.proc.lif.process import AbstractLIF, LearningLIF
from tests.api.one_process import FIXED, run

FLOAT = Loihi2SimCfg(select_tag="floating_pt")

INPUTS = np.random.default_rng(8).integers(-5, 30, (40, 3))
FACTORS = np.random.default_rng(9).integers(-60, 61, (40, 3))


@pytest.mark.parametrize(
    ("cfg", "options"), [(FIXED, {"du": 500, "dv": 100}), (FLOAT, {"du": 0.25, "dv": 0.5})]
)
def test_ports(cfg, options):
    neurons = LearningLIF(shape=(3,), vth=40, **options)
    got = run(neurons, {"a_in": INPUTS, "a_third_factor_in": FACTORS}, 40, cfg)
    lif = run(LIF(shape=(3,), vth=40, **options), {"a_in": INPUTS}, 40, cfg)
    assert got["s_out"].tolist() == lif["s_out"].tolist() == got["s_out_bap"].tolist()
    assert got["v"].tolist() == lif["v"].tolist()
    assert 0 < got["s_out"].sum() < 120
    assert got["s_out_y2"].tolist() == FACTORS.tolist()
    assert got["y2"].tolist() == FACTORS[-1].tolist()
    assert not got["s_out_y1"].any()
    assert not got["s_out_y3"].any()


def test_nothing_hangs_if_only_the_way_back_is_connected():
    """In Lava a connected s_out_bap stops the network."""
    got = run(LearningLIF(shape=(3,), vth=5), {"a_in": INPUTS}, 40, FIXED, outputs=["s_out_bap"])
    assert got["s_out_bap"].any()


def test_traces_that_a_user_sets_are_sent():
    neurons, sinks = LearningLIF(shape=(2,)), {}
    for name in ("s_out_y1", "s_out_y3"):
        sinks[name] = Sink(shape=(2,), buffer=2)
        getattr(neurons, name).connect(sinks[name].a_in)
    with neurons:
        neurons.run(RunSteps(1), FIXED)
        neurons.y1.set(np.array([7, 100]))
        neurons.y3.set(3)
        neurons.run(RunSteps(1))
        assert sinks["s_out_y1"].data.get().tolist() == [[0, 7], [0, 100]]
        assert sinks["s_out_y3"].data.get().tolist() == [[0, 3], [0, 3]]


def test_the_third_factor_may_depend_on_the_spikes_of_its_step():
    """A loop without delay from s_out over a neuron to the third factor."""
    neurons, judge = LearningLIF(shape=(3,), vth=5), LIF(shape=(3,), du=4095, dv=4095, vth=0)
    Source(data=INPUTS.T).s_out.connect(neurons.a_in)
    neurons.s_out.connect(judge.a_in)
    judge.s_out.connect(neurons.a_third_factor_in)
    spikes, seen = Sink(shape=(3,), buffer=40), Sink(shape=(3,), buffer=40)
    neurons.s_out.connect(spikes.a_in)
    neurons.s_out_y2.connect(seen.a_in)
    with neurons:
        neurons.run(RunSteps(40), FIXED)
        assert seen.data.get().tolist() == spikes.data.get().tolist()
        assert spikes.data.get().any()


def test_without_a_tag_the_model_in_fixed_point_is_chosen():
    """As in Lava, where it is defined first."""
    models = find_models(LearningLIF)
    assert Loihi2SimCfg().select(LearningLIF(shape=(1,)), models).__name__ == "PyLearningLIFModelFixed"


def test_shapes():
    neurons = LearningLIF(shape=(3,), learning_rule="a rule")
    assert neurons.proc_params["learning_rule"] == "a rule"
    ports = [*neurons.in_ports, *neurons.out_ports]
    assert {port.name: port.shape for port in ports} == dict.fromkeys(
        ("a_in", "a_third_factor_in", "s_out", "s_out_bap", "s_out_y1", "s_out_y2", "s_out_y3"), (3,)
    )
    # Lava's ports have one dimension, so that they could not be served here.
    got = run(LearningLIF(shape=(2, 2), vth=5), {"a_in": np.full((3, 2, 2), 9)}, 3)
    assert got["s_out_bap"].shape == (3, 2, 2)


class Rewarded(LearningLIF):
    """As in a user's program."""


class _Served:
    def scale_threshold(self):
        self.effective_vth = np.left_shift(self.vth, self.vth_shift)
        self.isthrscaled = True

    def spiking_activation(self):
        return self.v > (self.effective_vth if self.scaled else self.vth)

    def run_spk(self):
        self.y1 = np.minimum(self.y1 // 2 + 16 * self.s_out_buff, 127)
        super().run_spk()
        self.y2 = self.a_third_factor_in.recv() * 2
        self.s_out_bap.send(self.s_out_buff)
        self.s_out_y1.send(self.y1)
        self.s_out_y2.send(self.y2)
        self.s_out_y3.send(self.y3)

    def __init__(self, proc_params):
        super().__init__(proc_params)
        self.s_out_buff = np.zeros(proc_params["shape"])


@implements(proc=Rewarded, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class RewardedFloat(_Served, LearningNeuronModelFloat, AbstractPyLifModelFloat):
    scaled = False
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    vth: float = LavaPyType(float, float)


@implements(proc=Rewarded, protocol=LoihiProtocol)
@requires(CPU)
@tag("fixed_pt")
class RewardedFixed(_Served, LearningNeuronModelFixed, AbstractPyLifModelFixed):
    scaled = True
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
    vth: int = LavaPyType(int, np.int32)


@pytest.mark.parametrize("cfg", [FIXED, FLOAT])
def test_a_model_of_a_user(cfg):
    got = run(Rewarded(shape=(3,), vth=50), {"a_in": INPUTS, "a_third_factor_in": FACTORS}, 40, cfg)
    lif = run(LIF(shape=(3,), vth=50), {"a_in": INPUTS}, 40, cfg)
    assert got["s_out"].tolist() == lif["s_out"].tolist() == got["s_out_bap"].tolist()
    assert got["s_out_y2"].tolist() == (2 * FACTORS).tolist()
    trace = np.zeros(3)
    for t in range(40):
        before = lif["s_out"][t - 1] if t else 0
        trace = np.minimum(trace // 2 + 16 * before, 127)
        assert got["s_out_y1"][t].tolist() == trace.tolist()


@pytest.mark.parametrize(("offset", "kept"), [(0, 4096), (1, 4095)])
def test_offsets_of_the_decays(offset, kept):
    """What a derived model sets before the first step is used."""

    class Kept(LIF):
        pass

    @implements(proc=Kept, protocol=LoihiProtocol)
    @requires(CPU)
    @tag("fixed_pt")
    class KeptModel(AbstractPyLifModelFixed):
        s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)
        vth: int = LavaPyType(int, np.int32)

        def __init__(self, proc_params):
            super().__init__(proc_params)
            self.ds_offset = offset
            self.dm_offset = offset

        def scale_threshold(self):
            pass

        def spiking_activation(self):
            return self.v > 2**23

    assert KeptModel.max_uv_val == 2 ** (KeptModel.uv_bitwidth - 1)
    assert KeptModel.decay_unity == 2**KeptModel.decay_shift
    got = run(Kept(shape=(1,), u=4096, v=4096), {}, 1)
    assert (got["u"], got["v"]) == ([kept], [2 * kept])


def test_a_mixin_for_neurons_of_ones_own():
    class Own(LearningNeuronProcess, AbstractLIF):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

    own = Own(shape=(4,), learning_rule=None)
    assert own.s_out_y3.shape == own.y1.shape == own.a_in.shape == (4,)


def test_in_front_of_a_dense_connection():
    neurons, dense = LearningLIF(shape=(3,), vth=5), Dense(weights=np.eye(3) * 4)
    Source(data=INPUTS.T).s_out.connect(neurons.a_in)
    neurons.s_out_bap.connect(dense.s_in)
    sink = Sink(shape=(3,), buffer=40)
    dense.a_out.connect(sink.a_in)
    with neurons:
        neurons.run(RunSteps(40), FIXED)
        assert sink.data.get().any()
