/// The slack of a router's queues is enough: whatever comes, from senders that keep rule 2 of rtl/README.md, finds a place.
///
/// Proved by induction (rtl/formal/queue.sby) for all five inputs and any flits: the assertion NoOverflow of lhw_router, and
/// the invariant below from which it follows.
module lhw_router_queue_props (
  input logic        clk_i,
  input logic [4:0]  valid,  // free
  input logic [11:0] header0, header1, header2, header3, header4,  // bits 63:52 of the flits; nothing depends on others
  input logic [4:0]  ready
);
  logic        started = 1'b0;
  logic [4:0]  could_send;  // ready of the router at the last edge
  logic [4:0]  ready_out, valid_out;
  logic [63:0] out0, out1, out2, out3, out4;
  logic        busy;
  logic        fault;

  lhw_router #(.MeshX(3), .MeshY(3)) u_router (
    .clk_i, .rst_ni(started), .x_i(3'd1), .y_i(3'd1), .clear_i(1'b0),
    .l_valid_i(valid[0]), .l_flit_i({header0, 52'd0}), .l_ready_o(ready_out[0]),
    .l_valid_o(valid_out[0]), .l_flit_o(out0), .l_ready_i(ready[0]),
    .n_valid_i(valid[1]), .n_flit_i({header1, 52'd0}), .n_ready_o(ready_out[1]),
    .n_valid_o(valid_out[1]), .n_flit_o(out1), .n_ready_i(ready[1]),
    .e_valid_i(valid[2]), .e_flit_i({header2, 52'd0}), .e_ready_o(ready_out[2]),
    .e_valid_o(valid_out[2]), .e_flit_o(out2), .e_ready_i(ready[2]),
    .s_valid_i(valid[3]), .s_flit_i({header3, 52'd0}), .s_ready_o(ready_out[3]),
    .s_valid_o(valid_out[3]), .s_flit_o(out3), .s_ready_i(ready[3]),
    .w_valid_i(valid[4]), .w_flit_i({header4, 52'd0}), .w_ready_o(ready_out[4]),
    .w_valid_o(valid_out[4]), .w_flit_o(out4), .w_ready_i(ready[4]),
    .busy_o(busy), .stage_event_o(fault)
  );

  logic unused;
  assign unused = ^{out0, out1, out2, out3, out4, fault};

  always_ff @(posedge clk_i) begin
    started    <= 1'b1;
    could_send <= started ? ready_out : '0;
    if (started) begin
      assume ((valid & ~could_send) == '0);
      for (int unsigned i = 0; i < 5; i++) begin
        // Places that are left: two while ready is 1, one while it was 1 at the last edge.
        assert (u_router.count[i] <= 3'd4);
        assert (!ready_out[i] || u_router.count[i] <= 3'd2);
        assert (!could_send[i] || u_router.count[i] <= 3'd3);
        // The process is asleep only when it holds nothing and presents nothing.
        assert (busy || (u_router.count[i] == '0 && valid_out == '0));
      end
    end
  end
endmodule
