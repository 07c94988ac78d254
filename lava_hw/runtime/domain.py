"""Domains: participants that follow the same steps, and the barrier that holds them together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from lava_hw.graph.flat import RefLink
    from lava_hw.runtime.task import Task

__all__ = ["Domain", "ReferenceService", "StepPhases", "Stepper"]

Array = np.ndarray[Any, Any]


class Stepper(Protocol):
    """A participant, as its domain knows it; see `Participant`."""

    step: int

    @property
    def reached(self) -> int:
        """The step that it executes."""

    def checkpoint(self, step: int) -> None:
        """Copy what Vars hold at the end of a step."""

    def rollback(self) -> None:
        """Give Vars the values of the last checkpoint."""


class ReferenceService(Protocol):
    """Serves RefPorts."""

    def read(self, link: RefLink, shape: tuple[int, ...]) -> Array:
        """Give the value that a RefPort sees."""

    def write(self, link: RefLink, data: Array) -> None:
        """Note what a RefPort writes."""


class StepPhases(ReferenceService, Protocol):
    """The management phases of a domain; see `Phases`."""

    running: bool

    def begin(self, step: int) -> bool:
        """Start the phases of a step; False if there are none or they are done."""

    def reset(self) -> None:
        """Go back to the state after building."""


class Domain:
    """Participants of one sequence of steps.

    A participant may start a step that is not beyond the `barrier`. In lock step the barrier moves by one
    step once everybody has ended the last one; else it stands at the end of the run, and only channels hold
    participants together.

    Parameters
    ----------
    name : str
        Name for messages.
    lockstep : bool
        Whether nobody may be ahead of others.
    checkpoints : bool, default False
        Whether Vars are copied between each two steps; only in lock step.

    Attributes
    ----------
    participants : list of Stepper
        Those of this worker.
    barrier : int
        The last step that may be started. Another thread may set it to -1; then the first participant that
        asks closes it at the furthest step that was started.
    end : int
        The last step of the run.
    over : bool
        Whether the run has ended for this domain.
    complete : bool
        Whether the step of the barrier was complete when the run was ended by an error.
    waiting : list of Task
        Participants at the closed barrier.
    phases : StepPhases or None
        Management phases and references, where there are any.
    ended : dict of int to int
        The last step that all participants in another worker have ended, by its number.
    started : dict of int to int
        The furthest step that was started in another worker, as far as is known.
    holding : set of int
        Other workers that were asked for the furthest step that they started, and have not answered.
    """

    def __init__(self, name: str, lockstep: bool = True, checkpoints: bool = False) -> None:
        self.name = name
        self.lockstep = lockstep
        self.checkpoints = checkpoints
        self.participants: list[Stepper] = []
        self.phases: StepPhases | None = None
        self.barrier = 0
        self.end = 0
        self.over = True
        self.waiting: list[Task] = []
        self.ended: dict[int, int] = {}
        self.started: dict[int, int] = {}
        self.holding: set[int] = set()
        self.complete = False
        self._last_checkpoint = 0

    @property
    def step(self) -> int:
        """The furthest step that was started."""
        step = max((participant.step for participant in self.participants), default=0)
        return max(step, *self.started.values()) if self.started else step

    def start(self, n_steps: int) -> None:
        """Begin a run."""
        step = self.step
        self.end = step + n_steps
        self.over = self.complete = False
        self.waiting.clear()
        self.holding.clear()
        self.checkpoint()
        self.barrier = step + 1 if self.lockstep else self.end
        if self.phases is not None:
            self.phases.running = False

    def close_barrier(self) -> None:
        """Close the barrier at the furthest step that was started."""
        self.barrier = self.step

    def open_barrier(self) -> None:
        """Open the barrier after a step boundary."""
        self.checkpoint()
        self.barrier = self.barrier + 1 if self.lockstep else self.end

    def checkpoint(self) -> None:
        """Copy what Vars hold, and note the step that is complete."""
        if self.checkpoints:
            self._last_checkpoint = self.step
            for participant in self.participants:
                participant.checkpoint(self._last_checkpoint)

    def note_complete(self) -> None:
        """Note, before greenlets are given up, whether all have ended their step and nothing follows."""
        self.complete = self.phases is None and self.at_boundary

    def rollback(self) -> None:
        """Go back, after an error, to the end of the last complete step, if there is a checkpoint of it."""
        if self.checkpoints and not self.complete:
            for participant in self.participants:
                participant.rollback()
                participant.step = self._last_checkpoint
            self.started.update(dict.fromkeys(self.started, self._last_checkpoint))

    @property
    def at_boundary(self) -> bool:
        """Whether everybody has ended the step of the barrier, and its phases."""
        if self.over or len(self.waiting) != len(self.participants):
            return False
        if self.phases is not None and self.phases.running:
            return False
        if not self.ended:
            return True
        barrier = self.barrier
        return barrier >= 0 and not self.holding and min(self.ended.values()) >= barrier

    def reset(self) -> None:
        """Go back to step 0."""
        self.barrier = self.end = 0
        self.over = True
        if self.phases is not None:
            self.phases.reset()
        self.waiting.clear()
        self.holding.clear()
        for known in (self.ended, self.started):
            known.update(dict.fromkeys(known, 0))
