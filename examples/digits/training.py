"""Training of a spiking network in numpy: gradients through time with a smooth stand-in for the spike.

The network that is trained is the floating-point LIF network itself (`lava_hw.proc.lif`, floating point
model): its accuracy is the one that the chip is compared with. A layer's input at step t is what the
spikes of the layer before gave at t - 1. The gradient of a spike is that of v / (1 + k |v - vth|), and the
reset is taken as constant.

Weights come out the same on every machine. A library of linear algebra adds in an order that depends on the
processor, and where spikes are made of sums, the last bit of one soon changes all. So what goes into a
product lies on a grid on which all sums are exact (`on_grid`), and adding in any order gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from digits.data import CLASSES, PIXELS, Split, encode
from lava_hw.utils.lif_network import FloatPopulation, simulate

Array = np.ndarray

_GRID = 2.0**-20
"""Weights and biases are multiples of it. 16 is more than any of them reaches, so they have 24 bits."""
_BITS = 20
"""Bits of a gradient in a product: with the 24 of a weight, and 8 for at most 256 summands, fewer than 53."""


@dataclass(frozen=True)
class Setting:
    """Shape of the network, its neurons and its training.

    Attributes
    ----------
    hidden : tuple of int
        Neurons of the hidden layers.
    votes : int
        Output neurons per class; the class whose neurons spike most is the answer.
    shown : int
        Steps in which an image is shown; then as many steps follow as there are layers, until all has
        arrived.
    """

    hidden: tuple[int, ...] = (192,)
    votes: int = 10
    shown: int = 12
    vth: float = 1.0
    du: float = 0.5
    dv: float = 0.125
    epochs: int = 40
    batch: int = 128
    learning_rate: float = 0.003
    weight_decay: float = 1e-4
    steepness: float = 4.0
    seed: int = 7

    @property
    def names(self) -> list[str]:
        """Names of the layers."""
        return [f"hidden{k + 1}" if len(self.hidden) > 1 else "hidden" for k in range(len(self.hidden))] + [
            "output"
        ]

    @property
    def steps(self) -> int:
        """Steps per image."""
        return self.shown + len(self.names)


def moved(images: Array, by: int, part: float, rng: np.random.Generator) -> Array:
    """Square images, shape (images, pixels), of which a part is moved by up to `by` pixels each way."""
    side = math.isqrt(images.shape[1])
    shifts = rng.integers(-by, by + 1, size=(len(images), 2)) * (rng.random((len(images), 1)) < part)
    padded = np.pad(images.reshape(-1, side, side), ((0, 0), (by, by), (by, by)))
    cut = [one[by + y :, by + x :][:side, :side] for one, (y, x) in zip(padded, shifts, strict=True)]
    return np.stack(cut).reshape(images.shape)


def _one_later(values: Array) -> Array:
    """The same along the first axis, one step later."""
    return np.concatenate([np.zeros_like(values[:1]), values[:-1]])


def _one_earlier(values: Array) -> Array:
    """The same along the first axis, one step earlier."""
    return np.concatenate([values[1:], np.zeros_like(values[:1])])


def on_grid(values: Array) -> Array:
    """Values in float64 with the grid of weights; functions like exp differ in their last bit."""
    return np.rint(values.astype(np.float64) / _GRID) * _GRID


def few_bits(values: Array) -> Array:
    """Values in float64 with `_BITS` bits, counted from the largest one."""
    _, exponent = np.frexp(np.abs(values).max(initial=0.0))
    unit = np.ldexp(1.0, int(exponent) - _BITS)
    return np.rint(values.astype(np.float64) / unit) * unit


class _Network:
    """Weights and biases of the layers, and the two passes through them; arrays are (steps, samples, n)."""

    def __init__(self, setting: Setting) -> None:
        rng = np.random.default_rng(setting.seed)
        sizes = [PIXELS, *setting.hidden, CLASSES * setting.votes]
        self.setting = setting
        self.dtype: type = np.float32  # of all that is done element by element
        self.weights = [on_grid(rng.normal(size=(n, m)) / np.sqrt(m)) for m, n in pairwise(sizes)]
        self.biases = [np.zeros(n) for n in sizes[1:]]

    def forward(self, spikes: Array) -> list[tuple[Array, Array, Array]]:
        """Per layer: input spikes as they arrive, spikes, and membrane before the reset."""
        s, layers = self.setting, []
        for matrix, bias in zip(self.weights, self.biases, strict=True):
            arrived = _one_later(spikes)
            current = (arrived @ matrix.T).astype(self.dtype)
            bias = bias.astype(self.dtype)
            spikes, peaks = np.empty_like(current), np.empty_like(current)
            u = np.zeros_like(current[0])
            v = np.zeros_like(u)
            for t, a in enumerate(current):
                u = u * self.dtype(1 - s.du) + a
                v = v * self.dtype(1 - s.dv) + u + bias
                peaks[t], spikes[t] = v, v > s.vth
                v = v * (1 - spikes[t])
            layers.append((arrived, spikes, peaks))
        return layers

    def backward(self, layers: list[tuple[Array, Array, Array]], gradient: Array) -> list[Array]:
        """Gradients of weights, then biases, from the gradient of the output spikes."""
        s = self.setting
        weights: list[Array] = []
        biases: list[Array] = []
        for matrix, (arrived, spikes, peaks) in zip(reversed(self.weights), reversed(layers), strict=True):
            slope = 1 / (1 + self.dtype(s.steepness) * np.abs(peaks - self.dtype(s.vth))) ** 2
            currents, total = np.empty_like(spikes), np.zeros_like(spikes[0, 0])
            v = np.zeros_like(spikes[0])
            u = np.zeros_like(v)
            for t in reversed(range(len(spikes))):
                peak = gradient[t] * slope[t] + v * (1 - spikes[t])
                total = total + peak.sum(axis=0)
                v = self.dtype(1 - s.dv) * peak
                u = peak + self.dtype(1 - s.du) * u
                currents[t] = u
            currents = few_bits(currents)
            flat = currents.reshape(-1, currents.shape[2])
            weights.insert(0, flat.T @ arrived.reshape(-1, arrived.shape[2]))
            biases.insert(0, total)
            gradient = _one_earlier((currents @ matrix).astype(self.dtype))
        return weights + biases


def loss_gradient(spikes: Array, labels: Array, per_class: int, weight: float = 2.5) -> Array:
    """Gradient of the cross entropy of the classes' spike counts with respect to every output spike.

    `weight` is what a spike of all neurons of a class adds to its score.
    """
    gain = weight / per_class
    wrong = wrong_odds(gain * votes(spikes, per_class), labels)
    per_neuron = np.repeat(wrong * (gain / len(labels)), per_class, axis=1).astype(np.float32)
    return np.broadcast_to(per_neuron, spikes.shape)


def wrong_odds(scores: Array, labels: Array) -> Array:
    """Gradient of the cross entropy of each sample with respect to its scores, shape (samples, classes)."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    odds[np.arange(len(labels)), labels] -= 1
    return on_grid(odds)


def cosine(rate: float, epoch: int, epochs: int) -> float:
    """A learning rate that falls from `rate` to a hundredth of it along a cosine."""
    turned = round(float(np.cos(np.pi * epoch / epochs)), 12)
    return rate * (0.01 + 0.99 * 0.5 * (1 + turned))


class Adam:
    """Adam over parameters that are changed in place and stay on the grid.

    Parameters
    ----------
    parameters : sequence of ndarray
        Those of more than one axis are drawn toward 0 by `weight_decay` times themselves.
    """

    def __init__(self, parameters: Sequence[Array], weight_decay: float) -> None:
        self._parameters, self._weight_decay = list(parameters), weight_decay
        self._mean = [np.zeros_like(p) for p in parameters]
        self._square = [np.zeros_like(p) for p in parameters]
        self._decay = 1.0, 1.0

    def step(self, gradients: Sequence[Array], rate: float) -> None:
        """Change the parameters by their gradients."""
        # Products of the factors, not powers, which are not the same everywhere.
        self._decay = decay = self._decay[0] * 0.9, self._decay[1] * 0.999
        mean, square = self._mean, self._square
        for k, (parameter, gradient) in enumerate(zip(self._parameters, gradients, strict=True)):
            if parameter.ndim > 1:
                gradient = gradient + self._weight_decay * parameter
            mean[k] = 0.9 * mean[k] + 0.1 * gradient
            square[k] = 0.999 * square[k] + 0.001 * gradient**2
            step = (mean[k] / (1 - decay[0])) / (np.sqrt(square[k] / (1 - decay[1])) + 1e-8)
            parameter[...] = on_grid(parameter - rate * step)


def votes(spikes: Array, per_class: int) -> Array:
    """Spikes per class, shape (samples, classes), from output spikes of shape (steps, samples, n)."""
    count = spikes.sum(axis=0)
    return count.reshape(len(count), -1, per_class).sum(axis=2)


def _shown(images: Array, setting: Setting) -> Array:
    """Input spikes of the images over all steps of a presentation."""
    spikes = np.zeros((setting.steps, *images.shape), np.float32)
    spikes[: setting.shown] = encode(images, setting.shown)
    return spikes


# The products are small: several threads of BLAS lose more by waiting for one another than they win, and on a
# busy machine they lose it many times over.
@threadpool_limits.wrap(limits=1, user_api="blas")
def train(
    split: Split, setting: Setting, progress: Callable[[int, float], None] | None = None
) -> list[FloatPopulation]:
    """Train on the training part of the split with Adam.

    Parameters
    ----------
    split : Split
        Of it only the training part is looked at.
    setting : Setting
        Network and training.
    progress : callable, optional
        Gets the epoch, from 1, and the accuracy on the training images that were just learned.

    Returns
    -------
    list of FloatPopulation
        The layers, in order; the first one's input is "pixels".
    """
    rng = np.random.default_rng(setting.seed + 1)
    network = _Network(setting)
    parameters = network.weights + network.biases
    adam = Adam(parameters, setting.weight_decay)
    for epoch in range(setting.epochs):
        rate = cosine(setting.learning_rate, epoch, setting.epochs)
        order = rng.permutation(len(split.train_labels))
        right = 0
        for start in range(0, len(order), setting.batch):
            chosen = order[start : start + setting.batch]
            labels = split.train_labels[chosen]
            layers = network.forward(_shown(moved(split.train_images[chosen], 1, 0.4, rng), setting))
            output = layers[-1][1]
            right += int((votes(output, setting.votes).argmax(axis=1) == labels).sum())
            gradients = network.backward(layers, loss_gradient(output, labels, setting.votes))
            adam.step(gradients, rate)
        if progress is not None:
            progress(epoch + 1, right / len(order))
    sources = ["pixels", *setting.names[:-1]]
    return [
        FloatPopulation(name, {source: w}, setting.vth, setting.du, setting.dv, b)
        for name, source, w, b in zip(setting.names, sources, network.weights, network.biases, strict=True)
    ]


def classify(populations: Sequence, images: Array, setting: Setting) -> tuple[Array, Array]:
    """Answers of a network, floating or fixed point, and its output spikes, shape (steps, images, n).

    The network runs in `lava_hw.utils.lif_network`, all images at once.
    """
    spikes = {"pixels": encode(images, setting.shown)}
    output = simulate(populations, spikes, setting.steps)["output"].spikes
    return votes(output, setting.votes).argmax(axis=1), output
