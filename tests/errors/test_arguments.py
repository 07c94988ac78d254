"""Arguments of another kind: what was given, where, and what is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    LIF,
    Dense,
    Device,
    HwRunCfg,
    Loihi2SimCfg,
    RunConfig,
    RunSteps,
    Source,
    compile_network,
)
from lava_hw.device import DeviceError
from lava_hw.utils.float2fixed import float2fixed
from tests.errors.network import Network, on


def layer() -> LIF:
    return Network().cells


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: LIF(shape=4), AssertionError, "Shape must be a tuple of int, got 4"),
        (lambda: LIF(shape=(-1,)), AssertionError, "got (-1,)"),
        (lambda: LIF(shape=(1,), name=5), TypeError, "name of a process must be a non-empty str, got 5"),
        (lambda: Dense(weights=[1, 2]), ValueError, "2D matrix (n_out, n_in), got shape (2,)"),
        (lambda: Source(data=5), ValueError, "a last axis of at least one step, got shape ()"),
        (lambda: RunSteps(2.5), ValueError, "number of steps >= 0, got 2.5"),
        (
            lambda: HwRunCfg(device="fpga"),
            ValueError,
            "no device 'fpga'; the devices are ",
        ),
        (
            lambda: HwRunCfg(device="golden", check="rtl"),
            ValueError,
            "check must be None or 'golden', got 'rtl'",
        ),
        (lambda: HwRunCfg(device="golden", build="slow"), ValueError, "build must be 'fast' or 'checked'"),
        (
            lambda: HwRunCfg(device="verilator", trace=(5, 1, "x")),
            ValueError,
            "(first step, last step, path)",
        ),
        (
            lambda: HwRunCfg(device="golden", exception_proc_model_map=LIF),
            TypeError,
            "must map processes or process classes to models, got ProcessPostInitCaller",
        ),
        (
            lambda: Loihi2SimCfg(exception_proc_model_map={LIF: "PyLif"}),
            TypeError,
            "LIF'> must be a class, got 'PyLif'",
        ),
        (
            lambda: layer().run(RunSteps(1)),
            ValueError,
            "The first run needs run_cfg, for example Loihi2SimCfg()",
        ),
        (lambda: layer().run(RunSteps(1), Loihi2SimCfg), TypeError, "got the class; write Loihi2SimCfg(...)"),
        (lambda: layer().run(RunSteps(1), "golden"), TypeError, "run_cfg must be a RunConfig, got str"),
        (lambda: layer().run(5, on("python")), TypeError, "RunSteps or RunContinuous, got int"),
        (lambda: layer().run(RunSteps(1), RunConfig()), NotImplementedError, "RunConfig must define select"),
        (lambda: compile_network(5, "test8"), TypeError, "A network is a process, or a list"),
        (lambda: compile_network([layer(), 5], "test8"), TypeError, "A network is a process, or a list"),
        (lambda: compile_network([], "test8"), ValueError, "at least one process; the list is empty"),
        (
            lambda: compile_network(layer(), "test8", outputs=[5]),
            TypeError,
            "its name process.port, is needed, got 5",
        ),
        (
            lambda: compile_network(layer(), "test8", outputs=["cells.s"]),
            ValueError,
            "cells.s is no out port",
        ),
        (
            lambda: Device.open("fpga", "test8"),
            RuntimeError,
            "no device 'fpga'; the devices are ",
        ),
        (
            lambda: Device.open("golden", "test8").load("x.lhw"),
            TypeError,
            "Image.load(path) reads one from a file",
        ),
        (
            lambda: Device.open("golden", "test8").advance(1),
            RuntimeError,
            "no image is loaded; use Device.load first",
        ),
    ],
)
def test_the_message_says_what_is_needed(
    call: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


@pytest.mark.parametrize("steps", [-1, 2.5, "3", None, 2**32])
def test_steps_of_a_device(steps: Any) -> None:
    with Device.open("golden", "test8") as device:
        device.load(compile_network(layer(), "test8", outputs="cells.s_out"))
        with pytest.raises(DeviceError) as caught:
            device.advance(steps)
        assert f"{steps!r} steps cannot be run; give an integer from 0 to 4294967295" in str(caught.value)
        device.advance(np.int64(2))
        assert device.drain("cells.s_out").shape == (2, 9)


def test_a_network_of_something_else_cannot_be_converted() -> None:
    with pytest.raises(TypeError, match="a list of FloatPopulation, and one of its elements is 5"):
        float2fixed([5], {})


def test_shapes_that_do_not_fit_name_both_processes() -> None:
    source, cells = Source(data=np.ones((4, 1))), LIF(shape=(5,))
    with pytest.raises(AssertionError) as caught:
        source.s_out.connect(cells.a_in)
    for part in ("(4,) of", "Source.s_out", "(5,) of", "LIF.a_in", "Use reshape()"):
        assert part in str(caught.value)
    source.s_out.flatten().reshape((4,)).connect(LIF(shape=(4,)).a_in)  # nothing was connected before


def test_one_output_may_be_named_without_a_list() -> None:
    cells = layer()
    images = [compile_network(cells, "test8", outputs=o) for o in ("cells.s_out", cells.s_out, [cells.s_out])]
    assert images[0] == images[1] == images[2]
    assert list(images[0].manifest.outputs) == ["cells.s_out"]


@pytest.mark.parametrize("device", ["python", "golden"])
@pytest.mark.parametrize(
    ("var", "value", "error", "message"),
    [
        ("cells.v", [1, 2], ValueError, "Cannot set cells.v of shape (9,) to a value of shape (2,)"),
        ("cells.v", "x", TypeError, "Cannot set cells.v: a number or an array of numbers is needed, got 'x'"),
        (
            "cells.v",
            None,
            TypeError,
            "Cannot set cells.v: a number or an array of numbers is needed, got None",
        ),
        ("dense.weights", np.ones((2, 3)), ValueError, "Cannot set dense.weights of shape (9, 6)"),
    ],
)
def test_a_value_that_does_not_fit(
    device: str, var: str, value: Any, error: type[Exception], message: str
) -> None:
    with Network() as network:
        network.run(on(device), 3)
        process, name = var.split(".")
        target = getattr(getattr(network, process), name)
        before = target.get()
        with pytest.raises(error) as caught:
            target.set(value)
        assert message in str(caught.value)
        np.testing.assert_array_equal(target.get(), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"u": [1, 2]},
            "Var 'u' of process 'cells' does not fit: shape (9,) and type int32 are declared, "
            "got shape (2,). Give one number",
            # The warning comes first, when the process is made.
            marks=pytest.mark.filterwarnings("ignore::lava_hw.errors.ShapeMismatchWarning"),
        ),
        ({"v": "abc"}, "Var 'v' of process 'cells' does not fit"),
        ({"v": None}, "Var 'v' of process 'cells' does not fit"),
    ],
)
def test_an_initial_value_that_does_not_fit(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Network(**changes).run(on("python"))
    assert message in str(caught.value)
