"""Uses: how much of each resource of a core each process takes, and what its connections are on the chip."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.check import MAX_SHARD
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import CoreLayout, Routed, Shard
from lava_hw.compiler.types import PARTIAL, Legal

__all__ = ["ConnectionUse", "Summary", "Use", "needed", "needs", "summary"]


@dataclass
class Use:
    """What a process takes of one core.

    Attributes
    ----------
    process : str
        Its name.
    core : int
        Number of the core; -1 if nothing was placed.
    amounts : dict of str to int
        By resource. What two processes share (a program) counts for the first of them.
    """

    process: str
    core: int
    amounts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RESOURCES, 0))


@dataclass(frozen=True)
class ConnectionUse:
    """What a connection is on the chip; the attributes are those of `lava_hw.report.ConnectionReport`.

    It is not the same class: reports would import the compiler then, which leads in a circle.
    """

    name: str
    sources: int
    targets: int
    bits: int
    values: bool
    synapse_lines: int
    parts: int = 1
    partial_sums: int = 0


@dataclass(frozen=True)
class Summary:
    """What a network is on a chip, for a report.

    Attributes
    ----------
    uses : tuple of Use
        What each process takes of each core on which it is, in the order of cores and of the network.
    connections : tuple of ConnectionUse
        In the order of the network.
    stages : int
        Stages of a step; 0 if they were not found.
    """

    uses: tuple[Use, ...] = ()
    connections: tuple[ConnectionUse, ...] = ()
    stages: int = 0


def summary(routed: Routed, chip: Chip) -> Summary:
    """Give what a network that has its place takes."""
    legal, cores = routed.scheduled.placed.legal, list(routed.cores.values())
    return Summary(
        tuple(_uses(cores, legal, chip)), tuple(_connections(cores, legal, chip)), routed.scheduled.count
    )


def needed(legal: Legal, chip: Chip) -> Summary:
    """Give what a network would take of a core that is large enough for all of it; see `needs`."""
    cores = [_all_on_one(legal, chip)]
    return Summary(tuple(_uses(cores, legal, chip)), tuple(_connections(cores, legal, chip)))


def needs(legal: Legal, chip: Chip) -> list[Use]:
    """Give what each process would take of a core that is large enough for all of them.

    Routes are not counted: they depend on where everything is.
    """
    return _uses([_all_on_one(legal, chip)], legal, chip)


def _all_on_one(legal: Legal, chip: Chip) -> CoreLayout:
    shards = [
        Shard(name, first, min(MAX_SHARD, cell.size - first))
        for name, cell in legal.neurons.items()
        for first in range(0, cell.size, MAX_SHARD)
    ]
    return layout(-1, shards, legal, chip)


def _connections(cores: Iterable[CoreLayout], legal: Legal, chip: Chip) -> list[ConnectionUse]:
    whole = {part: name for name, parts in legal.parts.items() for part in parts}
    lines = dict.fromkeys(legal.connections, 0)
    sums = dict.fromkeys(legal.connections, 0)
    for core in cores:
        for table in core.tables:
            lines[whole.get(table.connection, table.connection)] += table.lines
        for population, routes in zip(core.populations, core.routes, strict=False):
            shard = population.shard
            if legal.neurons[shard.neurons].role == PARTIAL:
                (feed,) = legal.feeds_of[shard.neurons]
                for route in routes:
                    reached = min(shard.count, (route.first + route.groups) * chip.lanes)
                    sums[whole[feed.connection]] += reached - route.first * chip.lanes
    return [
        ConnectionUse(
            name,
            conn.sources,
            conn.targets,
            conn.stored_bits,
            bool(conn.payload),
            lines[name],
            1 + len(legal.parts.get(name, ())),
            sums[name],
        )
        for name, conn in legal.connections.items()
        if name not in whole
    ]


def _uses(cores: Iterable[CoreLayout], legal: Legal, chip: Chip) -> list[Use]:
    order = {name: k for k, name in enumerate(legal.lowered.classes)}
    found: list[Use] = []
    for core in cores:
        here: dict[str, Use] = {}
        seen: set[int] = set()
        for k, population in enumerate(core.populations):
            use = here.setdefault(
                (process := legal.neurons[population.shard.neurons].process), Use(process, core.number)
            ).amounts
            ports = len(population.ports)
            use["neurons"] += population.groups * chip.lanes
            use["state_lines"] += population.groups * population.nvars
            use["acc_groups"] += population.groups * ports
            use["const_words"] += len(population.constants)
            use["populations"] += 1
            use["connections"] += ports
            use["routes"] += len(core.routes[k]) if core.routes else 0
            if population.pc not in seen:
                seen.add(population.pc)
                use["ucode_words"] += len(population.words)
        for table in core.tables:
            connection = legal.connections[table.connection]
            process = connection.process
            use = here.setdefault(process, Use(process, core.number)).amounts
            use["synapse_lines"] += table.lines
            use["acc_groups"] += table.groups * connection.areas
            use["connections"] += len(table.conns)
        found += sorted(here.values(), key=lambda use: order[use.process])
    return found
