"""Place: give every part a core, the first in the order of the chip that has room for it."""

from __future__ import annotations

from lava_hw.chip import Chip
from lava_hw.compiler.check import describe, fits, limits, refuse
from lava_hw.compiler.errors import PlacementError
from lava_hw.compiler.layout import layout
from lava_hw.compiler.placed_types import Part, Partitioned, Placed, Unit
from lava_hw.compiler.types import Merged


def place(partitioned: Partitioned, chip: Chip, largest_first: bool = False) -> Placed:
    """Give the parts of each core.

    Those that were asked for a core come first, then the others in the order of the network, or those that
    fill most of a core first.

    Raises
    ------
    DoesNotFit
        If no core has room for a part.
    PlacementError
        If the core that was asked for has no room.
    """
    merged = partitioned.merged
    order = {name: k for k, name in enumerate(merged.neurons)}
    cores: dict[int, list[Part]] = {core: [] for core in chip.cores}

    def sort(parts: list[Part]) -> list[Part]:
        return sorted(parts, key=lambda part: (order[part.neurons], part.first))

    def rank(unit: Unit) -> tuple[bool, float]:
        return unit.core is None, -_share(unit, merged, chip) if largest_first else 0.0

    for unit in sorted(partitioned.units, key=rank):
        for core in chip.cores if unit.core is None else (unit.core,):
            trial = sort([*cores[core], *unit.parts])
            if fits(layout(core, trial, merged, chip), chip):
                cores[core] = trial
                break
        else:
            raise _no_room(unit, cores, merged, chip)
    return Placed(merged, {core: tuple(parts) for core, parts in cores.items() if parts})


def _share(unit: Unit, merged: Merged, chip: Chip) -> float:
    """Give how much of an empty core a unit takes, of the resource that it takes most of."""
    usage = layout(0, unit.parts, merged, chip).usage
    return max(usage[resource] / limit for resource, limit in limits(chip).items())


def _no_room(unit: Unit, cores: dict[int, list[Part]], merged: Merged, chip: Chip) -> Exception:
    what = describe(unit.parts[0], merged)
    core = unit.core if unit.core is not None else min(chip.cores, key=lambda c: len(cores[c]))
    found = layout(core, [*cores[core], *unit.parts], merged, chip)
    where = f"core {core} of chip {chip.name}"
    if unit.core is not None:
        error = refuse(f"{what} and what is there already", found, chip, where)
        return PlacementError(f"placement: {error}")
    return refuse(f"{what} together with what is on the emptiest core", found, chip, where)
