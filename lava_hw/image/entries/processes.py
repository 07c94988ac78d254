"""Entries of processes: where they lie, their programs, the stages of a step, and how full cores are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from lava_hw.chip import Chip
from lava_hw.image.entries.forms import ELEMENTS, CoreNumber, Integer, fail
from lava_hw.image.entries.records import Entry, ListOf
from lava_hw.regs import MAX_STAGES, ROUTE0

_Stage = Annotated[int, Integer(0, MAX_STAGES - 1)]
_Count = Annotated[int, Integer(0, (1 << 63) - 1)]


@dataclass(frozen=True)
class Stages(Entry):
    """The stages of a step: how many there are, which ones need a CLOSE, and which ones give an END."""

    count: Annotated[int, Integer(1, MAX_STAGES)]
    needs_close: tuple[_Stage, ...]
    needs_end: tuple[_Stage, ...]

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        for key, stages in (("needs_close", self.needs_close), ("needs_end", self.needs_end)):
            if any(stage >= self.count for stage in stages):
                fail(f"{where}.{key}", f"names a stage beyond the {self.count} of the step")


@dataclass(frozen=True)
class ProcessEntry(Entry):
    """A process of the chip: the full name of its class, and the cores on which it lies."""

    class_name: str = field(metadata={"key": "class"})
    cores: Annotated[tuple[int, ...], ListOf(CoreNumber())]


@dataclass(frozen=True)
class PortOnChannel(Entry):
    """An out port of a population, and the channel on which its program sends the port's messages."""

    port: str
    channel: Annotated[int, Integer(0, ROUTE0.fields["channel"].mask)]


@dataclass(frozen=True)
class ProgramEntry(Entry):
    """A population of a core, for a person: neurons `first` to `first` + `count` - 1 of a process, its ports,
    and the names of the state variables and constants of its program.
    """

    process: str
    role: str
    stage: _Stage
    first: Annotated[int, Integer(0, ELEMENTS)]
    count: Annotated[int, Integer(0, ELEMENTS)]
    in_ports: tuple[str, ...]
    out_ports: tuple[PortOnChannel, ...]
    state: tuple[str, ...]
    const: tuple[str, ...]


class ResourceUse(NamedTuple):
    """How much of a resource of a core is used, and how much there is."""

    used: _Count
    limit: _Count
