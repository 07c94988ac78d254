"""What ChipBench must notice."""

from __future__ import annotations

import cocotb
import numpy as np
import pytest

from lava_hw.chip import Chip
from lava_hw.cocotb import BenchTimeout, ChipBench, chip_under_test, image_under_test
from lava_hw.device import ChipFault, ChipMismatch, DeviceError, ValueRefused
from lava_hw.device.flits import token
from lava_hw.regs import EVENT_FLIT, FlitType, TokenIn


def spikes(steps: int) -> np.ndarray:
    return np.random.default_rng(1).random((steps, 64)) < 0.3


@cocotb.test()
async def a_wrong_spike_is_found(dut):
    """One bit of one mask flit is turned on its way from the chip."""
    bench = ChipBench(dut)
    await bench.reset()
    take = bench.sink.take
    turned = []

    def tampered() -> list[int]:
        flits = take()
        for i, flit in enumerate(flits):
            if not turned and not flit >> 63 and EVENT_FLIT.get(flit, "kind") == FlitType.MASK_POS:
                turned.append(flit)
                flits[i] = flit ^ 1
        return flits

    bench.sink.take = tampered
    with pytest.raises(AssertionError, match=r"output neurons.s_out \[step, ...\]: 1 of 400 elements differ"):
        await bench.compare_with_golden(image_under_test(), {"dense.s_in": spikes(10)}, steps=10)
    assert turned


@cocotb.test()
async def a_wrong_state_is_found(dut):
    """A word of the state memory is changed behind the image's back."""
    bench = ChipBench(dut)
    await bench.reset()
    image = image_under_test()
    load = bench.load

    async def load_and_spoil(what) -> None:
        await load(what)
        await bench.write_var("neurons.u", np.arange(40) == 3)

    bench.load = load_and_spoil
    with pytest.raises(AssertionError, match=r"variable neurons\.u: 1 of 40 elements differ; the first is"):
        await bench.compare_with_golden(image, {}, steps=0)


@cocotb.test()
async def driver_errors_come_through(dut):
    """Exceptions of the driver reach the test, and the bench can go on where the driver can."""
    bench = ChipBench(dut)
    await bench.reset()
    assert chip_under_test() == Chip.load("small")
    await bench.load(image_under_test())
    with pytest.raises(ValueRefused):
        bench.inject("dense.s_in", np.full((1, 64), 0.5))
    with pytest.raises(DeviceError, match="no output"):
        bench.drain("nothing")
    await bench.advance(3)
    assert bench.drain("neurons.s_out").shape == (3, 40)
    bench.send([EVENT_FLIT.pack(kind=FlitType.GRADED, dest=7)])
    with pytest.raises(ChipFault):
        await bench.advance(1)


@cocotb.test()
async def another_chip_is_refused(dut):
    bench = ChipBench(dut)
    await bench.reset()
    image = image_under_test()
    other = Chip.from_dict({**image.chip.to_dict(), "routes": image.chip.routes + 1})
    object.__setattr__(image, "chip", other)
    with pytest.raises(ChipMismatch, match="the cocotb device has configuration"):
        await bench.load(image)


@cocotb.test()
async def waits_end(dut):
    bench = ChipBench(dut)
    await bench.reset()
    with pytest.raises(BenchTimeout, match="waited 50 cycles for the moon"):
        await bench.until(lambda: False, "the moon", limit=50)
    bench.sink.pause = lambda: True  # nobody takes the answer
    with pytest.raises(BenchTimeout, match="the chip to become idle"):
        await bench.collect(token(TokenIn.RESET), limit=200)
