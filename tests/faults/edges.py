"""Equality edges of the RTL: comparisons that are off by one, and shifts at the ends of their range.

All pass the lint, and each is caught on the smallest chip, by the edge of `tests/fuzz/test_flit_edges.py`
that has its name.
"""

from __future__ import annotations

from tests.faults.fault import Fault

_ALU, _NEURON, _LANES = "rtl/core/lhw_alu_pkg.sv", "rtl/core/lhw_neuron.sv", "rtl/prim/lhw_lanes.svh"
_SEQUENCER, _EMITTER = "rtl/core/lhw_sequencer.sv", "rtl/core/lhw_emitter.sv"
_WALK, _ROWS, _CONFIG = "rtl/core/lhw_source_walk.sv", "rtl/core/lhw_row_pkg.sv", "rtl/core/lhw_config.sv"
_CSR, _STEP = "rtl/chip/lhw_chip_csr.sv", "rtl/chip/lhw_step_ctrl.sv"


def _edge(name: str, sentence: str, file: str, old: str, new: str, *edges: str) -> Fault:
    tests = tuple(f"tests/fuzz/test_flit_edges.py::test_edges[{edge}]" for edge in edges)
    return Fault(f"edge-{name}", sentence, file, old, new, tests)


_SHIFTS = (
    _edge(
        "shv-left-by-32",
        "A shift to the left by 32 to 63 shifts by 32 less.",
        _ALU,
        "return |amount[31:5] ? 32'd0",
        "return |amount[31:6] ? 32'd0",
        "shv",
    ),
    _edge(
        "shv-right-by-32",
        "A shift to the right by 32 to 63 shifts by 32 less.",
        _ALU,
        "return |amount[31:5] ? {32{a[31]}}",
        "return |amount[31:6] ? {32{a[31]}}",
        "shv",
    ),
    _edge(
        "shv-left-by-31",
        "A shift to the left by 16 to 31 shifts by 16 less.",
        _ALU,
        "a << amount[4:0];",
        "a << amount[3:0];",
        "shv",
    ),
    _edge(
        "acc-left-by-31",
        "ACC shifts to the left by 15 where it is to be 31.",
        _ALU,
        "return a << sh[4:0];",
        "return a << sh[3:0];",
        "acc",
    ),
    _edge(
        "acc-right-by-31",
        "ACC shifts to the right by 15 where it is to be 31.",
        _ALU,
        ">>> right[4:0]);",
        ">>> right[3:0]);",
        "acc",
    ),
    _edge(
        "mul-by-32",
        "A product is shifted by 32 less from 32 on.",
        _ALU,
        "return 32'(product >>> sh);",
        "return 32'(product >>> sh[4:0]);",
        "mul-32",
    ),
    _edge(
        "mul-by-63",
        "The highest bit of a product is that of a number without sign.",
        _ALU,
        "return 32'(product >>> sh);",
        "return 32'($unsigned(product) >> sh);",
        "mul-63",
    ),
    _edge(
        "multz-by-63",
        "What is added to negative products is cut to 32 bits.",
        _NEURON,
        "(64'd1 << x.sh) - 64'd1",
        "(64'd1 << x.sh[4:0]) - 64'd1",
        "multz-63",
    ),
)

_COMPARISONS = (
    _edge(
        "min-unsigned",
        "MIN compares without sign.",
        _ALU,
        "$signed(a) < $signed(b) ? a : b",
        "a < b ? a : b",
        "min",
    ),
    _edge(
        "max-unsigned",
        "MAX compares without sign.",
        _ALU,
        "$signed(a) > $signed(b) ? a : b",
        "a > b ? a : b",
        "max",
    ),
    _edge(
        "wrap-at-the-top",
        "2^23 is wrapped to -2^23.",
        _ALU,
        "if ($signed(a) > 32'sh0080_0000)",
        "if ($signed(a) >= 32'sh0080_0000)",
        "wrap",
    ),
    _edge(
        "clip-below",
        "CLIP ends one below the negative bound.",
        _LANES,
        "minimum(p[l], q[l]), -q[l]);",
        "minimum(p[l], q[l]), ~q[l]);",
        "clip",
    ),
    _edge(
        "abs-of-negative",
        "ABS gives one too little.",
        _LANES,
        "p[l][31] ? -p[l] : p[l];",
        "p[l][31] ? ~p[l] : p[l];",
        "abs",
    ),
    _edge(
        "cmp-greater-or-equal",
        "> holds for equal values.",
        _NEURON,
        "COMPARE_GT: compared = less(x_b, x_a);",
        "COMPARE_GT: compared = ~less(x_a, x_b);",
        "cmp>",
    ),
    _edge(
        "cmp-less-or-equal",
        "< holds for equal values.",
        _NEURON,
        "COMPARE_LT: compared = less(x_a, x_b);",
        "COMPARE_LT: compared = ~less(x_b, x_a);",
        "cmp<",
    ),
    _edge(
        "cmp-greater",
        ">= does not hold for equal values.",
        _NEURON,
        "COMPARE_GE: compared = ~less(x_a, x_b);",
        "COMPARE_GE: compared = less(x_b, x_a);",
        "cmp>=",
    ),
    _edge(
        "cmp-less",
        "<= does not hold for equal values.",
        _NEURON,
        "COMPARE_LE: compared = ~less(x_b, x_a);",
        "COMPARE_LE: compared = less(x_a, x_b);",
        "cmp<=",
    ),
)

_RANGES = (
    _edge(
        "last-opcode",
        "The last opcode is unknown.",
        _ALU,
        "op <= lhw_regs_pkg::OPCODE_EMITG",
        "op < lhw_regs_pkg::OPCODE_EMITG",
        "emissions",
    ),
    _edge(
        "tail-too-long",
        "One lane behind the tail sends.",
        _NEURON,
        "<< tail_i);",
        "<< (tail_i + 6'd1));",
        "emissions",
    ),
    _edge(
        "last-variable",
        "State variables from 32 on are those that stand 32 before them.",
        _SEQUENCER,
        "d_line_q + 16'(instr_q.b);",
        "d_line_q + 16'(instr_q.b[4:0]);",
        "operands",
    ),
    _edge(
        "last-constant",
        "Constants from 32 on are those that stand 32 before them.",
        _SEQUENCER,
        "ConstW'(const_base_q) + ConstW'(instr_q.b);",
        "ConstW'(const_base_q) + ConstW'(instr_q.b[4:0]);",
        "operands",
    ),
    _edge(
        "even-groups",
        "A population with an even number of groups goes on behind its last one.",
        _SEQUENCER,
        "if (groups_left_q <= 12'd2) begin",
        "if (groups_left_q < 12'd2) begin",
        "groups",
    ),
    _edge(
        "no-groups",
        "A population without groups runs.",
        _SEQUENCER,
        "if (count_q != 0 && groups_left_q != 0) state_q = Run;",
        "if (count_q != 0) state_q = Run;",
        "groups",
    ),
    _edge(
        "route-first",
        "A route does not take its first group.",
        _EMITTER,
        "group >= r0.first &&",
        "group > r0.first &&",
        "emissions",
    ),
    _edge(
        "route-last",
        "A route takes the group behind its last one.",
        _EMITTER,
        "13'(group) < 13'(r0.first) + 13'(r0.groups);",
        "13'(group) <= 13'(r0.first) + 13'(r0.groups);",
        "emissions",
    ),
    _edge(
        "dense-source",
        "The source behind the last one of a DENSE connection is taken.",
        _ROWS,
        ": 32'(c4.sources);",
        ": 32'(c4.sources) + 1;",
        "sources",
    ),
    _edge(
        "port-source",
        "A PORT takes sources of the group behind its last one.",
        _ROWS,
        "? 32'(c1.groups) << lane_bits :",
        "? (32'(c1.groups) + 1) << lane_bits :",
        "sources",
    ),
    _edge(
        "connection",
        "An event for the connection behind the last one is taken.",
        _WALK,
        "9'(head_flit_i.conn) >= 9'(Connections)",
        "9'(head_flit_i.conn) > 9'(Connections)",
        "sources",
    ),
    *(
        _edge(
            f"address-{name.lower()}",
            f"The word behind the last one of {name} is no fault.",
            _CONFIG,
            f"< {depth} ?",
            f"<= {depth} ?",
            "addresses",
        )
        for name, depth in (
            ("STATE", "StateLines * Lanes"),
            ("ACC", "(DelaySlots << $clog2(AccGroups)) * Lanes"),
            ("UCODE", "UcodeWords"),
            ("CONSTANT", "ConstWords"),
            ("POPULATION", "Populations * POPULATION_WORDS"),
            ("CONNECTION", "Connections * CONNECTION_WORDS"),
            ("ROUTE", "Routes * ROUTE_WORDS"),
            ("STAGE", "MAX_STAGES"),
            ("SYNAPSE", "SynLines * (Word / 32)"),
        )
    ),
    _edge(
        "last-register",
        "The last register of the chip is not there.",
        _CSR,
        "addr <= 23'(CHIP_CSR_CYC_WAIT);",
        "addr < 23'(CHIP_CSR_CYC_WAIT);",
        "addresses",
    ),
    _edge(
        "register-behind",
        "There is a register behind the last one.",
        _CSR,
        "addr <= 23'(CHIP_CSR_CYC_WAIT);",
        "addr <= 23'(CHIP_CSR_CYC_WAIT) + 23'd1;",
        "addresses",
    ),
    _edge(
        "run-of-the-present-step",
        "RUN to the step that is complete is no fault.",
        _STEP,
        "if (token_step_i > step_o) begin",
        "if (token_step_i >= step_o) begin",
        "tokens",
    ),
    _edge(
        "close-of-stage-16",
        "CLOSE of stage 16 is taken for that of stage 0.",
        _STEP,
        "token_stage_i == 12'(next_stage)",
        "(token_stage_i & ~12'h010) == 12'(next_stage)",
        "tokens",
    ),
    _edge(
        "fifteen-stages",
        "A step has 15 stages at most.",
        _STEP,
        "stage_o == 4'(MAX_STAGES - 1) ||",
        "stage_o == 4'(MAX_STAGES - 2) ||",
        "tokens",
    ),
)

EQUALITY: tuple[Fault, ...] = (*_SHIFTS, *_COMPARISONS, *_RANGES)
