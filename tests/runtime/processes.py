"""Small processes that the tests of the runtime share."""

from __future__ import annotations

import numpy as np

from lava_hw import (
    CPU,
    AbstractProcess,
    InPort,
    LavaPyType,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    PyRefPort,
    RefPort,
    Var,
    implements,
    requires,
)


class Counter(AbstractProcess):
    """Sends its step; does `params['action'](model)` first."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.out = OutPort((1,))
        self.state = Var((1,), init=0)


@implements(proc=Counter, protocol=LoihiProtocol)
@requires(CPU)
class CounterModel(PyLoihiProcessModel):
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    state: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        self.state[:] = self.time_step
        action = self.proc_params.get("action")
        if action is not None:
            action(self)
        self.out.send(self.state)


class Adder(AbstractProcess):
    """Adds up what arrives; sends the sum after (or before) it receives."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inp = InPort((1,))
        self.out = OutPort((1,))
        self.total = Var((1,), init=kwargs.get("init", 0))


@implements(proc=Adder, protocol=LoihiProtocol)
@requires(CPU)
class AdderModel(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)
    total: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        if self.proc_params.get("send_first", False):
            self.out.send(self.total)
            self.total[:] += self.inp.recv()
        else:
            self.total[:] += self.inp.recv()
            self.out.send(self.total)


class Toucher(AbstractProcess):
    """Does `params['post'](model)` with a RefPort at the end of each step."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.ref = RefPort((1,))
        self.seen = Var((20,), init=-1)
        self.out = OutPort((1,))


@implements(proc=Toucher, protocol=LoihiProtocol)
class ToucherModel(PyLoihiProcessModel):
    ref: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, int)
    seen: np.ndarray = LavaPyType(np.ndarray, int)
    out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, int)

    def run_spk(self):
        self.proc_params.get("spk", lambda model: None)(self)
        self.out.send(np.array([self.time_step]))

    def post_guard(self):
        return "post" in self.proc_params

    def run_post_mgmt(self):
        self.proc_params["post"](self)

    def note(self):
        self.seen[self.time_step - 1] = self.ref.read()[0]
