"""Builder functions, one per opcode; their operands are those of `operands`.

Each gives an `Instruction`; ``.where(p0)`` and ``.unless(p0)`` add the predicate.
"""

from __future__ import annotations

from lava_hw.isa.errors import AsmError
from lava_hw.isa.instruction import Instruction
from lava_hw.isa.operands import Const, Imm, Mask, Operandish, Reg, StateVar
from lava_hw.regs import MASKS, REGISTERS, Compare, Opcode, Operand

r0, r1, r2, r3, r4, r5, r6, r7 = (Reg(n) for n in range(REGISTERS))
p0, p1, p2, p3 = (Mask(n) for n in range(MASKS))

_COMPARE = {
    ">": Compare.GT,
    "<": Compare.LT,
    ">=": Compare.GE,
    "<=": Compare.LE,
    "==": Compare.EQ,
    "!=": Compare.NE,
}
_BSEL = {Reg: Operand.REG, StateVar: Operand.STATE, Const: Operand.CONST, Imm: Operand.IMM}


def state(n: int) -> StateVar:
    """Give state variable `n` as operand."""
    return StateVar(n)


def const(n: int) -> Const:
    """Give constant `n` of the population as operand."""
    return Const(n)


def imm(n: int) -> Imm:
    """Give the signed number `n` (-32 to 31) as operand."""
    return Imm(n)


def _with_b(op: Opcode, b: Operandish, rd: int, ra: int = 0, sh: int = 0, aux: int = 0) -> Instruction:
    if type(b) not in _BSEL:
        raise AsmError(f"{op.name.lower()}: operand B is {b!r}; it must be a register, state, const or imm")
    return Instruction(op, rd=rd, ra=ra, bsel=_BSEL[type(b)], b=b.n, sh=sh, aux=aux)


def nop() -> Instruction:
    """Do nothing."""
    return Instruction(Opcode.NOP)


def mov(rd: Reg, b: Operandish) -> Instruction:
    """Set rd = b."""
    return _with_b(Opcode.MOV, b, rd.n)


def st(to: StateVar, ra: Reg) -> Instruction:
    """State variable = ra."""
    return Instruction(Opcode.ST, ra=ra.n, bsel=Operand.STATE, b=to.n)


def acc(rd: Reg, group: Const, slot: int = 0, shift: int = 0, last: bool = False) -> Instruction:
    """Set rd = accumulators of group (value of constant `group` + own group), slot step + `slot`, shifted.

    `shift` is left if positive, arithmetic right if negative; `last` marks the accumulators clean.
    """
    return Instruction(
        Opcode.ACC, rd=rd.n, slot=slot, bsel=Operand.CONST, b=group.n, sh=shift, last=int(bool(last))
    )


def accadd(group: Const, ra: Reg, slot: int = 0) -> Instruction:
    """Accumulators of group (value of constant `group` + own group), slot step + `slot`, += ra."""
    return Instruction(Opcode.ACCADD, rd=ra.n, slot=slot, bsel=Operand.CONST, b=group.n)


def add(rd: Reg, ra: Reg, b: Operandish) -> Instruction:
    """Set rd = ra + b, modulo 2^32."""
    return _with_b(Opcode.ADD, b, rd.n, ra.n)


def sub(rd: Reg, ra: Reg, b: Operandish) -> Instruction:
    """Set rd = ra - b, modulo 2^32."""
    return _with_b(Opcode.SUB, b, rd.n, ra.n)


def mul(rd: Reg, ra: Reg, b: Operandish, shift: int = 0) -> Instruction:
    """Set rd = low 32 bits of (ra * b) >> `shift`, product of 64 bits, floor."""
    return _with_b(Opcode.MUL, b, rd.n, ra.n, sh=shift)


def multz(rd: Reg, ra: Reg, b: Operandish, shift: int = 0) -> Instruction:
    """Set rd = low 32 bits of ra * b shifted right by `shift`, product of 64 bits, toward zero."""
    return _with_b(Opcode.MULTZ, b, rd.n, ra.n, sh=shift)


def shv(rd: Reg, ra: Reg, b: Operandish) -> Instruction:
    """Set rd = ra << b if b >= 0, else ra >> -b (arithmetic)."""
    return _with_b(Opcode.SHV, b, rd.n, ra.n)


def min_(rd: Reg, ra: Reg, b: Operandish) -> Instruction:
    """Set rd = the smaller of ra and b."""
    return _with_b(Opcode.MIN, b, rd.n, ra.n)


def max_(rd: Reg, ra: Reg, b: Operandish) -> Instruction:
    """Set rd = the larger of ra and b."""
    return _with_b(Opcode.MAX, b, rd.n, ra.n)


def clip(rd: Reg, ra: Reg, b: Operandish) -> Instruction:
    """Set rd = max(min(ra, b), -b)."""
    return _with_b(Opcode.CLIP, b, rd.n, ra.n)


def abs_(rd: Reg, ra: Reg) -> Instruction:
    """Set rd = |ra|, modulo 2^32."""
    return Instruction(Opcode.ABS, rd=rd.n, ra=ra.n)


def wrap(rd: Reg, ra: Reg) -> Instruction:
    """Set rd = ra wrapped once into (-2^23, 2^23]."""
    return Instruction(Opcode.WRAP, rd=rd.n, ra=ra.n)


def cmp(pd: Mask, ra: Reg, how: str, b: Operandish) -> Instruction:
    """Mask pd = ra `how` b, signed; `how` is one of > < >= <= == !=."""
    if how not in _COMPARE:
        raise AsmError(f"cmp: {how!r} is no comparison; there are {' '.join(_COMPARE)}")
    return _with_b(Opcode.CMP, b, pd.n, ra.n, aux=_COMPARE[how])


def plog(pd: Mask, pa: Mask, pb: Mask, table: int) -> Instruction:
    """Mask pd = bit 2 * pa + pb of `table`.

    `isa.AND`, `OR`, `XOR`, `ANDNOT` (pa and not pb), `NOT` and `COPY` (of pa) are given tables.
    """
    return Instruction(Opcode.PLOG, rd=pd.n, ra=pa.n, b=pb.n, sh=table)


def time(rd: Reg) -> Instruction:
    """Set rd = the step."""
    return Instruction(Opcode.TIME, rd=rd.n)


def idx(rd: Reg) -> Instruction:
    """Set rd = index of the neuron within its process."""
    return Instruction(Opcode.IDX, rd=rd.n)


def emitm(channel: int, negative: bool = False) -> Instruction:
    """Send the predicate as spikes of value +1 (or -1) on `channel`, 0 to 7."""
    return Instruction(Opcode.EMITM, rd=channel, aux=int(bool(negative)))


def emitg(channel: int, ra: Reg) -> Instruction:
    """Send each nonzero ra, where the predicate holds, as graded value on `channel`, 0 to 7."""
    return Instruction(Opcode.EMITG, rd=channel, ra=ra.n)
