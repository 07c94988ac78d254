"""Types of the compiled module; its source is sim/bridge/module.cpp, and steps.cpp for steps of models.

An end belongs to one thread at a time: while one waits in it, only ``interrupt``, ``stop`` and
``stop_requested`` may be called from another. All waits let Ctrl-C through and raise `PeerDied` if the
process at the other end is gone, `Stopped` after ``stop`` at either end, `Interrupted` after ``interrupt``.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

ABI_VERSION: int
LAYOUT_HASH: int
HEADER_BYTES: int
SLOT_BYTES: int

Slots = NDArray[np.uint64]
_Self = TypeVar("_Self")

def create_ring(
    capacity: int, name: str = "ring", producer: str = "producer", consumer: str = "consumer"
) -> int:
    """Make a ring of `capacity` slots (a power of two) and return its descriptor, which the caller closes.

    The memory has no name and goes with its last user. All of it is reserved at once: `RingMemoryError` if
    there is not enough.
    """

def expect_peer(fd: int, role: str, pid: int) -> None:
    """Say that process `pid` will attach as `role` (``producer`` or ``consumer``)."""

def describe(fd: int) -> dict[str, Any]:
    """Return name, capacity, slots pushed and popped, and state and pid of both ends; attaches nothing."""

def wait_any(items: Sequence[_Common | Doorbell], timeout: float | None = None) -> int:
    """Sleep until one of `items` is ready and return its place, or -1 after `timeout` seconds.

    A producer is ready when it has room, a consumer or a link when something can be popped, a doorbell when
    it was rung; all of them when their next call would raise because the other end has left.
    """

class _Common:
    @property
    def stop_requested(self) -> bool:
        """Whether `stop` was called at one of the ends."""
    def wait(self, timeout: float | None = None) -> bool:
        """Wait until a push or pop can do something; False after `timeout` seconds."""
    def close(self) -> None:
        """Leave in good order; twice is once. What was pushed can still be popped by the other end."""
    def fail(self, code: int, text: str) -> None:
        """Leave with an error, which the other end raises as `PeerFailed`."""
    def stop(self) -> None:
        """End every wait of both ends, now and later, with `Stopped`."""
    def interrupt(self) -> None:
        """End the wait that another thread of this process is in, or its next one, with `Interrupted`."""
    def __enter__(self: _Self) -> _Self: ...
    def __exit__(self, *args: object) -> None: ...

class _Push:
    def push(self, slots: Slots) -> None:
        """Push all of a contiguous one-dimensional uint64 array, waiting for room."""
    def try_push(self, slots: Slots) -> int:
        """Push what there is room for and return how many."""
    def room(self) -> int:
        """Return the number of free slots."""

class _Pop:
    def pop(self, most: int = 65536) -> Slots:
        """Return a new array of at least one and up to `most` slots, waiting for the first."""
    def pop_ready(self, most: int = 65536) -> Slots:
        """Return what is there, up to `most` slots, perhaps none; raises if none will come."""
    def pop_into(self, buffer: Slots) -> int:
        """As `pop`, into the start of `buffer`; returns how many."""
    def poll(self) -> int:
        """Return the number of slots that can be popped without waiting."""

class Producer(_Common, _Push):
    """The writing end of a ring."""

    name: str
    capacity: int
    def __init__(self, fd: int) -> None: ...
    def peer(self) -> dict[str, Any]:
        """Return name, pid, state (vacant, attached, closed, failed) and alive of the other end."""
    def counters(self) -> dict[str, int]:
        """Return slots, calls, waits, yields, futex_waits and futex_wakes of this end."""

class Consumer(_Common, _Pop):
    """The reading end of a ring."""

    name: str
    capacity: int
    def __init__(self, fd: int) -> None: ...
    def peer(self) -> dict[str, Any]:
        """Return name, pid, state (vacant, attached, closed, failed) and alive of the other end."""
    def counters(self) -> dict[str, int]:
        """Return slots, calls, waits, yields, futex_waits and futex_wakes of this end."""

class Link(_Common, _Push, _Pop):
    """A pair of rings; `push` takes in what arrives while it waits for room."""

    @property
    def side_peak(self) -> int:
        """The most slots that were ever taken in aside."""
    def __init__(self, out_fd: int, in_fd: int) -> None: ...
    def drain(self) -> int:
        """Take what has arrived aside, which makes room for the other end; returns how many slots."""
    def peer(self) -> dict[str, Any]:
        """Return name, pid, state and alive of the other end."""
    def counters(self) -> dict[str, dict[str, int]]:
        """Return the counters of both rings as ``out`` and ``in``."""

class Doorbell:
    """Wakes a thread in `wait_any` from another thread of the same process."""

    def ring(self) -> None:
        """Make it ready until `clear`; any thread may."""
    def clear(self) -> bool:
        """Return whether it was rung, and make it not ready."""

# -- steps of models; the caller vouches for places that are inside --
_Int32 = NDArray[np.int32]

def lif_steps(
    input: _Int32,
    u: _Int32,
    v: _Int32,
    bias: _Int32,
    spikes: NDArray[np.bool_],
    u_kept: int,
    v_kept: int,
    input_shift: int,
    threshold: int,
) -> None:
    """Advance u and v by the steps that `input` has rows for, and fill `spikes`, both [steps, neurons].

    `u_kept` and `v_kept`, 0 to 4096, are what is left of 4096 after a step.
    """

def dense_sums(input: _Int32, weights: _Int32, sums: _Int32, exponent: int, graded: bool) -> None:
    """Fill `sums`, [steps, outputs], from `input`, [steps, inputs], and `weights`, [inputs, outputs]."""

def sparse_sums(
    input: _Int32,
    first: _Int32,
    output: _Int32,
    place: _Int32,
    weights: _Int32,
    sums: _Int32,
    exponent: int,
    graded: bool,
) -> None:
    """As `dense_sums`; the entries of input i are those from first[i] to first[i + 1].

    Entry k leads to `output[k]`, and its weight is `weights[place[k]]`.
    """

_Floats = NDArray[np.float64]

def float_lif_steps(
    input: _Floats,
    u: _Floats,
    v: _Floats,
    bias: _Floats,
    spikes: NDArray[np.bool_],
    u_kept: float,
    v_kept: float,
    threshold: float,
) -> None:
    """As `lif_steps`, in floating point."""

def float_dense_sums(input: _Floats, weights: _Floats, sums: _Floats, exponent: int, graded: bool) -> None:
    """As `dense_sums`, added in the order of inputs; `exponent` has no effect."""

def float_sparse_sums(
    input: _Floats,
    first: _Int32,
    output: _Int32,
    place: _Int32,
    weights: _Floats,
    sums: _Floats,
    exponent: int,
    graded: bool,
) -> None:
    """As `sparse_sums`, added in the order of inputs; `exponent` has no effect."""
