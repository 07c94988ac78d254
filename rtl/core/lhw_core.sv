/// One neuro core: input queue, synapse engine, accumulators, neuron engine, emitter, configuration endpoint.
///
/// Wiring only. The interface rules are numbered in rtl/core/README.md.
module lhw_core #(
  parameter int unsigned CoreId      = 0,    // y * 8 + x
  parameter int unsigned Lanes       = 8,    // 8, 16 or 32
  parameter int unsigned Word        = 64,   // bits of synapse memory a cycle: 8 * Lanes
  parameter int unsigned StateLines  = 256,
  parameter int unsigned AccGroups   = 32,   // per delay slot
  parameter int unsigned DelaySlots  = 4,    // a power of two, 2 to 64
  parameter int unsigned SynLines    = 1024,
  parameter int unsigned UcodeWords  = 256,
  parameter int unsigned ConstWords  = 256,
  parameter int unsigned Populations = 16,
  parameter int unsigned Connections = 16,
  parameter int unsigned Routes      = 32
) (
  input  logic        clk_i,
  input  logic        rst_ni,       // synchronous
  input  logic        in_valid_i,   // link: every cycle with valid is a transfer
  input  logic [63:0] in_flit_i,
  output logic        in_ready_o,   // room for all flits that can be under way
  output logic        out_valid_o,
  output logic [63:0] out_flit_o,
  input  logic        out_ready_i,
  input  logic        go_i,         // pulse: run stage stage_i of step step_i
  input  logic [3:0]  stage_i,
  input  logic [31:0] step_i,
  input  logic        clear_i,      // pulse: the RESET token takes effect
  output logic        busy_o,       // anything is held, under way, or presented on out_valid_o
  output logic [7:0]  fault_o       // first fault code, kept until clear_i
);
endmodule
