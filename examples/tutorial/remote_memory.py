"""Remote memory: a process that reads and writes a Var of another one.

    python examples/tutorial/remote_memory.py

Messages are for what happens in every step. A RefPort is for what happens now and then: a process holds it,
connects it to a Var of another process, and reads or writes that Var between the phases of a step. Here a
homeostat reads the voltages of neurons, counts how often they were reset, and every 50 steps moves their
biases until they all spike equally often.
"""

from __future__ import annotations

import numpy as np

from lava_hw import (
    CPU,
    LIF,
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    PyInPort,
    PyLoihiProcessModel,
    PyRefPort,
    RefPort,
    RunSteps,
    Var,
    implements,
    requires,
)

EVERY = 50


class Homeostat(AbstractProcess):
    """Moves the biases of neurons towards a number of spikes in 50 steps."""

    def __init__(self, shape: tuple[int, ...], wanted: int) -> None:
        super().__init__(wanted=wanted)
        self.s_in = InPort(shape=shape)
        self.bias = RefPort(shape=shape)
        self.count = Var(shape=shape, init=0)
        self.history = Var(shape=(20, *shape), init=0)


@implements(proc=Homeostat, protocol=LoihiProtocol)
@requires(CPU)
class PyHomeostat(PyLoihiProcessModel):
    """Counts in the spiking phase, reads and writes in the management phase behind it."""

    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    bias: PyRefPort = LavaPyType(PyRefPort.VEC_DENSE, np.int32)
    count: np.ndarray = LavaPyType(np.ndarray, np.int32)
    history: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        """In every step."""
        self.count += self.s_in.recv()

    def post_guard(self) -> bool:
        """Whether this model asks for the management phase at the end of this step."""
        return self.time_step % EVERY == 0

    def run_post_mgmt(self) -> None:
        """Only in steps in which the guard said so. What is written acts from the next step on."""
        self.history[self.time_step // EVERY - 1] = self.count
        self.bias.write(self.bias.read() + 4 * (self.proc_params["wanted"] - self.count))
        self.count[:] = 0


def main() -> None:
    """Neurons with thresholds of their own come to the same rate."""
    thresholds = np.array([100, 200, 400, 800])
    neurons = LIF(shape=(4,), vth=thresholds, bias_mant=np.full(4, 20), bias_exp=6, dv=41, du=4095)
    homeostat = Homeostat((4,), wanted=10)
    neurons.s_out.connect(homeostat.s_in)
    homeostat.bias.connect_var(neurons.bias_mant)
    with neurons:
        neurons.run(RunSteps(20 * EVERY), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        history, biases = homeostat.history.get().astype(int), neurons.bias_mant.get().astype(int)
    print(f"{'threshold':>12}" + "".join(f"{vth:8}" for vth in thresholds))
    for row in (0, 1, 2, 4, 9, 19):
        print(f"steps {row * EVERY:3}-{(row + 1) * EVERY:<4}" + "".join(f"{n:6} x" for n in history[row]))
    print(f"{'bias at last':>12}" + "".join(f"{bias:8}" for bias in biases))


if __name__ == "__main__":
    main()
