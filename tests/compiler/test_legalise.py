"""Legalise: edges, helper populations, folded index maps."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw.compiler import CompileError
from lava_hw.compiler.types import Axon, HostInput, Legal
from lava_hw.ir import SparseConnection
from lava_hw.proc.io.source import RingBuffer as Source
from tests.compiler.processes import Answers, chain, dense, legal, lif


def roles(net: Legal) -> dict[str, str]:
    return {name: cell.role for name, cell in net.neurons.items() if cell.role != "process"}


def check(net: Legal) -> None:
    """What holds for every network after the pass."""
    for name, conn in net.connections.items():
        driven = [edge.sources for edge in net.orders[name].edges]
        used = np.concatenate([np.zeros(0, np.int64), *driven])
        used = used[used >= 0]
        assert len(np.unique(used)) == len(used), f"{name}: two edges drive one column"
        rows = net.orders[name].sources
        assert np.array_equal(np.sort(rows[rows >= 0]), np.arange(conn.sources)), (
            f"{name}: every weight is stored once"
        )
        assert any(feed.connection == name for feed in net.feeds), f"{name}: nobody clears its sums"
        for edge, start, columns in zip(net.orders[name].edges, net.orders[name].starts, driven, strict=True):
            assert np.array_equal(rows[start : start + len(columns)], columns), (name, edge)
    for feed in net.feeds:
        assert len(feed.order) == net.neurons[feed.neurons].size
        assert feed.order.max() < net.connections[feed.connection].targets
    for direct in net.same_step:
        assert direct.offset % 32 == 0


def source(n: int, name: str | None = None) -> Source:
    return Source(data=np.zeros((n, 3), np.int32), name=name)


def test_one_source_is_direct() -> None:
    a, d, b = lif(40), dense(20, 40), lif(20)
    chain(a, d, b)
    net = legal(a)
    check(net)
    assert roles(net) == {}
    assert [(f.connection, f.neurons) for f in net.feeds] == [("Dense_1", "LIF_2")]


@pytest.mark.parametrize("second", ["lif", "source", "same"])
def test_several_sources_of_a_binary_input_meet_first(second: str) -> None:
    a, d = lif(40), dense(20, 40)
    b = {"lif": lif(40), "source": source(40), "same": a}[second]
    a.s_out.connect(d.s_in)
    if second == "same":
        a.s_out.reshape((8, 5)).transpose((1, 0)).flatten().connect(d.s_in)
    else:
        b.s_out.connect(d.s_in)
    net = legal(a)
    check(net)
    assert roles(net) == {"Dense_1.s_in": "merge", "Dense_1.a_out": "sink"}
    (edge,) = net.orders["Dense_1"].edges
    assert isinstance(edge, Axon)
    assert edge.neurons == "Dense_1.s_in"


def test_sums_into_a_binary_input_are_compared_first() -> None:
    a, d, e = lif(40), dense(20, 40), dense(10, 20)
    chain(a, d, e)
    net = legal(a)
    check(net)
    assert roles(net) == {"Dense_2.s_in": "merge", "Dense_2.a_out": "sink"}


def test_sources_side_by_side_need_no_merge_and_have_their_own_rows() -> None:
    a, b, s, d = lif(17), lif(30), source(5, "s"), dense(20, 52)
    b.s_out.concat_with([a.s_out, s.s_out], 0).connect(d.s_in)
    net = legal(a)
    check(net)
    assert roles(net) == {"Dense_3.a_out": "sink"}
    starts = dict(
        zip(
            (getattr(e, "neurons", "s") for e in net.orders["Dense_3"].edges),
            net.orders["Dense_3"].starts,
            strict=True,
        )
    )
    assert {name: net.orders["Dense_3"].sources[start] for name, start in starts.items()} == {
        "LIF_1": 0,
        "LIF_0": 30,
        "s": 47,
    }


def test_transposes_are_folded_into_rows_and_columns() -> None:
    a, d, b = lif((5, 8)), dense(40, 40), lif((8, 5))
    a.s_out.transpose((1, 0)).flatten().connect(d.s_in)
    d.a_out.reshape((5, 8)).transpose((1, 0)).connect(b.a_in)
    net = legal(a)
    check(net)
    (edge,) = net.orders["Dense_1"].edges
    assert isinstance(edge, Axon)
    assert edge.sources[1] == 5, "element (0, 1) of (5, 8) is element (1, 0) of (8, 5)"
    assert net.feeds[0].order[1] == 8, "neuron (0, 1) of (8, 5) reads element (1, 0) of (5, 8)"


def test_a_transpose_of_messages_needs_no_rows_of_its_own() -> None:
    s, d = Source(data=np.zeros((4, 5, 3), np.int32)), dense(6, 20)
    s.s_out.transpose((1, 0)).flatten().connect(d.s_in)
    net = legal(s)
    check(net)
    assert np.array_equal(net.orders["Dense_1"].sources, np.arange(20))
    (edge,) = net.orders["Dense_1"].edges
    assert isinstance(edge, HostInput)
    assert edge.elements[1] == 5


def test_spikes_into_neurons_go_by_blocks_or_through_a_permutation() -> None:
    a, b, c, d = lif(32), lif(64), lif((4, 8)), lif((8, 4))
    e = lif(96)
    b.s_out.concat_with([a.s_out], 0).connect(e.a_in)
    c.s_out.transpose((1, 0)).connect(d.a_in)
    net = legal(a, c)
    check(net)
    assert {(x.source, x.target, x.offset) for x in net.same_step} == {
        ("LIF_1", "LIF_4", 0),
        ("LIF_0", "LIF_4", 64),
    }
    (name,) = net.connections
    permute = net.connections[name]
    assert isinstance(permute, SparseConnection)
    assert name == "LIF_2.s_out>LIF_3.a_in"
    assert (permute.role, permute.slot, permute.shift) == ("permute", 0, 0)
    of_target = permute.source[np.argsort(permute.target)]
    assert np.array_equal(of_target, np.arange(32).reshape(4, 8).T.reshape(-1))
    assert np.all(permute.stored == 1)
    assert not permute.payload


def test_an_output_population_follows_the_neurons_that_read_the_same_sums() -> None:
    a, d, b, p = lif(40), dense(40, 40), lif(40), Answers((40,))
    chain(a, d, b)
    d.a_out.connect(p.inp)
    net = legal(a)
    check(net)
    assert net.neurons["Dense_1.a_out"].follow == "LIF_2"
    assert [(o.port, o.neurons) for o in net.outputs] == [("Dense_1.a_out", "Dense_1.a_out")]


def test_outputs_are_sent_once_and_must_exist() -> None:
    a, p, q = lif(4), Answers((4,)), Answers((4,))
    a.s_out.connect(p.inp)
    a.s_out.connect(q.inp)
    assert [o.port for o in legal(a, outputs=("LIF_0.s_out",)).outputs] == ["LIF_0.s_out"]
    with pytest.raises(CompileError, match=r"outputs: LIF_0\.spikes is no out port.*LIF_0\.s_out"):
        legal(a, outputs=("LIF_0.spikes",))


def test_open_ports_become_inputs_on_request() -> None:
    a, d = lif(4), dense(4, 6)
    chain(d, a)
    assert legal(a).inputs == ()
    (item,) = legal(a, open_inputs=True).inputs
    assert (item.sender, item.port, item.target) == ("Dense_1.s_in", "Dense_1.s_in", "Dense_1")


def test_nothing_is_changed() -> None:
    a, d = lif(4), dense(4, 4)
    chain(a, d, a)
    net = legal(a)
    before = net.lowered
    legal(a)
    assert net.lowered is before
    assert set(net.neurons) == {"LIF_0"}
