"""Instructions, text and listings: round trips, builder against text, a message for every mistake."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lava_hw import isa
from lava_hw.isa import const, imm, p0, p1, p2, p3, r0, r1, r2, r7, state
from lava_hw.isa.instruction import RESERVED, USES
from lava_hw.regs import INSTRUCTION, INSTRUCTION_ACC, POPULATION0, Compare, Opcode, Operand

NAMES = isa.Names(("u", "v", "", "bias.x"), ("a_in", "th"))


@st.composite
def instructions(draw: st.DrawFn) -> isa.Instruction:
    """Any instruction that has a meaning, over the full range of every field."""
    op = draw(st.sampled_from(sorted(USES)))
    uses = USES[op]
    values: dict[str, int] = {
        f: draw(st.integers(0, uses[f])) for f in ("rd", "ra", "aux", "sh", "slot", "last") if f in uses
    }
    if "signed" in uses:
        values["sh"] = draw(st.integers(-31, 31))
    bsel = Operand.REG
    if "B" in uses:
        bsel = draw(st.sampled_from(sorted(Operand)))
        low, high = {Operand.REG: (0, 7), Operand.IMM: (-32, 31)}.get(bsel, (0, 63))
        values["b"] = draw(st.integers(low, high))
    for kind, fixed in (("state", Operand.STATE), ("const", Operand.CONST), ("mask", Operand.REG)):
        if kind in uses:
            bsel, values["b"] = fixed, draw(st.integers(0, uses[kind]))
    if draw(st.booleans()):
        values |= {"pen": 1, "pneg": draw(st.integers(0, 1)), "p": draw(st.integers(0, 3))}
    return isa.Instruction(op, bsel=bsel, **values)


@given(instructions())
def test_instruction_word_and_text_round_trip(ins: isa.Instruction) -> None:
    word = ins.encode()
    assert isa.Instruction.decode(word) == ins
    (text,) = isa.disassemble([word], NAMES)
    assert isa.assemble(text, NAMES) == [word]
    parsed, _ = isa.parse(text, NAMES)
    assert parsed == [ins]


@settings(max_examples=500)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_any_words_survive_disassembly(words: list[int]) -> None:
    assert isa.assemble(isa.disassemble(words, NAMES), NAMES) == words
    assert isa.listing(words, NAMES).count("\n") == len(words) + 1 if words else True


@given(st.integers(0, 2**32 - 1))
def test_decode_accepts_exactly_what_is_encoded(word: int) -> None:
    try:
        ins = isa.Instruction.decode(word)
    except isa.AsmError:
        return
    assert ins.encode() == word


@given(st.text(alphabet="abcdefghimprstuxz 0123456789[]#<>=!,;.-\n", max_size=60))
def test_any_text_gives_words_or_a_clear_error(text: str) -> None:
    try:
        words = isa.assemble(text)
    except isa.AsmError as err:
        message = str(err)
    else:
        assert all(0 <= w < 2**32 for w in words)
        return
    assert re.match(r"line \d+: ", message)


@pytest.mark.parametrize(
    ("built", "text", "fields"),
    [
        (isa.nop(), "nop", {"op": Opcode.NOP}),
        (isa.mov(r1, imm(-5)).where(p0), "mov r1, #-5 if p0",
         {"op": Opcode.MOV, "rd": 1, "bsel": Operand.IMM, "b": 59, "pen": 1}),
        (isa.st(state(3), r7), "st [bias.x], r7", {"op": Opcode.ST, "bsel": Operand.STATE, "b": 3, "ra": 7}),
        (isa.acc(r0, const(0), 2, -3, last=True), "acc r0, a_in, slot 2, >>3, last",
         {"op": Opcode.ACC, "slot": 2, "sh": 61, "last": 1}),
        (isa.acc(r0, const(9), shift=31), "acc r0, c9, slot 0, <<31",
         {"op": Opcode.ACC, "b": 9, "sh": 31}),
        (isa.accadd(const(1), r2, slot=63), "accadd th, slot 63, r2",
         {"op": Opcode.ACCADD, "b": 1, "rd": 2, "slot": 63}),
        (isa.add(r1, r2, r7), "add r1, r2, r7", {"op": Opcode.ADD, "rd": 1, "ra": 2, "b": 7}),
        (isa.sub(r1, r2, state(1)), "sub r1, r2, [v]",
         {"op": Opcode.SUB, "rd": 1, "ra": 2, "bsel": Operand.STATE, "b": 1}),
        (isa.mul(r1, r2, const(1), 63), "mul r1, r2, th, >>63",
         {"op": Opcode.MUL, "rd": 1, "ra": 2, "bsel": Operand.CONST, "b": 1, "sh": 63}),
        (isa.multz(r1, r2, r0), "multz r1, r2, r0", {"op": Opcode.MULTZ, "rd": 1, "ra": 2}),
        (isa.shv(r1, r2, imm(31)), "shv r1, r2, #31",
         {"op": Opcode.SHV, "rd": 1, "ra": 2, "bsel": Operand.IMM, "b": 31}),
        (isa.min_(r1, r2, r0), "min r1, r2, r0", {"op": Opcode.MIN, "rd": 1, "ra": 2}),
        (isa.max_(r1, r2, r0), "max r1, r2, r0", {"op": Opcode.MAX, "rd": 1, "ra": 2}),
        (isa.clip(r1, r2, r0), "clip r1, r2, r0", {"op": Opcode.CLIP, "rd": 1, "ra": 2}),
        (isa.abs_(r1, r2), "abs r1, r2", {"op": Opcode.ABS, "rd": 1, "ra": 2}),
        (isa.wrap(r1, r2), "wrap r1, r2", {"op": Opcode.WRAP, "rd": 1, "ra": 2}),
        (isa.cmp(p3, r2, "<=", imm(0)).unless(p1), "cmp p3, r2 <= #0 if !p1",
         {"op": Opcode.CMP, "rd": 3, "ra": 2, "bsel": Operand.IMM, "aux": Compare.LE,
          "pen": 1, "pneg": 1, "p": 1}),
        (isa.plog(p0, p1, p2, isa.ANDNOT), "plog p0, p1, p2, andnot",
         {"op": Opcode.PLOG, "ra": 1, "b": 2, "sh": 0b0100}),
        (isa.plog(p0, p1, p2, 5), "plog p0, p1, p2, 0b0101", {"op": Opcode.PLOG, "ra": 1, "b": 2, "sh": 5}),
        (isa.time(r2), "time r2", {"op": Opcode.TIME, "rd": 2}),
        (isa.idx(r2), "idx r2", {"op": Opcode.IDX, "rd": 2}),
        (isa.emitm(3, negative=True).where(p2), "emitm ch3, neg if p2",
         {"op": Opcode.EMITM, "rd": 3, "aux": 1, "pen": 1, "p": 2}),
        (isa.emitg(1, r2), "emitg ch1, r2", {"op": Opcode.EMITG, "rd": 1, "ra": 2}),
    ],
)  # fmt: skip
def test_builder_text_and_word_agree(built: isa.Instruction, text: str, fields: dict[str, int]) -> None:
    own = {key: fields.pop(key) for key in ("slot", "last") if key in fields}
    word = INSTRUCTION.pack(**fields) | INSTRUCTION_ACC.pack(**own)
    assert built.encode() == word
    assert isa.assemble([text, built], NAMES) == [word, word]
    assert re.sub(" +", " ", isa.disassemble([word], NAMES)[0]) == text


def test_every_opcode_is_either_usable_or_reserved() -> None:
    assert set(USES) | RESERVED == set(Opcode)
    assert not set(USES) & RESERVED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mov r8, #1", "r8: the registers are r0 to r7"),
        ("mov r1, #32", "b is 32; it must be -32 to 31"),
        ("mov r1", "mov takes 2 operands, not 1"),
        ("mov r1, r2, r3", "mov takes 2 operands, not 3"),
        ("mov r1,", "expected a constant"),
        ("mov r1, [w]", "expected a state variable, [number] or [name] (u, v, bias.x)"),
        ("mov r1, tt", "expected a constant, c<number> or a name (a_in, th)"),
        ("mov r1, c64", "mov: constant 64 is beyond those that an instruction can name, 0 to 63"),
        ("mov r1, c1000", "mov: constant 1000 is beyond those that an instruction can name, 0 to 63"),
        ("acc r0, c64, slot 0", "acc: constant 64 is beyond those that an instruction can name, 0 to 63"),
        (
            "mov r1, [4]",
            "'[4]': the program declares 4 state variables, so that it can name 0 to 3; declare more",
        ),
        ("st [100], r1", "'[100]': the program declares 4 state variables"),
        ("adds r1, r2, r3", "unknown instruction 'adds'; there are nop, mov"),
        ("acc r0, a_in, slot 64", "slot is 64; it must be 0 to 63"),
        ("acc r0, a_in, 1", "expected slot 0 to 63"),
        ("acc r0, a_in, slot 0, <<32", "sh is 32; it must be -31 to 31"),
        ("acc r0, a_in, slot 0, last, <<3", "'<<3' is not expected here"),
        ("acc r0, a_in, slot 0, lost", "'lost' is not expected here"),
        ("acc r0, [0], slot 0", "expected a constant"),
        ("mul r1, r2, r3, <<3", "this instruction shifts right only"),
        ("mul r1, r2, r3, >>64", "sh is 64; it must be 0 to 63"),
        ("cmp r0, r1 > r2", "expected a mask"),
        ("cmp p0, r1 => r2", "expected a comparison"),
        ("cmp p0, r1", "expected a comparison"),
        ("plog p0, p1, p2, nand", "expected a number"),
        ("plog p0, p1, p2, 16", "sh is 16; it must be 0 to 15"),
        ("emitm ch8", "rd is 8; it must be 0 to 7"),
        ("emitm p0", "expected a channel"),
        ("nop if p4", "p4: the masks are p0 to p3"),
        ("nop if r0", "expected a mask"),
        (".word 0x100000000", "expected a number"),
        (".word -1", "a word has 32 bits"),
        (".state r1", "'r1' cannot be a name"),
        (".state u", "the name 'u' is there twice"),
    ],
)
def test_mistakes_in_a_text(text: str, message: str) -> None:
    with pytest.raises(isa.AsmError) as err:
        isa.assemble("nop\n" + text, NAMES)
    assert message in str(err.value)
    assert str(err.value).startswith(f"line 2: {text!r}")


@pytest.mark.parametrize(
    "text", ["mov r1, [64]", "st [64], r1", f".state {' '.join(f'x{k}' for k in range(65))}\nmov r0, [x64]"]
)
def test_a_state_variable_that_no_instruction_can_name(text: str) -> None:
    assert isa.Instruction.decode(isa.assemble("mov r1, [63]")[0]).b == 63
    with pytest.raises(isa.BeyondLimit, match=r"line \d: .* state variable 64 is beyond .* name, 0 to 63"):
        isa.assemble(text)


def test_a_program_is_as_long_as_a_population_allows() -> None:
    most = POPULATION0.fields["count"].mask
    assert len(isa.assemble([isa.nop()] * most)) == most
    with pytest.raises(isa.BeyondLimit, match=f"^{most + 1} instructions; .* has {most} at most"):
        isa.assemble([isa.nop()] * (most + 1))


@pytest.mark.parametrize(
    "changes",
    [{"rd": 1}, {"ra": 1}, {"b": 1}, {"sh": 1}, {"aux": 1}, {"pneg": 1}, {"p": 1}, {"bsel": Operand.IMM}],
)
def test_unused_fields_must_be_zero(changes: dict[str, int]) -> None:
    with pytest.raises(isa.AsmError, match="must be"):
        dataclasses.replace(isa.nop(), **changes)


def test_reserved_opcodes_are_refused_and_survive_as_words() -> None:
    for op in RESERVED:
        with pytest.raises(isa.AsmError, match="reserved"):
            isa.Instruction(op)
        assert isa.disassemble([op << 27]) == [f".word {op << 27:#010x}"]


def test_a_word_with_a_variable_beyond_the_names_survives_as_a_word() -> None:
    word = isa.mov(r1, state(4)).encode()
    assert isa.disassemble([word]) == ["mov    r1, [4]"]
    assert isa.disassemble([word], NAMES) == [f".word {word:#010x}"]
    assert isa.listing([word], NAMES).endswith(f"{word:08x}  mov    r1, [4]")


def test_problems() -> None:
    good = isa.assemble("mov r0, [0]\ncmp p0, r0 > c1\nadd r0, r0, r0 if p0\nst [1], r0\nemitm ch0 if p0")
    assert isa.problems(good, 2, 2) == []
    assert len(isa.problems(good, 1, 1)) == 2
    bad = isa.assemble(
        "mov r0, r1\nadd r2, r0, r3\nplog p0, p1, p2, and\n"
        "st [0], r5\nemitg ch0, r6 if p3\nacc r0, c0, slot 7"
    )
    text = "\n".join(isa.problems([*bad, Opcode.BCAST << 27], 1, 1))
    for need in ("r1 was", "r3 was", "p1 was", "p2 was", "r5 was", "r6 was", "p3 was", "BCAST is reserved"):
        assert need in text
    assert "r7" not in text
    assert "r0 was" not in text


def test_example_of_the_documentation_assembles_as_shown() -> None:
    doc = (Path(__file__).resolve().parents[2] / "docs/isa.md").read_text()
    text, shown = re.findall(r"```asm\n(.*?)```", doc, re.S)
    program, names = isa.parse(text)
    assert isa.listing(isa.assemble(program), names) == shown.strip("\n")
    assert isa.problems(isa.assemble(program), 4, 5) == []
