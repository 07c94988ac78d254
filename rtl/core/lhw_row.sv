/// Walks the row of a job: one word a cycle becomes a contribution to the accumulators.
///
/// It shows the line that comes next, so that the synapse memory reads it in the same cycle in which the contribution
/// is presented. A word of 16-bit weights takes two cycles: the low bytes are kept (`keep`) until the high ones are
/// there. Two words of 4-bit weights read the same line. All wait while the neuron engine has reserved the
/// accumulators. Style C.
module lhw_row #(
  parameter int unsigned Lanes    = 8,
  parameter int unsigned SynLines = 1024,
  parameter int unsigned AccW     = 7,
  localparam int unsigned SynW    = SynLines > 1 ? $clog2(SynLines) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic            walk_valid_i,      // sources are left
  input  logic            job_valid_i,
  input  logic            job_weighs_i,
  input  logic [SynW-1:0] job_line_i,
  input  logic [AccW-1:0] job_acc_i,
  input  logic [12:0]     job_cycles_i,
  input  logic [9:0]      job_how_i,         // {format, times, signed, negate, shift}
  input  logic [Lanes-1:0] job_lanes_i,
  input  logic [31:0]     job_value_i,
  output logic            row_valid_o,
  output logic            row_last_o,        // the next cycle is the last one of the row
  output logic            row_weighs_o,      // the next word is read from the synapse memory
  output logic [SynW-1:0] row_line_o,
  input  logic            acc_next_i,        // the next cycle of the accumulators is reserved
  output logic            keep_o,            // the line that was read has the low bytes of what comes next
  output logic            acc_valid_o,       // the contribution
  output logic            acc_weighs_o,
  output logic [AccW-1:0] acc_line_o,
  output lhw_row_pkg::form_e acc_form_o,
  output logic            acc_times_o,
  output logic            acc_signed_o,
  output logic            acc_negate_o,
  output logic [4:0]      acc_shift_o,
  output logic [Lanes-1:0] acc_lanes_o,
  output logic [31:0]     acc_value_o,
  input  logic            cfg_valid_i,       // access to counters
  input  logic [22:0]     cfg_addr_i,
  output logic [31:0]     cfg_rdata_o,       // two cycles after the access; 0 if it is for others
  output logic            busy_o,
  output logic            awake_o            // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  logic             first_q, second_q, cfg_pending_q;
  logic [AccW-1:0]  acc_q;
  logic [12:0]      left_q;
  logic [1:0]       format_q;
  logic [7:0]       how_q;
  logic [Lanes-1:0] lanes_q;
  logic [31:0]      value_q, cyc_synapse_q, cyc_stall_q;

  logic held, presents, keeps;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cyc_synapse_q = '0;
      cyc_stall_q   = '0;
      cfg_pending_q = 1'b0;
      row_valid_o <= 1'b0;
      keep_o      <= 1'b0;
      acc_valid_o <= 1'b0;
      busy_o      <= 1'b0;
      awake_o     <= 1'b0;
    end else if (row_valid_o || job_valid_i || walk_valid_i || acc_valid_o || keep_o || clear_i || cfg_valid_i ||
                 cfg_pending_q) begin
      held     = row_valid_o;
      presents = 1'b0;
      keeps    = 1'b0;
      if (held || job_valid_i || walk_valid_i) cyc_synapse_q = cyc_synapse_q + 1;

      // One word, unless the neuron engine needs the accumulators.
      if (held) begin
        if (acc_next_i) begin
          cyc_stall_q = cyc_stall_q + 1;
        end else begin
          presents = 1'b1;
          if (first_q) begin  // what all words of the row have in common
            acc_weighs_o <= row_weighs_o;
            {acc_times_o, acc_signed_o, acc_negate_o, acc_shift_o} <= how_q;
            acc_form_o   <= lhw_row_pkg::form(format_q, 1'b0);
            acc_lanes_o  <= lanes_q;
            acc_value_o  <= value_q;
            first_q      = 1'b0;
          end
          if (format_q == WEIGHT_FORMAT_BITS8) begin
            row_line_o <= row_line_o + 1'b1;
          end else begin
            keeps    = format_q == WEIGHT_FORMAT_BITS16 && !second_q;
            presents = !keeps;
            acc_form_o <= lhw_row_pkg::form(format_q, second_q);
            if (format_q == WEIGHT_FORMAT_BITS16 || second_q) row_line_o <= row_line_o + 1'b1;
            second_q = !second_q;
          end
          acc_line_o <= acc_q;
          if (presents) acc_q = acc_q + 1'b1;
          left_q = left_q - 1'b1;
          held   = left_q != 0;
          row_last_o <= left_q == 13'd1;
        end
      end

      // The next job, as soon as the row has ended.
      if (!held && job_valid_i) begin
        held     = 1'b1;
        first_q  = 1'b1;
        second_q = 1'b0;
        acc_q    = job_acc_i;
        left_q   = job_cycles_i;
        {format_q, how_q} = job_how_i;
        lanes_q = job_lanes_i;
        value_q = job_value_i;
        row_weighs_o <= job_weighs_i;
        row_line_o   <= job_line_i;
        row_last_o   <= job_cycles_i == 13'd1;
      end
      row_valid_o <= held;
      acc_valid_o <= presents;
      keep_o      <= keeps;

      if (cfg_pending_q) begin
        cfg_rdata_o <= '0;
        if (!cfg_addr_i[22] && cfg_addr_i[21:18] == CORE_REGION_CSR) begin
          case (cfg_addr_i[7:0])
            CORE_CSR_CYC_SYNAPSE: cfg_rdata_o <= cyc_synapse_q;
            CORE_CSR_CYC_STALL:   cfg_rdata_o <= cyc_stall_q;
            default: ;
          endcase
        end
      end
      cfg_pending_q = cfg_valid_i;
      if (clear_i) begin
        cyc_synapse_q = '0;
        cyc_stall_q   = '0;
      end
      busy_o  <= held || presents;
      awake_o <= held || presents || keeps || cfg_pending_q;
    end
  end
endmodule
