"""Greenlets of one thread: switching, waiting, and events from outside."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from greenlet import greenlet

from lava_hw.runtime.channel import PortChannel
from lava_hw.runtime.errors import RunCancelled, RunError
from lava_hw.runtime.task import Task

if TYPE_CHECKING:
    from lava_hw.runtime.rng import GlobalRandom
    from lava_hw.runtime.task import Party

__all__ = ["BLOCK_SECONDS", "Greenlets"]

_BUDGET = 64
"""Switches between greenlets before events from outside are looked at."""
BLOCK_SECONDS = 0.02
"""How long the thread waits for an event from outside before it looks at requests of the user."""


class Greenlets:
    """Switches between the greenlets of participants.

    Attributes
    ----------
    ready : deque of Task
        Greenlets that can go on.
    full : dict of PortChannel
        Channels whose senders wait, or did.
    current : Task or None
        The greenlet that runs; None in the thread's main greenlet.
    switches : int
        How often a greenlet has waited, so that another thread sees whether one goes on for long.
    rng : GlobalRandom or None
        Swaps numpy's global generator, where models may use it.
    live : dict of Task
        Greenlets that have not ended.
    externals, yielding, probing : list of Task
        Greenlets that wait for something outside, that let others run, and that ask whether there is a
        message.
    """

    def __init__(self) -> None:
        self.ready: deque[Task] = deque()
        self.full: dict[PortChannel, None] = {}
        self.current: Task | None = None
        self.rng: GlobalRandom | None = None
        self._hub: greenlet | None = None
        self.live: dict[Task, None] = {}
        self.externals: list[Task] = []
        self.yielding: list[Task] = []
        self.probing: list[Task] = []
        self._joining: list[tuple[Task, list[Task]]] = []
        self._budget = 0
        self.switches = 0

    def _fail(self, task: Task, error: BaseException) -> None:
        """Note the error that a greenlet has raised."""
        raise NotImplementedError

    def wait(self, channel: PortChannel | None, to: str) -> None:
        """Leave the running greenlet until another one puts it into `ready`."""
        task = self._running()
        if task.cancelled:
            raise RunCancelled
        task.channel = channel
        task.waits_to = to
        rng = self.rng
        if rng is not None:
            rng.leave(task.participant)
        self._budget -= 1
        self.switches += 1
        if self.ready and self._budget > 0:
            following = self.ready.popleft()
            if following is not task:
                self.current = following
                following.glet.switch()
        else:
            assert self._hub is not None
            self._hub.switch()
        if rng is not None:
            rng.enter(task.participant)
        task.waits_to = ""
        if task.cancelled:
            raise RunCancelled

    def wait_external(
        self,
        poll: Callable[[], bool],
        block: Callable[[float], None],
        what: str,
        cancellable: bool = False,
        for_program: bool = False,
    ) -> None:
        """Wait for something outside of this thread.

        Parameters
        ----------
        poll : callable
            Whether it has happened. Cheap; called often.
        block : callable
            Waits at most the given seconds for it, without holding the interpreter's lock. Called when
            nothing else can run. May raise.
        what : str
            What is waited for, for messages.
        cancellable : bool, default False
            Whether pause() and stop() may give up the wait (RunCancelled is raised then).
        for_program : bool, default False
            Whether it is the program around the network that is waited for. Its requests are answered
            meanwhile, although nobody is at a step boundary.
        """
        if self.current is None:
            # Between runs, or while a request is answered: nobody else could go on meanwhile.
            while not poll():
                block(BLOCK_SECONDS)
            return
        while not poll():
            task = self.current
            task.poll, task.block, task.for_program = poll, block, for_program
            self.externals.append(task)
            try:
                self.wait(None, f"{'outside?' if cancellable else 'outside'} {what}")
            finally:
                task.poll = task.block = None
                task.for_program = False
                if task in self.externals:
                    self.externals.remove(task)

    def yield_now(self) -> None:
        """Let others run."""
        self.yielding.append(self._running())
        self.wait(None, "yield")

    def probe(self, channel: PortChannel) -> bool:
        """See PortChannel.probe; called when the channel is empty."""
        task = self._running()
        domain, source = task.participant.domain, channel.source
        if domain is None or source.domain is not domain:
            self.yield_now()
            return bool(channel.queue)
        step = task.participant.step
        if source.step > step or channel.closed >= step:
            return bool(channel.queue)
        channel.reader = task
        task.refused = False
        self.probing.append(task)
        self.wait(channel, "probe")
        if task in self.probing:
            self.probing.remove(task)
        if channel.reader is task:
            channel.reader = None
        return not task.refused and bool(channel.queue)

    def spawn(
        self,
        participant: Party,
        function: Callable[[], None],
        phase: str | None = None,
        essential: bool = False,
    ) -> Task:
        """Start a greenlet of a participant. A run lasts as long as one that is `essential`."""

        def run() -> None:
            rng = self.rng
            if rng is not None:
                rng.enter(participant)
            try:
                function()
            except RunCancelled:
                pass
            except BaseException as err:  # also SystemExit: a model must not end the thread
                self._fail(task, err)
            finally:
                if rng is not None:
                    rng.leave(participant)
                self.live.pop(task, None)
                for waiting in list(self._joining):
                    if task in waiting[1] and not any(other in self.live for other in waiting[1]):
                        self._joining.remove(waiting)
                        self.ready.append(waiting[0])

        task = Task(participant, greenlet(run, parent=self._hub))
        task.phase = phase
        task.essential = essential
        self.live[task] = None
        self.ready.append(task)
        return task

    def wait_for(self, tasks: list[Task], what: str) -> None:
        """Wait until greenlets have ended; `what` is for the message of a deadlock."""
        while any(task in self.live for task in tasks):
            self._joining.append((self._running(), tasks))
            self.wait(None, what)

    def _running(self) -> Task:
        if self.current is None:
            raise RunError("Ports can only be used while a model runs, not while it is built.")
        return self.current

    def _switch(self, task: Task) -> None:
        self._budget = _BUDGET
        self.current = task
        task.glet.switch()
        self.current = None

    def _wake_writers(self) -> bool:
        """Let senders go on that wait for half of their channel to be free, but have some room."""
        waiting = [channel for channel in self.full if channel.writer is not None]
        self.full.clear()
        woken = False
        for channel in waiting:
            if channel.count < channel.capacity and channel.writer is not None:
                self.ready.append(channel.writer)
                channel.writer = None
                woken = True
            else:
                self.full[channel] = None
        return woken

    def _poll(self) -> bool:
        """Let greenlets go on whose event from outside has happened, or will not happen."""
        happened = []
        for task in self.externals:
            try:
                if task.poll is not None and task.poll():
                    happened.append(task)
            except BaseException as err:
                self._fail(task, err)
                task.cancelled = True
                happened.append(task)
        for task in happened:
            self.externals.remove(task)
            self.ready.append(task)
        return bool(happened)
