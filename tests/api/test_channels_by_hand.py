"""Channels that a program makes itself, at Lava's paths."""

from __future__ import annotations

import multiprocessing

import numpy as np
import pytest

from lava_hw.magma.compiler.channels.pypychannel import PyPyChannel
from lava_hw.magma.runtime.message_infrastructure.multiprocessing import MultiProcessing


@pytest.fixture
def memory():
    owner = MultiProcessing()
    owner.start()
    yield owner
    owner.stop()


def channel(memory, shape=(2,), dtype=np.int16, size=3) -> PyPyChannel:
    return PyPyChannel(memory, "from", "to", shape, dtype, size)


def test_messages_arrive_in_order_as_copies(memory):
    link = channel(memory)
    data = np.array([1, 2])
    for k in range(3):
        assert link.src_port.probe()
        link.src_port.send(data + k)
    data[:] = 0
    assert not link.src_port.probe()
    assert link.dst_port.peek().tolist() == [1, 2]
    assert [link.dst_port.recv().tolist() for _ in range(3)] == [[1, 2], [2, 3], [3, 4]]
    assert not link.dst_port.probe()
    assert (link.dst_port.shape, link.dst_port.d_type, link.dst_port.size) == ((2,), np.int16, 3)
    assert (link.src_port.name, link.dst_port.name) == ("from", "to")


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (4, 3, 2)])
def test_shapes_and_casts(memory, shape):
    link = channel(memory, shape, np.int32, 1)
    for k in range(4):
        value = np.full(shape, k + 0.75)
        link.src_port.send(value)
        found = link.dst_port.recv()
        assert found.shape == shape
        assert found.dtype == np.int32
        assert np.array_equal(found, np.full(shape, k))
    with pytest.raises(AssertionError, match="'from' sends messages of shape"):
        link.src_port.send(np.zeros((9, 9)))


def relay(inward: PyPyChannel, outward: PyPyChannel, count: int) -> None:
    for _ in range(count):
        outward.src_port.send(inward.dst_port.recv() + 1)


def test_between_processes(memory):
    there, back = channel(memory, size=2), channel(memory, size=2)
    other = multiprocessing.get_context("fork").Process(target=relay, args=(there, back, 50))
    other.start()
    for k in range(50):
        there.src_port.send(np.array([k, -k]))
        assert back.dst_port.recv().tolist() == [k + 1, 1 - k]
    other.join(20)
    assert other.exitcode == 0


def test_memory_that_was_not_started():
    with pytest.raises(RuntimeError, match=r"call start\(\) first"):
        channel(MultiProcessing())
