"""A channel between Python processes of the operating system, for programs that make their own (Lava's path).

Networks do not use it: their channels are in `lava_hw.runtime.channel`. One process sends, one receives; both
must come from the one that made the channel by fork, as semaphores are inherited.
"""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.magma.compiler.channels.interfaces import AbstractCspRecvPort, AbstractCspSendPort, Channel

__all__ = ["CspRecvPort", "CspSendPort", "PyPyChannel"]

Array = npt.NDArray[Any]


@dataclass
class _Ring:
    """Slots in shared memory, and how many of them are free and filled."""

    slots: Array
    free: Any
    filled: Any


class _Port:
    """What both ends have."""

    def __init__(self, name: str, ring: _Ring) -> None:
        self._name, self._ring, self._next = name, ring, 0

    @property
    def name(self) -> str:
        """Name of the port."""
        return self._name

    @property
    def d_type(self) -> np.dtype[Any]:
        """Type of the elements of a message."""
        return self._ring.slots.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a message."""
        return self._ring.slots.shape[1:]

    @property
    def size(self) -> int:
        """Messages that the channel holds."""
        return len(self._ring.slots)

    def start(self) -> None:
        """Begin with the first slot."""
        self._next = 0

    def join(self) -> None:
        """Nothing is to be given back: the memory is that of the channel."""

    def _slot(self) -> Array:
        slot: Array = self._ring.slots[self._next : self._next + 1].reshape(self.shape)
        return slot

    def _step(self) -> None:
        self._next = (self._next + 1) % self.size


def _available(semaphore: Any) -> bool:
    if semaphore.acquire(False):
        semaphore.release()
        return True
    return False


class CspSendPort(_Port, AbstractCspSendPort):
    """The end that sends. See AbstractCspSendPort."""

    def probe(self) -> bool:
        """Whether `send` would not wait."""
        return _available(self._ring.free)

    def send(self, data: Array) -> None:
        """Send a copy of a message; waits while the channel is full.

        Raises
        ------
        AssertionError
            If the shape is another one than the channel's.
        """
        if np.shape(data) != self.shape:
            raise AssertionError(
                f"Channel port '{self.name}' sends messages of shape {self.shape}, got {np.shape(data)}."
            )
        self._ring.free.acquire()
        self._slot()[...] = data
        self._step()
        self._ring.filled.release()


class CspRecvPort(_Port, AbstractCspRecvPort):
    """The end that receives. See AbstractCspRecvPort."""

    def probe(self) -> bool:
        """Whether `recv` would not wait."""
        return _available(self._ring.filled)

    def peek(self) -> Array:
        """Give the next message and leave it in the channel; waits for one."""
        self._ring.filled.acquire()
        self._ring.filled.release()
        return self._slot().copy()

    def recv(self) -> Array:
        """Take the next message; waits for one."""
        self._ring.filled.acquire()
        message = self._slot().copy()
        self._step()
        self._ring.free.release()
        return message


class PyPyChannel(Channel):
    """A channel of a number of messages.

    Parameters
    ----------
    message_infrastructure : object
        Its attribute `smm`, a started SharedMemoryManager, gives the memory and owns it.
    src_name, dst_name : str
        Names of the ends.
    shape : tuple of int
        Shape of a message.
    dtype : dtype
        Type of its elements; what is sent is cast to it.
    size : int
        Messages that it holds.
    """

    def __init__(
        self,
        message_infrastructure: Any,
        src_name: str,
        dst_name: str,
        shape: tuple[int, ...],
        dtype: npt.DTypeLike,
        size: int,
    ) -> None:
        nbytes = size * int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        self._memory = message_infrastructure.smm.SharedMemory(max(nbytes, 1))
        slots: Array = np.ndarray((size, *shape), dtype, self._memory.buf)
        context = multiprocessing.get_context("fork")
        ring = _Ring(slots, context.Semaphore(size), context.Semaphore(0))
        self._src_port = CspSendPort(src_name, ring)
        self._dst_port = CspRecvPort(dst_name, ring)

    @property
    def src_port(self) -> CspSendPort:
        """The end that sends."""
        return self._src_port

    @property
    def dst_port(self) -> CspRecvPort:
        """The end that receives."""
        return self._dst_port
