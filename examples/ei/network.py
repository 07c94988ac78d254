"""Excitatory and inhibitory neurons: the process, and its models as a rate equation and as LIF neurons."""

from __future__ import annotations

from typing import Any

import numpy as np

from lava_hw import (
    CPU,
    LIF,
    AbstractProcess,
    AbstractSubProcessModel,
    Dense,
    InPort,
    LavaPyType,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    implements,
    requires,
    tag,
)

LINES = 40
"""Inputs."""


class EINetwork(AbstractProcess):
    """Excitatory and inhibitory neurons, in units of the membrane's threshold.

    Parameters: `sizes`, how many excite and inhibit; `share`, probability of a connection; `weights` from
    excitatory neurons, inhibitory neurons, inputs; `du`, `dv`, decay of current and membrane in a step;
    `drive`, least and largest bias; `seed` of the connections. Ports: `s_in`, spikes of the inputs, which
    reach excitatory neurons; `count_out`, how many of either kind spiked in the step before.
    """

    def __init__(
        self,
        sizes: tuple[int, int] = (200, 50),
        share: float = 0.25,
        weights: tuple[float, float, float] = (0.004, 0.02, 0.01),
        du: float = 0.3,
        dv: float = 0.04,
        drive: tuple[float, float] = (0.03, 0.07),
        seed: int = 3,
    ) -> None:
        super().__init__(sizes=sizes, share=share, weights=weights, du=du, dv=dv, drive=drive, seed=seed)
        self.s_in = InPort(shape=(LINES,))
        self.count_out = OutPort(shape=(2,))


@implements(proc=EINetwork, protocol=LoihiProtocol)
@requires(CPU)
@tag("floating_pt")
class RateModel(PyLoihiProcessModel):
    """Mean currents of both kinds; neurons spike as often as they would if their current stood still."""

    s_in: PyInPort = LavaPyType(PyInPort.VEC_DENSE, float)
    count_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, float)

    def __init__(self, proc_params: Any) -> None:
        super().__init__(proc_params)
        self.current, self.count = np.zeros((2, 1)), np.zeros(2)
        self.bias = np.linspace(*proc_params["drive"], 400)

    def run_spk(self) -> None:
        """One step: what is sent in this step acts in the next."""
        p = self.proc_params
        w_exc, w_inh, w_in = p["weights"]
        self.count_out.send(self.count)
        # Without a spike the membrane comes to rest here; it takes `steps` steps to 1, the threshold.
        rest = (self.current + self.bias) / p["dv"]
        steps = np.log1p(-1 / np.maximum(rest, 1 + 1e-9)) / np.log1p(-p["dv"])
        self.count = np.where(rest > 1, 1 / (steps + 0.5), 0).mean(axis=1) * p["sizes"]
        self.current *= 1 - p["du"]
        self.current += p["share"] * (w_exc * self.count[0] - w_inh * self.count[1])
        self.current[0] += p["share"] * w_in * self.s_in.recv().sum()


class Spiking(AbstractSubProcessModel):
    """LIF neurons and their connections; a subclass says what the threshold is and how numbers are kept."""

    def build(self, proc: Any, threshold: int, kept: Any, decays: dict[str, float]) -> None:
        """Make the network; weights and biases are multiplied by the threshold."""
        p = proc.proc_params
        rng = np.random.default_rng(p["seed"])
        (exc, inh), (w_exc, w_inh, w_in) = p["sizes"], p["weights"]
        neurons = exc + inh
        recurrent = np.repeat([w_exc, -w_inh], (exc, inh)) * (rng.random((neurons, neurons)) < p["share"])
        inputs = w_in * (rng.random((neurons, LINES)) < p["share"]) * (np.arange(neurons) < exc)[:, None]
        bias = rng.permutation(np.linspace(*p["drive"], neurons))
        kinds = np.repeat(np.eye(2, dtype=int), (exc, inh), axis=1)
        self.cells = LIF(shape=(neurons,), vth=threshold, bias_mant=kept(bias * threshold), **decays)
        self.inputs = Dense(weights=kept(inputs * threshold))
        self.recurrent = Dense(weights=kept(recurrent * threshold))
        self.count = Dense(weights=kinds)
        proc.s_in.connect(self.inputs.s_in)
        self.inputs.a_out.connect(self.cells.a_in)
        self.cells.s_out.connect(self.recurrent.s_in)
        self.recurrent.a_out.connect(self.cells.a_in)
        self.cells.s_out.connect(self.count.s_in)
        self.count.a_out.connect(proc.count_out)


@implements(proc=EINetwork, protocol=LoihiProtocol)
@tag("floating_pt")
class SpikingFloat(Spiking):
    """As the parameters say."""

    def __init__(self, proc: Any) -> None:
        self.build(proc, 1, np.asarray, {"du": proc.proc_params["du"], "dv": proc.proc_params["dv"]})


@implements(proc=EINetwork, protocol=LoihiProtocol)
@tag("fixed_pt")
class SpikingFixed(Spiking):
    """Weights of eight bits, decays of twelve."""

    def __init__(self, proc: Any) -> None:
        du, dv = (round(proc.proc_params[name] * 4096) for name in ("du", "dv"))
        # The integer model takes du + 1 from 4096, and shifts what arrives left by 6, so the bias too.
        decays = {"du": du - 1, "dv": dv, "bias_exp": 6}
        self.build(proc, 10_000, lambda values: np.rint(values).astype(int), decays)
