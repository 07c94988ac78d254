"""What a worker says of itself: that it cannot go on, and what its processes do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lava_hw.runtime.crew.line import Slots
from lava_hw.runtime.task import Task, has_ended

if TYPE_CHECKING:
    from lava_hw.runtime.crew.elsewhere import Elsewhere
    from lava_hw.runtime.participant import Participant

__all__ = ["States", "Status", "states_of", "tell_states"]

States = dict[int, tuple[str, bool]]
"""Index of a process -> what it executes, and whether it has ended its steps."""


@dataclass(frozen=True)
class Status:
    """A worker in which nothing can go on.

    Parameters
    ----------
    outside : bool
        Whether something is waited for that comes from outside of the network.
    yielding : bool
        Whether models ask again and again whether they shall stop.
    probing : bool
        Whether models want to know whether there is a message.
    received, sent : tuple of int
        Packets from and to each worker, by number (0 for itself).
    """

    outside: bool
    yielding: bool
    probing: bool
    received: tuple[int, ...]
    sent: tuple[int, ...]

    @classmethod
    def of(cls, slots: Slots, count: int) -> Status:
        """The status in a packet, of one of `count` workers."""
        flags, *numbers = (int(slot) for slot in slots)
        return cls(
            bool(flags & 1),
            bool(flags & 2),
            bool(flags & 4),
            tuple(numbers[:count]),
            tuple(numbers[count:]),
        )

    def slots(self) -> Slots:
        """Payload of a packet."""
        flags = self.outside | self.yielding << 1 | self.probing << 2
        return np.array([flags, *self.received, *self.sent], np.uint64)


def tell_states(stubs: Iterable[Elsewhere], states: States) -> None:
    """Let what stands for processes of other workers know what those do."""
    for stub in stubs:
        stub.set_state(*states.get(stub.index, (f"worker {stub.number}", False)))


def states_of(participants: Iterable[Participant], tasks: list[Task]) -> States:
    """What the participants of this worker do; the chip is left out."""
    return {
        participant.index: (participant.where(), has_ended(participant, tasks))  # type: ignore[attr-defined]
        for participant in participants
        if participant.in_python
    }
