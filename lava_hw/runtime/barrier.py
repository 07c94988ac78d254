"""The barriers of a worker's domains: which step a participant may start, and when a barrier moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from lava_hw.runtime.greenlets import Greenlets
from lava_hw.runtime.peers import NoPeers, Peers

if TYPE_CHECKING:
    from lava_hw.runtime.channel import PortChannel
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.task import Party

__all__ = ["Barriers"]


class Barriers(Greenlets):
    """What a worker offers to its participants: greenlets, and leave to start steps.

    Attributes
    ----------
    peers : Peers
        The other workers.
    domains : list of Domain
        Those with steps.
    channels : list of PortChannel
        Those that end, or begin, in this worker.
    pausing, stopping : bool
        The user, or a model, asked for the end of the run. Set by any thread.
    called_off : bool
        The user asked for the end of the run, not a model: who waits for the program gives up.
    checkpoints : bool
        Whether Vars are copied between each two steps, so that an error can be rolled back.
    batch_steps : int
        Steps that a Python model is asked for at a time, at most, where it may run ahead. A pause waits for
        them.
    outside : threading.Event
        Set by threads of models when they want something.
    has_requests : callable
        Whether the user waits for an answer at a step boundary.
    """

    def __init__(self) -> None:
        super().__init__()
        self.peers: Peers = NoPeers()
        self.domains: list[Domain] = []
        self.channels: list[PortChannel] = []
        self.pausing = False
        self.stopping = False
        self.called_off = False
        self.checkpoints = False
        self.batch_steps = 64
        self.outside = threading.Event()
        self.has_requests: Callable[[], bool] = lambda: False

    # -- for participants --
    def acquire(self, participant: Party, step: int, count: int = 1, wait: bool = True) -> int:
        """Ask for leave to start steps; waits until there is an answer.

        Parameters
        ----------
        participant : Party
            Asks; it has ended all steps before `step`.
        step : int
            The first step.
        count : int
            Steps that it would like to execute.
        wait : bool, default True
            False for a participant that still has to send something of earlier steps.

        Returns
        -------
        int
            Steps granted, 1 to `count`; 0 if the run is over, or it would have to wait and may not.
        """
        domain: Domain | None = participant.domain
        assert domain is not None
        while True:
            barrier = domain.barrier
            if step <= barrier:
                granted = min(count, barrier - step + 1)
                participant.step = step + granted - 1
                return granted
            if domain.over or not wait:
                return 0
            if barrier < 0:
                self._close_barrier(domain)
                continue
            task = self._running()
            domain.waiting.append(task)
            self.wait(None, "barrier")

    def end_run(self, stop: bool = False) -> None:
        """End the run at the end of this step, on behalf of a model."""
        self.pausing = True
        self.stopping = self.stopping or stop
        self._close_free_barriers()

    def outside_wait(self, seconds: float) -> None:
        """Wait at most so long for another thread that sets `outside`."""
        self.outside.wait(seconds)
        self.outside.clear()

    # -- for the runtime --
    def request_yield(self) -> None:
        """Make a request to yield: participants come to a step boundary soon. Any thread may call it."""
        for domain in self.domains:
            if not domain.lockstep and not domain.over:
                domain.barrier = -1
        self.peers.wake()

    # -- for the scheduler --
    def _close_barrier(self, domain: Domain) -> None:
        """Close the barrier of a domain at the furthest step that was started."""
        domain.close_barrier()
        self.peers.barrier_closed(domain)

    def _close_free_barriers(self) -> None:
        """Close the barriers of all domains that do not go in lock step."""
        for domain in self.domains:
            if not domain.lockstep and not domain.over:
                self._close_barrier(domain)

    def _advance(self, domain: Domain) -> None:
        """Go on after a step that everybody has ended."""
        if domain.phases is not None and domain.phases.begin(domain.barrier):
            return
        if self.pausing or self.stopping or domain.barrier >= domain.end:
            domain.over = True
        else:
            domain.open_barrier()
            if not domain.lockstep and self.has_requests():
                domain.close_barrier()
        self.peers.barrier_moved(domain)
        self.ready.extend(domain.waiting)
        domain.waiting.clear()

    def let_go_on(self, domain: Domain) -> None:
        """Let the participants go on that wait at the barrier of a domain."""
        self.ready.extend(domain.waiting)
        domain.waiting.clear()
