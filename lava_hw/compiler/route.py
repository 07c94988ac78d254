"""Route: say where every emission goes, and through which host streams messages leave.

A population's routes name a core and a connection there, or a host stream. Mask flits count neurons in
blocks of 32 from the first neuron of the process; a shard adds its own first block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lava_hw.chip import Chip
from lava_hw.compiler.check import MAX_ROUTES, MAX_SHARD, MAX_SOURCES, MAX_STREAMS, describe, fits, refuse
from lava_hw.compiler.errors import DoesNotFit
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import CoreLayout, CorePopulation, HostStream, Route, Routed, Scheduled
from lava_hw.compiler.types import Axon, Legal, SameStepEdge
from lava_hw.regs import BLOCK, HOST_PORT


def route(scheduled: Scheduled, chip: Chip) -> Routed:
    """Give every core with its routes, and the host streams of every output.

    Raises
    ------
    DoesNotFit
        If a core has too few routes (or, now that stages are known, too little of anything), or if the
        network needs more host streams than there are.
    """
    legal = scheduled.placed.legal
    bare = {
        number: layout(number, shards, legal, chip, scheduled.stages)
        for number, shards in scheduled.placed.cores.items()
    }
    streams, sends = _streams(legal, bare)
    reached = _reached(legal, bare)
    cores = {}
    for number, core in bare.items():
        routes = tuple(
            tuple(_routes(p, reached.get(p.shard.neurons, ()), sends.get(str(p.shard), ()), chip))
            for p in core.populations
        )
        for population, found in zip(core.populations, routes, strict=True):
            if len(found) > MAX_ROUTES:
                what = describe(population.shard, legal)
                advice = "Place its targets on fewer cores, or connect it to fewer processes."
                raise DoesNotFit(what, "routes", len(found), MAX_ROUTES, "a population", advice)
        usage = dict(core.usage) | {"routes": sum(len(found) for found in routes)}
        cores[number] = replace(core, routes=routes, usage=usage)
        if not fits(cores[number], chip):
            names = ", ".join(dict.fromkeys(p.shard.neurons for p in core.populations))
            raise refuse(
                f"what is placed there ({names})", cores[number], chip, f"core {number} of chip {chip.name}"
            )
    return Routed(scheduled, cores, streams)


@dataclass(frozen=True)
class _Reached:
    """Where messages of neurons arrive: neuron `base` is lane 0 of `count` lanes of a core's connection."""

    core: int
    conn: int
    channel: int
    base: int
    count: int


def _reached(legal: Legal, cores: Mapping[int, CoreLayout]) -> dict[str, list[_Reached]]:
    """Give all places that neurons send to, by their name."""
    found: dict[str, list[_Reached]] = {}
    by_name: dict[str, list[tuple[CoreLayout, CorePopulation]]] = {}
    for core in cores.values():
        for population in core.populations:
            by_name.setdefault(population.shard.neurons, []).append((core, population))
        for table in core.tables:
            for edge, conn in zip(legal.orders[table.connection].edges, table.conns, strict=True):
                if isinstance(edge, Axon):
                    place = _Reached(core.number, conn, edge.channel, edge.first, len(edge.sources))
                    found.setdefault(edge.neurons, []).append(place)
    # Populations that share a table get the sums of each other part once, whoever sends them.
    served: set[tuple[int, int, str]] = set()
    for direct in legal.same_step:
        part = legal.feeds_of[direct.source][0].connection if direct.connection else ""
        for core, target in by_name.get(direct.target, ()):
            shard = target.shard
            for conn in _adders(direct, target, core):
                if direct.connection and (core.number, conn, part) in served:
                    continue
                served.add((core.number, conn, part))
                place = _Reached(core.number, conn, direct.channel, shard.first - direct.offset, shard.count)
                found.setdefault(direct.source, []).append(place)
    return found


def _routes(
    population: CorePopulation,
    places: Sequence[_Reached],
    streams: Sequence[tuple[int, int, int]],
    chip: Chip,
) -> Iterator[Route]:
    first = population.shard.first
    for place in places:
        # Neuron k of the shard is lane k + at.
        at = first - place.base
        start, stop = max(0, -at), min(population.shard.count, place.count - at)
        if start < stop:
            groups = -(-stop // chip.lanes) - start // chip.lanes
            base = at // BLOCK % MAX_SHARD
            yield Route(start // chip.lanes, groups, place.channel, base, place.conn, place.core, False)
    for stream, start, channel in streams:
        yield Route(0, population.groups, channel, (first - start) // BLOCK, stream, HOST_PORT, True)


def _adders(direct: SameStepEdge, target: CorePopulation, core: CoreLayout) -> Iterator[int]:
    """Give the descriptors that add what comes over an edge to what a population reads."""
    if not direct.connection:
        yield target.ports[direct.port].conn
        return
    assert direct.order is not None
    mine = direct.order[target.shard.first : target.shard.first + target.shard.count]
    for number in target.tables:
        table = core.tables[number]
        if table.connection == direct.connection and np.array_equal(table.order, mine):
            assert table.partial is not None
            yield table.partial


def _streams(
    legal: Legal, cores: dict[int, CoreLayout]
) -> tuple[dict[str, tuple[HostStream, ...]], dict[str, list[tuple[int, int, int]]]]:
    """Give the streams of each output, and for each shard (by its text) its streams with their first elements
    and the channels that they carry.
    """
    found: dict[str, tuple[HostStream, ...]] = {}
    sends: dict[str, list[tuple[int, int, int]]] = {}
    count = 0
    for output in legal.outputs:
        shards = [
            p.shard for core in cores.values() for p in core.populations if p.shard.neurons == output.neurons
        ]
        spans = [(0, legal.neurons[output.neurons].size)]
        if spans[0][1] > (MAX_SOURCES if output.mode == "mask" else MAX_SHARD):
            spans = sorted((shard.first, shard.count) for shard in shards)
        streams = [HostStream(count + k, first, size) for k, (first, size) in enumerate(spans)]
        count += len(streams)
        if count > MAX_STREAMS:
            raise DoesNotFit(
                output.port, "host streams", count, MAX_STREAMS, "a chip", "Send fewer ports outside."
            )
        found[output.port] = tuple(streams)
        for shard in shards:
            mine = streams[int(np.searchsorted([s.first for s in streams], shard.first, side="right")) - 1]
            sends.setdefault(str(shard), []).append((mine.stream, mine.first, output.channel))
    return found, sends
