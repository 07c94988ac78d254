"""The other workers, as the program's worker knows them.

That nothing can go on any more is known when all of them say so, and what each says to have sent to another
one is what that one has received: each can only be made to go on by a packet, so no packet is under way and
none will be (F. Mattern, "Algorithms for distributed termination detection", Distributed Computing 2, 1987).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lava_hw.bridge import PeerError
from lava_hw.runtime.crew.elsewhere import WholeWorker, lost
from lava_hw.runtime.crew.fork import Forked
from lava_hw.runtime.crew.line import Kind, Line, Slots, unpack_object
from lava_hw.runtime.crew.post import Post
from lava_hw.runtime.crew.states import Status
from lava_hw.runtime.crew.told_errors import unpack_error
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.task import Task

if TYPE_CHECKING:
    from lava_hw.runtime.crew.home import HomeWorker

__all__ = ["ASK_SECONDS", "Crew", "Member"]

_END_SECONDS = 5.0
"""How long other workers may take to end before they are killed."""
ASK_SECONDS = 0.02
"""How often it asks others that wait for something outside."""


@dataclass
class Member:
    """Another worker, as the program's knows it."""

    number: int
    names: list[str]
    whole: WholeWorker
    done: bool = True
    late: bool = False
    task: Task | None = None
    status: Status | None = None
    asked: bool = False
    asked_at: float = 0.0
    loss: RunError | None = None


class Crew(Post):
    """The other workers.

    Parameters
    ----------
    worker : HomeWorker
        The program's.
    forked : Forked
        Their operating-system processes.
    names : dict of int to list of str
        Names of the processes that each executes.
    """

    def __init__(self, worker: HomeWorker, forked: Forked, names: dict[int, list[str]]) -> None:
        super().__init__(worker, 0, forked.lines)
        self.home = worker
        self.forked = forked
        self.members = {n: Member(n, names[n], WholeWorker(worker, n, self)) for n in sorted(forked.lines)}
        self._ended = False
        self._stop_seen = time.monotonic()

    # -- runs --
    def begin(self, n_steps: int) -> None:
        """Let all begin a run."""
        for member in self.members.values():
            if member.loss is not None:
                raise member.loss
        gates = [(domain.gate, domain.end) for domain in self.worker.domains]
        for member in self.members.values():
            member.done = False
            self.lines[member.number].send_object(Kind.RUN, (n_steps, gates))
            self.worker.spawn(member.whole, partial(self._until_done, member), essential=True)

    def _until_done(self, member: Member) -> None:
        while not member.done:
            member.task = self.worker.current
            self.worker.wait(None, "far")

    def end(self) -> None:
        """Let all give up what is left of a run, and wait until they have."""
        for member in self.members.values():
            member.task = None
            if not member.done:
                self.lines[member.number].send(Kind.CANCEL)
        while not all(member.done for member in self.members.values()):
            self.wait(0.02)
            self.lose_patience()

    def lose_patience(self) -> None:
        """Kill those that have not ended their run some time after the user wanted to stop."""
        now = time.monotonic()
        if not (self.worker.stopping and self.worker.called_off):
            self._stop_seen = now
        elif now - self._stop_seen > _END_SECONDS:
            called = {call.number for call in self._calls.values()}
            for member in self.members.values():
                if not member.done or member.number in called:
                    member.late = True
                    self.forked.kill(member.number)

    def tell(self, kind: Kind, value: Any) -> None:
        """Send the same to all."""
        for line in self.lines.values():
            line.send_object(kind, value)

    def while_waiting(self) -> None:
        """See Post."""
        self.lose_patience()

    def forget_who_asks(self) -> None:
        """Forget what was said by workers whose models ask again and again whether they shall stop."""
        for member in self.members.values():
            if member.status is not None and member.status.yielding:
                member.status = None

    # -- what they say --
    def handle(self, line: Line, kind: Kind, ident: int, payload: Slots) -> None:
        """See Post."""
        member = self.members[line.number]
        domains = self.worker.domains
        if kind is Kind.STATUS:
            member.status = Status.of(payload, len(self.lines) + 1)
            member.asked = False
        elif kind is Kind.ENDED:
            domain = domains[ident]
            step = int(payload[0])
            domain.ended[line.number] = step
            domain.started[line.number] = max(step, domain.started[line.number])
        elif kind is Kind.STARTED:
            self.home.held(domains[ident], line.number, int(payload[0]))
        elif kind is Kind.END_RUN:
            self.worker.end_run(bool(payload[0]))
        elif kind is Kind.FAILED:
            self.home.end_by(unpack_error(unpack_object(payload)))
        elif kind is Kind.DONE:
            for domain, step in zip(domains, unpack_object(payload), strict=True):
                if line.number in domain.started:
                    domain.started[line.number] = step
            self._done(member)
        else:
            raise AssertionError(f"{kind.name} is not for the program's worker.")

    def _done(self, member: Member) -> None:
        member.done = True
        task, member.task = member.task, None
        if task is not None:
            self.worker.ready.append(task)

    def lose(self, line: Line, error: PeerError) -> None:
        """See Post."""
        member = self.members[line.number]
        how = self.forked.how_it_ended(line.number)
        if member.late:
            how = f"it did not end its step within {_END_SECONDS:g} s after stop() and was killed"
        member.loss = lost(member.number, member.names, how)
        self.give_up_calls(member.number, member.loss)
        for domain in self.worker.domains:
            domain.holding.discard(line.number)
        if not member.done:
            self.home.end_by(member.loss)
            self._done(member)

    def loss_of(self, number: int) -> BaseException:
        """See Post."""
        return self.members[number].loss or RunError(f"Worker {number} was stopped.")

    # -- rest --
    @property
    def at_rest(self) -> bool:
        """Whether no other worker can go on, by what they last said."""
        return all(self._rests(member) for member in self.members.values())

    @property
    def is_asking(self) -> bool:
        """Whether models of other workers only ask again and again whether they shall stop."""
        return any(
            m.status is not None and m.status.yielding for m in self.members.values() if m.loss is None
        )

    def ask_for_rest(self) -> None:
        """Ask those that can go on, as far as is known, to say when they cannot."""
        now = time.monotonic()
        for member in self.members.values():
            if member.asked or member.loss is not None or self._rests(member):
                continue
            status = member.status
            if status is not None and status.outside and now - member.asked_at < ASK_SECONDS:
                continue
            member.asked = True
            member.asked_at = now
            self.lines[member.number].send(Kind.QUERY)

    def _rests(self, member: Member) -> bool:
        if member.loss is not None:
            return True
        status = member.status
        if status is None or status.outside:
            return False
        for number in (0, *self.members):
            if number == member.number:
                continue
            if number == 0:
                line = self.lines[member.number]
                if status.received[0] != line.sent or status.sent[0] != line.received:
                    return False
                continue
            other = self.members[number]
            if other.loss is not None:
                continue
            if other.status is None or other.status.sent[member.number] != status.received[number]:
                return False
        return True

    # -- ends --
    def close(self) -> None:
        """End their processes; those that do not end soon are killed."""
        if self._ended:
            return
        self._ended = True
        for line in self.lines.values():
            line.send(Kind.STOP)
        limit = time.monotonic() + _END_SECONDS
        while any(line.pending and not line.dead for line in self.lines.values()):
            if time.monotonic() > limit:
                break
            self.wait(0.02)
        self.forked.end(max(0.5, limit - time.monotonic()))
