"""Connections, probes and members that cannot do what was meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    AbstractSubProcessModel,
    Dense,
    HwRunCfg,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    Monitor,
    OutPort,
    PyLoihiProcessModel,
    PyOutPort,
    PyRefPort,
    RefPort,
    RunSteps,
    Sink,
    Source,
    Var,
    VarPort,
    compile_network,
    implements,
)
from lava_hw.graph import flatten
from lava_hw.magma.core.decorator import requires
from lava_hw.magma.core.model.py.ports import PyVarPort
from lava_hw.magma.core.resources import CPU

CFG = Loihi2SimCfg(select_tag="fixed_pt")


class Looker(AbstractProcess):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ref = RefPort((2,))
        self.state = Var((2,))
        self.door = VarPort(self.state)


@implements(proc=Looker, protocol=LoihiProtocol)
@requires(CPU)
class LookerModel(PyLoihiProcessModel):
    ref: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, int)
    state: np.ndarray = LavaPyType(np.ndarray, int)
    door: PyVarPort = LavaPyType(PyVarPort.VEC_DENSE, int)


def _out(a: LIF, b: LIF) -> None:
    a.s_out.connect(b.s_out)


def _out_view(a: LIF, b: LIF) -> None:
    a.s_out.reshape((2, 1)).flatten().connect(b.s_out)


def _out_from(a: LIF, b: LIF) -> None:
    b.s_out.connect_from(a.s_out)


def _in(a: LIF, b: LIF) -> None:
    a.a_in.connect(b.a_in)


@pytest.mark.parametrize(
    ("connect", "first", "second", "remedy"),
    [
        (_out, "OutPort a.s_out", "OutPort b.s_out", "connects to InPorts of other processes"),
        (_out_view, "OutPort a.s_out", "OutPort b.s_out", "connects to InPorts of other processes"),
        (_out_from, "OutPort a.s_out", "OutPort b.s_out", "connects to InPorts of other processes"),
        (_in, "InPort a.a_in", "InPort b.a_in", "connect the sender to both"),
    ],
)
def test_siblings_do_not_connect_ports_of_one_kind(
    connect: Callable[[Any, Any], None], first: str, second: str, remedy: str
) -> None:
    def pair() -> LIF:
        a, b, sink = LIF(shape=(2,), name="a"), LIF(shape=(2,), name="b"), Sink(shape=(2,), buffer=3)
        connect(a, b)  # parents are not known yet
        b.s_out.connect(sink.a_in)
        return a

    for build in (
        lambda: pair().run(RunSteps(3), CFG),
        lambda: compile_network(pair(), "test8", HwRunCfg(device="golden")),
        lambda: pair().compile(CFG),
    ):
        with pytest.raises(AssertionError) as caught:
            build()
        said = str(caught.value)
        assert f"{first} is connected to {second}" in said
        assert "is no sub process of" in said
        assert remedy in said


@pytest.mark.parametrize(("kind", "port"), [("RefPort", "ref"), ("VarPort", "door")])
def test_nor_ports_that_reach_vars(kind: str, port: str) -> None:
    a, b = Looker(name="a"), Looker(name="b")
    getattr(a, port).connect(getattr(b, port))
    with pytest.raises(
        AssertionError, match=f"{kind} a.{port} is connected to {kind} b.{port}, but .* no sub process"
    ):
        flatten(a, CFG)


class Around(AbstractProcess):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inp, self.out = InPort((2,)), OutPort((2,))


class Outermost(Around):
    """Around another one."""


def _inner_to_outer(proc: Any, inner: Any, ins: str, outs: str) -> None:
    proc.inp.connect(getattr(inner, ins))
    getattr(inner, outs).connect(proc.out)


@implements(proc=Around, protocol=LoihiProtocol)
class AroundModel(AbstractSubProcessModel):
    def __init__(self, proc: Any) -> None:
        super().__init__(proc)
        self.cells = LIF(shape=(2,), du=4095, vth=1)
        _inner_to_outer(proc, self.cells, "a_in", "s_out")


@implements(proc=Outermost, protocol=LoihiProtocol)
class OutermostModel(AbstractSubProcessModel):
    def __init__(self, proc: Any) -> None:
        super().__init__(proc)
        self.around = Around()
        _inner_to_outer(proc, self.around, "inp", "out")


class Backwards(Around):
    """Its model connects the outer OutPort to the inner one."""


@implements(proc=Backwards, protocol=LoihiProtocol)
class BackwardsModel(AbstractSubProcessModel):
    def __init__(self, proc: Any) -> None:
        super().__init__(proc)
        self.cells = LIF(shape=(2,))
        proc.out.connect(self.cells.s_out)


def test_what_hierarchy_needs_works() -> None:
    source, outer, sink = Source(data=np.full((2, 3), 9)), Outermost(), Sink(shape=(2,), buffer=3)
    source.s_out.connect(outer.inp)
    outer.out.connect(sink.a_in)
    with outer:
        outer.run(RunSteps(3), CFG)
        assert sink.data.get().tolist() == [[1, 1, 1]] * 2


def test_the_wrong_direction_is_refused() -> None:
    outer, sink = Backwards(), Sink(shape=(2,), buffer=1)
    outer.out.connect(sink.a_in)
    with pytest.raises(AssertionError) as caught:
        flatten(outer, CFG)
    assert "OutPort Backwards_0.out is connected to OutPort Backwards_0.cells.s_out" in str(caught.value)
    assert "from the inner to the outer one" in str(caught.value)


# ------------------------------------------------------------------------------------------ two equal probes
def test_a_monitor_refuses_a_second_probe_of_the_same_key() -> None:
    a, b, c = LIF(shape=(2,), name="x"), Dense(weights=np.ones((2, 2)), name="x"), LIF(shape=(2,), name="x")
    monitor = Monitor(name="watch")
    monitor.probe(a.v, 3)
    monitor.probe(a.u, 3)
    monitor.probe(b.a_buff, 3)  # another key
    with pytest.raises(ValueError) as caught:
        monitor.probe(c.v, 3)
    assert str(caught.value) == (
        "Monitor watch records Var x.v of a LIF already, and cannot record Var x.v of a LIF beside it: "
        "get_data() would hold both as ['x']['v']. Give the two processes different names "
        "(LIF(..., name=...)), or use a Monitor for each."
    )
    assert not c.var_ports.has(None)
    assert len(c.var_ports) == 0, "nothing was connected"
    c.name = "y"
    monitor.probe(c.v, 3)
    with a:
        a.run(RunSteps(3), CFG)
        data = monitor.get_data()
    assert {key: sorted(value) for key, value in data.items()} == {"x": ["a_buff", "u", "v"], "y": ["v"]}


def test_names_that_became_equal_are_told_before_data_are_lost() -> None:
    a, b, monitor = LIF(shape=(1,), name="a"), LIF(shape=(1,), name="b"), Monitor()
    monitor.probe(a.v, 1)
    monitor.probe(b.v, 1)
    b.name = "a"
    with pytest.raises(ValueError, match="two of the recorded processes were given the name 'a' after probe"):
        monitor.get_data()


def test_two_monitors_of_processes_of_one_name() -> None:
    a, b = LIF(shape=(1,), name="x", bias_mant=3), LIF(shape=(1,), name="x", bias_mant=5)
    a.s_out.connect(b.a_in)
    monitors = [Monitor(), Monitor()]
    monitors[0].probe(a.v, 2)
    monitors[1].probe(b.v, 2)
    with a:
        a.run(RunSteps(2), CFG)
        assert [m.get_data()["x"]["v"].ravel().tolist() for m in monitors] == [[3, 6], [5, 10]]


# --------------------------------------------------------------------------------- members that were replaced
class Replacing(AbstractProcess):
    def __init__(self, how: Callable[[Any], Any], which: str) -> None:
        super().__init__(name="mine")
        self.out, self.v = OutPort((2, 3)), Var((2,))
        setattr(self, which, how(self))


@implements(proc=Replacing, protocol=LoihiProtocol)
@requires(CPU)
class ReplacingModel(PyLoihiProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)
    v: np.ndarray = LavaPyType(np.ndarray, int)


@pytest.mark.parametrize(
    ("which", "how", "happened", "remedy"),
    [
        (
            "out",
            lambda p: p.out.flatten(),
            "assigned a view of it, a ReshapePort of shape (6,).",
            "self.out_view = ...",
        ),
        (
            "out",
            lambda p: p.out.transpose(),
            "a TransposePort of shape (3, 2).",
            "make the view where the port is",
        ),
        ("out", lambda p: None, "assigned something else (NoneType).", "A port keeps its attribute"),
        (
            "v",
            lambda p: np.ones(2),
            "assigned something else (ndarray).",
            "Var(shape, init=...), and changed by its set()",
        ),
        ("v", lambda p: 3, "assigned something else (int).", "give the other object another name"),
    ],
)
def test_a_member_that_was_replaced_is_explained(which: str, how: Any, happened: str, remedy: str) -> None:
    kind = {"out": "OutPort", "v": "Var"}[which]
    with pytest.raises(AssertionError) as caught:
        Replacing(how, which).run(RunSteps(1), CFG)
    said = str(caught.value)
    assert (
        f"Process 'mine' of type Replacing has no {kind} '{which}' any more: after self.{which} = {kind}(...)"
        in said
    )
    assert happened in said
    assert remedy in said


def test_a_member_that_is_put_back_is_there() -> None:
    process = Replacing(lambda p: p.v, "v")
    process.v, kept = 5, process.v  # type: ignore[assignment]
    process.v = kept
    flatten(process, CFG)
