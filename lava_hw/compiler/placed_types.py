"""The values between the passes, second half: shards of the network on cores of the chip.

All are frozen; no pass changes what it got. The first half is in `types`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lava_hw.compiler.types import Legal
from lava_hw.ir import Constant, Ints


# ------------------------------------------------------------------- partitioned, placed, scheduled
@dataclass(frozen=True, order=True)
class Shard:
    """Neurons `first` to `first + count - 1` of some neurons; `first` is a multiple of 32."""

    neurons: str
    first: int
    count: int

    def __str__(self) -> str:
        """Say which neurons these are."""
        return f"{self.neurons}[{self.first}:{self.first + self.count}]"


@dataclass(frozen=True)
class Cluster:
    """Shards that must be on one core; `core` is a core that was asked for."""

    shards: tuple[Shard, ...]
    core: int | None = None


@dataclass(frozen=True, eq=False)
class Partitioned:
    """Neurons cut into shards that fit a core."""

    legal: Legal
    clusters: tuple[Cluster, ...]


@dataclass(frozen=True, eq=False)
class Placed:
    """Shards on cores: for each core that is used its shards, in the order of the network."""

    legal: Legal
    cores: Mapping[int, tuple[Shard, ...]]


@dataclass(frozen=True, eq=False)
class Scheduled:
    """Each set of neurons has its stage within the step."""

    placed: Placed
    stages: Mapping[str, int]
    count: int
    needs_close: tuple[int, ...]
    needs_end: tuple[int, ...]


# ------------------------------------------------------------------------------------------- routed
@dataclass(frozen=True)
class Descriptor:
    """The entry of a connection in a core's table.

    Attributes
    ----------
    fields : mapping of str to int
        By the names of the register description; a field that is not named is 0.
    """

    fields: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class WeightTable:
    """The synapses of a connection on a core, with their accumulators.

    Attributes
    ----------
    connection : str
        Name of the connection.
    order : int64 array
        Lane position k adds for target `order[k]`; -1: for none.
    groups : int
        Accumulator groups; those of one area, if the connection has several.
    line, lines : int
        First line of the synapse memory, and how many.
    acc : int
        First accumulator group.
    conns : tuple of int
        Numbers of the descriptors, one for each edge that drives the connection.
    lanes : int
        Lanes of the chip.
    partial : int or None
        Number of the descriptor that adds partial sums of other cores, if the sources are divided.
    """

    connection: str
    order: Ints
    groups: int
    line: int
    lines: int
    acc: int
    conns: tuple[int, ...]
    lanes: int
    partial: int | None = None


@dataclass(frozen=True)
class Load:
    """One accumulator that a population reads: its first group, and whether this reader clears it.

    Attributes
    ----------
    right : int
        Arithmetic right shift of the sum.
    input : int
        Number of the input whose sum it is part of.
    bits : int
        The sum is taken modulo 2^bits, as a signed number; below 32 there is no right shift.
    """

    acc: int
    right: int
    last: bool
    input: int = 0
    bits: int = 32


@dataclass(frozen=True)
class PortPlace:
    """Accumulator and descriptor of an in port that is reached in the same step, or from outside."""

    acc: int
    conn: int


@dataclass(frozen=True, eq=False)
class CorePopulation:
    """A shard on its core.

    Attributes
    ----------
    ports : mapping of str to PortPlace
        By in port of the neurons.
    tables : tuple of int
        Which tables of the core it reads.
    """

    shard: Shard
    stage: int
    groups: int
    tail: int
    nvars: int
    words: tuple[int, ...]
    pc: int
    state_base: int
    const_base: int
    constants: tuple[Constant, ...]
    ports: Mapping[str, PortPlace]
    tables: tuple[int, ...]


@dataclass(frozen=True)
class Route:
    """A route; the fields are those of the register description."""

    first: int
    groups: int
    channel: int
    index_base: int
    conn: int
    dest: int
    egress: bool


@dataclass(frozen=True, eq=False)
class CoreLayout:
    """Everything that one core holds but the weights themselves."""

    number: int
    populations: tuple[CorePopulation, ...]
    tables: tuple[WeightTable, ...]
    descriptors: tuple[Descriptor, ...]
    programs: tuple[tuple[int, ...], ...]
    usage: Mapping[str, int]
    routes: tuple[tuple[Route, ...], ...] = ()


@dataclass(frozen=True)
class HostStream:
    """A run of an output's elements on one host stream: its source k is element `first` + k."""

    stream: int
    first: int
    count: int


@dataclass(frozen=True, eq=False)
class Routed:
    """The whole chip: every core, and where messages enter and leave."""

    scheduled: Scheduled
    cores: Mapping[int, CoreLayout]
    streams: Mapping[str, tuple[HostStream, ...]]
