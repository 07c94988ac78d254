"""A process and its model in Python, from the first line: a leaky integrate-and-fire neuron of one's own.

    python examples/own_neuron.py

The library has such a neuron (lava_hw.proc.lif); this one shows what a process and a model consist of.
"""

import numpy as np

from lava_hw.magma.core.decorator import implements, requires
from lava_hw.magma.core.model.py.model import PyLoihiProcessModel
from lava_hw.magma.core.model.py.ports import PyInPort, PyOutPort
from lava_hw.magma.core.model.py.type import LavaPyType
from lava_hw.magma.core.process.ports.ports import InPort, OutPort
from lava_hw.magma.core.process.process import AbstractProcess
from lava_hw.magma.core.process.variable import Var
from lava_hw.magma.core.resources import CPU
from lava_hw.magma.core.run_conditions import RunSteps
from lava_hw.magma.core.run_configs import Loihi2SimCfg
from lava_hw.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava_hw.proc.io.source import RingBuffer as Source


class MyLIF(AbstractProcess):
    """A leaky integrate-and-fire neuron: what it has, not how it is computed.

    It stands for this behaviour, in integers of 2^12 for the decays::

        u[t] = u[t-1] * (2^12 - du) / 2^12 + a_in
        v[t] = v[t-1] * (2^12 - dv) / 2^12 + u[t] + bias
        s_out = v[t] > vth;  v[t] = 0 where s_out
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        shape = kwargs.get("shape", (1,))
        self.a_in = InPort(shape=shape)
        self.s_out = OutPort(shape=shape)
        self.u = Var(shape=shape, init=0)
        self.v = Var(shape=shape, init=0)
        self.du = Var(shape=(1,), init=kwargs.get("du", 0))
        self.dv = Var(shape=(1,), init=kwargs.get("dv", 0))
        self.bias = Var(shape=shape, init=kwargs.get("bias", 0))
        self.vth = Var(shape=(1,), init=kwargs.get("vth", 10))
        self.spikes = Var(shape=shape, init=0)


@implements(proc=MyLIF, protocol=LoihiProtocol)
@requires(CPU)
class PyMyLIF(PyLoihiProcessModel):
    """How a CPU computes it, in steps as on Loihi. Every port and Var of the process has its type here."""

    a_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool, precision=1)
    u: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=24)
    v: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=24)
    du: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=12)
    dv: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=12)
    bias: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=12)
    vth: np.ndarray = LavaPyType(np.ndarray, np.int32, precision=8)
    spikes: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        """One step. First multiply, then divide: 2^12 - du alone, divided by 2^12, would be 0."""
        self.u[:] = self.u * (2**12 - self.du) // 2**12 + self.a_in.recv()
        self.v[:] = self.v * (2**12 - self.dv) // 2**12 + self.u + self.bias
        spikes = self.v > self.vth
        self.v[spikes] = 0  # reset to zero
        self.spikes += spikes
        self.s_out.send(spikes)


def main():
    """Run two neurons step by step, one with spikes from outside and one with a bias; print their states."""
    source = Source(data=np.array([[900, 0, 0, 0, 0, 0, 0, 0], [0] * 8]))
    neurons = MyLIF(shape=(2,), du=1024, dv=256, bias=[0, 300], vth=1000)
    source.s_out.connect(neurons.a_in)
    print("step      u0      v0      u1      v1  spikes so far")
    for step in range(1, 9):
        neurons.run(condition=RunSteps(num_steps=1), run_cfg=Loihi2SimCfg())
        (u0, u1), (v0, v1) = neurons.u.get(), neurons.v.get()
        print(f"{step:4}{u0:8.0f}{v0:8.0f}{u1:8.0f}{v1:8.0f}  {neurons.spikes.get().astype(int)}")
    neurons.stop()


if __name__ == "__main__":
    main()
