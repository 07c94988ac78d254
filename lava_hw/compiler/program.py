"""The program of a population: what reads its accumulators, then the body that its chip model gives."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from lava_hw.compiler.errors import REMEDY, NotOnChip
from lava_hw.compiler.placed_types import Load
from lava_hw.ir import Neurons
from lava_hw.isa import BeyondLimit, Names, assemble


def program(cell: Neurons, loads: Sequence[Load]) -> tuple[int, ...]:
    """Give the words of a program: the sum of each input in a register, shifted left, then the body.

    The accumulators of input k are added up in rk. A right shift belongs to one accumulator and floors, so it
    comes before the left shift of the sum; so does what is left of a sum of less than 32 bits.

    Parameters
    ----------
    cell : Neurons
        Whose program it is.
    loads : sequence of Load
        The accumulators, those of the first input first; load k is the constant ``acck`` of the program.

    Raises
    ------
    NotOnChip
        If an instruction, or a population, cannot hold it.
    AsmError
        If its text is wrong.
    """
    states = tuple(state.name for state in cell.states)
    constants = tuple(constant.name for constant in cell.constants)
    shifts = tuple(each.shift for each in cell.inputs)
    read = tuple((load.input, load.right, load.bits, load.last) for load in loads)
    try:
        return _program(cell.body, shifts, states, constants, read)
    except BeyondLimit as error:
        raise NotOnChip(
            f"{cell.name}: its program cannot be held: {error}. Split the process, or {REMEDY}.",
            cell.process,
        ) from None


@lru_cache(maxsize=256)
def _program(
    body: tuple[str, ...],
    shifts: tuple[int, ...],
    states: tuple[str, ...],
    constants: tuple[str, ...],
    loads: tuple[tuple[int, int, int, bool], ...],
) -> tuple[int, ...]:
    lines: list[str] = []
    for number, left in enumerate(shifts):
        mine = [(k, right, bits, last) for k, (of, right, bits, last) in enumerate(loads) if of == number]
        if body and not mine:
            lines.append(f"mov r{number}, #0")
        for k, right, bits, last in mine:
            more = k != mine[0][0]
            register = f"r{number + more}"
            # The upper bits leave a sum of less than 32 bits on its way up, and the way down keeps its sign.
            up = 32 - bits if bits < 32 else 0 if right else left
            shift = f", >>{right}" if right else f", <<{up}" if up else ""
            lines.append(f"acc {register}, acc{k}, slot 0{shift}{', last' if last else ''}")
            if left != up:
                lines.append(f"shv {register}, {register}, #{left - up}")
            if more:
                lines.append(f"add r{number}, r{number}, {register}")
    names = Names(states, (*(f"acc{k}" for k in range(len(loads))), *constants))
    operands = {name: name for name in constants} | {name: f"[{name}]" for name in states}
    return tuple(assemble([*lines, *(line.format_map(operands) for line in body)], names))
