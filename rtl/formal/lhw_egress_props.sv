/// The output's queue has a place for whatever comes from senders that keep rule 2 of rtl/README.md, what comes in goes
/// out once, whole and in order, and AXI4-Stream's rules are kept: what is offered stays until it is taken.
/// Proved by induction (rtl/formal/egress.sby).
module lhw_egress_props (
  input logic        clk_i,
  input logic        mesh_valid,  // free
  input logic        token_valid,
  input logic        csr_valid,
  input logic [63:0] mesh_flit,
  input logic [63:0] token_flit,
  input logic [63:0] csr_flit,
  input logic        tready,
  input logic        clear,
  input logic        watch        // free: the flit that comes now is the one that is watched
);
  logic        started = 1'b0;
  logic        mesh_could, local_could;  // ready at the last edge
  logic        mesh_ready, local_ready, tvalid, empty;
  logic [63:0] tdata;
  logic [31:0] flits_out, counted;
  logic        refused = 1'b0;  // offered and not taken at the last edge
  logic [63:0] offered;

  logic        comes, leaves;
  logic [63:0] flit;
  logic [3:0]  held;            // flits inside now, the one that is offered included
  logic [3:0]  expected;        // so many must be inside: as many as came and did not leave
  logic        watching;
  logic [3:0]  ahead;           // flits that must leave before the watched one
  logic [63:0] watched;
  logic        was_full = 1'b0; // six waited while something was watched: more cannot

  lhw_egress u_egress (
    .clk_i, .rst_ni(started), .clear_i(clear),
    .mesh_valid_i(mesh_valid), .mesh_flit_i(mesh_flit), .mesh_ready_o(mesh_ready),
    .token_valid_i(token_valid), .token_flit_i(token_flit),
    .csr_valid_i(csr_valid), .csr_flit_i(csr_flit), .local_ready_o(local_ready),
    .m_axis_tdata(tdata), .m_axis_tvalid(tvalid), .m_axis_tready(tready),
    .empty_o(empty), .flits_out_o(flits_out)
  );

  assign comes  = mesh_valid || token_valid || csr_valid;
  assign flit   = mesh_valid ? mesh_flit : token_valid ? token_flit : csr_flit;
  assign leaves = tvalid && tready;
  assign held   = u_egress.count + 4'(tvalid);

  always_ff @(posedge clk_i) begin
    started     <= 1'b1;
    mesh_could  <= started && mesh_ready;
    local_could <= started && local_ready;
    refused     <= started && tvalid && !tready;
    offered     <= tdata;
    if (!started) begin
      counted  <= '0;
      expected <= '0;
      watching <= 1'b0;
    end else begin
      assume (!mesh_valid || mesh_could);
      assume (!(token_valid || csr_valid) || local_could);
      assume ($countones({mesh_valid, token_valid, csr_valid}) <= 1);

      // There is room.
      assert (u_egress.count <= 4'd8);
      assert (!(mesh_ready || local_ready) || u_egress.count <= 4'd4);
      assert (!(mesh_could || local_could) || u_egress.count <= 4'd5);
      // `empty` is said when nothing is held, and only then.
      assert (empty == (held == '0));
      // AXI4-Stream: an offer stays.
      assert (!refused || (tvalid && tdata == offered));

      // As many flits are inside as came and did not leave: none is lost, none is made.
      expected <= expected + 4'(comes) - 4'(leaves);
      assert (held == expected);
      // Nothing waits in the queue while the output is free.
      assert (tvalid || u_egress.count == '0);

      // Whatever flit is watched leaves whole, when exactly those have left that were ahead of it.
      if (watching) begin
        assert (ahead < held);
        if (ahead == '0) assert (tdata == watched);
        else             assert (u_egress.queue[3'(u_egress.first + 3'(ahead) - 3'd1)] == watched);
        if (leaves) begin
          ahead    <= ahead - 4'd1;
          watching <= ahead != '0;
        end
        if (u_egress.count == 4'd6) was_full <= 1'b1;
      end else if (comes && watch) begin
        watching <= 1'b1;
        watched  <= flit;
        ahead    <= held - 4'(leaves);
        was_full <= 1'b0;
      end

      // FLITS_OUT counts the events of the mesh, and nothing else.
      if (clear)                             counted <= '0;
      else if (mesh_valid && !mesh_flit[63]) counted <= counted + 32'd1;
      assert (flits_out == counted);

      cover (watching && was_full && ahead == '0 && leaves);  // the watched flit leaves after six waited
      cover (comes && leaves && u_egress.count == '0);        // one comes and takes the place of the one that leaves
    end
  end
endmodule
