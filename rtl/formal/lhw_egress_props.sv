/// The output's queue has a place for whatever comes from senders that keep rule 2 of rtl/README.md, and AXI4-Stream's rules
/// are kept: what is offered stays until it is taken. Proved by induction (rtl/formal/egress.sby).
module lhw_egress_props (
  input logic        clk_i,
  input logic        mesh_valid,  // free
  input logic        token_valid,
  input logic        csr_valid,
  input logic [63:0] mesh_flit,
  input logic [63:0] token_flit,
  input logic [63:0] csr_flit,
  input logic        tready
);
  logic        started = 1'b0;
  logic        mesh_could, local_could;  // ready at the last edge
  logic        mesh_ready, local_ready, tvalid, empty;
  logic [63:0] tdata;
  logic [31:0] flits_out;
  logic        refused = 1'b0;  // offered and not taken at the last edge
  logic [63:0] offered;

  lhw_egress u_egress (
    .clk_i, .rst_ni(started), .clear_i(1'b0),
    .mesh_valid_i(mesh_valid), .mesh_flit_i(mesh_flit), .mesh_ready_o(mesh_ready),
    .token_valid_i(token_valid), .token_flit_i(token_flit),
    .csr_valid_i(csr_valid), .csr_flit_i(csr_flit), .local_ready_o(local_ready),
    .m_axis_tdata(tdata), .m_axis_tvalid(tvalid), .m_axis_tready(tready),
    .empty_o(empty), .flits_out_o(flits_out)
  );

  logic unused;
  assign unused = ^flits_out;

  always_ff @(posedge clk_i) begin
    started     <= 1'b1;
    mesh_could  <= started && mesh_ready;
    local_could <= started && local_ready;
    refused     <= started && tvalid && !tready;
    offered     <= tdata;
    if (started) begin
      assume (!mesh_valid || mesh_could);
      assume (!(token_valid || csr_valid) || local_could);
      assume ($countones({mesh_valid, token_valid, csr_valid}) <= 1);
      assert (u_egress.count <= 4'd8);
      assert (!(mesh_ready || local_ready) || u_egress.count <= 4'd4);
      assert (!(mesh_could || local_could) || u_egress.count <= 4'd5);
      assert (!empty || (u_egress.count == '0 && !tvalid));
      assert (!refused || (tvalid && tdata == offered));
    end
  end
endmodule
