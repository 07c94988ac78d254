/// The chip's registers: AXI4-Lite's rules, what a write may change, and the responses to a READ by flits.
///
/// Proved by induction (rtl/formal/csr.sby) for any master: nothing is assumed of it. Of the ingress it is assumed that
/// it waits while the registers are busy.
module lhw_chip_csr_props (
  input logic        clk_i,
  input logic        clear,  // free
  input logic        in_valid,
  input logic [63:0] in_flit,
  input logic        out_ready,
  input logic [7:0]  awaddr, araddr,
  input logic        awvalid, wvalid, bready, arvalid, rready,
  input logic [31:0] wdata,
  input logic [3:0]  wstrb,
  input logic        paused, idle,
  input logic [7:0]  fault_code,
  input logic [31:0] step, limit, cycles_wait, flits_in, flits_out,
  input logic [63:0] cycles
);
  import lhw_regs_pkg::*;

  localparam logic [1:0] Okay   = 2'b00;
  localparam logic [1:0] SlvErr = 2'b10;

  logic        started = 1'b0;
  logic        out_valid, busy, awready, wready, bvalid, arready, rvalid;
  logic [63:0] out_flit;
  logic [7:0]  fault;
  logic [1:0]  bresp, rresp;
  logic [31:0] rdata;
  logic [4:0]  stages;
  logic [15:0] needs_close, needs_end;

  lhw_chip_csr #(.MeshX(2), .MeshY(1)) u_csr (
    .clk_i, .rst_ni(started), .clear_i(clear),
    .in_valid_i(in_valid), .in_flit_i(in_flit), .out_valid_o(out_valid), .out_flit_o(out_flit), .out_ready_i(out_ready),
    .busy_o(busy), .fault_o(fault),
    .s_axil_awaddr(awaddr), .s_axil_awprot('0), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
    .s_axil_wdata(wdata), .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(bready),
    .s_axil_araddr(araddr), .s_axil_arprot('0), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(rready),
    .stages_o(stages), .needs_close_o(needs_close), .needs_end_o(needs_end),
    .paused_i(paused), .idle_i(idle), .fault_code_i(fault_code), .step_i(step), .limit_i(limit), .cycles_i(cycles),
    .cycles_wait_i(cycles_wait), .flits_in_i(flits_in), .flits_out_i(flits_out)
  );

  // Of AXI4-Lite: requests that were taken and whose response was not.
  logic        reads, addresses, datas;
  logic [7:0]  write_addr;
  logic [31:0] write_data;
  logic [3:0]  write_strobe;
  logic        r_stays = 1'b0, b_stays = 1'b0, b_before = 1'b0;  // at the last edge: offered and refused, offered
  logic [31:0] rdata_before;
  logic [1:0]  rresp_before, bresp_before;
  // At the last edge.
  logic        settled = 1'b0, in_before = 1'b0, could_send = 1'b0, paused_before, both_before = 1'b0;
  logic [4:0]  stages_before;
  logic [15:0] close_before, end_before;
  // Of a READ by flits: responses that are still to come, and the word of the next one.
  logic [32:0]  left;
  lhw_regs_pkg::config_flit_t request, response, next_word;
  lhw_regs_pkg::read_data_t asked;

  assign request  = in_flit;
  assign asked    = request.data;
  assign response = out_flit;

  /// A register's value after a write of the bytes that the strobe names.
  function automatic logic [15:0] merged(logic [15:0] old, logic [15:0] data, logic [1:0] bytes);
    return {bytes[1] ? data[15:8] : old[15:8], bytes[0] ? data[7:0] : old[7:0]};
  endfunction

  logic unused;
  assign unused = ^{fault, asked.requester, asked.reserved30, response.data, next_word.op, next_word.data,
                    write_data[31:16], write_strobe[3:2], write_addr[1:0]};

  always_ff @(posedge clk_i) begin
    started       <= 1'b1;
    r_stays       <= started && rvalid && !rready;
    b_stays       <= started && bvalid && !bready;
    b_before      <= started && bvalid;
    rdata_before  <= rdata;
    rresp_before  <= rresp;
    bresp_before  <= bresp;
    settled       <= started;
    in_before     <= started && in_valid;
    could_send    <= started && out_ready;
    paused_before <= paused;
    both_before   <= started && addresses && datas && !bvalid;
    stages_before <= stages;
    close_before  <= needs_close;
    end_before    <= needs_end;

    if (!started) begin
      reads     <= 1'b0;
      addresses <= 1'b0;
      datas     <= 1'b0;
      left      <= '0;
    end else begin
      assume (!in_valid || (!busy && !in_before));

      // A response stays as it is until it is taken.
      assert (!r_stays || (rvalid && rdata == rdata_before && rresp == rresp_before));
      assert (!b_stays || (bvalid && bresp == bresp_before));
      // One read at a time, answered in the next cycle; no response without a request.
      assert (rvalid == reads);
      assert (arready == !reads);
      if (arvalid && arready)    reads <= 1'b1;
      else if (rvalid && rready) reads <= 1'b0;
      // One write at a time: address and data come once each, in any order, and the response after both.
      assert (!(addresses && awready) && !(datas && wready));
      assert (!bvalid || (addresses && datas));
      if (awvalid && awready) begin
        addresses  <= 1'b1;
        write_addr <= awaddr;
      end
      if (wvalid && wready) begin
        datas        <= 1'b1;
        write_data   <= wdata;
        write_strobe <= wstrb;
      end
      if (bvalid && bready) begin
        addresses <= 1'b0;
        datas     <= 1'b0;
      end
      // It is not lost: a cycle after both were taken the response is there, or one later if a flit came with them.
      assert (u_csr.has_address == (addresses && !bvalid) && u_csr.has_data == (datas && !bvalid));
      assert (!both_before || bvalid);
      assert (!(addresses && datas && !bvalid) || in_before);
      assert (awready == !addresses && wready == !datas);
      assert (!addresses || bvalid || u_csr.write_index == {2'd0, write_addr[7:2]});
      assert (!datas || bvalid || (u_csr.write_data == write_data[15:0] && u_csr.write_strobe == write_strobe[1:0]));

      // A write changes a register only while the chip is paused, only the one that it names, only the bytes of its
      // strobe; a write that is refused changes nothing. (Flits write, too.)
      if (settled && !in_before) begin
        if (bvalid && !b_before && bresp == Okay) begin
          assert (paused_before);
          case (32'(write_addr[7:2]))
            32'(CHIP_CSR_STAGES): begin
              assert (stages == 5'(merged(16'(stages_before), write_data[15:0], write_strobe[1:0])));
              assert (needs_close == close_before && needs_end == end_before);
            end
            32'(CHIP_CSR_NEEDS_CLOSE): begin
              assert (needs_close == merged(close_before, write_data[15:0], write_strobe[1:0]));
              assert (stages == stages_before && needs_end == end_before);
            end
            default: begin
              assert (32'(write_addr[7:2]) == 32'(CHIP_CSR_NEEDS_END));
              assert (needs_end == merged(end_before, write_data[15:0], write_strobe[1:0]));
              assert (stages == stages_before && needs_close == close_before);
            end
          endcase
        end else begin
          assert (stages == stages_before && needs_close == close_before && needs_end == end_before);
        end
      end
      assert (!bvalid || bresp == Okay || bresp == SlvErr);
      assert (!rvalid || rresp == Okay || (rresp == SlvErr && rdata == '0));

      // A READ of n + 1 words by flits gives n + 1 responses, in ascending order, each when the link was ready.
      if (in_valid && request.op == CONFIG_OP_READ) begin
        left      <= 33'(asked.words) + 33'd1;
        next_word <= request;
      end
      if (out_valid) begin
        assert (could_send);
        assert (left != '0);
        assert (response.cfg == next_word.cfg && response.op == CONFIG_OP_RESPONSE);
        assert (response.core == next_word.core && response.addr == next_word.addr);
        left           <= left - 33'd1;
        next_word.addr <= next_word.addr + 23'd1;
      end
      assert (busy == (left != '0));
      assert (busy || !out_valid);
      assert (u_csr.reading == (left != 33'(out_valid)));
      if (u_csr.reading) begin
        assert (33'(u_csr.request.data) + 33'd1 + 33'(out_valid) == left);
        assert (u_csr.request.addr == next_word.addr + 23'(out_valid));
        assert (u_csr.request.core == next_word.core && u_csr.request.cfg == next_word.cfg);
      end

      cover (bvalid && bresp == Okay && needs_close != close_before);  // a write took effect
      cover (b_stays && r_stays && bresp == SlvErr);                   // two responses wait at once
      cover (both_before && bresp == Okay);                            // a flit went before a write
      cover (out_valid && left == 33'd1 && u_csr.request.addr > 23'd2);
    end
  end
endmodule
