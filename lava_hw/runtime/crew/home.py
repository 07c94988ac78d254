"""The program's own worker, where there are others: it opens the gates, runs the phases, and ends all.

Nothing is decided here by time. A step ends when all members of its domain, wherever they are, have ended
it. That nothing can go on any more (so that a probe is answered with no, or there is a deadlock) is known
when all other workers say so, and nothing is under way between them (`members.py`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lava_hw.runtime.crew.elsewhere import Elsewhere
from lava_hw.runtime.crew.fork import Forked
from lava_hw.runtime.crew.line import Kind
from lava_hw.runtime.crew.members import ASK_SECONDS, Crew
from lava_hw.runtime.crew.post import SLICE_SECONDS
from lava_hw.runtime.crew.states import states_of, tell_states
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.scheduler import NAP_SECONDS, Worker
from lava_hw.runtime.task import who_waits

if TYPE_CHECKING:
    from lava_hw.graph.flat import Flat, RefLink
    from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.phases import Phases

__all__ = ["HomeWorker"]

_PATIENCE_SECONDS = 0.001
"""How long this worker waits for packets before it asks whether the others can go on."""
_LOOK_SECONDS = 0.05
"""How often it looks whether the others still live, where it does not wait for them anyhow."""


class HomeWorker(Worker):
    """The program's own worker.

    Parameters
    ----------
    forked, names
        See Crew.
    """

    def __init__(self, forked: Forked, names: dict[int, list[str]]) -> None:
        super().__init__()
        self.crew = Crew(self, forked, names)
        self.block_seconds = SLICE_SECONDS
        self._told = (False, False)
        self._idle_packets = -1
        self._idle_since = 0.0
        self._looked_at = 0.0

    # -- for the crew --
    def held(self, domain: Domain, number: int, step: int) -> None:
        """Be told the furthest step that another worker has started, after HOLD."""
        domain.started[number] = max(step, domain.started[number])
        domain.holding.discard(number)
        if not domain.holding:
            domain.settle()
            self._open(domain)
            self.ready.extend(domain.waiting)
            domain.waiting.clear()

    # -- hooks of Worker --
    def build_others(self, dtypes: dict[tuple[int, str], str]) -> Callable[[], None]:
        """See Worker."""
        calls = [self.crew.start_call(number, "build", dtypes) for number in self.crew.members]

        def wait() -> None:
            for call in calls:
                self.crew.result(call)

        return wait

    def nudge(self) -> None:
        """See Worker."""
        super().nudge()
        self.crew.bell.ring()

    def _begin_others(self, n_steps: int) -> None:
        self._tell_flags()
        self.crew.begin(n_steps)

    def _end_others(self) -> None:
        self.crew.end()

    def _look_at_others(self) -> bool:
        self._tell_flags()
        for domain in self.domains:
            if domain.gate < 0 and domain.ended and not domain.over:
                self._settle(domain)
        return self.crew.poll()

    def _tell_flags(self) -> None:
        flags = (self.pausing, self.stopping)
        if flags != self._told:
            self._told = flags
            self.crew.tell(Kind.FLAGS, flags)

    def _others_rest(self) -> bool:
        crew = self.crew
        # Whom this one owes something may go on when it is told.
        crew.settle()
        if crew.at_rest:
            return True
        packets = sum(line.received for line in crew.lines.values())
        now = time.monotonic()
        if packets != self._idle_packets:
            self._idle_packets, self._idle_since = packets, now
        if self._probing or now - self._idle_since >= _PATIENCE_SECONDS:
            crew.ask_for_rest()
        return False

    def _others_ask(self) -> bool:
        if not self.crew.is_asking:
            return False
        # They go on without a packet, so what they last said may be no more true.
        self.crew.forget_who_asks()
        return True

    def _resume_yielding(self) -> None:
        self._wait_for_crew(NAP_SECONDS)
        self.ready.extend(self._yielding)
        self._yielding.clear()

    def _wait_for_crew(self, seconds: float) -> None:
        """Wait for packets, now and then long enough to see that a worker is gone."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = now
            seconds = max(seconds, _PATIENCE_SECONDS)
        self.crew.lose_patience()
        self.crew.wait(seconds)

    def _wait_outside(self) -> None:
        if self.ready:
            return
        if self._externals:
            super()._wait_outside()
            if not self.ready:
                self._wait_for_crew(0.0)
            return
        young = time.monotonic() - self._idle_since < _PATIENCE_SECONDS
        self.crew.lose_patience()
        self.crew.wait(_PATIENCE_SECONDS if young else ASK_SECONDS)

    def _settle(self, domain: Domain) -> None:
        domain.settle()
        if not domain.ended or domain.holding or domain.over:
            return
        index = self.domains.index(domain)
        for number in domain.ended:
            if self.crew.members[number].loss is None:
                domain.holding.add(number)
                self.crew.lines[number].send(Kind.HOLD, index)

    def _opened(self, domain: Domain) -> None:
        if domain.ended:
            self._open(domain)

    def _open(self, domain: Domain) -> None:
        index = self.domains.index(domain)
        for number in domain.ended:
            self.crew.lines[number].send_object(Kind.GATE, (domain.gate, domain.over), index)

    def _answer_probes(self) -> bool:
        crew = self.crew
        probing = [m for m in crew.members.values() if m.status is not None and m.status.probing]
        refused = self._refuse_probes()
        # In two rounds: nobody goes on before all have their answer.
        for call in [crew.start_call(member.number, "refuse_probes") for member in probing]:
            crew.result(call)
        for member in probing:
            member.status = None
            crew.lines[member.number].send(Kind.PROBES)
        self.ready.extend(refused)
        return bool(refused or probing)

    def ask(self, models: list[Any], guards: Sequence[str], phase: Phase | None = None) -> list[list[Any]]:
        """See Worker; one call for each of the other workers."""
        far: dict[int, list[int]] = {}
        for model in models:
            if isinstance(model, Elsewhere):
                far.setdefault(model.number, []).append(model.index)
        number_of_phase = None if phase is None else phase.value
        calls = [self.crew.start_call(n, "ask", found, guards, number_of_phase) for n, found in far.items()]
        near = [model for model in models if not isinstance(model, Elsewhere)]
        answers = [[m.index for m in true] for true in super().ask(near, guards, phase)]
        for call in calls:
            for known, more in zip(answers, self.crew.result(call), strict=True):
                known.extend(more)
        return [[model for model in models if model.index in true] for true in answers]

    def _who_waits(self) -> str:
        crew = self.crew
        numbers = [m.number for m in crew.members.values() if m.loss is None]
        states = states_of(self.participants, list(self._live))
        for number in numbers:
            states.update(crew.call(number, "states"))
        tell_states(self.elsewhere, states)
        lines = [line for number in numbers for line in crew.call(number, "waiting_lines", states)]
        return who_waits(list(self._live), lines)

    def go_back(self) -> None:
        """See Worker; values of a worker that is gone are lost."""
        crew = self.crew
        if any(domain.keeps for domain in self.domains):
            complete = [domain.complete for domain in self.domains]
            numbers = [m.number for m in crew.members.values() if m.loss is None]
            for call in [crew.start_call(number, "go_back_unless", complete) for number in numbers]:
                with contextlib.suppress(RunError):
                    crew.result(call)
        super().go_back()

    def reset(self) -> None:
        """See Worker."""
        crew = self.crew
        calls = [crew.start_call(number, "reset") for number in crew.members]
        crew.barrier()
        super().reset()
        for call in calls:
            crew.result(call)

    def close(self) -> None:
        """See Worker."""
        self.crew.close()

    def serve_references(self, flat: Flat, owners: dict[int, Participant]) -> None:
        """Let models of other workers read and write Vars through their RefPorts."""
        # Not the processes themselves: a network that nobody holds any more is freed.
        refs = flat.refs
        shapes = [flat.processes[link.process].ref_ports[link.port] for link in refs]

        def phases_of(number: int) -> tuple[Phases, RefLink]:
            link = refs[number]
            domain = owners[link.process].domain
            assert domain is not None
            assert domain.phases is not None
            return domain.phases, link

        def read(number: int) -> Any:
            phases, link = phases_of(number)
            return phases.read(link, shapes[number])

        def write(number: int, data: Any) -> None:
            phases, link = phases_of(number)
            phases.write(link, data)

        self.crew.waiting_handlers["read_ref"] = (read, lambda number: owners[refs[number].process])
        self.crew.handlers["write_ref"] = write
