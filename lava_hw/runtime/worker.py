"""A worker: it runs participants for a number of steps, and ends a run, also by an error."""

from __future__ import annotations

import threading
import time
from functools import partial

from greenlet import getcurrent

from lava_hw.runtime.errors import ModelError, add_note
from lava_hw.runtime.scheduler import Scheduler
from lava_hw.runtime.task import Task, named_error

__all__ = ["Worker"]

_GRACE_SECONDS = 1.0
"""How long events from outside are still waited for after an error."""


class Worker(Scheduler):
    """Runs participants. Everything but `request_yield` is called in the worker's thread."""

    def __init__(self) -> None:
        super().__init__()
        self._clock: int | None = None

    # -- its thread --
    def attach(self) -> None:
        """Make the calling thread the worker's thread."""
        self._hub = getcurrent()
        if hasattr(time, "pthread_getcpuclockid"):
            self._clock = time.pthread_getcpuclockid(threading.get_ident())

    def busy_seconds(self) -> float:
        """Give the time that the worker's thread has computed; any thread may call it."""
        try:
            return time.clock_gettime(self._clock) if self._clock is not None else 0.0
        except OSError:  # the thread has ended
            return 0.0

    def detach(self) -> None:
        """Let go of the thread, before it ends."""
        self.cancel_all()
        self._hub = None
        self.current = None

    # -- runs --
    def run(self, n_steps: int) -> None:
        """Run steps; returns at a step boundary.

        Raises
        ------
        ModelError, DeadlockError
            If the run ends early by a fault.
        """
        self._error = None
        first_steps = {id(domain): domain.step + 1 for domain in self.domains}
        for domain in self.domains:
            domain.start(n_steps)
        if self.rng is not None:
            self.rng.begin()
        try:
            self.peers.begin_run(n_steps)
            self._spawn_bodies(first_steps, n_steps)
            if self.has_requests() or self.pausing:
                self.request_yield()
            self._loop()
        except BaseException as err:
            self._error = err
        finally:
            self.cancel_all()
            self.peers.end_run()
            for domain in self.domains:
                domain.over = True
            if self.rng is not None:
                self.rng.end()
            self.pausing = False
        if self._error is not None:
            error, self._error = self._error, None
            self.rollback()
            raise error

    def _spawn_bodies(self, first_steps: dict[int, int], n_steps: int) -> None:
        """Let all participants begin; the first step is that of the domain, by its `id`."""
        for participant in self.participants:
            first = first_steps.get(id(participant.domain), 1)
            self.spawn(participant, partial(participant.body, first, n_steps), essential=True)

    def rollback(self) -> None:
        """Go back, after an error, to the end of the last complete step, where it has a checkpoint."""
        if any(domain.checkpoints for domain in self.domains):
            self.peers.rollback([domain.complete for domain in self.domains])
        for domain in self.domains:
            domain.rollback()

    def reset(self) -> None:
        """Go back to the state after building."""
        wait_for_peers = self.peers.reset()
        for channel in self.channels:
            channel.clear()
        for domain in self.domains:
            domain.reset()
        rng = self.rng
        if rng is not None:
            rng.reset()
            rng.begin()
        try:
            for participant in self.participants:
                participant.step = 0
                participant.reset()
        finally:
            if rng is not None:
                rng.end()
        wait_for_peers()

    # -- ends --
    def _fail(self, task: Task, error: BaseException) -> None:
        """Note an error; the others finish what they can of the step, then the run ends."""
        if self._error is None:
            self.end_by(named_error(task, error))

    def end_by(self, error: BaseException) -> None:
        """End the run because of an error; the others finish what they can of the step."""
        self._close_free_barriers()
        if self._error is None:
            # The outside may still finish what it has begun.
            self._grace = time.monotonic() + _GRACE_SECONDS
            self._error = self._root_of(error)

    def _root_of(self, error: BaseException) -> BaseException:
        """Give the failure of the chip, if it has one: a model with a RefPort may notice it first."""
        for participant in self.participants:
            failure = participant.failure
            if failure is not None and failure is not error:
                if isinstance(error, ModelError):
                    add_note(failure, f"noticed in {participant.where()} by: {error}")
                return failure
        return error

    def cancel_all(self) -> None:
        """See Scheduler."""
        self.ready.clear()
        self.externals.clear()
        self.yielding.clear()
        self.probing.clear()
        self._joining.clear()
        self.full.clear()
        for _ in range(3):  # a model may catch the first one while it cleans up
            for task in list(self.live):
                if not task.glet:  # it was never started
                    self.live.pop(task, None)
                    continue
                task.cancelled = True
                self.current = task
                task.glet.switch()
                self.current = None
            if not self.live:
                break
        self.live.clear()
        self.ready.clear()
        for channel in self.channels:
            channel.forget_waiting()
        for domain in self.domains:
            domain.waiting.clear()
