"""What both sides of the work between workers share: packets in and out, and calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lava_hw import bridge
from lava_hw.bridge import PeerError
from lava_hw.runtime.crew.ends import ReceivingEnd, SendingEnd
from lava_hw.runtime.crew.line import Kind, Line, Slots, pack_object, unpack_object
from lava_hw.runtime.crew.told_errors import pack_error, unpack_error
from lava_hw.runtime.errors import RunCancelled

if TYPE_CHECKING:
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.scheduler import Worker
    from lava_hw.runtime.task import Task

__all__ = ["SLICE_SECONDS", "Call", "Post"]

SLICE_SECONDS = 0.0002
"""How long a worker waits for one thing, where there are packets and events from outside to wait for."""


class Call:
    """A call to another worker that is under way."""

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None
        self.task: Task | None = None


class Post:
    """Packets between this worker and the others.

    Parameters
    ----------
    worker : Worker
        The worker of this operating-system process.
    number : int
        Its number; 0 is the program's own.
    lines : dict of int to Line
        To each other worker, by its number.

    Attributes
    ----------
    handlers : dict of str to callable
        What others may call.
    waiting_handlers : dict of str to (callable, callable)
        The same for what may wait: it runs in a greenlet, and the second function gives its participant.
    sending, receiving : dict of int to SendingEnd, ReceivingEnd
        Channels to and from other workers, by number.
    """

    def __init__(self, worker: Worker, number: int, lines: dict[int, Line]) -> None:
        self.worker = worker
        self.number = number
        self.lines = lines
        self.bell = bridge.Doorbell()
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.waiting_handlers: dict[str, tuple[Callable[..., Any], Callable[..., Participant]]] = {}
        self.sending: dict[int, SendingEnd] = {}
        self.receiving: dict[int, ReceivingEnd] = {}
        self._owing: dict[ReceivingEnd, None] = {}
        self._calls: dict[int, Call] = {}
        self._last_call = 0
        self._barriers: dict[int, int] = dict.fromkeys(lines, 0)
        self._barrier = 0

    # -- for the subclasses --
    def handle(self, line: Line, kind: Kind, ident: int, payload: Slots) -> None:
        """Do what a packet of another kind says."""
        raise NotImplementedError

    def lose(self, line: Line, error: PeerError) -> None:
        """Be told that another worker is gone."""
        raise NotImplementedError

    def while_waiting(self) -> None:
        """Called again and again while all of this worker waits for another one."""

    # -- packets --
    def owe(self, end: ReceivingEnd) -> None:
        """Note that an end has taken messages of which its source does not know."""
        self._owing[end] = None

    def settle(self) -> None:
        """Tell all sources what was taken. To be called before this worker waits."""
        for end in self._owing:
            end.settle()
        self._owing.clear()

    def poll(self, check: bool = False) -> bool:
        """Take in what has arrived, and send on what waits in outboxes; never waits itself.

        Parameters
        ----------
        check : bool, default False
            Whether to look also for workers that are gone.

        Returns
        -------
        bool
            Whether anything arrived.
        """
        any_packet = False
        for line in self.lines.values():
            line.flush()
            try:
                for kind, ident, payload in line.take(check):
                    any_packet = True
                    self._dispatch(line, Kind(kind), ident, payload)
            except PeerError as error:
                self._gone(line, error)
        return any_packet

    def wait(self, seconds: float) -> None:
        """Wait at most so long until something arrives, there is room for an outbox, or the bell is rung."""
        self.settle()
        if self.poll():
            return
        items: list[Any] = [self.bell]
        for line in self.lines.values():
            if not line.dead:
                items.append(line.consumer)
                if line.pending:
                    items.append(line.producer)
        try:
            bridge.wait_any(items, seconds)
        except PeerError as error:
            for line in self.lines.values():
                if not line.dead and error.ring in (line.consumer.name, line.producer.name):
                    self._last_words(line)
                    self._gone(line, error)
        self.bell.clear()
        self.poll(check=True)

    def barrier(self) -> None:
        """Wait until all that others sent before they came to the same barrier has been taken in."""
        self.settle()  # nothing of before may follow
        self._barrier += 1
        for line in self.lines.values():
            line.send(Kind.BARRIER)
        while any(
            self._barriers[number] < self._barrier and not line.dead for number, line in self.lines.items()
        ):
            self.wait(0.02)
            self.while_waiting()

    def _last_words(self, line: Line) -> None:
        try:
            for kind, ident, payload in line.take():
                self._dispatch(line, Kind(kind), ident, payload)
        except PeerError:
            pass

    def _gone(self, line: Line, error: PeerError) -> None:
        if line.dead:
            return
        line.dead = True
        self.lose(line, error)

    def _dispatch(self, line: Line, kind: Kind, ident: int, payload: Slots) -> None:
        if kind is Kind.DATA:
            self.receiving[ident].arrived(payload)
        elif kind is Kind.CREDIT:
            self.sending[ident].taken(int(payload[0]))
        elif kind is Kind.CALL:
            name, arguments = unpack_object(payload)
            self._called(line, ident, name, arguments)
        elif kind is Kind.REPLY:
            call = self._calls.pop(ident)
            good, value = unpack_object(payload)
            if good:
                call.value = value
            else:
                call.error = unpack_error(value)
            self._finish(call)
        elif kind is Kind.BARRIER:
            self._barriers[line.number] += 1
        else:
            self.handle(line, kind, ident, payload)

    # -- calls --
    def call(self, number: int, name: str, *arguments: Any) -> Any:
        """Call a function of another worker and wait for what comes of it.

        From a greenlet others go on meanwhile; from the thread's main greenlet nothing does.

        Raises
        ------
        BaseException
            What the function raised there, or RunError if that worker is gone.
        """
        return self.result(self.start_call(number, name, *arguments))

    def start_call(self, number: int, name: str, *arguments: Any) -> Call:
        """Call a function of another worker; see `result`."""
        call = Call(number, name)
        line = self.lines[number]
        if line.dead:
            call.error = self.loss_of(number)
            call.done = True
            return call
        self._last_call = (self._last_call + 1) & 0xFFFFFF
        self._calls[self._last_call] = call
        line.send_object(Kind.CALL, (name, arguments), self._last_call)
        return call

    def result(self, call: Call) -> Any:
        """Wait for a call and give its value, or raise what it raised."""
        worker = self.worker
        while not call.done:
            if worker.current is None:
                self.wait(0.02)
                self.while_waiting()
            else:
                call.task = worker.current
                worker.wait(None, f"worker {call.number} has not answered '{call.name}'")
        if call.error is not None:
            raise call.error
        return call.value

    def give_up_calls(self, number: int, error: BaseException) -> None:
        """Let all calls to a worker fail."""
        for ident, call in list(self._calls.items()):
            if call.number == number:
                del self._calls[ident]
                call.error = error
                self._finish(call)

    def loss_of(self, number: int) -> BaseException:
        """The error for whoever needs a worker that is gone."""
        raise NotImplementedError

    def _finish(self, call: Call) -> None:
        call.done = True
        task, call.task = call.task, None
        if task is not None and not task.cancelled:
            self.worker.ready.append(task)

    def _called(self, line: Line, ident: int, name: str, arguments: tuple[Any, ...]) -> None:
        waiting = self.waiting_handlers.get(name)
        if waiting is None:
            self._answer(line, ident, self.handlers[name], arguments)
            return
        function, participant = waiting
        self.worker.spawn(
            participant(*arguments),
            partial(self._answer, line, ident, function, arguments),
            phase=name,
            essential=True,
        )

    def _answer(
        self, line: Line, ident: int, function: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> None:
        try:
            answer = (True, function(*arguments))
        except RunCancelled:
            raise
        except BaseException as error:
            answer = (False, pack_error(error))
        try:
            packed = pack_object(answer)
        except Exception as error:
            packed = pack_object((False, pack_error(error)))
        line.send(Kind.REPLY, ident, packed)
