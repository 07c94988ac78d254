"""A traceback of a run shows the user's lines and the message, not how the package is made."""

from __future__ import annotations

import importlib
import inspect
import os
import subprocess
import sys
import textwrap
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lava_hw
from lava_hw import LIF, Device, DeviceError, HwRunCfg, Loihi2SimCfg, ModelError, RunSteps, compile_network
from lava_hw.compiler import CompileError
from lava_hw.tracebacks import FULL_TRACEBACK, shorten
from tests.runtime.processes import Adder, Counter

PACKAGE = Path(lava_hw.__file__).parent
CFG = Loihi2SimCfg()


def own_frames(error: BaseException) -> list[str]:
    """Files of the package in the traceback of an error."""
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    return [str(file.relative_to(PACKAGE)) for file in files if PACKAGE in file.parents]


def bad(model: Any) -> None:
    raise KeyError("lost")


def failing() -> Counter:
    counter = Counter(name="bad", action=bad)
    counter.out.connect(Adder().inp)
    return counter


def test_the_error_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    with failing() as counter, pytest.raises(ModelError) as caught:
        counter.run(RunSteps(3), CFG)
    assert own_frames(caught.value) == ["magma/core/process/running.py"]
    cause = caught.value.__cause__
    assert cause is not None
    assert own_frames(cause) == []
    assert [frame.name for frame in traceback.extract_tb(cause.__traceback__)] == ["run_spk", "bad"]


@pytest.mark.parametrize("call", ["wait", "pause"])
def test_a_run_that_does_not_wait(call: str) -> None:
    with failing() as counter:
        counter.run(RunSteps(3, blocking=False), CFG)
        with pytest.raises(ModelError) as caught:
            getattr(counter, call)()
    assert own_frames(caught.value) == ["magma/core/process/running.py"]


def test_what_the_compiler_refuses() -> None:
    many = LIF(shape=(100_000,))
    with pytest.raises(CompileError) as caught:
        many.run(RunSteps(1), HwRunCfg(device="golden", chip="tiny"))
    assert own_frames(caught.value) == ["magma/core/process/running.py"]


def test_the_compiler_and_the_device_called_by_hand() -> None:
    with pytest.raises(CompileError) as refused:
        compile_network(LIF(shape=(100_000,)), "tiny")
    assert own_frames(refused.value) == ["tracebacks.py"]
    with Device.open("golden", "tiny") as device:
        device.load(compile_network(LIF(shape=(2,), name="n"), "tiny"))
        for call in (
            lambda: device.read("n.q"),
            lambda: device.write("n.v", [1, 2, 3]),
            lambda: device.inject("none", [1]),
            lambda: device.advance(-1),
        ):
            with pytest.raises(DeviceError) as caught:
                call()
            assert own_frames(caught.value) == ["tracebacks.py"]
    assert list(inspect.signature(Device.advance).parameters) == ["self", "steps"]


def test_the_place_of_an_error_that_is_none_of_ours_is_kept() -> None:
    """Its message may not say enough, and it may be a fault of the package."""
    with failing() as counter:
        counter.create_runtime(CFG)
        with pytest.raises(ValueError, match="Cannot set") as caught:
            counter.state.set(np.zeros(3))
    assert own_frames(caught.value) == ["magma/core/process/variable.py", "runtime/variables.py"]


def test_frames_of_others_stay() -> None:
    def outer() -> None:
        raise ValueError("x")

    try:
        outer()
    except ValueError as error:
        names = [frame.name for frame in traceback.extract_tb(shorten(error).__traceback__)]
    assert names == ["test_frames_of_others_stay", "outer"]


@pytest.mark.parametrize("full", [False, True])
def test_the_switch_for_developers(full: bool) -> None:
    program = """
        from lava_hw import Loihi2SimCfg, RunSteps
        from tests.runtime.test_tracebacks import failing
        failing().run(RunSteps(3), Loihi2SimCfg())
    """
    environment = {key: value for key, value in os.environ.items() if key != FULL_TRACEBACK}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        env=environment | ({FULL_TRACEBACK: "1"} if full else {}),
    )
    assert done.returncode == 1
    assert ("greenlets.py" in done.stderr) == full
    assert 'raise KeyError("lost")' in done.stderr
    assert done.stderr.count('File "') > 10 if full else done.stderr.count('File "') <= 4
    assert done.stderr.splitlines()[-1].endswith("Process 'bad' failed in step 1: KeyError: 'lost'")


def test_errors_that_users_catch_are_in_the_facade() -> None:
    for module in (
        "runtime.errors",
        "device.errors",
        "compiler.errors",
        "runtime.chip_check",
        "image.errors",
    ):
        found = importlib.import_module(f"lava_hw.{module}")
        for name in ("RunError", "DeviceError", "CompileError", "DivergenceError", "ImageError"):
            if hasattr(found, name):
                assert getattr(lava_hw, name) is getattr(found, name)
    kinds = [lava_hw.ChipFault, lava_hw.SimulatorError, lava_hw.ValueRefused, lava_hw.BuildError]
    assert all(issubclass(kind, lava_hw.DeviceError) for kind in kinds)
    assert not any(issubclass(kind, lava_hw.ModelError) for kind in kinds)
