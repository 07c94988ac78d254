// Writing a memory inside a style C process: mem[address] `LHW_STORE value;
//
// Synthesis infers block memories from `<=` only. Verilator copies what is written by `<=` twice and clears the copy in
// every cycle, also when nothing is written; for lines of 1,024 bits that costs as much as the rest of the core. So the
// simulator writes by `=`. Both mean the same because of one rule, which every user of this macro keeps:
//
//   all reads of a memory come before its write in the process (so a read never sees the write of its own cycle).
//
// tests/rtl/test_lhw_core.py runs the core's tests with LHW_STORE_DELAYED too, that is with `<=` in the simulator.
`ifndef LHW_MEMORY_SVH
`define LHW_MEMORY_SVH

`ifdef LHW_STORE_DELAYED
`define LHW_STORE <=
`elsif VERILATOR
`define LHW_STORE =
`else
`define LHW_STORE <=
`endif

`endif
