"""The values between the passes, first half: the network, before anything has a place on the chip.

All are frozen; no pass changes what it got. The second half is in `placed_types`.

Names: *neurons* are what becomes populations of the chip, *synapses* what becomes weight tables. Elements
of ports and Vars are counted in C order. An index array may hold -1 where there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

PROCESS, MERGE, RELAY, DRAIN, PERMUTE = "process", "merge", "relay", "drain", "permute"


# ---------------------------------------------------------------------------------------- quantised
@dataclass(frozen=True, eq=False)
class State:
    """A value per neuron. `values` is int32, one for each element."""

    name: str
    values: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Constant:
    """One int32 value for all neurons of a population."""

    name: str
    value: int


@dataclass(frozen=True, eq=False)
class Variable:
    """How a Var of a process is kept; the kinds are those of docs/image.md.

    Attributes
    ----------
    kind : str
        ``state`` or ``const`` (`place` names the State or Constant, which holds `scale` * value +
        `offset`), ``latched`` (`place` holds clip(value << `shift`, `low`, `high`); the raw `value` stays
        with the host), or ``host`` (`value` stays with the host).
    per_neuron : bool
        For ``latched``: whether `place` is a State.
    elements : int64 array, optional
        For a State: which element of the Var each neuron has; without it neuron k has element k.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    kind: str
    place: str = ""
    per_neuron: bool = False
    scale: int = 1
    offset: int = 0
    shift: int = 0
    low: int = 0
    high: int = 0
    value: Any = None
    frozen: bool = True
    elements: Ints | None = None


@dataclass(frozen=True, eq=False)
class Neurons:
    """A set of neurons with one program: a neuron process, or a helper that the compiler made.

    Attributes
    ----------
    name : str
        Unique: the process, or ``process.port`` of the port that a helper serves.
    process : str
        The process it belongs to.
    role : str
        ``process``, ``merge`` (joins the sources of a binary input), ``relay`` (sends sums outside) or
        ``drain`` (clears sums that nobody reads).
    size : int
        Number of neurons.
    body : tuple of str
        Program (lava_hw.isa text, names of states and constants) after its input was loaded into r0.
    input_shift : int
        The input is loaded shifted left by this.
    emits : str
        ``mask``, ``graded`` or nothing; on channel 0.
    in_port, out_port : str
        Names of the ports of the process that these neurons serve.
    follow : str
        Neurons with which these share cores and parts, or nothing.
    """

    name: str
    process: str
    role: str
    size: int
    body: tuple[str, ...]
    input_shift: int = 0
    emits: str = ""
    in_port: str = ""
    out_port: str = ""
    states: tuple[State, ...] = ()
    constants: tuple[Constant, ...] = ()
    variables: tuple[Variable, ...] = ()
    follow: str = ""


@dataclass(frozen=True, eq=False)
class Synapses:
    """Weights from sources (columns) to targets (rows): a Dense, or a permutation that the compiler made.

    Attributes
    ----------
    stored : uint8 array, (targets, sources)
        The bytes as the chip holds them.
    signed, negate : bool
        How a byte is read.
    shift : int
        Left shift of what is added, 0 to 31.
    right : int
        Arithmetic right shift of the sum when it is read, 0 to 31.
    slot : int
        Steps until the sum is read: 1, or 0 for a permutation.
    weights : Variable-like mapping or None
        What the manifest says about the Var of the weights besides its pieces; None for a permutation.
    sums : str
        Name of the Var that is the sum, or nothing.
    """

    name: str
    process: str
    role: str
    stored: npt.NDArray[np.uint8]
    signed: bool
    negate: bool
    shift: int
    right: int = 0
    slot: int = 1
    in_port: str = ""
    out_port: str = ""
    weights: Mapping[str, Any] | None = None
    sums: str = ""
    variables: tuple[Variable, ...] = ()

    @property
    def targets(self) -> int:
        """Rows of the matrix."""
        return int(self.stored.shape[0])

    @property
    def sources(self) -> int:
        """Columns of the matrix."""
        return int(self.stored.shape[1])


@dataclass(frozen=True)
class Outside:
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
class Wire:
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
class Quantised:
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
    synapses: tuple[Synapses, ...]
    outside: tuple[Outside, ...]
    wires: tuple[Wire, ...]
    ports: Mapping[str, PortShape]
    open_ports: tuple[tuple[str, str], ...] = ()


# ------------------------------------------------------------------------------------------- merged
@dataclass(frozen=True, eq=False)
class Feed:
    """Neurons read the sums of synapses: neuron k reads row `order[k]`, or nothing (-1)."""

    synapses: str
    neurons: str
    order: Ints


@dataclass(frozen=True, eq=False)
class Axon:
    """Spikes of neurons go to synapses: neuron k drives column `columns[k]`, or none (-1)."""

    neurons: str
    synapses: str
    columns: Ints


@dataclass(frozen=True, eq=False)
class Direct:
    """Spikes of neurons are added to the input of others in the same step: neuron k to neuron k +
    `offset`, a multiple of 32.
    """

    source: str
    target: str
    offset: int
    port: str


@dataclass(frozen=True, eq=False)
class Input:
    """Messages from outside: element `elements[k]` of a message goes to neuron, or column, `index[k]` of
    `target`.

    Attributes
    ----------
    sender : str
        ``process.port`` outside that sends, or the open in port itself.
    port : str
        ``process.port`` of the chip's process.
    target : str
        Name of neurons or synapses.
    """

    sender: str
    port: str
    target: str
    elements: Ints
    index: Ints


@dataclass(frozen=True)
class Output:
    """An out port of a process of the chip that is sent outside by `neurons`."""

    port: str
    neurons: str


@dataclass(frozen=True)
class Hop:
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
class Rows:
    """Order of the rows of a table: row r is column `columns[r]` of the weights (-1: a row of zeros).

    `starts` gives the first row of each edge (an Axon or an Input) that drives the synapses; its source k
    is row start + k.
    """

    columns: Ints
    edges: tuple[Axon | Input, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Merged:
    """The network as neurons, synapses and five kinds of edges; helpers included, no Python process left
    but by name.
    """

    quantised: Quantised
    neurons: Mapping[str, Neurons]
    synapses: Mapping[str, Synapses]
    feeds: tuple[Feed, ...]
    directs: tuple[Direct, ...]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: Mapping[str, Rows]
    hops: tuple[Hop, ...]
