`include "lhw_assert.svh"

/// A core for tests of the mesh and the chip: 512 words of memory, a list of flits to send in each stage, and a
/// checksum of what was received. It keeps the link rules and the meaning of busy_o, nothing else of a core.
///
/// Configuration: any region; the word is addr[8:0]. Words 0 to 15: number of flits to send in stage s; 16: extra busy
/// cycles a stage; 17: sum of received payloads; 18: received events; 19: T; 20: stages run; from 32 on flits, high
/// word first, sent from the top of the list on in every stage. An event for connection 255 is bad.
module lhw_core #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned Word        = 64,
  parameter int unsigned StateLines  = 256,
  parameter int unsigned AccGroups   = 32,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 1024,
  parameter int unsigned UcodeWords  = 256,
  parameter int unsigned ConstWords  = 256,
  parameter int unsigned Populations = 16,
  parameter int unsigned Connections = 16,
  parameter int unsigned Routes      = 32
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [5:0]  core_id_i,
  input  logic        in_valid_i,
  input  logic [63:0] in_flit_i,
  output logic        in_ready_o,
  output logic        out_valid_o,
  output logic [63:0] out_flit_o,
  input  logic        out_ready_i,
  input  logic        go_i,
  input  logic [3:0]  stage_i,
  input  logic [31:0] step_i,
  input  logic        clear_i,
  output logic        busy_o,
  output logic        awake_o,
  output logic [3:0]  faults_o
);
  import lhw_regs_pkg::*;

  localparam int unsigned Unused = Lanes + Word + StateLines + AccGroups + DelaySlots + SynLines + UcodeWords +
                                   ConstWords + Populations + Connections + Routes;
  logic unused;
  assign unused = Unused == 0;

  logic [31:0]  words [512];
  logic [63:0]  queue [8];
  logic [3:0]   count;
  logic [31:0]  left, wait_left, index;
  logic         running, sends;
  config_flit_t flit, answer;

  // Style C, as in rtl/core/README.md.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count       = '0;
      left        = '0;
      wait_left   = '0;
      running     = 1'b0;
      busy_o      <= 1'b0;
      in_ready_o  <= 1'b1;
      out_valid_o <= 1'b0;
      awake_o     <= 1'b0;
      faults_o    <= '0;
      for (int unsigned i = 0; i < 512; i++) words[9'(i)] = '0;
    end else begin
      sends = 1'b0;
      if (clear_i) begin
        faults_o  <= '0;
        words[17] = '0;
        words[18] = '0;
        words[19] = '0;
        words[20] = '0;
      end
      if (in_valid_i) begin
        `LHW_ASSERT(Rule1, count < 4'd8, "overflow")
        queue[count[2:0]] = in_flit_i;
        count = count + 4'd1;
      end
      if (go_i) begin
        `LHW_ASSERT(Rule2, !running, "GO while running")
        running   = 1'b1;
        left      = words[32'(stage_i)];
        wait_left = words[16];
        index     = '0;
        words[19] = step_i;
        words[20] = words[20] + 32'd1;
      end

      // Sending comes first, receiving goes on meanwhile.
      if (running) begin
        if (left != '0) begin
          if (out_ready_i) begin
            sends       = 1'b1;
            out_flit_o  <= {words[9'(32 + 2 * index)], words[9'(33 + 2 * index)]};
            index       = index + 32'd1;
            left        = left - 32'd1;
          end
        end else if (wait_left != '0) begin
          wait_left = wait_left - 32'd1;
        end else begin
          running = 1'b0;
        end
      end

      if (count != '0) begin
        flit = queue[0];
        if (flit.cfg && flit.op == CONFIG_OP_READ) begin
          if (out_ready_i && !running) begin
            answer      = flit;
            answer.op   = CONFIG_OP_RESPONSE;
            answer.data = words[flit.addr[8:0]];
            sends       = 1'b1;
            out_flit_o  <= answer;
            if (flit.data == '0) begin
              for (int unsigned i = 0; i < 7; i++) queue[i] = queue[i+1];
              count = count - 4'd1;
            end else begin
              flit.addr = flit.addr + 23'd1;
              flit.data = flit.data - 32'd1;
              queue[0]  = flit;
            end
          end
        end else begin
          if (flit.cfg) begin
            `LHW_ASSERT(Rule3, flit.core == core_id_i, "not for this core")
            words[flit.addr[8:0]] = flit.data;
          end else begin
            `LHW_ASSERT(Rule4, queue[0][57:52] == core_id_i, "not for this core")
            words[17] = words[17] + queue[0][31:0];
            words[18] = words[18] + 32'd1;
            if (queue[0][51:44] == 8'd255) faults_o[queue[0][58] ? 2 : 1] <= 1'b1;
          end
          for (int unsigned i = 0; i < 7; i++) queue[i] = queue[i+1];
          count = count - 4'd1;
        end
      end
      in_ready_o <= count <= 4'd6;
      out_valid_o <= sends;
      busy_o      <= count != '0 || running || sends;
      awake_o     <= count != '0 || running || sends;
    end
  end
endmodule
