"""The main greenlet of a worker: it decides what happens when no participant can go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from lava_hw.runtime.barrier import Barriers
from lava_hw.runtime.errors import DeadlockError
from lava_hw.runtime.greenlets import BLOCK_SECONDS
from lava_hw.runtime.task import Task, who_waits

if TYPE_CHECKING:
    from lava_hw.runtime.participant import Participant

__all__ = ["Scheduler"]


class Scheduler(Barriers):
    """Runs greenlets until all have ended: it moves barriers, answers probes, and waits for the outside.

    Attributes
    ----------
    participants : list of Participant
        In order of their processes.
    block_seconds : float
        How long the thread waits for an event from outside before it looks at requests of the user.
    serve : callable
        Called at step boundaries to answer requests of the user, if `has_requests` says that there are any.
    """

    def __init__(self) -> None:
        super().__init__()
        self.participants: list[Participant] = []
        self.block_seconds = BLOCK_SECONDS
        self.serve: Callable[[], None] = lambda: None
        self._error: BaseException | None = None
        self._grace = 0.0

    # -- for the worker --
    def cancel_all(self) -> None:
        """End all greenlets that wait."""
        raise NotImplementedError

    def _loop(self) -> None:
        poll_peers = self.peers.poll
        while self.live:
            while self.ready:
                self._switch(self.ready.popleft())
                if self.externals:
                    self._poll()
                poll_peers()
            if self.live:
                self._idle()

    def _idle(self) -> None:
        """No greenlet can go on: move barriers, answer probes, wait for the outside, or give up."""
        if not any(task.essential for task in self.live):
            self.cancel_all()
            return
        if self.full and self._wake_writers():
            return
        if self.externals and self._poll():
            return
        if self.peers.poll() and self.ready:
            return
        others = any(not task.for_program for task in self.externals) or not self.peers.at_rest()
        if self._error is not None and others and time.monotonic() < self._grace:
            self._wait_outside()
            return
        if self._error is None:
            at_boundary = [domain for domain in self.domains if domain.at_boundary]
            if self.has_requests() and (len(at_boundary) == len(self.domains) or self._may_serve()):
                self.serve()
            for domain in at_boundary:
                self._advance(domain)
            if at_boundary:
                return
            if self.externals or not self.peers.at_rest():
                if self.yielding:
                    self._resume_yielding()
                else:
                    self._wait_outside()
                return
            if self._answer_probes():
                return
        if self.yielding:
            self._resume_yielding()
            if self._error is None:
                return
        if self._error is None and not self.pausing and not self.stopping:
            if self.peers.are_yielding():
                self._wait_outside()
                return
            self._error = DeadlockError(who_waits(list(self.live), self.peers.waiting_lines()))
        for domain in self.domains:
            domain.note_complete()
        self.cancel_all()

    def _may_serve(self) -> bool:
        """Whether requests are answered within a step, because it may be the user who is waited for."""
        return (
            all(task.for_program for task in self.externals)
            and (not self.externals or all(p.readable_within_step for p in self.participants))
            and self.peers.at_rest()
        )

    # -- greenlets that ask for something --
    def _answer_probes(self) -> bool:
        """Say to all that ask for a message that there is none, since nothing more can arrive in this step.

        Nobody goes on before all have their answer, here and in other workers.
        """
        refused = self.refuse_probes()
        refused_elsewhere = self.peers.refuse_probes()
        self.ready.extend(refused)
        return bool(refused) or refused_elsewhere

    def refuse_probes(self) -> list[Task]:
        """Fix the answer to all that probe, before one of them goes on and sends a message to another one."""
        refused = list(self.probing)
        for task in refused:
            task.refused = True
            if task.channel is not None and task.channel.reader is task:
                task.channel.reader = None  # else a message would wake it a second time
        self.probing.clear()
        return refused

    def _resume_yielding(self) -> None:
        """Let models go on that ask whether they shall stop."""
        self.peers.nap(self.pausing or self.stopping)
        self.ready.extend(self.yielding)
        self.yielding.clear()

    # -- events from outside --
    def _wait_outside(self) -> None:
        """Wait a little for events from outside, and for other workers."""
        if self.ready:
            return
        waited = bool(self.externals)
        if waited:
            self._wait_for_externals()
        if not self.ready:
            self.peers.wait_for_packets(waited)

    def _wait_for_externals(self) -> None:
        if self.pausing or self.stopping:
            given_up = [task for task in self.externals if task.waits_to.startswith("outside?")]
            if given_up:
                for task in given_up:
                    self.externals.remove(task)
                    task.cancelled = True
                self.ready.extend(given_up)
                return
        for task in self.externals:
            if task.block is not None:
                try:
                    task.block(self.block_seconds / len(self.externals))
                    if task.poll is not None and task.poll():
                        return
                except BaseException as err:
                    self._fail(task, err)
                    self.externals.remove(task)
                    task.cancelled = True
                    self.ready.append(task)
                    return
        self._poll()
