"""The values between the passes, first half: the network, before anything has a place on the chip.

All are frozen; no pass changes what it got. The second half is in `placed_types`, and what the chip models
of processes give is in `lava_hw.ir`. Elements of ports and Vars are counted in C order. An index array may
hold -1 where there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from lava_hw.ir import Connection, Ints, Neurons

# Roles of helpers: joins the sources of a binary input; sends sums outside; clears sums that nobody reads;
# brings messages of one step to other neurons in the same step; adds up a part of a connection's sources.
MERGE, OUTPUT, SINK, PERMUTE, PARTIAL = "merge", "output", "sink", "permute", "partial"


# ---------------------------------------------------------------------------------------- lowered
@dataclass(frozen=True)
class HostProcess:
    """A process that does not run on the chip, and what is known about the order in which it receives and
    sends.

    Attributes
    ----------
    depends : mapping of (in port, out port) to bool or None
        Whether what it sends in a step depends on what it receives in it; None: not known.
    """

    name: str
    depends: Mapping[tuple[str, str], bool | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class PortLink:
    """A link between two ports: element `source[k]` of the one is element `target[k]` of the other."""

    src: str
    src_port: str
    dst: str
    dst_port: str
    source: Ints
    target: Ints

    @property
    def out(self) -> str:
        """The sending port, ``process.port``."""
        return f"{self.src}.{self.src_port}"

    @property
    def into(self) -> str:
        """The receiving port, ``process.port``."""
        return f"{self.dst}.{self.dst_port}"


@dataclass(frozen=True)
class PortShape:
    """Shape and type of a port."""

    shape: tuple[int, ...]
    dtype: str = "int32"

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Lowered:
    """The network in integers: what runs on the chip, what stays outside, and the links between their ports.

    Attributes
    ----------
    classes : mapping
        Full name of the class of each process of the chip, in the order of the network.
    ports : mapping of str to PortShape
        By ``process.port``.
    open_ports : tuple of (str, str)
        In ports of processes of the chip to which nothing is connected.
    """

    classes: Mapping[str, str]
    neurons: tuple[Neurons, ...]
    connections: tuple[Connection, ...]
    outside: tuple[HostProcess, ...]
    links: tuple[PortLink, ...]
    ports: Mapping[str, PortShape]
    open_ports: tuple[tuple[str, str], ...] = ()


# -------------------------------------------------------------------------------------------- legal
@dataclass(frozen=True, eq=False)
class Feed:
    """Neurons read the sums of a connection: neuron k gets that of target `order[k]`, or nothing (-1).

    Attributes
    ----------
    connection, neurons : str
        Names.
    port : str
        In port of the neurons.
    """

    connection: str
    neurons: str
    port: str
    order: Ints


@dataclass(frozen=True, eq=False)
class Axon:
    """Messages of neurons go to a connection: neuron `first` + k drives source `sources[k]`, or none (-1).

    Attributes
    ----------
    neurons, connection : str
        Names.
    channel : int
        Channel on which the neurons send these messages.
    first : int
        A multiple of 32.
    """

    neurons: str
    connection: str
    sources: Ints
    channel: int = 0
    first: int = 0

    def cut(self, start: int, stop: int) -> Axon:
        """Give the edge of the sources from `start` to `stop`; `start` is a multiple of 32."""
        return replace(self, sources=self.sources[start:stop], first=self.first + start)


@dataclass(frozen=True, eq=False)
class SameStepEdge:
    """Messages of neurons are added to an input of others in the same step: neuron k to neuron k + `offset`,
    a multiple of 32.

    Attributes
    ----------
    source, target : str
        Names of neurons.
    port : str
        In port of `target`.
    channel : int
        Channel on which `source` sends.
    into : str
        ``process.port`` of the process that the messages are for.
    connection : str
        Connection to whose sums in the target they are added, before these are shifted; nothing: they have
        sums of their own.
    order : int64 array or None
        With a `connection`: the `Feed.order` by which the target reads it.
    """

    source: str
    target: str
    port: str
    offset: int
    into: str
    channel: int = 0
    connection: str = ""
    order: Ints | None = None


@dataclass(frozen=True, eq=False)
class HostInput:
    """Messages from outside: element `elements[k]` of a message goes to neuron, or source, `index[k]` of
    `target`.

    Attributes
    ----------
    sender : str
        ``process.port`` outside that sends, or the open in port itself.
    port : str
        ``process.port`` of the chip's process.
    target : str
        Name of neurons or of a connection.
    elements, index : int64 arrays
        Equally long.
    target_port : str
        In port of the neurons; nothing for a connection.
    """

    sender: str
    port: str
    target: str
    elements: Ints
    index: Ints
    target_port: str = ""

    @property
    def sources(self) -> Ints:
        """Sources of the connection that the messages drive."""
        return self.index

    def cut(self, start: int, stop: int) -> HostInput:
        """Give the messages to the sources from `start` to `stop`."""
        return replace(self, elements=self.elements[start:stop], index=self.index[start:stop])


@dataclass(frozen=True)
class HostOutput:
    """An out port of a process of the chip that is sent outside by `neurons`, on `channel`.

    Attributes
    ----------
    mode : str
        ``mask`` or ``graded``.
    """

    port: str
    neurons: str
    channel: int
    mode: str


@dataclass(frozen=True)
class StepDependency:
    """A link of latency 0, by names of neurons or outside processes; `out` and `into` are the ports as a
    person knows them.
    """

    src: str
    src_port: str
    dst: str
    dst_port: str
    out: str
    into: str


@dataclass(frozen=True, eq=False)
class SourceOrder:
    """Order of the source rows of a connection: row r has the weights of source `sources[r]` (-1: zeros).

    Each edge (an Axon or a HostInput) that drives the connection has its rows in one piece: `starts` gives
    its first row, and its source k is row start + k. Sources that nothing drives come last.
    """

    sources: Ints
    edges: tuple[Axon | HostInput, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Legal:
    """The network as neurons, connections and five kinds of edges; helpers included, no Python process left
    but by name.

    Attributes
    ----------
    parts : mapping of str to tuple of str
        Connections whose sources are divided: names of the connections with the other parts (`divide`).
    places : mapping of str to int64 array
        For neurons that are not in the order of the elements of their ports: neuron k is that of element
        `places[name][k]`. Everything here that counts neurons counts them in this order.
    """

    lowered: Lowered
    neurons: Mapping[str, Neurons]
    connections: Mapping[str, Connection]
    feeds: tuple[Feed, ...]
    same_step: tuple[SameStepEdge, ...]
    inputs: tuple[HostInput, ...]
    outputs: tuple[HostOutput, ...]
    orders: Mapping[str, SourceOrder]
    dependencies: tuple[StepDependency, ...]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, Ints] = field(default_factory=dict)

    @cached_property
    def feeds_of(self) -> Mapping[str, tuple[Feed, ...]]:
        """What each set of neurons reads, by their name; without those that read nothing."""
        found: dict[str, list[Feed]] = {}
        for feed in self.feeds:
            found.setdefault(feed.neurons, []).append(feed)
        return {name: tuple(feeds) for name, feeds in found.items()}

    @cached_property
    def open_ports(self) -> frozenset[tuple[str, str]]:
        """In ports, as neurons and port, that something reaches in the same step: other neurons in blocks of
        32, or messages from outside.
        """
        direct = {(edge.target, edge.port) for edge in self.same_step if not edge.connection}
        return frozenset(direct | {(item.target, item.target_port) for item in self.inputs})

    @cached_property
    def gathered(self) -> frozenset[str]:
        """Connections to whose sums neurons add partial sums in the same step."""
        return frozenset(edge.connection for edge in self.same_step if edge.connection)
