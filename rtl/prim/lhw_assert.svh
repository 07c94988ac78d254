// Assertions of lava_hw: immediate assertions inside clocked processes, each with a name and a sentence.
// They are compiled by Verilator (checked with --assert, absent with --no-assert) and by formal tools that define
// FORMAL; for synthesis the macros are empty.
`ifndef LHW_ASSERT_SVH
`define LHW_ASSERT_SVH

`ifdef FORMAL
// Without the name: in a loop it would be given several times, which Yosys refuses.
`define LHW_ASSERT(name_, condition_, sentence_) assert (condition_);
`elsif SYNTHESIS
`define LHW_ASSERT(name_, condition_, sentence_)
`else
// With LHW_ASSERT_AFTER_START nothing is checked at time 0: where the simulator starts from random values (tests under
// cocotb), these include the clock, and modules may see an edge before anybody could give them a reset.
`ifdef LHW_ASSERT_AFTER_START
`define LHW_UNCHECKED ($time == 0)
`else
`define LHW_UNCHECKED 1'b0
`endif
/// Fails with the instance's path and the sentence when the condition does not hold. Use inside always_ff only.
`define LHW_ASSERT(name_, condition_, sentence_) \
  name_ : assert (`LHW_UNCHECKED || (condition_)) else $error("%m: %s", sentence_);
`endif

`endif
