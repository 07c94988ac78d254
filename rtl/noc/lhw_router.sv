`include "lhw_assert.svh"

/// Router of one tile: five ports, dimension order, one cycle a hop, one flit a cycle and port.
///
/// It neither copies nor drops flits, except those of its own core for a core or an egress port that is not there: these
/// end here and raise stage_event_o. Links follow the rules of rtl/README.md; a flit passes an empty queue in the cycle in
/// which it arrives. Flits of one input to one output keep their order.
module lhw_router #(
  parameter int unsigned MeshX = 1,
  parameter int unsigned MeshY = 1
) (
  input  logic        clk_i,
  input  logic        rst_ni,     // synchronous
  input  logic [2:0]  x_i,        // its place
  input  logic [2:0]  y_i,
  input  logic        clear_i,    // pulse: forget the fault
  input  logic        l_valid_i,  // from the core
  input  logic [63:0] l_flit_i,
  output logic        l_ready_o,
  output logic        l_valid_o,  // to the core
  output logic [63:0] l_flit_o,
  input  logic        l_ready_i,
  input  logic        n_valid_i,
  input  logic [63:0] n_flit_i,
  output logic        n_ready_o,
  output logic        n_valid_o,
  output logic [63:0] n_flit_o,
  input  logic        n_ready_i,
  input  logic        e_valid_i,
  input  logic [63:0] e_flit_i,
  output logic        e_ready_o,
  output logic        e_valid_o,
  output logic [63:0] e_flit_o,
  input  logic        e_ready_i,
  input  logic        s_valid_i,
  input  logic [63:0] s_flit_i,
  output logic        s_ready_o,
  output logic        s_valid_o,
  output logic [63:0] s_flit_o,
  input  logic        s_ready_i,
  input  logic        w_valid_i,
  input  logic [63:0] w_flit_i,
  output logic        w_ready_o,
  output logic        w_valid_o,
  output logic [63:0] w_flit_o,
  input  logic        w_ready_i,
  output logic        busy_o,     // a flit is held or presented; 0: an edge without inputs changes nothing inside
  output logic        stage_event_o  // the core sent a flit to nowhere; until clear_i
);
  import lhw_noc_pkg::*;

  localparam int unsigned Ports = 5;
  localparam int unsigned Depth = 4;  // of each queue; two places are the slack of the link

  // State that only the process below reads (style C).
  logic [63:0] queue [Ports][Depth];
  logic [1:0]  first [Ports];
  logic [2:0]  count [Ports];
  logic [2:0]  last  [Ports];  // per output: the input that was served last

  always_ff @(posedge clk_i) begin : router
    logic [4:0]  arrives, ready, requested, held, sends;
    logic [4:0]  requests [Ports];
    logic [63:0] arriving [Ports];
    logic [63:0] head     [Ports];
    logic [63:0] leaving  [Ports];
    logic [2:0]  port, winner;
    logic [4:0]  moves;

    if (!rst_ni) begin
      for (int i = 0; i < Ports; i++) begin
        first[i] = '0;
        count[i] = '0;
        last[i]  = '0;
      end
      {l_valid_o, n_valid_o, e_valid_o, s_valid_o, w_valid_o} <= '0;
      {l_ready_o, n_ready_o, e_ready_o, s_ready_o, w_ready_o} <= '1;
      busy_o        <= 1'b0;
      stage_event_o <= 1'b0;
    end else if (busy_o || clear_i || l_valid_i || n_valid_i || e_valid_i || s_valid_i || w_valid_i) begin
      arrives     = {w_valid_i, s_valid_i, e_valid_i, n_valid_i, l_valid_i};
      ready       = {w_ready_i, s_ready_i, e_ready_i, n_ready_i, l_ready_i};
      arriving[0] = l_flit_i;
      arriving[1] = n_flit_i;
      arriving[2] = e_flit_i;
      arriving[3] = s_flit_i;
      arriving[4] = w_flit_i;
      moves       = '0;
      requested   = '0;
      sends       = '0;
      if (clear_i) stage_event_o <= 1'b0;

      // What each input asks for.
      for (int i = 0; i < Ports; i++) requests[i] = '0;
      for (int i = 0; i < Ports; i++) begin
        head[i] = arriving[i];
        if (arrives[i] || count[i] != '0) begin
          if (count[i] != '0) head[i] = queue[i][first[i]];
          if (i == 0 && !head[0][63] && goes_nowhere(head[0][59], head[0][58:52], MeshX, MeshY)) begin
            moves[i] = 1'b1;
            stage_event_o <= 1'b1;
          end else begin
            port = route(head[i][63:52], x_i, y_i);
            requests[port][i] = 1'b1;
            requested[port]   = 1'b1;
          end
        end
      end

      // Who gets each output.
      for (int o = 0; o < Ports; o++) begin
        leaving[o] = '0;
        if (requested[o] && ready[o]) begin
          winner        = pick(requests[o], last[o]);
          last[o]       = winner;
          leaving[o]    = head[winner];
          moves[winner] = 1'b1;
          sends[o]      = 1'b1;
        end
      end

      `LHW_ASSERT(SendsWithRoom, (sends & ~ready) == '0, "A flit is presented although its receiver was not ready.")
      `LHW_ASSERT(OneWayOut, $countones(moves) == $countones(sends) + 32'(moves[0] && !(requests[0][0] ||
                  requests[1][0] || requests[2][0] || requests[3][0] || requests[4][0])),
                  "A flit leaves through two outputs, or is taken out of its queue and goes nowhere.")

      // What stays. A flit that came and left in this cycle never enters the queue.
      for (int i = 0; i < Ports; i++) begin
        if (arrives[i] && !(moves[i] && count[i] == '0)) begin
          queue[i][first[i] + count[i][1:0]] = arriving[i];
          if (!moves[i]) begin
            `LHW_ASSERT(NoOverflow, count[i] < 3'(Depth), "A flit came to a full queue: a link rule was broken.")
            count[i] = count[i] + 3'd1;
          end else begin
            first[i] = first[i] + 2'd1;
          end
        end else if (moves[i] && count[i] != '0) begin
          first[i] = first[i] + 2'd1;
          count[i] = count[i] - 3'd1;
        end
        held[i] = count[i] != '0;
      end

      l_valid_o <= sends[0];
      n_valid_o <= sends[1];
      e_valid_o <= sends[2];
      s_valid_o <= sends[3];
      w_valid_o <= sends[4];
      if (sends[0]) l_flit_o <= leaving[0];
      if (sends[1]) n_flit_o <= leaving[1];
      if (sends[2]) e_flit_o <= leaving[2];
      if (sends[3]) s_flit_o <= leaving[3];
      if (sends[4]) w_flit_o <= leaving[4];
      l_ready_o <= count[0] <= 3'(Depth - 2);
      n_ready_o <= count[1] <= 3'(Depth - 2);
      e_ready_o <= count[2] <= 3'(Depth - 2);
      s_ready_o <= count[3] <= 3'(Depth - 2);
      w_ready_o <= count[4] <= 3'(Depth - 2);
      busy_o    <= held != '0 || sends != '0;
    end
  end
endmodule
