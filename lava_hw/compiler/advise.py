"""Advise: which chip would be large enough for a network that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Any

from lava_hw.chip import KEYS, Chip, ChipError, list_chips
from lava_hw.compiler.errors import DoesNotFit
from lava_hw.compiler.types import Legal
from lava_hw.compiler.uses import needs

__all__ = ["advised", "chips_that_would_do", "keys_that_would_do", "room_for_synapses", "total"]

HOW = "configs/README.md says how to write a chip's file"
_FACTORS = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0)
Fit = Callable[[Chip], Any]


def total(legal: Legal, chip: Chip) -> dict[str, int]:
    """Give how much of each resource the whole network needs, as if it were on one core; routes are left
    out.
    """
    return dict(_total(legal, chip.lanes))


@lru_cache(maxsize=4)
def _total(legal: Legal, lanes: int) -> dict[str, int]:
    """As `total`, which depends on nothing else of a chip, and is asked of many of them."""
    chip = replace(Chip.load("default"), lanes=lanes, word=8 * lanes)
    found = dict.fromkeys(chip.resources(), 0)
    for use in needs(legal, chip):
        for resource, amount in use.amounts.items():
            found[resource] += amount
    return found


def room_for_synapses(legal: Legal, chip: Chip) -> bool:
    """Whether all cores together have as many lines of synapses as a network needs."""
    return total(legal, chip)["synapse_lines"] <= len(chip.cores) * chip.synapse_lines


def advised(error: DoesNotFit, legal: Legal, chip: Chip, fit: Fit) -> DoesNotFit:
    """Add to an error what the whole network needs and which chip would do.

    Parameters
    ----------
    error : DoesNotFit
        What was found; one about a limit that all chips have comes back as it is.
    legal : Legal
        The network.
    chip : Chip
        On which it does not fit.
    fit : callable
        Raises DoesNotFit if the network does not fit the chip that it is given.
    """
    if error.resource not in chip.resources():
        return error
    chips, keys = chips_that_would_do(legal, fit), keys_that_would_do(legal, chip, fit)
    text = [error.advice]
    of_core, cores = chip.resources()[error.resource], len(chip.cores)
    need = total(legal, chip)[error.resource]
    if need:
        text.append(
            f"The whole network needs {need} {error.resource}; chip {chip.name} has {cores * of_core} "
            f"({cores} of {of_core})."
        )
    some = ", ".join(f"{key}: {value}" for key, value in keys.items())
    if keys:
        own = f"A file like that of {chip.name} would do with {some}; {HOW}."
    else:
        own = "No larger file of its kind was found; make the network smaller, or split it."
    names = ", ".join(chips)
    would = f"Of the shipped chips {names} would do" if chips else "No shipped chip would do"
    text.append(f"{would}. {own}")
    return DoesNotFit(
        error.what,
        error.resource,
        error.need,
        error.limit,
        error.where,
        " ".join(part for part in text if part),
        chips,
        keys,
    )


def chips_that_would_do(legal: Legal, fit: Fit) -> tuple[str, ...]:
    """Give the chips of configs/ on which a network has room."""
    return tuple(name for name in list_chips() if _fits(legal, Chip.load(name), fit))


def keys_that_would_do(legal: Legal, chip: Chip, fit: Fit) -> dict[str, int]:
    """Give keys of a chip's file, with values with which a network has room on it; empty if none were found.

    As few keys as possible are changed; where more cores of the same size are enough, these are the answer.
    """
    most = KEYS["mesh_x"].maximum, KEYS["mesh_y"].maximum
    meshes = product(range(1, most[0] + 1), range(1, most[1] + 1))
    for x, y in sorted(meshes, key=lambda xy: (xy[0] * xy[1], xy)):
        if x >= chip.mesh_x and y >= chip.mesh_y and abs(x - y) <= 1:
            larger = replace(chip, mesh_x=x, mesh_y=y)
            if _fits(legal, larger, fit):
                return _changes(chip, larger)
    for x, y in ((chip.mesh_x, chip.mesh_y), (4, 4), most):
        larger = replace(chip, mesh_x=max(x, chip.mesh_x), mesh_y=max(y, chip.mesh_y))
        changed = _deeper(legal, larger, fit)
        if changed:
            return _changes(chip, larger) | changed
    return {}


def _changes(chip: Chip, other: Chip) -> dict[str, int]:
    return {key: value for key, value in other.parameters().items() if value != chip.parameters()[key]}


def _deeper(legal: Legal, chip: Chip, fit: Fit) -> dict[str, int]:
    """As `keys_that_would_do`, with the same number of cores."""
    need, have = total(legal, chip), chip.resources()
    cores = len(chip.cores)
    for factor in _FACTORS:
        wanted = {key: int(-(-need[key] * factor // cores)) for key in have}
        # Routes are one or more for each connection, wherever its source is.
        wanted["routes"] = int(need["connections"] * factor)
        changed = {key: value for key, value in wanted.items() if value > have[key]}
        if _fits_with(legal, chip, changed, fit):
            for key in list(changed):
                fewer = {other: value for other, value in changed.items() if other != key}
                if _fits_with(legal, chip, fewer, fit):
                    changed = fewer
            return _legal(chip, changed)
    return {}


def _legal(chip: Chip, changed: dict[str, int]) -> dict[str, int]:
    """The values that the rules of a chip's file allow: whole groups of neurons, a line of state for each."""
    found = dict(changed)
    if "neurons" in found:
        found["neurons"] = -(-found["neurons"] // chip.lanes) * chip.lanes
        lines = max(found["neurons"] // chip.lanes, found.get("state_lines", chip.state_lines))
        if lines > chip.state_lines:
            found["state_lines"] = lines
    return found


def _fits_with(legal: Legal, chip: Chip, changed: dict[str, int], fit: Fit) -> bool:
    try:
        larger = Chip(**{**chip.to_dict(), **_legal(chip, changed)})
    except ChipError:
        return False
    return _fits(legal, larger, fit)


def _fits(legal: Legal, chip: Chip, fit: Fit) -> bool:
    """Whether a network has room; what is larger than all cores together is not tried."""
    have, cores = chip.resources(), len(chip.cores)
    if any(amount > cores * have[resource] for resource, amount in total(legal, chip).items()):
        return False
    try:
        fit(chip)
    except DoesNotFit:
        return False
    return True
