"""The worker pool: the other workers, as the coordinator knows them.

That nothing can go on any more is known when all of them say so, and each has received as many packets as the
others say to have sent to it: only a packet can make one of them go on, so no packet is under way and none
will be (F. Mattern, "Algorithms for distributed termination detection", Distributed Computing 2, 1987).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lava_hw.bridge import PeerError
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.task import Task
from lava_hw.runtime.workers.connection import PacketConnection, PacketKind, Slots, unpack_object
from lava_hw.runtime.workers.fork import Forked
from lava_hw.runtime.workers.process_proxy import WorkerProxy, lost
from lava_hw.runtime.workers.remote_exceptions import unpack_error
from lava_hw.runtime.workers.rpc import RpcEndpoint
from lava_hw.runtime.workers.states import Status

if TYPE_CHECKING:
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.worker import Worker

__all__ = ["ASK_SECONDS", "PooledWorker", "WorkerPool"]

_END_SECONDS = 5.0
"""How long other workers may take to end before they are killed."""
ASK_SECONDS = 0.02
"""How often it asks others that wait for something outside."""


@dataclass
class PooledWorker:
    """Another worker, as the pool knows it."""

    number: int
    names: list[str]
    proxy: WorkerProxy
    done: bool = True
    late: bool = False
    task: Task | None = None
    status: Status | None = None
    asked: bool = False
    asked_at: float = 0.0
    loss: RunError | None = None


class WorkerPool(RpcEndpoint):
    """The other workers.

    Parameters
    ----------
    worker : Worker
        The program's.
    forked : Forked
        Their operating-system processes.
    names : dict of int to list of str
        Names of the processes that each executes.

    Attributes
    ----------
    workers : dict of int to PooledWorker
        By number.
    """

    def __init__(self, worker: Worker, forked: Forked, names: dict[int, list[str]]) -> None:
        super().__init__(worker, 0, forked.connections)
        self.own = worker
        self.forked = forked
        self.workers = {
            n: PooledWorker(n, names[n], WorkerProxy(worker, n, self)) for n in sorted(forked.connections)
        }
        self._ended = False
        self._stop_seen = time.monotonic()

    @property
    def reachable(self) -> list[int]:
        """Numbers of the workers that are not lost."""
        return [worker.number for worker in self.workers.values() if worker.loss is None]

    # -- runs --
    def begin(self, n_steps: int) -> None:
        """Let all begin a run."""
        for worker in self.workers.values():
            if worker.loss is not None:
                raise worker.loss
        barriers = [(domain.barrier, domain.end) for domain in self.own.domains]
        for worker in self.workers.values():
            worker.done = False
            self.connections[worker.number].send_object(PacketKind.RUN, (n_steps, barriers))
            self.own.spawn(worker.proxy, partial(self._until_done, worker), essential=True)

    def _until_done(self, worker: PooledWorker) -> None:
        while not worker.done:
            worker.task = self.own.current
            self.own.wait(None, "remote")

    def end(self) -> None:
        """Let all give up the rest of a run, and wait until they have."""
        for worker in self.workers.values():
            worker.task = None
            if not worker.done:
                self.connections[worker.number].send(PacketKind.CANCEL)
        while not all(worker.done for worker in self.workers.values()):
            self.wait(0.02)
            self.lose_patience()

    def lose_patience(self) -> None:
        """Kill those that have not ended their run some time after the user wanted to stop."""
        now = time.monotonic()
        if not (self.own.stopping and self.own.called_off):
            self._stop_seen = now
        elif now - self._stop_seen > _END_SECONDS:
            called = {call.number for call in self._calls.values()}
            for worker in self.workers.values():
                if not worker.done or worker.number in called:
                    worker.late = True
                    self.forked.kill(worker.number)

    def tell(self, kind: PacketKind, value: Any) -> None:
        """Send the same to all."""
        for connection in self.connections.values():
            connection.send_object(kind, value)

    def while_waiting(self) -> None:
        """See RpcEndpoint."""
        self.lose_patience()

    # -- barriers --
    def hold(self, domain: Domain) -> None:
        """Let all that take part in a domain say how far they are, and stop there."""
        if not domain.ended or domain.holding or domain.over:
            return
        index = self.own.domains.index(domain)
        for number in domain.ended:
            if self.workers[number].loss is None:
                domain.holding.add(number)
                self.connections[number].send(PacketKind.HOLD, index)

    def _held(self, domain: Domain, number: int, step: int) -> None:
        """Note the furthest step that another worker has started, after HOLD."""
        domain.started[number] = max(step, domain.started[number])
        domain.holding.discard(number)
        if not domain.holding:
            domain.close_barrier()
            self.move_barrier(domain)
            self.own.let_go_on(domain)

    def move_barrier(self, domain: Domain) -> None:
        """Tell all that take part in a domain where its barrier is, and whether the run is over."""
        if domain.ended:
            index = self.own.domains.index(domain)
            for number in domain.ended:
                self.connections[number].send_object(PacketKind.BARRIER, (domain.barrier, domain.over), index)

    # -- packets --
    def handle(self, connection: PacketConnection, kind: PacketKind, ident: int, payload: Slots) -> None:
        """See RpcEndpoint."""
        worker = self.workers[connection.number]
        domains = self.own.domains
        if kind is PacketKind.STATUS:
            worker.status = Status.of(payload, len(self.connections) + 1)
            worker.asked = False
        elif kind is PacketKind.ENDED:
            domain = domains[ident]
            step = int(payload[0])
            domain.ended[worker.number] = step
            domain.started[worker.number] = max(step, domain.started[worker.number])
        elif kind is PacketKind.STARTED:
            self._held(domains[ident], worker.number, int(payload[0]))
        elif kind is PacketKind.END_RUN:
            self.own.end_run(bool(payload[0]))
        elif kind is PacketKind.FAILED:
            self.own.end_by(unpack_error(unpack_object(payload)))
        elif kind is PacketKind.DONE:
            for domain, step in zip(domains, unpack_object(payload), strict=True):
                if worker.number in domain.started:
                    domain.started[worker.number] = step
            self._note_done(worker)
        else:
            raise AssertionError(f"{kind.name} is not for the coordinator.")

    def _note_done(self, worker: PooledWorker) -> None:
        worker.done = True
        task, worker.task = worker.task, None
        if task is not None:
            self.own.ready.append(task)

    def lose(self, connection: PacketConnection, error: PeerError) -> None:
        """See RpcEndpoint."""
        worker = self.workers[connection.number]
        how = self.forked.how_it_ended(worker.number)
        if worker.late:
            how = f"it did not end its step within {_END_SECONDS:g} s after stop() and was killed"
        worker.loss = lost(worker.number, worker.names, how)
        self.give_up_calls(worker.number, worker.loss)
        for domain in self.own.domains:
            domain.holding.discard(worker.number)
        if not worker.done:
            self.own.end_by(worker.loss)
            self._note_done(worker)

    def loss_of(self, number: int) -> BaseException:
        """See RpcEndpoint."""
        return self.workers[number].loss or RunError(f"Worker {number} was stopped.")

    # -- rest --
    @property
    def at_rest(self) -> bool:
        """Whether no other worker can go on, by the last status of each."""
        return all(self._rests(worker) for worker in self.workers.values())

    @property
    def yielding(self) -> list[PooledWorker]:
        """Workers whose models only ask again and again whether they shall stop."""
        return [
            worker
            for worker in self.workers.values()
            if worker.status is not None and worker.status.yielding and worker.loss is None
        ]

    @property
    def probing(self) -> list[PooledWorker]:
        """Workers whose models want to know whether there is a message."""
        return [
            worker for worker in self.workers.values() if worker.status is not None and worker.status.probing
        ]

    def ask_for_rest(self) -> None:
        """Ask those that can go on, as far as is known, to say when they cannot."""
        now = time.monotonic()
        for worker in self.workers.values():
            if worker.asked or worker.loss is not None or self._rests(worker):
                continue
            status = worker.status
            if status is not None and status.outside and now - worker.asked_at < ASK_SECONDS:
                continue
            worker.asked = True
            worker.asked_at = now
            self.connections[worker.number].send(PacketKind.QUERY)

    def _rests(self, worker: PooledWorker) -> bool:
        if worker.loss is not None:
            return True
        status = worker.status
        if status is None or status.outside:
            return False
        for number in (0, *self.workers):
            if number == worker.number:
                continue
            if number == 0:
                connection = self.connections[worker.number]
                if status.received[0] != connection.sent or status.sent[0] != connection.received:
                    return False
                continue
            other = self.workers[number]
            if other.loss is not None:
                continue
            if other.status is None or other.status.sent[worker.number] != status.received[number]:
                return False
        return True

    # -- ends --
    def close(self) -> None:
        """End their processes; those that do not end soon are killed."""
        if self._ended:
            return
        self._ended = True
        for connection in self.connections.values():
            connection.send(PacketKind.STOP)
        limit = time.monotonic() + _END_SECONDS
        while any(c.pending and not c.dead for c in self.connections.values()):
            if time.monotonic() > limit:
                break
            self.wait(0.02)
        self.forked.end(max(0.5, limit - time.monotonic()))
