"""Two networks of processes made of one trained network: one that is told of changes, one that counts spikes.

Both have the integers of `Integers`. Pixels are 0 to 16, weights have 8 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from digits.data import CLASSES, FULL_SCALE
from digits.processes import PixelEncoder

from lava_hw import (
    IF,
    AbstractProcess,
    Conv,
    Delta,
    Dense,
    LeakyIntegrator,
    Sigma,
    SigmaDelta,
    Sink,
    Source,
)
from trained.conv_training import ConvNet, ConvSetting
from trained.references import Built

Array = np.ndarray

KERNEL_MOST = 127
MATRIX_MOST = 254
"""Weights of a Dense of both signs are even, -256 to 254."""
_MESSAGE_BITS = 24


@dataclass(frozen=True)
class Integers:
    """A trained network in integers.

    Attributes
    ----------
    setting : ConvSetting
        Its shape.
    kernel : ndarray of int64, shape (channels, kernel, kernel)
        -127 to 127; a hidden sum over pixels from 0 to 16 is 16 * `scale` times that in floating point.
    scale : float
        What the kernel was multiplied with.
    bias : ndarray of float64, shape (channels,)
        The bias in floating point; how it is rounded depends on the network.
    matrix : ndarray of int64, shape (classes, hidden neurons)
        Even numbers from -254 to 254.
    top : float
        The hidden activation in floating point that one in a thousand on the training images exceeds.
    """

    setting: ConvSetting
    kernel: Array
    scale: float
    bias: Array
    matrix: Array
    top: float

    @classmethod
    def of(cls, net: ConvNet, images: Array) -> Integers:
        """Round a trained network; `images`, shape (images, pixels), tell how large activations get."""
        scale = KERNEL_MOST / float(np.abs(net.kernel).max())
        half = MATRIX_MOST / 2 / float(np.abs(net.matrix).max())
        return cls(
            net.setting,
            np.rint(net.kernel * scale).astype(np.int64),
            scale,
            net.bias,
            2 * np.rint(net.matrix * half).astype(np.int64),
            float(np.percentile(net.hidden(images), 99.9)),
        )

    def conv(self, message_bits: int) -> Conv:
        """The convolution as a process, whose kernel is flipped."""
        s = self.setting
        return Conv(
            weight=self.kernel[:, ::-1, ::-1, None].copy(),
            input_shape=(s.side, s.side, 1),
            stride=s.stride,
            padding=s.padding,
            num_message_bits=message_bits,
            name="convolution",
        )

    def dense(self, message_bits: int) -> Dense:
        """The matrix as a process."""
        return Dense(weights=self.matrix, num_message_bits=message_bits, name="to_scores")


def _built(source: AbstractProcess, chain: list[AbstractProcess], steps: int) -> Built:
    """Connect source, convolution, hidden neurons, matrix and score neurons in a chain, and a sink."""
    *front, conv, hidden, dense, scores = chain
    before = source
    for neurons in front:
        before.s_out.connect(neurons.a_in)
        before = neurons
    before.s_out.reshape(conv.s_in.shape).connect(conv.s_in)
    conv.a_out.connect(hidden.a_in)
    hidden.s_out.flatten().connect(dense.s_in)
    dense.a_out.connect(scores.a_in)
    sink = Sink(shape=(CLASSES,), buffer=steps, name="answers")
    scores.s_out.connect(sink.a_in)
    return Built(source, tuple(chain), sink)


@dataclass(frozen=True)
class SigmaDeltaNet:
    """Each layer is told what has changed, and tells what changes with it: a new image in each step.

    The score neurons add up what they hear, so the score of an image is there two steps after it was shown,
    while the next ones are on their way. Nothing is reset between images. A change below the threshold is
    kept and sent later with the next one, so the errors do not grow.

    Attributes
    ----------
    integers : Integers
        The weights.
    pixel_threshold : int
        The least change of a pixel that is sent.
    part : float
        The least change of a hidden neuron that is sent, as a part of `Integers.top`.
    """

    integers: Integers
    pixel_threshold: int = 2
    part: float = 1 / 16
    latency = 2

    @property
    def hidden_threshold(self) -> int:
        """The same in units of the hidden sums."""
        return round(self.part * self.integers.top * self.integers.scale * FULL_SCALE)

    @property
    def hidden_bias(self) -> Array:
        """The bias of each channel in units of the hidden sums."""
        return np.rint(self.integers.bias * self.integers.scale * FULL_SCALE).astype(np.int64)

    def build(self, images: Array) -> Built:
        """The processes, for images of shape (images, pixels): a step each, and two more for the last."""
        net = self.integers
        # The last image stays where it is until its score is there.
        shown = np.concatenate([images, np.repeat(images[-1:], self.latency, axis=0)]).T
        chain = [
            Delta(shape=shown.shape[:1], vth=self.pixel_threshold),
            net.conv(_MESSAGE_BITS - 16),
            SigmaDelta(
                shape=net.setting.hidden,
                vth=self.hidden_threshold,
                bias=np.broadcast_to(self.hidden_bias, net.setting.hidden).copy(),
                name="hidden",
            ),
            net.dense(_MESSAGE_BITS),
            Sigma(shape=(CLASSES,)),
        ]
        return _built(Source(data=shown, name="pixels"), chain, shown.shape[1])

    def present(self, built: Built, images: Array, runtime: Any) -> Iterator[int]:
        """All images in one run; see `trained.references.Net`."""
        yield len(images) + self.latency

    def answers(self, outputs: Array) -> Array:
        """The class with the highest score, of outputs of shape (steps, 1, classes)."""
        return outputs[self.latency :, 0].argmax(axis=1)


@dataclass(frozen=True)
class SpikingNet:
    """Neurons that integrate and fire: an image is a number of steps of evenly spread spikes.

    A hidden neuron that spikes in each step stands for the activation `Integers.top`. The score neurons add
    up the weights of the spikes that they hear. The network is reset before each image.

    Attributes
    ----------
    integers : Integers
        The weights.
    shown : int
        Steps in which an image is shown; two more follow, until the last spike has arrived.
    start : float
        Where the hidden voltages start, as a part of their threshold.
    """

    integers: Integers
    shown: int = 12
    start: float = 0.25
    input_shift = 6

    @property
    def steps(self) -> int:
        """Steps of an image."""
        return self.shown + 2

    @property
    def threshold(self) -> int:
        """Threshold of the hidden neurons, in units of the kernel."""
        return round(self.integers.top * self.integers.scale)

    @property
    def hidden_bias(self) -> Array:
        """What is added to a hidden voltage in each step, by channel.

        The spikes of the pixels arrive in `shown` steps, those of the hidden neurons count in one more.
        """
        each = self.integers.bias * self.integers.scale * self.shown / (self.shown + 1)
        return np.rint(each * 2**self.input_shift).astype(np.int64)

    def build(self, images: Array) -> Built:
        """The processes, for any number of images; the Var `pixels` of `source` is the one that is shown."""
        net = self.integers
        chain = [
            net.conv(0),
            IF(
                shape=net.setting.hidden,
                vth=self.threshold,
                bias=np.broadcast_to(self.hidden_bias, net.setting.hidden).copy(),
                v=round(self.start * self.threshold * 2**self.input_shift),
                input_shift=self.input_shift,
                name="hidden",
            ),
            net.dense(0),
            # Nothing of the voltage leaks, nothing of the current stays.
            LeakyIntegrator(shape=(CLASSES,), du=4096, input_shift=0, name="scores"),
        ]
        encoder = PixelEncoder(self.shown, net.setting.side**2, name="pixels")
        return _built(encoder, chain, self.steps)

    def present(self, built: Built, images: Array, runtime: Any) -> Iterator[int]:
        """Each image in a run of its own; see `trained.references.Net`."""
        for k, image in enumerate(images):
            if k:
                runtime.reset()
            built.source.pixels.set(image)
            yield self.steps

    def answers(self, outputs: Array) -> Array:
        """The class with the highest score, of outputs of shape (steps, images, classes)."""
        return outputs[-1].argmax(axis=1)
