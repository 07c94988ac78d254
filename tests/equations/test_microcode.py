"""Microcode of texts: what costs no instruction, what is stored where, and how many the library needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lava_hw.equations import (
    Equations,
    Graded,
    Input,
    Parameter,
    Program,
    Spikes,
    State,
    absolute,
    clip,
    maximum,
    minimum,
    mul,
    select,
    wrap24,
    wrapping,
    write,
)
from lava_hw.proc.lif import texts as lif
from tests.equations.izhikevich import Izhikevich


def program(text: type[Equations]) -> Program:
    channels = {port.name: k for k, port in enumerate(text.of_kind(Spikes, Graded))}
    return write(text.trace(), [port.name for port in text.of_kind(Input)], channels)


def body(step: Callable[[Any], Any]) -> list[str]:
    """The instructions of a step with an input, two states, a parameter and two out ports."""
    members: dict[str, Any] = {
        "a_in": Input(),
        "s_out": Spikes(),
        "g_out": Graded(),
        "v": State(),
        "w": State(bits=16),
        "limit": Parameter(0, 1000),
    }
    made = type("Text", (Equations,), {"step": step, **members})
    for name, member in members.items():
        member.__set_name__(made, name)
    return list(program(made).body)


def test_what_is_negated_costs_nothing() -> None:
    def step(n: Any) -> None:
        low, high = n.a_in < 0, n.a_in > n.limit
        n.s_out.send(~low & high)
        n.v = select(~~~low, 3, n.a_in)

    assert body(step) == [
        "cmp p0, r0 < #0",
        "cmp p1, r0 > {limit}",
        "plog p2, p1, p0, andnot",
        "emitm ch0 if p2",
        "mov r0, #3 if !p0",
        "st [v], r0",
    ]


@pytest.mark.parametrize(
    ("make", "table"),
    [
        (lambda a, b: a & b, "and"),
        (lambda a, b: a | b, "or"),
        (lambda a, b: a ^ b, "xor"),
        (lambda a, b: a & ~b, "andnot"),
        (lambda a, b: ~a & ~b, "0b0001"),
        (lambda a, b: ~a | ~b, "0b0111"),
        (lambda a, b: a | ~b, "0b1101"),
        (lambda a, b: ~a ^ b, "0b1001"),
    ],
)
def test_tables_of_masks(make: Callable[[Any, Any], Any], table: str) -> None:
    lines = body(lambda n: n.s_out.send(make(n.a_in < 0, n.a_in > 9)))
    (logic,) = (line for line in lines if line.startswith("plog"))
    *_, first, last, found = logic.replace(",", "").split()
    assert found == table
    # The table is one of the masks in the order in which they stand there.
    truth = {"and": 0b1000, "or": 0b1110, "xor": 0b0110, "andnot": 0b0100}.get(found) or int(found, 2)
    of = {line.split()[1].rstrip(","): line.endswith("#9") for line in lines if line.startswith("cmp")}
    for masks in ((False, False), (False, True), (True, False), (True, True)):
        wanted = make(*map(np.bool_, masks))
        assert truth >> (2 * masks[of[first]] + masks[of[last]]) & 1 == wanted


def test_a_state_is_stored_where_it_changes() -> None:
    def step(n: Any) -> None:
        n.v = select(n.a_in > 0, n.a_in, n.v)
        n.w = select(n.a_in > 5, n.w, 7)

    assert body(step) == [
        "cmp p0, r0 > #0",
        "st [v], r0 if p0",
        "cmp p0, r0 > #5",
        "mov r0, #7",
        "st [w], r0 if !p0",
    ]


def test_who_needs_the_old_state_gets_it() -> None:
    def step(n: Any) -> None:
        old = n.v
        n.v = select(n.a_in > 0, n.a_in, n.v)
        n.g_out.send(old)

    assert body(step) == ["cmp p0, r0 > #0", "mov r1, [v]", "st [v], r0 if p0", "emitg ch1, r1"]


def test_what_is_selected_is_computed_in_place() -> None:
    def step(n: Any) -> None:
        v = clip(n.a_in, 5000)
        spikes = v > n.limit
        n.s_out.send(spikes)
        n.v = select(spikes, v - n.limit, v)

    assert body(step)[2:] == ["emitm ch0 if p0", "sub r0, r0, {limit} if p0", "st [v], r0"]

    def other_side(n: Any) -> None:
        v = clip(n.a_in, 5000)
        n.v = select(v > n.limit, v, mul(v, v, 3))

    assert body(other_side)[1:] == ["cmp p0, r0 > {limit}", "mul r0, r0, r0, >>3 if !p0", "st [v], r0"]


def test_what_is_needed_later_is_not_overwritten() -> None:
    def step(n: Any) -> None:
        v = clip(n.a_in, 5000)
        n.v = select(v > n.limit, v - n.limit, v)
        n.g_out.send(v)

    lines = body(step)
    (sent,) = (line.split()[-1] for line in lines if line.startswith("emitg"))
    (clipped,) = (line.split()[1].rstrip(",") for line in lines if line.startswith("clip"))
    assert sent == clipped
    assert not any(line.split()[1].rstrip(",") == clipped for line in lines[1:] if line.startswith("sub"))


def test_operands_change_places_where_that_saves_a_register() -> None:
    assert body(lambda n: setattr(n, "v", wrapping(n.v + n.a_in))) == ["add r0, r0, [v]", "st [v], r0"]
    assert body(lambda n: n.s_out.send(n.limit > n.a_in)) == ["cmp p0, r0 < {limit}", "emitm ch0 if p0"]
    assert body(lambda n: n.g_out.send(minimum(n.w, n.a_in)))[0] == "min r0, r0, [w]"
    assert body(lambda n: setattr(n, "v", wrapping(n.v - n.a_in)))[0] == "mov r1, [v]"


def test_what_the_interval_decides_is_not_computed() -> None:
    def step(n: Any) -> None:
        w = clip(maximum(minimum(wrap24(n.w), 40_000), -40_000), 40_000)
        n.g_out.send(absolute(absolute(w + 0)) * 1 << 0)
        n.v = mul(mul(n.limit, 0) + 6, 7)

    assert body(step) == ["mov r0, [w]", "abs r0, r0", "emitg ch1, r0", "mov r0, _c42", "st [v], r0"]


def test_what_a_right_shift_cuts_off_has_its_interval() -> None:
    def step(n: Any) -> None:
        n.w = n.a_in - ((n.a_in >> 15) << 15)

    assert len(body(step)) == 4


def test_each_instruction_has_its_line() -> None:
    shown = str(Izhikevich.program())
    lines = Izhikevich.program().lines
    assert all(line.rpartition(":")[0].endswith("izhikevich.py") for line in lines)
    assert shown.splitlines()[0].endswith(f"; izhikevich.py:{lines[0].rpartition(':')[2]}")
    assert "; _c2293760 = 2293760" in shown


@pytest.mark.parametrize(
    ("text", "most"),
    [
        # With the instruction that loads the input, LIF has 17, as many as if it were written by hand.
        (lif.LifText, 16),
        (lif.TernaryLifText, 21),
        (lif.LifResetText, 27),
        (lif.LifRefractoryText, 20),
        (lif.LearningLifText, 23),
        (lif.PrototypeLifText, 36),
    ],
)
def test_instructions_of_the_library(text: type[Equations], most: int) -> None:
    found = program(text)
    assert len(found.body) <= most, str(found)
    assert not found.spills
