`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Finds the connection of an event and walks its sources: one a cycle becomes a job, as the row format says.
///
/// Where a table says what a source becomes, the walk asks the synapse memory for the entry (SPARSE), or for that of
/// the position and for the lines with its taps (CONV), ahead of the job that they become: one question at a time, two
/// cycles each, while the row goes on. It keeps the line of taps, and within an event the position: taps of one line
/// become a job a cycle, and sources that differ in their channel only ask once for the position. It takes the head of
/// the event queue in the cycle in which its last source becomes a job. Style C.
module lhw_source_walk #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned AccGroups   = 32,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 1024,
  parameter int unsigned Connections = 16,
  localparam int unsigned AccW       = $clog2(DelaySlots) + $clog2(AccGroups),
  localparam int unsigned SynW       = SynLines > 1 ? $clog2(SynLines) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic [31:0]     step_i,
  input  logic            head_valid_i,
  input  lhw_regs_pkg::event_flit_t head_flit_i,
  output logic            walk_valid_o,      // sources are left
  output logic            walk_last_o,       // and they become one job
  output logic            job_valid_o,
  output logic [SynW-1:0] job_line_o,
  output logic [AccW-1:0] job_acc_o,
  output logic [11:0]     job_words_o,
  output lhw_row_pkg::plan_t job_plan_o,
  output logic [Lanes-1:0] job_lanes_o,
  output logic [31:0]     job_factor_o,
  input  logic            row_free_i,        // the stage behind takes a job in this cycle
  output logic            table_valid_o,     // an entry of a table is asked for
  output logic [SynW-1:0] table_line_o,
  input  logic            acc_next_i,        // the synapse engine stands still in this cycle
  input  logic [7:0]      bytes_i [Lanes],   // of the memory: the line, in the cycle after it was asked for
  input  logic            cfg_valid_i,       // access to connections or counters
  input  logic            cfg_write_i,
  input  logic [22:0]     cfg_addr_i,
  input  logic [31:0]     cfg_data_i,
  output logic [31:0]     cfg_rdata_o,       // two cycles after the access; 0 if it is for others
  output logic            bad_stage_event_o, // pulse: an event that a core sent was bad
  output logic            bad_input_event_o, // pulse: one of the host
  output logic            busy_o,
  output logic            awake_o            // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  localparam int unsigned LaneW = $clog2(Lanes);
  localparam int unsigned PartW = LaneW - 2;  // a line holds that power of two of entries
  localparam int unsigned SlotW = $clog2(DelaySlots);
  localparam int unsigned ConnW = Connections > 1 ? $clog2(Connections) : 1;

  logic [CONNECTION_WORDS-1:0][31:0] conn_mem [Connections];

  // The event that is walked.
  logic            graded_q, outside_q;     // outside: the host sent it
  logic            tabled_q;                // a table says what a source becomes
  logic [31:0]     bits_q, factor_q;
  logic [11:0]     index_q;
  logic [AccW-1:0] acc_q;
  lhw_row_pkg::plan_t plan_q;
  connection0_t    c0_q;
  connection1_t    c1_q;
  connection2_t    c2_q;
  connection3_t    c3_q;
  connection4_t    c4_q;
  connection5_t    c5_q;
  connection6_t    c6_q;
  connection7_t    c7_q;
  // Tables: the question under way, and whether the entry of the next job is at hand.
  logic            answered_q, of_tap_q, found_q;
  logic [PartW-1:0] part_q;
  logic [31:0]     entry_q, tap_q;          // tap: the next one
  logic [31:0]     kernel_q;                // first line of the rows, or of the kernels for the channel of the source
  logic [10:0]     taps_q;                  // left
  // What is kept of a convolution's tables: a line of taps, until a configuration flit comes, and a position.
  logic            kept_q, placed_q;
  logic [SynW-1:0] kept_line_q;
  logic [7:0]      kept_bytes_q [Lanes];
  logic [31:0]     place_q;                 // number of the position
  conv_position_t  position_q;
  logic [31:0]     spikes_in_q;
  logic [63:0]     synops_q;
  logic            cfg_pending_q;
  logic            stirs_q;                 // there is something to do whatever the row does

  logic             left, job, bad, bad_stage, bad_input, fits, asks, last;
  logic [31:0]      source, taken, room, word, channel;
  logic [Lanes-1:0] lanes, beyond;
  logic [4:0]       lowest;
  logic [SlotW-1:0] slot;
  logic [CONNECTION_WORDS-1:0][31:0] entry;
  logic [ConnW-1:0] conn_addr;
  logic             of_conn;
  lhw_row_pkg::plan_t plan;
  logic [SynW-1:0]  tap_line;
  logic [PartW-1:0] part;
  sparse_row_t      row;
  conv_tap_t        tap;

  /// The line in which an entry of a table stands.
  function automatic logic [SynW-1:0] table_line(logic [23:0] base, logic [31:0] number);
    return SynW'(32'(base) + (number >> PartW));
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      spikes_in_q   = '0;
      synops_q      = '0;
      cfg_pending_q = 1'b0;
      stirs_q       = 1'b0;
      answered_q    = 1'b0;
      found_q       = 1'b0;
      kept_q        = 1'b0;
      taps_q        = '0;
      walk_valid_o  <= 1'b0;
      job_valid_o   <= 1'b0;
      table_valid_o <= 1'b0;
      bad_stage_event_o <= 1'b0;
      bad_input_event_o <= 1'b0;
      busy_o        <= 1'b0;
      awake_o       <= 1'b0;
    end else if ((job_valid_o ? row_free_i : walk_valid_o) || (head_valid_i && !walk_valid_o) || stirs_q || clear_i ||
                 cfg_valid_i) begin
      conn_addr = cfg_valid_i || cfg_pending_q ? cfg_addr_i[ConnW+2:3] : head_flit_i.conn[ConnW-1:0];
      of_conn   = !cfg_addr_i[22] && cfg_addr_i[21:18] == CORE_REGION_CONNECTION;
      left = walk_valid_o;
      job  = job_valid_o;
      bad_stage = 1'b0;
      bad_input = 1'b0;
      `LHW_ASSERT(ConfigAtRest, !cfg_valid_i || !(walk_valid_o || job_valid_o || head_valid_i),
                  "Configuration came while an event is walked.")

      // Job: becomes the row as soon as the one before has ended.
      if (row_free_i) job = 1'b0;

      if (left && !tabled_q && !job) begin
        `LHW_ASSERT(JobStays, !job_valid_o || row_free_i, "A job is replaced before the row has taken it.")
        // Sources: the lowest that is left becomes a job, perhaps with others.
        lowest = lhw_row_pkg::lowest(bits_q);
        source = graded_q ? 32'(index_q) : {15'd0, index_q, lowest};
        taken  = lhw_row_pkg::taken(c0_q.kind, bits_q, lowest, LaneW);
        fits   = source < lhw_row_pkg::limit(c0_q.kind, c1_q, c4_q, LaneW);
        bad    = !fits;
        lanes  = Lanes'(lhw_row_pkg::lanes(c0_q.kind, bits_q, lowest, LaneW));
        if (graded_q && lhw_row_pkg::by_lanes(c0_q.kind)) lanes = Lanes'(1) << source[LaneW-1:0];
        if (c0_q.kind == CONN_KIND_ONE_TO_ONE && fits) begin
          // Of the last group some lanes may be beyond the last source.
          room     = 32'(c4_q.sources) - (source >> LaneW << LaneW);
          beyond   = room < 32'(Lanes) ? lanes & ({Lanes{1'b1}} << room[LaneW-1:0]) : '0;
          bad      = beyond != '0;
          lanes    = lanes & ~beyond;
          synops_q = synops_q + 64'($countones(lanes));
        end
        job_line_o   <= SynW'(lhw_row_pkg::line(c0_q, c2_q, c3_q, source, LaneW));
        job_acc_o    <= acc_q + AccW'(lhw_row_pkg::group(c0_q.kind, source, LaneW));
        job_words_o  <= lhw_row_pkg::words(c0_q.kind, c1_q);
        plan         = plan_q;
        plan.upper   = plan_q.upper && source[LaneW];
        job_plan_o   <= plan;
        job_lanes_o  <= lanes;
        job_factor_o <= factor_q;
        job    = fits && lhw_row_pkg::words(c0_q.kind, c1_q) != 0;
        if (bad) begin
          bad_stage = !outside_q;
          bad_input = outside_q;
        end
        bits_q = graded_q ? '0 : bits_q & ~taken;
        left   = bits_q != 0;
        if (fits && c0_q.kind == CONN_KIND_DENSE) synops_q = synops_q + 64'(c5_q.targets);
      end

      // Tables: the answer becomes the row of a source, the position of a source, or the line with its next taps.
      if (left && tabled_q) begin
        tap_line = table_line(c7_q.taps_base, tap_q);
        if (answered_q) begin
          entry_q = {bytes_i[{part_q, 2'd3}], bytes_i[{part_q, 2'd2}], bytes_i[{part_q, 2'd1}],
                     bytes_i[{part_q, 2'd0}]};
          if (plan_q.sparse) begin
            found_q = 1'b1;
          end else if (of_tap_q) begin
            kept_bytes_q = bytes_i;
            kept_line_q  = tap_line;
            kept_q       = 1'b1;
          end else begin
            if (!placed_q) position_q = entry_q;
            placed_q = 1'b1;
            taps_q   = position_q.taps;
            tap_q    = 32'(position_q.first);
            tap_line = table_line(c7_q.taps_base, tap_q);
          end
          answered_q = 1'b0;
        end
        if (!plan_q.sparse) found_q = taps_q != 0 && kept_q && kept_line_q == tap_line;
        if (found_q && !job) begin
          `LHW_ASSERT(TabledJobStays, !job_valid_o || row_free_i,
                      "The job of an entry replaces one that the row has not taken.")
          row  = entry_q;
          part = tap_q[PartW-1:0];
          tap  = {kept_bytes_q[{part, 2'd3}], kept_bytes_q[{part, 2'd2}], kept_bytes_q[{part, 2'd1}],
                  kept_bytes_q[{part, 2'd0}]};
          job_line_o   <= SynW'(kernel_q + (plan_q.sparse ? 32'(row.line) : 32'(tap.line)));
          job_acc_o    <= acc_q + (plan_q.sparse ? '0 : AccW'(tap.group));
          job_words_o  <= plan_q.sparse ? 12'(row.words) : c1_q.groups;
          job_plan_o   <= plan_q;
          job_lanes_o  <= '1;
          job_factor_o <= factor_q;
          job      = plan_q.sparse ? row.words != 0 : c1_q.groups != 0;
          synops_q = synops_q + (64'(plan_q.sparse ? 12'(row.words) : c1_q.groups) << LaneW);
          found_q  = 1'b0;
          if (!plan_q.sparse) begin
            tap_q    = tap_q + 1;
            taps_q   = taps_q - 1'b1;
            tap_line = table_line(c7_q.taps_base, tap_q);
            found_q  = taps_q != 0 && kept_line_q == tap_line;
          end
        end

        // The next question, when nothing is left of the one before.
        asks = table_valid_o;
        if (table_valid_o && !acc_next_i) begin
          asks       = 1'b0;
          answered_q = 1'b1;
        end
        if (!asks && !answered_q && !found_q) begin
          if (taps_q != 0) begin
            asks     = 1'b1;
            of_tap_q = 1'b1;
            table_line_o <= tap_line;
          end else if (bits_q != 0) begin
            lowest   = lhw_row_pkg::lowest(bits_q);
            source   = graded_q ? 32'(index_q) : {15'd0, index_q, lowest};
            of_tap_q = 1'b0;
            word     = source;
            kernel_q = 32'(c2_q.syn_base);
            if (c0_q.kind == CONN_KIND_CONV) begin
              word     = source >> c7_q.channel_bits;
              channel  = source & ~(32'hffffffff << c7_q.channel_bits);
              kernel_q = kernel_q + channel * 32'(c3_q.stride);
            end
            table_line_o <= table_line(c6_q.table_base, word);
            part_q = word[PartW-1:0];
            if (source >= 32'(c4_q.sources)) begin
              bad_stage = !outside_q;
              bad_input = outside_q;
            end else if (placed_q && place_q == word) begin
              answered_q = 1'b1;
            end else begin
              asks     = 1'b1;
              placed_q = 1'b0;
              place_q  = word;
            end
            bits_q = graded_q ? '0 : bits_q & (bits_q - 1);
          end
        end
        `LHW_ASSERT(OneQuestion, 32'(asks) + 32'(answered_q) + 32'(found_q) <= 1,
                    "A table is asked before what it said has become a job.")
        left     = bits_q != 0 || taps_q != 0 || asks || answered_q || found_q;
        table_valid_o <= asks;
      end

      // Head: its descriptor says whether there is anything to walk. A source out of range may leave a table's walk
      // with nothing a cycle before the queue knows.
      if (!left && head_valid_i && (!walk_valid_o || walk_last_o)) begin
        entry    = conn_mem[conn_addr];
        c0_q     = entry[0];
        c1_q     = entry[1];
        c2_q     = entry[2];
        c3_q     = entry[3];
        c4_q     = entry[4];
        c5_q     = entry[5];
        c6_q     = entry[6];
        c7_q     = entry[7];
        graded_q = head_flit_i.kind == FLIT_TYPE_GRADED;
        bits_q   = !graded_q ? head_flit_i.payload : 32'(head_flit_i.payload != 0);
        index_q  = head_flit_i.index;
        slot     = SlotW'(step_i) + SlotW'(c0_q.slot);
        acc_q    = (AccW'(slot) << $clog2(AccGroups)) + AccW'(c1_q.acc_base);
        tabled_q = lhw_row_pkg::has_table(c0_q.kind);
        placed_q = 1'b0;
        plan_q   = lhw_row_pkg::plan(c0_q);
        factor_q = lhw_row_pkg::factor(c0_q, graded_q ? head_flit_i.payload :
                                       head_flit_i.kind == FLIT_TYPE_MASK_NEG ? 32'hffffffff : 32'd1);
        outside_q = head_flit_i.dest[6];
        bad       = 1'b0;
        if (head_flit_i.kind > FLIT_TYPE_GRADED) begin
          bad = 1'b1;
        end else begin
          spikes_in_q = spikes_in_q + (graded_q ? 32'd1 : 32'($countones(head_flit_i.payload)));
          if (9'(head_flit_i.conn) >= 9'(Connections) || !lhw_row_pkg::known(c0_q)) bad = 1'b1;
          else left = bits_q != 0;
        end
        bad_stage = bad_stage || (bad && !outside_q);
        bad_input = bad_input || (bad && outside_q);
      end

      walk_valid_o <= left;
      if (tabled_q) begin
        last = bits_q == 0 && taps_q == (plan_q.sparse ? 11'd0 : 11'd1) &&
               (found_q || (answered_q && (plan_q.sparse || of_tap_q)));
      end else begin
        taken = lhw_row_pkg::taken(c0_q.kind, bits_q, lhw_row_pkg::lowest(bits_q), LaneW);
        last  = graded_q || (bits_q & ~taken) == 0;
      end
      walk_last_o  <= last;
      job_valid_o  <= job;
      bad_stage_event_o <= bad_stage;
      bad_input_event_o <= bad_input;

      if (cfg_pending_q) begin
        cfg_rdata_o <= '0;
        entry = conn_mem[conn_addr];
        if (of_conn) cfg_rdata_o <= entry[cfg_addr_i[2:0]];
        if (!cfg_addr_i[22] && cfg_addr_i[21:18] == CORE_REGION_CSR) begin
          case (cfg_addr_i[7:0])
            CORE_CSR_SPIKES_IN: cfg_rdata_o <= spikes_in_q;
            CORE_CSR_SYNOPS_LO: cfg_rdata_o <= synops_q[31:0];
            CORE_CSR_SYNOPS_HI: cfg_rdata_o <= synops_q[63:32];
            default: ;
          endcase
        end
      end
      if (cfg_pending_q && cfg_write_i && of_conn) conn_mem[conn_addr][cfg_addr_i[2:0]] `LHW_STORE cfg_data_i;
      cfg_pending_q = cfg_valid_i;
      if (cfg_valid_i) kept_q = 1'b0;
      if (clear_i) begin
        spikes_in_q = '0;
        synops_q    = '0;
      end
      busy_o  <= left || job || bad_stage || bad_input;
      stirs_q  = bad_stage || bad_input || cfg_pending_q || (tabled_q && left && !found_q);
      awake_o <= left || job || stirs_q;
    end
  end
endmodule
