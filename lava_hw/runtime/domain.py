"""Domains: participants that follow the same steps, and the gate that holds them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lava_hw.runtime.participant import Participant
    from lava_hw.runtime.phases import Phases
    from lava_hw.runtime.task import Task

__all__ = ["Domain"]


class Domain:
    """Participants of one sequence of steps.

    A participant may start a step that is not beyond the `gate`. In lock step the gate opens by one step
    once everybody has ended the last one; else it stands at the end of the run, and only channels hold
    participants together.

    Parameters
    ----------
    name : str
        Name for messages.
    lockstep : bool
        Whether nobody may be ahead of others.
    keeps : bool, default False
        Whether Vars are kept as they are between two steps; only in lock step.

    Attributes
    ----------
    gate : int
        The last step that may be started. Another thread may set it to -1; then the first participant that
        asks closes it at the furthest step that was started.
    end : int
        The last step of the run.
    over : bool
        Whether the run has ended for this domain.
    complete : bool
        Whether the step of the gate was complete when the run was ended by an error.
    waiting : list of Task
        Participants at the closed gate.
    phases : Phases or None
        Management phases and references, where there are any.
    ended : dict of int to int
        The last step that all members in another worker have ended, by its number.
    started : dict of int to int
        The furthest step that was started in another worker, as far as is known.
    holding : set of int
        Other workers that were asked for the furthest step that they started, and have not answered.
    """

    def __init__(self, name: str, lockstep: bool = True, keeps: bool = False) -> None:
        self.name = name
        self.lockstep = lockstep
        self.keeps = keeps
        self.members: list[Participant] = []
        self.phases: Phases | None = None
        self.gate = 0
        self.end = 0
        self.over = True
        self.waiting: list[Task] = []
        self.ended: dict[int, int] = {}
        self.started: dict[int, int] = {}
        self.holding: set[int] = set()
        self.complete = False
        self._kept = 0

    @property
    def step(self) -> int:
        """The furthest step that was started."""
        step = max((member.step for member in self.members), default=0)
        return max(step, *self.started.values()) if self.started else step

    def start(self, n_steps: int) -> None:
        """Begin a run."""
        step = self.step
        self.end = step + n_steps
        self.over = self.complete = False
        self.waiting.clear()
        self.holding.clear()
        self.keep()
        self.gate = step + 1 if self.lockstep else self.end
        if self.phases is not None:
            self.phases.running = False

    def settle(self) -> None:
        """Close the gate at the furthest step that was started."""
        self.gate = self.step

    def open(self) -> None:
        """Open the gate after a step boundary."""
        self.keep()
        self.gate = self.gate + 1 if self.lockstep else self.end

    def keep(self) -> None:
        """Keep what Vars hold, and the step that is complete."""
        if self.keeps:
            self._kept = self.step
            for member in self.members:
                member.keep(self._kept)

    def note_complete(self) -> None:
        """Note, before greenlets are given up, whether all have ended their step and nothing follows."""
        self.complete = self.phases is None and self.at_boundary

    def go_back(self) -> None:
        """After an error: be at the end of the last complete step, if it was kept."""
        if self.keeps and not self.complete:
            for member in self.members:
                member.go_back()
                member.step = self._kept
            self.started.update(dict.fromkeys(self.started, self._kept))

    @property
    def at_boundary(self) -> bool:
        """Whether everybody has ended the step of the gate, and its phases."""
        if self.over or len(self.waiting) != len(self.members):
            return False
        if self.phases is not None and self.phases.running:
            return False
        if not self.ended:
            return True
        gate = self.gate
        return gate >= 0 and not self.holding and min(self.ended.values()) >= gate

    def reset(self) -> None:
        """Back to step 0."""
        self.gate = self.end = 0
        self.over = True
        if self.phases is not None:
            self.phases.reset()
        self.waiting.clear()
        self.holding.clear()
        for known in (self.ended, self.started):
            known.update(dict.fromkeys(known, 0))
