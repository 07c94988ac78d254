"""The ring and the link from Python."""

from __future__ import annotations

import gc
import os
import pickle
import struct
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from lava_hw import bridge

U64 = np.uint64


def slots(n, start=0):
    return np.arange(start, start + n, dtype=U64)


@pytest.fixture
def ends():
    """Return a producer and a consumer of one ring of 16 slots."""
    fd = bridge.create_ring(16, "ring", "P", "C")
    producer, consumer = bridge.Producer(fd), bridge.Consumer(fd)
    os.close(fd)
    with producer, consumer:
        yield producer, consumer


@pytest.fixture
def links():
    """Return both ends of a link with 16 slots in each direction."""
    memory = bridge.create_link(16, "link", "near", "far")
    near, far = memory.near(), memory.far()
    memory.close()
    with near, far:
        yield near, far


def test_push_pop(ends):
    producer, consumer = ends
    assert (producer.name, producer.capacity, producer.room()) == ("ring", 16, 16)
    producer.push(slots(10))
    assert consumer.poll() == 10
    got = consumer.pop(4)
    assert got.dtype == U64
    assert got.flags.writeable
    np.testing.assert_array_equal(got, slots(4))
    buffer = np.zeros(3, U64)
    assert consumer.pop_into(buffer) == 3
    np.testing.assert_array_equal(buffer, slots(3, 4))
    np.testing.assert_array_equal(consumer.pop_ready(), slots(3, 7))
    assert consumer.pop_ready().shape == (0,)
    assert consumer.pop_ready(0).shape == (0,)
    assert producer.try_push(slots(20)) == 16
    assert producer.try_push(slots(1)) == 0
    assert producer.room() == 0
    assert producer.counters()["slots"] == 26
    assert consumer.counters()["slots"] == 10


def test_popped_array_is_a_copy(ends):
    producer, consumer = ends
    producer.push(slots(2))
    got = consumer.pop()
    producer.push(slots(16, 100))
    np.testing.assert_array_equal(got, slots(2))


@pytest.mark.parametrize(
    "wrong",
    [slots(4).astype(np.int64), slots(4).astype(float), slots(4)[::2], slots(4).reshape(2, 2), [1, 2], None],
    ids=["int64", "float", "stride", "2-D", "list", "None"],
)
def test_wrong_arrays_are_refused(ends, wrong):
    producer, consumer = ends
    with pytest.raises(TypeError):
        producer.push(wrong)
    assert consumer.poll() == 0


def test_read_only_buffer_is_refused(ends):
    buffer = np.zeros(4, U64)
    buffer.flags.writeable = False
    ends[0].push(slots(1))
    with pytest.raises(TypeError):
        ends[1].pop_into(buffer)
    assert ends[1].poll() == 1


def test_blocked_push_goes_on(ends):
    producer, consumer = ends
    sender = threading.Thread(target=producer.push, args=(slots(1000),))
    sender.start()
    got = []
    while sum(map(len, got)) < 1000:
        got.append(consumer.pop(7))
    sender.join()
    np.testing.assert_array_equal(np.concatenate(got), slots(1000))


def test_link_does_not_lock(links):
    """Both sides push a hundred times the capacity before either pops."""
    near, far = links
    result = {}

    def run(link, start):
        link.push(slots(1600, start))
        got = []
        while sum(map(len, got)) < 1600:
            got.append(link.pop(99))
        result[start] = np.concatenate(got)

    other = threading.Thread(target=run, args=(far, 5000))
    other.start()
    run(near, 0)
    other.join()
    np.testing.assert_array_equal(result[0], slots(1600, 5000))
    np.testing.assert_array_equal(result[5000], slots(1600))
    assert max(near.side_peak, far.side_peak) > 0


def test_link_drain_keeps_the_order(links):
    near, far = links
    far.push(slots(16))
    assert near.drain() == 16
    far.push(slots(4, 16))
    assert near.poll() == 20
    assert near.wait(0)
    np.testing.assert_array_equal(near.pop(10), slots(10))
    np.testing.assert_array_equal(near.pop(), slots(10, 10))
    assert near.side_peak == 16


def test_close_ends_the_stream(ends):
    producer, consumer = ends
    producer.push(slots(3))
    producer.close()
    producer.close()
    np.testing.assert_array_equal(consumer.pop(), slots(3))
    assert consumer.wait(10)
    for call in (consumer.pop, consumer.pop_ready, lambda: consumer.pop_into(np.zeros(1, U64))):
        with pytest.raises(bridge.PeerClosed, match="P has closed its end of ring 'ring'") as caught:
            call()
    assert (caught.value.name, caught.value.ring) == ("P", "ring")
    with pytest.raises(bridge.BridgeError, match="is closed"):
        producer.push(slots(1))


def test_fail_tells_why(links):
    near, far = links
    far.push(slots(1))
    far.fail(7, "model.py:3: division by zero")
    assert near.pop().size == 1
    with pytest.raises(
        bridge.PeerFailed, match=r"far failed \(code 7\): model.py:3: division by zero"
    ) as caught:
        near.pop()
    with pytest.raises(bridge.PeerFailed):
        near.push(slots(1))
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (copy.code, copy.text, copy.name, copy.ring) == (
        7,
        "model.py:3: division by zero",
        "far",
        "link: far to near",
    )
    assert str(copy) == str(caught.value)
    assert near.peer()["state"] == "failed"


def test_stop_ends_the_waits_of_both(links):
    near, far = links
    assert not near.stop_requested
    near.stop()
    assert far.stop_requested
    for link in links:
        with pytest.raises(bridge.Stopped, match="asked to stop"):
            link.pop()


@pytest.mark.parametrize("call", ["pop", "wait", "push"])
def test_interrupt_from_another_thread(links, call):
    near, _ = links
    arguments = {"pop": (), "wait": (), "push": (slots(100),)}[call]
    caught = []

    def wait():
        try:
            getattr(near, call)(*arguments)
        except bridge.Interrupted as error:
            caught.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while near.counters()["in"]["futex_waits"] + near.counters()["out"]["futex_waits"] == 0:
        pass
    with pytest.raises(bridge.BridgeError, match="waiting in another thread"):
        near.poll()
    near.interrupt()
    waiting.join(10)
    assert len(caught) == 1
    # It was one request: the next wait is undisturbed.
    assert not near.wait(0.01)


def test_wait_any(ends, links):
    producer, consumer = ends
    near, far = links
    doorbell = bridge.Doorbell()
    everything = [consumer, near, doorbell]
    assert bridge.wait_any(everything, 0.01) == -1
    assert bridge.wait_any([consumer, producer], 0) == 1
    doorbell.ring()
    assert bridge.wait_any(everything) == 2
    assert doorbell.clear()
    assert not doorbell.clear()
    timer = threading.Timer(0.05, far.push, (slots(1),))
    timer.start()
    assert bridge.wait_any(everything, 10) == 1
    timer.join()
    near.drain()
    assert bridge.wait_any(everything) == 1
    near.pop()
    far.stop()
    with pytest.raises(bridge.Stopped):
        bridge.wait_any(everything)
    with pytest.raises(ValueError, match="never end"):
        bridge.wait_any([])
    with pytest.raises(TypeError, match="Producer, Consumer, Link and Doorbell"):
        bridge.wait_any([3])


def test_wait_takes_its_time(ends):
    assert not ends[1].wait(0)
    assert not ends[1].wait(-3.0)
    assert ends[0].wait(1e300)
    with pytest.raises(ValueError, match="not a number"):
        ends[1].wait(float("nan"))


def test_an_end_is_attached_once(ends):
    fd = bridge.create_ring(4, "once", "P", "C")
    first = bridge.Producer(fd)
    with pytest.raises(
        bridge.BridgeError, match=f"producer end of ring 'once' is already taken by pid {os.getpid()}"
    ):
        bridge.Producer(fd)
    first.close()
    with pytest.raises(bridge.BridgeError, match="already taken"):
        bridge.Producer(fd)
    assert bridge.describe(fd)["producer"] == {"name": "P", "state": "closed", "pid": os.getpid()}
    os.close(fd)


@pytest.mark.parametrize("capacity", [0, 1, 3, 1000, 2**41])
def test_capacity_is_a_power_of_two(capacity):
    with pytest.raises(bridge.BridgeError, match=f"power of two from 2 to 2\\^40 slots, it is {capacity}"):
        bridge.create_ring(capacity)


@pytest.mark.parametrize(
    ("offset", "text", "message"),
    [
        (0, b"NORING\0\0", "magic"),
        (
            8,
            struct.pack("<I", 2),
            "ABI version 2, this program has 1; both ends must come from the same version",
        ),
        (12, struct.pack("<I", 1), "header layout 1"),
        (16, struct.pack("<I", 64), "slot size 64, this program has 8"),
        (24, struct.pack("<Q", 32), "says it has 32 slots"),
    ],
    ids=["magic", "version", "layout", "slot size", "capacity"],
)
def test_foreign_memory_is_refused(offset, text, message):
    fd = bridge.create_ring(16)
    os.pwrite(fd, text, offset)
    for attach in (bridge.Producer, bridge.Consumer, bridge.describe):
        with pytest.raises(bridge.LayoutError, match=message):
            attach(fd)
    os.close(fd)


def test_foreign_descriptors_are_refused(tmp_path):
    with pytest.raises(bridge.LayoutError, match="not open"):
        bridge.Consumer(10**6)
    (tmp_path / "short").write_bytes(b"LHWRING\0")
    with (
        open(tmp_path / "short", "r+b") as short,
        pytest.raises(bridge.LayoutError, match="at least 4096 bytes"),
    ):
        bridge.Consumer(short.fileno())


def test_more_memory_than_there_is():
    gc.collect()  # what earlier tests left in cycles
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(
        bridge.RingMemoryError, match=r"ring 'huge' needs \d+ bytes of memory and \d+ are available"
    ):
        bridge.create_ring(2**40, "huge")
    assert issubclass(bridge.RingMemoryError, MemoryError)
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("limit", ["RLIMIT_FSIZE", "RLIMIT_AS"])
def test_a_limit_of_memory_is_an_error(limit):
    """Neither kills the process, as a write to a page that cannot be had would."""
    code = f"""
        import resource
        from lava_hw import bridge
        resource.setrlimit(resource.{limit}, (1 << 20, 1 << 20))
        try:
            bridge.create_ring(1 << 20, "big")
        except bridge.RingMemoryError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "ring 'big' could not be" in done.stdout


def test_nothing_is_left():
    """Descriptors, mappings and names are gone after use, also after errors."""

    def state():
        with open("/proc/self/maps") as maps:
            mapped = sum("lava_hw:" in line for line in maps)
        # Other programs, and tests beside this one, have names of their own there.
        named = {name for name in os.listdir("/dev/shm") if "lava" in name or "left" in name}
        return len(os.listdir("/proc/self/fd")), mapped, named

    gc.collect()  # what earlier tests left in cycles
    before = state()
    for kind in range(60):
        memory = bridge.create_link(16, "left", "near", "far")
        near, far = memory.near(), memory.far()
        memory.close()
        near.push(slots(3))
        near.peer()
        with pytest.raises(TypeError):
            near.push(None)
        if kind % 3 == 0:
            far.fail(1, "x")
        if kind % 3 == 1:
            far.close()
        del near, far
    assert state() == before


def test_fork_leaves_the_end_to_the_parent(ends):
    producer, consumer = ends
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            producer.push(slots(1))
        except bridge.BridgeError as error:
            status = 0 if "held by the parent process" in str(error) else 2
        producer.close()
        os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0
    assert consumer.peer() == {"name": "P", "pid": os.getpid(), "state": "attached", "alive": True}
    producer.push(slots(2))
    assert consumer.pop().size == 2
