"""Partition: cut neurons into parts that fit a core.

Connections are cut with their targets: each part has its own rows of the weights of everything that feeds
it. A part starts at a multiple of 32, so that a mask flit never crosses from one to the next, and the
parts of one process are about equally large.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from lava_hw.chip import Chip
from lava_hw.compiler.check import MAX_PART, check_edges, describe, fits, refuse
from lava_hw.compiler.errors import PlacementError
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Part, Partitioned, Unit
from lava_hw.compiler.types import Merged, Neurons
from lava_hw.regs import BLOCK

Placement = Mapping[str, int | Sequence[int]]


def partition(
    merged: Merged, chip: Chip, placement: Placement | None = None, most: int = MAX_PART
) -> Partitioned:
    """Give the parts of all neurons.

    Parameters
    ----------
    merged : Merged
        The network.
    chip : Chip
        Whose cores are to hold them.
    placement : mapping, optional
        Core, or cores, of a process by its name; it is cut into as many parts as there are cores. A Dense
        lives where its targets live; its name places the helpers that the compiler made for it.
    most : int
        Neurons of a part at most; a multiple of 32.

    Raises
    ------
    DoesNotFit
        If even 32 neurons of a process do not fit an empty core.
    PlacementError
        If `placement` names a process or a core that is not there.
    """
    check_edges(merged)
    asked = _asked(merged, chip, placement or {})
    units: list[Unit] = []
    for names in _together(merged, chip):
        cell = merged.neurons[names[0]]
        cores = asked.get(cell.process)
        if cores:
            size = min(_even(cell.size, len(cores)), MAX_PART)
        else:
            size = _largest(names, cell, merged, chip, most)
        firsts = range(0, cell.size, size)
        for k, first in enumerate(firsts):
            parts = tuple(Part(n, first, min(size, cell.size - first)) for n in names)
            units.append(
                Unit(parts, cores[k * len(cores) // max(len(firsts), len(cores))] if cores else None)
            )
    return Partitioned(merged, tuple(units))


def _together(merged: Merged, chip: Chip) -> list[list[str]]:
    """Give sets of neurons that share parts and cores: each with those that follow it, as far as they fit."""
    sets = {name: [name] for name, cell in merged.neurons.items() if not cell.follow}
    for name, cell in merged.neurons.items():
        if cell.follow:
            trial = [*sets[cell.follow], name]
            block = min(cell.size, BLOCK)
            if fits(layout(0, [Part(n, 0, block) for n in trial], merged, chip), chip):
                sets[cell.follow] = trial
            else:
                sets[name] = [name]
    return list(sets.values())


def _asked(merged: Merged, chip: Chip, placement: Placement) -> dict[str, tuple[int, ...]]:
    found = {}
    for name, given in placement.items():
        if name not in merged.quantised.classes:
            raise PlacementError(
                f"placement: {name} is no process on the chip; "
                f"there are {', '.join(merged.quantised.classes)}"
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
        if not any(cell.process == name and not cell.follow for cell in merged.neurons.values()):
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


def _even(size: int, parts: int) -> int:
    """Neurons of each of at most `parts` parts, a multiple of 32."""
    return max(BLOCK, -(-size // parts // BLOCK) * BLOCK)


def _largest(names: Sequence[str], cell: Neurons, merged: Merged, chip: Chip, most: int) -> int:
    """Neurons of each part so that as few parts as possible fit empty cores."""

    def fit(count: int) -> bool:
        return fits(layout(0, [Part(n, 0, count) for n in names], merged, chip), chip)

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
        part = Part(names[0], 0, min(cell.size, BLOCK))
        core = layout(0, [Part(n, 0, part.count) for n in names], merged, chip)
        raise refuse(describe(part, merged), core, chip, f"a core of chip {chip.name}")
    return _even(cell.size, -(-whole // (low * BLOCK)))
