"""Channels between processes: rings of 64-bit slots in shared memory.

A ring has one producer and one consumer. `create_ring` makes its memory and returns a file descriptor; each
end attaches to it, in this process or in one that inherited the descriptor. A `Link` is a pair of rings, one
each way, whose `push` cannot deadlock. The C++ side of the same rings is ``sim/bridge/link.hpp``; the rules
are in ``sim/bridge/README.md``.

The compiled module may be missing (no compiler when the package was installed). Importing this package never
fails: ask `available`, or use ``bridge.Link`` and the like, which raise `BridgeUnavailable` with the reason.
So import the package (``from lava_hw import bridge``), not the names in it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lava_hw.bridge.errors import (
    BridgeError,
    BridgeUnavailable,
    Interrupted,
    LayoutError,
    PeerClosed,
    PeerDied,
    PeerError,
    PeerFailed,
    RingMemoryError,
    Stopped,
)

if TYPE_CHECKING:
    from lava_hw.bridge._ring import (
        Consumer,
        Doorbell,
        Link,
        Producer,
        create_ring,
        describe,
        expect_peer,
        wait_any,
    )

__all__ = [
    "BridgeError",
    "BridgeUnavailable",
    "Consumer",
    "Doorbell",
    "Interrupted",
    "LayoutError",
    "Link",
    "LinkMemory",
    "PeerClosed",
    "PeerDied",
    "PeerError",
    "PeerFailed",
    "Producer",
    "RingMemoryError",
    "Stopped",
    "available",
    "create_link",
    "create_ring",
    "describe",
    "expect_peer",
    "unavailable_reason",
    "wait_any",
]

_COMPILED = ("Consumer", "Doorbell", "Link", "Producer", "create_ring", "describe", "expect_peer", "wait_any")

_ring: Any
_reason = ""
try:
    from lava_hw.bridge import _ring
except ImportError as error:
    _ring = None
    _reason = str(error)
    # Written by CMakeLists.txt instead of the module where that could not be built.
    with suppress(ImportError):
        from lava_hw.bridge._unavailable import REASON

        _reason = REASON


def available() -> bool:
    """Return whether the compiled module is there, without which no RTL can be run."""
    return _ring is not None


def unavailable_reason() -> str:
    """Return why the compiled module is missing and what to do, or an empty string if it is there."""
    if _ring is not None:
        return ""
    return (
        f"the compiled module lava_hw.bridge._ring is missing: {_reason}; "
        "remove the cause and install lava_hw again (in a checkout: make setup)"
    )


def __getattr__(name: str) -> Any:
    """Give the names of the compiled module, or the reason for its absence."""
    if name not in _COMPILED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _ring is None:
        raise BridgeUnavailable(unavailable_reason())
    return getattr(_ring, name)


@dataclass(frozen=True)
class LinkMemory:
    """The memory of a link between two processes: one ring each way.

    Attributes
    ----------
    near_to_far, far_to_near : int
        File descriptors of the two rings, close-on-exec; hand them to a child by ``pass_fds``.
    """

    near_to_far: int
    far_to_near: int

    @property
    def fds(self) -> tuple[int, int]:
        """Both descriptors, for ``pass_fds``."""
        return self.near_to_far, self.far_to_near

    def near(self) -> Link:
        """Attach the near end in this process."""
        return __getattr__("Link")(self.near_to_far, self.far_to_near)

    def far(self) -> Link:
        """Attach the far end in this process."""
        return __getattr__("Link")(self.far_to_near, self.near_to_far)

    def expect_far(self, pid: int) -> None:
        """Say that process `pid` will attach the far end, so that its death before that is noticed."""
        expect = __getattr__("expect_peer")
        expect(self.near_to_far, "consumer", pid)
        expect(self.far_to_near, "producer", pid)

    def close(self) -> None:
        """Close the descriptors; ends that are attached keep the memory. Call it once, when all are."""
        for fd in self.fds:
            os.close(fd)


def create_link(capacity: int, name: str, near: str, far: str) -> LinkMemory:
    """Make the memory of a link.

    Parameters
    ----------
    capacity : int
        Slots of 8 bytes in each direction, a power of two.
    name : str
        Name of the link in messages.
    near, far : str
        Names of the two processes in messages.

    Returns
    -------
    LinkMemory
        Two descriptors that the caller closes.

    Raises
    ------
    BridgeUnavailable
        If the compiled module is missing.
    RingMemoryError
        If there is not enough memory.
    BridgeError
        If `capacity` is no power of two.
    """
    create = __getattr__("create_ring")
    there = create(capacity, f"{name}: {near} to {far}", near, far)
    try:
        return LinkMemory(there, create(capacity, f"{name}: {far} to {near}", far, near))
    except BaseException:
        os.close(there)
        raise
