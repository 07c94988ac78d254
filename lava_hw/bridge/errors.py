"""Errors of the channels between processes.

The compiled module raises them; they live here so that they can be caught where it could not be built.
"""

from __future__ import annotations


class BridgeError(RuntimeError):
    """Base of all errors of a channel."""


class BridgeUnavailable(BridgeError):
    """The compiled module is not part of this installation."""


class LayoutError(BridgeError):
    """A file descriptor is no ring, or a ring of another version of lava_hw."""


class RingMemoryError(BridgeError, MemoryError):
    """The memory of a ring could not be reserved."""


class Stopped(BridgeError):
    """A wait ended because `stop` was called at one of the ends."""


class Interrupted(BridgeError):
    """A wait ended because `interrupt` was called in another thread of this process."""


class PeerError(BridgeError):
    """Base of what ends a channel at its other end.

    Attributes
    ----------
    name : str
        Name of the other end.
    ring : str
        Name of the ring.
    """

    def __init__(self, message: str, *, name: str = "", ring: str = "") -> None:
        super().__init__(message)
        self.name = name
        self.ring = ring


class PeerClosed(PeerError):
    """The other end left in good order and all that it sent has been read."""


class PeerDied(PeerError):
    """The process at the other end is gone without having closed it.

    Attributes
    ----------
    pid : int
        Its process id.
    """

    def __init__(self, message: str, *, name: str = "", pid: int = 0, ring: str = "") -> None:
        super().__init__(message, name=name, ring=ring)
        self.pid = pid


class PeerFailed(PeerError):
    """The other end gave up and said why.

    Attributes
    ----------
    code : int
        Number that the other end gave to `fail`.
    text : str
        Reason that it gave.
    """

    def __init__(
        self, message: str, *, name: str = "", code: int = 0, text: str = "", ring: str = ""
    ) -> None:
        super().__init__(message, name=name, ring=ring)
        self.code = code
        self.text = text
