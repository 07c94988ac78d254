"""The RPC endpoint of a worker: packets in and out, and calls of functions in other workers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lava_hw import bridge
from lava_hw.bridge import PeerError
from lava_hw.runtime.errors import RunCancelled
from lava_hw.runtime.workers.connection import PacketConnection, PacketKind, Slots, pack_object, unpack_object
from lava_hw.runtime.workers.remote_channel import RemoteChannelReceiver, RemoteChannelSender
from lava_hw.runtime.workers.remote_exceptions import pack_error, unpack_error

if TYPE_CHECKING:
    from lava_hw.runtime.greenlets import Greenlets
    from lava_hw.runtime.task import Party, Task
    from lava_hw.runtime.workers.states import StateHolder

__all__ = ["SLICE_SECONDS", "Call", "RpcEndpoint"]

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


class RpcEndpoint:
    """Sends packets to the other workers, takes theirs in, and calls functions there.

    Parameters
    ----------
    worker : Greenlets
        The worker of this operating-system process.
    number : int
        Its number; 0 is the program's own.
    connections : dict of int to PacketConnection
        To each other worker, by its number.

    Attributes
    ----------
    handlers : dict of str to callable
        Functions that others may call.
    waiting_handlers : dict of str to (callable, callable)
        The same for functions that may wait: such a function runs in a greenlet, and the second
        function gives its participant.
    senders, receivers : dict of int to RemoteChannelSender, RemoteChannelReceiver
        Channels to and from other workers, by number.
    proxies : list of StateHolder
        Proxies of all processes of other workers.
    """

    def __init__(self, worker: Greenlets, number: int, connections: dict[int, PacketConnection]) -> None:
        self.worker = worker
        self.number = number
        self.connections = connections
        self.bell = bridge.Doorbell()
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.waiting_handlers: dict[str, tuple[Callable[..., Any], Callable[..., Party]]] = {}
        self.senders: dict[int, RemoteChannelSender] = {}
        self.receivers: dict[int, RemoteChannelReceiver] = {}
        self.proxies: list[StateHolder] = []
        self._pending: dict[RemoteChannelReceiver, None] = {}
        self._calls: dict[int, Call] = {}
        self._last_call = 0
        self._fences: dict[int, int] = dict.fromkeys(connections, 0)
        self._fence = 0

    # -- for the subclasses --
    def handle(self, connection: PacketConnection, kind: PacketKind, ident: int, payload: Slots) -> None:
        """Act on a packet of another kind."""
        raise NotImplementedError

    def lose(self, connection: PacketConnection, error: PeerError) -> None:
        """Act on the loss of another worker."""
        raise NotImplementedError

    def while_waiting(self) -> None:
        """Do something again and again while all of this worker waits for another one."""

    # -- packets --
    def note_pending(self, receiver: RemoteChannelReceiver) -> None:
        """Note that a receiver has pending credits."""
        self._pending[receiver] = None

    def flush_credits(self) -> None:
        """Send all pending credits. To be called before this worker waits."""
        for receiver in self._pending:
            receiver.flush_credits()
        self._pending.clear()

    def poll(self, check: bool = False) -> bool:
        """Take in packets that have arrived, and send those that wait in outboxes; never waits itself.

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
        for connection in self.connections.values():
            connection.flush()
            try:
                for kind, ident, payload in connection.take(check):
                    any_packet = True
                    self._dispatch(connection, PacketKind(kind), ident, payload)
            except PeerError as error:
                self._gone(connection, error)
        return any_packet

    def wait(self, seconds: float) -> None:
        """Wait at most so long until something arrives, there is room for an outbox, or the bell is rung."""
        self.flush_credits()
        if self.poll():
            return
        items: list[Any] = [self.bell]
        for connection in self.connections.values():
            if not connection.dead:
                items.append(connection.consumer)
                if connection.pending:
                    items.append(connection.producer)
        try:
            bridge.wait_any(items, seconds)
        except PeerError as error:
            for connection in self.connections.values():
                if not connection.dead and error.ring in (connection.consumer.name, connection.producer.name):
                    self._last_words(connection)
                    self._gone(connection, error)
        self.bell.clear()
        self.poll(check=True)

    def fence(self) -> None:
        """Wait until this worker has taken in all that others sent before they came to the same fence."""
        self.flush_credits()  # nothing of before may follow
        self._fence += 1
        for connection in self.connections.values():
            connection.send(PacketKind.FENCE)
        while any(
            self._fences[number] < self._fence and not connection.dead
            for number, connection in self.connections.items()
        ):
            self.wait(0.02)
            self.while_waiting()

    def _last_words(self, connection: PacketConnection) -> None:
        try:
            for kind, ident, payload in connection.take():
                self._dispatch(connection, PacketKind(kind), ident, payload)
        except PeerError:
            pass

    def _gone(self, connection: PacketConnection, error: PeerError) -> None:
        if connection.dead:
            return
        connection.dead = True
        self.lose(connection, error)

    def _dispatch(self, connection: PacketConnection, kind: PacketKind, ident: int, payload: Slots) -> None:
        if kind is PacketKind.DATA:
            self.receivers[ident].arrived(payload)
        elif kind is PacketKind.CREDIT:
            self.senders[ident].add_credits(int(payload[0]))
        elif kind is PacketKind.CALL:
            name, arguments = unpack_object(payload)
            self._called(connection, ident, name, arguments)
        elif kind is PacketKind.REPLY:
            call = self._calls.pop(ident)
            good, value = unpack_object(payload)
            if good:
                call.value = value
            else:
                call.error = unpack_error(value)
            self._finish(call)
        elif kind is PacketKind.FENCE:
            self._fences[connection.number] += 1
        else:
            self.handle(connection, kind, ident, payload)

    # -- calls --
    def call(self, number: int, name: str, *arguments: Any) -> Any:
        """Call a function of another worker and wait for its result.

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
        connection = self.connections[number]
        if connection.dead:
            call.error = self.loss_of(number)
            call.done = True
            return call
        self._last_call = (self._last_call + 1) & 0xFFFFFF
        self._calls[self._last_call] = call
        connection.send_object(PacketKind.CALL, (name, arguments), self._last_call)
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
        """Give the error for a call to a worker that is gone."""
        raise NotImplementedError

    def _finish(self, call: Call) -> None:
        call.done = True
        task, call.task = call.task, None
        if task is not None and not task.cancelled:
            self.worker.ready.append(task)

    def _called(
        self, connection: PacketConnection, ident: int, name: str, arguments: tuple[Any, ...]
    ) -> None:
        waiting = self.waiting_handlers.get(name)
        if waiting is None:
            self._answer(connection, ident, self.handlers[name], arguments)
            return
        function, participant = waiting
        self.worker.spawn(
            participant(*arguments),
            partial(self._answer, connection, ident, function, arguments),
            phase=name,
            essential=True,
        )

    def _answer(
        self,
        connection: PacketConnection,
        ident: int,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
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
        connection.send(PacketKind.REPLY, ident, packed)
