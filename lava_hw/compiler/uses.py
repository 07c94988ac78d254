"""Uses: how much of each resource of a core each process takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.check import MAX_SHARD
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import CoreLayout, Routed, Shard
from lava_hw.compiler.types import Legal

__all__ = ["Use", "needs", "uses"]


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


def uses(routed: Routed, chip: Chip) -> list[Use]:
    """Give what each process takes of each core on which it is, in the order of cores and of the network."""
    return _uses(routed.cores.values(), routed.scheduled.placed.legal, chip)


def needs(legal: Legal, chip: Chip) -> list[Use]:
    """Give what each process would take of a core that is large enough for all of them.

    Routes are not counted: they depend on where everything is.
    """
    shards = [
        Shard(name, first, min(MAX_SHARD, cell.size - first))
        for name, cell in legal.neurons.items()
        for first in range(0, cell.size, MAX_SHARD)
    ]
    return _uses([layout(-1, shards, legal, chip)], legal, chip)


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
