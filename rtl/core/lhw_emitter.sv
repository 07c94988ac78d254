`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Queue of emissions and their routes; owns the core's output link.
///
/// For the emission at the head: one route a cycle is read (first cycle) and, if channel and group match, one flit a
/// cycle is sent (second cycle): one for a mask, one per lane for graded values. Responses of the configuration
/// endpoint leave here too, since they come only while the core rests. Style C.
module lhw_emitter #(
  parameter int unsigned Lanes  = 8,
  parameter int unsigned Routes = 32,
  parameter int unsigned Depth  = 4             // emissions; the sequencer counts the free places
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        emit_valid_i,
  input  logic        emit_graded_i,
  input  logic        emit_negative_i,
  input  logic [2:0]  emit_channel_i,
  input  logic [11:0] emit_group_i,
  input  logic [Lanes-1:0] emit_lanes_i,
  input  logic [31:0] emit_data_i [Lanes],
  input  logic [15:0] route_base_i,             // of the population that emits
  input  logic [11:0] route_count_i,
  output logic        credit_o,                 // pulse: a place is free again
  input  logic        rsp_valid_i,              // pulse, only after rsp_ready_o
  input  logic [63:0] rsp_flit_i,
  output logic        rsp_ready_o,
  output logic        out_valid_o,
  output logic [63:0] out_flit_o,
  input  logic        out_ready_i,
  input  logic        cfg_valid_i,              // access to routes or SPIKES_OUT
  input  logic        cfg_write_i,
  input  logic [21:0] cfg_addr_i,
  input  logic [31:0] cfg_data_i,
  output logic [31:0] cfg_rdata_o,              // two cycles after the access
  output logic        busy_o,
  output logic        awake_o          // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  localparam int unsigned RouteW = Routes > 1 ? $clog2(Routes) : 1;
  localparam int unsigned LaneW  = $clog2(Lanes);
  localparam int unsigned DepthW = $clog2(Depth);
  localparam int unsigned ShareW = 5 - LaneW;   // groups that share a block of 32 neurons: 2 ** ShareW

  logic [1:0][31:0] route_mem [Routes];
  logic [1:0][31:0] route_q;

  // Queue of emissions.
  logic              graded_q [Depth], negative_q [Depth];
  logic [2:0]        channel_q [Depth];
  logic [11:0]       group_q [Depth];
  logic [Lanes-1:0]  lanes_q [Depth];
  logic [15:0]       base_q [Depth];
  logic [11:0]       count_q [Depth];
  logic [31:0]       data_q [Depth][Lanes];
  logic [DepthW-1:0] head_q, tail_q;
  logic [DepthW:0]   used_q;
  logic [11:0]       next_route_q;              // of the head

  // Route that is tried, with the lanes that it still has to send.
  logic             t_valid_q, t_last_q;
  logic [Lanes-1:0] t_lanes_q;

  logic        rsp_held_q, cfg_pending_q, active_q;
  logic [63:0] rsp_q;
  logic [31:0] spikes_out_q;

  logic             sends, frees, read_route, hits, done;
  logic [Lanes-1:0] lowest;
  route0_t          r0;
  route1_t          r1;
  event_flit_t      flit;
  logic [11:0]      group;
  logic [4:0]       offset;                     // of the group in its block of 32
  logic [LaneW-1:0] lane;
  logic [RouteW-1:0] route_addr;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      head_q        = '0;
      tail_q        = '0;
      used_q        = '0;
      next_route_q  = '0;
      t_valid_q     = 1'b0;
      rsp_held_q    = 1'b0;
      cfg_pending_q = 1'b0;
      active_q      = 1'b0;
      spikes_out_q  = '0;
      credit_o    <= 1'b0;
      rsp_ready_o <= 1'b1;
      out_valid_o <= 1'b0;
      busy_o      <= 1'b0;
      awake_o     <= 1'b0;
    end else if (active_q || emit_valid_i || rsp_valid_i || cfg_valid_i || clear_i) begin
      `LHW_ASSERT(ConfigAtRest, !cfg_valid_i || used_q == 0, "Configuration came while an emission is held.")
      sends      = 1'b0;
      frees      = 1'b0;
      read_route = 1'b0;
      group      = group_q[head_q];

      // Second cycle: does the route take the emission, and can a flit leave?
      if (t_valid_q) begin
        `LHW_ASSERT(TriedIsHeld, used_q != 0, "A route is tried for an emission that is not there.")
        r0   = route_q[0];
        r1   = route_q[1];
        hits = r0.channel == channel_q[head_q] && group >= r0.first && 13'(group) < 13'(r0.first) + 13'(r0.groups);
        done = !hits;
        if (hits && out_ready_i) begin
          sends       = 1'b1;
          flit.cfg    = 1'b0;
          flit.egress = r1.egress;
          flit.dest   = r1.dest;
          flit.conn   = r1.conn;
          if (graded_q[head_q]) begin
            lowest = t_lanes_q & (~t_lanes_q + 1'b1);
            lane   = '0;
            for (int l = 0; l < Lanes; l++) if (lowest[l]) lane = lane | LaneW'(l);
            flit.kind    = FLIT_TYPE_GRADED;
            flit.index   = 12'(32'(group) * Lanes) + 12'(lane) + {r1.index_base[6:0], 5'd0};
            flit.payload = data_q[head_q][lane];
            t_lanes_q    = t_lanes_q & ~lowest;
            done         = t_lanes_q == 0;
          end else begin
            offset       = 5'(32'(group) * Lanes);
            flit.kind    = negative_q[head_q] ? FLIT_TYPE_MASK_NEG : FLIT_TYPE_MASK_POS;
            flit.index   = (group >> ShareW) + r1.index_base;
            flit.payload = 32'(t_lanes_q) << offset;
            done         = 1'b1;
          end
        end
        if (done) begin
          `LHW_ASSERT(AllLanes, !hits || !graded_q[head_q] || t_lanes_q == 0,
                      "A route is left although values of the emission were not sent.")
          t_valid_q = 1'b0;
          frees     = t_last_q;
        end
      end
      if (rsp_held_q && !sends && !t_valid_q && out_ready_i) begin
        sends      = 1'b1;
        flit       = rsp_q;
        rsp_held_q = 1'b0;
      end
      `LHW_ASSERT(SendsWithRoom, !sends || out_ready_i, "A flit is presented although the link was not ready.")
      out_valid_o <= sends;
      if (sends) out_flit_o <= flit;
      if (frees) begin
        head_q       = head_q + 1'b1;
        used_q       = used_q - 1'b1;
        next_route_q = '0;
      end

      // First cycle: the next route of the head; an emission with nothing to send only frees its place.
      route_addr = RouteW'(base_q[head_q]) + RouteW'(next_route_q);
      if (!t_valid_q && used_q != 0) begin
        if (lanes_q[head_q] == 0 || count_q[head_q] == 0) begin
          if (!frees) begin
            frees  = 1'b1;
            head_q = head_q + 1'b1;
            used_q = used_q - 1'b1;
          end
        end else begin
          read_route   = 1'b1;
          t_valid_q    = 1'b1;
          t_lanes_q    = lanes_q[head_q];
          next_route_q = next_route_q + 1'b1;
          t_last_q     = next_route_q == count_q[head_q];
        end
      end
      credit_o <= frees;

      if (emit_valid_i) begin
        `LHW_ASSERT(QueueRoom, used_q < (DepthW + 1)'(Depth), "An emission came although the queue is full.")
        graded_q[tail_q]   = emit_graded_i;
        negative_q[tail_q] = emit_negative_i;
        channel_q[tail_q]  = emit_channel_i;
        group_q[tail_q]    = emit_group_i;
        lanes_q[tail_q]    = emit_lanes_i;
        base_q[tail_q]     = route_base_i;
        count_q[tail_q]    = route_count_i;
        if (emit_graded_i) data_q[tail_q] `LHW_STORE emit_data_i;
        tail_q       = tail_q + 1'b1;
        used_q       = used_q + 1'b1;
        spikes_out_q = spikes_out_q + 32'($countones(emit_lanes_i));
      end
      if (rsp_valid_i) begin
        `LHW_ASSERT(ResponseRoom, !rsp_held_q, "A response came before the one ahead of it was sent.")
        rsp_q      = rsp_flit_i;
        rsp_held_q = 1'b1;
      end
      rsp_ready_o <= !rsp_held_q;

      // Configuration: second cycle, then first.
      if (cfg_pending_q) begin
        cfg_rdata_o <= cfg_addr_i[21:18] == CORE_REGION_ROUTE ? route_q[cfg_addr_i[0]] : spikes_out_q;
      end
      cfg_pending_q = cfg_valid_i;
      if (cfg_valid_i) begin
        read_route = 1'b1;
        route_addr = cfg_addr_i[RouteW:1];
      end
      if (read_route) route_q = route_mem[route_addr];
      if (cfg_valid_i && cfg_write_i && cfg_addr_i[21:18] == CORE_REGION_ROUTE)
        route_mem[route_addr][cfg_addr_i[0]] `LHW_STORE cfg_data_i;
      if (clear_i) spikes_out_q = '0;

      active_q  = used_q != 0 || t_valid_q || rsp_held_q || sends || frees || cfg_pending_q;
      awake_o  <= active_q;
      busy_o   <= used_q != 0 || t_valid_q || rsp_held_q || sends;
    end
  end
endmodule
