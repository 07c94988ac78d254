"""Warnings that were given when processes were made, as errors of a strict run."""

from __future__ import annotations

from lava_hw.graph.flat import Flat

__all__ = ["check_notices"]


def check_notices(flat: Flat, strict: bool) -> None:
    """Raise the first warning that was given when a process of the network was made, if `strict`.

    Raises
    ------
    LavaHwWarning
        The warning itself.
    """
    if not strict:
        return
    live = [each.process for each in flat.processes] + [parent for _, parent in flat.parents]
    for process in sorted(live, key=lambda each: each.serial):
        for warning in process._notices:
            raise warning
