"""Place: give every shard a core, the first in the order of the chip that has room for it."""

from __future__ import annotations

from lava_hw.chip import Chip
from lava_hw.compiler.check import describe, fits, refuse
from lava_hw.compiler.errors import PlacementError
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Cluster, Partitioned, Placed, Shard
from lava_hw.compiler.types import Legal


def place(partitioned: Partitioned, chip: Chip, largest_first: bool = False) -> Placed:
    """Give the shards of each core.

    Those that were asked for a core come first, then the others in the order of the network, or those that
    fill most of a core first.

    Raises
    ------
    DoesNotFit
        If no core has room for a shard.
    PlacementError
        If the core that was asked for has no room.
    """
    legal = partitioned.legal
    order = {name: k for k, name in enumerate(legal.neurons)}
    cores: dict[int, list[Shard]] = {core: [] for core in chip.cores}

    def sort(shards: list[Shard]) -> list[Shard]:
        return sorted(shards, key=lambda shard: (order[shard.neurons], shard.first))

    def rank(cluster: Cluster) -> tuple[bool, float]:
        return cluster.core is None, -_share(cluster, legal, chip) if largest_first else 0.0

    for cluster in sorted(partitioned.clusters, key=rank):
        for core in chip.cores if cluster.core is None else (cluster.core,):
            trial = sort([*cores[core], *cluster.shards])
            if fits(layout(core, trial, legal, chip), chip):
                cores[core] = trial
                break
        else:
            raise _no_room(cluster, cores, legal, chip)
    return Placed(legal, {core: tuple(shards) for core, shards in cores.items() if shards})


def _share(cluster: Cluster, legal: Legal, chip: Chip) -> float:
    """Give how much of an empty core a cluster takes, of the resource that it takes most of."""
    usage = layout(0, cluster.shards, legal, chip).usage
    return max(usage[resource] / limit for resource, limit in chip.resources().items())


def _no_room(cluster: Cluster, cores: dict[int, list[Shard]], legal: Legal, chip: Chip) -> Exception:
    what = describe(cluster.shards[0], legal)
    core = cluster.core if cluster.core is not None else min(chip.cores, key=lambda c: len(cores[c]))
    found = layout(core, [*cores[core], *cluster.shards], legal, chip)
    where = f"core {core} of chip {chip.name}"
    if cluster.core is not None:
        error = refuse(f"{what} and what is there already", found, chip, where)
        return PlacementError(f"placement: {error}")
    return refuse(f"{what} together with what is on the emptiest core", found, chip, where)
