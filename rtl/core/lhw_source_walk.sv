`include "lhw_style.svh"

/// Finds the connection of an event and walks its sources: one a cycle becomes a job, as the row format says.
///
/// It takes the head of the event queue in the cycle in which its last source becomes a job. A source of a kind with
/// tables (CONV) becomes a job for each of its taps: the walk reads its entry in the table of positions, then line
/// after line of the taps, whenever the row leaves the synapse memory a cycle. Style C.
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
  output logic            job_weighs_o,
  output logic [SynW-1:0] job_line_o,
  output logic [AccW-1:0] job_acc_o,
  output logic [12:0]     job_cycles_o,
  output logic [9:0]      job_how_o,         // {format, times, signed, negate, shift}
  output logic [Lanes-1:0] job_lanes_o,
  output logic [31:0]     job_value_o,
  input  logic            row_valid_i,       // the stage behind, as registers
  input  logic            row_last_i,
  input  logic            acc_next_i,
  output logic            table_valid_o,     // a line of a table is to be read
  output logic [SynW-1:0] table_line_o,
  input  logic            table_done_i,      // and is there
  input  logic [7:0]      table_i [Lanes],
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
  localparam int unsigned SlotW = $clog2(DelaySlots);
  localparam int unsigned ConnW = Connections > 1 ? $clog2(Connections) : 1;

  localparam int unsigned PartW = $clog2(Lanes / 4);

  typedef enum logic [2:0] {Plain, Source, Entry, Line, Taps} table_e;

  logic [7:0][31:0] conn_mem [Connections];

  // The event that is walked.
  logic            graded_q, outside_q;     // outside: the host sent it
  logic [31:0]     bits_q, value_q;
  logic [11:0]     index_q;
  logic [AccW-1:0] acc_q;
  connection0_t    c0_q;
  connection1_t    c1_q;
  connection2_t    c2_q;
  connection3_t    c3_q;
  connection4_t    c4_q;
  connection5_t    c5_q;
  connection6_t    c6_q;
  connection7_t    c7_q;
  table_e          table_q;                 // Plain: no tables; else what is next: a source, its entry, a line, its taps
  logic [7:0]      taps_q [Lanes];          // the line
  logic [31:0]     tap_q;                   // the next tap
  logic [10:0]     taps_left_q;
  logic [PartW-1:0] entry_q;                // place of the entry in its line
  logic [31:0]     spikes_in_q;
  logic [63:0]     synops_q;
  logic            cfg_pending_q;

  logic             left, job, bad, bad_stage, bad_input, fits, takes;
  logic [31:0]      source, taken, channel;
  conv_position_t   position;
  conv_tap_t        tap;
  logic [4:0]       lowest;
  logic [SlotW-1:0] slot;
  logic [7:0][31:0] entry;
  logic [ConnW-1:0] conn_addr;
  logic             of_conn;

  /// A 32-bit word of a line.
  function automatic logic [31:0] word(logic [7:0] line [Lanes], logic [PartW-1:0] number);
    logic [LaneW-1:0] first;
    first = LaneW'({number, 2'd0});
    return {line[first+LaneW'(3)], line[first+LaneW'(2)], line[first+LaneW'(1)], line[first]};
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      table_q       = Plain;
      table_valid_o <= 1'b0;
      spikes_in_q   = '0;
      synops_q      = '0;
      cfg_pending_q = 1'b0;
      walk_valid_o <= 1'b0;
      job_valid_o  <= 1'b0;
      bad_stage_event_o <= 1'b0;
      bad_input_event_o <= 1'b0;
      busy_o       <= 1'b0;
      awake_o      <= 1'b0;
    end else if ((job_valid_o ? !row_valid_i || (row_last_i && !acc_next_i) : walk_valid_o) || table_done_i ||
                 (walk_valid_o && table_q == Source) ||
                 (head_valid_i && !walk_valid_o) || bad_stage_event_o || bad_input_event_o || clear_i || cfg_valid_i ||
                 cfg_pending_q) begin
      conn_addr = cfg_valid_i || cfg_pending_q ? cfg_addr_i[ConnW+2:3] : head_flit_i.conn[ConnW-1:0];
      entry     = conn_mem[conn_addr];
      of_conn   = !cfg_addr_i[22] && cfg_addr_i[21:18] == CORE_REGION_CONNECTION;
      left = walk_valid_o;
      job  = job_valid_o;
      bad_stage = 1'b0;
      bad_input = 1'b0;

      // Job: becomes the row as soon as the one before has ended. Then the head leaves the queue if no source is left.
      if (!row_valid_i || (row_last_i && !acc_next_i)) job = 1'b0;
      takes = !walk_valid_o || (walk_last_o && !job);

      // A line of a table: the entry of a source, or taps.
      if (table_done_i) begin
        table_valid_o <= 1'b0;
        if (table_q == Entry) begin
          position    = word(table_i, entry_q);
          tap_q       = 32'(position.first);
          taps_left_q = position.taps;
          table_q     = Line;
          table_valid_o <= position.taps != 0;
          table_line_o  <= SynW'(32'(c7_q.taps_base) + (tap_q >> PartW));
          if (position.taps == 0) begin
            table_q = Source;
            bits_q  = graded_q ? '0 : bits_q & (bits_q - 1);
          end
        end else begin
          taps_q  = table_i;
          table_q = Taps;
        end
      end

      // Sources: the lowest that is left becomes a job, perhaps with others.
      lowest = lhw_row_pkg::lowest(bits_q);
      source = graded_q ? 32'(index_q) : {15'd0, index_q, lowest};
      if (!job && left && table_q == Plain) begin
        taken  = lhw_row_pkg::taken(c0_q.kind, bits_q, lowest, LaneW);
        fits   = source < lhw_row_pkg::limit(c0_q.kind, c1_q, c4_q, LaneW);
        job_weighs_o <= lhw_row_pkg::weighs(c0_q.kind);
        job_line_o   <= SynW'(lhw_row_pkg::line(c2_q, c3_q, source));
        job_acc_o    <= acc_q + AccW'(lhw_row_pkg::group(c0_q.kind, source, LaneW));
        job_cycles_o <= lhw_row_pkg::cycles(c0_q.format, lhw_row_pkg::words(c0_q.kind, c1_q));
        job_how_o    <= {c0_q.format, c0_q.payload, c0_q.is_signed, c0_q.negate, c0_q.shift};
        job_value_o  <= value_q << c0_q.shift;
        if (graded_q && !lhw_row_pkg::weighs(c0_q.kind)) job_lanes_o <= Lanes'(1) << source[LaneW-1:0];
        else job_lanes_o <= Lanes'(lhw_row_pkg::lanes(c0_q.kind, bits_q, lowest, LaneW));
        job    = fits && lhw_row_pkg::words(c0_q.kind, c1_q) != 0;
        if (!fits) begin
          bad_stage = !outside_q;
          bad_input = outside_q;
        end
        bits_q = graded_q ? '0 : bits_q & ~taken;
        if (fits && lhw_row_pkg::weighs(c0_q.kind)) synops_q = synops_q + 64'(c5_q.targets);
      end else if (!job && left && table_q == Taps) begin
        tap     = word(taps_q, tap_q[PartW-1:0]);
        channel = source & ~(32'hffffffff << c7_q.channel_bits);
        job_weighs_o <= 1'b1;
        job_line_o   <= SynW'(lhw_row_pkg::tap_line(c2_q, c3_q, tap, channel));
        job_acc_o    <= acc_q + AccW'(tap.group);
        job_cycles_o <= lhw_row_pkg::cycles(c0_q.format, c1_q.groups);
        job_how_o    <= {c0_q.format, c0_q.payload, c0_q.is_signed, c0_q.negate, c0_q.shift};
        job_value_o  <= value_q << c0_q.shift;
        job_lanes_o  <= '1;
        job          = 1'b1;
        synops_q     = synops_q + (64'(c1_q.groups) << LaneW);
        tap_q        = tap_q + 1;
        taps_left_q  = taps_left_q - 1'b1;
        if (taps_left_q == 0) begin
          table_q = Source;
          bits_q  = graded_q ? '0 : bits_q & (bits_q - 1);
        end else if (tap_q[PartW-1:0] == '0) begin
          table_q = Line;
          table_valid_o <= 1'b1;
          table_line_o  <= SynW'(32'(c7_q.taps_base) + (tap_q >> PartW));
        end
      end
      left = left && bits_q != 0;

      // The entry of the next source is asked for as soon as the last tap of the one before has become a job.
      if (left && table_q == Source) begin
        lowest = lhw_row_pkg::lowest(bits_q);
        source = graded_q ? 32'(index_q) : {15'd0, index_q, lowest};
        fits   = source < lhw_row_pkg::limit(c0_q.kind, c1_q, c4_q, LaneW);
        if (fits && c1_q.groups != 0) begin
          table_q = Entry;
          entry_q = PartW'(source >> c7_q.channel_bits);
          table_valid_o <= 1'b1;
          table_line_o  <= SynW'(32'(c6_q.table_base) + (source >> c7_q.channel_bits >> PartW));
        end else begin
          bad_stage = !fits && !outside_q;
          bad_input = !fits && outside_q;
          bits_q    = graded_q ? '0 : bits_q & (bits_q - 1);
          left      = bits_q != 0;
        end
      end

      // Head: its descriptor says whether there is anything to walk.
      if (takes && head_valid_i) begin
        c0_q     = entry[0];
        c1_q     = entry[1];
        c2_q     = entry[2];
        c3_q     = entry[3];
        c4_q     = entry[4];
        c5_q     = entry[5];
        c6_q     = entry[6];
        c7_q     = entry[7];
        table_q  = lhw_row_pkg::tabled(c0_q.kind) ? Source : Plain;
        graded_q = head_flit_i.kind == FLIT_TYPE_GRADED;
        bits_q   = !graded_q ? head_flit_i.payload : 32'(head_flit_i.payload != 0);
        index_q  = head_flit_i.index;
        value_q  = graded_q ? head_flit_i.payload : head_flit_i.kind == FLIT_TYPE_MASK_NEG ? 32'hffffffff : 32'd1;
        slot     = SlotW'(step_i) + SlotW'(c0_q.slot);
        acc_q    = (AccW'(slot) << $clog2(AccGroups)) + AccW'(c1_q.acc_base);
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
      taken = lhw_row_pkg::taken(c0_q.kind, bits_q, lhw_row_pkg::lowest(bits_q), LaneW);
      walk_last_o  <= (graded_q || (bits_q & ~taken) == 0) &&
                      (table_q == Plain || (table_q == Taps && taps_left_q == 11'd1));
      job_valid_o  <= job;
      bad_stage_event_o <= bad_stage;
      bad_input_event_o <= bad_input;

      if (cfg_pending_q) begin
        cfg_rdata_o <= '0;
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
      if (clear_i) begin
        spikes_in_q = '0;
        synops_q    = '0;
      end
      busy_o  <= left || job || bad_stage || bad_input;
      awake_o <= left || job || bad_stage || bad_input || cfg_pending_q;
    end
  end
endmodule
