"""The accumulators in plain Python: what they hold, and what they show in every cycle.

Written from docs/chip.md section 3 and from the rule of rtl/core/README.md that an operation shows in the
second cycle after it was given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

M32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Operation:
    """What a client gives in one cycle.

    Attributes
    ----------
    lines : tuple of int
        The address in each lane.
    adds : tuple of int, optional
        What is added in each lane; None if the operation only reads.
    clears : bool
        The last reader: the lines are zero afterwards.
    lane, data : int, optional
        Configuration: the lane that is read, and what is written into it.
    """

    lines: tuple[int, ...]
    adds: tuple[int, ...] | None = None
    clears: bool = False
    lane: int | None = None
    data: int | None = None


@dataclass
class AccumulatorModel:
    """Banks, the walk, and the operation in its second cycle."""

    lanes: int
    lines: int
    banks: list[list[int]] = field(default_factory=list)
    walk: int = 0
    second: Operation | None = None
    read: list[int] | None = None
    word: int | None = None
    busy: bool = True

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing is known of the sums before the walk has been there."""
        self.banks = [[0] * self.lines for _ in range(self.lanes)]
        self.walk, self.busy, self.second = self.lines, True, None

    @property
    def walking(self) -> bool:
        return self.walk > 0

    def edge(self, operation: Operation | None, clear: bool = False) -> None:
        """One cycle: the second half of the operation before, then the first half of this one."""
        if self.second is not None:
            self.finish(self.second)
        self.walk = max(self.walk - 1, 0)
        self.second = operation
        if clear:
            self.banks = [[0] * self.lines for _ in range(self.lanes)]
            self.walk = self.lines
        self.busy = operation is not None or self.walking

    def finish(self, operation: Operation) -> None:
        held = [bank[line] for bank, line in zip(self.banks, operation.lines, strict=True)]
        if operation.adds is not None:
            new = [(old + more) & M32 for old, more in zip(held, operation.adds, strict=True)]
        elif operation.lane is not None:
            self.word = held[operation.lane]
            new = list(held)
            if operation.data is not None:
                new[operation.lane] = operation.data
        else:
            self.read = held
            new = [0] * self.lanes if operation.clears else held
        for bank, line, value in zip(self.banks, operation.lines, new, strict=True):
            bank[line] = value
