"""Makes the report of a network from what the compiler found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from lava_hw.chip import Chip
from lava_hw.compiler.uses import Summary, Use
from lava_hw.graph import Flat
from lava_hw.report.types import ConnectionReport, CoreReport, ProcessReport, Report

__all__ = ["make_report"]


def make_report(
    flat: Flat,
    chip: Chip | None = None,
    device: str = "",
    summary: Summary | None = None,
    places: Mapping[int, str] | None = None,
    problems: Sequence[str] = (),
) -> Report:
    """Give the report of a network.

    Parameters
    ----------
    flat : Flat
        The network with its models.
    chip : Chip, optional
        The chip; None if nothing is on one.
    device : str
        What computes it.
    summary : Summary, optional
        What each process takes of each core, from `lava_hw.compiler.uses`.
    places : mapping of int to str, optional
        Where processes run in Python, by index, if not in the program's own worker.
    problems : sequence of str
        What does not fit.
    """
    summary = summary or Summary()
    uses = summary.uses
    have = chip.resources() if chip is not None else {}
    processes = []
    for p in flat.processes:
        mine = [use for use in uses if use.process == p.name]
        cores = tuple(use.core for use in mine if use.core >= 0)
        amounts = _sum(mine)
        binds, share = _most(amounts, have, max(len(cores), 1))
        processes.append(
            ProcessReport(
                p.name,
                p.process._class_label(),
                p.model_class.__name__,
                "chip" if p.on_chip else (places or {}).get(p.index, "Python"),
                cores,
                p.reason,
                amounts,
                binds,
                share,
            )
        )
    found = []
    for core in sorted({use.core for use in uses if use.core >= 0}):
        here = [use for use in uses if use.core == core]
        amounts = _sum(here)
        found.append(CoreReport(core, tuple(use.process for use in here), amounts, *_most(amounts, have, 1)))
    return Report(
        chip.name if chip is not None else "",
        device if chip is not None else "",
        len(chip.cores) if chip is not None else 0,
        have,
        tuple(processes),
        tuple(found),
        tuple(problems),
        tuple(ConnectionReport(**asdict(conn)) for conn in summary.connections),
        summary.stages,
    )


def _sum(uses: Sequence[Use]) -> dict[str, int]:
    if not uses:
        return {}
    return {resource: sum(use.amounts[resource] for use in uses) for resource in uses[0].amounts}


def _most(amounts: Mapping[str, int], have: Mapping[str, int], cores: int) -> tuple[str, float]:
    """The resource with the largest part of its limit, and that part."""
    shares = {resource: amount / (have[resource] * cores) for resource, amount in amounts.items()}
    binds = max(shares, key=lambda resource: shares[resource], default="")
    return binds, shares[binds] if binds else 0.0
