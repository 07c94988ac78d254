"""Compile a layer of neurons and run it on the RTL under cocotb: `pytest examples/cocotb`."""

from pathlib import Path

import numpy as np

from lava_hw import LIF, Dense
from lava_hw.cocotb import run_chip_tests
from lava_hw.compiler.pipeline import compile_network

BENCH = Path(__file__).with_name("layer_bench.py")
BUILD = Path(__file__).parents[2] / "build" / "cocotb-example"


def layer(chip):
    """64 inputs, 40 neurons; the image has input dense.s_in and output neurons.s_out."""
    rng = np.random.default_rng(0)
    dense = Dense(weights=2 * rng.integers(-30, 32, size=(40, 64)), name="dense")
    neurons = LIF(shape=(40,), du=2000, dv=100, vth=400, name="neurons")
    dense.a_out.connect(neurons.a_in)
    return compile_network(dense, chip, outputs=[neurons.s_out])


def test_layer_on_the_rtl():
    """Build the chip `small` with Verilator and run all tests of layer_bench.py on it."""
    run_chip_tests(BENCH, "small", BUILD, image=layer("small"))
