"""Random programs of a population, of all opcodes, whose every step docs/chip.md defines.

Registers and masks are written before they are read; state variables lie below `nvars`; what clears or adds
to an accumulator group is not seen by another group of the same population.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from lava_hw.chip import Chip
from lava_hw.isa.instruction import CHANNELS, SLOTS, USES
from lava_hw.regs import INSTRUCTION, Opcode

_T = TypeVar("_T")
EDGES = (
    *(0, 1, 2, 31, 32, 33, 62, 63, 64, 255, 0x7FFF, 0x8000, 0x10000),
    *(1 << 23, (1 << 23) - 1, (1 << 23) + 1, 1 << 24, 0x7FFFFFFF, 0x40000000),
    *(-k & 0xFFFFFFFF for k in (1, 2, 31, 32, 33, 63, 64, 1 << 23, (1 << 23) - 1, (1 << 23) + 1, 1 << 31)),
)
"""Words at which something changes: shifts, WRAP, CLIP, ABS, signs, comparisons of equal values."""
_COMPARE = (">", "<", ">=", "<=", "==", "!=")


class Choices:
    """Short names for what is drawn; `number` draws one from the first to the second, both included."""

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self._number = number

    @classmethod
    def of(cls, draw: st.DrawFn) -> Choices:
        """Let Hypothesis draw."""
        return cls(lambda least, most: draw(st.integers(least, most)))

    def up_to(self, most: int, least: int = 0) -> int:
        """A number from `least` to `most`, both included."""
        return least if most <= least else self._number(least, most)

    def one(self, of: Sequence[_T]) -> _T:
        """One of them."""
        return of[self.up_to(len(of) - 1)]

    def chance(self, times: int) -> bool:
        """True once in so many times."""
        return self.up_to(times - 1) == times - 1

    def word(self) -> int:
        """A word of 32 bits, often one at an edge."""
        return self.up_to(2**32 - 1) if self.chance(3) else self.one(EDGES)


@dataclass
class Program:
    """A program while it is written.

    ``reads`` are slot (modulo the slots) and group of each ACC; ``emits`` the channels on which it sends
    masks and values.
    """

    groups: int
    nvars: int
    lines: list[str] = field(default_factory=list)
    constants: list[int] = field(default_factory=list)
    reads: set[tuple[int, int]] = field(default_factory=set)
    emits: set[tuple[str, int]] = field(default_factory=set)
    accesses: list[tuple[int, int, bool, bool]] = field(default_factory=list)  # slot, group, reads, changes

    def meets(self, slot: int, base: int, reads: bool, changes: bool) -> bool:
        """Tell whether another group would see what this access does, or this one what another does.

        Sums do not depend on their order: two ACCADD may meet.
        """
        return any(
            slot == other and 0 < abs(base - first) < self.groups
            for other, first, read, wrote in self.accesses
            if (reads and wrote) or (changes and read)
        )

    def use(self, slot: int, base: int, reads: bool, changes: bool) -> None:
        """Keep an access to accumulators."""
        self.accesses.append((slot, base, reads, changes))


class Writer:
    """Writes one program."""

    def __init__(
        self, choices: Choices, chip: Chip, program: Program, most_constants: int, bad: bool = False
    ) -> None:
        self.choices, self.chip, self.program = choices, chip, program
        self.most_constants = most_constants
        self.bad = ("unknown",) * 6 if bad else ()
        self.registers: set[int] = set()
        self.masks: set[int] = set()

    def write(self, length: int) -> None:
        """Write up to `length` instructions."""
        kinds = (*(op.name.lower() for op in USES), "acc", "cmp", "cmp", "plog", "plog", *self.bad)
        for number in range(length):
            kind = "mov" if number == 0 and self.choices.chance(2) else self.choices.one(kinds)
            line = getattr(self, f"_op_{kind}", self._op_binary)(kind)
            if line is not None:
                self.program.lines.append(line)

    def _constant(self, value: int) -> int | None:
        constants = self.program.constants
        if value in constants:
            return constants.index(value)
        if len(constants) == self.most_constants:
            return None
        constants.append(value)
        return len(constants) - 1

    def _read(self) -> str | None:
        return f"r{self.choices.one(sorted(self.registers))}" if self.registers else None

    def _operand(self) -> str:
        choices = self.choices
        kind = choices.up_to(3)
        if kind == 0 and self.registers:
            return f"r{choices.one(sorted(self.registers))}"
        if kind <= 1 and self.program.nvars:
            return f"[{choices.up_to(min(self.program.nvars, 64) - 1)}]"
        if kind == 2:
            number = self._constant(choices.word())
            if number is not None:
                return f"c{number}"
        return f"#{choices.up_to(31, -32)}"

    def _predicate(self) -> str:
        if self.masks and self.choices.chance(3):
            return f" if {self.choices.one(('', '!'))}p{self.choices.one(sorted(self.masks))}"
        return ""

    def _to(self) -> tuple[str, str]:
        """A register to be written and the predicate, which leaves no lane of it unwritten."""
        predicate = self._predicate()
        if predicate and self.registers:
            return f"r{self.choices.one(sorted(self.registers))}", predicate
        register = self.choices.up_to(7)
        self.registers.add(register)
        return f"r{register}", ""

    def _to_mask(self) -> tuple[str, str]:
        predicate = self._predicate()
        if predicate:
            return f"p{self.choices.one(sorted(self.masks))}", predicate
        mask = self.choices.up_to(3)
        self.masks.add(mask)
        return f"p{mask}", ""

    def _op_unknown(self, kind: str) -> str:
        unknown = self.choices.up_to(INSTRUCTION.fields["op"].mask, max(Opcode) + 1)
        return f".word {INSTRUCTION.pack(op=unknown, rd=self.choices.up_to(7)):#x}"

    def _op_nop(self, kind: str) -> str:
        return kind

    def _op_mov(self, kind: str) -> str:
        operand = self._operand()
        to, predicate = self._to()
        return f"{kind} {to}, {operand}{predicate}"

    def _op_binary(self, kind: str) -> str | None:
        first, operand = self._read(), self._operand()
        if first is None:
            return None
        to, predicate = self._to()
        return f"{kind} {to}, {first}, {operand}{predicate}"

    def _op_mul(self, kind: str) -> str | None:
        first, operand = self._read(), self._operand()
        if first is None:
            return None
        to, predicate = self._to()
        shift = self.choices.one((0, 1, 12, 31, 32, 62, 63, self.choices.up_to(63)))
        return f"{kind} {to}, {first}, {operand}, >>{shift}{predicate}"

    _op_multz = _op_mul

    def _op_unary(self, kind: str) -> str | None:
        first = self._read()
        if first is None:
            return None
        to, predicate = self._to()
        return f"{kind} {to}, {first}{predicate}"

    _op_abs = _op_wrap = _op_unary

    def _op_index(self, kind: str) -> str:
        to, predicate = self._to()
        return f"{kind} {to}{predicate}"

    _op_time = _op_idx = _op_index

    def _op_st(self, kind: str) -> str | None:
        first = self._read()
        if first is None or not self.program.nvars:
            return None
        number = self.choices.up_to(min(self.program.nvars, 64) - 1)
        return f"{kind} [{number}], {first}{self._predicate()}"

    def _op_cmp(self, kind: str) -> str | None:
        first, operand = self._read(), self._operand()
        if first is None:
            return None
        to, predicate = self._to_mask()
        return f"{kind} {to}, {first} {self.choices.one(_COMPARE)} {operand}{predicate}"

    def _op_plog(self, kind: str) -> str | None:
        if not self.masks:
            return None
        a, b = (self.choices.one(sorted(self.masks)) for _ in range(2))
        to, predicate = self._to_mask()
        return f"{kind} {to}, p{a}, p{b}, {self.choices.up_to(15)}{predicate}"

    def _op_emitm(self, kind: str) -> str:
        channel = self.choices.up_to(CHANNELS - 1)
        self.program.emits.add(("mask", channel))
        return f"{kind} ch{channel}{self.choices.one(('', ', neg'))}{self._predicate()}"

    def _op_emitg(self, kind: str) -> str | None:
        first = self._read()
        if first is None:
            return None
        channel = self.choices.up_to(CHANNELS - 1)
        self.program.emits.add(("graded", channel))
        return f"{kind} ch{channel}, {first}{self._predicate()}"

    def _access(self, reads: bool, changes: bool) -> tuple[int, int, int] | None:
        """Constant, slot and first group of an access to accumulators that no other group sees."""
        choices, program, last = self.choices, self.program, self.chip.acc_groups - self.program.groups
        if last < 0:
            return None
        near = choices.up_to(min(last, 5))
        base = choices.one((near, last - near))
        field = choices.up_to(SLOTS - 1)
        slot = field % self.chip.delay_slots
        if program.meets(slot, base, reads, changes):
            return None
        constant = self._constant(base)
        if constant is None:
            return None
        program.use(slot, base, reads, changes)
        return constant, field, base

    def _op_acc(self, kind: str) -> str | None:
        last = self.choices.chance(2)
        access = self._access(True, last)
        if access is None:
            return None
        constant, field, base = access
        self.program.reads |= {(field % self.chip.delay_slots, base + g) for g in range(self.program.groups)}
        to, predicate = self._to()
        shift = self.choices.one(("", "<<1", ">>1", "<<31", ">>31", f"<<{self.choices.up_to(31)}"))
        parts = [to, f"c{constant}", f"slot {field}", shift, "last" if last else ""]
        return f"{kind} {', '.join(part for part in parts if part)}{predicate}"

    def _op_accadd(self, kind: str) -> str | None:
        first, access = self._read(), None
        if first is not None:
            access = self._access(False, True)
        if access is None:
            return None
        return f"{kind} c{access[0]}, slot {access[1]}, {first}{self._predicate()}"
