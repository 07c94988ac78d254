"""How the ends of a channel to the program around a network behave (Lava's path)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Any

__all__ = [
    "ChannelConfig",
    "ReceiveEmpty",
    "ReceiveNotEmpty",
    "SendFull",
    "validate_buffer_size",
    "validate_channel_config",
    "validate_shape",
]


class SendFull(IntEnum):
    """What a sender does when the buffer is full: wait, or drop what it sends, with a warning."""

    BLOCKING = auto()
    NON_BLOCKING_DROP = auto()


class ReceiveEmpty(IntEnum):
    """What a receiver does when the buffer is empty: wait, or get zeros."""

    BLOCKING = auto()
    NON_BLOCKING_ZEROS = auto()


class ReceiveNotEmpty(IntEnum):
    """What a receiver gets when the buffer is not empty: the oldest item, or the sum of all."""

    FIFO = auto()
    ACCUMULATE = auto()


@dataclass
class ChannelConfig:
    """Behaviour of both ends of a channel.

    Parameters
    ----------
    send_full : SendFull, default BLOCKING
        When the buffer is full.
    receive_empty : ReceiveEmpty, default BLOCKING
        When the buffer is empty.
    receive_not_empty : ReceiveNotEmpty, default FIFO
        When the buffer is not empty.
    """

    send_full: SendFull = SendFull.BLOCKING
    receive_empty: ReceiveEmpty = ReceiveEmpty.BLOCKING
    receive_not_empty: ReceiveNotEmpty = ReceiveNotEmpty.FIFO


def validate_shape(shape: Any) -> None:
    """Refuse what is no shape of a message.

    Raises
    ------
    TypeError
        If it is no tuple of ints.
    ValueError
        If one of them is not positive.
    """
    if not isinstance(shape, tuple):
        raise TypeError(f"<shape> must be a tuple of positive ints, got {shape!r}.")
    for size in shape:
        _check_positive("all elements of <shape>", size, shape)


def validate_buffer_size(buffer_size: Any) -> None:
    """Refuse what is no size of a buffer.

    Raises
    ------
    TypeError
        If it is no int.
    ValueError
        If it is not positive.
    """
    _check_positive("<buffer_size>", buffer_size, buffer_size)


def validate_channel_config(channel_config: Any) -> None:
    """Refuse what is no ChannelConfig, or one with members of another kind.

    Raises
    ------
    TypeError
        If it is none.
    """
    if not isinstance(channel_config, ChannelConfig):
        raise TypeError(f"<channel_config> must be a ChannelConfig, got {channel_config!r}.")
    for name, kind in (
        ("send_full", SendFull),
        ("receive_empty", ReceiveEmpty),
        ("receive_not_empty", ReceiveNotEmpty),
    ):
        value = getattr(channel_config, name)
        if not isinstance(value, kind):
            raise TypeError(f"<channel_config>.{name} must be a {kind.__name__}, got {value!r}.")


def _check_positive(what: str, value: Any, given: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be of type int, got {given!r}.")
    if value <= 0:
        raise ValueError(f"{what} must be strictly positive, got {given!r}.")
