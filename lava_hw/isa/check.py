"""What is wrong with a program that the chip would take: reads before writes, indices beyond the ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lava_hw.isa.errors import AsmError
from lava_hw.isa.instruction import Instruction
from lava_hw.isa.text import to_text
from lava_hw.regs import Opcode, Operand

_MASK_WRITERS = (Opcode.CMP, Opcode.PLOG)
_READS_RA = frozenset(
    {Opcode.ST, Opcode.EMITG, Opcode.ABS, Opcode.WRAP, Opcode.CMP}
    | {Opcode.ADD, Opcode.SUB, Opcode.MUL, Opcode.MULTZ, Opcode.SHV, Opcode.MIN, Opcode.MAX, Opcode.CLIP}
)
_NO_REGISTER = frozenset({Opcode.NOP, Opcode.ST, Opcode.ACCADD, Opcode.EMITM, Opcode.EMITG, *_MASK_WRITERS})


def problems(words: Iterable[int], nvars: int, nconst: int) -> list[str]:
    """Give a sentence per problem of a program.

    Parameters
    ----------
    words : iterable of int
        The program of a population.
    nvars : int
        Number of its state variables.
    nconst : int
        Number of its constants.

    Returns
    -------
    list of str
        Empty if all is well. A register or mask counts as written by the first instruction that writes it,
        also where a predicate leaves lanes out.
    """
    out: list[str] = []
    registers: set[int] = set()
    masks: set[int] = set()
    for pc, word in enumerate(words):
        try:
            ins = Instruction.decode(int(word))
        except AsmError as err:
            out.append(f"instruction {pc}: {err}")
            continue
        out += [
            f"instruction {pc} ({to_text(ins)}): {text}" for text in _of(ins, registers, masks, nvars, nconst)
        ]
        if ins.op in _MASK_WRITERS:
            masks.add(ins.rd)
        elif ins.op not in _NO_REGISTER:
            registers.add(ins.rd)
    return out


def _of(ins: Instruction, registers: set[int], masks: set[int], nvars: int, nconst: int) -> list[str]:
    read = {ins.ra} if ins.op in _READS_RA else {ins.rd} if ins.op is Opcode.ACCADD else set()
    tested = {ins.p} if ins.pen else set()
    if ins.op is Opcode.PLOG:
        tested |= {ins.ra, ins.b}
    elif ins.bsel is Operand.REG and _has_b(ins.op):
        read.add(ins.b)
    out = [f"r{n} was never written" for n in sorted(read - registers)]
    out += [f"p{n} was never written" for n in sorted(tested - masks)]
    if ins.bsel is Operand.STATE and ins.b >= nvars:
        out.append(f"state variable {ins.b} is beyond the {nvars} of the population; declare more of them")
    if ins.bsel is Operand.CONST and ins.b >= nconst:
        out.append(f"constant {ins.b} is beyond the {nconst} of the population; declare more of them")
    return out


def _has_b(op: Opcode) -> bool:
    return op in _READS_RA - {Opcode.ST, Opcode.EMITG, Opcode.ABS, Opcode.WRAP} or op is Opcode.MOV


def group_problems(
    words: Iterable[int], constants: Mapping[int, int], groups: int, acc_groups: int, delay_slots: int
) -> list[str]:
    """Give a sentence per instruction whose accumulators are not there, or not its group's alone.

    Two groups of a population run interleaved, so what one of them reads while another one changes it is
    undefined (docs/chip.md, section 4). Two that only add do not disturb each other.

    Parameters
    ----------
    words : iterable of int
        The program of a population.
    constants : mapping of int to int
        Values of its constants that are known, by number.
    groups : int
        Number of its groups.
    acc_groups, delay_slots : int
        Of the chip.
    """
    out: list[str] = []
    seen: list[tuple[int, Instruction, int]] = []
    for pc, word in enumerate(words):
        try:
            ins = Instruction.decode(int(word))
        except AsmError:
            continue  # `problems` says it
        first = constants.get(ins.b)
        if ins.op not in (Opcode.ACC, Opcode.ACCADD) or first is None:
            continue
        where = f"instruction {pc} ({to_text(ins)})"
        if first + groups > acc_groups:
            out.append(
                f"{where}: its accumulators are groups {first} to {first + groups - 1}, and the chip has "
                f"{acc_groups} (0 to {acc_groups - 1}); give constant {ins.b} a smaller value, "
                "or use a chip with more acc_groups"
            )
            continue
        for other_pc, other, base in seen:
            if first != base and abs(first - base) < groups and _meet(ins, other, delay_slots):
                out.append(
                    f"{where}: its accumulators, groups {first} to {first + groups - 1}, overlap those of "
                    f"instruction {other_pc} ({to_text(other)}), {base} to {base + groups - 1}: one group "
                    "would change what another one reads; give both the same first group, or "
                    f"{groups} groups each"
                )
        seen.append((pc, ins, first))
    return out


def _meet(one: Instruction, two: Instruction, delay_slots: int) -> bool:
    """Tell whether one of two instructions reads and one of them changes accumulators, in the same slot."""
    both = (one, two)
    slots = {i.slot % delay_slots for i in both}
    reads = any(i.op is Opcode.ACC for i in both)
    changes = any(i.op is Opcode.ACCADD or i.last for i in both)
    return len(slots) == 1 and reads and changes
