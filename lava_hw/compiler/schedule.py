"""Stage: put every population into a stage of the step.

What neurons send in stage s arrives before stage s + 1; so what reads it in the same step (a link of
latency 0, also through processes outside) is in a later stage. The stage of neurons is the longest path of
such links that ends at them. Connection processes (Dense) start paths anew, because they hand over in the
next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lava_hw.compiler.errors import CompileError, DoesNotFit, ZeroLatencyLoop
from lava_hw.compiler.placed_types import Placed, Scheduled
from lava_hw.compiler.types import Legal, StepDependency
from lava_hw.regs import MAX_STAGES

# A node is (name of neurons, "") or (process outside, out port): what the one emits, what the other sends.
Node = tuple[str, str]

_BREAK = (
    "In each step, everything in it would wait for the others; "
    "put a connection process (a Dense) into the loop."
)
_SAY = (
    "Whether this is a deadlock depends on which of {names} sends before it receives. "
    "Say it in their models: class attribute sends_first = True or False."
)


@dataclass(frozen=True)
class _Edge:
    src: Node
    dst: Node
    dependencies: tuple[StepDependency, ...]
    unknown: str


def schedule(placed: Placed) -> Scheduled:
    """Give the stage of all neurons, and which stages exchange what with the outside.

    Raises
    ------
    ZeroLatencyLoop
        If links of latency 0 form a loop.
    DoesNotFit
        If the network needs more stages than the chip has.
    """
    legal = placed.legal
    levels = _levels(_edges(legal))
    stages = {name: levels.get((name, ""), 0) for name in legal.neurons}
    deepest = max(stages, key=lambda name: stages[name])
    count = stages[deepest] + 1
    if count > MAX_STAGES:
        raise DoesNotFit(
            deepest,
            "stages of latency 0",
            count,
            MAX_STAGES,
            "a step",
            "Put a connection process (a Dense) into the chain.",
        )
    closed = {0} if legal.inputs else set()
    closed |= {stages[item.target] for item in legal.inputs if item.target in stages}
    ended = {stages[output.neurons] for output in legal.outputs}
    ended |= {count - 1} if ended else set()
    return Scheduled(placed, stages, count, tuple(sorted(closed)), tuple(sorted(ended)))


def _edges(legal: Legal) -> list[_Edge]:
    outside = {process.name: process for process in legal.lowered.outside}
    into: dict[str, list[StepDependency]] = {}
    sends: dict[str, list[str]] = {}
    for dependency in legal.dependencies:
        if dependency.dst in outside:
            into.setdefault(dependency.dst, []).append(dependency)
        if dependency.src in outside and dependency.src_port not in sends.setdefault(dependency.src, []):
            sends[dependency.src].append(dependency.src_port)
    edges = []
    for dependency in legal.dependencies:
        if dependency.src not in outside and dependency.dst not in outside:
            edges.append(_Edge((dependency.src, ""), (dependency.dst, ""), (dependency,), ""))
        elif dependency.dst not in outside:
            start = (dependency.src, dependency.src_port)
            edges.append(_Edge(start, (dependency.dst, ""), (dependency,), ""))
        else:
            start = (dependency.src, dependency.src_port if dependency.src in outside else "")
            for port in sends.get(dependency.dst, []):
                depends = outside[dependency.dst].depends.get((dependency.dst_port, port))
                if depends is not False:
                    unknown = dependency.dst if depends is None else ""
                    edges.append(_Edge(start, (dependency.dst, port), (dependency,), unknown))
    return edges


def _levels(edges: list[_Edge]) -> dict[Node, int]:
    """Longest paths. Of a loop with one process of unknown order, that process sends first: otherwise it
    would be a deadlock.
    """
    while True:
        loop = _loop(edges)
        if loop is None:
            return _longest(edges)
        ring = set(_component(edges, loop[0].src))
        within = [edge for edge in edges if edge.src in ring and edge.dst in ring]
        if all(port for _, port in ring):
            edges = _joined(edges, ring)
            continue
        certain = _loop([edge for edge in within if not edge.unknown])
        if certain is not None:
            raise ZeroLatencyLoop(_named(certain), _BREAK)
        names = sorted({edge.unknown for edge in within if edge.unknown})
        if len(names) > 1:
            raise ZeroLatencyLoop(_named(loop), _SAY.format(names=" and ".join(names)))
        edges = [edge for edge in edges if not (edge.unknown and edge in within)]


def _joined(edges: list[_Edge], ring: set[Node]) -> list[_Edge]:
    """A loop outside the chip is the runtime's business; whatever enters it may reach all of it."""
    entering = [edge for edge in edges if edge.dst in ring and edge.src not in ring]
    rest = [edge for edge in edges if edge.dst not in ring]
    return rest + [replace(edge, dst=node) for edge in entering for node in sorted(ring)]


def _named(loop: Sequence[_Edge]) -> list[tuple[str, str]]:
    return [(dependency.out, dependency.into) for edge in loop for dependency in edge.dependencies]


def _after(edges: Iterable[_Edge]) -> dict[Node, list[_Edge]]:
    after: dict[Node, list[_Edge]] = {}
    for edge in edges:
        after.setdefault(edge.src, []).append(edge)
        after.setdefault(edge.dst, [])
    return after


def _loop(edges: list[_Edge]) -> list[_Edge] | None:
    """Give the edges of some loop, or None."""
    after = _after(edges)
    done: set[Node] = set()
    for root in after:
        path: list[_Edge] = []
        on_path = {root: 0}
        todo = [iter(after[root])] if root not in done else []
        while todo:
            edge = next(todo[-1], None)
            if edge is None:
                todo.pop()
                node = path.pop().dst if path else root
                on_path.pop(node, None)
                done.add(node)
            elif edge.dst in on_path:
                return [*path[on_path[edge.dst] :], edge]
            elif edge.dst not in done:
                path.append(edge)
                on_path[edge.dst] = len(path)
                todo.append(iter(after[edge.dst]))
    return None


def _component(edges: list[_Edge], node: Node) -> set[Node]:
    """Nodes that lie on a loop with `node`."""

    def reach(pairs: list[tuple[Node, Node]]) -> set[Node]:
        found, todo = {node}, [node]
        while todo:
            here = todo.pop()
            for a, b in pairs:
                if a == here and b not in found:
                    found.add(b)
                    todo.append(b)
        return found

    return reach([(e.src, e.dst) for e in edges]) & reach([(e.dst, e.src) for e in edges])


def _longest(edges: list[_Edge]) -> dict[Node, int]:
    after = _after(edges)
    waiting = dict.fromkeys(after, 0)
    for edge in edges:
        waiting[edge.dst] += 1
    levels = dict.fromkeys(after, 0)
    ready = [node for node, count in waiting.items() if not count]
    while ready:
        node = ready.pop()
        for edge in after[node]:
            # What neurons emit arrives in the next stage; what a process outside sends arrives before the
            # stage it is for.
            levels[edge.dst] = max(levels[edge.dst], levels[node] + (0 if node[1] else 1))
            waiting[edge.dst] -= 1
            if not waiting[edge.dst]:
                ready.append(edge.dst)
    if any(waiting.values()):
        raise CompileError("internal: a loop of latency 0 was left")
    return levels
