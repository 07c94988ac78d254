"""The calls of `Device`: inject, advance, drain, the errors."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw.chip import Chip, ChipError
from lava_hw.device import ChipMismatch, Device, DeviceError, ValueRefused

SOURCE, OUT = "Source_0.s_out", "LIF_2.s_out"


def test_inject_advance_drain(kind, options, layer):
    if options and layer.chip.name != "test8":
        pytest.skip("one build of the RTL is enough here; tests/system runs both widths")
    spikes = layer.spikes(30)
    want = layer.model(spikes)["s"]
    with Device.open(kind, layer.chip.name, **options) as device:
        device.load(layer.image)
        device.inject(SOURCE, spikes[:20])
        device.inject(SOURCE, spikes[20:])
        device.advance(7)
        assert np.array_equal(device.drain(OUT), want[:7])
        assert device.drain(OUT).shape == (0, layer.size)
        device.advance(0)
        device.advance(20)
        device.advance(3)
        assert device.step == 30
        assert np.array_equal(device.drain(OUT), want[7:])
        device.advance(5)
        longer = layer.model(np.concatenate([spikes, np.zeros((5, layer.inputs), np.int8)]))["s"]
        assert np.array_equal(device.drain(OUT), longer[30:])


def test_reset_drops_what_is_queued(narrow):
    with Device.open("golden", narrow.chip) as device:
        device.load(narrow.image)
        device.inject(SOURCE, np.ones((10, narrow.inputs)))
        device.advance(5)
        device.reset()
        device.advance(10)
        assert not device.drain(OUT).any()
        assert device.counters()["chip"]["flits_in"] == 0


def test_refused_messages_are_not_queued(narrow):
    with Device.open("golden", narrow.chip) as device:
        device.load(narrow.image)
        with pytest.raises(ValueRefused, match=r"needs \[T, 40\]"):
            device.inject(SOURCE, np.zeros((5, 41)))
        with pytest.raises(ValueRefused, match=r"is 0\.25"):
            device.inject(SOURCE, np.full((5, 40), 0.25))
        with pytest.raises(DeviceError, match="no input 'nobody'"):
            device.inject("nobody", np.zeros((5, 40)))
        device.advance(3)
        assert device.counters()["chip"]["flits_in"] == 0
        with pytest.raises(DeviceError, match="-1 steps"):
            device.advance(-1)


def test_unknown_devices_options_and_chips(narrow):
    with pytest.raises(DeviceError, match=r"no device 'fpga'; the devices are .*golden and verilator"):
        Device.open("fpga", "test8")
    with pytest.raises(DeviceError, match="golden device has no option trace"):
        Device.open("golden", "test8", trace=(1, 2, "x"))
    with pytest.raises(ChipError, match="did you mean test8"):
        Device.open("golden", "test9")


def test_an_image_for_another_chip_is_refused_with_the_difference(narrow):
    with Device.open("golden", "test32") as device:
        with pytest.raises(
            ChipMismatch, match=r"compiled for chip test8, .* chip test32 with lanes 32 \(image: 8\)"
        ):
            device.load(narrow.image)
        with pytest.raises(DeviceError, match="no image is loaded"):
            device.advance(1)


def test_the_chip_is_asked_who_it_is(narrow):
    """A device that answers with another fingerprint is refused before anything is written."""
    device = Device.open("golden", "test32")
    device.chip = device._link.chip = narrow.chip
    with pytest.raises(ChipMismatch, match="the golden device has configuration 0x"):
        device.load(narrow.image)
    device.close()


def test_a_second_image_replaces_the_first(kind, options, narrow):
    spikes = narrow.spikes(10)
    with Device.open(kind, narrow.chip, **options) as device:
        device.load(narrow.image)
        device.inject(SOURCE, spikes)
        device.advance(4)
        device.load(narrow.image)
        assert device.step == 0
        device.inject(SOURCE, spikes)
        device.advance(10)
        assert np.array_equal(device.drain(OUT), narrow.model(spikes)["s"])


def test_a_closed_device_says_so(narrow):
    device = Device.open("golden", narrow.chip)
    device.load(narrow.image)
    device.close()
    device.close()
    for call in (
        lambda: device.advance(1),
        lambda: device.read("LIF_2.v"),
        lambda: device.load(narrow.image),
    ):
        with pytest.raises(DeviceError, match="the device is closed"):
            call()


def test_same_chip_under_another_name(narrow):
    copy = Chip.from_dict({**narrow.chip.to_dict(), "name": "copy"})
    with Device.open("golden", copy) as device:
        device.load(narrow.image)
        device.advance(1)
