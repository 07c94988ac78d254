// What style C (rtl/core/README.md) writes in one way for synthesis and in another for the simulator. Both ways mean
// the same, because of the rules below. tests/rtl runs the core's tests three times: as the simulator sees it, with
// LHW_AS_SYNTHESIS (the other branch of this file), and on the netlist that yosys makes of it.
`ifndef LHW_STYLE_SVH
`define LHW_STYLE_SVH

`ifdef LHW_AS_SYNTHESIS
`elsif VERILATOR
`define LHW_FOR_SIMULATOR
`endif

`ifdef LHW_FOR_SIMULATOR

/// Writing a memory: mem[address] `LHW_STORE value;
/// Synthesis infers block memories from `<=` only. Verilator copies what is written by `<=` twice and clears the copy
/// in every cycle, also when nothing is written; for lines of 1,024 bits that costs as much as the rest of the core.
/// Rule: all reads of a memory come before its write in the process, so no read sees the write of its own cycle.
`define LHW_STORE =

/// The same for a whole line of a memory, by the function `copy` of the module: written as an assignment, Verilator
/// copies it with an instruction for each lane.
`define LHW_STORE_LINE(line_, value_) copy(line_, value_);

/// Vectors as arguments of a function that loops over lanes. By reference Verilator leaves such a function a small
/// C++ function with a loop, which the compiler vectorises; read_slang knows only `input` and `output` (it takes
/// others without a word and loses what they carry).
/// Rule: the function writes every element of an LHW_OUT and never reads it; no variable is passed twice.
`define LHW_IN const ref
`define LHW_OUT ref

`else

`define LHW_STORE <=
`define LHW_STORE_LINE(line_, value_) line_ <= value_;
`define LHW_IN input
`define LHW_OUT output

`endif
`endif
