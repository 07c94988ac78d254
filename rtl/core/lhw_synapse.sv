`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Input queue and synapse engine: takes flits, finds the connection, walks the rows, one memory word a cycle.
///
/// Stages: head (flit and its descriptor), events (one source a cycle becomes a job), job (line of the row), row (one
/// word a cycle goes to the accumulators). Every stage refills in the cycle in which the next one takes, so there is
/// no bubble between rows, flits and connections. Configuration flits go to the endpoint, in order. Style C.
module lhw_synapse #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned AccGroups   = 32,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 1024,
  parameter int unsigned Connections = 16,
  localparam int unsigned AccW       = $clog2(AccGroups * DelaySlots)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic [31:0]     step_i,
  input  logic            in_valid_i,
  input  logic [63:0]     in_flit_i,
  output logic            in_ready_o,
  input  logic            acc_next_i,        // the next cycle of the accumulators is reserved
  output logic            acc_valid_o,
  output logic            acc_dense_o,
  output logic [AccW-1:0] acc_line_o,
  output logic [7:0]      acc_word_o [Lanes],
  output logic            acc_signed_o,
  output logic            acc_negate_o,
  output logic [4:0]      acc_shift_o,
  output logic [Lanes-1:0] acc_lanes_o,
  output logic [31:0]     acc_value_o,
  output logic            cfg_flit_valid_o,  // pulse; the next one comes after cfg_done_i
  output logic [63:0]     cfg_flit_o,
  input  logic            cfg_done_i,
  input  logic            cfg_valid_i,       // access to synapses, connections or counters
  input  logic            cfg_write_i,
  input  logic [22:0]     cfg_addr_i,
  input  logic [31:0]     cfg_data_i,
  output logic [31:0]     cfg_rdata_o,       // two cycles after the access
  output logic            bad_stage_event_o,  // pulse: an event that a core sent was bad
  output logic            bad_input_event_o,  // pulse: one of the host
  output logic            busy_o,
  output logic            awake_o          // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  localparam int unsigned SynW   = $clog2(SynLines);
  localparam int unsigned ConnW  = $clog2(Connections);
  localparam int unsigned LaneW  = $clog2(Lanes);
  localparam int unsigned SlotW  = $clog2(DelaySlots);
  localparam int unsigned PartW  = $clog2(Lanes / 4);
  localparam int unsigned Depth  = 8;                  // of the input queue
  localparam int unsigned DepthW = $clog2(Depth);

  logic [7:0]       syn_mem  [SynLines][Lanes];     // a line has a weight for each lane
  logic [5:0][31:0] conn_mem [Connections];
  logic [5:0][31:0] conn_q;

  // Input queue.
  logic [63:0]       queue [Depth];
  logic [DepthW-1:0] head, tail;
  logic [DepthW:0]   used;

  // Head: a flit whose descriptor is in conn_q.
  logic        h_valid, cfg_busy;
  event_flit_t h, front;

  // Events that are left of a flit.
  logic         e_valid, e_graded;
  logic [31:0]  e_bits, e_value, e_lowest, source;
  logic [4:0]   e_bit;
  logic [11:0]  e_index;
  logic [AccW-1:0] e_acc;
  logic [SlotW-1:0] slot;
  connection0_t e0;
  connection1_t e1;
  connection2_t e2;
  connection3_t e3;
  connection4_t e4;
  connection5_t e5;
  logic         e_last, e_outside, fits;          // e_outside: the host sent the flit
  logic [Lanes-1:0] e_lanes;

  // Job and row.
  logic             j_valid, j_dense, j_signed, j_negate, r_valid, r_dense, r_signed, r_negate;
  logic [SynW-1:0]  j_line, r_line;
  logic [AccW-1:0]  j_acc, r_acc;
  logic [11:0]      j_left, r_left;
  logic [4:0]       j_shift, r_shift;
  logic [Lanes-1:0] j_lanes, r_lanes;
  logic [31:0]      j_value, r_value;

  logic [31:0] cyc_synapse, cyc_stall, spikes_in;
  logic [63:0] synops;

  logic            active, bad_stage, bad_input, bad, sends, presents, read_syn, read_conn, store_syn, store_conn, cfg_pending;
  logic [SynW-1:0]  syn_addr;
  logic [ConnW-1:0] conn_addr;
  logic [7:0]       merged [Lanes];
  logic [LaneW-1:0] first;                         // lane of the lowest byte of a 32-bit part

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      head        = '0;
      tail        = '0;
      used        = '0;
      h_valid     = 1'b0;
      e_valid     = 1'b0;
      j_valid     = 1'b0;
      r_valid     = 1'b0;
      cfg_busy    = 1'b0;
      cfg_pending = 1'b0;
      active      = 1'b0;
      cyc_synapse = '0;
      cyc_stall   = '0;
      spikes_in   = '0;
      synops      = '0;
      in_ready_o       <= 1'b1;
      acc_valid_o      <= 1'b0;
      cfg_flit_valid_o <= 1'b0;
      bad_stage_event_o <= 1'b0;
      bad_input_event_o <= 1'b0;
      busy_o           <= 1'b0;
      awake_o          <= 1'b0;
    end else if (active || in_valid_i || cfg_valid_i || clear_i) begin
      bad_stage = 1'b0;
      bad_input = 1'b0;
      sends     = 1'b0;
      presents  = 1'b0;
      read_conn = 1'b0;
      read_syn  = 1'b0;
      store_syn  = 1'b0;
      store_conn = 1'b0;
      if (j_valid || r_valid || e_valid) cyc_synapse = cyc_synapse + 1;

      // Row: one word, unless the neuron engine needs the accumulators.
      syn_addr = r_line;
      if (r_valid) begin
        if (acc_next_i) begin
          cyc_stall = cyc_stall + 1;
        end else begin
          presents     = 1'b1;
          read_syn     = r_dense;
          acc_dense_o  <= r_dense;
          acc_line_o   <= r_acc;
          acc_signed_o <= r_signed;
          acc_negate_o <= r_negate;
          acc_shift_o  <= r_shift;
          if (!r_dense) begin
            acc_lanes_o <= r_lanes;
            acc_value_o <= r_value;
          end
          r_line  = r_line + 1'b1;
          r_acc   = r_acc + 1'b1;
          r_left  = r_left - 1'b1;
          r_valid = r_left != 0;
        end
      end
      acc_valid_o <= presents;

      // Job: becomes the row as soon as the one before has ended.
      if (!r_valid && j_valid) begin
        r_valid  = 1'b1;
        r_dense  = j_dense;
        r_line   = j_line;
        r_acc    = j_acc;
        r_left   = j_left;
        r_signed = j_signed;
        r_negate = j_negate;
        r_shift  = j_shift;
        r_lanes  = j_lanes;
        r_value  = j_value;
        j_valid  = 1'b0;
      end

      // Events: the lowest source that is left becomes a job; a PORT takes a whole group of mask bits.
      if (!j_valid && e_valid) begin
        e_lowest = e_bits & (~e_bits + 1);
        e_bit    = {|(e_lowest & 32'hffff0000), |(e_lowest & 32'hff00ff00), |(e_lowest & 32'hf0f0f0f0),
                    |(e_lowest & 32'hcccccccc), |(e_lowest & 32'haaaaaaaa)};
        source   = e_graded ? 32'(e_index) : {15'd0, e_index, e_bit};
        j_signed = e0.is_signed;
        j_negate = e0.negate;
        j_shift  = e0.shift;
        e_last   = 1'b1;
        if (e0.kind == CONN_KIND_DENSE) begin
          fits    = source < 32'(e4.sources);
          j_dense = 1'b1;
          j_line  = SynW'(32'(e2.syn_base) + source * 32'(e3.stride));
          j_acc   = e_acc;
          j_left  = e1.groups;
          e_bits  = e_bits & ~e_lowest;
          e_last  = e_bits == 0;
          if (fits) begin
            j_valid = e1.groups != 0;
            synops  = synops + 64'(e5.targets);
          end
        end else begin
          fits    = (source >> LaneW) < 32'(e1.groups);
          j_dense = 1'b0;
          j_acc   = e_acc + AccW'(source >> LaneW);
          j_left  = 12'd1;
          j_value = e_value << e0.shift;
          if (e_graded) begin
            j_lanes = '0;
            j_lanes[source[LaneW-1:0]] = 1'b1;
          end else begin
            e_lanes = Lanes'(e_bits >> (e_bit & ~5'(Lanes - 1)));
            j_lanes = e_lanes;
            e_bits  = e_bits & ~(32'(e_lanes) << (e_bit & ~5'(Lanes - 1)));
            e_last  = e_bits == 0;
          end
          j_valid = fits;
        end
        if (!fits) begin
          bad_stage = !e_outside;
          bad_input = e_outside;
        end
        e_valid = !e_last;
      end

      // Head: the flit leaves for the endpoint or for the events.
      if (cfg_done_i) cfg_busy = 1'b0;
      if (h_valid && h.cfg && !cfg_busy) begin
        `LHW_ASSERT(ConfigQuiet, !e_valid && !j_valid && !r_valid, "A configuration flit came into a working core.")
        sends      = 1'b1;
        cfg_busy   = 1'b1;
        h_valid    = 1'b0;
        cfg_flit_o <= h;
      end else if (h_valid && !h.cfg && !e_valid) begin
        h_valid  = 1'b0;
        e0       = conn_q[0];
        e1       = conn_q[1];
        e2       = conn_q[2];
        e3       = conn_q[3];
        e4       = conn_q[4];
        e5       = conn_q[5];
        e_graded = h.kind == FLIT_TYPE_GRADED;
        e_bits   = !e_graded ? h.payload : 32'(h.payload != 0);
        e_index  = h.index;
        e_value  = e_graded ? h.payload : h.kind == FLIT_TYPE_MASK_NEG ? 32'hffffffff : 32'd1;
        slot     = SlotW'(step_i) + SlotW'(e0.slot);
        e_acc    = AccW'(32'(slot) * AccGroups + 32'(e1.acc_base));
        `LHW_ASSERT(EventsApart, !cfg_busy, "An event came before the configuration flits ahead of it were done.")
        bad       = 1'b0;
        e_outside = h.dest[6];
        if (h.kind > FLIT_TYPE_GRADED) begin
          bad = 1'b1;
        end else begin
          spikes_in = spikes_in + (e_graded ? 32'd1 : 32'($countones(h.payload)));
          if (9'(h.conn) >= 9'(Connections) ||
              (e0.kind != CONN_KIND_PORT && e0.kind != CONN_KIND_DENSE) ||
              e0.format != WEIGHT_FORMAT_BITS8) bad = 1'b1;
          else e_valid = e_bits != 0;
        end
        bad_stage = bad_stage || (bad && !e_outside);
        bad_input = bad_input || (bad && e_outside);
      end
      cfg_flit_valid_o <= sends;
      bad_stage_event_o <= bad_stage;
      bad_input_event_o <= bad_input;

      // Queue.
      front     = queue[head];
      conn_addr = front.conn[ConnW-1:0];
      if (!h_valid && used != 0) begin
        h         = front;
        h_valid   = 1'b1;
        read_conn = !front.cfg;
        head      = head + 1'b1;
        used      = used - 1'b1;
      end
      if (in_valid_i) begin
        `LHW_ASSERT(QueueRoom, used < (DepthW + 1)'(Depth), "A flit came although the queue was not ready for it.")
        queue[tail] = in_flit_i;
        tail        = tail + 1'b1;
        used        = used + 1'b1;
      end
      in_ready_o <= used <= (DepthW + 1)'(Depth - 2);

      // Configuration, second cycle.
      if (cfg_pending) begin
        if (cfg_addr_i[22]) begin
          merged = acc_word_o;
          first = LaneW'({cfg_addr_i[PartW-1:0], 2'd0});
          for (int i = 0; i < 4; i++) begin
            cfg_rdata_o[8*i+:8]        <= acc_word_o[first+LaneW'(i)];
            merged[first+LaneW'(i)] = cfg_data_i[8*i+:8];
          end
          store_syn = cfg_write_i;
        end else if (cfg_addr_i[21:18] == CORE_REGION_CONNECTION) begin
          cfg_rdata_o <= cfg_addr_i[2:0] < 3'd6 ? conn_q[cfg_addr_i[2:0]] : 32'd0;
        end else begin
          case (cfg_addr_i[7:0])
            CORE_CSR_CYC_SYNAPSE: cfg_rdata_o <= cyc_synapse;
            CORE_CSR_CYC_STALL:   cfg_rdata_o <= cyc_stall;
            CORE_CSR_SPIKES_IN:   cfg_rdata_o <= spikes_in;
            CORE_CSR_SYNOPS_LO:   cfg_rdata_o <= synops[31:0];
            default:              cfg_rdata_o <= synops[63:32];
          endcase
        end
      end
      // Configuration, first cycle, and the memories' read ports.
      cfg_pending = cfg_valid_i;
      if (cfg_valid_i) begin
        read_syn  = cfg_addr_i[22];
        read_conn = !cfg_addr_i[22];
        syn_addr  = cfg_addr_i[SynW+PartW-1:PartW];
        conn_addr = cfg_addr_i[ConnW+2:3];
        store_conn = cfg_write_i && !cfg_addr_i[22] && cfg_addr_i[21:18] == CORE_REGION_CONNECTION &&
                     cfg_addr_i[2:0] < 3'd6;
      end
      if (read_syn) acc_word_o <= syn_mem[syn_addr];
      if (read_conn) conn_q = conn_mem[conn_addr];
      if (store_syn) syn_mem[cfg_addr_i[SynW+PartW-1:PartW]] `LHW_STORE merged;
      if (store_conn) conn_mem[conn_addr][cfg_addr_i[2:0]] `LHW_STORE cfg_data_i;

      if (clear_i) begin
        cyc_synapse = '0;
        cyc_stall   = '0;
        spikes_in   = '0;
        synops      = '0;
      end
      active   = used != 0 || h_valid || e_valid || j_valid || r_valid || presents || sends || bad_stage || bad_input ||
               cfg_busy ||
                 cfg_pending;
      awake_o <= active;
      busy_o  <= used != 0 || h_valid || e_valid || j_valid || r_valid || presents || sends || bad_stage || bad_input ||
               cfg_busy;
    end
  end
endmodule
