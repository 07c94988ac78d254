/// The credits between sequencer and emitter: every place of the emitter's queue is free and counted, promised to an
/// emission on its way, taken, or being given back. So the queue never overflows and no place is ever lost.
///
/// Proved by induction (rtl/formal/credit.sby), for lanes of any latency: an emission that was issued arrives some time
/// later. What the memories hold is free.
module lhw_credit_props (
  input logic        clk_i,
  input logic        go,            // free
  input logic [3:0]  stage,
  input logic [31:0] step,
  input logic        clear,
  input logic        arrives,       // free: the lanes give an emission to the emitter
  input logic        graded, negative,
  input logic [2:0]  channel,
  input logic [11:0] group,
  input logic [7:0]  lanes,
  input logic        rsp_valid,     // free: the configuration endpoint has a response
  input logic [63:0] rsp_flit,
  input logic        out_ready,
  input logic        seq_cfg, emit_cfg, cfg_write,
  input logic [21:0] cfg_addr,
  input logic [31:0] cfg_data
);
  import lhw_regs_pkg::*;

  localparam int unsigned Places = 4;

  logic         started = 1'b0;
  logic         credit, op_valid, op_ctx, op_last, acc_next, bad, rsp_ready, out_valid;
  logic         seq_busy, emit_busy, seq_awake, emit_awake;
  logic [31:0]  seq_rdata, emit_rdata, step_now, op_const, op_index;
  lhw_regs_pkg::instruction_t op;
  logic [15:0]  op_line, route_base;
  logic [11:0]  op_group;
  logic [5:0]   tail;
  logic [11:0]  route_count;
  logic [63:0]  out_flit;
  logic [31:0]  data [8];

  logic         issued;             // an emission leaves the sequencer
  logic [2:0]   flying;       // emissions between sequencer and emitter
  logic         could_respond = 1'b0, could_send = 1'b0, started_stage = 1'b0;

  always_comb for (int l = 0; l < 8; l++) data[l] = 32'(l);

  lhw_sequencer #(
    .Lanes(8), .UcodeWords(8), .ConstWords(8), .Populations(2), .Emissions(Places)
  ) u_sequencer (
    .clk_i, .rst_ni(started), .clear_i(clear), .go_i(go), .stage_i(stage), .step_i(step), .credit_i(credit),
    .cfg_valid_i(seq_cfg), .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr), .cfg_data_i(cfg_data),
    .cfg_rdata_o(seq_rdata), .step_o(step_now), .op_valid_o(op_valid), .op_ctx_o(op_ctx), .op_instr_o(op),
    .op_const_o(op_const), .op_line_o(op_line), .op_group_o(op_group), .op_last_o(op_last), .op_index_o(op_index),
    .pop_tail_o(tail), .pop_route_base_o(route_base), .pop_route_count_o(route_count), .acc_next_o(acc_next),
    .bad_opcode_o(bad), .busy_o(seq_busy), .awake_o(seq_awake)
  );

  lhw_emitter #(.Lanes(8), .Routes(2), .Depth(Places)) u_emitter (
    .clk_i, .rst_ni(started), .clear_i(clear), .emit_valid_i(arrives), .emit_graded_i(graded),
    .emit_negative_i(negative), .emit_channel_i(channel), .emit_group_i(group), .emit_lanes_i(lanes),
    .emit_data_i(data), .route_base_i(route_base), .route_count_i(route_count), .credit_o(credit),
    .rsp_valid_i(rsp_valid), .rsp_flit_i(rsp_flit), .rsp_ready_o(rsp_ready), .out_valid_o(out_valid),
    .out_flit_o(out_flit), .out_ready_i(out_ready), .cfg_valid_i(emit_cfg), .cfg_write_i(cfg_write),
    .cfg_addr_i(cfg_addr), .cfg_data_i(cfg_data), .cfg_rdata_o(emit_rdata), .busy_o(emit_busy), .awake_o(emit_awake)
  );

  assign issued = op_valid && (op.op == OPCODE_EMITM || op.op == OPCODE_EMITG);

  logic unused;
  assign unused = ^{seq_rdata, emit_rdata, step_now, op, op_const, op_index, op_line, op_group, tail, out_flit, op_ctx,
                    op_last, acc_next, bad};

  always_ff @(posedge clk_i) begin
    started       <= 1'b1;
    could_respond <= started && rsp_ready && !rsp_valid;
    could_send    <= started && out_ready;
    started_stage <= started && go;
    if (!started) begin
      flying <= '0;
    end else begin
      assume (!arrives || flying != '0);
      assume (!rsp_valid || could_respond);
      assume (!go || !(seq_busy || started_stage));
      assume (!(seq_cfg || emit_cfg) || !(seq_busy || emit_busy || go || started_stage));

      flying <= flying + 3'(issued) - 3'(arrives);
      // Every place is accounted for, once.
      assert (5'(u_sequencer.credits_q) + 5'(issued) + 5'(flying) + 5'(u_emitter.used_q) + 5'(credit) == 5'(Places));
      // An emission comes only to a free place: QueueRoom of lhw_emitter; no place is given back twice: CreditsKept of
      // lhw_sequencer. Both are assertions of the RTL, and part of this proof.

      // Rule 3 of rtl/core/README.md: busy while anything is held or presented; and a flit only when there is room.
      assert (emit_busy || (u_emitter.used_q == '0 && !u_emitter.t_valid_q && !u_emitter.rsp_held_q && !out_valid));
      assert (!out_valid || could_send);
      assert (seq_busy || started_stage || u_sequencer.state_q == 2'd0);
      assert (seq_busy == (u_sequencer.state_q != 2'd0 || bad));
      // What the engine tries is the head of the queue, and a process that is asleep has nothing to do.
      assert (!u_emitter.t_valid_q || u_emitter.used_q != '0);
      assert (emit_awake == u_emitter.active_q && seq_awake == u_sequencer.active_q);
      assert (emit_awake || (!emit_busy && !credit));
      assert (seq_awake || (!u_sequencer.d_valid_q && !op_valid && !seq_busy));
      // Before the first population nothing waits to be issued, nor behind the last one.
      assert (u_sequencer.state_q > 2'd1 || !u_sequencer.d_valid_q);
      assert (2'(u_emitter.head_q + 2'(u_emitter.used_q)) == u_emitter.tail_q);
      assert (rsp_ready == !u_emitter.rsp_held_q);

      cover (u_emitter.used_q == 3'd4);                           // the queue is full
      cover (u_sequencer.credits_q == '0 && u_sequencer.d_valid_q && u_sequencer.hold);  // an emission waits for a place
      cover (credit && issued);                                 // a place is given back while another is asked for
    end
  end
endmodule
