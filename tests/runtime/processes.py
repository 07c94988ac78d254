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
