"""Greenlets of participants, and a description of what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from lava_hw.runtime.errors import ModelError, RunError, add_note

if TYPE_CHECKING:
    from greenlet import greenlet

__all__ = ["Party", "Task", "TaskChannel", "has_ended", "named_error", "waiting_lines", "who_waits"]

_NOBODY = ("barrier", "", "end of the phase", "remote")
"""What a greenlet waits for that is no other process."""


class Party(Protocol):
    """A participant, as its greenlets and its channels know it; see `Participant`."""

    name: str
    step: int
    domain: Any
    has_ended: bool
    runs_user_code: ClassVar[bool]
    in_python: ClassVar[bool]

    def where(self) -> str:
        """Give what it executes, for messages."""

    def is_own_error(self, error: BaseException) -> bool:
        """Whether an error that it raised says all that the user needs."""


class TaskChannel(Protocol):
    """A channel, as a greenlet knows it that waits for it; see `PortChannel`."""

    source: Party
    target: Party
    source_name: str
    target_name: str
    reader: Task | None

    @property
    def count(self) -> int:
        """Messages that wait."""


class Task:
    """A greenlet of a participant, and what it waits for."""

    __slots__ = (
        "block",
        "cancelled",
        "channel",
        "essential",
        "for_program",
        "glet",
        "participant",
        "phase",
        "poll",
        "refused",
        "waits_to",
    )

    def __init__(self, participant: Party, glet: greenlet) -> None:
        self.participant = participant
        self.glet = glet
        # Helpers of a participant end with the run; it lasts as long as a greenlet that is no helper.
        self.essential = False
        self.cancelled = False
        self.phase: str | None = None
        self.waits_to = ""
        self.for_program = False
        # Whether it was told that there is no message, whatever has come since.
        self.refused = False
        self.channel: TaskChannel | None = None
        self.poll: Callable[[], bool] | None = None
        self.block: Callable[[float], None] | None = None


def who_waits(tasks: Iterable[Task], others: Iterable[str] = ()) -> str:
    """Give the text of a deadlock: every process that waits, its step, the port, and whom it waits for.

    `others` are the lines of other workers.
    """
    lines = ["Deadlock: no process can go on.", *waiting_lines(tasks), *others]
    if len(lines) == 1:
        lines.append("  All wait for the next step.")
    return "\n".join(lines)


def waiting_lines(tasks: Iterable[Task]) -> list[str]:
    """Give one line for each process that waits for another one."""
    lines = []
    for task in tasks:
        if task.waits_to in _NOBODY:
            continue
        who = task.participant
        start = f"  Process '{who.name}' waits in {who.where()}{f', {task.phase}' if task.phase else ''}: "
        channel = task.channel
        if channel is None:
            lines.append(f"{start}{task.waits_to}.")
        elif task.waits_to == "send":
            lines.append(
                f"{start}{channel.source_name} has {channel.count} messages that {channel.target_name} "
                f"({channel.target.where()}) has not received; the channel is full."
            )
        else:
            note = ", which has ended its steps" if has_ended(channel.source, tasks) else ""
            lines.append(
                f"{start}{channel.target_name} needs a message of {channel.source_name} "
                f"({channel.source.where()}{note})."
            )
    return lines


def has_ended(participant: Party, tasks: Iterable[Task]) -> bool:
    """Whether a participant has ended its steps: none of the greenlets that live is in one of its."""
    return participant.has_ended and not any(
        task.participant is participant and task.waits_to != "barrier" for task in tasks
    )


def named_error(task: Task, error: BaseException) -> BaseException:
    """Give the error with the process and the step that raised it; each kind of cause has its own class."""
    participant = task.participant
    where = f"{participant.where()}{f', {task.phase}' if task.phase else ''}"
    if isinstance(error, ModelError):
        return error
    if participant.runs_user_code:
        kind: type[RunError] = ModelError
        text = f"Process '{participant.name}' failed in {where}: {type(error).__name__}: {error}"
    elif isinstance(error, RunError):
        return error
    elif participant.is_own_error(error):
        add_note(error, f"in {where}")
        return error
    else:
        kind = RunError
        text = (
            f"The {participant.name} failed in {where} by an error of lava_hw itself: "
            f"{type(error).__name__}: {error}. Please report it with the traceback."
        )
    named = kind(text)
    named.__cause__ = error
    return named
