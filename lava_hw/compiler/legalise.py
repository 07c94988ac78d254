"""Legalise: turn links between ports into edges, with the helper populations that they need.

After this pass

- connections are driven by neurons or from outside, and no two edges drive the same source: where several
  messages meet in one source, or sums enter a connection, a *merge* population adds them first. A binary
  input needs it, because ``!= 0`` of a sum is not the sum of ``!= 0``; into one that takes values the merge
  sends the sums;
- every connection has a reader: neurons, an *output* population that sends the sums outside, or a *sink* that
  only clears them;
- neurons reach neurons by aligned blocks of 32 (`SameStepEdge`) or through *permute* connections of weight 1
  in slot 0, which have a synapse for each element that is linked;
- index maps of views of ports are folded into the order of sources, targets and messages; no view remains;
- no edge drives more sources of a connection than its flits can name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from lava_hw.compiler.check import MAX_SHARD, MAX_SOURCES
from lava_hw.compiler.errors import CompileError, NotOnChip
from lava_hw.compiler.types import (
    MERGE,
    OUTPUT,
    PERMUTE,
    SINK,
    Axon,
    Feed,
    HostInput,
    HostOutput,
    Legal,
    Lowered,
    PortLink,
    SameStepEdge,
    SourceOrder,
    StepDependency,
)
from lava_hw.ir import Connection, Ints, NeuronInput, NeuronOutput, Neurons, SparseConnection
from lava_hw.regs import BLOCK

# A merge sends a spike where the sum of its sources is not 0, or the sum itself into a connection that takes
# values; an output population sends sums as they are.
MERGE_BODY = ("cmp p0, r0 != #0", "emitm ch0 if p0")
OUTPUT_BODY = ("emitg ch0, r0",)

_Edge = TypeVar("_Edge", Axon, HostInput)


def legalise(lowered: Lowered, outputs: Iterable[str] = (), open_inputs: bool = False) -> Legal:
    """Give the network as neurons, connections and edges.

    Parameters
    ----------
    lowered : Lowered
        The network in integers.
    outputs : iterable of str
        Out ports (``process.port``) of processes of the chip to send outside, connected to it or not.
    open_inputs : bool
        Whether in ports that nothing is connected to become inputs.

    Raises
    ------
    CompileError
        If `outputs` names a port that is not there.
    NotOnChip
        If two elements of one port are linked to one element.
    """
    return _Legalise(lowered, tuple(outputs), open_inputs).run()


class _Legalise:
    def __init__(self, lowered: Lowered, outputs: tuple[str, ...], open_inputs: bool) -> None:
        self.lowered = lowered
        self.wanted = outputs
        self.open_inputs = open_inputs
        self.neurons = {n.name: n for n in lowered.neurons}
        self.connections = {s.name: s for s in lowered.connections}
        self.feeds: list[Feed] = []
        self.axons: list[Axon] = []
        self.same_step: list[SameStepEdge] = []
        self.inputs: list[HostInput] = []
        self.outputs: dict[str, HostOutput] = {}
        self.dependencies: list[StepDependency] = []

    def run(self) -> Legal:
        self._check_outputs()
        for conn in self.lowered.connections:
            self._drive(conn)
        for cell in self.lowered.neurons:
            for link in self._into(cell.name):
                self._connect(link, cell, link.dst_port, link.target)
        if self.open_inputs:
            for process, port in self.lowered.open_ports:
                self._open(process, port)
        self._send_outside()
        for conn in self.lowered.connections:
            if not any(feed.connection == conn.name for feed in self.feeds):
                name, port = f"{conn.process}.{conn.out_port}", conn.out_port
                self._add(Neurons(name, conn.process, conn.targets, (), (NeuronInput(port),), role=SINK))
                self.feeds.append(Feed(conn.name, name, port, np.arange(conn.targets)))
        chip = set(self.neurons) | set(self.connections)
        for link in self.lowered.links:
            if link.src not in chip and link.dst not in chip:
                self._dependency(link, link.src, link.dst)
        self.axons = [piece for axon in self.axons for piece in _named(axon, self._most(axon))]
        self.inputs = [piece for item in self.inputs for piece in _named(item, self._most(item))]
        orders = {name: self._source_order(conn) for name, conn in self.connections.items()}
        return Legal(
            self.lowered,
            self.neurons,
            self.connections,
            tuple(self.feeds),
            tuple(self.same_step),
            tuple(self.inputs),
            tuple(self.outputs.values()),
            orders,
            tuple(self.dependencies),
        )

    # --------------------------------------------------------------------- sources of binary inputs
    def _drive(self, conn: Connection) -> None:
        links = self._into(conn.name)
        if not links:
            return
        if self._must_merge(links, conn):
            name = f"{conn.process}.{conn.in_port}"
            port = conn.in_port
            helper = Neurons(
                name,
                conn.process,
                conn.sources,
                OUTPUT_BODY if conn.payload else MERGE_BODY,
                (NeuronInput(port),),
                (NeuronOutput(port, "graded" if conn.payload else "mask"),),
                role=MERGE,
            )
            self._add(helper)
            for link in links:
                self._connect(link, helper, port, link.target)
            self.axons.append(Axon(name, conn.name, np.arange(conn.sources)))
            return
        for link in links:
            if link.src in self.neurons:
                sender = self.neurons[link.src]
                channel = sender.output(link.src_port).channel
                self.axons.append(Axon(link.src, conn.name, _scatter(link, sender.size), channel))
            else:
                order = np.argsort(link.target, kind="stable")
                self.inputs.append(
                    HostInput(link.out, link.into, conn.name, link.source[order], link.target[order])
                )

    def _must_merge(self, links: Sequence[PortLink], conn: Connection) -> bool:
        targets = np.concatenate([link.target for link in links])
        return (
            any(link.src in self.connections for link in links)
            or len(np.unique(targets)) < len(targets)
            or any(link.src in self.neurons and _repeats(link.source) for link in links)
        )

    # ---------------------------------------------------------------------------- inputs of neurons
    def _connect(self, link: PortLink, cell: Neurons, port: str, index: Ints) -> None:
        """Add what arrives over `link` to an input of `cell`: element source[k] to neuron index[k]."""
        if link.src in self.connections:
            if _repeats(index):
                raise NotOnChip(
                    f"{link.out} -> {link.into}: two elements are linked to the same one; "
                    "link them from two processes",
                    link.dst,
                )
            order = np.full(cell.size, -1, np.int64)
            order[index] = link.source
            self.feeds.append(Feed(link.src, cell.name, port, order))
        elif link.src in self.neurons:
            self._dependency(link, link.src, cell.name)
            offset = _aligned(link.source, index, self.neurons[link.src].size)
            if offset is None:
                self._permute(link, cell, port, index)
            else:
                channel = self.neurons[link.src].output(link.src_port).channel
                self.same_step.append(SameStepEdge(link.src, cell.name, port, offset, link.into, channel))
        else:
            self._dependency(link, link.src, cell.name)
            self.inputs.append(HostInput(link.out, link.into, cell.name, link.source, index, port))

    def _permute(self, link: PortLink, cell: Neurons, port: str, index: Ints) -> None:
        sender = self.neurons[link.src]
        place, count = np.unique(index * sender.size + link.source, return_counts=True)
        target, source = np.divmod(place, sender.size)
        if count.max(initial=0) > 255:
            raise NotOnChip(
                f"{link.out} -> {link.into}: one element is linked more than 255 times to another",
                link.dst,
            )
        name = f"{link.out}>{link.into}"
        copies = sum(known.startswith(name) for known in self.connections)
        name += f"#{copies}" if copies else ""
        self.connections[name] = SparseConnection(
            name=name,
            process=link.dst,
            role=PERMUTE,
            size_in=sender.size,
            size_out=cell.size,
            source=source.astype(np.int32),
            target=target.astype(np.int32),
            stored=count.astype(np.uint8),
            slot=0,
            # Without it each source that sends anything counts once.
            payload=not sender.sends_ones(link.src_port),
        )
        channel = sender.output(link.src_port).channel
        self.axons.append(Axon(link.src, name, np.arange(sender.size), channel))
        self.feeds.append(Feed(name, cell.name, port, np.arange(cell.size)))

    def _open(self, process: str, port: str) -> None:
        key = f"{process}.{port}"
        every = np.arange(self.lowered.ports[key].size)
        of_neurons = port if process in self.neurons else ""
        self.inputs.append(HostInput(key, key, process, every, every, of_neurons))

    # ------------------------------------------------------------------------------- to the outside
    def _send_outside(self) -> None:
        chip = set(self.lowered.classes)
        ports = [link.out for link in self.lowered.links if link.src in chip and link.dst not in chip]
        for port in dict.fromkeys([*ports, *self.wanted]):
            process, _, own = port.rpartition(".")
            if process in self.connections:
                self._output_population(self.connections[process], port)
                self.outputs[port] = HostOutput(port, port, 0, "graded")
            else:
                sent = self.neurons[process].output(own)
                self.outputs[port] = HostOutput(port, process, sent.channel, sent.mode)
        for link in self.lowered.links:
            if link.src in chip and link.dst not in chip:
                self._dependency(link, self.outputs[link.out].neurons, link.dst)

    def _output_population(self, conn: Connection, port: str) -> None:
        every = np.arange(conn.targets)
        same = (f.neurons for f in self.feeds if f.connection == conn.name and np.array_equal(f.order, every))
        follow = next(same, "")
        sender = Neurons(
            port,
            conn.process,
            conn.targets,
            OUTPUT_BODY,
            (NeuronInput(conn.out_port),),
            (NeuronOutput(conn.out_port, "graded"),),
            role=OUTPUT,
        )
        self._add(replace(sender, follow=follow))
        self.feeds.append(Feed(conn.name, port, conn.out_port, every))

    def _check_outputs(self) -> None:
        known = [f"{n.process}.{output.port}" for n in self.lowered.neurons for output in n.outputs]
        known += [f"{s.process}.{s.out_port}" for s in self.lowered.connections]
        for port in self.wanted:
            if port not in known:
                raise CompileError(
                    f"outputs: {port} is no out port of a process on the chip; "
                    f"there are {', '.join(known) or 'none'}"
                )

    # --------------------------------------------------------------------------------- small things
    def _source_order(self, conn: Connection) -> SourceOrder:
        edges: list[Axon | HostInput] = [axon for axon in self.axons if axon.connection == conn.name]
        edges += [item for item in self.inputs if item.target == conn.name]
        driven = [edge.sources for edge in edges]
        starts = np.cumsum([0, *(len(sources) for sources in driven)])[:-1]
        first = np.concatenate([np.zeros(0, np.int64), *driven])
        rest = np.setdiff1d(np.arange(conn.sources), first)
        return SourceOrder(np.concatenate([first, rest]), tuple(edges), tuple(int(n) for n in starts))

    def _most(self, edge: Axon | HostInput) -> int | None:
        """How many sources the flits of an edge can name; None where it drives none."""
        if isinstance(edge, Axon):
            modes = {each.channel: each.mode for each in self.neurons[edge.neurons].outputs}
            graded = modes[edge.channel] == "graded"
        elif edge.target in self.connections:
            graded = self.connections[edge.target].payload
        else:
            return None
        return MAX_SHARD if graded else MAX_SOURCES

    def _into(self, process: str) -> list[PortLink]:
        return [link for link in self.lowered.links if link.dst == process]

    def _add(self, helper: Neurons) -> None:
        self.neurons[helper.name] = helper

    def _dependency(self, link: PortLink, src: str, dst: str) -> None:
        self.dependencies.append(StepDependency(src, link.src_port, dst, link.dst_port, link.out, link.into))


def _named(edge: _Edge, most: int | None) -> Iterator[_Edge]:
    """Cut an edge so that flits can name its sources."""
    if most is None or len(edge.sources) <= most:
        yield edge
        return
    for start in range(0, len(edge.sources), most):
        yield edge.cut(start, start + most)


def _scatter(link: PortLink, size: int) -> Ints:
    sources = np.full(size, -1, np.int64)
    sources[link.source] = link.target
    return sources


def _repeats(index: Ints) -> bool:
    return len(np.unique(index)) < len(index)


def _aligned(source: Ints, index: Ints, size: int) -> int | None:
    """Give the offset of a map of all `size` elements, in order, by whole blocks; None for any other map."""
    offset = int(index[0] - source[0]) if len(index) else 0
    whole = np.array_equal(np.sort(source), np.arange(size)) and np.all(index - source == offset)
    return offset if whole and offset % BLOCK == 0 else None
