"""Faults in what the RTL makes of the formats of connections: words of several lines, tables, values."""

from __future__ import annotations

from tests.faults.fault import Fault

_FORMATS = ("tests/rtl/test_lhw_synapse.py::test_formats[8-5000]",)


def _fault(name: str, sentence: str, module: str, old: str, new: str) -> Fault:
    return Fault(name, sentence, f"rtl/core/lhw_{module}.sv", old, new, _FORMATS)


CONNECTIONS: tuple[Fault, ...] = (
    _fault(
        "gather-takes-the-other-half",
        "Weights of 4 bits are those of the other word of their pair.",
        "gather",
        "widen(weights, low_q, {upper, 2'd0}, 8'h0f);",
        "widen(weights, low_q, {!upper, 2'd0}, 8'h0f);",
    ),
    _fault(
        "gather-second-word-has-the-first-ones-groups",
        "The second word of a pair is added to the groups of the first one.",
        "gather",
        "else if (upper) address(lines, second_groups_q, second_high_groups_q,",
        "else if (upper) address(lines, groups_q, high_groups_q,",
    ),
    _fault(
        "gather-delays-without-slots",
        "A delay moves a synapse to another group instead of another slot.",
        "gather",
        "(AccW'(delays[l] & of_delays_p) << GroupW);",
        "(AccW'(delays[l] & of_delays_p) << (GroupW - 1));",
    ),
    _fault(
        "gather-narrow-groups-keep-a-high-byte",
        "Target groups of 8 bits get the high bytes of an earlier row.",
        "gather",
        "of_high   = {8{plan_q.wide}};",
        "of_high   = {8{plan_q.sparse}};",
    ),
    _fault(
        "gather-loses-the-high-byte",
        "Target groups of 16 bits are cut to 8.",
        "gather",
        "of_high   = {8{plan_q.wide}};",
        "of_high   = '0;",
    ),
    _fault(
        "gather-does-not-wait",
        "The second word of a pair is presented although the accumulators are reserved.",
        "gather",
        "presents = second_q && !acc_next_i;",
        "presents = second_q;",
    ),
    _fault(
        "row-does-not-wait-for-the-words-before",
        "A row behind one of gathered words begins at once, and two contributions meet.",
        "row",
        "behind_q <= (plan_q.gathers ? 2'd2 : 2'd1)",
        "behind_q <= (plan_q.gathers ? 2'd2 : 2'd3)",
    ),
    _fault(
        "row-forgets-the-second-word",
        "A row with weights of 4 bits does not wait for the second word of a pair.",
        "row",
        "if (steps) behind_q = second ? 2'd3 : 2'd2;",
        "if (steps) behind_q = 2'd2;",
    ),
    _fault(
        "row-delays-of-the-first-one-of-a-pair",
        "One to one, the second word of a pair takes the delays of the first one.",
        "row",
        "plan_q.upper && now == Weights ? SynW'(2) : SynW'(1)",
        "plan_q.upper && now == Delays ? SynW'(2) : SynW'(1)",
    ),
    _fault(
        "synapse-a-table-is-read-instead-of-a-row",
        "A row goes on in the cycle in which the memory reads a table: it takes that line for its own.",
        "synapse",
        "assign row_holds   = acc_next_i | (table_valid & row_reads);",
        "assign row_holds   = acc_next_i;",
    ),
    _fault(
        "walk-one-to-one-beyond-the-last-source",
        "Of the last group also the lanes beyond the last source are added.",
        "source_walk",
        "lanes    = lanes & ~beyond;",
        "lanes    = lanes & ~(beyond & '0);",
    ),
    _fault(
        "walk-part-of-a-table-line",
        "Of the entries in a line of a table always the first one is taken.",
        "source_walk",
        "part_q = word[PartW-1:0];",
        "part_q = '0;",
    ),
    _fault(
        "walk-channels-share-a-kernel",
        "All input channels of a convolution have the kernel of channel 0.",
        "source_walk",
        "kernel_q = kernel_q + channel * 32'(c3_q.stride);",
        "kernel_q = kernel_q + channel;",
    ),
    _fault(
        "walk-leaves-the-last-tap-out",
        "The walk takes the next event before the last tap of a position has become a job.",
        "source_walk",
        "last = bits_q == 0 && taps_q == (plan_q.sparse ? 11'd0 : 11'd1) &&",
        "last = bits_q == 0 &&",
    ),
    _fault(
        "walk-keeps-taps-that-were-written",
        "The walk keeps a line of taps while the memory is configured anew.",
        "source_walk",
        "if (cfg_valid_i) kept_q = 1'b0;",
        "if (cfg_valid_i) kept_q = kept_q;",
    ),
    _fault(
        "walk-keeps-a-position-of-another-event",
        "A position with the same number, of another connection, has the taps of the one before.",
        "source_walk",
        "        placed_q = 1'b0;\n        plan_q ",
        "        plan_q ",
    ),
    _fault(
        "walk-takes-taps-of-another-line",
        "Behind the last tap of a line the walk takes the first one of the same line again.",
        "source_walk",
        "            found_q  = taps_q != 0 && kept_line_q == tap_line;",
        "            found_q  = taps_q != 0;",
    ),
    _fault(
        "walk-takes-an-event-too-early",
        "An event is taken twice when a source of a table that is out of range is the last one.",
        "source_walk",
        "if (!left && head_valid_i && (!walk_valid_o || walk_last_o)) begin",
        "if (!left && head_valid_i) begin",
    ),
    _fault(
        "row-format-values-where-each-counts-once",
        "The value of an event is multiplied also where the connection does not ask for it.",
        "row_pkg",
        "product = c.payload || c.kind == CONN_KIND_PORT ? value : 32'd1;",
        "product = value;",
    ),
    _fault(
        "row-format-negates-ports",
        "What a port adds is negated, too.",
        "row_pkg",
        "if (c.negate && c.kind != CONN_KIND_PORT) product = -product;",
        "if (c.negate) product = -product;",
    ),
    _fault(
        "walk-takes-an-answer-that-was-not-given",
        "While the accumulators are reserved nothing is read; the walk takes what stands there instead.",
        "source_walk",
        "if (table_valid_o && !acc_next_i) begin",
        "if (table_valid_o) begin",
    ),
)
