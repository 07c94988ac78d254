"""What processes, ports and variables have in common (Lava's path)."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["AbstractProcessMember", "IdGeneratable", "Register"]


class Register:
    """Numbers objects of a kind from 0 on, and knows those that still exist."""

    def __init__(self) -> None:
        self._next_id = 0
        self._objects: list[weakref.ref[Any]] = []

    def add(self, member: Any) -> int:
        """Take an object in; give its number."""
        if len(self._objects) > 64 and not self._next_id % 64:
            self._objects = [ref for ref in self._objects if ref() is not None]
        self._objects.append(weakref.ref(member))
        self._next_id += 1
        return self._next_id - 1

    @property
    def objects(self) -> list[Any]:
        """The objects that exist, in order of creation."""
        return [member for ref in self._objects if (member := ref()) is not None]

    def reset_server(self) -> None:
        """Forget all objects, and number anew from 0."""
        self._next_id, self._objects = 0, []


class IdGeneratable:
    """Give each object a serial number.

    Attributes
    ----------
    serial : int
        Grows in order of creation; no two objects of any kind have the same.
    id : int
        The number that users see. By default the serial number.
    """

    _serials: ClassVar[itertools.count[int]] = itertools.count()
    _loaded: ClassVar[list[IdGeneratable] | None] = None

    def __init__(self) -> None:
        self.serial: int = next(IdGeneratable._serials)
        self.id: int = self.serial

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A copy, or what comes out of a file, is another object than those that are here.
        self.__dict__.update(state)
        if IdGeneratable._loaded is None:
            self.serial = next(IdGeneratable._serials)
        else:
            IdGeneratable._loaded.append(self)

    @staticmethod
    @contextmanager
    def loaded_in_order() -> Iterator[None]:
        """Number objects that are unpickled within in the order in which they were created."""
        loaded: list[IdGeneratable] = []
        IdGeneratable._loaded = loaded
        try:
            yield
        finally:
            IdGeneratable._loaded = None
            for each in sorted(loaded, key=lambda member: member.serial):
                each.serial = next(IdGeneratable._serials)


class AbstractProcessMember(IdGeneratable):
    """A port or variable: has a shape, and belongs to a process once it was assigned to an attribute of it.

    Parameters
    ----------
    shape : tuple of int
        Shape of the member. The empty tuple is a scalar.

    Raises
    ------
    AssertionError
        If `shape` is not a tuple of non-negative integers.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        if not isinstance(shape, tuple):
            raise AssertionError(
                f"Shape must be a tuple of int, got {shape!r} of type {type(shape).__name__}."
            )
        try:
            self.shape: tuple[int, ...] = tuple(int(n) for n in shape)
        except (TypeError, ValueError) as err:
            raise AssertionError(f"Shape must be a tuple of int, got {shape!r}.") from err
        if any(n < 0 for n in self.shape) or any(a != b for a, b in zip(self.shape, shape, strict=True)):
            raise AssertionError(f"Shape must be a tuple of int >= 0, got {shape!r}.")
        self._process: AbstractProcess | None = None
        self._name: str | None = None

    @property
    def name(self) -> str:
        """Name of the attribute that holds this member; "unnamed" before it was assigned."""
        return self._name if self._name is not None else "unnamed"

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def process(self) -> AbstractProcess | None:
        """The process that this member belongs to, None before it was assigned."""
        return self._process

    @process.setter
    def process(self, value: AbstractProcess) -> None:
        self._process = value

    @property
    def size(self) -> int:
        """Number of elements."""
        size = 1
        for n in self.shape:
            size *= n
        return size

    @property
    def path(self) -> str:
        """`process.member`, for messages."""
        return f"{self._process._shown if self._process is not None else '?'}.{self.name}"

    @property
    def described(self) -> str:
        """`process.member`, and the class of the process where its name does not say it."""
        process = self._process
        if process is None or process._name is None:
            return self.path
        return f"{self.path} ({process._class_label()})"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path} {self.shape}>"
