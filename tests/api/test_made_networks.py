"""Networks as Lava's own libraries make them: sub processes in dataclasses, models that no decorator names,
processes without a model around others, values that lie along another axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lava_hw import (
    AbstractProcess,
    AbstractSubProcessModel,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
)
from lava_hw.graph import flatten
from lava_hw.magma.compiler.exceptions import NoProcessModelFound
from lava_hw.proc.io.source import PySendModelFixed

CFG = Loihi2SimCfg(select_sub_proc_model=True, exception_proc_model_map={Source: PySendModelFixed})


class Sum(AbstractProcess):
    """Sends what it received until the step before."""

    def __init__(self):
        super().__init__()
        self.inp = InPort((2,))
        self.out = OutPort((2,))
        self.state = Var((2,), init=3)


@implements(proc=Sum, protocol=LoihiProtocol)
class SumModel(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, int)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)
    state: np.ndarray = LavaPyType(np.ndarray, int)

    def run_spk(self):
        self.out.send(self.state)
        self.state += self.inp.recv()


@dataclass
class Parts:
    first: Sum
    spare: Sum | None = None


class Outer(Sum):
    pass


@implements(proc=Outer)
class OuterModel(AbstractSubProcessModel):
    def __init__(self, proc):
        super().__init__(proc)
        self.parts = Parts(Sum())
        self.kind = Parts  # a class holds no processes
        proc.inp.connect(self.parts.first.inp)
        self.parts.first.out.connect(proc.out)
        proc.state.alias(self.parts.first.state)


class Shell(AbstractProcess):
    """Without a model: the constructor makes and connects what is inside."""

    def __init__(self, whole):
        super().__init__()
        self.inner = Sum()
        self.inp = InPort((2,))
        self.out = OutPort((2,))
        self.spare = InPort((5,))
        self.inp.connect(self.inner.inp)
        if whole:
            self.inner.out.connect(self.out)


def between(process):
    source, after = Source(data=np.full((1, 2), 7).T), Sum()
    source.s_out.connect(process.inp)
    process.out.connect(after.inp)
    return source, after


def test_sub_processes_in_a_dataclass():
    outer = Outer()
    assert [p.name for p in flatten(outer, CFG).processes] == ["Outer_0.parts_first"]
    source, after = between(outer)
    with source:
        source.run(RunSteps(3), CFG)
        assert outer.state.get().tolist() == [3 + 3 * 7] * 2
        assert after.state.get().tolist() == [3 + 3 + 10 + 17] * 2


def test_a_process_without_a_model_around_others():
    source, after = between(Shell(whole=True))
    with source:
        source.run(RunSteps(3), CFG)
        assert after.state.get().tolist() == [3 + 3 + 10 + 17] * 2


def test_a_process_without_a_model_where_messages_end_is_refused():
    source, _ = between(Shell(whole=False))
    with pytest.raises(NoProcessModelFound, match="Shell"):
        flatten(source, CFG)


def test_a_model_that_only_the_configuration_names():
    class Made(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.out = OutPort(shape=(1,))

    class MadeModel(PyLoihiProcessModel):
        implements_process = Made
        implements_protocol = LoihiProtocol
        out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)

        def run_spk(self):
            self.out.send(np.array([self.time_step]))

    one, other = Made(), Made()
    for key in (one, Made):
        flat = flatten(one, Loihi2SimCfg(exception_proc_model_map={key: MadeModel}))
        assert [p.model_class for p in flat.processes] == [MadeModel]
    with pytest.raises(NoProcessModelFound, match="Made"):
        flatten(other, Loihi2SimCfg(exception_proc_model_map={one: MadeModel}))
    sink = Sink(shape=(1,), buffer=3)
    one.out.connect(sink.a_in)
    with one:
        one.run(RunSteps(3), Loihi2SimCfg(exception_proc_model_map={one: MadeModel}))
        assert sink.data.get().tolist() == [[1, 2, 3]]


def test_a_value_may_lie_along_another_axis_of_length_one():
    source, sink = Source(data=np.zeros((3, 1))), Sink(shape=(3,), buffer=1)
    source.s_out.connect(sink.a_in)
    with source:
        source.run(RunSteps(1), CFG)
        for value in (np.array([[1, 2, 3]]), np.array([4, 5, 6]), np.array([[[7], [8], [9]]])):
            source.data.set(value)
            assert source.data.get().tolist() == value.reshape(3, 1).tolist()
            source.run(RunSteps(1))
            assert sink.data.get().tolist() == value.reshape(3, 1).tolist()
        for wrong in (np.zeros((1, 4)), np.zeros((3, 2)), np.zeros((1, 1))):
            with pytest.raises(ValueError, match=r"of shape \(3, 1\) to a value of shape"):
                source.data.set(wrong)
