"""What a channel between two operating-system processes offers (Lava's path)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["AbstractCspPort", "AbstractCspRecvPort", "AbstractCspSendPort", "Channel", "ChannelType"]

Array = npt.NDArray[Any]


class ChannelType(IntEnum):
    """Kinds of channels; only those between Python processes exist here."""

    PyPy = 0


class AbstractCspPort(ABC):
    """One end of a channel."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the port."""

    @property
    @abstractmethod
    def d_type(self) -> np.dtype[Any]:
        """Type of the elements of a message."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of a message."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Messages that the channel holds."""

    @abstractmethod
    def start(self) -> None:
        """Called once in the process that uses the port."""

    @abstractmethod
    def join(self) -> None:
        """Called once when the port is no longer used."""


class AbstractCspSendPort(AbstractCspPort):
    """The end that sends."""

    @abstractmethod
    def probe(self) -> bool:
        """Whether `send` would not wait."""

    @abstractmethod
    def send(self, data: Array) -> None:
        """Send a copy of a message; waits while the channel is full."""


class AbstractCspRecvPort(AbstractCspPort):
    """The end that receives."""

    @abstractmethod
    def probe(self) -> bool:
        """Whether `recv` would not wait."""

    @abstractmethod
    def peek(self) -> Array:
        """Give the next message and leave it in the channel; waits for one."""

    @abstractmethod
    def recv(self) -> Array:
        """Take the next message; waits for one."""


class Channel(ABC):
    """Two ends."""

    @property
    @abstractmethod
    def src_port(self) -> AbstractCspSendPort:
        """The end that sends."""

    @property
    @abstractmethod
    def dst_port(self) -> AbstractCspRecvPort:
        """The end that receives."""
