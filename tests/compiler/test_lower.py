"""Lower: integers of LIF and Dense, what is refused and how, what is known of processes outside."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lava_hw import LIF, Dense
from lava_hw.compiler import NotOnChip, ParameterRefused
from lava_hw.compiler.latency import depends
from lava_hw.compiler.lower import lower_network
from lava_hw.graph import flatten
from lava_hw.ir import DenseConnection, Neurons
from lava_hw.magma.core.run_configs import Loihi2SimCfg
from lava_hw.proc.dense.models import PyDenseModelBitAcc
from lava_hw.utils.weightutils import SignMode, clip_weights, determine_sign_mode, truncate_weights
from tests.compiler.processes import PyAnswers, PyLeads, PySays, PyUnclear, flat, lif


def neurons(**given: Any) -> Neurons:
    return lower_network(flat(LIF(**{"shape": (3,), "name": "cells", **given}))).neurons[0]


def connection(weights: Any, **given: Any) -> DenseConnection:
    (found,) = lower_network(flat(Dense(weights=weights, name="layer", **given))).connections
    assert isinstance(found, DenseConnection)
    return found


def state(cell: Neurons, name: str) -> list[int]:
    return next(s for s in cell.states if s.name == name).values.tolist()


def constant(cell: Neurons, name: str) -> int:
    return next(c.value for c in cell.constants if c.name == name)


def test_lif_scalars_are_constants() -> None:
    cell = neurons(du=100, dv=4096, vth=7, u=5, v=-9.9, bias_mant=[1, 2, -32768], bias_exp=-1)
    assert (constant(cell, "du_keep"), constant(cell, "dv_keep"), constant(cell, "threshold")) == (
        3995,
        0,
        448,
    )
    assert state(cell, "u") == [5, 5, 5]
    assert state(cell, "v") == [-9, -9, -9], "floats truncate toward 0"
    assert state(cell, "bias_mant") == [1, 2, -32768], "int16, as in the Python model"
    assert state(cell, "bias_exp") == [-1, -1, -1]


def test_lif_arrays_are_states_and_broadcast() -> None:
    cell = neurons(shape=(2, 3), vth=[1, 2, 3], du=[[10], [20]])
    assert state(cell, "threshold") == [64, 128, 192, 64, 128, 192]
    assert state(cell, "du_keep") == [4085] * 3 + [4075] * 3
    by_name = {v.name: v for v in cell.variables}
    assert by_name["vth"].shape == (3,)
    assert by_name["du"].shape == (2, 1)
    assert by_name["du"].elements is not None
    assert by_name["du"].elements.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("vth", "held"), [(2**31, 2**31 - 1), (-(2**40), -(2**31)), (131071, 131071 << 6), (-5, -320)]
)
def test_thresholds_are_clipped_where_that_is_exact(vth: int, held: int) -> None:
    assert constant(neurons(vth=vth), "threshold") == held


# Two of the shapes are warned of when the cells are made; this is about what the chip says.
@pytest.mark.filterwarnings("ignore::lava_hw.errors.ShapeMismatchWarning")
@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"du": 0.5}, ["cells", "du", "0.5", "integers"]),
        ({"dv": 2**31 + 4097}, ["cells", "dv", str(2**31 + 4097), str(2**31 - 1)]),
        ({"vth": 2**70}, ["cells", "vth", str(2**70), "64 bits"]),
        ({"u": float("nan")}, ["cells", "u is nan"]),
        ({"vth": [1, 2]}, ["cells", "vth", "shape (2,)", "(3,)"]),
        ({"bias_mant": [1, 2]}, ["cells", "bias_mant", "shape (2,)"]),
        ({"v": ["a", "b", "c"]}, ["cells", "v", "'a'"]),
    ],
)
def test_lif_refusals_name_everything(given: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(ParameterRefused) as caught:
        neurons(**given)
    for part in [*parts, "exception_proc_model_map"]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"weight_exp": 31}, ["weight_exp", "31", "30 at most"]),
        ({"weight_exp": 1.5}, ["weight_exp", "1.5", "one integer"]),
        ({"num_weight_bits": 9}, ["num_weight_bits", "9", "0 to 8"]),
        ({"sign_mode": 7}, ["sign_mode", "7"]),
    ],
)
def test_dense_refusals_name_everything(given: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(ParameterRefused) as caught:
        connection([[1, -1]], **given)
    for part in ["layer", *parts, "exception_proc_model_map"]:
        assert part in str(caught.value)


@given(
    st.lists(st.integers(-300, 300), min_size=6, max_size=6),
    st.sampled_from([None, *SignMode]),
    st.integers(0, 8),
    st.integers(-35, 30),
)
def test_stored_bytes_are_the_weights_of_the_first_step(
    values: list[int], mode: SignMode | None, bits: int, exponent: int
) -> None:
    weights = np.array(values).reshape(2, 3)
    asked = {} if mode is None else {"sign_mode": mode}
    used = mode or determine_sign_mode(weights)  # NULL asks for nothing, as in Lava
    if bits == 0 and used == SignMode.MIXED and weights.min() < 0:
        with pytest.raises(ParameterRefused, match="num_weight_bits is 0; the chip holds 1 to 8"):
            connection(weights, num_weight_bits=bits, weight_exp=exponent, **asked)
        return
    conn = connection(weights, num_weight_bits=bits, weight_exp=exponent, **asked)
    read = conn.stored.astype(np.int64)
    read = np.where(conn.signed & (read > 127), read - 256, read) * (-1 if conn.negate else 1)
    wanted = truncate_weights(clip_weights(weights, used, 8), used, bits)
    assert np.array_equal(read << conn.shift, wanted.astype(np.int64) << max(exponent, 0))
    # The sum of two weights lies within 32 bits, where a shift by 31 gives what any larger one gives.
    assert np.array_equal(wanted.sum(1) >> conn.right, wanted.sum(1) >> max(-exponent, 0))


def test_processes_without_elements_are_refused() -> None:
    with pytest.raises(NotOnChip, match="cells has no elements"):
        neurons(shape=(0,))


def test_a_network_without_chip_processes_is_refused() -> None:
    with pytest.raises(NotOnChip, match=r"LIF_0.*HwRunCfg"):
        lower_network(flatten(lif(3), Loihi2SimCfg(select_tag="fixed_pt")))


def test_order_of_ports_is_read_from_the_code() -> None:
    def of(model: type) -> bool | None:
        return depends(model, ["inp"], ["out"])["inp", "out"]

    assert of(PyAnswers) is True
    assert of(PyLeads) is False
    assert of(PyUnclear) is None
    assert of(PySays) is False
    assert depends(PyDenseModelBitAcc, ["s_in"], ["a_out"])["s_in", "a_out"] is False


class Nested:
    """Receives within the arguments of what it sends."""

    def run_spk(self) -> None:
        self.out.send(abs(self.inp.recv()) + 1)  # type: ignore[attr-defined]


class Branch:
    """Sends first, whichever way it goes."""

    def run_spk(self) -> None:
        if self.ready:  # type: ignore[attr-defined]
            self.count = 0
        self.out.send(self.count)  # type: ignore[attr-defined]
        self.count = self.inp.recv()  # type: ignore[attr-defined]


def test_arguments_are_evaluated_before_they_are_sent() -> None:
    assert depends(Nested, ["inp"], ["out"])["inp", "out"] is True
    assert depends(Branch, ["inp"], ["out"])["inp", "out"] is False


def test_loops_and_unknown_ports_are_not_guessed() -> None:
    class Loop:
        def run_spk(self) -> None:
            for _ in range(2):
                self.out.send(1)  # type: ignore[attr-defined]
                self.inp.recv()  # type: ignore[attr-defined]

    assert depends(Loop, ["inp"], ["out"])["inp", "out"] is None
    assert depends(Loop, ["other"], ["out"])["other", "out"] is None
    assert depends(int, ["inp"], ["out"])["inp", "out"] is None
