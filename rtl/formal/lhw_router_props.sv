/// What a router promises to any sender and receiver that keep the rules of rtl/README.md, for two inputs (core and west)
/// and two outputs (core and east): every pair of an input and an output, and both kinds of contest, are among them.
///
/// Checked by rtl/formal/router.sby. Every flit carries the input at which it came in and its number among the flits of
/// that input for that output; so a flit that is lost, doubled, misrouted or overtaken shows at an output.
module lhw_router_props (
  input logic       clk_i,
  input logic [1:0] valid,   // free: the core and the west send something
  input logic [1:0] east,    // free: and that for the east, not for the core
  input logic [1:0] ready    // free: core and east can take something
);
  import lhw_noc_pkg::*;

  localparam int unsigned Numbers = 3;  // bits of a number
  localparam logic [11:0] ForCore = {1'b0, 3'd2, 1'b0, 7'd9};   // graded events for core 9, which is tile (1, 1),
  localparam logic [11:0] ForEast = {1'b0, 3'd2, 1'b0, 7'd10};  // and for core 10, east of it

  logic               started = 1'b0;
  logic [1:0]         could_send, could_take;  // ready at the last edge: of the router, of the receivers
  logic               l_ready, w_ready, l_valid, e_valid, busy;
  logic [63:0]        l_in, w_in, l_out, e_out;
  logic [2:0]         idle_valid, idle_ready;
  logic [191:0]       idle_flit;
  logic               fault;
  logic [Numbers-1:0] next_in [4], next_out [4];  // number of the next flit, by {input, output}

  logic unused;
  assign unused = ^{l_out[51:4], e_out[51:4], idle_ready, idle_flit};

  assign l_in = {east[0] ? ForEast : ForCore, 48'd0, 1'b0, next_in[{1'b0, east[0]}]};
  assign w_in = {east[1] ? ForEast : ForCore, 48'd0, 1'b1, next_in[{1'b1, east[1]}]};

  lhw_router #(.MeshX(3), .MeshY(3)) u_router (
    .clk_i, .rst_ni(started), .x_i(3'd1), .y_i(3'd1), .clear_i(1'b0),
    .l_valid_i(valid[0]), .l_flit_i(l_in), .l_ready_o(l_ready),
    .l_valid_o(l_valid), .l_flit_o(l_out), .l_ready_i(ready[0]),
    .n_valid_i(1'b0), .n_flit_i('0), .n_ready_o(idle_ready[0]),
    .n_valid_o(idle_valid[0]), .n_flit_o(idle_flit[63:0]), .n_ready_i(1'b1),
    .e_valid_i(1'b0), .e_flit_i('0), .e_ready_o(idle_ready[1]),
    .e_valid_o(e_valid), .e_flit_o(e_out), .e_ready_i(ready[1]),
    .s_valid_i(1'b0), .s_flit_i('0), .s_ready_o(idle_ready[2]),
    .s_valid_o(idle_valid[1]), .s_flit_o(idle_flit[127:64]), .s_ready_i(1'b1),
    .w_valid_i(valid[1]), .w_flit_i(w_in), .w_ready_o(w_ready),
    .w_valid_o(idle_valid[2]), .w_flit_o(idle_flit[191:128]), .w_ready_i(1'b1),
    .busy_o(busy), .stage_event_o(fault)
  );

  always_ff @(posedge clk_i) begin
    started    <= 1'b1;
    could_send <= started ? {w_ready, l_ready} : '0;
    could_take <= started ? ready : '0;
    if (!started) begin
      for (int unsigned i = 0; i < 4; i++) begin
        next_in[2'(i)]  <= '0;
        next_out[2'(i)] <= '0;
      end
    end else begin
      // Rule 2 binds the senders.
      assume ((valid & ~could_send) == '0);
      if (valid[0]) next_in[{1'b0, east[0]}] <= next_in[{1'b0, east[0]}] + Numbers'(1);
      if (valid[1]) next_in[{1'b1, east[1]}] <= next_in[{1'b1, east[1]}] + Numbers'(1);

      if (l_valid) begin
        assert (could_take[0]);
        assert (l_out[63:52] == ForCore);
        assert (l_out[2:0] == next_out[{l_out[3], 1'b0}]);
        next_out[{l_out[3], 1'b0}] <= next_out[{l_out[3], 1'b0}] + Numbers'(1);
      end
      if (e_valid) begin
        assert (could_take[1]);
        assert (e_out[63:52] == ForEast);
        assert (e_out[2:0] == next_out[{e_out[3], 1'b1}]);
        next_out[{e_out[3], 1'b1}] <= next_out[{e_out[3], 1'b1}] + Numbers'(1);
      end
      assert (idle_valid == '0);
      assert (!fault);
      assert (busy || !(l_valid || e_valid));
      // At rest, all that came in went out.
      if (!busy && valid == '0) begin
        for (int unsigned i = 0; i < 4; i++) assert (next_in[2'(i)] == next_out[2'(i)]);
      end
    end
  end
endmodule
