"""What a person with a smart watch does, told by a recurrent network of spiking neurons on the chip.

    make trained, or: python examples/basic_motions.py

BasicMotions has series of an accelerometer and a gyroscope of people who stand, walk, run or play badminton.
Changes become spikes, and hidden neurons that also hear each other keep what happened. The network is trained
in floating point, converted, and runs in Python, on golden and on the RTL. The program ends with an error if
two of these differ in a value, or if the accuracy is more than 0.01 from that in floating point: of 40 series
all must be as right or wrong as there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from digits.training import votes
from threadpoolctl import threadpool_limits
from trained.data import load_motions, on_change
from trained.recurrent import RecurrentSetting, train
from trained.recurrent_network import RecurrentNet
from trained.table import finish, measure, options, references

from lava_hw.utils.float2fixed import float2fixed
from lava_hw.utils.lif_network import simulate

#: Changes that are a spike, in the units of the series.
THRESHOLDS = (1.0, 4.0)
LEAST_ACCURACY = 0.95
#: Series of which every Var of every step is compared.
WATCHED = 2


@threadpool_limits.wrap(limits=1, user_api="blas")
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the network; 0 if everything holds that has to."""
    begun, motions = time.perf_counter(), load_motions()
    given = options(__doc__, arguments, "demo", len(motions.held_out_labels))
    lines = on_change(motions.train, THRESHOLDS)
    shown = on_change(motions.held_out[: given.samples], THRESHOLDS)
    labels = motions.held_out_labels[: given.samples]
    setting = RecurrentSetting(lines.shape[2], len(motions.names))
    if given.epochs is not None:
        setting = replace(setting, epochs=given.epochs)

    floats = train(lines, motions.train_labels, setting)
    fixed, lost = float2fixed(floats, {"lines": lines})
    print(f"{len(labels)} held-out series: {', '.join(motions.names)}\n{lost}", flush=True)
    net = RecurrentNet(fixed, setting.votes)
    output = simulate(floats, {"lines": shown}, len(shown) + net.latency)["output"].spikes
    right = float(np.mean(votes(output, setting.votes).argmax(axis=1) == labels))
    samples = shown.transpose(1, 2, 0)
    row = measure("recurrent, spiking", net, right, samples, labels, references(given), WATCHED)
    return finish("examples/basic_motions.py", [row], [LEAST_ACCURACY], given, begun)


if __name__ == "__main__":
    sys.exit(main())
