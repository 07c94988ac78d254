"""Each error of a device, in step batches and in lock step, then every method of Runtime, Var and Device.

None hangs, none says what is not so, each error keeps its class, and reset() recovers.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    ChipFault,
    ChipStalled,
    Dense,
    Device,
    DeviceError,
    HwRunCfg,
    ModelError,
    RtlFailed,
    RunContinuous,
    RunError,
    RunSteps,
    SimulatorError,
    Sink,
    Source,
    ValueRefused,
    compile_network,
)
from lava_hw.device.flits import token
from lava_hw.device.golden import GoldenTransport
from lava_hw.device.verilator import VerilatorTransport
from lava_hw.proc.io.source import PySendModelFloat
from lava_hw.regs import TokenIn
from tests.runtime.processes import Counter, Toucher

SIZE, STEPS = 3, 2000
SECONDS = 10.0
"""Any call after the error takes less, also on a busy machine."""
MISLEADING = re.compile("under way; finish|on its way from|until it has paused|no longer in step|internal")
TRANSPORTS = {"golden": GoldenTransport, "verilator": VerilatorTransport}


# ------------------------------------------------------------------------------------ what goes wrong
def fault(transport: Any, push: Any) -> None:
    """The chip gets a CLOSE that is not the next one."""
    push(token(TokenIn.CLOSE, 1 << 20, 0))


def killed(transport: Any, push: Any) -> None:
    if isinstance(transport, VerilatorTransport):
        os.kill(transport.pid, signal.SIGKILL)
    else:
        raise SimulatorError("the simulator was killed by SIGKILL")


def failed(transport: Any, push: Any) -> None:
    raise RtlFailed("the simulator ended with exit code 5: an assertion of the RTL failed")


def stalled(transport: Any, push: Any) -> None:
    raise ChipStalled("the simulator is idle and the chip has not answered")


def closed(transport: Any, push: Any) -> None:
    transport.close()


ERRORS = {
    "fault": (fault, ChipFault, "fault BAD_CLOSE", RunError, "the chip has stopped in step"),
    "killed": (
        killed,
        SimulatorError,
        "killed by SIGKILL",
        SimulatorError,
        "the simulator is gone since step",
    ),
    "failed": (
        failed,
        RtlFailed,
        "an assertion of the RTL",
        SimulatorError,
        "the simulator is gone since step",
    ),
    "stalled": (stalled, ChipStalled, "is idle", RunError, "the chip has stalled in step"),
    "closed": (
        closed,
        DeviceError,
        "is closed",
        RunError,
        "the run has ended by an error while the chip was",
    ),
}


class Trap:
    """Makes one push to a device go wrong."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, device: str, action: Callable[..., None]) -> None:
        self.left = -1
        kind = TRANSPORTS[device]
        real = kind.push

        def push(transport: Any, flits: Any) -> None:
            self.left -= 1
            if self.left == 0:
                action(transport, lambda more: real(transport, more))
            real(transport, flits)

        monkeypatch.setattr(kind, "push", push)


class Network:
    """source -> dense -> cells -> sink; with a model of a user's beside it everything goes in lock step."""

    def __init__(self, mode: str, device: str, source: Any = None, **options: Any) -> None:
        data = (np.random.default_rng(3).random((SIZE, 64)) < 0.4).astype(float)
        self.source = Source(data=data if source is None else source, name="source")
        self.dense = Dense(weights=np.eye(SIZE) * 20, name="dense")
        self.cells = LIF(shape=(SIZE,), vth=10, du=900, name="cells")
        self.sink = Sink(shape=(SIZE,), buffer=STEPS, name="sink")
        self.source.s_out.connect(self.dense.s_in)
        self.dense.a_out.connect(self.cells.a_in)
        self.cells.s_out.connect(self.sink.a_in)
        if mode == "lock step":
            counter, self.extra = Counter(name="counter"), Dense(weights=np.ones((SIZE, 1)) * 2, name="extra")
            counter.out.connect(self.extra.s_in)
            self.extra.a_out.connect(self.cells.a_in)
        self.cfg = HwRunCfg(**{"device": device, "chip": "test8", "build": "checked", **options})

    def answers(self, steps: int = 30) -> list[Any]:
        self.cells.run(RunSteps(steps), self.cfg)
        return [self.sink.data.get()[:, :steps].tolist(), self.cells.v.get().tolist()]


def quickly(call: Callable[[], Any]) -> Any:
    began = time.monotonic()
    try:
        return call()
    finally:
        assert time.monotonic() - began < SECONDS


def refused(call: Callable[[], Any], kind: type[Exception], text: str) -> str:
    with pytest.raises(kind, match=text) as caught:
        quickly(call)
    assert not MISLEADING.search(str(caught.value)), caught.value
    return str(caught.value)


def every_method(network: Network, error: Exception, kind: type[Exception], text: str, kept: bool) -> None:
    """Call all of Runtime and Var after an error, then recover, then stop."""
    runtime, cells = network.cells.runtime, network.cells
    assert runtime is not None
    assert runtime.failure is error
    assert (runtime.is_running, runtime.is_stopped) == (False, False)
    assert runtime.num_steps >= 1
    said = rf"An earlier run failed \({type(error).__name__}\); call runtime.reset\(\) or stop\(\)"
    refused(lambda: cells.run(RunSteps(1)), RunError, said)
    refused(lambda: runtime.start(RunContinuous()), RunError, said)
    for call in (runtime.wait, runtime.pause, cells.wait, cells.pause):
        quickly(call)
    assert quickly(network.sink.data.get).shape == (SIZE, STEPS)
    quickly(lambda: network.sink.data.set(0))
    if kept:
        before = quickly(cells.v.get)
        quickly(lambda: cells.v.set(before + 1))
        assert (cells.v.get() == before + 1).all()
    else:
        remedy = r"Still there: num_steps, and the Vars .*runtime.reset\(\) .*stop\(\) frees everything"
        for what, call in {
            "cells.v cannot be read": cells.v.get,
            "cells.u cannot be read": lambda: runtime.get_var(cells.u),
            "cells.v cannot be set": lambda: cells.v.set(1),
            "cells.u cannot be set": lambda: runtime.set_var(cells.u, 1),
        }.items():
            refused(call, kind, f"{what}: {text}.*{remedy}")
        keep = "cells.v cannot be read: "
        refused(lambda: runtime.reset(keep=[cells.v]), kind, keep + text)
        assert runtime.failure is error
    refused(runtime.counters, kind, f"the counters of the chip cannot be read: {text}")
    assert repr(runtime).endswith(", failed>")
    assert "cells" in str(quickly(runtime.report))
    assert "cells" in quickly(lambda: runtime.image).manifest.processes
    quickly(runtime.reset)
    assert repr(runtime).endswith("; step 0, waiting>")
    assert runtime.failure is None
    assert runtime.num_steps == 0
    fresh = Network("lock step" if hasattr(network, "extra") else "batches", "golden")
    with fresh.cells:
        assert network.answers() == fresh.answers()
    assert runtime.counters()["chip"]["step"] == 30
    quickly(runtime.stop)
    quickly(runtime.stop)
    refused(cells.v.get, RuntimeError, "was stopped")
    refused(lambda: cells.v.set(1), RuntimeError, "was stopped")
    refused(lambda: runtime.start(RunSteps(1)), RunError, "The runtime was stopped")
    refused(runtime.counters, RunError, "The runtime was stopped")
    refused(runtime.reset, RunError, "The runtime was stopped")


RTL = [
    pytest.param("verilator", name, mode, marks=[pytest.mark.rtl, pytest.mark.slow])
    for name in ("fault", "killed")
    for mode in ("batches", "lock step")
]


@pytest.mark.parametrize("condition", ["blocking", "continuous"])
@pytest.mark.parametrize("keep", [None, True])
@pytest.mark.parametrize(
    ("device", "name", "mode"), [("golden", n, m) for n in ERRORS for m in ("batches", "lock step")] + RTL
)
def test_every_method_after_an_error(
    device: str, name: str, mode: str, keep: bool | None, condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, kind, text, later, later_text = ERRORS[name]
    trap = Trap(monkeypatch, device, action)
    network = Network(mode, device, keep_last_step=keep)
    network.cells.create_runtime(network.cfg)
    runtime = network.cells.runtime
    assert runtime is not None
    assert runtime.can_run_ahead == (mode == "batches" and not keep)
    trap.left = 3 if runtime.can_run_ahead else 12
    with pytest.raises(kind, match=text) as caught:
        if condition == "blocking":
            network.cells.run(RunSteps(STEPS))
        else:
            network.cells.run(RunContinuous())
            network.cells.wait()
    assert type(caught.value) is kind
    assert any("step" in note for note in caught.value.__notes__)
    every_method(network, caught.value, later, later_text, bool(keep))


@pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")  # the value is wrong by intent
@pytest.mark.parametrize("mode", ["batches", "lock step"])
def test_every_method_after_a_message_that_the_chip_cannot_take(mode: str) -> None:
    data = np.ones((SIZE, STEPS))
    data[1, 1100] = 0.5
    network = Network(mode, "golden", source=data)
    network.cfg.exception_proc_model_map = {network.source: PySendModelFloat}
    with pytest.raises(ValueRefused, match=r"source\.s_out.*0\.5") as caught:
        network.cells.run(RunSteps(STEPS), network.cfg)
    runtime = network.cells.runtime
    assert runtime is not None
    assert runtime.failure is caught.value
    if mode == "batches":
        why = "cells.v cannot be read: the run has ended by an error while the chip"
        refused(network.cells.v.get, RunError, why)
    else:  # the step was complete but for this message
        assert network.cells.v.get().shape == (SIZE,)
    quickly(runtime.reset)
    network.cells.run(RunSteps(50))
    assert network.cells.v.get().shape == (SIZE,)
    network.cells.stop()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_reference_that_notices_first(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model reads a Var of the chip while the simulator dies: it is not an error of the model."""
    trap = Trap(monkeypatch, "golden", killed)
    noticed = []
    for place in (8, 9):  # one of them is in a step, one is the answer to a reference
        cells = LIF(shape=(1,), bias_mant=3, name="cells")
        reader = Toucher(post=lambda model: model.ref.read(), name="reader")
        reader.ref.connect_var(cells.v)
        with cells:
            cfg = HwRunCfg(device="golden", chip="test8", workers=workers)
            cells.create_runtime(cfg)
            trap.left = place
            with pytest.raises(SimulatorError, match="killed by SIGKILL") as caught:
                cells.run(RunSteps(20))
            noticed.append(any("'reader' failed in step" in note for note in caught.value.__notes__))
    assert sorted(noticed) == [False, True]


def test_an_exception_of_a_model_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one of a class that the chip uses: it is the model's."""

    def action(model: Any) -> None:
        raise SimulatorError("of a simulator of my own")

    network = Network("batches", "golden")
    counter, extra = Counter(name="mine", action=action), Dense(weights=np.ones((SIZE, 1)) * 2)
    counter.out.connect(extra.s_in)
    extra.a_out.connect(network.cells.a_in)
    with (
        network.cells,
        pytest.raises(ModelError, match="Process 'mine' failed in step 1: SimulatorError") as caught,
    ):
        network.cells.run(RunSteps(5), network.cfg)
    assert type(caught.value.__cause__) is SimulatorError


# ------------------------------------------------------------------------------------ Device
@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize(
    "device", ["golden", pytest.param("verilator", marks=[pytest.mark.rtl, pytest.mark.slow])]
)
def test_every_method_of_a_device_after_an_error(
    device: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    action, kind, text, *_ = ERRORS[name]
    trap = Trap(monkeypatch, device, action)
    network = Network("batches", device)
    image = compile_network(network.cells, "test8", outputs="cells.s_out")
    again = {
        "fault": "fault BAD_CLOSE.*reset\\(\\) recovers it",
        "killed": "the simulator is gone after an earlier error: .*SIGKILL.*; close the device and open it",
        "failed": "the simulator is gone after an earlier error: .*; close the device and open it again",
        "stalled": "no longer in step after an earlier error .ChipStalled.*; close it and open it again",
        "closed": "closed|no longer in step after an earlier error .*; close it and open it again",
    }[name]
    with Device.open(device, "test8", **({"build": "checked"} if device == "verilator" else {})) as opened:
        opened.load(image)
        opened.inject("source.s_out", np.ones((5, SIZE), int))
        opened.advance(5)
        trap.left = 1
        with pytest.raises(kind, match=text) as caught:
            opened.advance(5)
            opened.read("cells.v")
        assert opened.step == 5
        assert f"step 5; failed: {type(caught.value).__name__}" in repr(opened)
        assert opened.drain("cells.s_out").shape == (5, SIZE)
        opened.inject("source.s_out", np.ones((5, SIZE), int))
        for call in (
            lambda: opened.advance(1),
            lambda: opened.read("cells.v"),
            lambda: opened.write("cells.v", 1),
            opened.counters,
        ):
            with pytest.raises(DeviceError, match=again):
                quickly(call)
        if name == "fault":
            opened.reset()
            opened.advance(3)
            assert opened.step == 3
        else:
            for call in (opened.reset, lambda: opened.load(image)):
                with pytest.raises(DeviceError, match=again):
                    quickly(call)
    quickly(opened.close)
    for call in (
        lambda: opened.step,
        lambda: opened.inject("source.s_out", [[1]]),
        lambda: opened.advance(1),
        lambda: opened.drain("cells.s_out"),
        lambda: opened.read("cells.v"),
        lambda: opened.write("cells.v", 1),
        opened.counters,
        opened.reset,
        lambda: opened.load(image),
    ):
        refused(call, DeviceError, "the device is closed; open it again")
