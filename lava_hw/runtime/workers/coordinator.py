"""The coordinator: the program's worker moves the barriers of all, runs the phases, and ends all.

Nothing is decided here by time. A step ends when all participants of its domain, wherever they are, have
ended it. The pool (`pool.py`) says when nothing can go on any more, so that a probe is answered with no, or
there is a deadlock.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lava_hw.runtime.errors import RunError
from lava_hw.runtime.guards import ask_models
from lava_hw.runtime.peers import NAP_SECONDS
from lava_hw.runtime.workers.connection import PacketKind
from lava_hw.runtime.workers.fork import Forked
from lava_hw.runtime.workers.pool import ASK_SECONDS, WorkerPool
from lava_hw.runtime.workers.process_proxy import ProcessProxy
from lava_hw.runtime.workers.rpc import SLICE_SECONDS
from lava_hw.runtime.workers.states import set_states, states_of

if TYPE_CHECKING:
    from lava_hw.graph.flat import Flat, RefLink
    from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
    from lava_hw.runtime.domain import Domain, StepPhases
    from lava_hw.runtime.task import Party
    from lava_hw.runtime.worker import Worker

__all__ = ["Coordinator"]

_PATIENCE_SECONDS = 0.001
"""How long this worker waits for packets before it asks whether the others can go on."""
_LOOK_SECONDS = 0.05
"""How often it looks whether the others still live, where it does not wait for them anyhow."""


class Coordinator:
    """The peers of the program's worker; see Peers.

    Parameters
    ----------
    worker : Worker
        The program's.
    forked, names
        See WorkerPool.

    Attributes
    ----------
    pool : WorkerPool
        The other workers.
    """

    def __init__(self, worker: Worker, forked: Forked, names: dict[int, list[str]]) -> None:
        self.worker = worker
        self.pool = WorkerPool(worker, forked, names)
        worker.block_seconds = SLICE_SECONDS
        self._flags = (False, False)
        self._idle_packets = -1
        self._idle_since = 0.0
        self._looked_at = 0.0

    @property
    def endpoint(self) -> WorkerPool:
        """See Peers."""
        return self.pool

    # -- the network --
    def build(self, dtypes: dict[tuple[int, str], str]) -> Callable[[], None]:
        """See Peers."""
        calls = [self.pool.start_call(number, "build", dtypes) for number in self.pool.workers]

        def wait() -> None:
            for call in calls:
                self.pool.result(call)

        return wait

    def serve_references(self, flat: Flat, owners: Mapping[int, Party]) -> None:
        """See Peers."""
        # Not the processes themselves: a network that nobody holds any more is freed.
        refs = flat.refs
        shapes = [flat.processes[link.process].ref_ports[link.port] for link in refs]

        def phases_of(number: int) -> tuple[StepPhases, RefLink]:
            link = refs[number]
            domain: Domain | None = owners[link.process].domain
            assert domain is not None
            assert domain.phases is not None
            return domain.phases, link

        def read(number: int) -> Any:
            phases, link = phases_of(number)
            return phases.read(link, shapes[number])

        def write(number: int, data: Any) -> None:
            phases, link = phases_of(number)
            phases.write(link, data)

        self.pool.waiting_handlers["read_ref"] = (read, lambda number: owners[refs[number].process])
        self.pool.handlers["write_ref"] = write

    # -- a run --
    def begin_run(self, n_steps: int) -> None:
        """See Peers."""
        self._send_flags()
        self.pool.begin(n_steps)

    def end_run(self) -> None:
        """See Peers."""
        self.pool.end()

    def poll(self) -> bool:
        """See Peers."""
        self._send_flags()
        for domain in self.worker.domains:
            if domain.barrier < 0 and domain.ended and not domain.over:
                domain.close_barrier()
                self.pool.hold(domain)
        return self.pool.poll()

    def _send_flags(self) -> None:
        flags = (self.worker.pausing, self.worker.stopping)
        if flags != self._flags:
            self._flags = flags
            self.pool.tell(PacketKind.FLAGS, flags)

    def at_rest(self) -> bool:
        """See Peers."""
        pool = self.pool
        # A worker that waits for credits may go on when it has them.
        pool.flush_credits()
        if pool.at_rest:
            return True
        packets = sum(connection.received for connection in pool.connections.values())
        now = time.monotonic()
        if packets != self._idle_packets:
            self._idle_packets, self._idle_since = packets, now
        if self.worker.probing or now - self._idle_since >= _PATIENCE_SECONDS:
            pool.ask_for_rest()
        return False

    def are_yielding(self) -> bool:
        """See Peers."""
        yielding = self.pool.yielding
        # They go on without a packet, so their last status may be no more true.
        for worker in yielding:
            worker.status = None
        return bool(yielding)

    def wait_for_packets(self, waited: bool) -> None:
        """See Peers."""
        if waited:
            self._wait_for_pool(0.0)
            return
        young = time.monotonic() - self._idle_since < _PATIENCE_SECONDS
        self.pool.lose_patience()
        self.pool.wait(_PATIENCE_SECONDS if young else ASK_SECONDS)

    def nap(self, ending: bool) -> None:
        """See Peers."""
        self._wait_for_pool(NAP_SECONDS)

    def wake(self) -> None:
        """See Peers."""
        self.pool.bell.ring()

    def _wait_for_pool(self, seconds: float) -> None:
        """Wait for packets, now and then long enough to see that a worker is gone."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            seconds = max(seconds, _PATIENCE_SECONDS)
        self.pool.lose_patience()
        self.pool.wait(seconds)

    # -- steps --
    def barrier_closed(self, domain: Domain) -> None:
        """See Peers."""
        self.pool.hold(domain)

    def barrier_moved(self, domain: Domain) -> None:
        """See Peers."""
        self.pool.move_barrier(domain)

    def ask(self, models: list[Any], guards: Sequence[str], phase: Phase | None = None) -> list[list[Any]]:
        """See Peers; one call for each of the other workers."""
        far: dict[int, list[int]] = {}
        for model in models:
            if isinstance(model, ProcessProxy):
                far.setdefault(model.number, []).append(model.index)
        number_of_phase = None if phase is None else phase.value
        calls = [self.pool.start_call(n, "ask", found, guards, number_of_phase) for n, found in far.items()]
        near = [model for model in models if not isinstance(model, ProcessProxy)]
        answers = [[m.index for m in true] for true in ask_models(near, guards, phase)]
        for call in calls:
            for known, more in zip(answers, self.pool.result(call), strict=True):
                known.extend(more)
        return [[model for model in models if model.index in true] for true in answers]

    def refuse_probes(self) -> bool:
        """See Peers; in two rounds: nobody goes on before all have their answer."""
        pool = self.pool
        probing = pool.probing
        for call in [pool.start_call(worker.number, "refuse_probes") for worker in probing]:
            pool.result(call)
        for worker in probing:
            worker.status = None
            pool.connections[worker.number].send(PacketKind.PROBES)
        return bool(probing)

    # -- ends --
    def waiting_lines(self) -> list[str]:
        """See Peers."""
        pool, numbers = self.pool, self.pool.reachable
        states = states_of(self.worker.participants, list(self.worker.live))
        for number in numbers:
            states.update(pool.call(number, "states"))
        set_states(pool.proxies, states)
        return [line for number in numbers for line in pool.call(number, "waiting_lines", states)]

    def rollback(self, complete: list[bool]) -> None:
        """See Peers; values of a worker that is gone are lost."""
        pool = self.pool
        for call in [pool.start_call(number, "rollback_unless", complete) for number in pool.reachable]:
            with contextlib.suppress(RunError):
                pool.result(call)

    def reset(self) -> Callable[[], None]:
        """See Peers."""
        pool = self.pool
        calls = [pool.start_call(number, "reset") for number in pool.workers]
        pool.fence()

        def wait() -> None:
            for call in calls:
                pool.result(call)

        return wait

    def close(self) -> None:
        """See Peers."""
        self.pool.close()
