"""The worker: runs participants as greenlets of one thread and knows who waits for whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent

from lava_hw.runtime.channel import Channel
from lava_hw.runtime.errors import DeadlockError, ModelError, add_note
from lava_hw.runtime.greenlets import BLOCK_SECONDS, Greenlets
from lava_hw.runtime.others import OtherWorkers
from lava_hw.runtime.task import Task, named_error, who_waits

if TYPE_CHECKING:
    from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.participant import Participant

__all__ = ["NAP_SECONDS", "Worker"]

_GRACE_SECONDS = 1.0
"""How long events from outside are still waited for after an error."""
NAP_SECONDS = 5e-5
"""Pause between rounds in which models only ask whether they shall stop."""


class Worker(OtherWorkers, Greenlets):
    """Runs participants. Everything but `nudge` is called in the worker's thread.

    Attributes
    ----------
    participants : list of Participant
        In order of their processes.
    domains : list of Domain
        Those with steps.
    elsewhere : list of Elsewhere
        Stand for the processes of other workers.
    pausing, stopping : bool
        The user, or a model, asked for the end of the run. Set by any thread.
    called_off : bool
        The user asked for the end of the run, not a model: who waits for the program gives up.
    block_steps : int
        Steps that a Python model is asked for at a time, at most, where it may run ahead. A pause waits for
        them.
    outside : threading.Event
        Set by threads of models when they want something.
    serve : callable
        Called at step boundaries to answer requests of the user, if `has_requests` says that there are any.
    """

    def __init__(self) -> None:
        super().__init__()
        self.participants: list[Participant] = []
        self.domains: list[Domain] = []
        self.channels: list[Channel] = []
        self.elsewhere: list[Any] = []
        self.pausing = False
        self.stopping = False
        self.called_off = False
        self.block_steps = 64
        self.block_seconds = BLOCK_SECONDS
        self.outside = threading.Event()
        self._clock: int | None = None
        self.has_requests: Callable[[], bool] = lambda: False
        self.serve: Callable[[], None] = lambda: None
        self._error: BaseException | None = None
        self._grace = 0.0

    # -- for participants --
    def may_start(self, participant: Participant, step: int, count: int = 1, wait: bool = True) -> int:
        """Ask for leave to start steps; waits until there is an answer.

        Parameters
        ----------
        participant : Participant
            Who asks; it has ended all steps before `step`.
        step : int
            The first step.
        count : int
            Steps that it would like to execute.
        wait : bool, default True
            False for a participant that still owes something of earlier steps.

        Returns
        -------
        int
            Steps granted, 1 to `count`; 0 if the run is over, or it would have to wait and may not.
        """
        domain = participant.domain
        assert domain is not None
        while True:
            gate = domain.gate
            if step <= gate:
                granted = min(count, gate - step + 1)
                participant.step = step + granted - 1
                return granted
            if domain.over or not wait:
                return 0
            if gate < 0:
                self._settle(domain)
                continue
            task = self._running()
            domain.waiting.append(task)
            self.wait(None, "gate")

    def end_run(self, stop: bool = False) -> None:
        """End the run at the end of this step, on behalf of a model."""
        self.pausing = True
        self.stopping = self.stopping or stop
        for domain in self.domains:
            if not domain.lockstep:
                self._settle(domain)

    # -- for the runtime --
    def attach(self) -> None:
        """Make the calling thread the worker's thread."""
        self._hub = getcurrent()
        if hasattr(time, "pthread_getcpuclockid"):
            self._clock = time.pthread_getcpuclockid(threading.get_ident())

    def busy_seconds(self) -> float:
        """Time that the worker's thread has computed; callable from any thread."""
        try:
            return time.clock_gettime(self._clock) if self._clock is not None else 0.0
        except OSError:  # the thread has ended
            return 0.0

    def detach(self) -> None:
        """Let go of the thread, before it ends."""
        self._cancel_all()
        self._hub = None
        self.current = None

    def outside_wait(self, seconds: float) -> None:
        """Wait at most so long for another thread that sets `outside`."""
        self.outside.wait(seconds)
        self.outside.clear()

    def nudge(self) -> None:
        """Bring participants to a step boundary soon. Callable from any thread."""
        for domain in self.domains:
            if not domain.lockstep and not domain.over:
                domain.gate = -1

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
            self._begin_others(n_steps)
            self._spawn_bodies(first_steps, n_steps)
            if self.has_requests() or self.pausing:
                self.nudge()
            self._loop()
        except BaseException as err:
            self._error = err
        finally:
            self._cancel_all()
            self._end_others()
            for domain in self.domains:
                domain.over = True
            if self.rng is not None:
                self.rng.end()
            self.pausing = False
        if self._error is not None:
            error, self._error = self._error, None
            self.go_back()
            raise error

    def go_back(self) -> None:
        """After an error: be at the end of the last complete step, where that was kept."""
        for domain in self.domains:
            domain.go_back()

    def _spawn_bodies(self, first_steps: dict[int, int], n_steps: int) -> None:
        """Let all participants begin; the first step is that of the domain, by its `id`."""
        for participant in self.participants:
            first = first_steps.get(id(participant.domain), 1)
            self.spawn(participant, partial(participant.body, first, n_steps), essential=True)

    # -- the main greenlet --
    def _loop(self) -> None:
        while self._live:
            while self.ready:
                self._switch(self.ready.popleft())
                if self._externals:
                    self._poll()
                self._look_at_others()
            if self._live:
                self._idle()

    def _idle(self) -> None:
        """No greenlet can go on: open gates, answer probes, wait for the outside, or give up."""
        if not any(task.essential for task in self._live):
            self._cancel_all()
            return
        if self.full and self._wake_writers():
            return
        if self._externals and self._poll():
            return
        if self._look_at_others() and self.ready:
            return
        others = any(not task.for_program for task in self._externals) or not self._others_rest()
        if self._error is not None and others and time.monotonic() < self._grace:
            self._wait_outside()
            return
        if self._error is None:
            at_boundary = [domain for domain in self.domains if domain.at_boundary]
            if self.has_requests() and (len(at_boundary) == len(self.domains) or self._may_serve()):
                self.serve()
            moved = False
            for domain in at_boundary:
                moved = self._advance(domain) or moved
            if moved:
                return
            if self._externals or not self._others_rest():
                if self._yielding:
                    self._resume_yielding()
                else:
                    self._wait_outside()
                return
            if self._answer_probes():
                return
        if self._yielding:
            self._resume_yielding()
            if self._error is None:
                return
        if self._error is None and not self.pausing and not self.stopping:
            if self._others_ask():
                self._wait_outside()
                return
            self._error = DeadlockError(self._who_waits())
        for domain in self.domains:
            domain.note_complete()
        self._cancel_all()

    def _answer_probes(self) -> bool:
        """Say to who asks for a message that there is none, since nothing more can arrive in this step."""
        refused = self._refuse_probes()
        self.ready.extend(refused)
        return bool(refused)

    def _refuse_probes(self) -> list[Task]:
        """Fix the answer to all who ask before one of them goes on, and sends what another one asks for."""
        refused = list(self._probing)
        for task in refused:
            task.refused = True
            if task.channel is not None and task.channel.reader is task:
                task.channel.reader = None  # else a message would wake it a second time
        self._probing.clear()
        return refused

    def _resume_yielding(self) -> None:
        if not self.pausing and not self.stopping:
            time.sleep(NAP_SECONDS)
        self.ready.extend(self._yielding)
        self._yielding.clear()

    def _may_serve(self) -> bool:
        """Whether requests are answered within a step, because it may be the user who is waited for."""
        return (
            all(task.for_program for task in self._externals)
            and (not self._externals or all(p.readable_within_step for p in self.participants))
            and self._others_rest()
        )

    # -- hooks where there are other workers --
    def _settle(self, domain: Domain) -> None:
        """Close the gate of a domain at the furthest step that was started."""
        domain.settle()

    def ask(self, models: list[Any], guards: Sequence[str], phase: Phase | None = None) -> list[list[Any]]:
        """For each guard those of the participants for which it is true; first they enter a phase, if any."""
        if phase is not None:
            for model in models:
                model.enter_phase(phase)
        return [[model for model in models if model.asks(guard)] for guard in guards]

    def _who_waits(self) -> str:
        return who_waits(list(self._live))

    def _advance(self, domain: Domain) -> bool:
        """Go on after a step that everybody has ended."""
        if domain.phases is not None and domain.phases.begin(domain.gate):
            return True
        if self.pausing or self.stopping or domain.gate >= domain.end:
            domain.over = True
        else:
            domain.open()
            if not domain.lockstep and self.has_requests():
                domain.settle()
        self._opened(domain)
        self.ready.extend(domain.waiting)
        domain.waiting.clear()
        return True

    def _wait_outside(self) -> None:
        if self.pausing or self.stopping:
            given_up = [task for task in self._externals if task.waits_to.startswith("outside?")]
            if given_up:
                for task in given_up:
                    self._externals.remove(task)
                    task.cancelled = True
                self.ready.extend(given_up)
                return
        for task in self._externals:
            if task.block is not None:
                try:
                    task.block(self.block_seconds / len(self._externals))
                    if task.poll is not None and task.poll():
                        return
                except BaseException as err:
                    self._fail(task, err)
                    self._externals.remove(task)
                    task.cancelled = True
                    self.ready.append(task)
                    return
        self._poll()

    # -- ends --
    def _fail(self, task: Task, error: BaseException) -> None:
        """Note an error; the others finish what they can of the step, then the run ends."""
        if self._error is None:
            self.end_by(named_error(task, error))

    def end_by(self, error: BaseException) -> None:
        """End the run because of an error; the others finish what they can of the step."""
        for domain in self.domains:
            if not domain.lockstep and not domain.over:
                self._settle(domain)
        if self._error is None:
            # The outside may still finish what it has begun.
            self._grace = time.monotonic() + _GRACE_SECONDS
            self._error = self._root_of(error)

    def _root_of(self, error: BaseException) -> BaseException:
        """The failure of the chip, if it has one: who asks it through a RefPort may notice it first."""
        for participant in self.participants:
            failure = participant.failure
            if failure is not None and failure is not error:
                if isinstance(error, ModelError):
                    add_note(failure, f"noticed in {participant.where()} by: {error}")
                return failure
        return error

    def _cancel_all(self) -> None:
        """End all greenlets that wait."""
        self.ready.clear()
        self._externals.clear()
        self._yielding.clear()
        self._probing.clear()
        self._joining.clear()
        self.full.clear()
        for _ in range(3):  # a model may catch the first one while it cleans up
            for task in list(self._live):
                if not task.glet:  # it was never started
                    self._live.pop(task, None)
                    continue
                task.cancelled = True
                self.current = task
                task.glet.switch()
                self.current = None
            if not self._live:
                break
        self._live.clear()
        self.ready.clear()
        for channel in self.channels:
            channel.forget_waiting()
        for domain in self.domains:
            domain.waiting.clear()

    def reset(self) -> None:
        """Be as freshly built."""
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
