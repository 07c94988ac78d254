"""Hierarchy: a process whose model is a network of other processes.

    python examples/tutorial/hierarchy.py

Seen from outside such a process has ports and Vars as any other; nobody who connects it has to know what is
in it. A SubProcessModel makes the inner processes, connects the outer ports with theirs, and makes the outer
Vars other names of theirs. It is taken apart before anything runs, so it costs nothing.
"""

from __future__ import annotations

import numpy as np

from lava_hw import (
    LIF,
    AbstractProcess,
    AbstractSubProcessModel,
    Dense,
    HwRunCfg,
    InPort,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    RunConfig,
    RunSteps,
    Sink,
    Source,
    Var,
    implements,
)


class Layer(AbstractProcess):
    """Neurons behind a matrix of weights.

    Parameters
    ----------
    weights : array, shape (neurons, inputs)
    name : str, optional
    **neurons
        For LIF.
    """

    def __init__(self, weights: np.ndarray, name: str | None = None, **neurons) -> None:
        super().__init__(weights=weights, neurons=neurons, name=name)
        rows, columns = weights.shape
        self.s_in = InPort(shape=(columns,))
        self.s_out = OutPort(shape=(rows,))
        self.v = Var(shape=(rows,), init=0)
        self.weights = Var(shape=(rows, columns), init=weights)


@implements(proc=Layer, protocol=LoihiProtocol)
class LayerOfLIF(AbstractSubProcessModel):
    """A Dense and a LIF."""

    def __init__(self, proc: AbstractProcess) -> None:
        weights = proc.proc_params["weights"]
        self.dense = Dense(weights=weights)
        self.neurons = LIF(shape=(len(weights),), **proc.proc_params["neurons"])
        proc.s_in.connect(self.dense.s_in)  # from the outer input to an inner one
        self.dense.a_out.connect(self.neurons.a_in)
        self.neurons.s_out.connect(proc.s_out)  # from an inner output to the outer one
        proc.v.alias(self.neurons.v)
        proc.weights.alias(self.dense.weights)


class TwoLayers(AbstractProcess):
    """A Layer behind a Layer: hierarchies nest."""

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        super().__init__(first=first, second=second, name="net")
        self.s_in = InPort(shape=(first.shape[1],))
        self.s_out = OutPort(shape=(len(second),))
        self.v = Var(shape=(len(second),), init=0)


@implements(proc=TwoLayers, protocol=LoihiProtocol)
class LayersInSeries(AbstractSubProcessModel):
    """Both layers have the same kind of neurons."""

    def __init__(self, proc: AbstractProcess) -> None:
        neurons = {"vth": 300, "du": 1000, "dv": 300}
        self.hidden = Layer(proc.proc_params["first"], **neurons)
        self.output = Layer(proc.proc_params["second"], **neurons)
        proc.s_in.connect(self.hidden.s_in)
        self.hidden.s_out.connect(self.output.s_in)
        self.output.s_out.connect(proc.s_out)
        proc.v.alias(self.output.v)


def run(run_cfg: RunConfig) -> tuple[np.ndarray, np.ndarray]:
    """Forty steps; spikes, and the voltages at the end."""
    rng = np.random.default_rng(5)
    source, sink = Source(data=rng.integers(0, 2, (8, 40))), Sink(shape=(4,), buffer=40)
    net = TwoLayers(2 * rng.integers(-25, 30, (12, 8)), 2 * rng.integers(-25, 50, (4, 12)))
    source.s_out.connect(net.s_in)
    net.s_out.connect(sink.a_in)
    with net:
        net.run(RunSteps(40), run_cfg=run_cfg)
        return sink.data.get().astype(int), net.v.get().astype(int)


def main() -> None:
    """In Python, and on the chip: there is no difference for a network in a network."""
    for name, cfg in (
        ("Python", Loihi2SimCfg(select_tag="fixed_pt")),
        ("chip, interpreted", HwRunCfg(device="golden", chip="test8")),
    ):
        spikes, voltages = run(cfg)
        print(f"{name}: voltages at the end {voltages.tolist()}")
        print("\n".join("  " + "".join(".|"[spike] for spike in row) for row in spikes))


if __name__ == "__main__":
    main()
