"""Connections of every format on golden equal their Python models: every message and Var of each step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lava_hw import LIF, Conv, Dense
from lava_hw.compiler.errors import ParameterRefused
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.utils.weightutils import SignMode
from tests.compiler.equality import hold_equal
from tests.compiler.processes import Answers, chain, dense, lif
from tests.compiler.test_against_golden import SPLIT

CHIPS = ("test8", "test32")
WIDE = replace(SPLIT, mesh_x=8, mesh_y=5)


def values(n: Any, seed: int = 0, low: int = -(2**31), high: int = 2**31) -> Source:
    """A source that sends values, about half of them 0."""
    rng = np.random.default_rng(seed)
    shape = (*np.atleast_1d(n), 8)
    return Source(data=np.where(rng.random(shape) < 0.5, 0, rng.integers(low, high, shape)).astype(np.int32))


def conv(
    seed: int, shape: Any, outs: int, size: Any = (3, 3), low: int = -127, high: int = 128, **more: Any
) -> Conv:
    rng = np.random.default_rng(seed)
    weight = rng.integers(low, high, (outs, *size, shape[2] // more.get("groups", 1)))
    return Conv(weight=weight, input_shape=shape, **more)


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("bits", [4, 8, 16])
@pytest.mark.parametrize("mode", [None, SignMode.EXCITATORY, SignMode.INHIBITORY])
def test_weights_of_all_widths(chip: str, bits: int, mode: Any) -> None:
    """Spikes and values; rows of several groups, and of an odd number of them."""
    asked = {} if mode is None else {"sign_mode": mode}
    kept = {"num_weight_bits": 4} if bits == 4 else {}
    a = lif(75)
    back = dense(75, 75, 1, stored_bits=bits, **asked, **kept)
    forth = dense(75, 20, 2, stored_bits=bits, num_message_bits=16, weight_exp=-3, **asked, **kept)
    chain(a, back, a)
    chain(values(20), forth, a)
    hold_equal([a], chip)


@pytest.mark.parametrize("chip", CHIPS)
def test_values_of_32_bits_into_a_dense(chip: str) -> None:
    source, layer, sink = (
        values(33),
        dense(40, 33, 1, num_message_bits=32, weight_exp=2),
        Sink(shape=(40,), buffer=8),
    )
    chain(source, layer)
    layer.a_out.connect(sink.a_in)
    other = dense(10, 40, 3, num_message_bits=24, weight_exp=-1)
    layer.a_out.connect(other.s_in)  # sums go on as values
    chain(other, lif(10))
    hold_equal([source], chip)


@pytest.mark.parametrize("chip", CHIPS)
def test_several_senders_of_values(chip: str) -> None:
    """Spikes of neurons, values of Python, and values of two processes at the same places."""
    a, s, t, layer = lif(40), values(40, 1), values(40, 2, -9, 9), dense(24, 40, 3, num_message_bits=8)
    for sender in (a.s_out, s.s_out, t.s_out):
        sender.connect(layer.s_in)
    b = lif(24, 5)
    chain(layer, b, dense(40, 24, 4), a)
    hold_equal([a], chip)


@pytest.mark.parametrize("chip", CHIPS)
def test_weights_of_16_bits_can_be_anything_after_step_1(chip: str) -> None:
    rng = np.random.default_rng(2)
    a, layer = lif(20), Dense(weights=2 * rng.integers(-100, 100, (20, 20)), stored_bits=16, name="layer")
    chain(a, layer, a)

    def sets(step: int) -> dict[str, Any]:
        return {"layer.weights": rng.integers(-(2**15), 2**15, (20, 20))} if step in (2, 5) else {}

    hold_equal([a], chip, sets=sets)


CONVOLUTIONS: dict[str, Any] = {
    "plain": {},
    "padded": {"padding": (1, 2)},
    "strides": {"stride": (2, 1), "padding": 1},
    "dilation": {"dilation": (2, 3), "padding": 2},
    "groups": {"groups": 2, "padding": 1},
    "16 bits": {"stored_bits": 16, "low": -4000, "high": 4000},
    "4 bits": {"stored_bits": 4, "low": -8, "high": 8, "padding": 1},
    "excitatory": {"low": 0, "high": 256},
    "inhibitory": {"low": -255, "high": 1},
}


@pytest.mark.parametrize("chip", [*CHIPS, "split"])
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolutions_of_spikes(chip: str, case: str) -> None:
    first = conv(1, (8, 7, 2), 6, **CONVOLUTIONS[case])
    cells = LIF(shape=first.output_shape, vth=3, du=900, dv=700, bias_mant=20)
    second = conv(2, first.output_shape, 4, (2, 1), padding=1)
    readers = LIF(shape=second.output_shape, vth=2, du=900, dv=700)
    source = Source(data=np.random.default_rng(0).integers(0, 2, (8, 7, 2, 8)))
    source.s_out.connect(first.s_in)
    first.a_out.connect(cells.a_in)
    cells.s_out.connect(second.s_in)
    second.a_out.connect(readers.a_in)
    hold_equal([source], WIDE if chip == "split" else chip, steps=6)


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("bits", [8, 24])
def test_convolutions_of_values(chip: str, bits: int) -> None:
    """Sums wrap at 24 bits, for several readers and outside."""
    first = conv(1, (5, 6, 3), 5, (2, 3), low=-20, high=21, num_message_bits=bits)
    source = values((5, 6, 3), 4, -(2 ** min(bits, 23)), 2 ** min(bits, 23))
    p, sink = Answers(first.output_shape), Sink(shape=first.output_shape, buffer=6)
    cells = LIF(shape=first.output_shape, vth=1000, du=900, dv=700)
    second = conv(2, first.output_shape, 4, (1, 2), low=-9, high=9, num_message_bits=24)
    source.s_out.connect(first.s_in)
    for port in (p.inp, sink.a_in, cells.a_in, second.s_in):
        first.a_out.connect(port)
    second.a_out.connect(Sink(shape=second.output_shape, buffer=6).a_in)
    hold_equal([source], chip, steps=6)


@pytest.mark.parametrize("chip", CHIPS)
def test_kernels_are_set_between_steps(chip: str) -> None:
    rng = np.random.default_rng(3)
    layer = conv(1, (6, 6, 4), 8, padding=1, name="layer")
    source = Source(data=rng.integers(0, 2, (6, 6, 4, 8)))
    source.s_out.connect(layer.s_in)
    cells = LIF(shape=layer.output_shape, vth=3, du=900, dv=700)
    layer.a_out.connect(cells.a_in)

    def sets(step: int) -> dict[str, Any]:
        if step == 2:
            return {"layer.weight": rng.integers(-128, 128, (8, 3, 3, 4))}
        return {"layer.a_buf": rng.integers(-(2**23), 2**23, layer.output_shape)} if step == 4 else {}

    hold_equal([source], chip, sets=sets)


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda: conv(0, (3, 3, 1), 1, low=-300, high=301, name="layer"), ["weight", "stored_bits=16"]),
        (lambda: conv(0, (3, 3, 1), 1, name="layer", stored_bits=5), ["stored_bits", "5", "4, 8 or 16"]),
        (
            lambda: conv(0, (3, 3, 64), 1, name="layer", num_message_bits=24),
            ["weight", "num_message_bits=24", "32 bits"],
        ),
        (
            lambda: Dense(weights=[[100, 3]], stored_bits=4, name="layer"),
            ["weights is 100 at (0, 0)", "stored_bits=4 multiples of 1 from 0 to 15"],
        ),
    ],
)
def test_what_cannot_be_held_is_refused(make: Any, parts: list[str]) -> None:
    layer = make()
    cells = LIF(shape=layer.a_out.shape)
    layer.a_out.connect(cells.a_in)
    with pytest.raises(ParameterRefused) as caught:
        hold_equal([layer], "test8")
    for part in ["layer", *parts]:
        assert part in str(caught.value)


@st.composite
def layers(draw: Any) -> list[Any]:
    """A population, and connections of all formats into it and from it."""
    n = draw(st.sampled_from([1, 8, 31, 33, 70]))
    cells = lif(n)
    for k in range(draw(st.integers(1, 4))):
        bits = draw(st.sampled_from([4, 8, 16]))
        options = {
            "stored_bits": bits,
            "weight_exp": draw(st.integers(-5, 8)),
            "num_message_bits": draw(st.sampled_from([0, 1, 16, 32])),
            "num_weight_bits": draw(st.integers(1, 4 if bits == 4 else 8)),
        }
        m = draw(st.sampled_from([1, 5, 32, 40]))
        low, high = draw(st.sampled_from([(-300, 300), (0, 256), (-255, 1)]))
        if draw(st.booleans()):
            chain(values(m, k), dense(n, m, k, low, high, **options), cells)
        else:
            chain(cells, dense(n, n, k, low, high, **options), cells)
    return [cells]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(layers(), st.sampled_from([*CHIPS, "split"]))
def test_random_layers(drawn: list[Any], chip: str) -> None:
    hold_equal(drawn, WIDE if chip == "split" else chip, steps=5)
