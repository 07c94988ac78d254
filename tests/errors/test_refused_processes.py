"""What the chip cannot hold is refused by name with a remedy; the remedy works, the network is unharmed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import LIF, Dense, Monitor, RunSteps, Sink, Source
from lava_hw.chip import ChipError
from lava_hw.compiler import CompileError, DoesNotFit, ParameterRefused, PlacementError, ZeroLatencyLoop
from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.proc.dense.models import PyDenseModelBitAcc
from tests.errors.network import STEPS, Network, expected, on, same

REMEDY = "exception_proc_model_map"


@pytest.mark.parametrize(
    ("changes", "message", "model"),
    [
        (
            {"dense": {"weight_exp": 31}},
            "dense: weight_exp is 31; the chip holds 30 at most",
            PyDenseModelBitAcc,
        ),
        ({"dense": {"weight_exp": 40}}, "dense: weight_exp is 40", PyDenseModelBitAcc),
        (
            {"dense": {"num_weight_bits": 9}},
            "dense: num_weight_bits is 9; the chip holds 0 to 8",
            PyDenseModelBitAcc,
        ),
    ],
)
@pytest.mark.parametrize("by", ["process", "class"])
# More bits than weights have are a parameter without meaning, with which Python's model makes zeros.
@pytest.mark.filterwarnings("ignore::lava_hw.errors.ValueChangedWarning")
def test_the_remedy_works(
    changes: dict[str, Any], message: str, model: type[AbstractProcessModel], by: str
) -> None:
    """The same network that was refused runs with its process in Python, and gives what Python gives."""
    with Network(**changes) as network:
        with pytest.raises(ParameterRefused) as caught:
            network.run(on("golden"))
        assert message in str(caught.value)
        assert f'{REMEDY}={{"' in str(caught.value)
        process = network.dense if model is PyDenseModelBitAcc else network.cells
        key: Any = process if by == "process" else type(process)
        network.run(on("golden", exception_proc_model_map={key: model}))
        got = network.answers()
        assert network.cells.runtime.counters()["chip"]["step"] == STEPS  # the rest still runs on the chip
    with Network(**changes) as network:
        network.run(on("python"))
        same(got, network.answers())


@pytest.mark.parametrize(
    ("options", "error", "parts"),
    [
        ({"chip": "tset8"}, ChipError, ["there is no chip 'tset8'", "did you mean test8", "default"]),
        ({"chip": "nowhere/mine.yaml"}, ChipError, ["nowhere/mine.yaml", "there is no such file"]),
        ({"placement": {"cell": 0}}, PlacementError, ["cell is no process on the chip", "dense, cells"]),
        ({"placement": {"cells": 5}}, PlacementError, ["cells is to be on core 5", "the cores 0, 1, 8, 9"]),
        ({"placement": {"cells": "0"}}, PlacementError, ["cells is to be on '0'", "number of a core"]),
        ({"placement": {"dense": 0}}, PlacementError, ["dense has no neurons of its own", "place those"]),
    ],
)
def test_a_refused_configuration_leaves_the_network_as_it_was(
    options: dict[str, Any], error: type[Exception], parts: list[str]
) -> None:
    with Network() as network:
        with pytest.raises(error) as caught:
            network.run(on("golden", **options))
        for part in parts:
            assert part in str(caught.value)
        assert not network.cells.is_compiled
        network.run(on("golden"))
        same(network.answers(), expected())


def test_a_network_too_large_names_process_resource_need_and_limit() -> None:
    with Network(size=300) as network:
        with pytest.raises(
            DoesNotFit, match=r"cells, neurons \d+ to \d+.* needs \d+ neurons, but core 0 of chip tiny has 32"
        ):
            network.run(on("golden", chip="tiny"))
        network.run(on("golden"))
        same(network.answers(), expected(size=300))


def test_too_many_weights_are_named() -> None:
    source, dense = Source(data=np.ones((600, 2))), Dense(weights=np.ones((32, 600)), name="dense")
    cells = LIF(shape=(32,), name="cells")
    source.s_out.connect(dense.s_in)
    dense.a_out.connect(cells.a_in)
    with pytest.raises(
        DoesNotFit, match=r"cells needs 2400 synapse_lines, but a core of chip tiny has 512\..*fewer sources"
    ):
        cells.run(RunSteps(1), on("golden", chip="tiny"))


def test_a_loop_of_latency_0_is_named_and_a_dense_opens_it() -> None:
    def loop(open_it: bool) -> LIF:
        one, two = LIF(shape=(3,), bias_mant=3, name="one"), LIF(shape=(3,), name="two")
        one.s_out.connect(two.a_in)
        if open_it:
            dense = Dense(weights=2 * np.eye(3, dtype=int), name="dense")
            two.s_out.connect(dense.s_in)
            dense.a_out.connect(one.a_in)
        else:
            two.s_out.connect(one.a_in)
        return one

    with pytest.raises(ZeroLatencyLoop) as caught:
        loop(open_it=False).run(RunSteps(1), on("golden"))
    for part in ("two.s_out -> one.a_in", "one.s_out -> two.a_in", "put a connection process (a Dense)"):
        assert part in str(caught.value)
    with loop(open_it=True) as one:
        one.run(RunSteps(5), on("golden"))
        v = one.v.get()
    with loop(open_it=True) as one:
        one.run(RunSteps(5), on("python"))
        np.testing.assert_array_equal(v, one.v.get())


def test_the_errors_of_the_compiler_have_one_parent() -> None:
    for error in (ParameterRefused, DoesNotFit, PlacementError, ZeroLatencyLoop):
        assert issubclass(error, CompileError)
        assert issubclass(error, ValueError)


def test_a_monitor_of_what_is_not_there() -> None:
    cells = LIF(shape=(3,), name="cells")
    with pytest.raises(TypeError, match=r"can probe Vars and OutPorts, got InPort"):
        Monitor().probe(cells.a_in, 5)
    with pytest.raises(ValueError, match="buffer must hold at least one step, got 0"):
        Sink(shape=(3,), buffer=0)
