"""Messages of every type of numpy, of one bit to megabytes, over every kind of connection."""

from __future__ import annotations

import numpy as np
import pytest

from lava_hw import (
    AbstractProcess,
    InPort,
    LavaPyType,
    Loihi2SimCfg,
    LoihiProtocol,
    OutPort,
    PyInPort,
    PyLoihiProcessModel,
    PyOutPort,
    RunSteps,
    implements,
)

CFG = Loihi2SimCfg()
KINDS = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g", "c8", "c16"]


def network(shape, kind, messages, sparse=False, view=lambda port: port, shape_there=None):
    """A process that sends messages, one a step, and the list of what the other one has received."""
    port_in = PyInPort.VEC_SPARSE if sparse else PyInPort.VEC_DENSE
    port_out = PyOutPort.VEC_SPARSE if sparse else PyOutPort.VEC_DENSE

    class Sending(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.out = OutPort(shape)

    class Keeping(AbstractProcess):
        def __init__(self):
            super().__init__()
            self.inp = InPort(shape_there or shape)

    @implements(proc=Sending, protocol=LoihiProtocol)
    class SendingModel(PyLoihiProcessModel):
        out: PyOutPort = LavaPyType(port_out, kind)

        def run_spk(self):
            message = messages[self.time_step - 1]
            self.out.send(*message) if sparse else self.out.send(message)

    @implements(proc=Keeping, protocol=LoihiProtocol)
    class KeepingModel(PyLoihiProcessModel):
        inp: PyInPort = LavaPyType(port_in, kind)

        def run_spk(self):
            got.append(self.inp.recv())

    got: list = []
    sending, keeping = Sending(), Keeping()
    view(sending.out).connect(keeping.inp)
    return sending, got


def values(kind, shape, rng):
    """Any bits that are a number of this type, the largest and the smallest among them."""
    dtype = np.dtype(kind)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        data = rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
        data.flat[:2] = limits.min, limits.max
        return data
    data = rng.normal(size=shape).astype(dtype)
    data.flat[:3] = np.nan, np.inf, np.finfo(dtype).tiny
    return data if dtype.kind == "f" else data + dtype.type(1j) * rng.normal(size=shape).astype(dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_arrives_as_it_was_sent(kind):
    rng = np.random.default_rng(1)
    messages = [values(kind, (3, 4), rng) for _ in range(5)]
    sending, got = network((3, 4), np.dtype(kind), messages)
    with sending:
        sending.run(RunSteps(5), CFG)
    assert [a.dtype for a in got] == [np.dtype(kind)] * 5
    np.testing.assert_array_equal(got, messages)


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_through_a_sparse_port(kind):
    rng = np.random.default_rng(2)
    messages = [(values(kind, (n,), rng), rng.permutation(12)[:n]) for n in (4, 5, 12)]
    sending, got = network((3, 4), np.dtype(kind), messages, sparse=True)
    with sending:
        sending.run(RunSteps(3), CFG)
    for (data, index), (sent, places) in zip(got, messages, strict=True):
        assert data.dtype == np.dtype(kind)
        np.testing.assert_array_equal(data, sent)
        assert index.tolist() == places.tolist()


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 4 << 20])
@pytest.mark.parametrize("kind", [np.bool_, np.uint8, np.float64])
def test_from_one_bit_to_many_megabytes(size, kind):
    rng = np.random.default_rng(size)
    messages = [rng.integers(0, 2, size).astype(kind) for _ in range(2)]
    sending, got = network((size,), kind, messages)
    with sending:
        sending.run(RunSteps(2), CFG)
    for a, b in zip(got, messages, strict=True):
        assert a.dtype == kind
        np.testing.assert_array_equal(a, b)


def test_a_scalar_and_nothing_at_all():
    """Ports without an axis, and without an element."""
    sending, got = network((), np.int32, [np.array(7), 8])
    with sending:
        sending.run(RunSteps(2), CFG)
    assert [a.shape for a in got] == [(), ()]
    assert [int(a) for a in got] == [7, 8]
    sending, got = network((0,), np.int32, [np.zeros(0)])
    with sending:
        sending.run(RunSteps(1), CFG)
    assert got[0].shape == (0,)


@pytest.mark.parametrize(
    ("kind", "sent", "received"),
    [
        (np.int32, [2.7, -2.7, 3.0], [2, -2, 3]),
        (np.int32, [2**31 - 1, -(2**31), 5], [2**31 - 1, -(2**31), 5]),
        (np.uint8, [0, 255, 44], [0, 255, 44]),
        (bool, [0, 2, -1], [False, True, True]),
        (np.float32, [1 / 3, 2**24 + 1, 1e30], [np.float32(1 / 3), 2.0**24, np.float32(1e30)]),
    ],
)
def test_a_message_gets_the_type_that_its_port_declares(kind, sent, received):
    """Floats lose their fraction; what the type cannot hold is refused (tests/values/test_ports.py)."""
    sending, got = network((3,), kind, [np.array(sent)])
    with sending:
        sending.run(RunSteps(1), CFG)
    assert got[0].dtype == kind
    assert got[0].tolist() == [kind(x) for x in received]


def test_large_messages_through_a_view():
    data = np.arange(2**20, dtype=np.int16).reshape(1024, 1024)
    sending, got = network(
        (1024, 1024),
        np.int16,
        [data],
        view=lambda port: port.transpose().flatten(),
        shape_there=(2**20,),
    )
    with sending:
        sending.run(RunSteps(1), CFG)
    np.testing.assert_array_equal(got[0], data.T.ravel())
