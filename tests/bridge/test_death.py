"""A peer that is killed is noticed and named, at whatever moment; a person's Ctrl-C gets through."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

from lava_hw import bridge

MOMENTS = 50  # per kind of peer, four kinds


def value(start, n):
    """Return slots `start` to `start + n` of the stream that ring_test.cpp sends and expects."""
    with np.errstate(over="ignore"):
        return (np.arange(start + 1, start + n + 1, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)


class Peer:
    """A process of the test program at the far end of a link."""

    def __init__(self, program, mode, seed):
        self.memory = bridge.create_link(64, "test", "python", "victim")
        out, into = self.memory.far_to_near, self.memory.near_to_far
        command = [str(program), "serve", mode, str(out), str(into), str(seed)]
        self.process = subprocess.Popen(command, pass_fds=self.memory.fds)
        self.memory.expect_far(self.process.pid)

    def kill(self):
        self.process.kill()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.memory.close()


def check_named(error, pid):
    assert (error.name, error.pid) == ("victim", pid)
    assert f"victim (pid {pid}) died while ring 'test: " in str(error)


@pytest.mark.parametrize("mode", ["produce", "consume", "echo", "never attach"])
def test_killed_at_random_moments(peer_program, mode):
    rng = random.Random(mode)
    for moment in range(MOMENTS):
        peer = Peer(peer_program, mode, moment)
        link = peer.memory.near()
        try:
            # From before it runs its first instruction to well into the stream.
            fate = time.monotonic() + rng.choice([0, 0.0005, 0.002, 0.006]) * rng.random()
            sent = got = 0
            with pytest.raises(bridge.PeerDied) as caught:
                while True:
                    if time.monotonic() >= fate:
                        peer.kill()
                        fate = float("inf")
                    if mode in ("consume", "echo"):
                        link.push(value(sent, 40))
                        sent += 40
                    if mode == "consume":
                        continue
                    slots = link.pop() if fate == float("inf") else link.pop_ready()
                    np.testing.assert_array_equal(slots, value(got, len(slots)))
                    got += len(slots)
            check_named(caught.value, peer.process.pid)
            # Not a passing complaint: it stays dead.
            with pytest.raises(bridge.PeerDied):
                link.pop() if mode != "consume" else link.push(value(0, 100))
        finally:
            peer.end()


def test_peer_that_exits_without_attaching(peer_program):
    """A child that ends at once, here for wrong arguments, is dead and not merely late."""
    memory = bridge.create_link(64, "test", "python", "victim")
    process = subprocess.Popen([str(peer_program), "unknown"], stdout=subprocess.DEVNULL)
    memory.expect_far(process.pid)
    with memory.near() as link, pytest.raises(bridge.PeerDied) as caught:
        link.pop()
    check_named(caught.value, process.pid)
    process.wait()
    memory.close()


def test_what_was_sent_before_death_arrives():
    memory = bridge.create_link(64, "test", "python", "victim")
    child = os.fork()
    if child == 0:
        far = memory.far()
        far.push(np.arange(50, dtype=np.uint64))
        os.kill(os.getpid(), signal.SIGKILL)
    memory.expect_far(child)
    link = memory.near()
    got = []
    with pytest.raises(bridge.PeerDied) as caught:
        while True:
            got.append(link.pop(9))
    check_named(caught.value, child)
    np.testing.assert_array_equal(np.concatenate(got), np.arange(50))
    os.waitpid(child, 0)
    memory.close()


def start_parent(program, then, **pipes):
    """A program that starts a peer, takes its first message, prints its pid, and goes on as `then` says."""
    code = f"""
        import subprocess, sys
        from lava_hw import bridge
        memory = bridge.create_link(64, "test", "python", "victim")
        child = subprocess.Popen([sys.argv[1], "serve", "produce", *map(str, memory.fds[::-1]), "1"],
                                 pass_fds=memory.fds)
        link = memory.near()
        link.pop()
        print(child.pid, flush=True)
        {then}
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(program)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **pipes)


def test_both_killed_leaves_nothing(peer_program):
    """The memory has no name: with its last user it is gone."""
    before = set(os.listdir("/dev/shm"))
    parent = start_parent(peer_program, "while True: link.pop()")
    child = int(parent.stdout.readline())
    os.kill(child, signal.SIGSTOP)
    parent.kill()
    parent.wait()
    os.kill(child, signal.SIGKILL)
    parent.stdout.close()
    assert set(os.listdir("/dev/shm")) == before


def test_orphaned_peer_ends_by_itself(peer_program):
    """The other end, too, notices that its parent was killed."""
    parent = start_parent(peer_program, "__import__('time').sleep(60)", stderr=subprocess.PIPE)
    child = int(parent.stdout.readline())
    parent.kill()
    # The child holds the other end of stderr: its end of file is the child's end.
    said = parent.stderr.read()
    parent.wait()
    parent.stdout.close()
    parent.stderr.close()
    assert f"python (pid {parent.pid}) died while ring 'test: victim to python'" in said
    assert child > 0


@pytest.mark.parametrize(("number", "error"), [("SIGINT", "KeyboardInterrupt"), ("SIGALRM", "TimeOut")])
@pytest.mark.parametrize(
    "wait",
    ["link.pop()", "link.pop_into(buffer)", "link.push(many)", "link.wait()", "bridge.wait_any([link])"],
)
def test_a_signal_whose_handler_raises(wait, number, error):
    """Ctrl-C, and the alarm by which a test runner ends what takes too long."""
    code = f"""
        import signal
        import numpy as np
        from lava_hw import bridge
        class TimeOut(BaseException): pass
        def ring(number, frame): raise TimeOut
        signal.signal(signal.SIGALRM, ring)
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in background
        memory = bridge.create_link(64, "test", "python", "silent")
        link = memory.near()
        buffer, many = np.zeros(4, np.uint64), np.zeros(1000, np.uint64)
        print("ready", flush=True)
        try:
            {wait}
        except {error}:
            print("interrupted")
            link.close()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)
    started = time.monotonic()
    process.send_signal(getattr(signal, number))
    out, err = process.communicate(timeout=30)
    assert (out, err, process.returncode) == ("interrupted\n", "", 0)
    assert time.monotonic() - started < 5
