"""Partition: shards cover every neuron once, start at multiples of 32, and fit a core."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler import DoesNotFit, PlacementError
from lava_hw.compiler.check import fits
from lava_hw.compiler.layout import layout
from lava_hw.compiler.partition import partition
from lava_hw.compiler.placed_types import Partitioned, Shard
from tests.compiler.processes import Answers, chain, dense, legal, lif

DEMO = Chip.load("demo")


def sizes(net: Partitioned, name: str) -> list[tuple[int, int]]:
    return [(p.first, p.count) for cluster in net.clusters for p in cluster.shards if p.neurons == name]


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 500), st.integers(1, 60), st.sampled_from(["demo", "small", "test8", "tiny"]))
def test_parts_cover_all_neurons_and_fit(size: int, sources: int, name: str) -> None:
    chip = Chip.load(name)
    a = lif(size)
    chain(d := dense(size, sources), a)
    net = legal(d)
    found = sizes(partition(net, chip), "LIF_0")
    assert [first for first, _ in found] == [0, *(f + c for f, c in found)][: len(found)]
    assert sum(count for _, count in found) == size
    for first, count in found:
        assert first % 32 == 0
        assert fits(layout(0, [Shard("LIF_0", first, count)], net, chip), chip)
    # With one part less, one of them would be too large: the next multiple of 32 does not fit.
    if len(found) > 1:
        larger = -(-size // (len(found) - 1) // 32) * 32
        assert not fits(layout(0, [Shard("LIF_0", 0, min(size, larger))], net, chip), chip)


def test_every_resource_of_a_core_is_counted() -> None:
    assert set(layout(0, [Shard("LIF_0", 0, 3)], legal(lif(3)), DEMO).usage) == set(RESOURCES)


def test_synapses_limit_parts_as_well_as_neurons_do() -> None:
    chip = replace(DEMO, synapse_lines=100)
    a = lif(128)
    chain(d := dense(128, 40), a)
    assert sizes(partition(legal(d), chip), "LIF_0") == [(0, 64), (64, 64)]


def test_an_output_population_has_the_shards_of_the_neurons_that_it_follows() -> None:
    a, d, p = lif(100), dense(100, 10), Answers((100,))
    chain(d, a)
    d.a_out.connect(p.inp)
    net = partition(legal(a), DEMO)
    assert sizes(net, "LIF_0") == sizes(net, "Dense_1.a_out") == [(0, 64), (64, 36)]
    assert all(len(cluster.shards) == 2 for cluster in net.clusters)


def test_output_populations_that_do_not_fit_beside_their_neurons_are_on_their_own() -> None:
    a = lif(32)
    for k in range(5):
        d, p = dense(32, 10, k), Answers((32,))
        chain(d, a)
        d.a_out.connect(p.inp)
    net = partition(legal(a), DEMO)
    together = [len(cluster.shards) for cluster in net.clusters]
    assert sorted(together) == [1, 1, 4], "128 neurons a core: the cells and three output populations"


def test_explicit_cores_cut_evenly() -> None:
    a = lif(100)
    net = partition(legal(a), DEMO, {"LIF_0": [0, 1, 8, 9]})
    assert [(u.shards[0].first, u.shards[0].count, u.core) for u in net.clusters] == [
        (0, 32, 0),
        (32, 32, 1),
        (64, 32, 8),
        (96, 4, 9),
    ]
    assert [u.core for u in partition(legal(a), DEMO, {"LIF_0": 9}).clusters] == [9]
    assert [u.core for u in partition(legal(a), DEMO, {"LIF_0": np.int64(9)}).clusters] == [9]


def test_parts_have_no_more_neurons_than_a_graded_flit_can_name() -> None:
    chip = replace(Chip.load("default"), neurons=8192, state_lines=4096, acc_groups=512, synapse_lines=32768)
    a = lif(8192)
    assert sizes(partition(legal(a), chip), "LIF_0") == [(0, 4096), (4096, 4096)]
    asked = partition(legal(a), chip, {"LIF_0": 1})
    assert [(u.shards[0].count, u.core) for u in asked.clusters] == [(4096, 1), (4096, 1)]


@pytest.mark.parametrize(
    ("placement", "text"),
    [
        ({"LIF_7": 0}, r"LIF_7 is no process on the chip; there are LIF_0"),
        ({"LIF_0": 2}, r"LIF_0 is to be on core 2; chip demo has the cores 0, 1, 8, 9"),
        ({"LIF_0": []}, r"LIF_0 has an empty list"),
        ({"Dense_1": 0}, r"Dense_1 has no neurons of its own.*targets"),
    ],
)
def test_placements_that_cannot_be_used(placement: dict[str, Any], text: str) -> None:
    a = lif(4)
    chain(d := dense(4, 4), a)
    with pytest.raises(PlacementError, match=text):
        partition(legal(d), DEMO, placement)


@pytest.mark.parametrize(
    ("change", "resource", "need"),
    [
        ({"synapse_lines": 30}, "synapse_lines", 40),
        ({"state_lines": 4, "neurons": 128}, "state_lines", 5),
        ({"ucode_words": 16}, "ucode_words", 17),
    ],
)
def test_what_never_fits_is_named(change: dict[str, int], resource: str, need: int) -> None:
    chip = replace(DEMO, **change)
    a = lif(32, vth=list(range(32)), name="cells")
    chain(d := dense(32, 40), a)
    with pytest.raises(DoesNotFit) as caught:
        partition(legal(d), chip)
    error = caught.value
    assert (error.what, error.resource, error.need, error.limit) == (
        "cells",
        resource,
        need,
        change[resource],
    )
    assert f"cells needs {need} {resource}, but a core of chip demo has {change[resource]}" in str(error)


def test_too_many_connections_into_one_population() -> None:
    a = lif(2, name="hub")
    ds = [dense(2, 2, k) for k in range(61)]
    for d in ds:
        chain(d, a)
    with pytest.raises(DoesNotFit, match=r"hub needs 65 constants .* but a program has 64"):
        partition(legal(a), Chip.load("default"))
