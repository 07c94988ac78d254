"""Compiled networks on the golden chip equal their Python models: every message and Var of every step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lava_hw import LIF
from lava_hw.chip import Chip
from lava_hw.proc.dense.models import PyDenseModelBitAcc
from lava_hw.proc.io.sink import RingBuffer as Sink
from lava_hw.proc.io.source import RingBuffer as Source
from tests.compiler.equality import hold_equal
from tests.compiler.processes import Answers, Leads, chain, dense, lif

CHIPS = ("test8", "test32")
# Many cores so small that populations and layers are split.
SPLIT = replace(Chip.load("test32"), name="split", mesh_x=4, mesh_y=4, neurons=64)


def source(n: int, seed: int = 0, low: int = -1, high: int = 2) -> Source:
    return Source(data=np.random.default_rng(seed).integers(low, high, (n, 10)))


def two_layers() -> list[Any]:
    s, d1, a, d2, b, sink = (
        source(20),
        dense(50, 20),
        lif(50),
        dense(70, 50, low=0, weight_exp=-2),
        lif(70),
        None,
    )
    chain(s, d1, a, d2, b)
    sink = Sink(shape=(70,), buffer=6)
    b.s_out.connect(sink.a_in)
    back = dense(50, 70, low=-255, high=1, weight_exp=2)
    chain(b, back, a)
    return [s]


def latency_zero_chain() -> list[Any]:
    a, b, c = lif(40), lif(40, 1), lif(40, 2)
    chain(a, b, c)
    return [a]


def binary_fan_in() -> list[Any]:
    a, b, d, c = lif(33), lif(33, 1), dense(20, 33), lif(20)
    a.s_out.connect(d.s_in)
    b.s_out.connect(d.s_in)
    chain(d, c)
    return [a]


def fan_in_of_python_and_chip() -> list[Any]:
    s, a, d = source(36, low=-2), lif(36), dense(36, 36)
    s.s_out.connect(d.s_in)
    chain(a, d, a)
    return [a]


def sums_into_a_binary_input() -> list[Any]:
    a, d, e, b = lif(45), dense(20, 45), dense(10, 20, weight_exp=-3), lif(10)
    chain(a, d, e, b)
    return [a]


def python_between() -> list[Any]:
    a, p, b, q, d = lif(45), Answers((45,)), lif(45, 1), Answers((45,)), dense(45, 45)
    chain(a, p, b, q, d, a)
    return [a]


def plant_in_the_loop() -> list[Any]:
    a, p = lif(45), Leads((45,))
    chain(a, p, a)
    return [a]


def one_source_into_two_kinds_of_ports() -> list[Any]:
    s, a, d = source(36, low=-40, high=40), lif(36), dense(36, 36)
    s.s_out.connect(a.a_in)
    chain(s, d, a)
    return [a]


def transposes() -> list[Any]:
    a, b, d = lif((5, 8)), lif((8, 5), 1), dense(40, 40)
    a.s_out.transpose((1, 0)).connect(b.a_in)
    b.s_out.transpose((1, 0)).flatten().connect(d.s_in)
    d.a_out.reshape((8, 5)).transpose((1, 0)).connect(a.a_in)
    return [a]


def side_by_side() -> list[Any]:
    a, b, c, d = lif(17), lif(30, 1), lif(47, 2), lif(47, 3)
    joined, part, lonely = dense(47, 47, weight_exp=1), dense(17, 47, 1), dense(30, 3, 2)
    a.s_out.concat_with([b.s_out], 0).connect(joined.s_in)
    a.s_out.concat_with([b.s_out], 0).connect(d.a_in)
    chain(joined, c)
    chain(d, part)
    part.a_out.concat_with([lonely.a_out], 0).connect(c.a_in)
    return [a]


def python_side_by_side() -> list[Any]:
    s, t, d, a = source(17), source(30, 1), dense(47, 47, low=-255, high=0), lif(47)
    s.s_out.concat_with([t.s_out], 0).connect(d.s_in)
    t.s_out.concat_with([s.s_out], 0).connect(a.a_in)
    chain(d, a)
    return [s]


def several_readers_of_one_sum() -> list[Any]:
    a, d, b, p, sink = (
        lif(50),
        dense(50, 50, weight_exp=-1),
        lif(50, 1),
        Answers((50,)),
        Sink(shape=(50,), buffer=4),
    )
    chain(a, d, a)
    for port in (b.a_in, p.inp, sink.a_in):
        d.a_out.connect(port)
    p.out.connect(b.a_in)
    return [a]


def nobody_reads() -> list[Any]:
    a, d = lif(20), dense(21, 20)
    chain(a, d)
    return [a]


def thresholds_below_zero() -> list[Any]:
    a = LIF(shape=(9,), vth=-3, dv=4096, bias_mant=-64, bias_exp=[-2, -1, 0, 1, 2, 3, 4, 5, 31])
    chain(a, d := dense(9, 9), a)
    return [d]


def extreme_values() -> list[Any]:
    rng = np.random.default_rng(5)
    n = 40
    a = LIF(
        shape=(n,),
        u=rng.integers(-(2**31), 2**31, n),
        v=rng.integers(-(2**31), 2**31, n),
        du=rng.integers(-5000, 5000, n),
        dv=rng.integers(-5000, 5000, n),
        vth=rng.integers(-(2**20), 2**20, n),
        bias_mant=rng.integers(-(2**15), 2**15, n),
        bias_exp=rng.integers(-40, 40, n),
    )
    s = source(n, 3, -(2**31), 2**31)
    chain(s, a, dense(n, n, weight_exp=22), a)
    return [a]


NETWORKS = (
    two_layers,
    latency_zero_chain,
    binary_fan_in,
    fan_in_of_python_and_chip,
    sums_into_a_binary_input,
    python_between,
    plant_in_the_loop,
    one_source_into_two_kinds_of_ports,
    transposes,
    side_by_side,
    python_side_by_side,
    several_readers_of_one_sum,
    nobody_reads,
    thresholds_below_zero,
    extreme_values,
)


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__name__)
def test_networks(network: Any, chip: str) -> None:
    hold_equal(network(), chip)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__name__)
def test_networks_on_several_cores(network: Any) -> None:
    """The chip of the demo has so small cores that most of these networks need several."""
    hold_equal(network(), "demo")


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("cores", [{"LIF_2": [0, 1], "LIF_4": [8, 9, 1]}, {"LIF_2": 9, "LIF_4": 0}])
def test_explicit_placement(chip: str, cores: dict[str, Any]) -> None:
    image = hold_equal(two_layers(), chip, placement=cores)
    for name, asked in cores.items():
        assert list(image.manifest.processes[name].cores) == sorted(
            [asked] if isinstance(asked, int) else asked
        )


def test_a_dense_kept_in_python() -> None:
    a, d, e, b = lif(20), dense(20, 20), dense(20, 20, 1), lif(20, 1)
    chain(a, d, a)
    chain(a, e, b)
    hold_equal([a], "test32", in_python={d: PyDenseModelBitAcc})


@pytest.mark.parametrize("chip", CHIPS)
def test_vars_set_between_steps(chip: str) -> None:
    rng = np.random.default_rng(7)

    def sets(step: int) -> dict[str, Any]:
        values: dict[int, dict[str, Any]] = {
            2: {
                "LIF_2.u": rng.integers(-(2**23), 2**23, 50),
                "LIF_2.du": 77,
                "Dense_3.weights": _even(70, 50),
            },
            3: {"LIF_4.v": rng.integers(-(2**23), 2**23, 70), "LIF_4.bias_mant": rng.integers(-99, 99, 70)},
            4: {
                "Dense_1.a_buff": rng.integers(-(2**20), 2**20, 50),
                "LIF_2.bias_exp": rng.integers(-9, 9, 50),
            },
            5: {"Dense_3.a_buff": rng.integers(-(2**20), 2**20, 70), "LIF_4.dv": 4095},
        }
        return values.get(step, {})

    hold_equal(two_layers(), chip, sets=sets)


def _even(rows: int, columns: int) -> Any:
    return np.random.default_rng(8).integers(0, 256, (rows, columns))


@st.composite
def networks(draw: Any) -> tuple[list[Any], str | Chip]:
    """A few populations, joined in every way there is; links of latency 0 only go forward."""
    sizes = draw(st.lists(st.sampled_from([1, 7, 8, 31, 32, 33, 64, 70]), min_size=1, max_size=4))
    cells = [lif(n, seed) for seed, n in enumerate(sizes)]
    for k in range(draw(st.integers(1, 6))):
        kind = draw(
            st.sampled_from(["dense", "fan in", "direct", "python", "source", "source to neurons", "output"])
        )
        i, j = draw(st.integers(0, len(sizes) - 1)), draw(st.integers(0, len(sizes) - 1))
        low, high = draw(st.sampled_from([(-300, 300), (0, 256), (-255, 1)]))
        options = {"weight_exp": draw(st.integers(-6, 6)), "num_weight_bits": draw(st.integers(1, 8))}
        n_in = sizes[i] + sizes[j] if kind == "fan in" and i != j else sizes[i]
        d = dense(sizes[j], n_in, k, low, high, **options)
        if kind == "dense":
            chain(cells[i], d, cells[j])
        elif kind == "fan in" and i != j:
            cells[i].s_out.concat_with([cells[j].s_out], 0).connect(d.s_in)
            if draw(st.booleans()):
                source(n_in, k).s_out.connect(d.s_in)
            chain(d, cells[j])
        elif kind == "direct" and i < j and sizes[i] == sizes[j]:
            if cells[i].s_out.out_connections == []:
                chain(cells[i], cells[j])
        elif kind == "python" and i < j:
            chain(cells[i], p := Answers((sizes[i],)), d, cells[j])
            if sizes[i] == sizes[j]:
                p.out.connect(cells[j].a_in)
        elif kind == "source":
            chain(source(sizes[i], k), d, cells[j])
        elif kind == "source to neurons":
            chain(source(sizes[j], k, -500, 500), cells[j])
        else:
            chain(cells[i], d, cells[j])
            d.a_out.connect(Sink(shape=(sizes[j],), buffer=4).a_in)
    return cells, draw(st.sampled_from(["test8", "test32", SPLIT]))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks())
def test_random_networks(drawn: tuple[list[Any], str | Chip]) -> None:
    cells, chip = drawn
    hold_equal(cells, chip, steps=6)
