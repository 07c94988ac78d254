/// Synapse engine: event queue, source walk, row, synapse memory, gathering of lines. Wiring only.
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
  output logic            acc_valid_o,       // contribution of a line of bytes, or of none
  output logic            acc_weighs_o,
  output logic [AccW-1:0] acc_line_o,
  output logic [Lanes-1:0] acc_lanes_o,
  output logic [7:0]      acc_bytes_o [Lanes],
  output logic            acc_signed_o,
  output logic [31:0]     acc_factor_o,
  output logic            gathered_valid_o,  // contribution of a word of several lines
  output logic            gathered_apart_o,
  output logic [AccW-1:0] gathered_line_o,
  output logic [AccW-1:0] gathered_lines_o [Lanes],
  output logic [Lanes-1:0] gathered_lanes_o,
  output logic [15:0]     gathered_weights_o [Lanes],
  output logic [15:0]     gathered_sign_o,
  output logic [31:0]     gathered_factor_o,
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

  logic             head_valid, walk_valid, walk_last, job_valid, row_valid, row_last, row_reads, row_holds,
                    row_free;
  logic             table_valid, line_valid, line_second;
  logic [SynW-1:0]  job_line, row_line, table_line;
  logic [AccW-1:0]  job_acc;
  logic [11:0]      job_words;
  logic [Lanes-1:0] job_lanes;
  logic [31:0]      job_factor, walk_rdata, row_rdata, memory_rdata;
  logic             queue_busy, walk_busy, row_busy, queue_awake, walk_awake, row_awake;
  lhw_row_pkg::plan_t job_plan, acc_plan;
  lhw_row_pkg::line_e line;
  lhw_regs_pkg::event_flit_t head_flit;

  // Each is a register, and 0 unless the access was for its module.
  assign cfg_rdata_o = walk_rdata | row_rdata | memory_rdata;
  assign busy_o      = queue_busy | walk_busy | row_busy;
  assign awake_o     = queue_awake | walk_awake | row_awake;
  assign row_holds   = acc_next_i | (table_valid & row_reads);
  assign row_free    = ~row_valid | (row_last & ~row_holds);
  assign acc_weighs_o = acc_plan.reads;
  assign acc_signed_o = acc_plan.is_signed;

  lhw_event_queue u_queue (
    .clk_i, .rst_ni, .in_valid_i, .in_flit_i, .in_ready_o, .head_valid_o(head_valid), .head_flit_o(head_flit),
    .walk_valid_i(walk_valid), .walk_last_i(walk_last), .job_valid_i(job_valid), .row_free_i(row_free),
    .cfg_flit_valid_o, .cfg_flit_o, .cfg_done_i, .busy_o(queue_busy), .awake_o(queue_awake)
  );

  lhw_source_walk #(
    .Lanes(Lanes), .AccGroups(AccGroups), .DelaySlots(DelaySlots), .SynLines(SynLines), .Connections(Connections)
  ) u_walk (
    .clk_i, .rst_ni, .clear_i, .step_i, .head_valid_i(head_valid), .head_flit_i(head_flit),
    .walk_valid_o(walk_valid), .walk_last_o(walk_last), .job_valid_o(job_valid), .job_line_o(job_line),
    .job_acc_o(job_acc), .job_words_o(job_words), .job_plan_o(job_plan), .job_lanes_o(job_lanes),
    .job_factor_o(job_factor), .row_free_i(row_free), .table_valid_o(table_valid), .table_line_o(table_line), .acc_next_i, .bytes_i(acc_bytes_o), .cfg_valid_i,
    .cfg_write_i, .cfg_addr_i, .cfg_data_i, .cfg_rdata_o(walk_rdata), .bad_stage_event_o, .bad_input_event_o,
    .busy_o(walk_busy), .awake_o(walk_awake)
  );

  lhw_row #(.Lanes(Lanes), .SynLines(SynLines), .AccW(AccW)) u_row (
    .clk_i, .rst_ni, .clear_i, .walk_valid_i(walk_valid), .job_valid_i(job_valid), .job_line_i(job_line),
    .job_acc_i(job_acc), .job_words_i(job_words), .job_plan_i(job_plan), .job_lanes_i(job_lanes),
    .job_factor_i(job_factor), .row_valid_o(row_valid), .row_last_o(row_last), .row_reads_o(row_reads),
    .row_line_o(row_line), .row_holds_i(row_holds), .acc_next_i, .acc_valid_o, .gather_valid_o(line_valid),
    .gather_line_o(line), .gather_second_o(line_second), .acc_plan_o(acc_plan), .acc_line_o, .acc_lanes_o,
    .acc_factor_o, .cfg_valid_i, .cfg_addr_i, .cfg_rdata_o(row_rdata), .busy_o(row_busy), .awake_o(row_awake)
  );

  lhw_synapse_memory #(.Lanes(Lanes), .SynLines(SynLines)) u_memory (
    .clk_i, .rst_ni, .row_valid_i(row_valid), .row_reads_i(row_reads), .row_line_i(row_line), .table_valid_i(table_valid),
    .table_line_i(table_line), .acc_next_i, .bytes_o(acc_bytes_o), .cfg_valid_i, .cfg_write_i, .cfg_addr_i, .cfg_data_i,
    .cfg_rdata_o(memory_rdata)
  );

  lhw_gather #(.Lanes(Lanes), .AccGroups(AccGroups), .AccW(AccW)) u_gather (
    .clk_i, .rst_ni, .line_valid_i(line_valid), .line_i(line), .second_i(line_second), .plan_i(acc_plan),
    .acc_i(acc_line_o), .lanes_i(acc_lanes_o), .factor_i(acc_factor_o), .bytes_i(acc_bytes_o), .acc_next_i,
    .acc_valid_o(gathered_valid_o), .acc_apart_o(gathered_apart_o), .acc_line_o(gathered_line_o),
    .acc_lines_o(gathered_lines_o), .acc_lanes_o(gathered_lanes_o), .acc_weights_o(gathered_weights_o),
    .acc_sign_o(gathered_sign_o), .acc_factor_o(gathered_factor_o)
  );
endmodule
