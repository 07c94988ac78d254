"""The hypothesis strategy of `Case`: networks grow process by process, each connected to what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st

from tests.fuzz.kinds import FIXED, FLOATING, KINDS, Shape, make
from tests.fuzz.library import Access, Case, Change, End, Link, Node, out_type

_T = TypeVar("_T")
_ACCESSES = ("record", "monitor", "read", "reset", "load", "poke", "check")
_MAIN = ("a_in", "s_in", "a_in1", "a_real_in", "u_in", "inference_in", "input_aval_in", "trigger_in")
# What must not be fed with just anything: a number of no neuron is refused.
_CLOSED = {("PrototypeLIF", "reset_in"), ("PrototypeLIF", "a_third_factor_in")}
_SPIKING = ("LIF", "LIFReset", "LIFRefractory", "LearningLIF", "LIFSubtract", "IF", "ATRLIF", "Spiker")
_ANY_INPUT = ("DeltaEncoder",)
_ANYWHERE = ("NoveltyDetector", "Allocator", "Conv", "Readout")
# Networks whose parts have tags, and so that of the run configuration.
_NETWORKS = ("Layer", "SigmaS4dDeltaLayer", "Encoded")
_SINGLE = ("NoveltyDetector", "Allocator")
_MOST = 12


@dataclass(frozen=True)
class Out:
    """An OutPort: where, and what it sends."""

    end: End
    shape: Shape
    whole: bool
    spikes: bool

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape))


class Growing:
    """A network while it grows."""

    def __init__(self, draw: st.DrawFn, tag: str, mixed: bool, free: bool) -> None:
        self.draw, self.tag, self.mixed, self.free = draw, tag, mixed, free
        self.nodes: list[Node] = []
        self.processes: list[Any] = []
        self.links: list[Link] = []
        self.outs: list[Out] = []
        self._pairs: set[tuple[End, End]] = set()

    def choose(self, of: Sequence[_T]) -> _T:
        """One of them."""
        return self.draw(st.sampled_from(list(of)))

    def chance(self, times: int) -> bool:
        """True once in so many times."""
        return self.draw(st.integers(0, times - 1)) == times - 1

    def kinds(self, source: bool) -> list[str]:
        """Kinds that the network may have: all, or those that may run ahead of others."""
        return [
            name
            for name, kind in KINDS.items()
            if (kind.group == "source") == source and not (self.free and kind.lockstep)
        ]

    def add(self, kind: str, tag: str, shape: Shape, n_out: int) -> int:
        """A process, not connected."""
        rng = np.random.default_rng(self.draw(st.integers(0, 2**20)))
        args = KINDS[kind].draw(rng, shape, tag == FIXED, n_out)
        process = make(kind, args)
        index = len(self.nodes)
        self.nodes.append(Node(kind, tag, args))
        self.processes.append(process)
        for port in process.out_ports:
            whole = out_type(process, port.name, tag).kind in "biu"
            spikes = kind in _SPIKING and port.name == "s_out"
            self.outs.append(Out((index, port.name), port.shape, whole, spikes))
        return index

    def fits(self, out: Out, node: int) -> bool:
        """Whether a process may get what an OutPort sends."""
        kind, tag = self.nodes[node].kind, self.nodes[node].tag
        if KINDS[kind].picky and tag == FIXED:
            return out.spikes
        return tag == FLOATING or out.whole or kind in _ANY_INPUT

    def link(self, srcs: Sequence[Out], node: int, port: str) -> None:
        """Connect, unless they are connected already."""
        dst = (node, port)
        if any((out.end, dst) in self._pairs for out in srcs):
            return
        self._pairs.update((out.end, dst) for out in srcs)
        turn = len(srcs) == 1 and len(srcs[0].shape) > 1 and self.chance(3)
        self.links.append(Link(tuple(out.end for out in srcs), dst, turn))

    def tag_for(self, kinds_tags: Sequence[str], network: bool) -> str | None:
        """A tag that a process can have in this network."""
        possible = [t for t in kinds_tags if t == self.tag or (self.mixed and not network)]
        return self.choose(possible) if possible else None

    def source(self, shape: Shape, whole: bool) -> Out:
        """A new source."""
        kind = self.choose(self.kinds(source=True))
        tag = self.tag_for(KINDS[kind].tags, False)
        if tag is None or (whole and tag == FLOATING):
            kind, tag = "Source", FIXED if whole and self.mixed else self.tag
        index = self.add(kind, tag, shape, 0)
        return next(out for out in self.outs if out.end == (index, "s_out"))

    def grow(self, wanted: str | None = None) -> None:
        """A process more, fed by one that is there."""
        srcs = [self.choose(self.outs)]
        size = srcs[0].size
        if self.chance(5):
            other = self.choose(self.outs)
            if other != srcs[0] and size + other.size <= _MOST and other.whole == srcs[0].whole:
                srcs.append(other)
                size += other.size
        kind = wanted or self.choose(self.kinds(source=False))
        network = kind in _NETWORKS
        tags = [t for t in KINDS[kind].tags if t == FLOATING or srcs[0].whole or kind in _ANY_INPUT]
        tag = self.tag_for(tags, network)
        picky = KINDS[kind].picky and tag == FIXED and not all(out.spikes for out in srcs)
        if tag is None or picky or (kind in _SINGLE and size != 1):
            kind, tag = self.choose(["LIF", "Dense", "Sigma"]), self.tag
            if tag == FIXED and not srcs[0].whole:
                return
        if self.nodes and len(srcs) == 1 and size > 1 and kind not in _ANYWHERE:
            shapes = [srcs[0].shape, (size,), *((k, size // k) for k in (2, 3) if size % k == 0)]
        else:
            shapes = [(size,)]
        shape = self.choose(shapes)
        if kind == "Conv":
            shape = self.choose([(1, size, 1), (size, 1, 1), (1, 1, size), *_boxes(size)])
        elif KINDS[kind].group == "connection" and kind not in ("DeltaEncoder", "Encoded"):
            shape = (size,)
        index = self.add(kind, tag, shape, self.draw(st.integers(1, 6)))
        ports = {port.name: port for port in self.processes[index].in_ports}
        main = next(name for name in _MAIN if name in ports)
        self.link(srcs, index, main)
        for name, port in sorted(ports.items()):
            if (kind, name) not in _CLOSED and not self.chance(2):
                self.feed(index, name, port.shape, name != main)

    def feed(self, node: int, port: str, shape: Shape, may_be_new: bool) -> None:
        """One more source of an InPort, one that comes before it."""
        size = int(np.prod(shape))
        there = [o for o in self.outs if o.size == size and o.end[0] < node and self.fits(o, node)]
        if there:
            self.link([self.choose(there)], node, port)
        elif may_be_new:
            self.link([self.source(shape, self.nodes[node].tag == FIXED)], node, port)

    def loop(self) -> None:
        """A way back, through a connection."""
        out = self.choose(self.outs)
        ends = [
            (node, port)
            for node, process in enumerate(self.processes)
            for port in process.in_ports
            if (self.nodes[node].kind, port.name) not in _CLOSED
        ]
        if not ends:
            return
        node, port = self.choose(ends)
        tag = self.nodes[node].tag
        if (tag == FIXED and not out.whole) or KINDS[self.nodes[node].kind].picky:
            return
        kind = self.choose(["Dense", "DelayDense", "Sparse", *([] if self.free else ["LearningDense"])])
        index = self.add(kind, tag, (out.size,), int(np.prod(port.shape)))
        self.link([out], index, "s_in")
        back = next(o for o in self.outs if o.end[0] == index)
        if self.fits(back, node):
            self.link([back], node, port.name)

    def late(self) -> None:
        """Anything into a connection, which sends before it receives."""
        ends = [
            (node, port)
            for node, process in enumerate(self.processes)
            if KINDS[self.nodes[node].kind].group == "connection"
            for port in process.in_ports
        ]
        if ends:
            node, port = self.choose(ends)
            size = int(np.prod(port.shape))
            there = [o for o in self.outs if o.size == size and self.fits(o, node)]
            if there:
                self.link([self.choose(there)], node, port.name)


def _boxes(size: int) -> list[Shape]:
    return [(a, b, size // (a * b)) for a in (2, 3) for b in (2, 3) if size % (a * b) == 0]


def _accesses(net: Growing) -> list[Access]:
    """Who looks at Vars and changes them: of one Var only one if that one writes."""
    ends = [(i, var) for i, node in enumerate(net.nodes) for var in KINDS[node.kind].settable]
    readers: set[End] = set()
    writers: set[End] = set()
    found = []
    for _ in range(net.draw(st.integers(0, 3))):
        how = "record" if net.free else net.choose(_ACCESSES)
        if how == "record":
            target = net.choose(net.outs).end
        elif ends:
            target = net.choose(ends)
        else:
            continue
        node = net.nodes[target[0]]
        if how in ("poke", "check") and (node.tag != FIXED or target[1] == "vth"):
            continue
        if how != "record" and (target[1] == "s4_state" or target in writers):
            continue
        if how in ("reset", "load", "poke"):
            if target in readers:
                continue
            writers.add(target)
        readers.add(target)
        interval = net.draw(st.integers(1, 4))
        found.append(Access(how, target, interval, net.draw(st.integers(0, interval - 1))))
    return found


_SHAPES = [(1,), (2,), (3,), (5,), (8,), (2, 3), (2, 2, 2)]


@st.composite
def cases(draw: st.DrawFn, wanted: tuple[str, str] | None = None) -> Case:
    """Draw a network of 2 to some 15 processes, fixed point, floating point or both, and its runs.

    With ``wanted``, a kind and a tag, its first or second process is such a one.
    """
    arithmetic = draw(st.sampled_from(["fixed", "floating", "mixed"]))
    if wanted is not None:
        arithmetic = "fixed" if wanted[1] == FIXED else "floating"
    tag = FIXED if arithmetic == "fixed" else FLOATING
    free = wanted is None and draw(st.integers(0, 2)) == 2
    net = Growing(draw, tag, arithmetic == "mixed", free)
    if wanted is None:
        net.source(draw(st.sampled_from(_SHAPES)), arithmetic == "fixed")
    elif KINDS[wanted[0]].group == "source":
        net.add(*wanted, draw(st.sampled_from(_SHAPES)), 0)
    else:
        shape = (1,) if wanted[0] in _SINGLE else draw(st.sampled_from(_SHAPES))
        net.add("Spiker" if KINDS[wanted[0]].picky and wanted[1] == FIXED else "Source", net.tag, shape, 0)
        net.grow(wanted[0])
    for _ in range(draw(st.integers(1, 7 if wanted is None else 2))):
        net.grow()
    for _ in range(draw(st.integers(0, 2))):
        net.loop()
    for _ in range(draw(st.integers(0, 3))):
        net.late()
    sinks = [out.end for out in net.outs if net.chance(2)]
    runs = tuple(draw(st.lists(st.integers(1, 7), min_size=1, max_size=4)))
    if free and net.chance(2):
        runs = (*runs, 70)  # more than a channel holds messages
    ends = [(i, var) for i, node in enumerate(net.nodes) for var in KINDS[node.kind].settable]
    changes = []
    for after in range(len(runs) - 1):
        for _ in range(draw(st.integers(0, 2)) if ends else 0):
            changes.append(Change(after, net.choose(ends), draw(st.integers(0, 2**16))))
    return Case(
        tag=net.tag,
        nodes=tuple(net.nodes),
        links=tuple(net.links),
        sinks=tuple(sinks),
        accesses=tuple(_accesses(net)),
        changes=tuple(changes),
        runs=runs,
        seed=draw(st.integers(0, 2**16)),
    )
