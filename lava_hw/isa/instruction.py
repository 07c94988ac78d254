"""`Instruction`: one instruction as a value; what its opcode does not use is 0."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lava_hw.isa.errors import AsmError, BeyondLimit
from lava_hw.isa.operands import Mask
from lava_hw.regs import INSTRUCTION, INSTRUCTION_ACC, MASKS, REGISTERS, ROUTE0, Compare, Opcode, Operand

RESERVED = frozenset({Opcode.ADDS, Opcode.MADTZ, Opcode.BCAST})

SLOTS = INSTRUCTION_ACC.fields["slot"].mask + 1
"""Accumulator slots that an instruction can name."""
CHANNELS = ROUTE0.fields["channel"].mask + 1
"""Channels that a population can send on."""

# Truth tables of PLOG: bit 2 * pa + pb.
AND, OR, XOR, ANDNOT, NOT, COPY = 0b1000, 0b1110, 0b0110, 0b0100, 0b0011, 0b1100

# What an opcode uses besides its predicate: field -> largest value. "B" stands for bsel and b, "signed" for a
# signed shift; "state", "const" and "mask" for a b with one meaning.
USES: dict[Opcode, dict[str, int]] = {
    Opcode.NOP: {},
    Opcode.MOV: {"rd": 7, "B": 0},
    Opcode.ST: {"state": 63, "ra": 7},
    Opcode.ACC: {"rd": 7, "const": 63, "slot": SLOTS - 1, "signed": 0, "last": 1},
    Opcode.ACCADD: {"const": 63, "slot": SLOTS - 1, "rd": 7},
    Opcode.ADD: {"rd": 7, "ra": 7, "B": 0},
    Opcode.SUB: {"rd": 7, "ra": 7, "B": 0},
    Opcode.MUL: {"rd": 7, "ra": 7, "B": 0, "sh": 63},
    Opcode.MULTZ: {"rd": 7, "ra": 7, "B": 0, "sh": 63},
    Opcode.SHV: {"rd": 7, "ra": 7, "B": 0},
    Opcode.MIN: {"rd": 7, "ra": 7, "B": 0},
    Opcode.MAX: {"rd": 7, "ra": 7, "B": 0},
    Opcode.CLIP: {"rd": 7, "ra": 7, "B": 0},
    Opcode.ABS: {"rd": 7, "ra": 7},
    Opcode.WRAP: {"rd": 7, "ra": 7},
    Opcode.CMP: {"rd": MASKS - 1, "ra": 7, "aux": max(Compare), "B": 0},
    Opcode.PLOG: {"rd": MASKS - 1, "ra": MASKS - 1, "mask": MASKS - 1, "sh": 15},
    Opcode.TIME: {"rd": 7},
    Opcode.IDX: {"rd": 7},
    Opcode.EMITM: {"rd": CHANNELS - 1, "aux": 1},
    Opcode.EMITG: {"rd": CHANNELS - 1, "ra": 7},
}
_ACCUMULATES = (Opcode.ACC, Opcode.ACCADD)
# Bits of aux that stand for slot and last.
_ACC_AUX = INSTRUCTION.unpack(INSTRUCTION_ACC.pack(slot=SLOTS - 1, last=1))["aux"]
# Opcodes whose field b has one fixed meaning name it in bsel too.
_FIXED_BSEL = {"state": Operand.STATE, "const": Operand.CONST, "mask": Operand.REG}


@dataclass(frozen=True)
class Instruction:
    """One instruction. The fields are those of the word `instruction` of the register description.

    `slot` and `last` are those of ACC and ACCADD (word `instruction_acc`), whose `b` is a constant. `sh` of
    ACC is the signed shift, -31 to 31; everywhere else fields are unsigned. `b` of an immediate is the
    signed number, -32 to 31.

    Raises
    ------
    AsmError
        If the opcode is reserved, a field is out of range, or a field that the opcode does not use is not 0.
    """

    op: Opcode
    rd: int = 0
    ra: int = 0
    bsel: Operand = Operand.REG
    b: int = 0
    sh: int = 0
    pen: int = 0
    pneg: int = 0
    p: int = 0
    aux: int = 0
    slot: int = 0
    last: int = 0

    def __post_init__(self) -> None:
        """Refuse everything that has no meaning."""
        if self.op not in USES:
            raise AsmError(f"opcode {getattr(self.op, 'name', self.op)} is reserved or unknown")
        uses = USES[self.op]
        for field in ("rd", "ra", "aux", "slot", "last"):
            self._range(field, 0, uses.get(field, 0))
        if "signed" in uses:
            self._range("sh", -31, 31)
        else:
            self._range("sh", 0, uses.get("sh", 0))
        self._check_b(uses)
        self._range("pen", 0, 1)
        self._range("pneg", 0, self.pen)
        self._range("p", 0, (MASKS - 1) * self.pen)

    def _check_b(self, uses: dict[str, int]) -> None:
        if "B" in uses:
            low, high = {
                Operand.REG: (0, REGISTERS - 1),
                Operand.STATE: (0, 63),
                Operand.CONST: (0, 63),
                Operand.IMM: (-32, 31),
            }.get(self.bsel, (1, 0))
            self._check_index(high)
            self._range("b", low, high)
            return
        kind = next((k for k in _FIXED_BSEL if k in uses), None)
        want = _FIXED_BSEL[kind] if kind else Operand.REG
        if self.bsel != want:
            raise AsmError(f"{self.op.name.lower()}: bsel is {int(self.bsel)}; it must be {want.name}")
        high = uses[kind] if kind else 0
        self._check_index(high)
        self._range("b", 0, high)

    def _check_index(self, high: int) -> None:
        """Say what b is, where it is too large for the field."""
        what = {Operand.STATE: "state variable", Operand.CONST: "constant"}.get(self.bsel)
        if what and self.b > high:
            raise BeyondLimit(
                f"{self.op.name.lower()}: {what} {self.b} is beyond those that an instruction can name, "
                f"0 to {high}"
            )

    def _range(self, field: str, low: int, high: int) -> None:
        value = getattr(self, field)
        if not low <= value <= high:
            may = f"{low} to {high}" if high > low else "0 (not used)" if high == low else "not there"
            raise AsmError(f"{self.op.name.lower()}: {field} is {value}; it must be {may}")

    def where(self, mask: Mask) -> Instruction:
        """Give the instruction with the predicate "in lanes where `mask` holds"."""
        return replace(self, pen=1, pneg=0, p=mask.n)

    def unless(self, mask: Mask) -> Instruction:
        """Give the instruction with the predicate "in lanes where `mask` does not hold"."""
        return replace(self, pen=1, pneg=1, p=mask.n)

    def encode(self) -> int:
        """Give the word of 32 bits."""
        accumulates = self.op in _ACCUMULATES
        word = INSTRUCTION.pack(
            op=self.op,
            rd=self.rd,
            ra=self.ra,
            bsel=Operand.REG if accumulates else self.bsel,
            b=self.b & 63,
            sh=self.sh & 63,
            pen=self.pen,
            pneg=self.pneg,
            p=self.p,
            aux=self.aux,
        )
        return word | INSTRUCTION_ACC.pack(slot=self.slot, last=self.last) if accumulates else word

    @classmethod
    def decode(cls, word: int) -> Instruction:
        """Give the instruction of a word.

        Raises
        ------
        AsmError
            If no instruction encodes to this word.
        """
        if not 0 <= word < 1 << 32:
            raise AsmError(f"{word:#x} is not a word of 32 bits")
        f = INSTRUCTION.unpack(word)
        try:
            op = Opcode(f["op"])
        except ValueError:
            raise AsmError(f"{word:#010x}: opcode {f['op']} is unknown") from None
        if op in _ACCUMULATES:
            own = INSTRUCTION_ACC.unpack(word)
            f |= {"slot": own["slot"], "last": own["last"], "ra": 0, "bsel": int(Operand.CONST)}
            f["aux"] &= ~_ACC_AUX
        bsel = Operand(f["bsel"])
        if op is Opcode.ACC:
            f["sh"] = _signed6(f["sh"])
        if bsel is Operand.IMM:
            f["b"] = _signed6(f["b"])
        return cls(**f | {"op": op, "bsel": bsel})  # type: ignore[arg-type]


def _signed6(value: int) -> int:
    return value - 64 if value & 32 else value
