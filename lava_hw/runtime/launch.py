"""Launches the workers of a runtime: the program's own, and others if there are any."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lava_hw.runtime.build import WorkerContext, assemble
from lava_hw.runtime.worker import Worker
from lava_hw.runtime.workers.coordinator import Coordinator
from lava_hw.runtime.workers.fork import fork
from lava_hw.runtime.workers.remote_worker import live

if TYPE_CHECKING:
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.plan import NetworkPlan

__all__ = ["fill_worker", "launch_workers"]


def launch_workers(plan: NetworkPlan) -> Worker:
    """Make the program's worker; starts the others, if there are any, before the runtime has a thread."""
    worker, placement = Worker(), plan.placement
    worker.checkpoints = plan.checkpoints
    if placement.count > 1:
        forked = fork(placement.count, partial(live, plan))
        names = {number: placement.names(plan.flat, number) for number in range(placement.count)}
        worker.peers = Coordinator(worker, forked, names)
    return worker


def fill_worker(worker: Worker, plan: NetworkPlan) -> dict[int, Participant]:
    """Fill the program's worker."""
    owners = assemble(worker, plan, WorkerContext(endpoint=worker.peers.endpoint))
    worker.peers.serve_references(plan.flat, owners)
    return owners
