"""Place: give every shard a core, the first in the order of the chip that has room for it.

Parts of one connection go to different cores where there are enough, because they are summed at the same
time.
"""

from __future__ import annotations

from bisect import insort

from lava_hw.chip import Chip
from lava_hw.compiler.check import describe, refuse
from lava_hw.compiler.errors import PlacementError
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Cluster, Partitioned, Placed, Shard
from lava_hw.compiler.room import Room, demands
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
    needs = demands(partitioned, chip)
    rooms = {core: Room(core, legal, chip) for core in chip.cores}
    divided = _divided(legal)
    sums: dict[int, set[str]] = {core: set() for core in chip.cores}

    def key(shard: Shard) -> tuple[int, int]:
        return order[shard.neurons], shard.first

    def rank(cluster: Cluster) -> tuple[bool, float]:
        return cluster.core is None, -needs[cluster].share(chip) if largest_first else 0.0

    for cluster in sorted(partitioned.clusters, key=rank):
        mine = {name for shard in cluster.shards for name in divided.get(shard.neurons, ())}
        # Sorting is stable: among cores without such a part the first comes first.
        free = sorted(chip.cores, key=lambda core: not mine.isdisjoint(sums[core])) if mine else chip.cores
        for core in free if cluster.core is None else (cluster.core,):
            trial = list(rooms[core].shards)
            for shard in cluster.shards:
                insort(trial, shard, key=key)
            if rooms[core].take(cluster, needs[cluster], trial):
                sums[core] |= mine
                break
        else:
            raise _no_room(cluster, rooms, legal, chip)
    return Placed(legal, {core: tuple(room.shards) for core, room in rooms.items() if room.shards})


def _divided(legal: Legal) -> dict[str, set[str]]:
    """Give the divided connections of which neurons read a part, by their name."""
    whole = {part: name for name, parts in legal.parts.items() for part in (name, *parts)}
    found: dict[str, set[str]] = {}
    for feed in legal.feeds:
        if feed.connection in whole:
            found.setdefault(feed.neurons, set()).add(whole[feed.connection])
    return found


def _no_room(cluster: Cluster, rooms: dict[int, Room], legal: Legal, chip: Chip) -> Exception:
    what = describe(cluster.shards[0], legal)
    core = cluster.core if cluster.core is not None else min(chip.cores, key=lambda c: len(rooms[c].shards))
    found = layout(core, [*rooms[core].shards, *cluster.shards], legal, chip)
    where = f"core {core} of chip {chip.name}"
    if cluster.core is not None:
        error = refuse(f"{what} and what is there already", found, chip, where)
        return PlacementError(f"placement: {error}")
    return refuse(f"{what} together with what is on the emptiest core", found, chip, where)
