"""Training of a network of a convolution and a matrix, in numpy: gradients by hand, the same everywhere.

    hidden = max(0, conv(pixels / 16, kernel) + bias);  scores = matrix @ hidden

What goes into a product lies on a grid on which all sums are exact, as in `digits.training`, so the weights
do not depend on the order in which a library of linear algebra adds. The scores have no bias: then the same
weights serve a network that is told of changes only, and one that adds up spikes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from digits.data import CLASSES, FULL_SCALE, Split
from digits.training import Adam, cosine, few_bits, moved, on_grid, wrong_odds
from threadpoolctl import threadpool_limits

Array = np.ndarray

_ACTIVATION_GRID = 2.0**-10
"""Activations in training are multiples of it, so that their products with weights are exact in float64."""


@dataclass(frozen=True)
class ConvSetting:
    """Shape of the network and its training.

    Attributes
    ----------
    side : int
        Pixels along a side of an image.
    channels, kernel, stride, padding : int
        The convolution: its channels, the side of its kernel, and the rest, the same along both axes.
    moved : int
        Pixels by which three of five training images are moved at most.
    """

    side: int = 8
    channels: int = 10
    kernel: int = 3
    stride: int = 1
    padding: int = 0
    moved: int = 1
    epochs: int = 80
    batch: int = 64
    learning_rate: float = 0.004
    weight_decay: float = 3e-4
    seed: int = 11

    @property
    def hidden(self) -> tuple[int, int, int]:
        """Shape of what the convolution gives: (x, y, channels)."""
        side = (self.side + 2 * self.padding - self.kernel) // self.stride + 1
        return side, side, self.channels


@dataclass(frozen=True)
class ConvNet:
    """A trained network in floating point.

    Attributes
    ----------
    setting : ConvSetting
        Its shape.
    kernel : ndarray, shape (channels, kernel, kernel)
        What is multiplied with a window of the image, axis by axis; not flipped.
    bias : ndarray, shape (channels,)
        Added before the rectification.
    matrix : ndarray, shape (classes, hidden neurons)
        Weights from the hidden neurons, in the order (x, y, channel).
    """

    setting: ConvSetting
    kernel: Array
    bias: Array
    matrix: Array

    def hidden(self, images: Array) -> Array:
        """Hidden activations, shape (images, x, y, channels), of images (images, pixels) from 0 to 16."""
        seen = windows(images, self.setting)
        return np.maximum(seen @ self.kernel.reshape(len(self.kernel), -1).T + self.bias, 0)

    def scores(self, images: Array) -> Array:
        """What speaks for each class, shape (images, classes)."""
        return self.hidden(images).reshape(len(images), -1) @ self.matrix.T


def windows(images: Array, setting: ConvSetting) -> Array:
    """What the kernel sees at each place, as fractions of 16: shape (images, x, y, kernel * kernel)."""
    by, k = setting.padding, setting.kernel
    square = np.asarray(images).reshape(len(images), setting.side, setting.side) / FULL_SCALE
    padded = np.pad(square, ((0, 0), (by, by), (by, by)))
    out = setting.hidden[0]
    span = setting.stride * (out - 1) + 1
    seen = np.empty((len(padded), out, out, k, k))
    for x in range(k):
        for y in range(k):
            seen[..., x, y] = padded[:, x : x + span : setting.stride, y : y + span : setting.stride]
    return seen.reshape(*seen.shape[:3], k * k)


class Network:
    """The parameters, and the two passes through them."""

    def __init__(self, setting: ConvSetting) -> None:
        rng = np.random.default_rng(setting.seed)
        size, hidden = setting.kernel**2, int(np.prod(setting.hidden))
        self.kernel = on_grid(rng.normal(size=(setting.channels, size)) / np.sqrt(size))
        self.bias = np.zeros(setting.channels)
        self.matrix = on_grid(rng.normal(size=(CLASSES, hidden)) / np.sqrt(hidden))

    @property
    def parameters(self) -> list[Array]:
        """All of them; training changes them in place."""
        return [self.kernel, self.bias, self.matrix]

    def forward(self, seen: Array) -> tuple[Array, Array]:
        """Hidden activations and scores, of what the kernel sees."""
        hidden = np.maximum(self.rounded(seen @ self.kernel.T + self.bias), 0)
        return hidden, hidden.reshape(len(hidden), -1) @ self.matrix.T

    def rounded(self, activations: Array) -> Array:
        """On their grid."""
        return np.rint(activations / _ACTIVATION_GRID) * _ACTIVATION_GRID

    def backward(self, seen: Array, hidden: Array, gradient: Array) -> list[Array]:
        """Gradients of the parameters, in their order, from that of the scores."""
        gradient = few_bits(gradient)
        matrix = gradient.T @ hidden.reshape(len(hidden), -1)
        upstream = few_bits((gradient @ self.matrix).reshape(hidden.shape) * (hidden > 0))
        flat = upstream.reshape(-1, hidden.shape[-1])
        return [flat.T @ seen.reshape(len(flat), -1), flat.sum(axis=0), matrix]


# See digits.training: several threads of BLAS lose more by waiting for one another than they win.
@threadpool_limits.wrap(limits=1, user_api="blas")
def train(
    split: Split, setting: ConvSetting, progress: Callable[[int, float], None] | None = None
) -> ConvNet:
    """Train on the training part of the split.

    Parameters
    ----------
    split : Split
        Images of `setting.side` squared pixels; of it only the training part is looked at.
    setting : ConvSetting
        Network and training.
    progress : callable, optional
        Gets the epoch, from 1, and the accuracy on the training images that were just learned.

    Returns
    -------
    ConvNet
        The trained network.
    """
    rng = np.random.default_rng(setting.seed + 1)
    network = Network(setting)
    adam = Adam(network.parameters, setting.weight_decay)
    for epoch in range(setting.epochs):
        order = rng.permutation(len(split.train_labels))
        right = 0
        for start in range(0, len(order), setting.batch):
            chosen = order[start : start + setting.batch]
            labels = split.train_labels[chosen]
            seen = windows(moved(split.train_images[chosen], setting.moved, 0.6, rng), setting)
            hidden, scores = network.forward(seen)
            right += int((scores.argmax(axis=1) == labels).sum())
            gradients = network.backward(seen, hidden, wrong_odds(scores, labels) / len(labels))
            adam.step(gradients, cosine(setting.learning_rate, epoch, setting.epochs))
        if progress is not None:
            progress(epoch + 1, right / len(order))
    kernel = network.kernel.reshape(setting.channels, setting.kernel, setting.kernel)
    return ConvNet(setting, kernel, network.bias, network.matrix)
