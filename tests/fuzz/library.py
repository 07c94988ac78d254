"""Random networks of all processes of the library as plain data (`Case`), and processes made of them.

A case is plain data, so that a failing one can be shrunk, printed, kept in a file and read back. How cases
are drawn is in `growing`, how they are run in `variants`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import numpy as np

from lava_hw import Loihi2SimCfg, Monitor
from lava_hw.graph.discover import find_models
from lava_hw.magma.core.model.sub.model import AbstractSubProcessModel
from lava_hw.proc.bit_check.process import BitCheck
from lava_hw.proc.io.dataloader import StateDataloader
from lava_hw.proc.io.reset import Reset
from lava_hw.proc.io.sink import Read, RingBuffer
from tests.fuzz.kinds import FIXED, FLOATING, KINDS, make
from tests.fuzz.user_written import Poke

End = tuple[int, str]
"""A node and the name of one of its ports or Vars."""
_T = TypeVar("_T")
_HELD = {
    "monitor": "data_0",
    "record": "data_0",
    "read": "data",
    "poke": "seen",
    "check": "_overflowed",
}
"""The Var in which an access keeps what it has seen."""


@dataclass(frozen=True)
class Node:
    """A process: its kind, the tag of its model, its arguments as plain data."""

    kind: str
    tag: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Link:
    """OutPorts, flat and one behind the other, into an InPort; the only one may be transposed before."""

    srcs: tuple[End, ...]
    dst: End
    transpose: bool = False


@dataclass(frozen=True)
class Access:
    """A process that looks at a Var or OutPort, or changes a Var.

    ``how`` is record (of an OutPort), monitor, read, check (of a Var), reset, load or poke (which write it).
    """

    how: str
    target: End
    interval: int = 1
    offset: int = 0


@dataclass(frozen=True)
class Change:
    """`Var.set` after run number `after`, counted from 0."""

    after: int
    target: End
    seed: int


@dataclass(frozen=True)
class Case:
    """A network and how it is run. ``tag`` is that of the run configuration."""

    tag: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    sinks: tuple[End, ...]
    accesses: tuple[Access, ...]
    changes: tuple[Change, ...]
    runs: tuple[int, ...]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Give plain data for a corpus file."""
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Case:
        """Read what `to_json` gave."""

        def end(pair: list[Any]) -> End:
            return int(pair[0]), str(pair[1])

        return Case(
            tag=data["tag"],
            nodes=tuple(Node(**n) for n in data["nodes"]),
            links=tuple(
                Link(tuple(map(end, k["srcs"])), end(k["dst"]), k["transpose"]) for k in data["links"]
            ),
            sinks=tuple(map(end, data["sinks"])),
            accesses=tuple(Access(**{**a, "target": end(a["target"])}) for a in data["accesses"]),
            changes=tuple(Change(**{**c, "target": end(c["target"])}) for c in data["changes"]),
            runs=tuple(data["runs"]),
            seed=data["seed"],
        )


def model_of(process: Any, tag: str) -> Any:
    """The model of the library with a tag."""
    return Loihi2SimCfg(select_tag=tag).select(process, find_models(type(process)))


def out_type(process: Any, port: str, tag: str) -> np.dtype[Any]:
    """Type of the messages of an OutPort; of networks, whose ports have none, that of the tag."""
    model = model_of(process, tag)
    if issubclass(model, AbstractSubProcessModel):
        return np.dtype(np.int32 if tag == FIXED else float)
    return np.dtype(model.lava_types(process)[port].d_type)


@dataclass
class Built:
    """The processes of a case.

    Attributes
    ----------
    nodes, sinks, accesses : dict
        The processes by their number in the case.
    models : dict
        The model of each process, for `exception_proc_model_map`; networks are left to the tag.
    """

    case: Case
    nodes: dict[int, Any] = field(default_factory=dict)
    sinks: dict[int, Any] = field(default_factory=dict)
    accesses: dict[int, Any] = field(default_factory=dict)
    models: dict[Any, Any] = field(default_factory=dict)

    @property
    def main(self) -> Any:
        """Any process of the network."""
        return self.nodes[0]

    def watched(self) -> dict[str, Any]:
        """Every Var, by a name that is the same for every build of the case."""
        found = {}
        for i, process in sorted(self.nodes.items()):
            kind = self.case.nodes[i].kind
            for var in process.vars:
                if var.name not in KINDS[kind].hidden:
                    found[f"{i} {kind}.{var.name}"] = var
        for i, sink in sorted(self.sinks.items()):
            found[f"sink of {self.case.sinks[i]}"] = sink.data
        for i, process in sorted(self.accesses.items()):
            access = self.case.accesses[i]
            name = {
                "monitor": "data_0",
                "record": "data_0",
                "read": "data",
                "poke": "seen",
                "check": "_overflowed",
            }.get(access.how)
            if name is not None:
                found[f"{access.how} {i} of {access.target}"] = getattr(process, name)
        return found


def build(case: Case, order: random.Random | None = None) -> Built:
    """Create and connect the processes of a case, in another order if a generator is given.

    Sources of one InPort are always connected in the order of the case: floats are added in it.
    """
    built = Built(case)
    steps = sum(case.runs)

    def create(what: str, i: int) -> None:
        if what == "node":
            process = built.nodes[i] = make(case.nodes[i].kind, case.nodes[i].args)
            tag = case.nodes[i].tag
        elif what == "sink":
            node, port = case.sinks[i]
            probe = make(case.nodes[node].kind, case.nodes[node].args)
            tag = FLOATING if out_type(probe, port, case.nodes[node].tag).kind == "f" else FIXED
            shape = getattr(probe, port).shape
            process = built.sinks[i] = RingBuffer(shape=shape, buffer=max(1, steps - i % 2))
        else:
            process, tag = _access(case.accesses[i], case, steps)
            built.accesses[i] = process
        model = model_of(process, tag)
        if not issubclass(model, AbstractSubProcessModel):
            built.models[process] = model

    creations = [("node", i) for i in range(len(case.nodes))]
    creations += [("sink", i) for i in range(len(case.sinks))]
    creations += [("access", i) for i in range(len(case.accesses))]
    links: list[Any] = [*case.links, *enumerate(case.sinks), *enumerate(case.accesses)]
    if order is not None:
        order.shuffle(creations)
        links = _shuffled(links, order)
    for what, i in creations:
        create(what, i)
    for link in links:
        if isinstance(link, Link):
            _connect(built, link)
        elif isinstance(link[1], Access):
            _attach(built, *link, steps)
        else:
            i, (node, port) = link
            getattr(built.nodes[node], port).connect(built.sinks[i].a_in)
    return built


def _shuffled(links: Sequence[_T], order: random.Random) -> list[_T]:
    """The links in another order, but those into one port in their own."""
    groups: dict[Any, list[_T]] = {}
    for k, link in enumerate(links):
        groups.setdefault(link.dst if isinstance(link, Link) else k, []).append(link)
    places = [key for key, group in groups.items() for _ in group]
    order.shuffle(places)
    return [groups[key].pop(0) for key in places]


def _connect(built: Built, link: Link) -> None:
    target = getattr(built.nodes[link.dst[0]], link.dst[1])
    ports = [getattr(built.nodes[node], port) for node, port in link.srcs]
    port = ports[0]
    if len(ports) > 1:
        port = port.flatten().concat_with([p.flatten() for p in ports[1:]], 0)
    elif link.transpose:
        port = port.transpose().flatten()
    if port.shape != target.shape:
        port = port.reshape(target.shape)
    port.connect(target)


def _access(access: Access, case: Case, steps: int) -> tuple[Any, str]:
    times = {"interval": access.interval, "offset": access.offset}
    tag = case.nodes[access.target[0]].tag
    if access.how == "read":
        return Read(buffer=max(1, steps // access.interval), **times), tag
    if access.how == "reset":
        return Reset(reset_value=access.offset - 2, **times), tag
    if access.how == "load":
        node, var = access.target
        shape = getattr(make(case.nodes[node].kind, case.nodes[node].args), var).shape
        samples = [(np.full(shape, 7 * k - 9), k) for k in range(access.interval)]
        return StateDataloader(dataset=samples, **times), tag
    if access.how == "check":
        return BitCheck(bits=4 + 3 * access.interval), tag
    if access.how == "poke":
        return Poke(**times), tag
    return Monitor(), tag


def _attach(built: Built, i: int, access: Access, steps: int) -> None:
    process = built.accesses[i]
    target = getattr(built.nodes[access.target[0]], access.target[1])
    if access.how in ("monitor", "record"):
        process.probe(target, max(1, steps - access.offset))
    else:
        process.connect_var(target)
