"""A worker in an operating-system process of its own: it does what the program's worker says.

It executes its processes as any worker does. Gates of domains, phases and the end of a run come from the
program's worker (`home.py`); messages to and from third workers do not pass it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lava_hw.bridge import PeerError
from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
from lava_hw.runtime.build import Site, assemble
from lava_hw.runtime.crew.line import Kind, Line, Slots, unpack_object
from lava_hw.runtime.crew.post import SLICE_SECONDS, Post
from lava_hw.runtime.crew.states import States, Status, states_of, tell_states
from lava_hw.runtime.crew.told_errors import pack_error
from lava_hw.runtime.errors import OWN_NETWORK, RunCancelled, RunError
from lava_hw.runtime.python import PythonParticipant
from lava_hw.runtime.scheduler import Worker
from lava_hw.runtime.task import Task, named_error, waiting_lines

if TYPE_CHECKING:
    from lava_hw.graph.flat import Flat, RefLink
    from lava_hw.magma.core.run_configs import RunConfig
    from lava_hw.runtime.domain import Domain
    from lava_hw.runtime.placement import Placement

__all__ = ["live"]

Array = np.ndarray[Any, Any]
_WAIT_SECONDS = 0.05


def live(
    flat: Flat,
    run_cfg: RunConfig,
    capacity: int,
    placement: Placement,
    number: int,
    lines: dict[int, Line],
) -> None:
    """Life of a worker in its own process, until it is told to end."""
    worker = MemberWorker(number, lines)
    for process in [*(p.process for p in flat.processes), *(parent for _, parent in flat.parents)]:
        process.runtime = OwnNetwork()  # type: ignore[assignment]
    MemberPost.of(worker).serve(partial(assemble, worker, flat, run_cfg, capacity), placement, flat)


class OwnNetwork:
    """Runtime of the processes as the models of this worker see it: they must not use it."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RunError(OWN_NETWORK)


class MemberPost(Post):
    """Packets of a worker that is not the program's."""

    def __init__(self, worker: MemberWorker, number: int, lines: dict[int, Line]) -> None:
        super().__init__(worker, number, lines)
        self.member = worker
        self.home = lines[0]
        self.asked = False
        self.ended = False
        self.run: int | None = None
        self._todo: deque[tuple[Line, int, Callable[..., Any], tuple[Any, ...]]] = deque()
        self._between: dict[str, Callable[..., Any]] = {}
        self._models: dict[int, PythonParticipant] = {}
        self._said: tuple[int, ...] | None = None

    @classmethod
    def of(cls, worker: MemberWorker) -> MemberPost:
        """The post of a worker."""
        return worker.post

    # -- life --
    def serve(self, build: Callable[[Site], Any], placement: Placement, flat: Flat) -> None:
        """Do what the program's worker says, until it says that it is enough."""
        worker = self.member

        def make(dtypes: dict[tuple[int, str], str]) -> None:
            build(Site(placement, self.number, self, References(self, flat), dtypes))
            self._models = {p.index: p for p in worker.participants if isinstance(p, PythonParticipant)}

        self._between = {"build": make, "reset": self._reset, "go_back_unless": worker.go_back_unless}
        models = self._models_by
        self.handlers = {
            "read_var": lambda index, name: models(index).read_var(index, name),
            "write_var": lambda index, name, value: models(index).write_var(index, name, value),
            "set_var": lambda index, name, value: models(index).set_var(index, name, value),
            "take_var": lambda index, name: models(index).take_var(index, name),
            "give_var": lambda index, name, taken: models(index).give_var(index, name, taken),
            "is_sparse": lambda index, name: models(index).is_sparse(name),
            "ask": self._asked,
            "refuse_probes": worker.refuse_probes,
            "states": lambda: states_of(worker.participants, worker.live),
            "waiting_lines": self._waiting_lines,
        }
        self.waiting_handlers = {
            "run_phase": (
                self._run_phase,
                lambda index, method: models(index),
            )
        }
        worker.attach()
        while not self.ended:
            if self.asked:
                self.say_status()
            self.wait(_WAIT_SECONDS)
            while self._todo:
                self._answer(*self._todo.popleft())
            if self.run is not None:
                steps, self.run = self.run, None
                worker.run_part(steps)
                self.home.send_object(Kind.DONE, [domain.step for domain in worker.domains])
        for participant in worker.participants:
            participant.close()
        worker.detach()

    def _run_phase(self, index: int, method: str) -> None:
        task = self.member.current
        assert task is not None
        task.phase = method
        try:
            self._models[index].run_phase(method)
            return
        except RunCancelled:
            raise
        except BaseException as error:
            failure = self.member.named(task, error)
        raise failure

    def _asked(self, indices: list[int], guards: Sequence[str], phase: int | None) -> list[list[int]]:
        models = [self._models[index] for index in indices]
        answers = self.member.ask(models, guards, None if phase is None else Phase(phase))
        return [[model.index for model in true] for true in answers]

    def _models_by(self, index: int) -> PythonParticipant:
        return self._models[index]

    def _called(self, line: Line, ident: int, name: str, arguments: tuple[Any, ...]) -> None:
        function = self._between.get(name)
        if function is not None:
            self._todo.append((line, ident, function, arguments))
        else:
            super()._called(line, ident, name, arguments)

    def _reset(self) -> None:
        self.barrier()
        self.member.reset()

    def _waiting_lines(self, states: States) -> list[str]:
        tell_states(self.member.elsewhere, states)
        return waiting_lines(self.member.live)

    # -- packets --
    def handle(self, line: Line, kind: Kind, ident: int, payload: Slots) -> None:
        """See Post."""
        worker = self.member
        if kind is Kind.RUN:
            # At once, because what follows it may come before the run is begun.
            self.run, gates = unpack_object(payload)
            worker.prepare_part(gates)
        elif kind is Kind.GATE:
            worker.set_gate(worker.domains[ident], *unpack_object(payload))
        elif kind is Kind.HOLD:
            domain = worker.domains[ident]
            domain.settle()
            line.send(Kind.STARTED, ident, np.array([domain.gate], np.uint64))
        elif kind is Kind.FLAGS:
            worker.pausing, worker.stopping = unpack_object(payload)
        elif kind is Kind.CANCEL:
            worker.cancelled = True
        elif kind is Kind.PROBES:
            worker.go_on_after_probes()
        elif kind is Kind.QUERY:
            self.asked = True
        elif kind is Kind.STOP:
            self.ended = worker.cancelled = worker.stopping = True
        else:
            raise AssertionError(f"{kind.name} is only for the program's worker.")

    def lose(self, line: Line, error: PeerError) -> None:
        """See Post. Without the program there is nothing to do; other losses are the program's business."""
        if line is self.home:
            os._exit(1)
        self.give_up_calls(line.number, error)

    def loss_of(self, number: int) -> BaseException:
        """See Post."""
        return RunError(f"Worker {number} is gone.")

    def say_status(self, outside: bool = False, yielding: bool = False, probing: bool = False) -> None:
        """Say that nothing can go on here."""
        numbers = range(len(self.lines) + 1)
        received, sent = (
            tuple(getattr(self.lines[n], what) if n != self.number else 0 for n in numbers)
            for what in ("received", "sent")
        )
        self.asked = False
        self.home.send(Kind.STATUS, 0, Status(outside, yielding, probing, received, sent).slots())

    def say_that_it_probes(self, outside: bool, yielding: bool) -> None:
        """Say without being asked that models wait for the answer to a probe, once for each time."""
        counts = tuple(line.received for line in self.lines.values())
        if counts != self._said:
            self._said = counts
            self.say_status(outside, yielding, probing=True)


class References:
    """RefPorts of models of this worker: the program's worker runs the phases and has their values.

    Parameters
    ----------
    post : MemberPost
        Reaches it.
    flat : Flat
        The network.
    """

    def __init__(self, post: MemberPost, flat: Flat) -> None:
        self._post = post
        self._number = {(link.process, link.port): k for k, link in enumerate(flat.refs)}

    def read(self, link: RefLink, shape: tuple[int, ...]) -> Array:
        """See Phases."""
        value: Array = self._post.call(0, "read_ref", self._number[link.process, link.port])
        return value

    def write(self, link: RefLink, data: Array) -> None:
        """See Phases."""
        self._post.call(0, "write_ref", self._number[link.process, link.port], data)


class MemberWorker(Worker):
    """Runs the participants of a worker that is not the program's.

    Parameters
    ----------
    number : int
        Its number.
    lines : dict of int to Line
        To the others.
    """

    def __init__(self, number: int, lines: dict[int, Line]) -> None:
        super().__init__()
        self.post = MemberPost(self, number, lines)
        self.cancelled = False
        self.block_seconds = SLICE_SECONDS
        self._reported: dict[Domain, int] = {}
        self._first_steps: dict[int, int] = {}
        self._refused: list[Task] = []

    @property
    def live(self) -> list[Any]:
        """The greenlets that have not ended."""
        return list(self._live)

    def prepare_part(self, gates: list[tuple[int, int]]) -> None:
        """Be told that a run begins, and the gates and ends of its domains."""
        self.cancelled = self.post.ended
        self._error = None
        self._reported.clear()
        self._first_steps = {}
        for domain, (gate, end) in zip(self.domains, gates, strict=True):
            self._first_steps[id(domain)] = domain.step + 1
            domain.keep()
            domain.gate, domain.end, domain.over = gate, end, False
            domain.waiting.clear()

    def run_part(self, n_steps: int) -> None:
        """Run this worker's part of some steps."""
        if self.rng is not None:
            self.rng.begin()
        try:
            self._spawn_bodies(self._first_steps, n_steps)
            self._loop()
        finally:
            self._cancel_all()
            for domain in self.domains:
                domain.over = True
            if self.rng is not None:
                self.rng.end()

    def set_gate(self, domain: Domain, gate: int, over: bool) -> None:
        """Be told how far a domain may go."""
        if not over:
            domain.keep()
        domain.gate, domain.over = gate, over
        self._reported.pop(domain, None)
        self.ready.extend(domain.waiting)
        domain.waiting.clear()

    def go_back_unless(self, complete: list[bool]) -> None:
        """See Worker.go_back; the program's worker knows whose step was complete."""
        for domain, is_complete in zip(self.domains, complete, strict=True):
            domain.complete = is_complete
        self.go_back()

    def refuse_probes(self) -> None:
        """Be told that nothing more can arrive in this step; nobody goes on yet."""
        self._refused.extend(self._refuse_probes())

    def go_on_after_probes(self) -> None:
        """Be told that all others know as much."""
        self.ready.extend(self._refused)
        self._refused.clear()

    def named(self, task: Task, error: BaseException) -> BaseException:
        """The error with the process, step and phase in which it was raised."""
        return named_error(task, error)

    def end_run(self, stop: bool = False) -> None:
        """See Worker."""
        self.pausing = True
        self.stopping = self.stopping or stop
        self.post.home.send(Kind.END_RUN, 0, np.array([stop], np.uint64))

    # -- hooks of Worker --
    def _cancel_all(self) -> None:
        self._refused.clear()
        super()._cancel_all()

    def _look_at_others(self) -> bool:
        return self.post.poll()

    def end_by(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
            self.post.home.send_object(Kind.FAILED, pack_error(error))

    def _wait_outside(self) -> None:
        if self.ready:
            return
        if self._externals:
            super()._wait_outside()
            self.post.wait(0.0)
        else:
            self.post.wait(_WAIT_SECONDS)

    def _idle(self) -> None:
        if not any(task.essential for task in self._live) or self.cancelled:
            self._cancel_all()
            return
        if self.full and self._wake_writers():
            return
        if self._externals and self._poll():
            return
        if self.post.poll() and self.ready:
            return
        for domain in self.domains:
            if domain.members and domain.at_boundary and self._reported.get(domain) != domain.gate:
                self._reported[domain] = domain.gate
                index = self.domains.index(domain)
                self.post.home.send(Kind.ENDED, index, np.array([domain.gate], np.uint64))
        self.post.settle()
        outside, yielding = bool(self._externals), bool(self._yielding)
        if self._probing:
            self.post.say_that_it_probes(outside, yielding)
        if self.post.asked:
            self.post.say_status(outside, yielding, bool(self._probing))
        if yielding:
            self._resume_yielding()
        else:
            self._wait_outside()
