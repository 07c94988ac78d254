"""Faults in what is refused: programs, tables and groups past their limits; and in widths of the RTL."""

from __future__ import annotations

from tests.faults.fault import Fault

_MEET = "tests/image/test_reading.py::test_check_finds_groups_that_meet"
_FINDS = "tests/image/test_reading.py::test_check_finds"
_LARGE = "tests/errors/test_programs_too_large.py"

LIMITS: tuple[Fault, ...] = (
    Fault(
        "check-neighbours-may-meet",
        "Groups whose accumulators overlap but for one are taken as apart.",
        "lava_hw/isa/check.py",
        "abs(first - base) < groups",
        "abs(first - base) < groups - 1",
        (_MEET,),
    ),
    Fault(
        "check-slots-are-not-a-ring",
        "Two slots that are one modulo the slots of the chip are taken as two.",
        "lava_hw/isa/check.py",
        "% delay_slots for i in both}",
        "for i in both}",
        (_MEET,),
    ),
    Fault(
        "check-one-group-too-many",
        "The accumulators of a program may end one group behind the last.",
        "lava_hw/isa/check.py",
        "if first + groups > acc_groups:",
        "if first + groups > acc_groups + 1:",
        (_FINDS,),
    ),
    Fault(
        "check-one-entry-too-many",
        "State lines, routes and instructions of a population may end one behind the last.",
        "lava_hw/image/check.py",
        "if first + count > limit:",
        "if first + count > limit + 1:",
        (_FINDS,),
    ),
    Fault(
        "assembler-one-variable-too-many",
        "A text may name one state variable more than it declares.",
        "lava_hw/isa/text.py",
        "int(inner) >= len(self.names.state):",
        "int(inner) > len(self.names.state):",
        ("tests/isa/test_isa.py::test_mistakes_in_a_text",),
    ),
    Fault(
        "compiler-does-not-look-at-groups",
        "The compiler takes a program whose groups meet.",
        "lava_hw/compiler/encode.py",
        "        wrong += group_problems(",
        "        group_problems(",
        (f"{_LARGE}::test_accumulators_that_groups_share_are_refused",),
    ),
    Fault(
        "compiler-one-state-too-many",
        "A population may have one state variable more than its field can count.",
        "lava_hw/compiler/lower.py",
        "if len(neurons.states) > MAX_STATES:",
        "if len(neurons.states) > MAX_STATES + 1:",
        (f"{_LARGE}::test_what_a_population_cannot_hold",),
    ),
    Fault(
        "compiler-names-neurons-for-populations",
        "A population too many is reported as too many neurons.",
        "lava_hw/compiler/check.py",
        'key=lambda e: (e[0] == "populations", e[1] / e[2])',
        'key=lambda e: (e[0] == "neurons", e[1] / e[2])',
        (f"{_LARGE}::test_a_population_too_many_is_named_as_such",),
    ),
    Fault(
        "sequencer-no-table-of-one",
        "The index of a population table with one entry has no bit.",
        "rtl/core/lhw_sequencer.sv",
        "PopW   = Populations > 1 ? $clog2(Populations) : 1;",
        "PopW   = $clog2(Populations);",
        ("tests/rtl/test_corners.py::test_each_end_of_a_key",),
        not_elaborated=True,
    ),
    Fault(
        "emitter-no-table-of-one",
        "The index of a route table with one entry has no bit.",
        "rtl/core/lhw_emitter.sv",
        "RouteW = Routes > 1 ? $clog2(Routes) : 1;",
        "RouteW = $clog2(Routes);",
        ("tests/rtl/test_corners.py::test_each_end_of_a_key",),
        not_elaborated=True,
    ),
)
