"""Route: say where every emission goes, and through which host streams messages leave.

A population's routes name a core and a connection there, or a host stream. Mask flits count neurons in
blocks of 32 from the first neuron of the process; a part adds its own first block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lava_hw.chip import Chip
from lava_hw.compiler.check import MAX_PART, MAX_ROUTES, MAX_SOURCES, MAX_STREAMS, describe, fits, refuse
from lava_hw.compiler.errors import DoesNotFit
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Core, Population, Route, Routed, Staged, Stream
from lava_hw.compiler.types import Axon, Merged, Output
from lava_hw.regs import BLOCK, HOST_PORT


def route(staged: Staged, chip: Chip) -> Routed:
    """Give every core with its routes, and the host streams of every output.

    Raises
    ------
    DoesNotFit
        If a core has too few routes (or, now that stages are known, too little of anything), or if the
        network needs more host streams than there are.
    """
    merged = staged.placed.merged
    bare = {
        number: layout(number, parts, merged, chip, staged.stages)
        for number, parts in staged.placed.cores.items()
    }
    streams, sends = _streams(merged, bare)
    cores = {}
    for number, core in bare.items():
        routes = tuple(
            tuple(_routes(population, merged, bare, sends.get(str(population.part), []), chip))
            for population in core.populations
        )
        for population, found in zip(core.populations, routes, strict=True):
            if len(found) > MAX_ROUTES:
                what = describe(population.part, merged)
                advice = "Place its targets on fewer cores, or connect it to fewer processes."
                raise DoesNotFit(what, "routes", len(found), MAX_ROUTES, "a population", advice)
        usage = dict(core.usage) | {"routes": sum(len(found) for found in routes)}
        cores[number] = replace(core, routes=routes, usage=usage)
        if not fits(cores[number], chip):
            names = ", ".join(dict.fromkeys(p.part.neurons for p in core.populations))
            raise refuse(
                f"what is placed there ({names})", cores[number], chip, f"core {number} of chip {chip.name}"
            )
    return Routed(staged, cores, streams)


def _routes(
    population: Population,
    merged: Merged,
    cores: dict[int, Core],
    streams: list[tuple[int, int]],
    chip: Chip,
) -> Iterator[Route]:
    name, first = population.part.neurons, population.part.first
    whole, base = population.groups, first // BLOCK
    for number, core in cores.items():
        for table in core.tables:
            rows = merged.rows[table.synapses]
            for edge, conn in zip(rows.edges, table.conns, strict=True):
                if isinstance(edge, Axon) and edge.neurons == name:
                    yield Route(0, whole, base, conn, number, False)
    for direct in merged.directs:
        if direct.source != name:
            continue
        for number, core in cores.items():
            for target in core.populations:
                if target.part.neurons != direct.target or target.port_conn is None:
                    continue
                # Where the part's neurons come to lie in the target's part, and which of its groups do.
                at = first + direct.offset - target.part.first
                start, stop = max(0, -at), min(population.part.count, target.part.count - at)
                if start < stop:
                    groups = -(-stop // chip.lanes) - start // chip.lanes
                    yield Route(
                        start // chip.lanes, groups, at // BLOCK % MAX_PART, target.port_conn, number, False
                    )
    for stream, start in streams:
        yield Route(0, whole, (first - start) // BLOCK, stream, HOST_PORT, True)


def _streams(
    merged: Merged, cores: dict[int, Core]
) -> tuple[dict[str, tuple[Stream, ...]], dict[str, list[tuple[int, int]]]]:
    """Give the streams of each output, and for each part (by its text) its streams with their first
    elements.
    """
    found: dict[str, tuple[Stream, ...]] = {}
    sends: dict[str, list[tuple[int, int]]] = {}
    count = 0
    for output in merged.outputs:
        parts = [
            p.part for core in cores.values() for p in core.populations if p.part.neurons == output.neurons
        ]
        spans = [(0, merged.neurons[output.neurons].size)]
        if spans[0][1] > _reach(output, merged):
            spans = sorted((part.first, part.count) for part in parts)
        streams = [Stream(count + k, first, size) for k, (first, size) in enumerate(spans)]
        count += len(streams)
        if count > MAX_STREAMS:
            raise DoesNotFit(
                output.port, "host streams", count, MAX_STREAMS, "a chip", "Send fewer ports outside."
            )
        found[output.port] = tuple(streams)
        for part in parts:
            mine = streams[int(np.searchsorted([s.first for s in streams], part.first, side="right")) - 1]
            sends.setdefault(str(part), []).append((mine.stream, mine.first))
    return found, sends


def _reach(output: Output, merged: Merged) -> int:
    """Give how many elements one stream can name."""
    return MAX_SOURCES if merged.neurons[output.neurons].emits == "mask" else MAX_PART
