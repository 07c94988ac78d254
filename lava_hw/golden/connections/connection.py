"""What all kinds of connections have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden.memory import Memory

__all__ = ["Connection"]


class Connection(ABC):
    """A descriptor, decoded. A kind is a subclass in a module of this package, with its number `kind`.

    Parameters
    ----------
    memory : Memory
        Of the core.
    fields : mapping of str to int
        All fields of the descriptor.
    chip : Chip
        Its sizes.

    Attributes
    ----------
    known : bool
        Whether the kind has the format of the descriptor. Events of what is not known are bad.
    limit : int
        Sources below this are good.
    lines : list of int
        First accumulator line by T modulo the slots.
    """

    kind: ClassVar[int]

    def __init__(self, memory: Memory, fields: Mapping[str, int], chip: Chip) -> None:
        self.memory, self.lanes = memory, chip.lanes
        self.shift, self.groups, self.targets = fields["shift"], fields["groups"], fields["targets"]
        self.known = True
        self.limit = fields["sources"]
        slots, base = chip.delay_slots, fields["acc_base"]
        self.lines = [(t + fields["slot"]) % slots * chip.acc_pitch + base for t in range(slots)]

    @abstractmethod
    def add(self, slot: int, sources: NDArray[np.int64], values: NDArray[np.int32] | None, sign: int) -> None:
        """Add what events of good `sources` say, in the slot that `slot` (T mod slots) leads to.

        Parameters
        ----------
        slot : int
            T modulo the slots.
        sources : int64 array
            Numbers of the sources.
        values : int32 array or None
            Their values, of graded events; None for spikes.
        sign : int
            1 or -1, of spikes.
        """
