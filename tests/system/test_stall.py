"""A simulator that will never answer is told from one that is slow."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense
from lava_hw.compiler import compile_network
from lava_hw.device import ChipStalled, Device, DeviceError
from lava_hw.proc.io.source import RingBuffer as Source

pytestmark = pytest.mark.rtl


@pytest.fixture
def opened() -> Any:
    """A device with a layer that takes messages from outside."""
    source, dense, lif = (
        Source(data=np.zeros((3, 2)), name="s"),
        Dense(weights=np.eye(3) * 9),
        LIF(shape=(3,), name="n"),
    )
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(lif.a_in)
    with Device.open("verilator", "test8", build="checked") as device:
        device.load(compile_network(lif, "test8", outputs=(lif.s_out,)))
        yield device


@pytest.mark.parametrize("wait", ["paused", "block"])
def test_a_forgotten_close_is_an_error(opened: Device, wait: str) -> None:
    """The chip waits for the host, and the host for the chip: golden says so at once, the RTL later."""
    session = opened.session
    session.run_to(1)
    began = time.monotonic()
    with pytest.raises(ChipStalled) as caught:
        if wait == "paused":
            session.wait_paused()
        while True:
            session.wait_any(0.1)
    assert 1.5 < time.monotonic() - began < 30
    assert "the simulator is idle and the chip has not answered" in str(caught.value)
    assert "completed step 0 of 1; the next that it needs closed is step 1, stage 0" in str(caught.value)
    with pytest.raises(DeviceError, match="no longer in step after an earlier error"):
        session.poll_paused()


def test_a_simulator_that_does_not_get_on_is_waited_for(opened: Device) -> None:
    """It is stopped for longer than an idle one may be asleep, in the middle of its work."""
    session = opened.session
    pid = opened._link.transport.pid  # type: ignore[attr-defined]
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(6, os.kill, (pid, signal.SIGCONT))
    timer.start()
    try:
        began = time.monotonic()
        assert session.run_batch(5)["n.s_out"].shape == (5, 3)
        assert time.monotonic() - began > 5
    finally:
        timer.cancel()
        timer.join()
        os.kill(pid, signal.SIGCONT)


def test_work_that_takes_long_is_waited_for() -> None:
    """A block of steps that is computed for seconds without a word, as nothing is sent outside."""
    lif = LIF(shape=(3,), bias_mant=1, vth=100, name="n")
    with Device.open("verilator", "test8", build="checked") as device:
        session = device.load(compile_network(lif, "test8"))
        assert session.outputs == {}
        steps, took = 1000, 0.0
        while took < 4:  # longer than an idle one may be asleep
            steps *= 2
            before, began = session.step, time.monotonic()
            session.run_batch(steps)
            took = time.monotonic() - began
            assert session.step == before + steps
