/// One neuro core: input queue, synapse engine, accumulators, neuron engine, emitter, configuration endpoint.
///
/// Wiring only. The interface rules are numbered in rtl/core/README.md.
module lhw_core #(
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
  input  logic [5:0]  core_id_i,    // y * 8 + x
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
  output logic        awake_o,      // 0: an edge without inputs changes nothing inside
  output logic [3:0]  faults_o      // {bad_address, input_event, stage_event, bad_opcode}, kept until clear_i
);
  localparam int unsigned AccW      = $clog2(DelaySlots) + $clog2(AccGroups);
  localparam int unsigned Emissions = 4;   // places of the emitter's queue

  typedef logic [31:0] vector_t [Lanes];

  // Configuration.
  logic        cfg_flit_valid, cfg_done, cfg_write, seq_cfg, neu_cfg, acc_cfg, syn_cfg, emit_cfg;
  logic [63:0] cfg_flit, rsp_flit;
  logic [22:0] cfg_addr;
  logic [31:0] cfg_data, seq_rdata, neu_rdata, acc_rdata, syn_rdata, emit_rdata;
  logic        rsp_valid, rsp_ready;

  // Sequencer to lanes.
  logic        op_valid, op_ctx, op_last, credit, bad_opcode, bad_stage_event, bad_input_event;
  logic [31:0] step, op_instr, op_const, op_index;
  logic [15:0] op_line, route_base;
  logic [11:0] op_group;
  logic [5:0]  tail;
  logic [11:0] route_count;

  // Accumulators.
  logic            n_valid, n_add, n_clear, acc_next, add_next, walking;
  logic [AccW-1:0] n_line;
  vector_t         n_data, n_rdata;
  // Contributions of the synapse engine: a line of bytes, and a word of several lines.
  logic            s_valid, s_weighs, s_signed, g_valid, g_apart;
  logic [AccW-1:0] s_line, g_line, g_lines [Lanes];
  logic [7:0]      s_bytes [Lanes];
  logic [Lanes-1:0] s_lanes, g_lanes;
  logic [31:0]     s_factor, g_factor;
  logic [15:0]     g_weights [Lanes], g_sign;

  // Lanes to emitter.
  logic             e_valid, e_graded, e_negative;
  logic [2:0]       e_channel;
  logic [11:0]      e_group;
  logic [Lanes-1:0] e_lanes;
  vector_t          e_data;

  logic seq_busy, neu_busy, acc_busy, syn_busy, emit_busy, cfg_busy;
  logic seq_awake, neu_awake, acc_awake, syn_awake, emit_awake, cfg_awake;

  // Each is a register; a module is busy until the cycle after what it presented was taken.
  assign busy_o = seq_busy | neu_busy | acc_busy | syn_busy | emit_busy | cfg_busy;
  // And awake a little longer, until nothing inside it moves any more.
  assign awake_o = seq_awake | neu_awake | acc_awake | syn_awake | emit_awake | cfg_awake;

  lhw_sequencer #(
    .Lanes(Lanes), .UcodeWords(UcodeWords), .ConstWords(ConstWords), .Populations(Populations), .Emissions(Emissions)
  ) u_sequencer (
    .clk_i, .rst_ni, .clear_i, .go_i, .stage_i, .step_i, .credit_i(credit),
    .cfg_valid_i(seq_cfg), .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr[21:0]), .cfg_data_i(cfg_data),
    .cfg_rdata_o(seq_rdata), .step_o(step), .op_valid_o(op_valid), .op_ctx_o(op_ctx), .op_instr_o(op_instr),
    .op_const_o(op_const), .op_line_o(op_line), .op_group_o(op_group), .op_last_o(op_last), .op_index_o(op_index),
    .pop_tail_o(tail), .pop_route_base_o(route_base), .pop_route_count_o(route_count), .acc_next_o(acc_next),
    .bad_opcode_o(bad_opcode), .busy_o(seq_busy), .awake_o(seq_awake)
  );

  lhw_neuron #(
    .Lanes(Lanes), .StateLines(StateLines), .AccGroups(AccGroups), .DelaySlots(DelaySlots)
  ) u_neuron (
    .clk_i, .rst_ni, .step_i(step), .op_valid_i(op_valid), .op_ctx_i(op_ctx), .op_instr_i(op_instr),
    .op_const_i(op_const), .op_line_i(op_line), .op_group_i(op_group), .op_last_i(op_last), .op_index_i(op_index),
    .tail_i(tail), .cfg_valid_i(neu_cfg), .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr[21:0]),
    .cfg_data_i(cfg_data), .cfg_rdata_o(neu_rdata), .acc_valid_o(n_valid), .acc_add_o(n_add), .acc_clear_o(n_clear),
    .acc_line_o(n_line), .acc_data_o(n_data), .acc_rdata_i(n_rdata), .acc_next_o(add_next),
    .emit_valid_o(e_valid), .emit_graded_o(e_graded), .emit_negative_o(e_negative), .emit_channel_o(e_channel),
    .emit_group_o(e_group), .emit_lanes_o(e_lanes), .emit_data_o(e_data), .busy_o(neu_busy),
    .awake_o(neu_awake)
  );

  lhw_accumulator #(
    .Lanes(Lanes), .AccGroups(AccGroups), .DelaySlots(DelaySlots)
  ) u_accumulator (
    .clk_i, .rst_ni, .clear_i, .neu_valid_i(n_valid), .neu_add_i(n_add), .neu_clear_i(n_clear), .neu_line_i(n_line),
    .neu_data_i(n_data), .neu_rdata_o(n_rdata), .syn_valid_i(s_valid), .syn_weighs_i(s_weighs), .syn_line_i(s_line),
    .syn_lanes_i(s_lanes), .syn_bytes_i(s_bytes), .syn_signed_i(s_signed), .syn_factor_i(s_factor),
    .gat_valid_i(g_valid), .gat_apart_i(g_apart), .gat_line_i(g_line), .gat_lines_i(g_lines), .gat_lanes_i(g_lanes),
    .gat_weights_i(g_weights), .gat_sign_i(g_sign), .gat_factor_i(g_factor),
    .cfg_valid_i(acc_cfg), .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr[21:0]), .cfg_data_i(cfg_data),
    .cfg_rdata_o(acc_rdata), .walking_o(walking), .busy_o(acc_busy), .awake_o(acc_awake)
  );

  lhw_synapse #(
    .Lanes(Lanes), .AccGroups(AccGroups), .DelaySlots(DelaySlots), .SynLines(SynLines),
    .Connections(Connections)
  ) u_synapse (
    .clk_i, .rst_ni, .clear_i, .step_i(step), .in_valid_i, .in_flit_i, .in_ready_o,
    .acc_next_i(acc_next | add_next | walking), .acc_valid_o(s_valid), .acc_weighs_o(s_weighs), .acc_line_o(s_line),
    .acc_lanes_o(s_lanes), .acc_bytes_o(s_bytes), .acc_signed_o(s_signed), .acc_factor_o(s_factor),
    .gathered_valid_o(g_valid), .gathered_apart_o(g_apart), .gathered_line_o(g_line), .gathered_lines_o(g_lines),
    .gathered_lanes_o(g_lanes), .gathered_weights_o(g_weights), .gathered_sign_o(g_sign), .gathered_factor_o(g_factor),
    .cfg_flit_valid_o(cfg_flit_valid), .cfg_flit_o(cfg_flit), .cfg_done_i(cfg_done), .cfg_valid_i(syn_cfg),
    .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr), .cfg_data_i(cfg_data), .cfg_rdata_o(syn_rdata),
    .bad_stage_event_o(bad_stage_event), .bad_input_event_o(bad_input_event), .busy_o(syn_busy), .awake_o(syn_awake)
  );

  lhw_emitter #(
    .Lanes(Lanes), .Routes(Routes), .Depth(Emissions)
  ) u_emitter (
    .clk_i, .rst_ni, .clear_i, .emit_valid_i(e_valid), .emit_graded_i(e_graded), .emit_negative_i(e_negative),
    .emit_channel_i(e_channel), .emit_group_i(e_group), .emit_lanes_i(e_lanes), .emit_data_i(e_data),
    .route_base_i(route_base), .route_count_i(route_count), .credit_o(credit), .rsp_valid_i(rsp_valid),
    .rsp_flit_i(rsp_flit), .rsp_ready_o(rsp_ready), .out_valid_o, .out_flit_o, .out_ready_i, .cfg_valid_i(emit_cfg),
    .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr[21:0]), .cfg_data_i(cfg_data), .cfg_rdata_o(emit_rdata),
    .busy_o(emit_busy), .awake_o(emit_awake)
  );

  lhw_config #(
    .Lanes(Lanes), .Word(Word), .StateLines(StateLines), .AccGroups(AccGroups),
    .DelaySlots(DelaySlots), .SynLines(SynLines), .UcodeWords(UcodeWords), .ConstWords(ConstWords),
    .Populations(Populations), .Connections(Connections), .Routes(Routes)
  ) u_config (
    .clk_i, .rst_ni, .core_id_i, .clear_i, .flit_valid_i(cfg_flit_valid), .flit_i(cfg_flit), .done_o(cfg_done),
    .seq_valid_o(seq_cfg), .neu_valid_o(neu_cfg), .acc_valid_o(acc_cfg), .syn_valid_o(syn_cfg),
    .emit_valid_o(emit_cfg), .write_o(cfg_write), .addr_o(cfg_addr), .data_o(cfg_data), .seq_rdata_i(seq_rdata),
    .neu_rdata_i(neu_rdata), .acc_rdata_i(acc_rdata), .syn_rdata_i(syn_rdata), .emit_rdata_i(emit_rdata),
    .rsp_valid_o(rsp_valid), .rsp_flit_o(rsp_flit), .rsp_ready_i(rsp_ready), .bad_opcode_i(bad_opcode),
    .bad_stage_event_i(bad_stage_event), .bad_input_event_i(bad_input_event), .faults_o, .busy_o(cfg_busy),
    .awake_o(cfg_awake)
  );
endmodule
