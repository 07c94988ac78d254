"""Place: first core with room, cores that were asked for, messages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw.chip import Chip
from lava_hw.compiler import DoesNotFit, PlacementError
from lava_hw.compiler.check import fits
from lava_hw.compiler.layout import layout
from lava_hw.compiler.partition import partition
from lava_hw.compiler.pipeline import compile_flat
from lava_hw.compiler.place import place
from lava_hw.compiler.room import Room, demands
from tests.compiler.processes import chain, dense, flat, legal, lif

DEMO = Chip.load("demo")


def counts(cores: dict[str, int] | None, *sizes: int) -> dict[int, list[str]]:
    net = legal(*[lif(n) for n in sizes])
    placed = place(partition(net, DEMO, cores), DEMO)
    return {core: [str(shard) for shard in shards] for core, shards in placed.cores.items()}


def test_the_first_core_with_room_is_taken() -> None:
    assert counts(None, 100, 60, 20, 64) == {
        0: ["LIF_0[0:100]"],
        1: ["LIF_1[0:60]", "LIF_3[0:64]"],
        8: ["LIF_2[0:20]"],
    } or counts(None, 100, 60, 20, 64) == {
        0: ["LIF_0[0:100]"],
        1: ["LIF_1[0:60]", "LIF_2[0:20]"],
        8: ["LIF_3[0:64]"],
    }


def test_those_that_asked_come_first() -> None:
    assert counts({"LIF_1": 0}, 100, 60) == {0: ["LIF_1[0:60]"], 1: ["LIF_0[0:100]"]}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 150), min_size=1, max_size=4), st.booleans())
def test_every_part_is_on_one_core_that_holds_it(sizes: list[int], joined: bool) -> None:
    chip = replace(DEMO, mesh_x=4, mesh_y=4)
    cells = [lif(n) for n in sizes]
    if joined:
        for k, cell in enumerate(cells):
            chain(cells[k - 1], dense(sizes[k], sizes[k - 1], k), cell)
    net = legal(*cells)
    parted = partition(net, chip)
    placed = place(parted, chip)
    there = [shard for shards in placed.cores.values() for shard in shards]
    assert sorted(there) == sorted(shard for cluster in parted.clusters for shard in cluster.shards)
    for core, shards in placed.cores.items():
        assert fits(layout(core, shards, net, chip), chip)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(1, 70), min_size=2, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 1)), max_size=9),
)
def test_what_is_counted_is_what_a_layout_takes(sizes: list[int], links: list[tuple[int, int, int]]) -> None:
    """Also where clusters share tables and programs: each step of filling a core equals a new layout."""
    chip = Chip.load("default")
    cells = [lif(n) for n in sizes]
    for k, (src, dst, more) in enumerate(links):
        a, b = cells[src % len(cells)], cells[dst % len(cells)]
        d = dense(b.a_in.shape[0], a.s_out.shape[0], k)
        chain(a, d, b)
        if more:
            other = lif(b.a_in.shape[0])
            d.a_out.connect(other.a_in)
            cells.append(other)
    net = legal(*cells)
    parted = partition(net, chip, most=32)
    needs = demands(parted, chip)
    room = Room(0, net, chip)
    order = {name: k for k, name in enumerate(net.neurons)}
    for cluster in parted.clusters:
        trial = sorted([*room.shards, *cluster.shards], key=lambda shard: (order[shard.neurons], shard.first))
        if room.take(cluster, needs[cluster], trial):
            assert room.held.usage == layout(0, trial, net, chip).usage
        else:
            assert not fits(layout(0, trial, net, chip), chip)


def test_what_fills_most_of_a_core_comes_first_if_it_must() -> None:
    """In the order of the network, LIF_0 takes the neurons of the core whose synapses LIF_1 needs."""
    chip = replace(DEMO, mesh_x=2, mesh_y=1, synapse_lines=256)
    a, b = lif(128), lif(128)
    chain(a, dense(128, 128), b)
    parted = partition(legal(a), chip, most=64)
    with pytest.raises(DoesNotFit, match=r"LIF_1, neurons 64 to 127"):
        place(parted, chip)
    placed = place(parted, chip, largest_first=True)
    halves = [("LIF_0", 0), ("LIF_1", 0)], [("LIF_0", 64), ("LIF_1", 64)]
    assert tuple([(p.neurons, p.first) for p in placed.cores[core]] for core in (0, 1)) == halves
    image = compile_flat(flat(a), chip)
    assert [row["neurons"] for row in image.manifest.report.values()] == [(128, 128)] * 2


def test_no_room_on_any_core() -> None:
    with pytest.raises(DoesNotFit) as caught:
        counts(None, *[100] * 5)
    for text in ("LIF_4", "256 neurons", "of chip demo has 128", "core"):
        assert text in str(caught.value)


def test_no_room_on_the_core_that_was_asked_for() -> None:
    with pytest.raises(
        PlacementError, match=r"placement: LIF_1 .*needs 192 neurons, but core 8 of chip demo has 128"
    ):
        counts({"LIF_0": 8, "LIF_1": 8}, 100, 60)


def test_finer_parts_fill_the_gaps() -> None:
    """96 + 96 + 96 + 96 + 128 neurons on 4 x 128: whole populations do not fit, smaller parts do."""
    image = compile_flat(flat(*[lif(96) for _ in range(4)], lif(128)), DEMO)
    assert [row["neurons"] for row in image.manifest.report.values()] == [(128, 128)] * 4
    assert image.check() == []
