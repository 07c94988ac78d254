"""Uses: how much of each resource of a core each process takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.check import MAX_PART
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Core, Part, Routed
from lava_hw.compiler.types import Merged

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
    return _uses(routed.cores.values(), routed.staged.placed.merged, chip)


def needs(merged: Merged, chip: Chip) -> list[Use]:
    """Give what each process would take of a core that is large enough for all of them.

    Routes are not counted: they depend on where everything is.
    """
    parts = [
        Part(name, first, min(MAX_PART, cell.size - first))
        for name, cell in merged.neurons.items()
        for first in range(0, cell.size, MAX_PART)
    ]
    return _uses([layout(-1, parts, merged, chip)], merged, chip)


def _uses(cores: Iterable[Core], merged: Merged, chip: Chip) -> list[Use]:
    order = {name: k for k, name in enumerate(merged.quantised.classes)}
    found: list[Use] = []
    for core in cores:
        here: dict[str, Use] = {}
        seen: set[int] = set()
        for k, population in enumerate(core.populations):
            use = here.setdefault(
                (process := merged.neurons[population.part.neurons].process), Use(process, core.number)
            ).amounts
            has_port = population.port_conn is not None
            use["neurons"] += population.groups * chip.lanes
            use["state_lines"] += population.groups * population.nvars
            use["acc_groups"] += population.groups * has_port
            use["const_words"] += len(population.constants)
            use["populations"] += 1
            use["connections"] += has_port
            use["routes"] += len(core.routes[k]) if core.routes else 0
            if population.pc not in seen:
                seen.add(population.pc)
                use["ucode_words"] += len(population.words)
        for table in core.tables:
            process = merged.synapses[table.synapses].process
            use = here.setdefault(process, Use(process, core.number)).amounts
            use["synapse_lines"] += len(merged.rows[table.synapses].columns) * table.groups
            use["acc_groups"] += table.groups
            use["connections"] += len(table.conns)
        found += sorted(here.values(), key=lambda use: order[use.process])
    return found
