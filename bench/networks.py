"""The networks that are measured: layers of LIF neurons of which about one in ten spikes in a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lava_hw import LIF, Dense, Sink, Source

ACTIVITY = 0.1
WEIGHT = 60  # weights are even numbers from -WEIGHT to WEIGHT: 8 bits with both signs hold them exactly
PERIOD = 512  # steps after which the input repeats


@dataclass
class Network:
    """Processes of a network, and what a plain program needs to compute the same.

    Attributes
    ----------
    start : process
        One of the processes, to run the network by.
    layers : list of (Dense, LIF)
        In order.
    sink : Sink
        Stores what the last layer sends.
    inputs : ndarray of int32, [inputs, PERIOD]
    weights : list of ndarray of int64
        Of each layer.
    bias : list of int
        Of each layer; the threshold is ten times as high.
    voltage : list of ndarray of int64
        Of each layer, before the first step.
    placement : dict
        Core by name of a process, for `HwRunCfg`.
    """

    start: Any
    layers: list[tuple[Dense, LIF]]
    sink: Sink
    inputs: np.ndarray
    weights: list[np.ndarray]
    bias: list[int]
    voltage: list[np.ndarray]
    placement: dict[str, int] = field(default_factory=dict)

    @property
    def neurons(self) -> int:
        """Neurons of all layers."""
        return sum(len(w) for w in self.weights)

    @property
    def synapses(self) -> int:
        """Stored weights."""
        return sum(w.size for w in self.weights)


def chain(sizes: list[int], cores: list[int] | None = None, buffer: int = PERIOD) -> Network:
    """A source, layers one after the other with dense connections between them, and a sink.

    A bias alone would make each neuron spike in every tenth step; the input, whose mean is 0, makes it
    irregular. So the activity is the same for all sizes, and in all layers of a chain.

    Parameters
    ----------
    sizes : list of int
        Number of inputs, then neurons of each layer.
    cores : list of int, optional
        Core of each layer.
    buffer : int
        Steps that the sink stores.
    """
    rng = np.random.default_rng(2024)
    inputs = (rng.random((sizes[0], PERIOD)) < ACTIVITY).astype(np.int32)
    source = Source(data=inputs, name="source")
    before = source.s_out
    network = Network(source, [], Sink(shape=(sizes[-1],), buffer=buffer, name="sink"), inputs, [], [], [])
    for k, (n, m) in enumerate(zip(sizes[1:], sizes[:-1], strict=True)):
        weights = 2 * rng.integers(-WEIGHT // 2, WEIGHT // 2, (n, m), endpoint=True)
        # Twice the standard deviation of the input.
        bias = max(1, round(2 * WEIGHT * np.sqrt(ACTIVITY * m / 3)))
        voltage = rng.integers(0, 640 * bias, n)
        dense = Dense(weights=weights, name=f"dense_{k}")
        lif = LIF(
            shape=(n,), du=4095, dv=0, vth=10 * bias, bias_mant=bias, bias_exp=6, v=voltage, name=f"lif_{k}"
        )
        before.connect(dense.s_in)
        dense.a_out.connect(lif.a_in)
        before = lif.s_out
        network.layers.append((dense, lif))
        network.weights.append(weights)
        network.bias.append(bias)
        network.voltage.append(voltage)
        if cores is not None:
            network.placement[lif.name] = cores[k]
    before.connect(network.sink.a_in)
    return network


def layer(size: int, buffer: int = PERIOD) -> Network:
    """As many inputs as neurons in one layer."""
    return chain([size, size], buffer=buffer)


def plain_loop(network: Network, steps: int) -> np.ndarray:
    """Compute a network in a plain loop over steps, as one would without this package.

    Returns
    -------
    ndarray of bool, [steps, neurons of the last layer]
        Spikes.
    """
    # Sums of these sizes are exact in float32, whose matrix product is much faster than that of integers.
    weights = [w.astype(np.float32) for w in network.weights]
    voltages = [v.astype(np.float64) for v in network.voltage]
    arriving = [np.zeros(len(w)) for w in weights]
    inputs = network.inputs.T.astype(np.float32)
    spikes = np.zeros((steps, len(weights[-1])), np.bool_)
    for t in range(steps):
        before = inputs[t % PERIOD]
        for k, matrix in enumerate(weights):
            voltage = voltages[k]
            voltage += 64.0 * (arriving[k] + network.bias[k])
            np.clip(voltage, 1 - 2**23, 2**23 - 1, out=voltage)
            fired = voltage > 640 * network.bias[k]
            voltage[fired] = 0
            arriving[k] = matrix @ before
            before = fired.astype(np.float32)
        spikes[t] = fired
    return spikes
