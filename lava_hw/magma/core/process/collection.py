"""The members of a process by kind and name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lava_hw.magma.core.process.identity import NamedProcess
from lava_hw.magma.core.process.names import meant

__all__ = ["Collection"]


@dataclass
class Collection:
    """The members of one kind of a process, sorted by name; an attribute for each."""

    process: NamedProcess
    name: str
    _members: dict[str, Any] = field(default_factory=dict)

    @property
    def type_name(self) -> str:
        """Name of the class of the process."""
        return type(self.process).__name__

    @property
    def members(self) -> list[Any]:
        """The members, sorted by name."""
        return list(self._members.values())

    @property
    def member_names(self) -> list[str]:
        """Their names, sorted."""
        return list(self._members)

    def add_members(self, members: Mapping[str, Any]) -> None:
        """Take members in, by their names."""
        self._members = dict(sorted({**self._members, **members}.items()))

    def is_empty(self) -> bool:
        """Whether there is no member of this kind."""
        return not self._members

    def has(self, obj: object) -> bool:
        """Whether `obj` is one of the members."""
        return any(member is obj for member in self._members.values())

    def __getattr__(self, name: str) -> Any:
        members = self.__dict__.get("_members", {})
        if name in members:
            return members[name]
        if name.startswith("__"):
            raise AttributeError(name)
        raise AssertionError(
            f"Process '{self.process._shown}' of type '{self.type_name}' has no {self.name} named "
            f"'{name}'.{meant(name, members)} It has: {', '.join(members) or 'none'}."
        )

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members.values())

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members
