"""Divide: parts have every source row once, and their sums give what the whole connection gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from lava_hw import DelayDense, DelaySparse, Dense, HwRunCfg, Loihi2SimCfg, RunSteps, Sparse
from lava_hw.chip import Chip
from lava_hw.compiler import DoesNotFit, PlacementError
from lava_hw.compiler.divide import divide, parts_that_fit
from lava_hw.compiler.partition import partition
from lava_hw.compiler.place import place
from lava_hw.compiler.placed_types import Routed
from lava_hw.compiler.route import route
from lava_hw.compiler.schedule import schedule
from lava_hw.compiler.types import PARTIAL, SINK, Axon, Legal
from lava_hw.proc.conv.process import Conv
from lava_hw.proc.io.source import RingBuffer as Source
from lava_hw.proc.lif.process import TernaryLIF
from lava_hw.proc.sdn.process import Sigma
from tests.compiler.equality import hold_equal
from tests.compiler.processes import Answers, chain, dense, legal, lif

WIDE, NARROW = Chip.load("test32"), Chip.load("test8")
# 64 source rows for 32 targets: a core of the one has a line for a row, one of the other four.
FEW = replace(WIDE, name="few", mesh_x=8, mesh_y=7, synapse_lines=64)
FEW_NARROW = replace(NARROW, name="few8", mesh_x=8, mesh_y=7, synapse_lines=256)
pytestmark = pytest.mark.filterwarnings("ignore::lava_hw.errors.LavaHwWarning")


def source(n: Any, low: int = 0, high: int = 2, seed: int = 0) -> Source:
    shape = n if isinstance(n, tuple) else (n,)
    return Source(data=np.random.default_rng([7, seed]).integers(low, high, (*shape, 8)))


def check(whole: Legal, net: Legal) -> None:
    """What holds for every network after the pass."""
    for name, others in net.parts.items():
        parts = (name, *others)
        order = whole.orders[name]
        rows = np.concatenate([net.orders[part].sources for part in parts])
        np.testing.assert_array_equal(rows, order.sources, "every source row is in one part")
        for part in parts:
            mine = net.orders[part]
            assert len(mine.sources)
            for edge, start in zip(mine.edges, mine.starts, strict=True):
                np.testing.assert_array_equal(edge.sources, mine.sources[start : start + len(edge.sources)])
                assert not isinstance(edge, Axon) or edge.first % 32 == 0
        pieces = [edge for part in parts for edge in net.orders[part].edges]
        assert sum(len(edge.sources) for edge in pieces) == sum(len(edge.sources) for edge in order.edges)
        for part in others:
            assert any(feed.connection == part for feed in net.feeds)
    named = {id(item) for item in net.inputs}
    assert all(
        isinstance(edge, Axon) or id(edge) in named for order in net.orders.values() for edge in order.edges
    )


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 150), min_size=1, max_size=4), st.booleans(), st.data())
def test_parts_cover_the_sources(sizes: list[int], driven: bool, data: st.DataObject) -> None:
    """Of neurons and messages side by side, or of sources that nothing drives."""
    ends = [lif(n) if k % 2 else source(n) for k, n in enumerate(sizes)]
    d = dense(5, sum(sizes), name="d")
    chain(d, lif(5))
    if driven:
        ports = [end.s_out for end in ends]
        (ports[0].concat_with(ports[1:], 0) if len(ports) > 1 else ports[0]).connect(d.s_in)
    net = legal(d)
    most = sum(-(-n // 32) for n in sizes) if driven else -(-sum(sizes) // 32)
    parts = data.draw(st.integers(1, most))
    divided = divide(net, {"d": parts})
    assert len(divided.parts.get("d", ())) == parts - 1
    check(net, divided)
    with pytest.raises(PlacementError, match=rf"d is to be cut into {most + 1} parts.*give {most} at most"):
        divide(net, {"d": most + 1})


def test_parts_are_as_large_as_one_another() -> None:
    d = dense(5, 3000, name="d")
    chain(source(3000), d, lif(5))
    net = divide(legal(d), {"d": 7})
    sizes = [len(net.orders[part].sources) for part in ("d", *net.parts["d"])]
    assert max(sizes) - min(sizes) <= 32


def test_each_order_of_the_sums_has_its_own_partial_populations() -> None:
    """Neurons in the order of the targets and an output share them; a transposed view needs others."""
    d, p = dense(40, 100, name="d"), Answers((40,))
    chain(source(100), d, lif(40))
    d.a_out.connect(p.inp)
    d.a_out.reshape((5, 8)).transpose((1, 0)).connect(lif((8, 5)).a_in)
    net = divide(legal(d), {"d": 2})
    assert [name for name, cell in net.neurons.items() if cell.role == PARTIAL] == [
        "d.a_out|1",
        "d.a_out|1#1",
    ]
    sends = sorted((edge.source, edge.target) for edge in net.same_step)
    assert sends == [
        ("d.a_out|1", "LIF_3"),
        ("d.a_out|1", "d.a_out"),
        ("d.a_out|1#1", "LIF_4"),
    ]


def test_sums_that_nobody_reads_are_only_cleared() -> None:
    d = dense(40, 100, name="d")
    chain(source(100), d)
    net = divide(legal(d), {"d": 3})
    assert [cell.role for cell in net.neurons.values()] == [SINK] * 3
    assert not net.same_step


def routed(net: Legal, chip: Chip) -> Routed:
    return route(schedule(place(partition(net, chip), chip)), chip)


def test_who_reads_the_sum_is_a_stage_later_and_the_parts_are_on_cores_of_their_own() -> None:
    d = dense(70, 100, name="d")
    chain(source(100), d, lif(70, name="cells"))
    net = routed(divide(legal(d), {"d": 4}), WIDE)
    assert net.scheduled.stages == {"cells": 1, "d.a_out|1": 0, "d.a_out|2": 0, "d.a_out|3": 0}
    assert [sorted({p.shard.neurons for p in core.populations}) for core in net.cores.values()] == [
        ["cells"],
        ["d.a_out|1"],
        ["d.a_out|2"],
        ["d.a_out|3"],
    ]


@pytest.mark.parametrize("chip", [FEW, FEW_NARROW], ids=["32 lanes", "8 lanes"])
def test_as_few_parts_as_have_room(chip: Chip) -> None:
    """A core has lines for 64 source rows of 32 targets, in all."""
    a, b, cells, others = dense(40, 300, name="a"), dense(40, 100, name="b"), lif(40), lif(40)
    chain(source(300), a, cells)
    net = legal(a)
    assert parts_that_fit(net, chip, chip.synapse_lines, {}) == {"a": 5}
    partition(divide(net, {"a": 5}), chip)
    with pytest.raises(DoesNotFit):
        partition(divide(net, {"a": 4}), chip)
    chain(source(100), b, cells)
    b.a_out.connect(others.a_in)
    net = legal(a)
    parts = parts_that_fit(net, chip, chip.synapse_lines, {})
    assert set(parts) == {"a", "b"}
    partition(divide(net, parts), chip)


def of_values(**given: Any) -> list[Any]:
    """Messages of many bits: sums wrap, and are shifted."""
    s, d, cells = source(300, -(2**23), 2**23), dense(40, 300, name="d", **given), Sigma(shape=(40,))
    chain(s, d, cells)
    return [s]


def many_signs() -> list[Any]:
    s, first, second = source(300, seed=1), dense(40, 300, name="d"), dense(40, 300, name="e", low=0)
    third, cells = dense(40, 300, name="f", high=1), lif(40, vth=90)
    for d in (first, second, third):
        chain(s, d, cells)
    return [s]


def through_merges() -> list[Any]:
    """Two sources of one input, and sums into another Dense: merges in front of the parts and behind."""
    a, b, d, e, cells = lif(200), lif(200, 1), dense(40, 200, name="d"), dense(33, 40, name="e"), lif(33)
    chain(a, d, e, cells)
    b.s_out.connect(d.s_in)
    back = dense(200, 33, name="back", weight_exp=-3)
    chain(cells, back, a)
    return [a]


def both_ways() -> list[Any]:
    """Sums are read on the chip in two orders, and outside, and come back in the same step."""
    a, d, p, cells = lif(130), dense(40, 130, name="d", weight_exp=-2), Answers((40,)), Sigma(shape=(40,))
    chain(a, d, p)
    p.out.connect(cells.a_in)
    d.a_out.reshape((5, 8)).transpose((1, 0)).connect(lif((8, 5), 3).a_in)
    return [a]


def convolution() -> list[Any]:
    """Values whose sums leave 24 bits, over input positions with two channels."""
    s = source((9, 8, 2), -(2**14), 2**14)
    weights = np.random.default_rng(8).integers(-128, 128, (3, 5, 5, 2))
    c = Conv(weight=weights, input_shape=(9, 8, 2), padding=(2, 2), num_message_bits=16, name="c")
    cells = Sigma(shape=c.a_out.shape)
    chain(s, c, cells)
    return [s]


def signed_spikes() -> list[Any]:
    s, a, d, cells = source(200, -9, 9), TernaryLIF(shape=(200,), vth_hi=3, vth_lo=-3), None, lif(20)
    d = dense(20, 200, name="d", num_message_bits=2)
    chain(s, a, d, cells)
    return [s]


@pytest.mark.parametrize(
    ("make", "split"),
    [
        (lambda: of_values(num_message_bits=24), {"d": 3}),
        (lambda: of_values(num_message_bits=24, weight_exp=-7), {"d": 10}),
        (lambda: of_values(num_message_bits=24, weight_exp=5, stored_bits=16), {"d": 2}),
        (lambda: of_values(num_message_bits=24, stored_bits=4, num_weight_bits=4), {"d": 2}),
        (many_signs, {"d": 3, "e": 2, "f": 4}),
        (through_merges, {"d": 3, "e": 2, "back": 2}),
        (both_ways, {"d": 2}),
        (convolution, {"c": 3}),
        (signed_spikes, {"d": 3}),
    ],
)
def test_parts_give_what_the_whole_gives(make: Callable[[], list[Any]], split: dict[str, int]) -> None:
    for chip in (WIDE, NARROW):
        image = hold_equal(make(), chip, 7, split=split)
        assert sum(p.role == PARTIAL for of in image.manifest.programs.values() for p in of)


def test_readers_that_share_some_of_their_tables() -> None:
    """Shards of two sets of neurons read the same 32 sums on one core, and other sums besides."""
    s, d, e = source(100), dense(64, 100, name="d"), dense(32, 100, 5, name="e")
    s.s_out.connect(d.s_in)
    s.s_out.connect(e.s_in)
    one, two = lif(64, name="one"), lif(96, name="two")
    d.a_out.connect(one.a_in)
    d.a_out.concat_with([e.a_out], 0).connect(two.a_in)
    placement = {"one": [0, 1], "two": [0, 1, 0]}
    for chip in (WIDE, NARROW):
        image = hold_equal([s], chip, 7, placement=placement, split={"d": 3, "e": 2})
        assert image.manifest.report[0]["connections"].used < 16


def test_weights_and_sums_are_set_in_all_parts() -> None:
    """Before and after step 1, with another sign mode, and a sum of more than one part."""
    s, d, cells = source(100), dense(20, 100, low=0, name="d"), lif(20, name="cells")
    chain(s, d, cells)
    r = np.random.default_rng(9)
    values = {
        2: {"d.weights": r.integers(0, 128, (20, 100)) * 2, "d.a_buff": r.integers(-900, 900, 20)},
        4: {"d.a_buff": np.full(20, -(2**31))},
    }
    for chip in (WIDE, NARROW):
        hold_equal([s], chip, 7, sets=lambda step: values.get(step, {}), split={"d": 3})


@pytest.mark.parametrize("chip", [FEW, FEW_NARROW], ids=["32 lanes", "8 lanes"])
def test_what_no_core_holds_is_divided(chip: Chip) -> None:
    """A Dense; the permutation of values that are read in another order has short rows."""
    s, a, d, b = (
        source(100, -9, 9),
        Sigma(shape=(300,)),
        dense(40, 300, name="d", num_message_bits=16),
        lif(40),
    )
    first = dense(300, 100, name="first", num_message_bits=8)
    chain(s, first, a, d, b)
    other = Sigma(shape=(300,))
    a.s_out.reshape((15, 20)).transpose((1, 0)).flatten().connect(other.a_in)
    large = replace(chip, synapse_lines=chip.synapse_lines * 2)
    image = hold_equal([s], large, 6)
    partial = {p.process for of in image.manifest.programs.values() for p in of if p.role == PARTIAL}
    assert partial == {"d"}


@pytest.mark.parametrize("name", ["Sparse", "DelayDense", "DelaySparse"])
def test_other_kinds_in_parts(name: str) -> None:
    """Their Vars are set in all parts, and delays keep to their slots."""
    r = np.random.default_rng(11)
    kept = r.random((40, 100)) < 0.2
    weights, delays = 2 * r.integers(-60, 61, (40, 100)) * kept, r.integers(0, 4, (40, 100)) * kept
    make: dict[str, Callable[[], Any]] = {
        "Sparse": lambda: Sparse(weights=csr_matrix(weights), name="d"),
        "DelayDense": lambda: DelayDense(weights=weights, delays=delays, max_delay=3, name="d"),
        "DelaySparse": lambda: DelaySparse(
            weights=csr_matrix(weights), delays=csr_matrix(delays), max_delay=3, name="d"
        ),
    }
    s, cells = source(100), lif(40, name="cells")
    chain(s, make[name](), cells)
    for chip in (WIDE, NARROW):
        image = hold_equal([s], chip, 7, split={"d": 3})
        partial = {p.process for of in image.manifest.programs.values() for p in of if p.role == PARTIAL}
        assert partial == {"d"}


def test_what_is_shifted_apart_is_not_cut() -> None:
    s, cells = source(100), lif(8)
    d = DelayDense(
        weights=np.full((8, 100), 8), delays=np.ones((8, 100), int), max_delay=2, weight_exp=-2, name="d"
    )
    chain(s, d, cells)
    net = legal(s)
    with pytest.raises(PlacementError, match=r"split: d shifts what comes with each delay apart"):
        divide(net, {"d": 2})


@pytest.mark.parametrize("outside", [False, True])
def test_values_of_more_neurons_than_a_flit_can_name(outside: bool) -> None:
    """4096 numbers have room in the index of a flit; neuron 4096 is not neuron 0."""
    chip = replace(WIDE, name="many", neurons=8192, state_lines=1024, acc_groups=1024)
    s, a, d, b = source(4200, -99, 99), Sigma(shape=(4200,)), dense(7, 4200, num_message_bits=8), lif(7)
    chain(*((s, d, b) if outside else (s, a, d, b)))
    hold_equal([s], chip, 4)


@pytest.mark.parametrize(
    ("split", "text"),
    [
        ({"e": 2}, r"split: e is no connection on the chip; there are d$"),
        ({"d": 0}, r"split: d is to be cut into 0 parts; give a number from 1 on"),
        ({"d": 2.5}, r"split: d is to be cut into 2\.5 parts"),
        ({"d": 9}, r"split: d is to be cut into 9 parts, and its 100 sources are 4 blocks; give 4 at most"),
    ],
)
def test_splits_that_cannot_be_made(split: Any, text: str) -> None:
    d = dense(20, 100, name="d")
    chain(source(100), d, lif(20))
    with pytest.raises(PlacementError, match=text):
        divide(legal(d), split)


def test_a_network_that_is_too_large_for_the_chip_is_refused_as_a_whole() -> None:
    d = dense(20, 4000, name="d")
    chain(source(4000), d, lif(20, name="cells"))
    with pytest.raises(DoesNotFit, match=r"cells needs 4000 synapse_lines, but a core of chip few has 64"):
        hold_equal([d], FEW)


@pytest.mark.parametrize(
    ("scale", "lines"),
    [
        pytest.param(8, 3000, id="512 to 1250"),
        pytest.param(1, 24000, id="4096 to 10000", marks=[pytest.mark.slow, pytest.mark.nightly]),
    ],
)
def test_a_layer_fills_a_chip(scale: int, lines: int) -> None:
    """95 % of the synapse memory of 56 cores, or of 7: whole blocks of 32 targets would leave too much."""
    sources, targets = 4096 // scale, 10000 // scale
    chip = replace(Chip.load("default"), name="full", mesh_x=8 // scale, mesh_y=7, synapse_lines=lines)

    def answers(run_cfg: Any) -> dict[str, Any]:
        r = np.random.default_rng(11)
        s = Source(data=(r.random((sources, 3)) < 0.05).astype(int))
        weights = r.integers(-128, 127, (targets, sources), np.int16) * 2
        d, cells = Dense(weights=weights, weight_exp=-2, name="d"), lif(targets)
        chain(s, d, cells)
        with cells:
            cells.run(RunSteps(3), run_cfg)
            if isinstance(run_cfg, HwRunCfg):
                report = cells.runtime.report()
                assert report.connections[0].parts > 1
                assert report.use["synapse_lines"] / report.capacity["synapse_lines"] > 0.95
            found = {"a_buff": d.a_buff.get(), "u": cells.u.get(), "v": cells.v.get()}
            return found | ({"weights": d.weights.get()} if scale > 1 else {})

    wanted = answers(Loihi2SimCfg(select_tag="fixed_pt"))
    for name, got in answers(HwRunCfg(device="golden", chip=chip)).items():
        assert wanted[name].any()
        np.testing.assert_array_equal(got, wanted[name], name)


@pytest.mark.parametrize(
    ("split", "error", "text"),
    [
        (3, TypeError, r"split has numbers of parts by names of connections; got 3"),
        (
            {"d": "two"},
            ValueError,
            r"number of parts, 1 or more, for the name of a connection; got 'd': 'two'",
        ),
        ({"d": 0}, ValueError, r"'d': 0"),
        ({5: 2}, ValueError, r"5: 2"),
    ],
)
def test_a_configuration_says_what_a_split_is(split: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=rf"HwRunCfg: .*{text}"):
        HwRunCfg(device="golden", split=split)
