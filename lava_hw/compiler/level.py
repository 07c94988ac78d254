"""Level: give neurons other places on their cores, so that the rows of sparse connections are short.

A word of a sparse row has a synapse for each lane; a row has as many words as its fullest lane has synapses.
So a row is short if the targets of a source are in lanes that are evenly filled. This pass permutes the
neurons of each shard; the network that it gives is the same network with neurons in another order, and the
manifest leads each element of a port or Var to its neuron. Nobody else sees it.

The neurons of a shard are placed one after the other, those with the most sources first, each in the lane
where it costs least: a lane of a row costs 2^(synapses there, beyond an even share). The cost is a sum of
integers, so that the order, and with it the image, is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lava_hw.compiler.connections import kind_of
from lava_hw.compiler.types import Axon, HostInput, Legal, SourceOrder
from lava_hw.ir import Ints, Neurons

__all__ = ["Cuts", "level"]

Cuts = Mapping[str, Sequence[tuple[int, int]]]
"""First neuron and count of each shard, by the name of the neurons."""
_EVEN, _MOST = 12, 40
"""Exponent of the cost of a lane with an even share, and the largest one: sums of 4,096 stay below 2^63."""


def level(legal: Legal, lanes: int, cuts: Cuts) -> Legal:
    """Give the network with neurons in an order that needs fewer words.

    Neurons stay in their order where it matters, or where no word is saved.

    Parameters
    ----------
    legal : Legal
        The network, in the order of its ports.
    lanes : int
        Lanes of the chip.
    cuts : mapping
        The shards: each keeps its neurons.
    """
    found: dict[str, Ints] = {}
    for names in _together(legal):
        synapses = _synapses(names[0], legal)
        if synapses is not None and all(_may_move(name, legal) for name in names):
            order = _ordered(*synapses, legal.neurons[names[0]].size, lanes, cuts[names[0]])
            if order is not None:
                found |= dict.fromkeys(names, order)
    return _permuted(legal, found) if found else legal


def _together(legal: Legal) -> list[list[str]]:
    """Neurons with those that follow them: they read the same sums, and keep the same order."""
    sets = {name: [name] for name, cell in legal.neurons.items() if not cell.follow}
    for name, cell in legal.neurons.items():
        if cell.follow:
            sets[cell.follow].append(name)
    return list(sets.values())


def _may_move(name: str, legal: Legal) -> bool:
    cell = legal.neurons[name]
    if any(name in (edge.source, edge.target) for edge in legal.same_step):
        return False
    if any(line.split()[0] == "idx" for line in cell.body):
        return False  # its program asks for the number of a neuron
    for conn, sources, order in _touching(name, legal):
        if kind_of(legal.connections[conn]).in_order(legal.connections[conn], sources, order):
            return False
    return True


def _touching(name: str, legal: Legal) -> Iterable[tuple[str, SourceOrder, Ints]]:
    """Connections into and from neurons, each with its sources and what its reader takes of it."""
    driven = {
        conn
        for conn, sources in legal.orders.items()
        if any(isinstance(edge, Axon) and edge.neurons == name for edge in sources.edges)
    }
    for feed in legal.feeds:
        if feed.neurons == name or feed.connection in driven:
            yield feed.connection, legal.orders[feed.connection], feed.order


def _synapses(name: str, legal: Legal) -> tuple[Ints, Ints] | None:
    """Row and neuron of all synapses that rows of words have for neurons; None if there are none.

    Those that follow read the same words.
    """
    rows, places, begin = [], [], 0
    for feed in legal.feeds_of.get(name, ()):
        conn, sources = legal.connections[feed.connection], legal.orders[feed.connection]
        reached = kind_of(conn).reached(conn, sources, feed.order)
        if reached is not None:
            rows.append(reached[0] + begin)
            places.append(reached[1])
            begin += len(sources.sources)
    return (np.concatenate(rows), np.concatenate(places)) if begin else None


def _ordered(row: Ints, place: Ints, size: int, lanes: int, cuts: Sequence[tuple[int, int]]) -> Ints | None:
    """Which neuron each place gets; None where no word is saved."""
    order = np.arange(size, dtype=np.int64)
    saved = 0
    for first, count in cuts:
        mine = (place >= first) & (place < first + count)
        there, lane_of = _shard(row[mine], place[mine] - first, count, lanes)
        natural = np.arange(count) % lanes
        before, after = (_words(there, which, lanes, place[mine] - first) for which in (natural, lane_of))
        if after < before:
            saved += before - after
            # The neurons of a lane take its places in their own order.
            order[first + np.lexsort((np.arange(count) // lanes, natural))] = first + np.argsort(
                lane_of, kind="stable"
            )
    return order if saved else None


def _shard(row: Ints, place: Ints, count: int, lanes: int) -> tuple[Ints, Ints]:
    """Give rows as numbers from 0 on, and the lane of each neuron of a shard."""
    _, row = np.unique(row, return_inverse=True)
    degree = np.bincount(place, minlength=count)
    by_place = row[np.argsort(place, kind="stable")]
    ends = np.cumsum(degree)
    room = -(-(count - np.arange(lanes)) // lanes)  # places of each lane
    size = np.bincount(row)
    # Exponents of the costs of the lanes of each row.
    exponent = np.repeat((_EVEN - size // lanes)[:, None], lanes, axis=1)
    lane_of = np.zeros(count, np.int64)
    full = np.int64(np.iinfo(np.int64).max)
    for neuron in np.argsort(-degree, kind="stable").tolist():
        mine = by_place[ends[neuron] - degree[neuron] : ends[neuron]]
        cost = (np.int64(1) << np.clip(exponent[mine], 0, _MOST)).sum(axis=0)
        lane = int(np.where(room > 0, cost, full).argmin())
        lane_of[neuron] = lane
        room[lane] -= 1
        exponent[mine, lane] += 1
    return row, lane_of


def _words(row: Ints, lane_of: Ints, lanes: int, place: Ints) -> int:
    """Words of all rows."""
    if not len(row):
        return 0
    count = np.bincount(row * lanes + lane_of[place], minlength=(int(row.max()) + 1) * lanes)
    return int(count.reshape(-1, lanes).max(axis=1).sum())


# ------------------------------------------------------------------------------ the network in other order
def _permuted(legal: Legal, orders: Mapping[str, Ints]) -> Legal:
    """The network with neuron `orders[name][k]` of some neurons in place k."""
    neurons = {
        name: _reordered(cell, orders[name]) if name in orders else cell
        for name, cell in legal.neurons.items()
    }
    feeds = tuple(
        replace(feed, order=feed.order[orders[feed.neurons]]) if feed.neurons in orders else feed
        for feed in legal.feeds
    )
    inputs = {id(item): _moved(item, orders) for item in legal.inputs}
    sources = {
        name: replace(order, edges=tuple(_driven(edge, orders, inputs) for edge in order.edges))
        for name, order in legal.orders.items()
    }
    return replace(
        legal,
        lowered=replace(legal.lowered, neurons=tuple(neurons[cell.name] for cell in legal.lowered.neurons)),
        neurons=neurons,
        feeds=feeds,
        inputs=tuple(inputs[id(item)] for item in legal.inputs),
        orders={name: _rows(order) for name, order in sources.items()},
        places=orders,
    )


def _reordered(cell: Neurons, order: Ints) -> Neurons:
    states = tuple(replace(state, values=state.values[order]) for state in cell.states)
    variables = []
    for var in cell.variables:
        elements = var.elements
        if elements is None:
            one = int(np.prod(var.shape, dtype=np.int64)) == 1
            elements = np.zeros(cell.size, np.int64) if one else np.arange(cell.size)
        # A Var that is kept in a constant, or by the host, has no elements of neurons.
        per_neuron = len(elements) == cell.size
        variables.append(replace(var, elements=elements[order]) if per_neuron else var)
    return replace(cell, states=states, variables=tuple(variables))


def _moved(item: HostInput, orders: Mapping[str, Ints]) -> HostInput:
    if item.target not in orders:
        return item
    return replace(item, index=np.argsort(orders[item.target])[item.index])


def _driven(
    edge: Axon | HostInput, orders: Mapping[str, Ints], inputs: Mapping[int, HostInput]
) -> Axon | HostInput:
    if isinstance(edge, HostInput):
        return inputs[id(edge)]
    return replace(edge, sources=edge.sources[orders[edge.neurons]]) if edge.neurons in orders else edge


def _rows(order: SourceOrder) -> SourceOrder:
    """Source rows in the order of their edges, those that nothing drives behind them."""
    driven = [edge.sources for edge in order.edges]
    count = sum(map(len, driven))
    return replace(order, sources=np.concatenate([*driven, order.sources[count:]]))
