"""Ports: connecting, views, and what they do to data."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    LIF,
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    RefPort,
    RunSteps,
    Source,
    Var,
    VarPort,
    implements,
)
from lava_hw.graph import flatten
from lava_hw.magma.core.process.ports.exceptions import (
    ConcatIndexError,
    ConcatShapeError,
    DuplicateConnectionError,
    ReshapeError,
    TransposeIndexError,
    TransposeShapeError,
    VarNotSharableError,
)

CFG = Loihi2SimCfg(select_tag="fixed_pt")


class Keep(AbstractProcess):
    """Remembers what arrived last."""

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.inp = InPort(shape)
        self.seen = Var(shape, init=0)


@implements(proc=Keep, protocol=LoihiProtocol)
class PyKeep(PyLoihiProcessModel):
    inp: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)
    seen: np.ndarray = LavaPyType(np.ndarray, np.int32)

    def run_spk(self):
        self.seen[:] = self.inp.recv()


def source(shape, start=0):
    values = np.arange(start, start + int(np.prod(shape))).reshape(shape)
    return values, Source(data=values[..., None])


def received(keep):
    with keep:
        keep.run(RunSteps(1), CFG)
        return keep.seen.get()


@pytest.mark.parametrize("shape", [3, [3], (2.5,), (-1,), ("a",)])
def test_shape_must_be_a_tuple_of_int(shape):
    for cls in (InPort, OutPort, RefPort, Var):
        with pytest.raises(AssertionError, match="must be a tuple of int"):
            cls(shape)


def test_empty_tuple_is_a_scalar():
    port = OutPort(())
    assert (port.shape, port.size) == ((), 1)


def test_what_connects_with_what():
    out, inp, ref = OutPort((2,)), InPort((2,)), RefPort((2,))
    out.connect(inp)
    with pytest.raises(DuplicateConnectionError, match="connected already"):
        out.connect(inp)
    with pytest.raises(AssertionError, match="can only connect to InPort"):
        inp.connect(OutPort((2,)))
    with pytest.raises(AssertionError, match="can only connect to InPort or OutPort, got RefPort"):
        out.connect(ref)
    with pytest.raises(AssertionError, match=r"Shapes \(2,\) of .* and \(3,\) of .* are incompatible"):
        out.connect(InPort((3,)))
    with pytest.raises(TypeError, match="InPort"):
        ref.connect(inp)
    with pytest.raises(AssertionError, match="connection_configs"):
        out.connect([InPort((2,)), InPort((2,))], connection_configs=[None, None, None])


def test_connect_from():
    out, inp, other = OutPort((2,)), InPort((2,)), OutPort((2,))
    inp.connect_from([out, other])
    assert inp.in_connections == [out, other]
    assert out.out_connections == [inp]


def test_ref_ports_connect_one_to_one():
    lif, other = LIF(shape=(2,)), Keep((2,))
    other.ref, other.second = RefPort((2,)), RefPort((2,))
    other.hidden = Var((2,), shareable=False)
    other.ref.connect_var(lif.u)
    assert other.ref.get_dst_vars() == [lif.u]
    assert lif.var_ports.member_names == ["_u_implicit_port"]
    with pytest.raises(AssertionError, match="already"):
        other.ref.connect_var(lif.v)
    with pytest.raises(AssertionError, match="one port"):
        other.second.connect_var([lif.u, lif.v])
    with pytest.raises(AssertionError, match="incompatible"):
        other.second.connect_var(lif.du)
    with pytest.raises(AssertionError, match="own process"):
        other.second.connect_var(other.seen)
    lif.ref = RefPort((2,))
    with pytest.raises(VarNotSharableError, match="hidden"):
        lif.ref.connect_var(other.hidden)
    with pytest.raises(VarNotSharableError):
        VarPort(other.hidden)
    other.second.connect_var(lif.u)
    assert lif.var_ports.member_names == ["_u_implicit_port", "_u_implicit_port_1"]


def test_explicit_var_port():
    lif, other = LIF(shape=(2,)), Keep((2,))
    other.ref = RefPort((2,))
    port = VarPort(lif.u)
    other.ref.connect(port)
    assert other.ref.get_dst_vars() == [lif.u]


def test_errors_of_views():
    port = OutPort((2, 3))
    with pytest.raises(ReshapeError, match=r"\(2, 3\) to \(7,\)"):
        port.reshape((7,))
    with pytest.raises(TransposeShapeError):
        port.transpose((0,))
    with pytest.raises(TransposeIndexError, match="out of range"):
        port.transpose((0, 2))
    with pytest.raises(TransposeIndexError, match="repeated"):
        port.transpose((0, 0))
    with pytest.raises(ConcatShapeError):
        port.concat_with(OutPort((3, 4)), axis=0)
    with pytest.raises(ConcatShapeError):
        port.concat_with(OutPort((2,)), axis=0)
    with pytest.raises(ConcatIndexError):
        port.concat_with(OutPort((2, 3)), axis=2)
    with pytest.raises(AssertionError, match="one kind"):
        port.concat_with(InPort((2, 3)), axis=0)
    with pytest.raises(AssertionError, match="got VarPort"):
        port.flatten().connect(VarPort(Var((6,))))
    with pytest.raises(AssertionError, match="incompatible"):
        port.transpose().connect(InPort((2, 3)))


VIEWS = {
    "flatten": (lambda p: p.flatten(), lambda a: a.ravel()),
    "reshape": (lambda p: p.reshape((4, 3, 2)), lambda a: a.reshape(4, 3, 2)),
    "transpose": (lambda p: p.transpose(), lambda a: a.T),
    "axes": (lambda p: p.transpose((1, -1, 0)), lambda a: a.transpose(1, -1, 0)),
    "transpose, flatten": (lambda p: p.transpose().flatten(), lambda a: a.T.ravel()),
    "reshape, transpose, reshape": (
        lambda p: p.reshape((6, 4)).transpose().reshape((2, 2, 6)),
        lambda a: a.reshape(6, 4).T.reshape(2, 2, 6),
    ),
    "there and back": (lambda p: p.transpose().transpose(), lambda a: a),
}


@pytest.mark.parametrize("view", VIEWS)
def test_views_give_what_numpy_gives(view):
    make, numpy = VIEWS[view]
    values, src = source((2, 3, 4))
    expected = numpy(values)
    keep = Keep(expected.shape)
    make(src.s_out).connect(keep.inp)
    np.testing.assert_array_equal(received(keep), expected)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_concatenation(axis):
    shapes = [[2, 3, 4] for _ in range(3)]
    for k, shape in enumerate(shapes):
        shape[axis] = k + 1
    arrays, sources = zip(*(source(tuple(shape), 100 * k) for k, shape in enumerate(shapes)), strict=True)
    expected = np.concatenate(arrays, axis)
    keep = Keep(expected.shape)
    first, *others = [src.s_out for src in sources]
    first.concat_with(others, axis).connect(keep.inp)
    np.testing.assert_array_equal(received(keep), expected)


def test_views_of_concatenations_of_views_and_sums():
    (a, source_a), (b, source_b), (c, source_c) = source((2, 3)), source((3, 2), 10), source((12,), 50)
    joined = source_a.s_out.transpose().concat_with(source_b.s_out, axis=1)
    keep = Keep((12,))
    joined.flatten().connect(keep.inp)
    source_c.s_out.connect(keep.inp)
    np.testing.assert_array_equal(received(keep), np.concatenate([a.T, b], 1).ravel() + c)


def test_one_port_to_many_with_different_views():
    values, src = source((2, 3))
    one, two = Keep((6,)), Keep((3, 2))
    src.s_out.flatten().connect(one.inp)
    src.s_out.transpose().connect(two.inp)
    src.s_out.reshape((3, 2)).connect(two.inp)
    with one:
        one.run(RunSteps(1), CFG)
        np.testing.assert_array_equal(one.seen.get(), values.ravel())
        np.testing.assert_array_equal(two.seen.get(), values.T + values.reshape(3, 2))


def test_links_of_views_are_folded():
    _, src = source((2, 3))
    keep = Keep((3, 2))
    src.s_out.transpose().connect(keep.inp)
    flat = flatten(src, CFG)
    (link,) = flat.links
    assert link.dst_index is None
    assert link.src_index.tolist() == [0, 3, 1, 4, 2, 5]
    _, other = source((6,))
    keep = Keep((2, 3))
    other.s_out.reshape((2, 3)).connect(keep.inp)
    (link,) = flatten(other, CFG).links
    assert link.src_index is None
    assert link.dst_index is None


def test_members_of_a_process():
    lif = LIF(shape=(2,), name="lif")
    assert lif.vars.member_names == ["bias_exp", "bias_mant", "du", "dv", "u", "v", "vth"]
    assert lif.in_ports.a_in is lif.a_in
    assert lif.a_in.name == "a_in"
    assert lif.u.process is lif
    assert [port.name for port in lif.out_ports] == ["s_out"]
    with pytest.raises(AssertionError, match=r"'lif' of type 'LIF' has no Var named 'w'"):
        _ = lif.vars.w
    with lif as entered:
        assert entered is lif


def test_proc_params():
    class Coloured(LIF):
        """A user's own: it passes on what it likes."""

    lif = Coloured(shape=(2,), color="red")
    assert lif.proc_params["color"] == "red"
    assert lif.proc_params.get("size", 5) == 5
    lif.proc_params["size"] = 6
    with pytest.raises(KeyError, match="already exists"):
        lif.proc_params["size"] = 7
    lif.proc_params.overwrite("size", 7)
    assert lif.proc_params["size"] == 7
    with pytest.raises(KeyError, match="'weight' does not exist"):
        _ = lif.proc_params["weight"]


def test_a_process_must_call_its_parent():
    class Forgets(AbstractProcess):
        def __init__(self):
            pass

    with pytest.raises(TypeError, match=r"Forgets.__init__ must call super"):
        Forgets()


def test_aliases():
    one, two = LIF(shape=(2,)), LIF(shape=(2,))
    one.u.alias(two.u)
    assert one.u.resolve() is two.u
    one.u.alias(two.v)
    assert one.u.resolve() is two.v
    with pytest.raises(AssertionError, match="incompatible"):
        one.v.alias(two.du)
    with pytest.raises(AssertionError, match="shareable"):
        one.v.alias(Var((2,), shareable=False))
