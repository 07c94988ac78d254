"""A network as a file, run without its processes: equal to the run of the processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, HwRunCfg, Loihi2SimCfg, RunSteps
from lava_hw.compiler import compile_network
from lava_hw.device import Device
from lava_hw.image import Image
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from tests.fuzz.references import event_counters

pytestmark = pytest.mark.rtl

N, HIDDEN, OUT, STEPS = 40, 33, 10, 24


class Net:
    """Two layers with recurrence; the source stands for what the deployment gets from outside."""

    def __init__(self, data: Any) -> None:
        rng = np.random.default_rng(21)
        self.source = Source(data=data, name="pixels")
        self.first = Dense(weights=2 * rng.integers(-50, 60, (HIDDEN, N)), name="first")
        self.hidden = LIF(shape=(HIDDEN,), vth=90, du=1000, dv=100, name="hidden")
        self.back = Dense(weights=2 * rng.integers(-30, 10, (HIDDEN, HIDDEN)), name="back")
        self.second = Dense(weights=2 * rng.integers(-25, 45, (OUT, HIDDEN)), name="second")
        self.out = LIF(shape=(OUT,), vth=70, du=4095, dv=400, name="out")
        self.source.s_out.connect(self.first.s_in)
        self.first.a_out.connect(self.hidden.a_in)
        self.hidden.s_out.connect(self.back.s_in)
        self.back.a_out.connect(self.hidden.a_in)
        self.hidden.s_out.connect(self.second.s_in)
        self.second.a_out.connect(self.out.a_in)


def pixels(seed: int, steps: int = STEPS) -> Any:
    return (np.random.default_rng(seed).random((N, steps)) < 0.25).astype(int)


VARS = ("hidden.u", "hidden.v", "out.u", "out.v", "first.a_buff", "second.a_buff", "back.weights")


def of_processes(config: Any, cut: int) -> tuple[list[Any], dict[str, Any] | None]:
    """Spikes, and Vars after `cut` steps and at the end, with a Var set at the cut."""
    net = Net(pixels(1))
    sinks = [
        Sink(shape=lif.s_out.shape, buffer=STEPS, name=f"sink_{lif.name}") for lif in (net.hidden, net.out)
    ]
    for lif, sink in zip((net.hidden, net.out), sinks, strict=True):
        lif.s_out.connect(sink.a_in)

    def state() -> list[Any]:
        return [getattr(getattr(net, p), v).get() for p, v in (name.split(".") for name in VARS)]

    with net.out:
        net.out.run(RunSteps(num_steps=cut), config)
        middle = state()
        net.hidden.v.set(np.arange(HIDDEN) * 100)
        net.out.run(RunSteps(num_steps=STEPS - cut), config)
        counters = net.out.runtime.counters() if isinstance(config, HwRunCfg) else None
        return [sink.data.get().T for sink in sinks] + middle + state(), counters


def of_device(device: Device, parts: tuple[int, ...], cut: int) -> list[Any]:
    """The same by a device; `parts` are the lengths of the runs, and one of them ends at `cut`."""
    data = pixels(1).T
    found: list[Any] = []
    spikes: dict[str, list[Any]] = {"hidden.s_out": [], "out.s_out": []}
    step = 0
    device.inject("pixels.s_out", data[:5])
    device.inject("pixels.s_out", data[5:])  # long ahead
    for part in parts:
        if step == cut:
            found = [device.read(name) for name in VARS]
            device.write("hidden.v", np.arange(HIDDEN) * 100)
        device.advance(part)
        step += part
        assert device.step == step
        for port, rows in spikes.items():
            rows.append(device.drain(port))
            assert len(rows[-1]) == part
    assert step == STEPS
    ends = [np.concatenate(rows) for rows in spikes.values()]
    return [*ends, *found, *(device.read(name) for name in VARS)]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The saved image; compiled from a network whose source has other data, which must not matter."""
    net = Net(pixels(99, steps=3))
    image = compile_network(net.out, "test8", outputs=(net.hidden.s_out, net.out.s_out))
    path = tmp_path_factory.mktemp("image") / "net.lhw"
    image.save(path)
    return path


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("golden", {}),
        ("verilator", {"build": "checked"}),
    ],
)
def test_a_deployed_network_equals_its_processes(image: Path, kind: str, options: dict[str, Any]) -> None:
    cut = 9
    config = HwRunCfg(chip="test8", device=kind, **options)
    expected, counters = of_processes(config, cut)
    python, _ = of_processes(Loihi2SimCfg(select_tag="fixed_pt"), cut)
    assert all(np.array_equal(x, y) for x, y in zip(expected, python, strict=True))
    assert expected[1].sum() > 10
    loaded = Image.load(image)
    with Device.open(kind, "test8", **options) as device:
        device.load(loaded)
        fresh = device.counters()
        runs = []
        for parts in ((9, 15), (9, 15), (1, 3, 5, 1, 1, 13)):
            got = of_device(device, parts, cut)
            for number, (x, y) in enumerate(zip(got, expected, strict=True)):
                assert np.array_equal(x, y), number
            runs.append(device.counters())
            device.reset()
            assert device.step == 0
            assert device.counters() == fresh
            assert all(not device.read(name).any() for name in ("hidden.v", "out.u", "first.a_buff"))
        assert runs[0] == runs[1]  # cycles, too: a reset is as a load
        assert event_counters(runs[0]) == event_counters(counters) == event_counters(runs[2])
        # What is queued is dropped by a reset, and what was not drained as well.
        device.inject("pixels.s_out", np.ones((4, N), int))
        device.advance(2)
        device.reset()
        assert all(
            np.array_equal(x, y) for x, y in zip(of_device(device, (9, 15), cut), expected, strict=True)
        )


def test_a_device_is_loaded_again(image: Path) -> None:
    """Two images one after the other on one device; the second is not disturbed by the first."""
    other = LIF(shape=(50,), bias_mant=np.arange(50), bias_exp=6, vth=20, name="only")
    simple = compile_network(other, "test8", outputs=(other.s_out,))
    found = {}
    for kind in ("golden", "verilator"):
        options = {"build": "checked"} if kind == "verilator" else {}
        with Device.open(kind, "test8", **options) as device:
            device.load(Image.load(image))
            device.inject("pixels.s_out", pixels(3).T)
            device.advance(STEPS)
            device.load(simple)
            assert device.step == 0
            device.advance(12)
            found[kind] = device.drain("only.s_out"), device.read("only.v")
        with Device.open(kind, "test8", **options) as device:
            device.load(simple)
            device.advance(12)
            assert np.array_equal(device.drain("only.s_out"), found[kind][0])
            assert np.array_equal(device.read("only.v"), found[kind][1])
    assert all(np.array_equal(x, y) for x, y in zip(found["golden"], found["verilator"], strict=True))
    assert found["golden"][0].sum() > 50
