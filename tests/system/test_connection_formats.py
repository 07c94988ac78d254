"""Connections of every format are the same in Python, on golden and on the RTL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Conv, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.compiler import compile_network
from lava_hw.device import Device

STEPS = 12
# Odd weights of both signs, and those beyond 9 bits, are drawn on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")


def spikes(shape: tuple[int, ...], seed: int) -> Source:
    return Source(data=np.random.default_rng(seed).integers(0, 2, (*shape, STEPS)))


def values(shape: tuple[int, ...], seed: int, most: int) -> Source:
    rng = np.random.default_rng(seed)
    data = np.where(rng.random((*shape, STEPS)) < 0.5, 0, rng.integers(-most, most, (*shape, STEPS)))
    return Source(data=data.astype(np.int32))


def network(run_cfg: Any) -> dict[str, np.ndarray]:
    """Three layers of each width for spikes and for values, and convolutions of both, in one network."""
    rng = np.random.default_rng(4)
    kept: dict[str, Any] = {}
    cells = LIF(shape=(45,), vth=40, du=900, dv=700, bias_mant=30)
    for bits in (4, 8, 16):
        kinds = {"stored_bits": bits, "num_weight_bits": min(bits, 8)}
        weights = rng.integers(-250, 250, (45, 20))
        layer = Dense(weights=weights, **kinds)
        spikes((20,), bits).s_out.connect(layer.s_in)
        layer.a_out.connect(cells.a_in)
        graded = Dense(weights=weights, num_message_bits=24, weight_exp=-9, **kinds)
        values((20,), bits, 2**23).s_out.connect(graded.s_in)
        graded.a_out.connect(cells.a_in)
        back = Dense(weights=rng.integers(-250, 250, (33, 45)), num_message_bits=8, **kinds)
        cells.s_out.connect(back.s_in)
        sink = kept[f"back {bits}"] = Sink(shape=(33,), buffer=STEPS)
        back.a_out.connect(sink.a_in)
    for bits, low in ((4, -8), (8, -128), (16, -2000)):
        for message in (0, 8):
            kernel = rng.integers(low, -low, (6, 3, 2, 4))
            conv = Conv(
                weight=kernel, input_shape=(6, 5, 4), padding=1, stride=(1, 2), num_message_bits=message,
                stored_bits=bits,
            )  # fmt: skip
            source = values((6, 5, 4), message + bits, 200) if message else spikes((6, 5, 4), bits)
            source.s_out.connect(conv.s_in)
            sums = kept[f"conv {bits} {message}"] = Sink(shape=conv.output_shape, buffer=STEPS)
            conv.a_out.connect(sums.a_in)
            read = LIF(shape=conv.output_shape, vth=10, du=900, dv=700)
            conv.a_out.connect(read.a_in)
            out = kept[f"spikes {bits} {message}"] = Sink(shape=conv.output_shape, buffer=STEPS)
            read.s_out.connect(out.a_in)
            joined = Dense(weights=rng.integers(-9, 9, (45, int(np.prod(conv.output_shape)))))
            read.s_out.flatten().connect(joined.s_in)
            joined.a_out.connect(cells.a_in)
    with cells:
        cells.run(RunSteps(STEPS), run_cfg=run_cfg)
        return {name: sink.data.get() for name, sink in kept.items()} | {"v": cells.v.get()}


@pytest.fixture(scope="module")
def in_python() -> dict[str, np.ndarray]:
    return network(Loihi2SimCfg(select_tag="fixed_pt"))


@pytest.mark.parametrize("device", ["golden", "verilator"])
@pytest.mark.parametrize("chip", ["test8", "test32"])
def test_chip_equals_python(device: str, chip: str, in_python: dict[str, np.ndarray]) -> None:
    on_chip = network(HwRunCfg(device=device, chip=chip, build="checked", require_chip=True))
    for name, wanted in in_python.items():
        assert wanted.any(), f"{name} is all zeros and shows nothing"
        np.testing.assert_array_equal(on_chip[name], wanted, err_msg=name)


def test_a_kernel_that_is_written_before_step_1_is_kept_as_it_is() -> None:
    """Conv neither clips nor truncates, so a strict device has nothing to say."""
    kernel = np.arange(-300, -282).reshape(2, 3, 3, 1)
    conv = Conv(weight=kernel + 291, input_shape=(5, 5, 1), stored_bits=16, name="conv")
    image = compile_network(conv, "test8", outputs=[conv.a_out])
    with Device.open("golden", "test8", strict=True) as device:
        device.load(image)
        device.write("conv.weight", kernel)
        np.testing.assert_array_equal(device.read("conv.weight"), kernel)
