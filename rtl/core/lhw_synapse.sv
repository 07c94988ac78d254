/// Synapse engine: event queue, source walk, row, synapse memory. Wiring only.
///
/// Each stage refills in the cycle in which the next one takes, so there is no bubble between rows, events and
/// connections. For that a stage shows by registers whether it holds something (`valid`) and whether that is the last
/// (`last`): those before it see from these alone, without a signal back within the cycle, that it will be free. So a
/// stage that cannot move costs the simulator a test.
module lhw_synapse #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned AccGroups   = 32,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 1024,
  parameter int unsigned Connections = 16,
  localparam int unsigned AccW       = $clog2(DelaySlots) + $clog2(AccGroups)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic [31:0]     step_i,
  input  logic            in_valid_i,
  input  logic [63:0]     in_flit_i,
  output logic            in_ready_o,
  input  logic            acc_next_i,        // the next cycle of the accumulators is reserved
  output logic            acc_valid_o,       // contribution to the accumulators
  output logic            acc_weighs_o,
  output logic [AccW-1:0] acc_line_o,
  output logic [7:0]      acc_weights_o [Lanes],
  output logic [7:0]      acc_low_o [Lanes],
  output lhw_row_pkg::form_e acc_form_o,
  output logic            acc_times_o,
  output logic            acc_signed_o,
  output logic            acc_negate_o,
  output logic [4:0]      acc_shift_o,
  output logic [Lanes-1:0] acc_lanes_o,
  output logic [31:0]     acc_value_o,
  output logic            cfg_flit_valid_o,  // pulse; the next one comes after cfg_done_i
  output logic [63:0]     cfg_flit_o,
  input  logic            cfg_done_i,
  input  logic            cfg_valid_i,       // access to synapses, connections or counters
  input  logic            cfg_write_i,
  input  logic [22:0]     cfg_addr_i,
  input  logic [31:0]     cfg_data_i,
  output logic [31:0]     cfg_rdata_o,       // two cycles after the access
  output logic            bad_stage_event_o, // pulse: an event that a core sent was bad
  output logic            bad_input_event_o, // pulse: one of the host
  output logic            busy_o,
  output logic            awake_o            // an edge without inputs may change something here
);
  localparam int unsigned SynW = SynLines > 1 ? $clog2(SynLines) : 1;

  logic             head_valid, walk_valid, walk_last, job_valid, job_weighs, row_valid, row_last, row_weighs, keep;
  logic             table_valid, table_done;
  logic [SynW-1:0]  job_line, row_line, table_line;
  logic [AccW-1:0]  job_acc;
  logic [12:0]      job_cycles;
  logic [9:0]       job_how;
  logic [Lanes-1:0] job_lanes;
  logic [31:0]      job_value, walk_rdata, row_rdata, memory_rdata;
  logic             queue_busy, walk_busy, row_busy, queue_awake, walk_awake, row_awake;
  lhw_regs_pkg::event_flit_t head_flit;

  // Each is a register, and 0 unless the access was for its module.
  assign cfg_rdata_o = walk_rdata | row_rdata | memory_rdata;
  assign busy_o      = queue_busy | walk_busy | row_busy;
  assign awake_o     = queue_awake | walk_awake | row_awake;

  lhw_event_queue u_queue (
    .clk_i, .rst_ni, .in_valid_i, .in_flit_i, .in_ready_o, .head_valid_o(head_valid), .head_flit_o(head_flit),
    .walk_valid_i(walk_valid), .walk_last_i(walk_last), .job_valid_i(job_valid), .row_valid_i(row_valid),
    .row_last_i(row_last), .acc_next_i, .cfg_flit_valid_o, .cfg_flit_o, .cfg_done_i, .busy_o(queue_busy),
    .awake_o(queue_awake)
  );

  lhw_source_walk #(
    .Lanes(Lanes), .AccGroups(AccGroups), .DelaySlots(DelaySlots), .SynLines(SynLines), .Connections(Connections)
  ) u_walk (
    .clk_i, .rst_ni, .clear_i, .step_i, .head_valid_i(head_valid), .head_flit_i(head_flit),
    .walk_valid_o(walk_valid), .walk_last_o(walk_last), .job_valid_o(job_valid), .job_weighs_o(job_weighs),
    .job_line_o(job_line), .job_acc_o(job_acc), .job_cycles_o(job_cycles), .job_how_o(job_how),
    .job_lanes_o(job_lanes), .job_value_o(job_value), .row_valid_i(row_valid), .row_last_i(row_last), .acc_next_i,
    .table_valid_o(table_valid), .table_line_o(table_line), .table_done_i(table_done), .table_i(acc_weights_o),
    .cfg_valid_i, .cfg_write_i, .cfg_addr_i, .cfg_data_i, .cfg_rdata_o(walk_rdata), .bad_stage_event_o,
    .bad_input_event_o, .busy_o(walk_busy), .awake_o(walk_awake)
  );

  lhw_row #(.Lanes(Lanes), .SynLines(SynLines), .AccW(AccW)) u_row (
    .clk_i, .rst_ni, .clear_i, .walk_valid_i(walk_valid), .job_valid_i(job_valid), .job_weighs_i(job_weighs),
    .job_line_i(job_line), .job_acc_i(job_acc), .job_cycles_i(job_cycles), .job_how_i(job_how),
    .job_lanes_i(job_lanes), .job_value_i(job_value), .row_valid_o(row_valid), .row_last_o(row_last),
    .row_weighs_o(row_weighs), .row_line_o(row_line), .acc_next_i, .keep_o(keep), .acc_valid_o, .acc_weighs_o,
    .acc_line_o, .acc_form_o, .acc_times_o, .acc_signed_o, .acc_negate_o, .acc_shift_o, .acc_lanes_o, .acc_value_o, .cfg_valid_i, .cfg_addr_i,
    .cfg_rdata_o(row_rdata), .busy_o(row_busy), .awake_o(row_awake)
  );

  lhw_synapse_memory #(.Lanes(Lanes), .SynLines(SynLines)) u_memory (
    .clk_i, .rst_ni, .row_valid_i(row_valid), .row_weighs_i(row_weighs), .row_line_i(row_line), .acc_next_i,
    .keep_i(keep), .table_valid_i(table_valid), .table_line_i(table_line), .table_done_o(table_done),
    .weights_o(acc_weights_o), .low_o(acc_low_o), .cfg_valid_i, .cfg_write_i, .cfg_addr_i, .cfg_data_i, .cfg_rdata_o(memory_rdata)
  );
endmodule
