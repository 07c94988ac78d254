"""States that a worker sends of itself: that it cannot go on, and what its processes do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lava_hw.runtime.task import Party, Task, has_ended
from lava_hw.runtime.workers.connection import Slots

__all__ = ["StateHolder", "States", "Status", "set_states", "states_of"]

States = dict[int, tuple[str, bool]]
"""Index of a process -> what it executes, and whether it has ended its steps."""


class StateHolder(Protocol):
    """A proxy of a process, as far as it shows the state of that; see `ProcessProxy`."""

    index: int
    number: int

    def set_state(self, where: str, has_ended: bool) -> None:
        """Note the state that the process' worker has sent."""


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
        """Read the status in a packet, of one of `count` workers."""
        flags, *numbers = (int(slot) for slot in slots)
        return cls(
            bool(flags & 1),
            bool(flags & 2),
            bool(flags & 4),
            tuple(numbers[:count]),
            tuple(numbers[count:]),
        )

    def slots(self) -> Slots:
        """Make the payload of a packet."""
        flags = self.outside | self.yielding << 1 | self.probing << 2
        return np.array([flags, *self.received, *self.sent], np.uint64)


def set_states(proxies: Iterable[StateHolder], states: States) -> None:
    """Give the proxies of processes of other workers the states of those."""
    for proxy in proxies:
        proxy.set_state(*states.get(proxy.index, (f"worker {proxy.number}", False)))


def states_of(participants: Iterable[Party], tasks: list[Task]) -> States:
    """Give what the participants of this worker do; the chip is left out."""
    return {
        participant.index: (participant.where(), has_ended(participant, tasks))  # type: ignore[attr-defined]
        for participant in participants
        if participant.in_python
    }
