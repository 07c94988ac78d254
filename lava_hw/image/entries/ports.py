"""Entries of ports: where messages from outside go, and where messages to outside come from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from lava_hw.chip import Chip
from lava_hw.image.entries.elements import Elements
from lava_hw.image.entries.forms import ELEMENTS, CoreNumber, Dtype, Integer, OneOf, Shape, fail
from lava_hw.image.entries.records import Entry
from lava_hw.regs import MAX_STAGES, ROUTE0

CONNECTION, PORT = "connection", "port"
"""Kinds of inputs."""
MASK, GRADED = "mask", "graded"
"""Modes of messages."""

_Mode = Annotated[str, OneOf(MASK, GRADED)]
_Shape = Annotated[tuple[int, ...], Shape(ELEMENTS)]
_Stage = Annotated[int, Integer(0, MAX_STAGES - 1)]


@dataclass(frozen=True)
class TargetEntry(Entry):
    """Where a part of a message goes.

    Attributes
    ----------
    port : str
        The in port, ``process.port``, of the process of the chip.
    core, conn : int
        The connection.
    index_base : int
        The flit index of source k is that of k + 32 * `index_base`.
    elements : Elements
        Source k of the connection is this element of the message.
    """

    port: str
    core: Annotated[int, CoreNumber()]
    conn: Annotated[int, Integer(0, lambda chip: chip.connections - 1)]
    index_base: Annotated[int, Integer(0, 4095)]
    elements: Elements


@dataclass(frozen=True)
class InputEntry(Entry):
    """Messages from outside: `kind` is ``connection`` or ``port`` (of `stage`), `mode` ``mask`` or
    ``graded``.
    """

    shape: _Shape
    kind: Annotated[str, OneOf(CONNECTION, PORT)]
    stage: _Stage | None
    mode: _Mode
    targets: tuple[TargetEntry, ...]

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        if (self.kind == PORT) != (self.stage is not None):
            fail(f"{where}.stage", "is a number for a port and null for a connection")
        for i, target in enumerate(self.targets):
            target.elements.check_size(math.prod(self.shape), f"{where}.targets[{i}].elements")


@dataclass(frozen=True)
class StreamEntry(Entry):
    """A part of an output: source k of host stream `stream` is an element of the port."""

    stream: Annotated[int, Integer(0, 255)]
    elements: Elements


@dataclass(frozen=True)
class OutputEntry(Entry):
    """Messages to outside: what populations send on `channel`, complete when `stage` has ended."""

    shape: _Shape
    dtype: Annotated[str, Dtype()]
    stage: _Stage
    mode: _Mode
    channel: Annotated[int, Integer(0, ROUTE0.fields["channel"].mask)]
    streams: tuple[StreamEntry, ...]

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        for i, stream in enumerate(self.streams):
            stream.elements.check_size(math.prod(self.shape), f"{where}.streams[{i}].elements")
