"""Merge: turn links between ports into edges, with the helper populations that they need.

After this pass

- synapses are driven by neurons or from outside, and no two edges drive the same column: where several
  sources meet in a binary input, or sums enter one, a *merge* population adds them first, because ``!= 0``
  of a sum is not the sum of ``!= 0``;
- every Dense has a reader: neurons, a *relay* that sends the sums outside, or a *drain* that only clears
  them;
- neurons reach neurons by aligned blocks of 32 (`Direct`) or through *permute* synapses of weight 1 in
  slot 0;
- index maps of views of ports are folded into the order of rows, columns and messages; no view remains.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from lava_hw.compiler.errors import CompileError, NotOnChip
from lava_hw.compiler.types import (
    DRAIN,
    MERGE,
    PERMUTE,
    RELAY,
    Axon,
    Direct,
    Feed,
    Hop,
    Input,
    Ints,
    Merged,
    Neurons,
    Output,
    Quantised,
    Rows,
    Synapses,
    Wire,
)
from lava_hw.regs import BLOCK

# A merge sends a spike where the sum of its sources is not 0; a relay sends its sums as they are.
MERGE_BODY = ("cmp p0, r0 != #0", "emitm ch0 if p0")
RELAY_BODY = ("emitg ch0, r0",)


def merge(quantised: Quantised, outputs: Iterable[str] = (), open_inputs: bool = False) -> Merged:
    """Give the network as neurons, synapses and edges.

    Parameters
    ----------
    quantised : Quantised
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
    return _Merge(quantised, tuple(outputs), open_inputs).run()


class _Merge:
    def __init__(self, quantised: Quantised, outputs: tuple[str, ...], open_inputs: bool) -> None:
        self.q = quantised
        self.wanted = outputs
        self.open_inputs = open_inputs
        self.neurons = {n.name: n for n in quantised.neurons}
        self.synapses = {s.name: s for s in quantised.synapses}
        self.feeds: list[Feed] = []
        self.axons: list[Axon] = []
        self.directs: list[Direct] = []
        self.inputs: list[Input] = []
        self.outputs: dict[str, Output] = {}
        self.hops: list[Hop] = []

    def run(self) -> Merged:
        self._check_outputs()
        for syn in self.q.synapses:
            self._drive(syn)
        for cell in self.q.neurons:
            for wire in self._into(cell.name):
                self._connect(wire, cell, wire.target)
        if self.open_inputs:
            for process, port in self.q.open_ports:
                self._open(process, port)
        self._send_outside()
        for syn in self.q.synapses:
            if not any(feed.synapses == syn.name for feed in self.feeds):
                name = f"{syn.process}.{syn.out_port}"
                self._add(Neurons(name, syn.process, DRAIN, syn.targets, (), out_port=syn.out_port))
                self.feeds.append(Feed(syn.name, name, np.arange(syn.targets)))
        chip = set(self.neurons) | set(self.synapses)
        for wire in self.q.wires:
            if wire.src not in chip and wire.dst not in chip:
                self._hop(wire, wire.src, wire.dst)
        rows = {name: self._rows(syn) for name, syn in self.synapses.items()}
        return Merged(
            self.q,
            self.neurons,
            self.synapses,
            tuple(self.feeds),
            tuple(self.directs),
            tuple(self.inputs),
            tuple(self.outputs.values()),
            rows,
            tuple(self.hops),
        )

    # --------------------------------------------------------------------- sources of binary inputs
    def _drive(self, syn: Synapses) -> None:
        wires = self._into(syn.name)
        if not wires:
            return
        if self._must_merge(wires, syn):
            name = f"{syn.process}.{syn.in_port}"
            helper = Neurons(
                name, syn.process, MERGE, syn.sources, MERGE_BODY, emits="mask", in_port=syn.in_port
            )
            self._add(helper)
            for wire in wires:
                self._connect(wire, helper, wire.target)
            self.axons.append(Axon(name, syn.name, np.arange(syn.sources)))
            return
        for wire in wires:
            if wire.src in self.neurons:
                self.axons.append(Axon(wire.src, syn.name, _scatter(wire, self.neurons[wire.src].size)))
            else:
                order = np.argsort(wire.target, kind="stable")
                self.inputs.append(
                    Input(wire.out, wire.into, syn.name, wire.source[order], wire.target[order])
                )

    def _must_merge(self, wires: Sequence[Wire], syn: Synapses) -> bool:
        targets = np.concatenate([wire.target for wire in wires])
        return (
            any(wire.src in self.synapses for wire in wires)
            or len(np.unique(targets)) < len(targets)
            or any(wire.src in self.neurons and _repeats(wire.source) for wire in wires)
        )

    # ---------------------------------------------------------------------------- inputs of neurons
    def _connect(self, wire: Wire, cell: Neurons, index: Ints) -> None:
        """Add what arrives over `wire` to the input of `cell`: element source[k] to neuron index[k]."""
        if wire.src in self.synapses:
            if _repeats(index):
                raise NotOnChip(
                    f"{wire.out} -> {wire.into}: two elements are linked to the same one; "
                    "link them from two processes",
                    wire.dst,
                )
            order = np.full(cell.size, -1, np.int64)
            order[index] = wire.source
            self.feeds.append(Feed(wire.src, cell.name, order))
        elif wire.src in self.neurons:
            self._hop(wire, wire.src, cell.name)
            offset = _aligned(wire.source, index, self.neurons[wire.src].size)
            if offset is None:
                self._permute(wire, cell, index)
            else:
                self.directs.append(Direct(wire.src, cell.name, offset, wire.into))
        else:
            self._hop(wire, wire.src, cell.name)
            self.inputs.append(Input(wire.out, wire.into, cell.name, wire.source, index))

    def _permute(self, wire: Wire, cell: Neurons, index: Ints) -> None:
        count = np.zeros((cell.size, self.neurons[wire.src].size), np.int64)
        np.add.at(count, (index, wire.source), 1)
        if count.max(initial=0) > 255:
            raise NotOnChip(
                f"{wire.out} -> {wire.into}: one element is linked more than 255 times to another",
                wire.dst,
            )
        name = f"{wire.out}>{wire.into}"
        copies = sum(known.startswith(name) for known in self.synapses)
        name += f"#{copies}" if copies else ""
        self.synapses[name] = Synapses(
            name, wire.dst, PERMUTE, count.astype(np.uint8), signed=False, negate=False, shift=0, slot=0
        )
        self.axons.append(Axon(wire.src, name, np.arange(count.shape[1])))
        self.feeds.append(Feed(name, cell.name, np.arange(cell.size)))

    def _open(self, process: str, port: str) -> None:
        key = f"{process}.{port}"
        every = np.arange(self.q.ports[key].size)
        self.inputs.append(Input(key, key, process, every, every))

    # ------------------------------------------------------------------------------- to the outside
    def _send_outside(self) -> None:
        chip = set(self.q.classes)
        ports = [wire.out for wire in self.q.wires if wire.src in chip and wire.dst not in chip]
        for port in dict.fromkeys([*ports, *self.wanted]):
            process = port.rpartition(".")[0]
            if process in self.synapses:
                self._relay(self.synapses[process], port)
            self.outputs[port] = Output(port, port if process in self.synapses else process)
        for wire in self.q.wires:
            if wire.src in chip and wire.dst not in chip:
                self._hop(wire, self.outputs[wire.out].neurons, wire.dst)

    def _relay(self, syn: Synapses, port: str) -> None:
        every = np.arange(syn.targets)
        same = (f.neurons for f in self.feeds if f.synapses == syn.name and np.array_equal(f.order, every))
        follow = next(same, "")
        relay = Neurons(
            port, syn.process, RELAY, syn.targets, RELAY_BODY, emits="graded", out_port=syn.out_port
        )
        self._add(replace(relay, follow=follow))
        self.feeds.append(Feed(syn.name, port, every))

    def _check_outputs(self) -> None:
        known = [f"{n.process}.{n.out_port}" for n in self.q.neurons if n.out_port]
        known += [f"{s.process}.{s.out_port}" for s in self.q.synapses]
        for port in self.wanted:
            if port not in known:
                raise CompileError(
                    f"outputs: {port} is no out port of a process on the chip; "
                    f"there are {', '.join(known) or 'none'}"
                )

    # --------------------------------------------------------------------------------- small things
    def _rows(self, syn: Synapses) -> Rows:
        """Order the rows so that each edge has its own in one piece; columns that nothing drives come
        last.
        """
        edges: list[Axon | Input] = [axon for axon in self.axons if axon.synapses == syn.name]
        edges += [item for item in self.inputs if item.target == syn.name]
        parts = [edge.columns if isinstance(edge, Axon) else edge.index for edge in edges]
        starts = np.cumsum([0, *(len(part) for part in parts)])[:-1]
        driven = np.concatenate([np.zeros(0, np.int64), *parts])
        rest = np.setdiff1d(np.arange(syn.sources), driven)
        return Rows(np.concatenate([driven, rest]), tuple(edges), tuple(int(n) for n in starts))

    def _into(self, process: str) -> list[Wire]:
        return [wire for wire in self.q.wires if wire.dst == process]

    def _add(self, helper: Neurons) -> None:
        self.neurons[helper.name] = helper

    def _hop(self, wire: Wire, src: str, dst: str) -> None:
        self.hops.append(Hop(src, wire.src_port, dst, wire.dst_port, wire.out, wire.into))


def _scatter(wire: Wire, size: int) -> Ints:
    columns = np.full(size, -1, np.int64)
    columns[wire.source] = wire.target
    return columns


def _repeats(index: Ints) -> bool:
    return len(np.unique(index)) < len(index)


def _aligned(source: Ints, index: Ints, size: int) -> int | None:
    """Give the offset of a map of all `size` elements, in order, by whole blocks; None for any other map."""
    offset = int(index[0] - source[0]) if len(index) else 0
    whole = np.array_equal(np.sort(source), np.arange(size)) and np.all(index - source == offset)
    return offset if whole and offset % BLOCK == 0 else None
