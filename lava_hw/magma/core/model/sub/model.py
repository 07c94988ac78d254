"""Models that are networks of processes (Lava's path)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import fields, is_dataclass
from typing import Any

from lava_hw.magma.core.model.model import AbstractProcessModel
from lava_hw.magma.core.process.process import AbstractProcess

__all__ = ["AbstractSubProcessModel"]


class AbstractSubProcessModel(AbstractProcessModel, ABC):
    """Implements a process by others.

    A subclass defines `__init__(self, proc)`, makes the sub processes as attributes (also in lists, tuples,
    dicts and dataclasses), connects them with the ports of `proc`, and lets Vars of `proc` stand for theirs:
    `proc.vars.v.alias(self.lif.vars.v)`.
    """

    @abstractmethod
    def __init__(self, proc: AbstractProcess) -> None:
        super().__init__()

    def find_sub_procs(self) -> dict[str, AbstractProcess]:
        """Lava's name of `sub_processes`."""
        return self.sub_processes()

    def sub_processes(self) -> dict[str, AbstractProcess]:
        """The sub processes by the name of the attribute, in order of assignment."""
        found: dict[str, AbstractProcess] = {}

        def visit(name: str, value: Any) -> None:
            if isinstance(value, AbstractProcess):
                if not any(value is other for other in found.values()):
                    found[name] = value
            elif isinstance(value, (list, tuple)):
                for k, item in enumerate(value):
                    visit(f"{name}_{k}", item)
            elif isinstance(value, dict):
                for key, item in value.items():
                    visit(f"{name}_{key}", item)
            elif is_dataclass(value) and not isinstance(value, type):
                for field in fields(value):
                    visit(f"{name}_{field.name}", getattr(value, field.name, None))

        for name, value in vars(self).items():
            visit(name, value)
        return found
