"""The manifest: inputs, outputs and Vars as the host finds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lava_hw import LIF
from lava_hw.compiler import compile_flat, compile_network
from lava_hw.image import Manifest
from lava_hw.image.connections.dense import DenseLayout
from lava_hw.image.manifest import (
    AccEntry,
    AccPiece,
    ConstEntry,
    ConstPlace,
    Elements,
    HostEntry,
    InputEntry,
    LatchedEntry,
    OutputEntry,
    PortOnChannel,
    ProcessEntry,
    Stages,
    StateEntry,
    StatePiece,
    StreamEntry,
    TargetEntry,
    VarEntry,
    WeightsEntry,
    WeightsPiece,
)
from lava_hw.proc.io.source import RingBuffer as Source
from tests.compiler.processes import Answers, chain, dense, flat, lif


def manifest(*processes: Any, chip: str = "test32", **options: Any) -> Manifest:
    return compile_flat(flat(*processes), chip, **options).manifest


def source(shape: tuple[int, ...], name: str) -> Source:
    return Source(data=np.zeros((*shape, 3), np.int32), name=name)


def test_a_message_into_a_connection() -> None:
    s, d, a = source((20,), "s"), dense(40, 20, name="d"), lif(40, name="a")
    chain(s, d, a)
    m = manifest(s)
    target = TargetEntry("d.s_in", core=0, conn=0, index_base=0, elements=Elements(20))
    assert m.inputs == {"s.s_out": InputEntry((20,), "connection", None, "mask", (target,))}
    assert m.aliases == {"d.s_in": "s.s_out"}
    assert m.groups == {}
    assert m.stages == Stages(count=1, needs_close=(0,), needs_end=())


def test_a_message_into_neurons_is_cut_with_them() -> None:
    s, a = source((100,), "s"), lif(100, name="a")
    chain(s, a)
    entry = manifest(s, chip="demo", placement={"a": [0, 1]}).inputs["s.s_out"]
    assert (entry.kind, entry.stage, entry.mode) == ("port", 0, "graded")
    assert entry.targets == (
        TargetEntry("a.a_in", 0, 0, 0, Elements(64)),
        TargetEntry("a.a_in", 1, 0, 0, Elements(36, 64)),
    )


def test_a_message_into_some_of_the_neurons() -> None:
    s, t, a = source((5,), "s"), source((70,), "t"), lif(75, name="a")
    t.s_out.concat_with([s.s_out], 0).connect(a.a_in)
    entries = manifest(s).inputs
    some = Elements(11, order=(*[-1] * 6, 0, 1, 2, 3, 4))
    assert entries["s.s_out"].targets == (TargetEntry("a.a_in", 0, 0, 2, some),)
    assert entries["t.s_out"].targets == (TargetEntry("a.a_in", 0, 0, 0, Elements(70)),)


def test_different_windows_make_a_group() -> None:
    s, d, a, b = source((8,), "s"), dense(8, 8, name="d"), lif(8, name="a"), lif(8, name="b")
    chain(s, d, a)
    chain(s, a, b)
    s.s_out.connect(b.a_in)
    m = manifest(s)
    assert {k: (v.kind, v.stage) for k, v in m.inputs.items()} == {
        "s.s_out>d.s_in": ("connection", None),
        "s.s_out>a.a_in": ("port", 0),
        "s.s_out>b.a_in": ("port", 1),
    }
    assert sorted(m.groups["s.s_out"]) == sorted(m.inputs)
    assert m.aliases == {p: f"s.s_out>{p}" for p in ("d.s_in", "a.a_in", "b.a_in")}


def test_a_port_with_several_sources_outside_has_no_other_name() -> None:
    s, t, a = source((8,), "s"), source((8,), "t"), lif(8, name="a")
    chain(s, a)
    chain(t, a)
    assert manifest(s).aliases == {}


def test_open_ports_are_inputs_of_an_image_that_runs_alone() -> None:
    d, a = dense(4, 6, name="d"), lif(4, name="a")
    chain(d, a)
    assert list(compile_network(a, "test8").manifest.inputs) == ["d.s_in"]
    assert manifest(a).inputs == {}


def test_outputs() -> None:
    d, a, p = dense(4, 6, name="d"), lif((2, 2), name="a"), Answers((4,))
    d.a_out.reshape((2, 2)).connect(a.a_in)
    d.a_out.connect(p.inp)
    m = manifest(a, outputs=("a.s_out",))
    assert m.outputs == {
        "d.a_out": OutputEntry((4,), "int32", 0, "graded", 0, (StreamEntry(0, Elements(4)),)),
        "a.s_out": OutputEntry((2, 2), "int32", 0, "mask", 0, (StreamEntry(1, Elements(4)),)),
    }


def test_vars_of_lif() -> None:
    a = LIF(shape=(2, 3), du=5, vth=[1, 2, 3], name="a")
    found = manifest(a).vars
    piece = StatePiece(core=0, base=0, nvars=5, var=0, elements=Elements(6))
    assert found["a.u"] == VarEntry((2, 3), "int32", StateEntry(1, 0, (piece,)))
    assert found["a.du"].store == ConstEntry(-1, 4095, (ConstPlace(0, 0),))
    assert found["a.dv"].store == ConstEntry(-1, 4096, (ConstPlace(0, 1),))
    assert found["a.bias_mant"].dtype == "int16"
    piece = StatePiece(core=0, base=0, nvars=5, var=4, elements=Elements(6, order=(0, 1, 2, 0, 1, 2)))
    raw, latched = HostEntry((1, 2, 3), frozen=False), StateEntry(1, 0, (piece,))
    assert found["a.vth"].store == LatchedEntry(raw, latched, shift=6, min=-(2**31), max=2**31 - 1)


@pytest.mark.parametrize(
    ("low", "high", "mode", "flags"),
    [(-9, 9, 1, (True, False, 1)), (0, 9, 2, (False, False, 0)), (-9, 1, 3, (False, True, 0))],
)
def test_vars_of_dense(low: int, high: int, mode: int, flags: tuple[bool, bool, int]) -> None:
    s, d, a = source((6,), "s"), dense(4, 6, low=low, high=high, weight_exp=-3, name="d"), lif(4)
    chain(s, d, a)
    found = manifest(a).vars
    layout = DenseLayout(line=0, stride=1, sources=Elements(6), targets=Elements(4))
    piece = WeightsPiece(0, (0,), *flags, layout)
    weights = WeightsEntry(mode, sign_given=False, num_weight_bits=8, exp=0, pieces=(piece,))
    assert found["d.weights"] == VarEntry((4, 6), "int32", weights)
    assert found["d.a_buff"].store == AccEntry(3, 32, (AccPiece(0, 0, Elements(4)),))
    assert found["d.num_message_bits"].store == HostEntry((0,), frozen=True)


def test_copies_of_a_connection_are_all_named() -> None:
    d, a, b = dense(40, 6, name="d"), lif(40, name="a"), lif(40, name="b")
    chain(d, a)
    d.a_out.connect(b.a_in)
    m = manifest(a, placement={"a": 1, "b": 9})
    stores: Any = [m.vars[name].store for name in ("d.a_buff", "d.weights")]
    assert [[piece.core for piece in store.pieces] for store in stores] == [[1, 9], [1, 9]]
    assert m.processes["d"] == ProcessEntry("lava_hw.proc.dense.process.Dense", (1, 9))


def test_programs_name_what_a_listing_needs() -> None:
    a, b, d = lif(4, name="a"), lif(4, name="b"), dense(4, 4, name="d")
    a.s_out.connect(d.s_in)
    b.s_out.connect(d.s_in)
    rows = manifest(a).programs[0]
    assert [(r.process, r.role, r.stage) for r in rows] == [
        ("a", "process", 0),
        ("b", "process", 0),
        ("d", "sink", 0),
        ("d", "merge", 1),
    ]
    assert rows[0].const == ("du_keep", "dv_keep", "threshold", "_c8388607")
    assert rows[3].const == ("acc0",)
    assert [(r.in_ports, r.out_ports) for r in rows[:3:2]] == [
        (("a_in",), (PortOnChannel("s_out", 0),)),
        (("a_out",), ()),  # a helper: the port that it serves
    ]
