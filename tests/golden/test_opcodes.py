"""Every opcode against Python integers, with extreme and random operands of every kind."""

from __future__ import annotations

import random

import numpy as np
import pytest
from golden_build import load, population, read, run, stage, stages, write

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.golden.program import _RESERVED
from lava_hw.regs import CoreRegion, Opcode

EXTREME = [0, 1, -1, 2, -2, 31, 32, 33, -31, -32, -33, 63, 64, 0x55555555, -0x55555556]
EXTREME += [2**23, 2**23 + 1, -(2**23), -(2**23) + 1, 3 * 2**23, -3 * 2**23, 2**24]
EXTREME += [2**31 - 1, -(2**31), -(2**31) + 1]


def wrap32(x: int) -> int:
    return (x + 2**31) % 2**32 - 2**31


def toward_zero(p: int, sh: int) -> int:
    return p >> sh if p >= 0 else -(-p >> sh)


def shift_left_or_right(a: int, b: int) -> int:
    if b >= 0:
        return a << b if b < 32 else 0
    return a >> min(-b, 31)


def wrap24(a: int) -> int:
    return a - 2**24 if a > 2**23 else a + 2**24 if a <= -(2**23) else a


BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "min": min,
    "max": max,
    "clip": lambda a, b: max(min(a, b), wrap32(-b)),
    "shv": shift_left_or_right,
}
COMPARE = {
    ">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


def operands(count: int, seed: int) -> tuple[list[int], list[int]]:
    """All pairs of extremes, then random ones of all sizes."""
    pairs = [(a, b) for a in EXTREME for b in EXTREME]
    draw = random.Random(seed)
    while len(pairs) < count:
        pairs.append(tuple(wrap32(draw.getrandbits(32) >> draw.randrange(32)) for _ in range(2)))
    draw.shuffle(pairs)
    a, b = zip(*pairs[:count], strict=True)
    return list(a), list(b)


def execute(chip: Chip, code: str, a: list[int], b: list[int], const: int = 0) -> list[int]:
    """Run `code` on state variables a = [0], b = [1]; give [2]."""
    lanes, nvars = chip.lanes, 3
    groups = len(a) // lanes
    state = np.zeros((groups, nvars, lanes), np.int64)
    state[:, 0] = np.reshape(a, (groups, lanes))
    state[:, 1] = np.reshape(b, (groups, lanes))
    golden = load(
        chip,
        stages(1, 0, 0),
        write(0, CoreRegion.STATE, 0, state.reshape(-1)),
        write(0, CoreRegion.CONSTANT, 5, [const]),
        population(0, 0, code, len(a), lanes, nvars=nvars, const=5),
        stage(0, 0, 0, 1),
    )
    golden.push(run(1))
    assert golden.step == 1
    assert golden.fault is None
    golden.pop()
    out = read(golden, 0, CoreRegion.STATE, 0, groups * nvars * lanes)
    return np.reshape(out, (groups, nvars, lanes))[:, 2].reshape(-1).tolist()


COUNT = 640


@pytest.mark.parametrize("name", sorted(BINARY))
@pytest.mark.parametrize("form", ["reg", "state", "same"])
def test_binary(chip: Chip, name: str, form: str) -> None:
    a, b = operands(COUNT, 1)
    last = {"reg": f"mov r2, [1]\n{name} r1, r1, r2", "state": f"{name} r1, r1, [1]",
            "same": f"mov r2, [1]\n{name} r2, r1, r2\nmov r1, r2"}[form]  # fmt: skip
    got = execute(chip, f"mov r1, [0]\n{last}\nst [2], r1", a, b)
    assert got == [wrap32(BINARY[name](x, y)) for x, y in zip(a, b, strict=True)]


@pytest.mark.parametrize("name", sorted(BINARY))
@pytest.mark.parametrize("value", EXTREME)
def test_binary_with_constant(name: str, value: int) -> None:
    a, b = operands(256, 2)
    got = execute(Chip.load("test32"), f"mov r1, [0]\n{name} r1, r1, c0\nst [2], r1", a, b, value)
    assert got == [wrap32(BINARY[name](x, value)) for x in a]


@pytest.mark.parametrize("value", [-32, -31, -1, 0, 1, 31])
@pytest.mark.parametrize("name", sorted(BINARY))
def test_binary_with_immediate(name: str, value: int) -> None:
    a, b = operands(256, 3)
    got = execute(Chip.load("test8"), f"mov r1, [0]\n{name} r1, r1, #{value}\nst [2], r1", a, b)
    assert got == [wrap32(BINARY[name](x, value)) for x in a]


@pytest.mark.parametrize("shift", [0, 1, 7, 12, 31, 32, 33, 62, 63])
def test_products(chip: Chip, shift: int) -> None:
    a, b = operands(COUNT, 4)
    got = execute(chip, f"mov r1, [0]\nmul r3, r1, [1], >>{shift}\nst [2], r3", a, b)
    assert got == [wrap32(x * y >> shift) for x, y in zip(a, b, strict=True)]
    got = execute(chip, f"mov r1, [0]\nmultz r1, r1, [1], >>{shift}\nst [2], r1", a, b)
    assert got == [wrap32(toward_zero(x * y, shift)) for x, y in zip(a, b, strict=True)]
    got = execute(chip, f"mov r1, [0]\nmultz r1, r1, c0, >>{shift}\nst [2], r1", a, b, -4095)
    assert got == [wrap32(toward_zero(x * -4095, shift)) for x in a]


def test_unary(chip: Chip) -> None:
    a, b = operands(COUNT, 5)
    assert execute(chip, "mov r1, [0]\nabs r1, r1\nst [2], r1", a, b) == [wrap32(abs(x)) for x in a]
    assert execute(chip, "mov r1, [0]\nwrap r1, r1\nst [2], r1", a, b) == [wrap32(wrap24(x)) for x in a]
    assert execute(chip, "mov r1, [0]\nwrap r2, r1\nst [2], r2", a, b) == [wrap32(wrap24(x)) for x in a]


@pytest.mark.parametrize("how", sorted(COMPARE))
def test_compare_and_predicates(chip: Chip, how: str) -> None:
    a, b = operands(COUNT, 6)
    holds = [COMPARE[how](x, y) for x, y in zip(a, b, strict=True)]
    code = f"mov r1, [0]\nmov r2, #5\ncmp p1, r1 {how} [1]\n"
    assert execute(chip, code + "mov r2, #7 if p1\nst [2], r2", a, b) == [7 if h else 5 for h in holds]
    assert execute(chip, code + "mov r2, #7 if !p1\nst [2], r2", a, b) == [5 if h else 7 for h in holds]
    assert execute(chip, code + "st [2], r2\nst [2], r1 if p1", a, b) == [
        x if h else 5 for x, h in zip(a, holds, strict=True)
    ]
    # A predicated comparison leaves the mask where the predicate does not hold.
    code += "cmp p2, r1 == r1\ncmp p2, r1 != r1 if p1\nmov r2, #9 if p2\nst [2], r2"
    assert execute(chip, code, a, b) == [5 if h else 9 for h in holds]


@pytest.mark.parametrize("table", range(16))
def test_plog(table: int) -> None:
    a, b = operands(256, 7)
    code = "mov r1, [0]\nmov r2, [1]\ncmp p0, r1 > #0\ncmp p3, r2 > #0\nmov r3, #0\n"
    for out in ("p2", "p0", "p3"):
        got = execute(
            Chip.load("test32"), code + f"plog {out}, p0, p3, {table}\nmov r3, #1 if {out}\nst [2], r3", a, b
        )
        assert got == [table >> (2 * (x > 0) + (y > 0)) & 1 for x, y in zip(a, b, strict=True)]


def test_time_index_move(chip: Chip) -> None:
    a, b = operands(COUNT, 8)
    assert execute(chip, "time r1\nst [2], r1", a, b) == [1] * COUNT
    assert execute(chip, "idx r1\nst [2], r1", a, b) == list(range(COUNT))
    assert execute(chip, "mov r1, [1]\nnop\nmov r7, r1\nst [2], r7", a, b) == b
    assert execute(chip, "mov r7, c0\nst [2], r7", a, b, -7) == [-7] * COUNT


def test_index_base_is_unsigned_32_bits(chip: Chip) -> None:
    golden = load(
        chip,
        stages(1, 0, 0),
        population(0, 0, "idx r0\nst [0], r0", 10, chip.lanes, index=2**32 - 3),
        stage(0, 0, 0, 1),
    )
    golden.push(run(1))
    golden.pop()
    assert read(golden, 0, CoreRegion.STATE, 0, 10) == [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6][:10]


def test_opcodes_that_are_tested_are_all() -> None:
    tested = {*BINARY, "mov", "st", "mul", "multz", "abs", "wrap", "cmp", "plog", "time", "idx", "nop"}
    elsewhere = {"acc", "accadd", "emitm", "emitg"}  # test_accumulators.py, test_emissions.py
    assert tested | elsewhere | {op.name.lower() for op in _RESERVED} == {op.name.lower() for op in Opcode}


def test_unwritten_register_reads_the_same_in_every_step(chip: Chip) -> None:
    """The chip leaves it undefined; golden must not depend on what ran before."""
    code = isa.assemble("st [0], r3\nmov r3, #5")
    golden = load(chip, stages(1, 0, 0), population(0, 0, code, chip.lanes, chip.lanes), stage(0, 0, 0, 1))
    golden.push(run(2))
    golden.pop()
    assert set(read(golden, 0, CoreRegion.STATE, 0, chip.lanes)) == {0}
