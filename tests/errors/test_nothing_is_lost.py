"""After an error in the midst of a run the rest is what it was: states, later steps, other networks."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from lava_hw import (
    CPU,
    AbstractProcess,
    Device,
    InPort,
    LavaPyType,
    LoihiProtocol,
    PyInPort,
    PyLoihiProcessModel,
    RunSteps,
    Var,
    compile_network,
    implements,
    requires,
)
from lava_hw.device import ValueRefused
from lava_hw.runtime.errors import ModelError, RunError
from tests.errors.network import PYTHON, STEPS, Network, expected, on, same

DEVICES = [
    "python",
    "golden",
    pytest.param("verilator", marks=[pytest.mark.rtl, pytest.mark.slow]),
]
ON_CHIP = DEVICES[1:]


class Reader(AbstractProcess):
    """Reads spikes, and does `action(model)` before each step."""

    def __init__(self, *, shape: tuple[int, ...], action: Any, **kwargs: Any) -> None:
        super().__init__(shape=shape, action=action, **kwargs)
        self.inp = InPort(shape)
        self.total = Var((1,), init=0)


@implements(proc=Reader, protocol=LoihiProtocol)
@requires(CPU)
class PyReader(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    total: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self) -> None:
        self.proc_params["action"](self)
        self.total += self.inp.recv().sum()


def with_reader(action: Any) -> tuple[Network, Reader]:
    network = Network()
    reader = Reader(shape=(9,), action=action, name="reader")
    network.cells.s_out.connect(reader.inp)
    return network, reader


@pytest.mark.parametrize("device", DEVICES)
def test_a_refused_value_changes_nothing(device: str) -> None:
    """Several refused writes between two runs; the second run goes on as if nobody had tried."""
    with Network() as network:
        network.run(on(device), 5)
        before = network.answers()
        for value in ([1, 2, 3], "x", np.ones((9, 9))):
            with pytest.raises((ValueError, TypeError), match=r"Cannot set cells\.u"):
                network.cells.u.set(value)
        same(network.answers(), before)
        network.run(None, STEPS - 5)
        same(network.answers(), expected())


@pytest.mark.parametrize("device", ON_CHIP)
def test_weights_that_the_chip_cannot_hold_are_refused_whole(device: str) -> None:
    """After step 1 weights are raw: one bad element is named, with what the chip holds; none is written."""
    with Network() as network:
        network.run(on(device), 5)
        weights = network.dense.weights.get()
        changed = np.full_like(weights, 2)
        changed[7, 3] = 301
        with pytest.raises(
            ValueRefused, match=r"dense\.weights: element \(7, 3\) is 301; the chip holds weights of"
        ):
            network.dense.weights.set(changed)
        np.testing.assert_array_equal(network.dense.weights.get(), weights)
        network.run(None, STEPS - 5)
        same(network.answers(), expected())


@pytest.mark.parametrize("device", DEVICES)
def test_an_exception_in_a_model_names_it_and_reset_recovers(device: str) -> None:
    armed = [True]

    def action(model: Any) -> None:
        if armed[0] and model.time_step == 4:
            raise KeyError("on purpose")

    network, reader = with_reader(action)
    with network:
        with pytest.raises(
            ModelError, match=r"Process 'reader' failed in step 4: KeyError: 'on purpose'"
        ) as caught:
            network.run(on(device))
        assert isinstance(caught.value.__cause__, KeyError)
        with pytest.raises(
            RunError, match=r"An earlier run failed \(ModelError\); call runtime.reset\(\) or stop\(\)"
        ):
            network.run(None, 1)
        armed[0] = False
        network.cells.runtime.reset()
        network.run(None, STEPS)
        wanted = expected()
        same(network.answers(), wanted)
        assert reader.total.get() == wanted[0].sum()


@pytest.mark.parametrize("device", ["python", "golden"])  # on the RTL: tests/system/test_together.py
def test_a_second_run_while_one_is_under_way(device: str) -> None:
    """It is refused, and the first one is not disturbed."""
    inside, go_on = threading.Event(), threading.Event()

    def action(model: Any) -> None:
        if model.time_step == 3:
            inside.set()
            assert go_on.wait(60)

    network, _ = with_reader(action)
    with network:
        network.cells.run(RunSteps(STEPS, blocking=False), on(device))
        assert inside.wait(300)
        for other in (network.cells, network.source, network.sink):
            with pytest.raises(RunError, match=r"A run is in progress; wait\(\) for it or pause\(\) it"):
                other.run(RunSteps(1))
        with pytest.raises(RunError, match=r"A run is in progress; pause\(\) it before reset"):
            network.cells.runtime.reset()
        go_on.set()
        network.cells.wait()
        same(network.answers(), expected())


@pytest.mark.parametrize("device", ["python", "golden"])  # on the RTL: tests/system/test_together.py
def test_a_run_after_stop(device: str) -> None:
    """Everything of a stopped network says so; the same program made anew runs."""
    network = Network()
    network.run(on(device), 3)
    network.cells.stop()
    network.cells.stop()
    for call in (lambda: network.run(on(device), 1), network.cells.v.get, lambda: network.cells.v.set(1)):
        with pytest.raises(RuntimeError, match="was stopped"):
            call()
    same(expected(on(device)), expected())


@pytest.mark.parametrize("device", ["python", "golden"])  # on the RTL: tests/system/test_together.py
def test_two_networks_at_once(device: str) -> None:
    """Their steps alternate; neither sees the other."""
    with Network() as one, Network(vth=4) as two:
        for _ in range(STEPS // 3):
            for network in (one, two):
                network.run(on(device), 3) if not network.cells.is_compiled else network.run(None, 3)
        same(one.answers(), expected())
        same(two.answers(), expected(vth=4))


@pytest.mark.parametrize("device", ["golden"])
def test_refused_messages_are_not_queued(device: str) -> None:
    """Device.inject takes all rows or none."""
    network = Network()
    image = compile_network(network.cells, "test8", outputs=network.cells.s_out)
    rows = np.moveaxis(np.asarray(network.source.data.init), -1, 0)
    with Device.open(device, "test8") as opened:
        opened.load(image)
        for bad, message in (
            (np.ones((3, 7)), r"source\.s_out: messages have shape \(3, 7\); the port needs \[T, 6\]"),
            (np.full((3, 6), 0.5), r"source\.s_out.* is 0\.5"),
            (np.full((3, 6), 2**40), r"source\.s_out.* is 1099511627776"),
        ):
            with pytest.raises(ValueRefused, match=message):
                opened.inject("source.s_out", bad)
        opened.inject("source.s_out", rows)
        opened.advance(STEPS)
        got = opened.drain("cells.s_out")
    np.testing.assert_array_equal(got.T, expected(PYTHON)[0])
