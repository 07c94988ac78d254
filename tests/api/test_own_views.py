"""Virtual ports that a program defines itself, as it does for Lava."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from lava_hw import (
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyLoihiProcessModel,
    PyRefPort,
    RefPort,
    RunSteps,
    Sink,
    Source,
    Var,
    VarPort,
    implements,
)
from lava_hw.magma.core.process.ports.ports import AbstractPort, AbstractVirtualPort
from lava_hw.proc.io.source import PySendModelFixed

CFG = Loihi2SimCfg(exception_proc_model_map={Source: PySendModelFixed})


class View(AbstractVirtualPort, AbstractPort):
    def __init__(self, shape, function):
        AbstractPort.__init__(self, shape)
        self.function = function

    def get_transform_func_fwd(self):
        return self.function


def behind(port, shape, function):
    view = View(shape, function)
    port._connect_forward([view], AbstractPort, [None], assert_same_shape=False)
    return view


ROLL = partial(np.roll, shift=1)


def test_a_message_goes_through_views_of_ones_own():
    data = np.arange(24).reshape(4, 3, 2)
    source, sink = Source(data=data[..., None]), Sink(shape=(2, 4, 3), buffer=1)
    rolled = behind(source.s_out, (4, 3, 2), ROLL)
    behind(rolled, (2, 4, 3), partial(np.transpose, axes=(2, 0, 1))).connect(sink.a_in)
    with source:
        source.run(RunSteps(1), CFG)
        assert np.array_equal(sink.data.get()[..., 0], np.roll(data, 1).transpose(2, 0, 1))


class Keeper(AbstractProcess):
    def __init__(self):
        super().__init__()
        self.kept = Var((3,), init=np.array([10, 20, 30]))


@implements(proc=Keeper, protocol=LoihiProtocol)
class KeeperModel(PyLoihiProcessModel):
    kept: np.ndarray = LavaPyType(np.ndarray, int)


class Visitor(AbstractProcess):
    def __init__(self):
        super().__init__()
        self.ref = RefPort((3,))
        self.seen = Var((3,), init=0)


@implements(proc=Visitor, protocol=LoihiProtocol)
class VisitorModel(PyLoihiProcessModel):
    ref: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, int)
    seen: np.ndarray = LavaPyType(np.ndarray, int)

    def post_guard(self):
        return True

    def run_post_mgmt(self):
        self.seen[:] = self.ref.read()
        self.ref.write(np.array([1, 2, 3]))


def test_a_reference_goes_through_a_view_of_ones_own():
    keeper, visitor = Keeper(), Visitor()
    behind(visitor.ref, (3,), ROLL).connect_var(keeper.kept)
    with visitor:
        visitor.run(RunSteps(1), CFG)
        # Behind the view lies [c, a, b] of the port's [a, b, c].
        assert visitor.seen.get().tolist() == [20, 30, 10]
        assert keeper.kept.get().tolist() == [3, 1, 2]


@pytest.mark.parametrize(
    ("shape", "function", "message"),
    [
        ((3,), np.negative, "leaves out or repeats"),
        ((3,), np.abs, "not change their values"),
        ((3,), np.zeros_like, "leaves out or repeats"),
        ((2,), lambda x: x[:2], "leaves out or repeats"),
        ((3, 1), ROLL, r"is of shape \(3, 1\)"),
    ],
)
def test_a_view_that_does_more_than_to_move_elements_is_refused(shape, function, message):
    source, sink = Source(data=np.zeros((3, 1))), Sink(shape=shape, buffer=1)
    behind(source.s_out, shape, function).connect(sink.a_in)
    with pytest.raises(AssertionError, match=message):
        source.run(RunSteps(1), CFG)


def test_views_keep_to_kinds_and_numbers():
    view = behind(OutPort((2,)), (2,), ROLL)
    with pytest.raises(AssertionError, match="can only connect to InPort or OutPort"):
        view.connect(RefPort((2,)))
    with pytest.raises(AssertionError, match="Shapes"):
        view.connect(InPort((3,)))
    with pytest.raises(TypeError, match="no view of a RefPort"):
        view.connect_var(Var((2,)))
    ref = RefPort((2,))
    behind(ref, (2,), ROLL)
    with pytest.raises(AssertionError, match="one to one"):
        behind(ref, (2,), ROLL)
    with pytest.raises(AssertionError, match="InPort expected, got OutPort"):
        OutPort((2,))._connect_forward([OutPort((2,))], InPort)
    with pytest.raises(AssertionError, match="can only connect to VarPort"):
        behind(VarPort(Var((2,))), (2,), ROLL).connect(ref)
    with pytest.raises(NotImplementedError, match="must define get_transform_func_fwd"):
        AbstractVirtualPort((2,)).get_transform_func_fwd()
