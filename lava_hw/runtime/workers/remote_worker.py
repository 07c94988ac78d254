"""A remote worker: it runs in an operating-system process of its own, and does what the coordinator says.

It executes its processes as any worker does. Barriers of domains, phases and the end of a run come from the
coordinator (`coordinator.py`); messages to and from third workers do not pass it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lava_hw.bridge import PeerError
from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
from lava_hw.runtime.build import WorkerContext, assemble
from lava_hw.runtime.errors import OWN_NETWORK, RunCancelled, RunError
from lava_hw.runtime.guards import ask_models
from lava_hw.runtime.peers import NoPeers
from lava_hw.runtime.python import PythonParticipant
from lava_hw.runtime.task import named_error, waiting_lines
from lava_hw.runtime.worker import Worker
from lava_hw.runtime.workers.connection import PacketConnection, PacketKind, Slots, unpack_object
from lava_hw.runtime.workers.remote_exceptions import pack_error
from lava_hw.runtime.workers.rpc import SLICE_SECONDS, RpcEndpoint
from lava_hw.runtime.workers.states import States, Status, set_states, states_of

if TYPE_CHECKING:
    from lava_hw.graph.flat import Flat, RefLink
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.plan import NetworkPlan
    from lava_hw.runtime.task import Task

__all__ = ["RemoteWorker", "live"]

Array = np.ndarray[Any, Any]
_WAIT_SECONDS = 0.05


def live(plan: NetworkPlan, number: int, connections: dict[int, PacketConnection]) -> None:
    """Live as a worker in its own process, until the coordinator ends it."""
    flat = plan.flat
    for process in [*(p.process for p in flat.processes), *(parent for _, parent in flat.parents)]:
        process.runtime = OwnNetwork()  # type: ignore[assignment]
    worker = RemoteWorker(plan, number, connections)
    worker.attach()
    worker.endpoint.serve()
    for participant in worker.participants:
        participant.close()
    worker.detach()


class OwnNetwork:
    """Runtime of the processes as the models of this worker see it: they must not use it."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RunError(OWN_NETWORK)


class RemoteEndpoint(RpcEndpoint, NoPeers):
    """The RPC endpoint of a remote worker; it acts on what the coordinator sends.

    Parameters
    ----------
    worker : RemoteWorker
        The worker.
    number : int
        Its number.
    connections : dict of int to PacketConnection
        To the others.
    """

    def __init__(self, worker: RemoteWorker, number: int, connections: dict[int, PacketConnection]) -> None:
        super().__init__(worker, number, connections)
        self.own = worker
        self.endpoint = self
        self.coordinator = connections[0]
        self.asked = False
        self.ended = False
        self._steps: int | None = None
        self._todo: deque[tuple[PacketConnection, int, Callable[..., Any], tuple[Any, ...]]] = deque()
        self._models: dict[int, PythonParticipant] = {}
        self._sent_counts: tuple[int, ...] | None = None
        self._between_runs: dict[str, Callable[..., Any]] = {
            "build": self._build,
            "reset": worker.reset,
            "rollback_unless": worker.rollback_unless,
        }
        models = self._model
        self.handlers = {
            "read_var": lambda index, name: models(index).read_var(index, name),
            "write_var": lambda index, name, value: models(index).write_var(index, name, value),
            "set_var": lambda index, name, value: models(index).set_var(index, name, value),
            "take_var": lambda index, name: models(index).take_var(index, name),
            "give_var": lambda index, name, taken: models(index).give_var(index, name, taken),
            "is_sparse": lambda index, name: models(index).is_sparse(name),
            "ask": self._ask,
            "refuse_probes": worker.fix_probes,
            "states": lambda: states_of(worker.participants, list(worker.live)),
            "waiting_lines": self._waiting_lines,
        }
        self.waiting_handlers = {"run_phase": (self._run_phase, lambda index, method: models(index))}

    # -- life --
    def serve(self) -> None:
        """Do what the coordinator says, until it says that it is enough."""
        worker = self.own
        while not self.ended:
            if self.asked:
                self.send_status()
            self.wait(_WAIT_SECONDS)
            while self._todo:
                self._answer(*self._todo.popleft())
            if self._steps is not None:
                steps, self._steps = self._steps, None
                worker.run_part(steps)
                self.coordinator.send_object(PacketKind.DONE, [domain.step for domain in worker.domains])

    def _build(self, dtypes: dict[tuple[int, str], str]) -> None:
        self._models = self.own.assemble(dtypes)

    def _run_phase(self, index: int, method: str) -> None:
        task = self.own.current
        assert task is not None
        task.phase = method
        try:
            self._models[index].run_phase(method)
            return
        except RunCancelled:
            raise
        except BaseException as error:
            failure = named_error(task, error)
        raise failure

    def _ask(self, indices: list[int], guards: Sequence[str], phase: int | None) -> list[list[int]]:
        models = [self._models[index] for index in indices]
        answers = ask_models(models, guards, None if phase is None else Phase(phase))
        return [[model.index for model in true] for true in answers]

    def _model(self, index: int) -> PythonParticipant:
        return self._models[index]

    def _called(
        self, connection: PacketConnection, ident: int, name: str, arguments: tuple[Any, ...]
    ) -> None:
        function = self._between_runs.get(name)
        if function is not None:
            self._todo.append((connection, ident, function, arguments))
        else:
            super()._called(connection, ident, name, arguments)

    def _waiting_lines(self, states: States) -> list[str]:
        set_states(self.proxies, states)
        return waiting_lines(list(self.own.live))

    # -- packets --
    def handle(self, connection: PacketConnection, kind: PacketKind, ident: int, payload: Slots) -> None:
        """See RpcEndpoint."""
        worker = self.own
        if kind is PacketKind.RUN:
            # At once, because what follows it may come before the run is begun.
            self._steps, barriers = unpack_object(payload)
            worker.prepare_part(barriers)
        elif kind is PacketKind.BARRIER:
            worker.set_barrier(worker.domains[ident], *unpack_object(payload))
        elif kind is PacketKind.HOLD:
            domain = worker.domains[ident]
            domain.close_barrier()
            connection.send(PacketKind.STARTED, ident, np.array([domain.barrier], np.uint64))
        elif kind is PacketKind.FLAGS:
            worker.pausing, worker.stopping = unpack_object(payload)
        elif kind is PacketKind.CANCEL:
            worker.cancelled = True
        elif kind is PacketKind.PROBES:
            worker.go_on_after_probes()
        elif kind is PacketKind.QUERY:
            self.asked = True
        elif kind is PacketKind.STOP:
            self.ended = worker.cancelled = worker.stopping = True
        else:
            raise AssertionError(f"{kind.name} is only for the coordinator.")

    def lose(self, connection: PacketConnection, error: PeerError) -> None:
        """See RpcEndpoint. Without the program this process ends; the coordinator acts on other losses."""
        if connection is self.coordinator:
            os._exit(1)
        self.give_up_calls(connection.number, error)

    def loss_of(self, number: int) -> BaseException:
        """See RpcEndpoint."""
        return RunError(f"Worker {number} is gone.")

    def send_status(self, outside: bool = False, yielding: bool = False, probing: bool = False) -> None:
        """Tell the coordinator that nothing can go on here."""
        numbers = range(len(self.connections) + 1)
        received, sent = (
            tuple(getattr(self.connections[n], what) if n != self.number else 0 for n in numbers)
            for what in ("received", "sent")
        )
        self.asked = False
        self.coordinator.send(
            PacketKind.STATUS, 0, Status(outside, yielding, probing, received, sent).slots()
        )

    def send_that_it_probes(self, outside: bool, yielding: bool) -> None:
        """Tell the coordinator unasked that models wait for the answer to a probe, once for each time."""
        counts = tuple(connection.received for connection in self.connections.values())
        if counts != self._sent_counts:
            self._sent_counts = counts
            self.send_status(outside, yielding, probing=True)

    # -- peers --
    def wait_for_packets(self, waited: bool) -> None:
        """See Peers."""
        self.wait(0.0 if waited else _WAIT_SECONDS)

    def reset(self) -> Callable[[], None]:
        """See Peers."""
        self.fence()
        return super().reset()


class RemoteReferences:
    """RefPorts of models of this worker: the coordinator runs the phases and has their values.

    Parameters
    ----------
    endpoint : RemoteEndpoint
        Reaches it.
    flat : Flat
        The network.
    """

    def __init__(self, endpoint: RemoteEndpoint, flat: Flat) -> None:
        self._endpoint = endpoint
        self._number = {(link.process, link.port): k for k, link in enumerate(flat.refs)}

    def read(self, link: RefLink, shape: tuple[int, ...]) -> Array:
        """See ReferenceService."""
        value: Array = self._endpoint.call(0, "read_ref", self._number[link.process, link.port])
        return value

    def write(self, link: RefLink, data: Array) -> None:
        """See ReferenceService."""
        self._endpoint.call(0, "write_ref", self._number[link.process, link.port], data)


class RemoteWorker(Worker):
    """Runs the participants of a worker that is not the program's.

    Parameters
    ----------
    plan : NetworkPlan
        The network.
    number : int
        Number of the worker.
    connections : dict of int to PacketConnection
        To the others.
    """

    def __init__(self, plan: NetworkPlan, number: int, connections: dict[int, PacketConnection]) -> None:
        super().__init__()
        self.plan = plan
        self.endpoint = RemoteEndpoint(self, number, connections)
        self.peers = self.endpoint
        self.checkpoints = plan.checkpoints
        self.cancelled = False
        self.block_seconds = SLICE_SECONDS
        self._reported: dict[Domain, int] = {}
        self._first_steps: dict[int, int] = {}
        self._refused: list[Task] = []

    # -- for its endpoint --
    def assemble(self, dtypes: dict[tuple[int, str], str]) -> dict[int, PythonParticipant]:
        """Fill itself with its part of the network, and give its participants by the index of the process."""
        references = RemoteReferences(self.endpoint, self.plan.flat)
        assemble(self, self.plan, WorkerContext(self.endpoint.number, self.endpoint, references, dtypes))
        return {p.index: p for p in self.participants if isinstance(p, PythonParticipant)}

    def prepare_part(self, barriers: list[tuple[int, int]]) -> None:
        """Get ready for a run, with the barriers and ends of its domains."""
        self.cancelled = self.endpoint.ended
        self._error = None
        self._reported.clear()
        self._first_steps = {}
        for domain, (barrier, end) in zip(self.domains, barriers, strict=True):
            self._first_steps[id(domain)] = domain.step + 1
            domain.checkpoint()
            domain.barrier, domain.end, domain.over = barrier, end, False
            domain.waiting.clear()

    def run_part(self, n_steps: int) -> None:
        """Run this worker's part of some steps."""
        if self.rng is not None:
            self.rng.begin()
        try:
            self._spawn_bodies(self._first_steps, n_steps)
            self._loop()
        finally:
            self.cancel_all()
            for domain in self.domains:
                domain.over = True
            if self.rng is not None:
                self.rng.end()

    def set_barrier(self, domain: Domain, barrier: int, over: bool) -> None:
        """Let a domain go as far as a barrier."""
        if not over:
            domain.checkpoint()
        domain.barrier, domain.over = barrier, over
        self._reported.pop(domain, None)
        self.let_go_on(domain)

    def rollback_unless(self, complete: list[bool]) -> None:
        """See Worker.rollback; the coordinator knows the domains whose step was complete."""
        for domain, is_complete in zip(self.domains, complete, strict=True):
            domain.complete = is_complete
        self.rollback()

    def fix_probes(self) -> None:
        """Fix the answer to all that probe: nothing more can arrive in this step. Nobody goes on yet."""
        self._refused.extend(self.refuse_probes())

    def go_on_after_probes(self) -> None:
        """Let those go on that probed, since all others have their answer."""
        self.ready.extend(self._refused)
        self._refused.clear()

    # -- overrides of Worker --
    def end_run(self, stop: bool = False) -> None:
        """See Barriers."""
        self.pausing = True
        self.stopping = self.stopping or stop
        self.endpoint.coordinator.send(PacketKind.END_RUN, 0, np.array([stop], np.uint64))

    def cancel_all(self) -> None:
        """See Scheduler."""
        self._refused.clear()
        super().cancel_all()

    def end_by(self, error: BaseException) -> None:
        """See Worker."""
        if self._error is None:
            self._error = error
            self.endpoint.coordinator.send_object(PacketKind.FAILED, pack_error(error))

    def _idle(self) -> None:
        endpoint = self.endpoint
        if not any(task.essential for task in self.live) or self.cancelled:
            self.cancel_all()
            return
        if self.full and self._wake_writers():
            return
        if self.externals and self._poll():
            return
        if endpoint.poll() and self.ready:
            return
        for index, domain in enumerate(self.domains):
            if domain.participants and domain.at_boundary and self._reported.get(domain) != domain.barrier:
                self._reported[domain] = domain.barrier
                endpoint.coordinator.send(PacketKind.ENDED, index, np.array([domain.barrier], np.uint64))
        endpoint.flush_credits()
        outside, yielding = bool(self.externals), bool(self.yielding)
        if self.probing:
            endpoint.send_that_it_probes(outside, yielding)
        if endpoint.asked:
            endpoint.send_status(outside, yielding, bool(self.probing))
        if yielding:
            self._resume_yielding()
        else:
            self._wait_outside()
