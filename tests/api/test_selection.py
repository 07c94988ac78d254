"""Which model a process gets, names, sub processes."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    CPU,
    LIF,
    AbstractProcess,
    AbstractSubProcessModel,
    Dense,
    HwRunCfg,
    InPort,
    LavaPyType,
    Loihi1SimCfg,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunConfig,
    RunSteps,
    Sink,
    Source,
    TernaryLIF,
    Var,
    implements,
    requires,
    tag,
)
from lava_hw.graph import flatten
from lava_hw.graph.discover import find_models
from lava_hw.graph.flatten import offered_models
from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.magma.core.model.hw.model import AbstractHwProcessModel
from lava_hw.magma.core.resources import NeuroCore
from lava_hw.proc.io.source import PySendModelFixed
from lava_hw.proc.lif.hw_models import HwLif
from lava_hw.proc.lif.models import PyLifModelBitAcc, PyLifModelFloat
from lava_hw.proc.s4d.process import S4d

GOLDEN = HwRunCfg(device="golden")


class P(AbstractProcess):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp = InPort((2,))
        self.out = OutPort((2,))
        self.state = Var((2,), init=3)


class _Base(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)
    state: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        self.out.send(self.state)
        self.state += self.inp.recv()


@implements(proc=P, protocol=LoihiProtocol)
@requires(CPU)
class Untagged(_Base):
    pass


@implements(proc=P, protocol=LoihiProtocol)
@tag("first", "both")
class First(_Base):
    pass


@implements(proc=P, protocol=LoihiProtocol)
@tag("second", "both")
class Second(_Base):
    pass


@implements(proc=P)
class Sub(AbstractSubProcessModel):
    def __init__(self, proc):
        super().__init__(proc)
        self.inner = Q()
        proc.in_ports.inp.connect(self.inner.in_ports.inp)
        self.inner.out_ports.out.connect(proc.out_ports.out)
        proc.vars.state.alias(self.inner.vars.state)


class Q(AbstractProcess):
    """Has one model only."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp = InPort((2,))
        self.out = OutPort((2,))
        self.state = Var((2,), init=3)


@implements(proc=Q, protocol=LoihiProtocol)
@tag("second")
class QModel(_Base):
    pass


def select(cfg, process):
    return cfg.select(process, offered_models(process, cfg, process.name))


@pytest.mark.parametrize("cls", [Loihi1SimCfg, Loihi2SimCfg])
def test_rules_of_the_simulation(cls):
    p, q = P(), Q()
    assert select(cls(), p) is Untagged
    assert select(cls(select_tag="both"), p) is First
    assert select(cls(select_tag="second"), p) is Second
    assert select(cls(select_sub_proc_model=True), p) is Sub
    assert select(cls(exception_proc_model_map={P: Second}), p) is Second
    assert select(cls(exception_proc_model_map={P: Second, p: First}), p) is First
    assert select(cls(exception_proc_model_map={P: Second, p: First}), P()) is Second
    with pytest.raises(AssertionError, match="No ProcessModels found with tag 'other'"):
        select(cls(select_tag="other"), p)
    assert select(cls(), q) is QModel
    assert select(cls(select_tag="second"), q) is QModel
    with pytest.raises(AssertionError, match="No ProcessModels found with tag 'first'"):
        select(cls(select_tag="first"), q)


def test_library():
    assert select(Loihi2SimCfg(), LIF(shape=(1,))) is PyLifModelFloat
    assert select(Loihi2SimCfg(select_tag="fixed_pt"), LIF(shape=(1,))) is PyLifModelBitAcc
    assert select(GOLDEN, LIF(shape=(1,))) is HwLif
    assert select(GOLDEN, TernaryLIF(shape=(1,))).__name__ == "HwTernaryLif"
    linear = S4d(shape=(1,), a=1, b=1, c=1)
    with pytest.raises(AssertionError, match="fixed_pt"):
        select(Loihi2SimCfg(select_tag="fixed_pt"), linear)
    with pytest.raises(AssertionError, match=r"S4dModel.*exception_proc_model_map"):
        select(GOLDEN, linear)


def test_rules_of_the_chip():
    lif, p, q = LIF(shape=(1,)), P(), Q()
    assert select(GOLDEN, lif) is HwLif
    assert (
        select(HwRunCfg(device="verilator", exception_proc_model_map={lif: PyLifModelBitAcc}), lif)
        is PyLifModelBitAcc
    )
    assert select(GOLDEN, p) is Untagged
    assert select(HwRunCfg(device="golden", select_tag="second"), p) is Second
    with pytest.raises(AssertionError, match=r"process 'Q' of type Q; it has: QModel\['second'\]"):
        select(GOLDEN, q)


def test_sub_process_model_if_there_is_nothing_else():
    class R(P):
        pass

    @implements(proc=R)
    class RSub(Sub):
        pass

    assert select(GOLDEN, R()) is RSub
    assert select(Loihi2SimCfg(), R()) is RSub
    # The inherited model counts for its own process only.
    assert Sub in find_models(P)
    assert RSub not in find_models(P)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"device": "fpga"}, "there is no device 'fpga'; the devices are "),
        ({"device": "golden", "check": "rtl"}, "check must be"),
        ({"device": "golden", "build": "slow"}, "build must be"),
        ({"device": "golden", "trace": (5, 2, "x")}, "trace must be"),
        ({"device": "golden", "trace": 3}, "trace must be"),
    ],
)
def test_bad_configurations_of_the_chip(kwargs, message):
    with pytest.raises(ValueError, match=message):
        HwRunCfg(**kwargs)


def test_unknown_keys_and_missing_device():
    with pytest.raises(TypeError, match="device"):
        HwRunCfg()
    with pytest.raises(TypeError, match="chipp"):
        HwRunCfg(device="golden", chipp="x")


def test_no_model():
    class Lonely(AbstractProcess):
        pass

    with pytest.raises(NoProcessModelFound, match="Lonely"):
        flatten(Lonely(), Loihi2SimCfg())


def test_a_subclass_has_the_models_of_its_parent_until_it_has_its_own():
    class Child(LIF):
        pass

    class Grandchild(Child):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.more = Var(shape=(1,), init=0)

    assert find_models(Child) == find_models(LIF)
    assert [p.on_chip for p in flatten(Child(shape=(1,)), HwRunCfg(device="golden")).processes] == [True]
    for cfg in (Loihi2SimCfg(), HwRunCfg(device="golden")):
        with pytest.raises(AssertionError, match="expected to have Var named 'more'"):
            flatten(Grandchild(shape=(1,)), cfg)

    @implements(proc=Child, protocol=LoihiProtocol)
    class Own(PyLifModelBitAcc):
        pass

    assert find_models(Child) == find_models(Grandchild) == [Own]


def test_models_of_the_chip_are_offered_where_a_device_is_named():
    class Last(RunConfig):
        def select(self, process, proc_models):
            return proc_models[-1]

    assert not flatten(LIF(shape=(1,)), Last()).processes[0].on_chip


def test_models_defined_elsewhere_do_not_change_the_selection():
    @implements(proc=LIF, protocol=LoihiProtocol)
    @tag("fixed_pt")
    class Mine(PyLifModelBitAcc):
        pass

    assert Mine not in find_models(LIF)
    assert select(Loihi2SimCfg(exception_proc_model_map={LIF: Mine}), LIF(shape=(1,))) is Mine


def test_run_config_of_a_user():
    class Mine(RunConfig):
        def select(self, process, proc_models):
            return proc_models[1]

    class Wrong(RunConfig):
        def select(self, process, proc_models):
            return None

    with pytest.raises(NotImplementedError, match="must define select"):
        flatten(Q(), RunConfig())
    assert flatten(P(), Mine()).processes[0].model_class is First
    with pytest.raises(AssertionError, match="must return a ProcessModel"):
        flatten(P(), Wrong())


def test_model_and_process_must_have_the_same_members():
    class Odd(P):
        def __init__(self):
            super().__init__()
            self.extra = Var((1,))

    @implements(proc=Odd, protocol=LoihiProtocol)
    class OddModel(_Base):
        pass

    with pytest.raises(
        AssertionError, match="expected to have Var named 'extra', but only the Process has it"
    ):
        flatten(Odd(), Loihi2SimCfg())

    class Poor(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.inp, self.out = InPort((2,)), InPort((2,))
            self.state = Var((2,))

    @implements(proc=Poor, protocol=LoihiProtocol)
    class PoorModel(_Base):
        pass

    with pytest.raises(AssertionError, match="InPort named 'out', but only the Process"):
        flatten(Poor(), Loihi2SimCfg())


def test_decorators_refuse_what_is_wrong():
    with pytest.raises(TypeError, match="process class"):
        implements(proc=int)
    with pytest.raises(TypeError, match="protocol class"):
        implements(proc=P, protocol=int)
    with pytest.raises(AssertionError, match="process models"):
        implements(proc=P)(int)
    with pytest.raises(TypeError, match="resource"):
        requires(int)
    with pytest.raises(AssertionError, match="str"):
        tag(3)

    @requires(NeuroCore)
    @tag("more")
    class Child(First):
        pass

    assert Child.tags == ["first", "both", "more"]
    assert Child.required_resources == [NeuroCore]
    assert First.tags == ["first", "both"]


def test_names():
    source, dense, lif = (
        Source(data=np.ones((2, 1))),
        Dense(weights=np.ones((2, 2))),
        LIF(shape=(2,), name="Dense_1"),
    )
    again, sink = LIF(shape=(2,), name="Dense_1"), Sink(shape=(2,), buffer=1)
    source.s_out.connect(dense.s_in)
    dense.a_out.connect([lif.a_in, again.a_in])
    lif.s_out.connect(sink.a_in)
    names = ["Source_0", "Dense_1_2", "Dense_1", "Dense_1_1", "Sink_4"]
    for start in (source, dense, lif, again, sink, [sink, source]):
        flat = flatten(start, GOLDEN)
        assert [p.name for p in flat.processes] == names
        assert [p.on_chip for p in flat.processes] == [False, True, True, True, False]
    assert flat.by_name("Dense_1").process is lif
    with pytest.raises(KeyError, match="'nobody'"):
        flat.by_name("nobody")


def test_flat_is_a_copy():
    weights = np.ones((2, 2))
    dense = Dense(weights=weights)
    flat = flatten(dense, GOLDEN)
    weights[:] = 5
    assert (flat.processes[0].vars["weights"].init == 1).all()
    assert (flat.processes[0].params["weights"] == 1).all()


def nested():
    class Outer(P):
        pass

    @implements(proc=Outer)
    class OuterModel(AbstractSubProcessModel):
        def __init__(self, proc):
            super().__init__(proc)
            self.parts = [P(), P(name="named")]
            proc.inp.connect(self.parts[0].inp)
            self.parts[0].out.connect(self.parts[1].inp)
            self.parts[1].out.connect(proc.out)
            proc.state.alias(self.parts[1].state)

    return Outer


CFG = Loihi2SimCfg(select_sub_proc_model=True, exception_proc_model_map={Source: PySendModelFixed})


def test_sub_processes_of_sub_processes():
    outer, before, after = nested()(), Source(data=np.full((1, 2), 7).T), Q()
    before.s_out.connect(outer.inp)
    outer.out.connect(after.inp)
    for _ in range(2):  # a second time, nothing is expanded or connected twice
        flat = flatten(outer, CFG)
        assert [p.name for p in flat.processes] == [
            "Source_1",
            "Q_2",
            "Outer_0.parts_0.inner",
            "Outer_0.named.inner",
        ]
        assert [(k.src_process, k.dst_process) for k in flat.links] == [(3, 1), (0, 2), (2, 3)]
        assert flat.aliases == {
            ("Outer_0", "state"): (3, "state"),
            ("Outer_0.parts_0", "state"): (2, "state"),
            ("Outer_0.named", "state"): (3, "state"),
        }
        assert [name for name, _ in flat.parents] == ["Outer_0", "Outer_0.parts_0", "Outer_0.named"]
    with outer:
        outer.run(RunSteps(3), CFG)
        # parts_0: 3 + 7 t; named sums what parts_0 sent.
        assert outer.state.get().tolist() == [3 + 3 + 10 + 17] * 2
        outer.state.set(0)
        assert outer.procs.parts_1.procs.inner.state.get().tolist() == [0, 0]
        assert after.state.get().tolist() == [3 + 3 + 6 + 16] * 2


def test_another_selection_after_an_expansion():
    p = P()
    flatten(p, CFG)
    with pytest.raises(AssertionError, match="was expanded by Sub before"):
        flatten(p, Loihi2SimCfg())


def test_alias_must_belong_to_a_sub_process():
    class Wrong(P):
        pass

    stranger = P()

    @implements(proc=Wrong)
    class WrongModel(AbstractSubProcessModel):
        def __init__(self, proc):
            super().__init__(proc)
            self.inner = Q()
            proc.out.connect_from(self.inner.out)
            proc.state.alias(stranger.state)

    with pytest.raises(AssertionError, match="belongs to none of its sub processes"):
        flatten([Wrong()], Loihi2SimCfg())


def test_chip_models_do_not_count_in_python():
    class OnlyChip(P):
        pass

    @implements(proc=OnlyChip, protocol=LoihiProtocol)
    class OnlyChipModel(AbstractHwProcessModel):
        pass

    assert flatten(OnlyChip(), GOLDEN).processes[0].on_chip
    with pytest.raises(NoProcessModelFound, match="has models for the chip only"):
        flatten(OnlyChip(), Loihi2SimCfg())
