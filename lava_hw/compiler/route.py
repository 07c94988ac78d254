"""Route: say where every emission goes, and through which host streams messages leave.

A population's routes name a core and a connection there, or a host stream. Mask flits count neurons in
blocks of 32 from the first neuron of the process; a shard adds its own first block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
    cores = {}
    for number, core in bare.items():
        routes = tuple(
            tuple(_routes(population, legal, bare, sends.get(str(population.shard), []), chip))
            for population in core.populations
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


def _routes(
    population: CorePopulation,
    legal: Legal,
    cores: dict[int, CoreLayout],
    streams: list[tuple[int, int, int]],
    chip: Chip,
) -> Iterator[Route]:
    name, first = population.shard.neurons, population.shard.first
    whole = population.groups
    reached: set[tuple[int, int]] = set()
    for number, core in cores.items():
        for table in core.tables:
            for edge, conn in zip(legal.orders[table.connection].edges, table.conns, strict=True):
                if isinstance(edge, Axon) and edge.neurons == name:
                    at = first - edge.first
                    yield from _part(population, at, len(edge.sources), edge.channel, conn, number, chip)
    for direct in legal.same_step:
        if direct.source != name:
            continue
        for number, core in cores.items():
            # Populations that share a table get partial sums once.
            found = {
                conn: target.shard
                for target in core.populations
                if target.shard.neurons == direct.target
                for conn in _adders(direct, target, core)
            }
            for conn, shard in found.items():
                if (number, conn) not in reached:
                    at = first + direct.offset - shard.first
                    yield from _part(population, at, shard.count, direct.channel, conn, number, chip)
            if direct.connection:
                reached |= {(number, conn) for conn in found}
    for stream, start, channel in streams:
        yield Route(0, whole, channel, (first - start) // BLOCK, stream, HOST_PORT, True)


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


def _part(
    population: CorePopulation, at: int, count: int, channel: int, conn: int, number: int, chip: Chip
) -> Iterator[Route]:
    """Give the route of those groups of a population that come to lie in `count` lanes; neuron k of the
    population is lane k + `at`.
    """
    start, stop = max(0, -at), min(population.shard.count, count - at)
    if start < stop:
        groups = -(-stop // chip.lanes) - start // chip.lanes
        base = at // BLOCK % MAX_SHARD
        yield Route(start // chip.lanes, groups, channel, base, conn, number, False)


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
