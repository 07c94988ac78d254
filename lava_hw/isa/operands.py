"""The operands of instructions: registers, masks, state variables, constants, numbers."""

from __future__ import annotations

from dataclasses import dataclass

from lava_hw.isa.errors import AsmError
from lava_hw.regs import MASKS, REGISTERS


@dataclass(frozen=True)
class Reg:
    """Vector register n, 0 to 7."""

    n: int

    def __post_init__(self) -> None:
        """Refuse a register that is not there."""
        if not 0 <= self.n < REGISTERS:
            raise AsmError(f"r{self.n}: the registers are r0 to r{REGISTERS - 1}")


@dataclass(frozen=True)
class Mask:
    """Predicate mask n, 0 to 3."""

    n: int

    def __post_init__(self) -> None:
        """Refuse a mask that is not there."""
        if not 0 <= self.n < MASKS:
            raise AsmError(f"p{self.n}: the masks are p0 to p{MASKS - 1}")


@dataclass(frozen=True)
class StateVar:
    """State variable n of the population, 0 to 63."""

    n: int


@dataclass(frozen=True)
class Const:
    """Constant n of the population, 0 to 63."""

    n: int


@dataclass(frozen=True)
class Imm:
    """Signed number, -32 to 31."""

    n: int


Operandish = Reg | StateVar | Const | Imm
