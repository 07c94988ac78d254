"""Networks for the tests of the device, and what they must answer, computed apart from lava_hw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw import devices
from lava_hw.chip import Chip
from lava_hw.compiler import compile_network
from lava_hw.device import Device
from lava_hw.device.backend import find_backend
from lava_hw.device.build import Design, PortMap
from lava_hw.proc.dense.process import Dense
from lava_hw.proc.io.source import RingBuffer
from lava_hw.proc.lif.process import LIF

# All that it takes for the tests below to run on one more device.
devices.register("fake", "tests.device.fake_board:FAKE")

ECHO = Path(__file__).parent / "rtl" / "lhw_test_echo.sv"


class Layer:
    """A dense layer of LIF neurons with an input from outside: one image, and a model in plain numpy."""

    source, weights, neurons = "Source_0.s_out", "Dense_1.weights", "LIF_2"

    def __init__(self, chip: str, inputs: int = 40, neurons: int = 27, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.matrix = rng.integers(-90, 90, (neurons, inputs)) // 2 * 2  # even: a mixed sign mode keeps them
        self.vth, self.du, self.dv = 20, 400, 300
        source = RingBuffer(data=np.zeros((inputs, 2), int))
        dense = Dense(weights=self.matrix)
        lif = LIF(shape=(neurons,), vth=self.vth, du=self.du, dv=self.dv)
        source.s_out.connect(dense.s_in)
        dense.a_out.connect(lif.a_in)
        self.chip = Chip.load(chip)
        self.image = compile_network(lif, self.chip, outputs=(lif.s_out,))
        self.inputs, self.size = inputs, neurons

    def spikes(self, steps: int, seed: int = 2) -> np.ndarray:
        """Random input spikes."""
        return (np.random.default_rng(seed).random((steps, self.inputs)) < 0.3).astype(np.int8)

    def model(self, spikes: np.ndarray, matrix: np.ndarray | None = None, vth: int | None = None) -> dict:
        """What the layer does: spikes, and u, v and a_buff after each step."""
        matrix = self.matrix if matrix is None else matrix
        vth = self.vth if vth is None else vth
        u = v = a_buff = np.zeros(self.size, np.int64)
        rows: dict[str, list[np.ndarray]] = {"s": [], "u": [], "v": [], "a_buff": []}
        for row in spikes:
            a, a_buff = a_buff, matrix @ (row != 0)
            product = u * (4096 - (self.du + 1))
            u = np.sign(product) * (np.abs(product) >> 12) + (a << 6)
            product = v * (4096 - self.dv)
            v = np.clip(np.sign(product) * (np.abs(product) >> 12) + u, -(2**23) + 1, 2**23 - 1)
            s = v > vth << 6
            v = np.where(s, 0, v)
            for key, value in (("s", s), ("u", u), ("v", v), ("a_buff", a_buff)):
                rows[key].append(value.astype(np.int64))
        return {key: np.array(values) for key, values in rows.items()}


@pytest.fixture(params=["test8", "test32"])
def layer(request: pytest.FixtureRequest) -> Layer:
    """A layer at both widths."""
    return Layer(request.param)


@pytest.fixture
def narrow() -> Layer:
    """A layer at 8 lanes."""
    return Layer("test8")


@pytest.fixture
def echo() -> Design:
    """The stand-in top of tests/device/rtl."""
    return Design("lhw_test_echo", (ECHO,), parameters={"Key": 0}, ports=PortMap(step=None))


def each_device() -> list[Any]:
    """Every device of the table; those that are built from the RTL need what builds it."""
    return [
        pytest.param(name, marks=[pytest.mark.rtl] if "build" in find_backend(name)[0].options else [])
        for name in devices.known()
    ]


@pytest.fixture(params=each_device())
def kind(request: pytest.FixtureRequest) -> str:
    """Every device."""
    return request.param


@pytest.fixture
def options(kind: str) -> dict[str, Any]:
    """What it is opened with: with assertions, where there are any."""
    return {"build": "checked"} if "build" in find_backend(kind)[0].options else {}


@pytest.fixture
def opened(kind: str, options: dict[str, Any], narrow: Layer):
    """A device with the narrow layer loaded, and the layer."""
    with Device.open(kind, narrow.chip, **options) as device:
        device.load(narrow.image)
        yield device, narrow
