"""Route: every spike reaches every reader, once; streams; limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw.chip import Chip
from lava_hw.compiler import DoesNotFit
from lava_hw.compiler.partition import partition
from lava_hw.compiler.place import place
from lava_hw.compiler.placed_types import Routed
from lava_hw.compiler.route import route
from lava_hw.compiler.schedule import schedule
from lava_hw.regs import INSTRUCTION_ACC, ConnKind
from tests.compiler.processes import Answers, chain, dense, legal, lif

DEMO = Chip.load("demo")
WIDE, NARROW = (replace(Chip.load(n), mesh_x=4, mesh_y=4, neurons=64) for n in ("test32", "test8"))


def routed(
    *processes: Any, chip: Chip = DEMO, placement: Any = None, outputs: tuple[str, ...] = ()
) -> Routed:
    net = legal(*processes, outputs=outputs)
    return route(schedule(place(partition(net, chip, placement), chip)), chip)


def arrivals(net: Routed, chip: Chip, name: str) -> list[tuple[int, int, int, bool]]:
    """Follow every neuron of `name`: (neuron, destination, source there, outside)."""
    found = []
    for core in net.cores.values():
        for p, routes in zip(core.populations, core.routes, strict=True):
            if p.shard.neurons != name:
                continue
            for r in routes:
                for lane in range(
                    r.first * chip.lanes, min(p.shard.count, (r.first + r.groups) * chip.lanes)
                ):
                    block = (lane // 32 + r.index_base) % 4096
                    found.append(
                        (p.shard.first + lane, (r.dest << 8) + r.conn, 32 * block + lane % 32, r.egress)
                    )
    return found


@pytest.mark.parametrize("chip", [WIDE, NARROW], ids=["32 lanes", "8 lanes"])
@settings(deadline=None, max_examples=15)
@given(st.integers(1, 150), st.integers(1, 150))
def test_every_spike_goes_to_every_part_of_a_layer(chip: Chip, n: int, m: int) -> None:
    a, b = lif(n), lif(m)
    chain(a, dense(m, n), b)
    net = routed(a, chip=chip)
    tables = {
        (core.number << 8) + conn: core.descriptors[conn]
        for core in net.cores.values()
        for table in core.tables
        for conn in table.conns
    }
    assert sum(c.fields["targets"] for c in tables.values()) == m
    assert sorted(arrivals(net, chip, "LIF_0")) == sorted(
        (neuron, there, neuron, False) for neuron in range(n) for there in tables
    )


@pytest.mark.parametrize("chip", [WIDE, NARROW], ids=["32 lanes", "8 lanes"])
@settings(deadline=None, max_examples=15)
@given(st.integers(1, 150), st.integers(0, 3), st.integers(0, 40))
def test_direct_spikes_find_the_part_of_their_neuron(chip: Chip, n: int, before: int, after: int) -> None:
    front, a, back, b = lif(32 * before), lif(n), lif(after), lif(32 * before + n + after)
    ports = [x.s_out for x, size in ((a, n), (back, after)) if size]
    (front.s_out.concat_with(ports, 0) if before else ports[0].concat_with(ports[1:], 0)).connect(b.a_in)
    net = routed(a, chip=chip)
    name = next(d.source for d in net.scheduled.placed.legal.same_step if d.offset == 32 * before)
    shards = {
        (core.number << 8) + place.conn: p.shard
        for core in net.cores.values()
        for p in core.populations
        for place in p.ports.values()
        if core.descriptors[place.conn].fields["kind"] == ConnKind.PORT
    }
    reached = []
    for neuron, there, lane, outside in arrivals(net, chip, name):
        assert not outside
        if there in shards:  # what is not aligned goes through a permutation
            assert lane < shards[there].count
            reached.append((neuron, shards[there].first + lane))
    size = net.scheduled.placed.legal.neurons[name].size
    assert sorted(reached) == [(k, 32 * before + k) for k in range(size)]


def test_an_output_has_one_stream_as_long_as_a_flit_can_count() -> None:
    a, p = lif(200), Answers((200,))
    chain(a, p)
    net = routed(a)
    assert [(s.stream, s.first, s.count) for s in net.streams["LIF_0.s_out"]] == [(0, 0, 200)]
    assert sorted(arrivals(net, DEMO, "LIF_0")) == [(k, 0, k, True) for k in range(200)]


def test_graded_outputs_beyond_4096_have_a_stream_for_each_part() -> None:
    chip = replace(Chip.load("default"), neurons=4096, state_lines=4096, acc_groups=512, synapse_lines=32768)
    d, p = dense(5000, 2), Answers((5000,))
    d.a_out.connect(p.inp)
    net = routed(d, chip=chip)
    streams = net.streams["Dense_0.a_out"]
    assert [(s.stream, s.first, s.count) for s in streams] == [(0, 0, 2528), (1, 2528, 2472)]
    assert {(n, there & 255, k) for n, there, k, _ in arrivals(net, chip, "Dense_0.a_out")} == {
        (n, int(n >= 2528), n % 2528) for n in range(5000)
    }


def test_too_few_routes_are_named() -> None:
    chip = replace(DEMO, routes=3)
    a = lif(4, name="hub")
    others = [lif(4) for _ in range(4)]
    for b in others:
        chain(a, dense(4, 4), b)
    with pytest.raises(DoesNotFit, match=r"hub.*needs 4 routes, but core 0 of chip demo has 3"):
        routed(a, chip=chip)


def test_too_many_streams_are_named() -> None:
    chip = replace(Chip.load("default"), mesh_x=8, mesh_y=7, routes=4096, populations=255)
    cells = [lif(1) for _ in range(257)]
    with pytest.raises(DoesNotFit, match=r"LIF_256\.s_out needs 257 host streams, but a chip has 256"):
        routed(*cells, chip=chip, outputs=tuple(f"LIF_{k}.s_out" for k in range(257)))


def test_ports_of_stage_0_are_filled_a_step_before() -> None:
    a, p, b = lif(4), Answers((4,)), lif(4)
    chain(a, p, b)
    p2 = Answers((4,))
    chain(p2, a)
    net = routed(a, p2)
    slots = {
        p.shard.neurons: core.descriptors[place.conn].fields["slot"]
        for core in net.cores.values()
        for p in core.populations
        for place in p.ports.values()
    }
    assert slots == {"LIF_0": 1, "LIF_2": 0}


def test_the_last_reader_clears() -> None:
    a, b, d = lif(40), lif(40, 1), dense(40, 40)
    chain(a, d, b)
    d.a_out.connect(a.a_in)
    chain(a, b)  # so b is in stage 1, and reads last
    net = routed(a, chip=Chip.load("test32"))
    (core,) = net.cores.values()
    assert len([t for t in core.tables if t.connection == "Dense_2"]) == 1
    reads = {p.shard.neurons: INSTRUCTION_ACC.get(p.words[0], "last") for p in core.populations}
    assert reads == {"LIF_0": 0, "LIF_1": 1}
