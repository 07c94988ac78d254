"""Texts: what they mean, what is wrong with them, and a neuron of a user's own on three references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import HwRunCfg, Loihi2SimCfg, RunSteps, Sink, Source
from lava_hw.equations import (
    FLOOR,
    TOWARD_ZERO,
    Equations,
    EquationsError,
    Graded,
    Input,
    OverflowInText,
    Parameter,
    Spikes,
    State,
    clip,
    mul,
    neuron,
    numpy_step,
    select,
    wrapping,
    write,
)
from lava_hw.errors import UndefinedValueError
from tests.equations.izhikevich import ONE, Izhikevich


def of(step: Any, **members: Any) -> type[Equations]:
    """A text of a step, with an input, a state and two out ports."""
    given = {"a_in": Input(), "v": State(bits=24), "s_out": Spikes(), "g_out": Graded(), **members}
    made = type("Text", (Equations,), {"step": step, **given})
    for name, member in given.items():
        member.__set_name__(made, name)
    return made


def spikes_of(cfg: Any) -> tuple[Any, ...]:
    data = np.zeros((9, 60), int)
    data[:, 5:] = np.arange(9)[:, None] * 2 * ONE
    source, neurons = Source(data=data), Izhikevich(shape=(9,), d=np.full(9, 6 * ONE))
    spikes, values = Sink(shape=(9,), buffer=60), Sink(shape=(9,), buffer=60)
    source.s_out.connect(neurons.a_in)
    neurons.s_out.connect(spikes.a_in)
    neurons.v_out.connect(values.a_in)
    neurons.run(RunSteps(30), cfg)
    neurons.v.set(np.full(9, -70 * ONE))
    neurons.run(RunSteps(30))
    found = spikes.data.get(), values.data.get(), neurons.u.get()
    neurons.stop()
    return found


@pytest.mark.parametrize("device", ["golden", pytest.param("verilator", marks=pytest.mark.rtl)])
def test_a_neuron_of_ones_own(device: str) -> None:
    python = spikes_of(Loihi2SimCfg(select_tag="fixed_pt"))
    cfg = HwRunCfg(device=device, chip="test8", build="checked", require_chip=[Izhikevich])
    for got, wanted in zip(spikes_of(cfg), python, strict=True):
        np.testing.assert_array_equal(got, wanted)
    counts = python[0].sum(axis=1)
    assert counts[0] == 0
    assert counts[-1] >= 3


def test_a_range_holds_for_values_that_are_given_and_set() -> None:
    with pytest.raises(UndefinedValueError, match=r"v: the value is .*; integers from -3276800 to 3276800"):
        Izhikevich(shape=(2,), v=201 * ONE).create_runtime(Loihi2SimCfg(select_tag="fixed_pt"))
    with pytest.raises(EquationsError, match="Izhikevich: x is unknown; it has v, u, a, b, c, d"):
        Izhikevich(shape=(2,), x=1)
    with pytest.raises(EquationsError, match=r"a has the shape \(3,\); give one number"):
        Izhikevich(shape=(2,), a=[1, 2, 3])


def test_a_sum_that_may_overflow_is_named() -> None:
    def stores(n: Any) -> None:
        n.v = n.v + 1

    with pytest.raises(
        OverflowInText, match=r"test_texts\.py:\d+: the state v has the range .*add.*-8388607, 8388608"
    ):
        of(stores).trace()

    def compares(n: Any) -> None:
        n.s_out.send(n.a_in + n.v > 0)

    with pytest.raises(
        OverflowInText, match=r"add gives \[-2155872256, 2155872254\].*comparison.*write wrapping"
    ):
        of(compares).trace()

    def wraps(n: Any) -> None:
        n.s_out.send(wrapping(n.a_in + n.v) > 0)
        n.v = clip(wrapping(n.a_in * n.a_in), 2**23 - 1)

    of(wraps).trace()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda n: n.s_out.send(n.v), "s_out sends spikes: give a mask"),
        (lambda n: n.g_out.send(n.v > 1), "g_out sends values: give a Value"),
        (lambda n: n.s_out.send(n.v > 1, negative=n.v < 1), "s_out is not signed"),
        (lambda n: [n.s_out.send(n.v > 1) for _ in range(2)], "s_out.send was called already"),
        (lambda n: setattr(n, "a_in", n.v), "a_in is no State"),
        (lambda n: n.w, "declares no 'w'"),
        (lambda n: n.v if n.v > 0 else 0, "write & | ~ and select, not if"),
        (lambda n: n.v * 0.5, "0.5 is no value of a text"),
        (lambda n: n.v << 32, "<< takes a Python int from 0 to 31"),
        (lambda n: mul(n.v, 3, 64), "a shift from 0 to 63"),
        (lambda n: select(n.v, 1, 2), "select takes a condition first"),
        (lambda n: n.v + 2**31, "2147483648 does not fit into 32 bits"),
    ],
)
def test_what_is_wrong_is_said(step: Any, message: str) -> None:
    with pytest.raises(EquationsError) as error:
        of(step).trace()
    assert message in str(error.value)


def test_what_is_equal_is_computed_once_and_what_nobody_needs_is_not() -> None:
    def step(n: Any) -> None:
        product = mul(n.v, n.a_in, 8)
        n.s_out.send(wrapping(product + 3) > wrapping(mul(n.v, n.a_in, 8) - 3))
        _ = n.v * 77

    text = of(step)
    body = write(text.trace(), ["a_in"], {"s_out": 0, "g_out": 1}).body
    assert sum(line.startswith("mul") for line in body) == 1
    assert len(body) <= 6


def test_the_step_in_numpy_gives_what_is_sent_and_the_new_states() -> None:
    def step(n: Any) -> None:
        v = clip(wrapping(n.v + n.a_in), 1000)
        n.s_out.send(v > n.limit)
        n.g_out.send(v, where=v < 0)
        n.v = select(v > n.limit, 0, v)

    has = {
        "v": np.array([1, 2, -5], np.int32),
        "a_in": np.array([9, -9, 5000], np.int32),
        "limit": np.array([9], np.int32),
    }
    sent, new = numpy_step(of(step, limit=Parameter()).trace())(has, 1, np.arange(3))
    assert sent["s_out"].tolist() == [True, False, True]
    assert sent["g_out"].tolist() == [0, -7, 0]
    assert new["v"].tolist() == [0, -7, 0]


def test_a_name_that_the_assembler_takes_for_something_else_is_refused() -> None:
    with pytest.raises(EquationsError, match="'r3' cannot be a name"):
        of(lambda n: None, r3=State()).declared()


def test_a_parameter_without_a_default_has_to_be_given() -> None:
    def step(n: Any) -> None:
        n.s_out.send(n.v > n.limit)

    text = of(step, limit=Parameter(0, 9))
    text.__module__ = __name__
    made = neuron(text)
    with pytest.raises(EquationsError, match="Text: give limit, which have no default"):
        made(shape=(2,))
    made(shape=(2,), limit=3)


def test_a_number_on_the_left() -> None:
    """A state that was set to a number is one; registers are read on the left only."""

    def step(n: Any) -> None:
        n.v = 5
        n.s_out.send(n.v > n.a_in)

    text = of(step)
    lines = write(text.trace(), ["a_in"], {"s_out": 0, "g_out": 1}).body
    assert any(line.startswith("cmp p0, r0 < ") for line in lines)
    has = {"a_in": np.array([4, 5, 6], np.int32), "v": np.zeros(3, np.int32)}
    sent, _ = numpy_step(text.trace())(has, 1, np.arange(3))
    assert sent["s_out"].tolist() == [True, False, False]


@pytest.mark.parametrize("rounding", [FLOOR, TOWARD_ZERO])
@pytest.mark.parametrize(
    ("bits", "largest"),
    [(1, 2**15), (14, 2**15), (11, 2**22), (21, 2**22), (12, 2**31 - 1), (27, 2**31 - 1), (31, 2**31 - 1)],
)
def test_products_beside_whole_numbers(rounding: str, bits: int, largest: int) -> None:
    """Products at multiples of 2^bits and one beside, of each length that numpy may choose."""
    r = np.random.default_rng(bits)
    a = [1 | int(x) for x in r.integers(1, largest, 500)]
    # b is such that a * b is -1 modulo 2^bits, as far as it has the bits for it.
    b = [-pow(x, -1, 2**bits) % 2**bits for x in a]
    pairs = [(x, y + more) for x, y in zip(a, b, strict=True) for more in (0, 1, -1, 2**bits)]
    pairs += [(x, -y) for x, y in pairs]
    pairs = [(x, y) for x, y in pairs if abs(x) <= largest and abs(y) <= largest]
    assert len(pairs) > 1000

    def step(n: Any) -> None:
        n.g_out.send(wrapping(mul(n.a, n.b, bits, rounding)))

    has = dict(zip("ab", np.array(pairs, np.int32).T, strict=True))
    ends = (-largest, largest)
    sent, _ = numpy_step(of(step, a=State(*ends), b=State(*ends)).trace())(has, 1, np.arange(1))
    for x, y, got in zip(*has.values(), sent["g_out"], strict=True):
        product = int(x) * int(y)
        wanted = product >> bits if rounding == FLOOR or product >= 0 else -(-product >> bits)
        assert got == (wanted + 2**31) % 2**32 - 2**31, (x, y)
