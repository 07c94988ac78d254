"""Management phases of a domain, and the references that are served in them.

After everybody has ended the spiking phase of a step, the phases that some model asks for follow, one after
the other: PRE_MGMT if a model has both `lrn_guard` and `pre_guard`, LRN if one has `lrn_guard`, POST_MGMT if
one has `post_guard`. In a phase run the models whose own guard is true, and it ends when all of them have.
Guards are asked when and as often as in Lava (`PythonParticipant.asks`), since a model may count in them.

A RefPort that reads sees what the owner of the Var leaves: if the owner runs in the phase, the reader waits
for its end (an owner that waits for the reader in turn gives what it has), as in Lava, whose models answer
only between their phases. It also sees the writes of its own model; those of others take effect at the end of
the phase, in order of the processes. A write in the spiking phase takes effect at the end of that phase.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lava_hw.magma.core.sync.protocols.loihi_protocol import Phase
from lava_hw.runtime.errors import RunError
from lava_hw.runtime.guards import AFTER_LEARNING, WISHES

if TYPE_CHECKING:
    from lava_hw.graph.flat import RefLink
    from lava_hw.runtime.barrier import Barriers
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.python import PythonParticipant
    from lava_hw.runtime.task import Task
    from lava_hw.runtime.workers.process_proxy import ProcessProxy

    Model: TypeAlias = PythonParticipant | ProcessProxy

__all__ = ["Phases"]

Key = tuple[int, str]
Array = np.ndarray[Any, Any]


class Phases:
    """Runs the phases of one domain.

    Parameters
    ----------
    worker : Barriers
        Runs the greenlets.
    models : list of PythonParticipant or ProcessProxy
        Those whose models override a guard, in order of processes.
    owners : dict of int to Participant
        The participant that holds the Vars of a process.

    Attributes
    ----------
    running : bool
        Whether phases have begun that have not ended.
    """

    def __init__(self, worker: Barriers, models: list[Model], owners: dict[int, Participant]) -> None:
        self.worker = worker
        self.models = models
        self.owners = owners
        self.refs: list[tuple[RefLink, int]] = []
        self.running = False
        self._done = 0
        self._managing = False
        self._snapshot: dict[Key, Array] = {}
        self._own: dict[tuple[int, Key], Array] = {}
        self._tasks: dict[int, Task] = {}
        self._waits: dict[int, int] = {}
        self._writes: list[tuple[int, Key, Array]] = []

    def reset(self) -> None:
        """Go back to the state after building."""
        self.running = False
        self._done = 0
        self._end_phase(apply=False)

    # -- steps --
    def begin(self, step: int) -> bool:
        """Start the phases of a step; False if there are none or they are done.

        Called when everybody has ended the spiking phase.
        """
        if self._done >= step:
            return False
        self._done = step
        asked = dict(zip(WISHES, self.worker.peers.ask(self.models, WISHES), strict=True))
        if not self._writes and not any(asked.values()):
            return False
        self.running = True
        first = self.models[0] if self.models else next(iter(self.owners.values()))
        self.worker.spawn(first, partial(self._run, asked), "phases", essential=True)
        return True

    def _run(self, asked: dict[str, list[Model]]) -> None:
        try:
            self._end_phase(apply=True)  # writes of the spiking phase
            pre, learning, post = (bool(asked[wish]) for wish in WISHES)
            if pre:
                self._phase(Phase.PRE_MGMT, "pre_guard", "run_pre_mgmt")
            if pre or learning:
                self._phase(Phase.LRN, "lrn_guard", "run_lrn")
                post = any(self.worker.peers.ask(self.models, (AFTER_LEARNING,))) or post
            if post:
                self._phase(Phase.POST_MGMT, "post_guard", "run_post_mgmt")
        finally:
            self.running = False
            self._end_phase(apply=False)

    def _phase(self, phase: Phase, guard: str, method: str) -> None:
        (runners,) = self.worker.peers.ask(self.models, (guard,), phase)
        self._managing = phase is not Phase.LRN
        worker = self.worker
        self._tasks = {
            p.index: worker.spawn(p, partial(p.run_phase, method), method, essential=True) for p in runners
        }
        worker.wait_for(list(self._tasks.values()), "end of the phase")
        self._end_phase(apply=True)

    def _end_phase(self, apply: bool) -> None:
        """Let writes take effect and forget what was seen."""
        if apply:
            for _, key, value in sorted(self._writes, key=lambda write: write[0]):
                self.owners[key[0]].write_var(*key, value)
        self._writes.clear()
        self._snapshot.clear()
        self._own.clear()
        self._tasks = {}
        self._waits.clear()
        self._managing = False

    # -- references --
    def _fetch(self, key: Key) -> Array:
        value = self.owners[key[0]].read_var(*key)
        return np.asarray(value.toarray() if hasattr(value, "toarray") else value)

    def read(self, link: RefLink, shape: tuple[int, ...]) -> Array:
        """Give the value that a RefPort sees."""
        if not self._managing:
            raise RunError(
                f"RefPort '{link.port}' of process '{self.owners[link.process].name}' was read outside of a "
                "management phase; read in run_pre_mgmt or run_post_mgmt (with pre_guard or post_guard true)."
            )
        key = (link.var_process, link.var)
        value = self._own.get((link.process, key))
        if value is None and key not in self._snapshot:
            self._wait_for_owner(link)
        if value is None:
            value = self._snapshot.get(key)
        if value is None:
            value = self._snapshot[key] = self._fetch(key)
        if link.index is not None:
            value = value.reshape(-1)[link.index]
        return np.array(value).reshape(shape)

    def _wait_for_owner(self, link: RefLink) -> None:
        """Let the owner of a Var end its phase, unless it waits for the reader."""
        reader, owner = link.process, link.var_process
        task = self._tasks.get(owner)
        last = owner
        while last in self._waits and last != reader:
            last = self._waits[last]
        if task is None or last == reader:
            return
        self._waits[reader] = owner
        name = self.owners[owner].name
        self.worker.wait_for([task], f"'{name}' has not ended the phase in which RefPort '{link.port}' reads")
        self._waits.pop(reader, None)

    def write(self, link: RefLink, data: Array) -> None:
        """Note what a RefPort writes."""
        key = (link.var_process, link.var)
        flat = data.reshape(-1)
        if link.index is not None:
            moved = np.empty_like(flat)
            moved[link.index] = flat
            flat = moved
        owner = self.owners[key[0]]
        value = flat.reshape(owner.var_shape(*key))
        self._writes.append((link.process, key, value))
        self._own[link.process, key] = value
