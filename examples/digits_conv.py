"""The digits of the demo on three networks: dense, convolutional sigma-delta, convolutional spiking.

    python examples/digits_conv.py

The dense network of spiking neurons is that of demo.py. The other two have the same trained convolution: one
sends what changes from image to image, one makes spikes of the pixels and counts. Each runs in Python, on
golden and on the chip's RTL. The program ends with an error if two of these differ in a value, or if a
network is more than 0.01 from its original in floating point.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from demo import CALIBRATION
from digits import references as dense_references
from digits.data import Split, encode, load_split
from digits.report import MIN_ACCURACY
from digits.training import Setting, classify
from digits.training import train as train_dense
from threadpoolctl import threadpool_limits
from trained import conv_training
from trained.conv_networks import Integers, SigmaDeltaNet, SpikingNet
from trained.table import Row, finish, measure, options, references, row

from lava_hw import RunConfig
from lava_hw.utils.float2fixed import float2fixed

#: Images of which every Var of every step is compared.
WATCHED = 5


def dense_row(
    split: Split, setting: Setting, images: np.ndarray, labels: np.ndarray, run_cfgs: dict[str, RunConfig]
) -> Row:
    """Train, convert and measure the network of demo.py."""
    floats = train_dense(split, setting)
    calibration = {"pixels": encode(split.train_images[:CALIBRATION], setting.shown)}
    fixed, _ = float2fixed(floats, calibration)
    answers, _ = classify(floats, images, setting)
    runs, seen = {}, {}
    for name, run_cfg in run_cfgs.items():
        begun = time.perf_counter()
        runs[name] = dense_references.classify_all(fixed, setting, images, run_cfg)
        seen[name] = dense_references.observe(fixed, setting, images[:WATCHED], run_cfg)
        print(f"  dense: {dense_references.WORDS[name]}, {time.perf_counter() - begun:.1f} s", flush=True)
    return row("dense, spiking", float(np.mean(answers == labels)), labels, runs, seen)


@threadpool_limits.wrap(limits=1, user_api="blas")
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all three; 0 if everything holds that has to."""
    begun, split = time.perf_counter(), load_split()
    given = options(__doc__, arguments, "demo", len(split.held_out_labels))
    images, labels = split.held_out_images[: given.samples], split.held_out_labels[: given.samples]
    run_cfgs = references(given)
    dense, conv = Setting(), conv_training.ConvSetting()
    if given.epochs is not None:
        dense, conv = replace(dense, epochs=given.epochs), replace(conv, epochs=given.epochs)

    print(f"{len(labels)} held-out images", flush=True)
    rows = [dense_row(split, dense, images, labels, run_cfgs)]
    net = conv_training.train(split, conv)
    integers = Integers.of(net, split.train_images)
    right = float(np.mean(net.scores(images).argmax(axis=1) == labels))
    for name, made in (
        ("convolution, sigma-delta", SigmaDeltaNet(integers)),
        ("convolution, spiking", SpikingNet(integers)),
    ):
        rows.append(measure(name, made, right, images, labels, run_cfgs, WATCHED))
    return finish("examples/digits_conv.py", rows, [MIN_ACCURACY] * 3, given, begun)


if __name__ == "__main__":
    sys.exit(main())
