"""Divide: cut the sources of a connection into parts that are summed on several cores.

A core has a source row for each source, so one with few lines of synapses cannot hold a connection with many
sources, however few its targets are. The first part stays with those who read the connection. For each other
part there is a connection of its own, and a *partial* population that reads its sums and sends them, as
values and in the same step, to the accumulators of the first part. So the whole sum stands in one accumulator
before anybody reads it, as without a division: where it wraps, and what is shifted out of it, is the same.
Who reads it is a stage later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from lava_hw.chip import Chip
from lava_hw.compiler.connections import TablePlan, kind_of
from lava_hw.compiler.errors import PlacementError
from lava_hw.compiler.legalise import OUTPUT_BODY
from lava_hw.compiler.types import (
    PARTIAL,
    SINK,
    Axon,
    Feed,
    HostInput,
    Legal,
    SameStepEdge,
    SourceOrder,
    StepDependency,
)
from lava_hw.ir import PROCESS, Connection, NeuronInput, NeuronOutput, Neurons
from lava_hw.regs import BLOCK

__all__ = ["divide", "parts_that_fit"]

Parts = Mapping[str, int]


def divide(legal: Legal, parts: Parts) -> Legal:
    """Give the network with the sources of some connections in parts.

    Parameters
    ----------
    legal : Legal
        The network; nothing of it is divided yet.
    parts : mapping of str to int
        Number of parts by the name of a connection; a connection that is not named stays whole.

    Raises
    ------
    PlacementError
        If there is no such connection, or it has fewer blocks of sources than parts.
    """
    for name, count in parts.items():
        _check(legal, name, count)
    wanted = {name: count for name, count in parts.items() if count > 1}
    return _Divide(legal, wanted).run() if wanted else legal


def parts_that_fit(legal: Legal, chip: Chip, lines: int, least: Parts) -> dict[str, int]:
    """Give how many parts each connection needs, so that 32 neurons that read them find room on a core.

    Parameters
    ----------
    legal : Legal
        The network; nothing of it is divided yet.
    lines : int
        Lines of the synapse memory that one core may give to what 32 neurons read.
    least : mapping of str to int
        Parts that were asked for.

    Returns
    -------
    dict
        Where even a part for each 32 sources is too large, as many as there are.
    """
    parts = {name: least.get(name, 1) for name in legal.connections}
    needs: dict[tuple[str, int, bytes], int] = {}

    def need(feed: Feed) -> int:
        order = np.ascontiguousarray(feed.order[:BLOCK])
        key = feed.connection, parts[feed.connection], order.tobytes()
        if key not in needs:
            connection, sources = legal.connections[feed.connection], legal.orders[feed.connection]
            groups = -(-len(order) // chip.lanes)
            needs[key] = max(
                kind_of(connection).lines(TablePlan(connection, piece, order, groups, chip.lanes))
                for piece in _pieces(connection, sources, parts[feed.connection])
            )
        return needs[key]

    most = {name: _most_parts(legal, name) for name in legal.connections}
    for feeds in legal.feeds_of.values():
        tables = {(feed.connection, feed.order[:BLOCK].tobytes()): feed for feed in feeds}
        while sum(need(feed) for feed in tables.values()) > lines:
            growing = [feed for feed in tables.values() if parts[feed.connection] < most[feed.connection]]
            if not growing:
                break
            largest = max(growing, key=need)
            name, count = largest.connection, parts[largest.connection]
            # Half the way to what this table alone needs, if lines go with sources: never too far.
            alone = -(-count * need(largest) // lines)
            parts[name] = min(count + max(1, (alone - count) // 2), most[name])
    return {name: count for name, count in parts.items() if count > 1}


class _Divide:
    def __init__(self, legal: Legal, parts: Parts) -> None:
        self.legal = legal
        self.parts = parts
        self.neurons = dict(legal.neurons)
        self.connections = dict(legal.connections)
        self.orders = dict(legal.orders)
        self.feeds = list(legal.feeds)
        self.same_step = list(legal.same_step)
        self.dependencies = list(legal.dependencies)
        self.inputs = list(legal.inputs)
        self.names: dict[str, tuple[str, ...]] = {}

    def run(self) -> Legal:
        for name, count in self.parts.items():
            connection = self.legal.connections[name]
            first, *others = _pieces(connection, self.legal.orders[name], count)
            self._set(name, first)
            self.names[name] = tuple(f"{name}|{k}" for k in range(1, len(others) + 1))
            for part, piece in zip(self.names[name], others, strict=True):
                # Shifts and wraps belong to the whole sum.
                self.connections[part] = replace(
                    connection, name=part, right=0, sum_bits=32, sums="", variables=()
                )
                self._set(part, piece)
            self._replace_inputs(name)
            self._gather(connection, others)
        return replace(
            self.legal,
            neurons=self.neurons,
            connections=self.connections,
            orders=self.orders,
            feeds=tuple(self.feeds),
            same_step=tuple(self.same_step),
            dependencies=tuple(self.dependencies),
            inputs=tuple(self.inputs),
            parts=self.names,
        )

    def _set(self, name: str, piece: SourceOrder) -> None:
        edges = tuple(
            replace(edge, connection=name) if isinstance(edge, Axon) else replace(edge, target=name)
            for edge in piece.edges
        )
        self.orders[name] = replace(piece, edges=edges)

    def _replace_inputs(self, name: str) -> None:
        """Put the messages to the parts of a connection in the place of those to the whole."""
        every = [edge for part in (name, *self.names[name]) for edge in self.orders[part].edges]
        pieces = [edge for edge in every if isinstance(edge, HostInput)]
        at = [k for k, item in enumerate(self.inputs) if item.target == name]
        if at:
            rest = [item for item in self.inputs if item.target != name]
            self.inputs = [*rest[: at[0]], *pieces, *rest[at[0] :]]

    def _gather(self, connection: Connection, pieces: Sequence[SourceOrder]) -> None:
        """Add the populations that read the parts, one for each order in which the sums are read."""
        readers: dict[bytes, list[Feed]] = {}
        for feed in self.legal.feeds:
            if feed.connection == connection.name:
                readers.setdefault(feed.order.tobytes(), []).append(feed)
        port = connection.out_port or "sums"
        owner = f"{connection.process}.{port}" if connection.role == PROCESS else connection.name
        for number, feeds in enumerate(readers.values()):
            order = feeds[0].order
            clears = all(self.legal.neurons[feed.neurons].role == SINK for feed in feeds)
            for k, (part, piece) in enumerate(zip(self.names[connection.name], pieces, strict=True), 1):
                name = f"{owner}|{k}" + (f"#{number}" if number else "")
                helper = Neurons(name, connection.process, len(order), (), (NeuronInput(port),), role=SINK)
                if not clears:
                    sends = (NeuronOutput(port, "graded"),)
                    helper = replace(helper, body=OUTPUT_BODY, outputs=sends, role=PARTIAL)
                self.neurons[name] = helper
                self.feeds.append(Feed(part, name, port, order))
                if connection.slot == 0:
                    # What drives it sends in this step, too.
                    self.dependencies += [
                        StepDependency(edge.neurons, port, name, port, edge.neurons, name)
                        for edge in piece.edges
                        if isinstance(edge, Axon)
                    ]
                for feed in () if clears else feeds:
                    into = f"{self.legal.neurons[feed.neurons].process}.{feed.port}"
                    self.same_step.append(
                        SameStepEdge(name, feed.neurons, feed.port, 0, into, 0, connection.name, feed.order)
                    )
                    self.dependencies.append(StepDependency(name, port, feed.neurons, feed.port, name, into))


def _check(legal: Legal, name: str, count: int) -> None:
    known = [each for each, connection in legal.connections.items() if connection.role == PROCESS]
    if name not in legal.connections:
        raise PlacementError(
            f"split: {name} is no connection on the chip; there are {', '.join(known) or 'none'}"
        )
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise PlacementError(f"split: {name} is to be cut into {count!r} parts; give a number from 1 on")
    most = _most_parts(legal, name)
    if count > 1 and legal.connections[name].areas > 1:
        raise PlacementError(
            f"split: {name} shifts what comes with each delay apart, because weight_exp is negative; such a "
            "connection is not cut. Take it out of split"
        )
    if count > most:
        sources = legal.connections[name].sources
        raise PlacementError(
            f"split: {name} is to be cut into {count} parts, and its {sources} sources are {most} blocks; "
            f"give {most} at most"
        )


def _unit(connection: Connection) -> int:
    """Sources between two places where a connection may be cut."""
    return max(BLOCK, kind_of(connection).cut(connection))


def _most_parts(legal: Legal, name: str) -> int:
    if legal.connections[name].areas > 1:
        return 1  # a part would have to send the sums of all areas
    return len(_places(legal.orders[name], _unit(legal.connections[name]))) - 1


def _spans(order: SourceOrder) -> Iterator[tuple[int, int]]:
    """Give the rows of each edge, and those that nothing drives."""
    ends = [start + len(edge.sources) for start, edge in zip(order.starts, order.edges, strict=True)]
    yield from zip(order.starts, ends, strict=True)
    if (driven := max(ends, default=0)) < len(order.sources):
        yield driven, len(order.sources)


def _places(order: SourceOrder, unit: int) -> list[int]:
    """Give the rows at which parts may begin or end."""
    found = [0, len(order.sources)]
    for start, end in _spans(order):
        found += range(start, end, unit)
    return sorted(set(found))


def _pieces(connection: Connection, order: SourceOrder, count: int) -> list[SourceOrder]:
    """Cut source rows into `count` parts of about the same size."""
    if count == 1:
        return [order]
    places = np.array(_places(order, _unit(connection)))
    ideal = len(order.sources) * np.arange(1, count) / count
    cuts = np.searchsorted(places, ideal)
    cuts = np.where(places[cuts] - ideal > ideal - places[cuts - 1], cuts - 1, cuts)
    # No part is empty: each has at least one step between two places.
    for k in range(count - 1):
        cuts[k] = max(cuts[k], cuts[k - 1] + 1 if k else 1)
    for k in reversed(range(count - 1)):
        cuts[k] = min(cuts[k], (cuts[k + 1] if k < count - 2 else len(places) - 1) - 1)
    bounds = [0, *places[cuts].tolist(), len(order.sources)]
    return [_piece(order, low, high) for low, high in pairwise(bounds)]


def _piece(order: SourceOrder, low: int, high: int) -> SourceOrder:
    edges: list[Axon | HostInput] = []
    starts = []
    for edge, start in zip(order.edges, order.starts, strict=True):
        begin, end = max(low, start), min(high, start + len(edge.sources))
        if begin < end:
            edges.append(edge.cut(begin - start, end - start))
            starts.append(begin - low)
    return SourceOrder(order.sources[low:high], tuple(edges), tuple(starts))
