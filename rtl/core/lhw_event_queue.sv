`include "lhw_assert.svh"

/// Takes flits into a queue, shows the first event, and passes configuration flits on, in order.
///
/// An event leaves the head when the source walk is free after this cycle; a configuration flit when the endpoint has
/// done the one before. Style C.
module lhw_event_queue (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        in_valid_i,
  input  logic [63:0] in_flit_i,
  output logic        in_ready_o,
  output logic        head_valid_o,      // an event
  output lhw_regs_pkg::event_flit_t head_flit_o,
  input  logic        walk_valid_i,      // the stages behind, as registers: held, and whether what is held is the last
  input  logic        walk_last_i,
  input  logic        job_valid_i,
  input  logic        row_free_i,        // the row takes a job in this cycle
  output logic        cfg_flit_valid_o,  // pulse; the next one comes after cfg_done_i
  output logic [63:0] cfg_flit_o,
  input  logic        cfg_done_i,
  output logic        busy_o,
  output logic        awake_o            // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  localparam int unsigned Depth  = 8;
  localparam int unsigned DepthW = $clog2(Depth);

  logic [63:0]       queue_q [Depth];
  logic [DepthW-1:0] first_q, last_q;
  logic [DepthW:0]   used_q;
  logic              held_q, cfg_busy_q, pulse_q;
  event_flit_t       front_q;            // what the head holds

  logic moves, sends;

  always_ff @(posedge clk_i) begin
    // Whether the head may leave: each stage takes when the one behind it is free after this cycle.
    moves = !walk_valid_i ||
            (walk_last_i && (!job_valid_i || row_free_i));
    if (!rst_ni) begin
      first_q    = '0;
      last_q     = '0;
      used_q     = '0;
      held_q     = 1'b0;
      cfg_busy_q = 1'b0;
      pulse_q    = 1'b0;
      in_ready_o       <= 1'b1;
      head_valid_o     <= 1'b0;
      cfg_flit_valid_o <= 1'b0;
      busy_o           <= 1'b0;
      awake_o          <= 1'b0;
    end else if (in_valid_i || pulse_q || cfg_done_i ||
                 (held_q ? front_q.cfg ? !cfg_busy_q : moves : used_q != 0)) begin
      sends = 1'b0;

      // Head: the flit leaves for the endpoint or for the source walk.
      if (cfg_done_i) cfg_busy_q = 1'b0;
      if (held_q && front_q.cfg && !cfg_busy_q) begin
        `LHW_ASSERT(ConfigQuiet, !walk_valid_i && !job_valid_i && row_free_i,
                    "A configuration flit came into a working core.")
        sends      = 1'b1;
        cfg_busy_q = 1'b1;
        held_q     = 1'b0;
        cfg_flit_o <= front_q;
      end else if (held_q && !front_q.cfg && moves) begin
        `LHW_ASSERT(EventsApart, !cfg_busy_q, "An event came before the configuration flits ahead of it were done.")
        held_q = 1'b0;
      end
      cfg_flit_valid_o <= sends;

      // Queue.
      if (!held_q && used_q != 0) begin
        `LHW_ASSERT(HeadStays, !held_q, "The flit at the head is replaced before it has left.")
        front_q = queue_q[first_q];
        held_q  = 1'b1;
        first_q = first_q + 1'b1;
        used_q  = used_q - 1'b1;
        head_flit_o <= front_q;
      end
      head_valid_o <= held_q && !front_q.cfg;
      if (in_valid_i) begin
        `LHW_ASSERT(QueueRoom, used_q < (DepthW + 1)'(Depth), "A flit came although the queue was not ready for it.")
        queue_q[last_q] = in_flit_i;
        last_q          = last_q + 1'b1;
        used_q          = used_q + 1'b1;
      end
      in_ready_o <= used_q <= (DepthW + 1)'(Depth - 2);

      pulse_q = sends;
      busy_o  <= used_q != 0 || held_q || sends || cfg_busy_q;
      awake_o <= used_q != 0 || held_q || sends;
    end
  end
endmodule
