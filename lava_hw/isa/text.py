"""Programs as text: `parse` and `assemble` read it, `disassemble` and `listing` write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lava_hw.isa import build
from lava_hw.isa.errors import AsmError, BeyondLimit
from lava_hw.isa.instruction import AND, ANDNOT, CHANNELS, COPY, NOT, OR, SLOTS, XOR, Instruction
from lava_hw.isa.operands import Const, Imm, Mask, Reg, StateVar
from lava_hw.regs import POPULATION0, Compare, Opcode, Operand

_TABLES = {"and": AND, "or": OR, "xor": XOR, "andnot": ANDNOT, "not": NOT, "copy": COPY}
_SIGNS = {
    Compare.GT: ">",
    Compare.LT: "<",
    Compare.GE: ">=",
    Compare.LE: "<=",
    Compare.EQ: "==",
    Compare.NE: "!=",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_LONGEST = POPULATION0.fields["count"].mask
_TAKEN = re.compile(r"(r|p|c|ch)\d+|slot|last|neg|if|" + "|".join(_TABLES))


@dataclass(frozen=True)
class Names:
    """Names of a population's state variables and constants, by index; an empty name is none."""

    state: tuple[str, ...] = ()
    const: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names that a reader, or the assembler, would take for something else."""
        for kind in (self.state, self.const):
            used = [name for name in kind if name]
            for name in used:
                if not _NAME.fullmatch(name) or _TAKEN.fullmatch(name):
                    raise AsmError(
                        f"{name!r} cannot be a name: letters, digits, _ and ., no word of the language"
                    )
                if used.count(name) > 1:
                    raise AsmError(f"the name {name!r} is there twice")

    def of_state(self, n: int) -> str:
        """Give state variable `n` as text, ``[name]`` or ``[n]``."""
        return f"[{(self.state[n] if n < len(self.state) else '') or n}]"

    def of_const(self, n: int) -> str:
        """Give constant `n` as text, its name or ``c<n>``."""
        return (self.const[n] if n < len(self.const) else "") or f"c{n}"


def assemble(program: str | Iterable[Instruction | str], names: Names | None = None) -> list[int]:
    """Give the words of a program.

    Parameters
    ----------
    program : str or iterable of Instruction or str
        A text, or instructions and lines of text mixed.
    names : Names, optional
        Names that texts may use; ``.state`` and ``.const`` lines add to them.

    Returns
    -------
    list of int
        One word of 32 bits per instruction.

    Raises
    ------
    AsmError
        With line number and line, if something is not understood, has no meaning, or names a state variable
        beyond those that are declared.
    BeyondLimit
        If there are more instructions than a population can have, or a number is too large for its field.
    """
    lines = program.splitlines() if isinstance(program, str) else program
    reader = _Reader(names or Names())
    out: list[int] = []
    for number, line in enumerate(lines, 1):
        if isinstance(line, Instruction):
            out.append(line.encode())
            continue
        try:
            item = reader.line(line)
        except AsmError as err:
            raise type(err)(f"line {number}: {line.strip()!r}: {err}") from None
        if item is not None:
            out.append(item.encode() if isinstance(item, Instruction) else item)
    if len(out) > _LONGEST:
        raise BeyondLimit(f"{len(out)} instructions; the program of a population has {_LONGEST} at most")
    return out


def parse(text: str, names: Names | None = None) -> tuple[list[Instruction], Names]:
    """Give the instructions of a text, and the names that it used or declared.

    Raises
    ------
    AsmError
        As `assemble`; also for ``.word`` lines, which need not be instructions.
    """
    reader = _Reader(names or Names())
    out = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            item = reader.line(line)
            if isinstance(item, int):
                item = Instruction.decode(item)
        except AsmError as err:
            raise type(err)(f"line {number}: {line.strip()!r}: {err}") from None
        if item is not None:
            out.append(item)
    return out, reader.names


def disassemble(words: Iterable[int], names: Names | None = None) -> list[str]:
    """Give one line per word. A word that no instruction encodes to becomes ``.word 0x…``; so does one with a
    state variable beyond those that `names` has.

    ``assemble(disassemble(words, names), names)`` gives the same words, for all words, up to the length of a
    program.
    """
    declared = len(names.state) if names else 0
    return [_line(int(word), names, declared) for word in words]


def _line(word: int, names: Names | None, declared: int = 0) -> str:
    """Give a word as text. With `declared` state variables, one beyond them makes it a ``.word`` line."""
    try:
        ins = Instruction.decode(word)
    except AsmError:
        if not 0 <= word < 1 << 32:
            raise
        return f".word {word:#010x}"
    if declared and ins.bsel is Operand.STATE and ins.b >= declared:
        return f".word {word:#010x}"
    return to_text(ins, names)


def listing(words: Sequence[int], names: Names | None = None, first: int = 0) -> str:
    """Give a listing for a person: names, then program counter, word and instruction in columns.

    Parameters
    ----------
    words : sequence of int
        The program.
    names : Names, optional
        Names of state variables and constants.
    first : int
        Program counter of the first word.
    """
    names = names or Names()
    out = []
    for title, kind in (("state", names.state), ("const", names.const)):
        if kind:
            out.append(f"; {title}: " + ", ".join(f"{i} {n}" for i, n in enumerate(kind) if n))
    for i, word in enumerate(words):
        out.append(f"{first + i:5d}  {int(word):08x}  {_line(int(word), names)}")
    return "\n".join(out)


def to_text(ins: Instruction, names: Names | None = None) -> str:
    """Give one instruction as text."""
    names = names or Names()
    op, rd, ra = ins.op, f"r{ins.rd}", f"r{ins.ra}"
    b = _b_text(ins, names)
    parts: list[str]
    if op is Opcode.ST:
        parts = [b, ra]
    elif op is Opcode.ACC:
        shift = f"<<{ins.sh}" if ins.sh > 0 else f">>{-ins.sh}" if ins.sh else ""
        parts = [rd, b, f"slot {ins.slot}", shift, "last" if ins.last else ""]
    elif op is Opcode.ACCADD:
        parts = [b, f"slot {ins.slot}", rd]
    elif op is Opcode.CMP:
        parts = [f"p{ins.rd}", f"{ra} {_SIGNS[Compare(ins.aux)]} {b}"]
    elif op is Opcode.PLOG:
        table = next((k for k, v in _TABLES.items() if v == ins.sh), f"0b{ins.sh:04b}")
        parts = [f"p{ins.rd}", f"p{ins.ra}", f"p{ins.b}", table]
    elif op is Opcode.EMITM:
        parts = [f"ch{ins.rd}", "neg" if ins.aux else ""]
    elif op is Opcode.EMITG:
        parts = [f"ch{ins.rd}", ra]
    elif op in (Opcode.MUL, Opcode.MULTZ):
        parts = [rd, ra, b, f">>{ins.sh}" if ins.sh else ""]
    else:
        parts = {
            Opcode.NOP: [],
            Opcode.MOV: [rd, b],
            Opcode.ABS: [rd, ra],
            Opcode.WRAP: [rd, ra],
            Opcode.TIME: [rd],
            Opcode.IDX: [rd],
        }.get(op, [rd, ra, b])
    text = f"{op.name.lower():6s} {', '.join(p for p in parts if p)}"
    if ins.pen:
        text += f" if {'!' if ins.pneg else ''}p{ins.p}"
    return text.strip()


def _b_text(ins: Instruction, names: Names) -> str:
    if ins.bsel is Operand.STATE:
        return names.of_state(ins.b)
    if ins.bsel is Operand.CONST:
        return names.of_const(ins.b)
    return f"#{ins.b}" if ins.bsel is Operand.IMM else f"r{ins.b}"


class _Reader:
    """Reads lines one after the other; declarations change `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def line(self, text: str) -> Instruction | int | None:
        """Give the instruction of a line, the number of a ``.word`` line, or None for a line without."""
        text = text.split(";", 1)[0].strip()
        if not text:
            return None
        head, _, rest = text.partition(" ")
        if head in (".state", ".const"):
            if head == ".state":
                self.names = Names(self.names.state + tuple(rest.split()), self.names.const)
            else:
                self.names = Names(self.names.state, self.names.const + tuple(rest.split()))
            return None
        if head == ".word":
            word = _number(rest)
            if not 0 <= word < 1 << 32:
                raise AsmError("a word has 32 bits")
            return word
        return self._instruction(head, rest)

    def _instruction(self, head: str, rest: str) -> Instruction:
        match = re.search(r"(?:^|\s)if\s+(!?)\s*(\S+)$", rest)
        operands = rest[: match.start()] if match else rest
        args = [a.strip() for a in operands.split(",")] if operands.strip() else []
        if head not in _FORMS:
            raise AsmError(f"unknown instruction {head!r}; there are {', '.join(_FORMS)}")
        needed, optional, make = _FORMS[head]
        kinds = (*needed, *optional)
        if not len(needed) <= len(args) <= len(kinds):
            raise AsmError(f"{head} takes {_amount(len(needed), len(kinds))}, not {len(args)}")
        values: list[Any] = [getattr(self, "_" + kind)(a) for kind, a in zip(needed, args, strict=False)]
        values += self._options(args[len(needed) :], optional)
        ins = make(*values)
        if match:
            mask = self._mask(match.group(2))
            ins = ins.unless(mask) if match.group(1) else ins.where(mask)
        return ins

    def _options(self, args: list[str], optional: tuple[str, ...]) -> list[Any]:
        """Give a value per optional operand; they come in this order, any may be left out."""
        found: dict[str, Any] = {}
        left = list(optional)
        for arg in args:
            kind = "left_right" if arg.startswith(("<<", ">>")) else arg
            kind = "right" if kind == "left_right" and "right" in optional else kind
            if kind not in left:
                raise AsmError(f"{arg!r} is not expected here")
            left = left[left.index(kind) + 1 :]
            found[kind] = _number(arg[2:]) if arg[:2] in ("<<", ">>") else True
            if kind == "left_right" and arg.startswith(">>"):
                found[kind] = -found[kind]
            if kind == "right" and arg.startswith("<<"):
                raise AsmError(f"{arg!r}: this instruction shifts right only")
        return [found.get(kind, 0) for kind in optional]

    def _reg(self, text: str) -> Reg:
        return Reg(_indexed(text, "r", "a register r0 to r7"))

    def _mask(self, text: str) -> Mask:
        return Mask(_indexed(text, "p", "a mask p0 to p3"))

    def _channel(self, text: str) -> int:
        return _indexed(text, "ch", f"a channel ch0 to ch{CHANNELS - 1}")

    def _slot(self, text: str) -> int:
        head, _, number = text.partition(" ")
        if head != "slot":
            raise AsmError(f"{text!r}: expected slot 0 to {SLOTS - 1}")
        return _number(number)

    def _table(self, text: str) -> int:
        return _TABLES[text] if text in _TABLES else _number(text)

    def _state(self, text: str) -> StateVar:
        inner = text[1:-1].strip() if text.startswith("[") and text.endswith("]") else ""
        if inner and inner in self.names.state:
            return StateVar(self.names.state.index(inner))
        if re.fullmatch(r"[0-9]{1,9}", inner):
            if self.names.state and int(inner) >= len(self.names.state):
                raise AsmError(
                    f"{text!r}: the program declares {len(self.names.state)} state variables, so that it can "
                    f"name 0 to {len(self.names.state) - 1}; declare more of them"
                )
            return StateVar(int(inner))
        known = ", ".join(n for n in self.names.state if n) or "none is declared"
        raise AsmError(f"{text!r}: expected a state variable, [number] or [name] ({known})")

    def _const(self, text: str) -> Const:
        if text and text in self.names.const:
            return Const(self.names.const.index(text))
        known = ", ".join(n for n in self.names.const if n) or "none is declared"
        return Const(_indexed(text, "c", f"a constant, c<number> or a name ({known})"))

    def _any(self, text: str) -> Reg | StateVar | Const | Imm:
        if text.startswith("["):
            return self._state(text)
        if text.startswith("#"):
            return Imm(_number(text[1:]))
        if re.fullmatch(r"r\d+", text):
            return self._reg(text)
        return self._const(text)

    def _compare(self, text: str) -> tuple[Reg, str, Reg | StateVar | Const | Imm]:
        match = re.fullmatch(r"(\S+?)\s*(>=|<=|==|!=|>|<)\s*(.+)", text)
        if not match:
            raise AsmError(f"{text!r}: expected a comparison such as r1 > c0")
        return self._reg(match.group(1)), match.group(2), self._any(match.group(3))


_Form = tuple[tuple[str, ...], tuple[str, ...], Callable[..., Instruction]]
_FORMS: dict[str, _Form] = {
    "nop": ((), (), build.nop),
    "mov": (("reg", "any"), (), build.mov),
    "st": (("state", "reg"), (), build.st),
    "acc": (("reg", "const", "slot"), ("left_right", "last"), build.acc),
    "accadd": (("const", "slot", "reg"), (), lambda c, slot, ra: build.accadd(c, ra, slot)),
    "add": (("reg", "reg", "any"), (), build.add),
    "sub": (("reg", "reg", "any"), (), build.sub),
    "mul": (("reg", "reg", "any"), ("right",), build.mul),
    "multz": (("reg", "reg", "any"), ("right",), build.multz),
    "shv": (("reg", "reg", "any"), (), build.shv),
    "min": (("reg", "reg", "any"), (), build.min_),
    "max": (("reg", "reg", "any"), (), build.max_),
    "clip": (("reg", "reg", "any"), (), build.clip),
    "abs": (("reg", "reg"), (), build.abs_),
    "wrap": (("reg", "reg"), (), build.wrap),
    "cmp": (("mask", "compare"), (), lambda p, c: build.cmp(p, *c)),
    "plog": (("mask", "mask", "mask", "table"), (), build.plog),
    "time": (("reg",), (), build.time),
    "idx": (("reg",), (), build.idx),
    "emitm": (("channel",), ("neg",), build.emitm),
    "emitg": (("channel", "reg"), (), build.emitg),
}


def _amount(least: int, most: int) -> str:
    return f"{least} operands" if least == most else f"{least} to {most} operands"


def _indexed(text: str, prefix: str, what: str) -> int:
    match = re.fullmatch(rf"{prefix}(\d{{1,9}})", text)
    if not match:
        raise AsmError(f"{text!r}: expected {what}")
    return int(match.group(1))


def _number(text: str) -> int:
    text = text.strip()
    if not re.fullmatch(r"[+-]?(\d{1,10}|0[xX][0-9a-fA-F]{1,8}|0[bB][01]{1,32})", text):
        raise AsmError(f"{text!r}: expected a number")
    return int(text, 0) if not re.fullmatch(r"[+-]?0\d+", text) else int(text)
