`include "lhw_assert.svh"

/// Walks the row of a job: one line a cycle becomes a contribution to the accumulators, or goes to lhw_gather where a
/// word is more than a line of bytes.
///
/// It shows the line that comes next, so that the synapse memory reads it in the same cycle in which the contribution
/// is presented. It waits while the neuron engine has reserved the accumulators, or a table is read. A contribution of
/// lhw_gather is presented a cycle later than one of the row, the second one of two with weights of 4 bits two cycles;
/// so a row waits where its own would come in the same cycle. Style C.
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
  input  logic [SynW-1:0] job_line_i,
  input  logic [AccW-1:0] job_acc_i,
  input  logic [11:0]     job_words_i,
  input  lhw_row_pkg::plan_t job_plan_i,
  input  logic [Lanes-1:0] job_lanes_i,
  input  logic [31:0]     job_factor_i,
  output logic            row_valid_o,
  output logic            row_last_o,        // the next line is the last one of the row
  output logic            row_reads_o,       // there is a next line, and it is read from the synapse memory
  output logic [SynW-1:0] row_line_o,
  input  logic            row_holds_i,       // not in this cycle: the accumulators are reserved or a table is read
  input  logic            acc_next_i,        // the next cycle of the accumulators is reserved
  output logic            acc_valid_o,       // a contribution
  output logic            gather_valid_o,    // a line for lhw_gather
  output lhw_row_pkg::line_e gather_line_o,
  output logic            gather_second_o,   // a second word is complete with it, too
  output lhw_row_pkg::plan_t acc_plan_o,     // of the contribution, or of the word that the line belongs to
  output logic [AccW-1:0] acc_line_o,
  output logic [Lanes-1:0] acc_lanes_o,
  output logic [31:0]     acc_factor_o,
  input  logic            cfg_valid_i,       // access to counters
  input  logic [22:0]     cfg_addr_i,
  output logic [31:0]     cfg_rdata_o,       // two cycles after the access; 0 if it is for others
  output logic            busy_o,
  output logic            awake_o            // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;
  import lhw_row_pkg::*;

  logic             first_q, cfg_pending_q;
  logic [AccW-1:0]  acc_q;
  logic [11:0]      left_q;
  plan_t            plan_q;
  logic [Lanes-1:0] lanes_q;
  logic [31:0]      factor_q, cyc_synapse_q, cyc_stall_q;
  // Rows of gathered words, and what comes behind them.
  logic             slow_q;
  line_e            line_q;       // the next one
  logic [1:0]       behind_q;     // cycles in which lhw_gather still has something to do or to present

  logic  held, presents, steps, pair, second;
  line_e now;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cyc_synapse_q = '0;
      cyc_stall_q   = '0;
      cfg_pending_q = 1'b0;
      slow_q        = 1'b0;
      behind_q      = '0;
      row_valid_o    <= 1'b0;
      acc_valid_o    <= 1'b0;
      gather_valid_o <= 1'b0;
      busy_o         <= 1'b0;
      awake_o        <= 1'b0;
    end else if (awake_o || job_valid_i || walk_valid_i || clear_i || cfg_valid_i) begin
      held     = row_valid_o;
      presents = 1'b0;
      steps    = 1'b0;
      second   = 1'b0;
      if (held || job_valid_i || walk_valid_i) cyc_synapse_q = cyc_synapse_q + 1;
      if (held && acc_next_i) cyc_stall_q = cyc_stall_q + 1;
      `LHW_ASSERT(ConfigQuiet, !cfg_valid_i || (!held && !slow_q), "A configuration flit came into a working row.")

      // One line.
      if (!slow_q) begin
        if (held && !row_holds_i) begin
          `LHW_ASSERT(WordsLeft, left_q != 0, "A row goes on behind its last word.")
          presents = 1'b1;
          if (first_q) begin  // what all words of the row have in common
            acc_plan_o   <= plan_q;
            acc_lanes_o  <= lanes_q;
            acc_factor_o <= factor_q;
            first_q      = 1'b0;
          end
          acc_line_o <= acc_q;
          row_line_o <= row_line_o + 1'b1;
          acc_q  = acc_q + 1'b1;
          left_q = left_q - 1'b1;
          held   = left_q != 0;
          row_last_o <= left_q == 12'd1;
        end
      end else begin
        steps = held && !row_holds_i && line_q != Wait;
        if (steps) begin
          `LHW_ASSERT(GatheredWordsLeft, left_q != 0, "A row of gathered words goes on behind its last word.")
          now    = line_q;
          pair   = plan_q.format == WEIGHT_FORMAT_BITS4 && left_q > 12'd1;
          second = pair && !plan_q.delays && now == Weights;
          gather_line_o   <= now;
          gather_second_o <= second;
          acc_plan_o   <= plan_q;
          acc_lanes_o  <= lanes_q;
          acc_factor_o <= factor_q;
          acc_line_o   <= now == SecondDelays && !plan_q.sparse ? acc_q + 1'b1 : acc_q;
          // The second one of a pair finds its delays behind those of the first one.
          row_line_o   <= row_line_o + (plan_q.upper && now == Weights ? SynW'(2) : SynW'(1));
          line_q = next_line(plan_q, now, pair);
          if (line_q == Wait) begin
            if (!plan_q.sparse) acc_q = acc_q + (pair ? AccW'(2) : AccW'(1));
            left_q = left_q - (pair ? 12'd2 : 12'd1);
            held   = left_q != 0;
          end
        end
        if (!acc_next_i) begin
          gather_valid_o <= steps;
          if (steps) behind_q = second ? 2'd3 : 2'd2;
          else if (behind_q != 0) behind_q = behind_q - 1'b1;
        end
      end

      // The next job, as soon as the row has ended: the walk knows that from row_last_o.
      `LHW_ASSERT(EndsAsSaid, !row_valid_o || row_holds_i || held != row_last_o,
                  "A row ends without having said so, or goes on behind the line that it called the last one.")
      `LHW_ASSERT(Reserved, !presents || !acc_next_i,
                  "A contribution takes a cycle that the neuron engine has reserved.")
      if (!held && job_valid_i) begin
        `LHW_ASSERT(RowStays, !held, "A job replaces a row that has not ended.")
        held     = 1'b1;
        first_q  = 1'b1;
        slow_q   = slow_q || job_plan_i.gathers;
        acc_q    = job_acc_i;
        left_q   = job_words_i;
        plan_q   = job_plan_i;
        lanes_q  = job_lanes_i;
        factor_q = job_factor_i;
        line_q   = Wait;
        row_reads_o <= job_plan_i.reads;
        row_line_o  <= job_line_i;
        row_last_o  <= job_words_i == 12'd1;
      end

      // What comes next where words are gathered, or were lately.
      if (slow_q) begin
        if (line_q == Wait && (plan_q.sparse || behind_q <= (plan_q.gathers ? 2'd2 : 2'd1))) line_q = first_line(plan_q);
        pair = plan_q.format == WEIGHT_FORMAT_BITS4 && left_q > 12'd1;
        row_reads_o <= plan_q.reads && line_q != Wait;
        row_last_o  <= line_q != Wait && left_q == (pair ? 12'd2 : 12'd1) && next_line(plan_q, line_q, pair) == Wait;
        slow_q = held ? plan_q.gathers || line_q == Wait : behind_q != 0;
        if (!slow_q) behind_q = '0;
      end
      row_valid_o <= held;
      acc_valid_o <= presents;

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
      busy_o  <= held || presents || slow_q;
      awake_o <= held || presents || slow_q || cfg_pending_q;
    end
  end
endmodule
