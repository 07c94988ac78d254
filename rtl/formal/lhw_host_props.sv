/// The host part, with tiles that do whatever tiles may do: GO and clear come only when all is at rest; every flit of
/// the input has one fate; the rule of faults (docs/chip.md section 2, rule 10).
///
/// Proved by induction (rtl/formal/host.sby). A tile is only this: it may become busy when something is handed to it or
/// another tile is busy, it may come to rest at any time, it meets faults while it is busy, and it speaks to the host
/// in a stage or to answer a READ.
module lhw_host_props (
  input logic        clk_i,
  input logic [63:0] tdata,        // free
  input logic        tvalid,
  input logic        mesh_ready,
  input logic        mesh_valid,
  input logic [63:0] mesh_flit,
  input logic        host_ready,
  input logic [7:0]  awaddr, araddr,
  input logic        awvalid, wvalid, bready, arvalid, rready,
  input logic [31:0] wdata,
  input logic [3:0]  wstrb,
  input logic [1:0]  rises, falls, // free: a tile becomes busy, if it may; a tile comes to rest
  input logic [7:0]  meets         // free: a tile meets a fault, if it is busy
);
  import lhw_regs_pkg::*;

  logic        started = 1'b0;
  logic [1:0]  tile_busy;
  logic [7:0]  tile_faults;
  logic        tready, in_valid, host_valid, mesh_could, mesh_room, bvalid, rvalid, awready, wready, arready;
  logic        go, clear, idle, quiet, counts, awake;
  logic [63:0] in_flit, host_flit;
  logic [3:0]  stage;
  logic [31:0] step, rdata;
  logic [1:0]  bresp, rresp;

  lhw_host #(.MeshX(2), .MeshY(1)) u_host (
    .clk_i, .rst_ni(started), .s_axis_tdata(tdata), .s_axis_tvalid(tvalid), .s_axis_tready(tready),
    .m_axis_tdata(host_flit), .m_axis_tvalid(host_valid), .m_axis_tready(host_ready),
    .s_axil_awaddr(awaddr), .s_axil_awprot('0), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
    .s_axil_wdata(wdata), .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(bready),
    .s_axil_araddr(araddr), .s_axil_arprot('0), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(rready),
    .mesh_valid_o(in_valid), .mesh_flit_o(in_flit), .mesh_ready_i(mesh_ready),
    .mesh_valid_i(mesh_valid), .mesh_flit_i(mesh_flit), .mesh_ready_o(mesh_room),
    .tile_busy_i(tile_busy), .tile_faults_i(tile_faults), .go_o(go), .stage_o(stage), .step_o(step), .clear_o(clear),
    .counts_o(counts), .cycles_i('0), .idle_o(idle), .awake_o(awake), .quiet_o(quiet)
  );

  // The states of lhw_step_ctrl.
  localparam logic [3:0] Paused = 4'd0, Started = 4'd2, Running = 4'd3, Ending = 4'd4, Clearing = 4'd5, Cleared = 4'd6, Failing = 4'd7,
                         Faulted = 4'd8;
  logic [3:0] state;
  assign state = u_host.u_step_ctrl.state;

  // The head of the input, and whether it went at the last edge.
  logic         used_before;
  logic [63:0]  head, head_before;
  lhw_regs_pkg::event_flit_t  event_head, event_before;
  lhw_regs_pkg::config_flit_t config_head, config_before;
  logic [1:0]   count_before;
  logic         came_before;
  // At the last edge.
  logic         settled = 1'b0, faulted_before, paused_before, rest_before, bad_before, dropping_before, offered_before;
  logic         run_goes_on_before, busy_before, handed_before;
  logic [7:0]   faults_before;
  logic         speaks;  // tiles may speak to the host
  // What the rule says: nothing but READ, SYNC and RESET passes any more; FAULT was sent.
  logic         closed, closed_q, was_closed, reported;
  // The run of configuration flits that is going on, as the stream alone has it.
  logic         run, run_q, run_reads, reads_q;
  logic [5:0]   run_core, core_q;
  logic         was_config, was_reads, was_event, was_sync;
  logic         head_reads, head_config, head_event, head_continues;

  assign head        = u_host.u_ingress.count != '0 ? u_host.u_ingress.held[0] : tdata;
  assign event_head  = head;
  assign config_head = head;
  assign head_reads  = config_head.cfg && config_head.op == CONFIG_OP_READ;
  assign head_config = head_reads || (config_head.cfg && config_head.op == CONFIG_OP_WRITE);
  assign head_event  = !event_head.cfg && event_head.kind < FLIT_TYPE_TOKEN;
  assign head_continues = head_config && run && run_reads == head_reads &&
                          (!head_reads || run_core == config_head.core);

  assign event_before  = head_before;
  assign config_before = head_before;
  // One flit fewer is held than came.
  assign used_before = settled && 3'(count_before) + 3'(came_before) != 3'(u_host.u_ingress.count);

  // A flit that is presented in this cycle left the head at the last edge.
  logic passed_event, passed_write, passed_read, passed_csr, passed_token;
  assign passed_event = in_valid && !in_flit[63];
  assign passed_write = (in_valid && in_flit[63] && in_flit[62:61] == CONFIG_OP_WRITE) ||
                        (passed_csr && u_host.request_flit[62:61] == CONFIG_OP_WRITE);
  assign passed_read  = (in_valid && in_flit[63] && in_flit[62:61] == CONFIG_OP_READ) ||
                        (passed_csr && u_host.request_flit[62:61] == CONFIG_OP_READ);
  assign passed_csr   = u_host.request_valid;
  assign passed_token = u_host.token_valid && !offered_before;

  assign was_reads   = config_before.cfg && config_before.op == CONFIG_OP_READ;
  assign was_config  = was_reads || (config_before.cfg && config_before.op == CONFIG_OP_WRITE);
  assign was_event   = !event_before.cfg && event_before.kind < FLIT_TYPE_TOKEN;
  assign was_sync    = !event_before.cfg && event_before.kind == FLIT_TYPE_TOKEN && event_before.conn == TOKEN_IN_SYNC;

  // What the stream says, the flit included that left at the last edge.
  always_comb begin
    run        = run_q;
    run_reads  = reads_q;
    run_core   = core_q;
    // RESET waits where it is offered, and ends all this.
    was_closed = closed_q || (used_before && faulted_before && !was_event && !was_sync && !passed_token);
    closed     = was_closed || (u_host.token_take && u_host.faulted);
    // What is dropped behind a fault leaves a run as it is, but for a WRITE.
    if (used_before && !was_sync && !(was_event && dropping_before) &&
        (was_event || was_config || !faulted_before || passed_token)) begin
      run       = was_config && (was_reads || !faulted_before);
      run_reads = was_reads;
      run_core  = config_before.core;
    end
  end

  logic mesh_reads, csr_reads;
  assign mesh_reads = (speaks && tile_busy != '0) || (in_valid && passed_read);
  assign csr_reads  = u_host.csr_busy || (passed_csr && passed_read);

  logic unused;
  assign unused = ^{host_flit, host_valid, step, rdata, bresp, rresp, bvalid, rvalid, awready, wready, arready, idle,
                    stage, quiet, counts, awake, event_head, event_before, config_head, config_before};

  always_ff @(posedge clk_i) begin
    started         <= 1'b1;
    settled         <= started;
    mesh_could      <= started && mesh_room;
    head_before     <= head;
    count_before    <= u_host.u_ingress.count;
    came_before     <= tvalid && tready;
    faulted_before  <= u_host.faulted;
    paused_before   <= u_host.paused;
    rest_before     <= tile_busy == '0 && !in_valid && !u_host.csr_busy && !u_host.request_valid && !go && !clear;
    bad_before      <= u_host.ingress_fault != '0 || u_host.csr_fault != '0 ||
                       (tile_faults & 8'b1100_1100) != '0;
    offered_before  <= u_host.token_valid && !u_host.token_take;
    dropping_before <= closed;
    run_goes_on_before <= head_continues;
    if (!started) begin
      tile_busy   <= '1;
      tile_faults <= '0;
      closed_q    <= 1'b0;
      reported    <= 1'b0;
      run_q       <= 1'b0;
      speaks      <= 1'b0;
      busy_before <= 1'b1;
      handed_before <= 1'b1;
      faults_before <= '0;
    end else begin
      // Tiles.
      for (int t = 0; t < 2; t++) begin
        tile_busy[t] <= (tile_busy[t] && !falls[t]) || (rises[t] && (tile_busy != '0 || go || clear || in_valid));
        tile_faults[4*t+:4] <= clear ? '0 : tile_faults[4*t+:4] | (meets[4*t+:4] & {4{tile_busy[t]}});
      end
      // They speak to the host in a stage, and to answer a READ.
      speaks <= go || (in_valid && passed_read) || (speaks && tile_busy != '0);
      assume (!mesh_valid || (mesh_could && tile_busy != '0 && speaks));

      // GO and clear are given only when nothing is held or under way. (An event may enter with a GO that needed no
      // CLOSE.)
      if (go || clear) begin
        assert (tile_busy == '0);
        assert (!u_host.csr_busy && !passed_csr);
        assert (!passed_write && !passed_read);
        assert (rest_before);
      end
      assert (!(go && passed_event) || !u_host.needs_close[stage]);

      // Every flit of the input has one fate, and what is passed on is what stood at the head.
      assert (3'(in_valid) + 3'(passed_csr) + 3'(passed_token) <= 3'(used_before));
      if (in_valid && !in_flit[63]) assert ((in_flit & ~(64'd1 << 58)) == (head_before & ~(64'd1 << 58)));
      if (in_valid && in_flit[63])  assert (in_flit == head_before);
      if (passed_csr)               assert (u_host.request_flit == head_before);
      if (passed_token)             assert ({u_host.token_stage, u_host.token_step} == head_before[43:0]);
      // Only these are dropped: SYNC; an event for no core, which is a fault; and what the rule of faults drops.
      if (used_before && !in_valid && !passed_csr && !passed_token) begin
        assert (u_host.u_ingress.fault_o != '0 || faulted_before ||
                (!event_before.cfg && event_before.kind == FLIT_TYPE_TOKEN && event_before.conn == TOKEN_IN_SYNC));
      end

      // The rule of faults. Configuration passes only while the chip is paused.
      assert (!(passed_write || passed_read) || paused_before);
      // The first of a run of configuration flits passes only when all is at rest and no fault waits to be reported.
      if ((passed_write || passed_read) && !run_goes_on_before) begin
        assert (rest_before);
        assert (faulted_before || !bad_before);
      end
      // Once a fault is known no WRITE passes; and no event behind a flit that was neither event nor SYNC.
      assert (!passed_write || !faulted_before);
      assert (!passed_event || !dropping_before);
      // RUN and CLOSE have no effect, unless no fault of the input waited.
      assert (!go || !u_host.faulted);
      assert (!go || !u_host.needs_close[stage] || !bad_before);
      // FAULT is sent once, and no other token but RESET_DONE behind it.
      if (u_host.token_out_valid && !u_host.token_out_flit[63]) begin
        case (u_host.token_out_flit[51:44])
          TOKEN_OUT_FAULT: begin
            assert (!reported && u_host.faulted);
            reported <= 1'b1;
          end
          TOKEN_OUT_RESET_DONE: assert (!reported);  // clear came before
          default:              assert (!reported);
        endcase
      end

      run_q    <= run;
      reads_q  <= run_reads;
      core_q   <= run_core;
      closed_q <= closed && !clear;
      if (clear) reported <= 1'b0;

      // Why. The tree of quiescence knows what was one cycle ago.
      busy_before   <= tile_busy != '0;
      handed_before <= u_host.hands_over;
      faults_before <= tile_faults;
      assert (u_host.u_quiet.busy == busy_before && u_host.u_quiet.recent == handed_before);
      assert (!quiet || tile_busy == '0);
      assert ((u_host.input_fault != '0) == ((faults_before & 8'b1100_1100) != '0));
      assert (!quiet || tile_faults == faults_before);
      // AXI4-Lite: what was accepted is answered before more is.
      assert (arready == !rvalid);
      assert (awready == !(u_host.u_csr.has_address || bvalid));
      assert (wready == !(u_host.u_csr.has_data || bvalid));
      assert (!bvalid || (!u_host.u_csr.has_address && !u_host.u_csr.has_data));
      // The ingress.
      assert (u_host.u_ingress.count <= 2'd2 && (!tready || u_host.u_ingress.count <= 2'd1));
      assert (u_host.u_ingress.offered == u_host.token_valid);
      assert (u_host.u_ingress.dropping == was_closed);
      // (It forgets a run as soon as what ends the run stands at the head and may go.)
      assert (!u_host.u_ingress.in_run || run);
      assert (u_host.u_ingress.in_run || !run || (u_host.u_ingress.count != '0 && head_event && !closed));
      assert (!run || u_host.u_ingress.run_reads == run_reads);
      assert (!run || !run_reads || u_host.u_ingress.run_core == run_core);
      assert (!(u_host.token_valid && run));
      assert (u_host.ingress_busy == (in_valid || passed_csr) && !(in_valid && passed_csr));
      assert (!u_host.config_waits || (u_host.u_ingress.count != '0 && head_config && !head_continues));
      assert (u_host.ingress_empty == (u_host.u_ingress.count == '0 && !u_host.token_valid));
      assert (!closed || u_host.faulted);
      // The step controller. A run of configuration flits goes on while the chip is paused; at a look one waits that is
      // none of it.
      assert (state <= 4'd8);
      assert (go == (state == Started) && clear == (state == Clearing));
      assert (counts == (state == Started || state == Running));
      assert (u_host.paused == (state == Paused || state == Faulted));
      assert (u_host.faulted == u_host.u_step_ctrl.failed);
      assert (u_host.faulted == (state == Failing || state == Faulted || state == Clearing) || state == Clearing);
      assert (!run || u_host.paused ||
              (state == Failing && u_host.u_ingress.count != '0 && head_config && !head_continues));
      assert (!(passed_write || passed_read || u_host.csr_busy) || state == Paused || state == Faulted);
      assert (!reported || state == Faulted || state == Clearing);
      assert (!(u_host.token_out_valid && u_host.token_out_flit[51:44] == TOKEN_OUT_FAULT) ||
              (state == Faulted && !reported));
      assert (state != Faulted || reported == !u_host.token_out_valid);
      assert (state != Faulted || reported || u_host.token_out_flit[51:44] == TOKEN_OUT_FAULT);
      assert (!u_host.token_out_valid || (u_host.token_out_flit[63:60] == 4'(FLIT_TYPE_TOKEN)));
      assert (!(state == Clearing || state == Cleared) || (u_host.token_valid && !u_host.token_take));
      assert (!u_host.token_take || u_host.token_valid);
      assert (state != Ending || !speaks || tile_busy == '0);
      // Tiles and registers do not answer READs at the same time: a run of READs is for one core.
      assert (!(mesh_reads && csr_reads));
      assert (!(run && run_reads) || !(run_core < 6'd2 ? csr_reads : mesh_reads));
      // The egress has room (rtl/formal/egress.sby).
      assert (u_host.u_egress.count <= 4'd8 && (u_host.u_egress.m_axis_tvalid || u_host.u_egress.count == '0));
      assert (!(mesh_room || u_host.local_ready) || u_host.u_egress.count <= 4'd4);
      assert (!(mesh_could || u_host.token_out_valid || u_host.response_valid) || u_host.u_egress.count <= 4'd5);
      assert (u_host.egress_empty == !u_host.u_egress.m_axis_tvalid);
      // The registers.
      assert (!u_host.u_csr.reading || u_host.csr_busy);
      assert (!u_host.response_valid || u_host.csr_busy);
      assert (!(u_host.csr_busy && passed_csr));

      cover (go && u_host.needs_close[stage]);
      cover (passed_event && u_host.faulted);        // an event in front of the token behind a fault still counts
      cover (reported && passed_read);               // a READ behind FAULT
      cover (clear && reported);                     // RESET behind FAULT
      cover (passed_write && !run_goes_on_before && tile_faults != '0);
    end
  end
endmodule
