"""What happens at the chip's pins: the cocotb tests that test_layer.py runs."""

import cocotb
import numpy as np

from lava_hw.cocotb import ChipBench, image_under_test, pauses


def spikes(steps, rate=0.2):
    """Give random spikes, [steps, 64]."""
    return np.random.default_rng(1).random((steps, 64)) < rate


@cocotb.test()
async def equals_the_golden_model(dut):
    """Every spike, every variable and every counter, while both streams pause at random."""
    bench = ChipBench(dut, source_pause=pauses(0.3, seed=1), sink_pause=pauses(0.5, seed=2))
    await bench.reset()
    outputs = await bench.compare_with_golden(image_under_test(), {"dense.s_in": spikes(20)}, steps=20)
    assert outputs["neurons.s_out"].any(), "no neuron fired: the test says nothing"


@cocotb.test()
async def step_by_step(dut):
    """Inject, advance, drain, look at variables and at signals."""
    bench = ChipBench(dut)
    await bench.reset()
    await bench.load(image_under_test())
    for row in spikes(5):
        bench.inject("dense.s_in", row[np.newaxis])
        await bench.advance(1)
        dut._log.info(
            "step %d: %d spikes, largest membrane %d",
            int(dut.step_o.value),
            bench.drain("neurons.s_out").sum(),
            (await bench.read_var("neurons.v")).max(),
        )
    assert int(dut.step_o.value) == 5
    # A raised threshold silences the layer, whatever comes in.
    await bench.reset_chip()
    await bench.load(image_under_test())
    await bench.write_var("neurons.vth", 2**17 - 1)
    bench.inject("dense.s_in", spikes(10))
    await bench.advance(10)
    assert not bench.drain("neurons.s_out").any()
