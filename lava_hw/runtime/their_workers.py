"""The workers of a runtime: the program's own, and others if there are any."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from lava_hw.graph import Flat
from lava_hw.magma.core.run_configs import RunConfig
from lava_hw.runtime.build import Site, assemble
from lava_hw.runtime.scheduler import Worker

if TYPE_CHECKING:
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.placement import Placement

__all__ = ["fill_worker", "make_worker"]


def make_worker(flat: Flat, run_cfg: RunConfig, capacity: int, placement: Placement) -> Worker:
    """The program's worker; starts the others, if there are any, before the runtime has a thread."""
    if placement.count == 1:
        return Worker()
    fork, home, member = (
        import_module(f"lava_hw.runtime.crew.{name}") for name in ("fork", "home", "member")
    )
    forked = fork.fork(placement.count, partial(member.live, flat, run_cfg, capacity, placement))
    names = {number: placement.names(flat, number) for number in range(placement.count)}
    worker: Worker = home.HomeWorker(forked, names)
    return worker


def fill_worker(
    worker: Worker, flat: Flat, run_cfg: RunConfig, capacity: int, placement: Placement
) -> dict[int, Participant]:
    """Fill the program's worker."""
    crew = getattr(worker, "crew", None)
    owners = assemble(worker, flat, run_cfg, capacity, Site(placement, post=crew))
    if crew is not None:
        worker.serve_references(flat, owners)  # type: ignore[attr-defined]
    return owners
