"""The values between the passes, second half: parts of the network on cores of the chip.

All are frozen; no pass changes what it got. The first half is in `types`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lava_hw.compiler.types import Constant, Ints, Merged


# ---------------------------------------------------------------------- partitioned, placed, staged
@dataclass(frozen=True, order=True)
class Part:
    """Neurons `first` to `first + count - 1` of some neurons; `first` is a multiple of 32."""

    neurons: str
    first: int
    count: int

    def __str__(self) -> str:
        """Say which neurons these are."""
        return f"{self.neurons}[{self.first}:{self.first + self.count}]"


@dataclass(frozen=True)
class Unit:
    """Parts that must be on one core; `core` is a core that was asked for."""

    parts: tuple[Part, ...]
    core: int | None = None


@dataclass(frozen=True, eq=False)
class Partitioned:
    """Neurons cut into parts that fit a core."""

    merged: Merged
    units: tuple[Unit, ...]


@dataclass(frozen=True, eq=False)
class Placed:
    """Parts on cores: for each core that is used its parts, in the order of the network."""

    merged: Merged
    cores: Mapping[int, tuple[Part, ...]]


@dataclass(frozen=True, eq=False)
class Staged:
    """Each set of neurons has its stage within the step."""

    placed: Placed
    stages: Mapping[str, int]
    count: int
    needs_close: tuple[int, ...]
    needs_end: tuple[int, ...]


# ------------------------------------------------------------------------------------------- routed
@dataclass(frozen=True, eq=False)
class Table:
    """A table of weights on a core, with its accumulators: lane position k holds row `order[k]` of the
    weights (-1: zeros).
    """

    synapses: str
    order: Ints
    groups: int
    line: int
    acc: int
    conns: tuple[int, ...]


@dataclass(frozen=True)
class Load:
    """One accumulator that a population reads: its first group, and whether this reader clears it."""

    acc: int
    right: int
    last: bool


@dataclass(frozen=True, eq=False)
class Population:
    """A part on its core."""

    part: Part
    stage: int
    groups: int
    tail: int
    nvars: int
    words: tuple[int, ...]
    pc: int
    state_base: int
    const_base: int
    constants: tuple[Constant, ...]
    port_acc: int | None
    port_conn: int | None
    tables: tuple[int, ...]


@dataclass(frozen=True)
class Connection:
    """A connection descriptor; the fields are those of the register description."""

    kind: int
    acc: int
    groups: int
    slot: int = 1
    signed: bool = False
    negate: bool = False
    shift: int = 0
    line: int = 0
    stride: int = 0
    sources: int = 0
    targets: int = 0


@dataclass(frozen=True)
class Route:
    """A route; the fields are those of the register description."""

    first: int
    groups: int
    index_base: int
    conn: int
    dest: int
    egress: bool


@dataclass(frozen=True, eq=False)
class Core:
    """Everything that one core holds but the weights themselves."""

    number: int
    populations: tuple[Population, ...]
    tables: tuple[Table, ...]
    connections: tuple[Connection, ...]
    programs: tuple[tuple[int, ...], ...]
    usage: Mapping[str, int]
    routes: tuple[tuple[Route, ...], ...] = ()


@dataclass(frozen=True)
class Stream:
    """Part of an output on one host stream: source k of the stream is element `first` + k."""

    stream: int
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Routed:
    """The whole chip: every core, and where messages enter and leave."""

    staged: Staged
    cores: Mapping[int, Core]
    streams: Mapping[str, tuple[Stream, ...]]
