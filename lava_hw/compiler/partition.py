"""Partition: cut neurons into shards that fit a core.

Connections are cut with their targets: each shard has its own rows of the weights of everything that feeds
it. A shard starts at a multiple of 32, so that a mask flit never crosses from one to the next, and the
shards of one process are about equally large.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lava_hw.chip import Chip
from lava_hw.compiler.check import MAX_SHARD, check_delays, check_edges, describe, fits, refuse
from lava_hw.compiler.errors import PlacementError
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Cluster, Partitioned, Shard
from lava_hw.compiler.types import Legal
from lava_hw.ir import Neurons
from lava_hw.regs import BLOCK

Placement = Mapping[str, int | Sequence[int]]


def partition(
    legal: Legal, chip: Chip, placement: Placement | None = None, most: int = MAX_SHARD
) -> Partitioned:
    """Give the shards of all neurons.

    Parameters
    ----------
    legal : Legal
        The network.
    chip : Chip
        Whose cores are to hold them.
    placement : mapping, optional
        Core, or cores, of a process by its name; it is cut into as many shards as there are cores. A Dense
        lives where its targets live; its name places the helpers that the compiler made for it.
    most : int
        Neurons of a shard at most; a multiple of 32.

    Raises
    ------
    DoesNotFit
        If even 32 neurons of a process do not fit an empty core.
    PlacementError
        If `placement` names a process or a core that is not there.
    """
    check_edges(legal)
    check_delays(legal, chip)
    asked = _asked(legal, chip, placement or {})
    clusters: list[Cluster] = []
    for names in _together(legal, chip):
        cell = legal.neurons[names[0]]
        cores = asked.get(cell.process)
        if cores:
            size = min(_even(cell.size, len(cores)), MAX_SHARD)
        else:
            size = _largest(names, cell, legal, chip, most)
        firsts = range(0, cell.size, size)
        for k, first in enumerate(firsts):
            shards = tuple(Shard(n, first, min(size, cell.size - first)) for n in names)
            clusters.append(
                Cluster(shards, cores[k * len(cores) // max(len(firsts), len(cores))] if cores else None)
            )
    return Partitioned(legal, tuple(clusters))


def _together(legal: Legal, chip: Chip) -> list[list[str]]:
    """Give sets of neurons that share shards and cores: each with those that follow it, if they fit."""
    sets = {name: [name] for name, cell in legal.neurons.items() if not cell.follow}
    for name, cell in legal.neurons.items():
        if cell.follow:
            trial = [*sets[cell.follow], name]
            block = min(cell.size, BLOCK)
            if fits(layout(0, [Shard(n, 0, block) for n in trial], legal, chip), chip):
                sets[cell.follow] = trial
            else:
                sets[name] = [name]
    return list(sets.values())


def _asked(legal: Legal, chip: Chip, placement: Placement) -> dict[str, tuple[int, ...]]:
    found = {}
    for name, given in placement.items():
        if name not in legal.lowered.classes:
            raise PlacementError(
                f"placement: {name} is no process on the chip; there are {', '.join(legal.lowered.classes)}"
            )
        cores = _cores(name, given)
        for core in cores:
            if core not in chip.cores:
                raise PlacementError(
                    f"placement: {name} is to be on core {core}; "
                    f"chip {chip.name} has the cores {', '.join(map(str, chip.cores))}"
                )
        if not cores:
            raise PlacementError(f"placement: {name} has an empty list of cores; leave it out, or name one")
        found[name] = cores
        if not any(cell.process == name and not cell.follow for cell in legal.neurons.values()):
            raise PlacementError(
                f"placement: {name} has no neurons of its own, it lives where its targets live; place those"
            )
    return found


def _cores(name: str, given: object) -> tuple[int, ...]:
    """One core, or several of them."""
    if isinstance(given, Iterable) and not isinstance(given, str):
        several = list(given)
    else:
        several = [given]
    if not all(isinstance(core, (int, np.integer)) for core in several):
        raise PlacementError(
            f"placement: {name} is to be on {given!r}; give the number of a core, or a list of them"
        )
    return tuple(int(core) for core in several)


def _even(size: int, shards: int) -> int:
    """Neurons of each of at most `shards` shards, a multiple of 32."""
    return max(BLOCK, -(-size // shards // BLOCK) * BLOCK)


def _largest(names: Sequence[str], cell: Neurons, legal: Legal, chip: Chip, most: int) -> int:
    """Neurons of each shard so that as few shards as possible fit empty cores."""

    def fit(count: int) -> bool:
        return fits(layout(0, [Shard(n, 0, count) for n in names], legal, chip), chip)

    whole = -(-cell.size // BLOCK) * BLOCK
    low, high = 0, min(whole, most) // BLOCK
    if fit(min(cell.size, high * BLOCK)):
        low = high
    while low < high:
        middle = (low + high + 1) // 2
        if fit(min(cell.size, middle * BLOCK)):
            low = middle
        else:
            high = middle - 1
    if not low:
        shard = Shard(names[0], 0, min(cell.size, BLOCK))
        core = layout(0, [Shard(n, 0, shard.count) for n in names], legal, chip)
        raise refuse(describe(shard, legal), core, chip, f"a core of chip {chip.name}")
    return _even(cell.size, -(-whole // (low * BLOCK)))
