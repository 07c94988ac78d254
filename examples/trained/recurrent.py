"""Training of a recurrent network of spiking neurons, in numpy: gradients through time, the same everywhere.

    lines ─► hidden ⇄ hidden ─► output

Hidden and output are the LIF neurons of `digits.training`, where the gradient of a spike and the grid of
weights are explained; the hidden ones also hear each other, a step later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from digits.training import Adam, cosine, few_bits, loss_gradient, on_grid, votes
from threadpoolctl import threadpool_limits

from lava_hw.utils.lif_network import FloatPopulation

Array = np.ndarray


@dataclass(frozen=True)
class RecurrentSetting:
    """Shape of the network, its neurons and its training.

    Attributes
    ----------
    lines, hidden, classes : int
        Lines of input, hidden neurons, classes.
    votes : int
        Output neurons per class; the class whose neurons spike most is the answer.
    """

    lines: int
    classes: int
    hidden: int = 48
    votes: int = 4
    vth: float = 1.0
    du: float = 0.25
    dv: float = 0.125
    epochs: int = 60
    batch: int = 10
    learning_rate: float = 0.01
    weight_decay: float = 1e-3
    steepness: float = 4.0
    weight: float = 0.25
    seed: int = 3


class Network:
    """Weights, and the two passes through time; arrays are (steps, samples, neurons)."""

    def __init__(self, setting: RecurrentSetting) -> None:
        rng = np.random.default_rng(setting.seed)
        self.setting = setting
        sizes = [
            (setting.hidden, setting.lines),
            (setting.hidden, setting.hidden),
            (setting.classes * setting.votes, setting.hidden),
        ]
        self.parameters = [on_grid(rng.normal(size=(n, m)) / np.sqrt(m)) for n, m in sizes]

    def spike(self, above: Array) -> Array:
        """Spikes by how far voltages are above the threshold."""
        return (above > 0).astype(np.float64)

    def kept(self, spikes: Array) -> Array:
        """What a spike leaves of its voltage, as a factor."""
        return 1 - spikes

    def forward(self, lines: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        """Spikes and voltages before the reset, of the hidden and of the output neurons."""
        s, (inwards, recurrent, outwards) = self.setting, self.parameters
        steps, samples, _ = lines.shape
        layers = []
        for size in (s.hidden, len(outwards)):
            layers.append((np.zeros((steps, samples, size)), np.zeros((steps, samples, size))))
        states = [[np.zeros_like(peaks[0]), np.zeros_like(peaks[0])] for _, peaks in layers]
        for t in range(steps):
            if t:
                before = layers[0][0][t - 1]
                arrived = [lines[t - 1] @ inwards.T + before @ recurrent.T, before @ outwards.T]
            else:
                arrived = [np.zeros_like(peaks[0]) for _, peaks in layers]
            for (spikes, peaks), state, a in zip(layers, states, arrived, strict=True):
                u, v = state
                u = u * (1 - s.du) + a
                v = v * (1 - s.dv) + u
                peaks[t], spikes[t] = v, self.spike(v - s.vth)
                state[:] = u, v * self.kept(spikes[t])
        return layers[0], layers[1]

    def backward(
        self, lines: Array, hidden: tuple[Array, Array], output: tuple[Array, Array], gradient: Array
    ) -> list[Array]:
        """Gradients of the parameters, in their order, from that of the output spikes."""
        outwards = few_bits(self._currents(output, gradient, None))
        matrix = _product(outwards, hidden[0])
        upstream = np.zeros_like(hidden[0])
        upstream[:-1] = outwards[1:] @ self.parameters[2]
        inner = few_bits(self._currents(hidden, upstream, self.parameters[1]))
        return [_product(inner, lines), _product(inner, hidden[0]), matrix]

    def _currents(self, layer: tuple[Array, Array], gradient: Array, recurrent: Array | None) -> Array:
        """Gradient of what arrives at a layer in each step, from that of its spikes."""
        s, (spikes, peaks) = self.setting, layer
        slope = 1 / (1 + s.steepness * np.abs(peaks - s.vth)) ** 2
        currents = np.zeros_like(peaks)
        v = np.zeros_like(peaks[0])
        u = np.zeros_like(v)
        for t in reversed(range(len(peaks))):
            given = gradient[t]
            if recurrent is not None and t + 1 < len(peaks):
                given = given + few_bits(currents[t + 1]) @ recurrent
            peak = given * slope[t] + v * self.kept(spikes[t])
            v = (1 - s.dv) * peak
            u = peak + (1 - s.du) * u
            currents[t] = u
        return currents


def _product(currents: Array, spikes: Array) -> Array:
    """Gradient of a matrix: spikes act a step after they were sent."""
    return currents[1:].reshape(-1, currents.shape[2]).T @ spikes[:-1].reshape(-1, spikes.shape[2])


# See digits.training: several threads of BLAS lose more by waiting for one another than they win.
@threadpool_limits.wrap(limits=1, user_api="blas")
def train(
    lines: Array,
    labels: Array,
    setting: RecurrentSetting,
    progress: Callable[[int, float], None] | None = None,
) -> list[FloatPopulation]:
    """Train with Adam.

    Parameters
    ----------
    lines : ndarray, shape (steps, samples, lines)
        Spikes, 0 or 1.
    labels : ndarray, shape (samples,)
        Classes from 0.
    setting : RecurrentSetting
        Network and training.
    progress : callable, optional
        Gets the epoch, from 1, and the accuracy on the samples that were just learned.

    Returns
    -------
    list of FloatPopulation
        "hidden", with inputs "lines" and "hidden", and "output".
    """
    rng = np.random.default_rng(setting.seed + 1)
    network, s = Network(setting), setting
    adam = Adam(network.parameters, s.weight_decay)
    for epoch in range(s.epochs):
        order, right = rng.permutation(len(labels)), 0
        for start in range(0, len(order), s.batch):
            chosen = order[start : start + s.batch]
            shown = lines[:, chosen].astype(np.float64)
            hidden, output = network.forward(shown)
            right += int((votes(output[0], s.votes).argmax(axis=1) == labels[chosen]).sum())
            gradient = loss_gradient(output[0], labels[chosen], s.votes, s.weight)
            gradients = network.backward(shown, hidden, output, gradient)
            adam.step(gradients, cosine(s.learning_rate, epoch, s.epochs))
        if progress is not None:
            progress(epoch + 1, right / len(order))
    inwards, recurrent, outwards = network.parameters
    return [
        FloatPopulation("hidden", {"lines": inwards, "hidden": recurrent}, s.vth, s.du, s.dv),
        FloatPopulation("output", {"hidden": outwards}, s.vth, s.du, s.dv),
    ]
