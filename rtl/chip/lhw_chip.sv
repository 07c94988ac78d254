`include "lhw_assert.svh"

/// The chip: a mesh of tiles, and the host port at the west side of tile (0, 0).
///
/// Wiring only. Behaviour is defined in docs/chip.md, the rules of the links in rtl/README.md. All inputs are sampled
/// and all outputs driven by registers, so that a simulator may evaluate the chip once a cycle.
module lhw_chip #(
  parameter int unsigned MeshX       = 1,
  parameter int unsigned MeshY       = 1,
  parameter int unsigned Lanes       = 8,
  parameter int unsigned Word        = 64,
  parameter int unsigned Neurons     = 64,
  parameter int unsigned StateLines  = 64,
  parameter int unsigned AccGroups   = 16,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 512,
  parameter int unsigned UcodeWords  = 128,
  parameter int unsigned ConstWords  = 64,
  parameter int unsigned Populations = 8,
  parameter int unsigned Connections = 16,
  parameter int unsigned Routes      = 16,
  parameter int unsigned QuietLatency = 1,  // cycles until step control knows that a tile rests
  parameter logic [31:0] ConfigId    = '0
) (
  input  logic        clk_i,
  input  logic        rst_ni,          // synchronous
  // Flits from the host and to it: AXI4-Stream.
  input  logic [63:0] s_axis_tdata,
  input  logic        s_axis_tvalid,
  output logic        s_axis_tready,
  output logic [63:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  // Chip registers: AXI4-Lite.
  input  logic [7:0]  s_axil_awaddr,
  input  logic [2:0]  s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [3:0]  s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [1:0]  s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [7:0]  s_axil_araddr,
  input  logic [2:0]  s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0]  s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,
  // For the harness.
  output logic        idle_o,          // nothing more happens without new input; the clock may stop
  output logic [31:0] step_o           // T
);
  localparam int unsigned Tiles = MeshX * MeshY;

  if (MeshX < 1 || MeshX > 8 || MeshY < 1 || MeshY > 7) begin : gen_bad_mesh
    $error("The mesh must be 1 to 8 tiles wide and 1 to 7 tiles high.");
  end
  if (Word != 8 * Lanes || (Lanes != 8 && Lanes != 16 && Lanes != 32)) begin : gen_bad_lanes
    $error("Lanes must be 8, 16 or 32, and Word eight times as much.");
  end
  if (Neurons % Lanes != 0 || Neurons / Lanes > StateLines) begin : gen_bad_neurons
    $error("Neurons must be a multiple of Lanes, with a state line for each group.");
  end

  logic [Tiles-1:0]   tile_busy;
  logic [4*Tiles-1:0] tile_faults;
  logic [Tiles:0]     sends, receives;  // into the mesh and out of it; the last is the host port
  logic [Tiles-1:0]   dropped;          // by its router
  logic               quiet, go, clear, counts, host_awake;
  logic [3:0]         stage;
  logic [63:0]        cycles;
  logic               host_in_valid, host_in_ready, host_out_valid, host_out_ready;
  logic [63:0]        host_in_flit, host_out_flit;

  lhw_host #(
    .MeshX(MeshX), .MeshY(MeshY), .Lanes(Lanes), .Word(Word), .QuietLatency(QuietLatency), .ConfigId(ConfigId)
  ) u_host (
    .clk_i, .rst_ni,
    .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
    .m_axis_tdata, .m_axis_tvalid, .m_axis_tready,
    .s_axil_awaddr, .s_axil_awprot, .s_axil_awvalid, .s_axil_awready,
    .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
    .s_axil_bresp, .s_axil_bvalid, .s_axil_bready,
    .s_axil_araddr, .s_axil_arprot, .s_axil_arvalid, .s_axil_arready,
    .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
    .mesh_valid_o (host_in_valid),
    .mesh_flit_o  (host_in_flit),
    .mesh_ready_i (host_in_ready),
    .mesh_valid_i (host_out_valid),
    .mesh_flit_i  (host_out_flit),
    .mesh_ready_o (host_out_ready),
    .tile_busy_i  (tile_busy),
    .tile_faults_i(tile_faults),
    .go_o         (go),
    .stage_o      (stage),
    .step_o,
    .clear_o      (clear),
    .counts_o     (counts),
    .cycles_i     (cycles),
    .idle_o,
    .awake_o      (host_awake),
    .quiet_o      (quiet)
  );

  lhw_cycles u_cycles (
    .clk_i, .rst_ni,
    .clear_i (clear),
    .counts_i(counts),
    .cycles_o(cycles)
  );

  logic unused_host_awake;  // for simulators that leave out what sleeps
  assign unused_host_awake = host_awake;

  assign sends[Tiles]    = host_in_valid;
  assign receives[Tiles] = host_out_valid;

  lhw_flit_check #(.Ends(Tiles + 1)) u_flit_check (
    .clk_i, .rst_ni,
    .sends_i   (sends),
    .receives_i(receives),
    .quiet_i   (quiet),
    .dropped_i (dropped != '0)
  );

  // Tile (x, y). Each link is a net of its own in the scope of the tile that drives it (never a slice of an array:
  // that would cost the simulation a copy of all links a cycle); a tile reads its neighbours' nets.
  for (genvar y = 0; y < int'(MeshY); y++) begin : gen_y
    for (genvar x = 0; x < int'(MeshX); x++) begin : gen_x
      localparam int unsigned Tile = y * MeshX + x;

      // Driven by this tile: valid and flit of what goes out, ready for what comes in, by side.
      logic        n_out_valid, e_out_valid, s_out_valid, w_out_valid;
      logic [63:0] n_out_flit, e_out_flit, s_out_flit, w_out_flit;
      logic        n_in_ready, e_in_ready, s_in_ready, w_in_ready;
      // Driven by the neighbours.
      logic        n_in_valid, e_in_valid, s_in_valid, w_in_valid;
      logic [63:0] n_in_flit, e_in_flit, s_in_flit, w_in_flit;
      logic        n_out_ready, e_out_ready, s_out_ready, w_out_ready;
      logic awake, routing;  // for simulators that leave out a tile that sleeps, and links that rest
      logic unused_awake;
      assign unused_awake = awake | routing;
      assign dropped[Tile] = tile_faults[4*Tile+1];

      if (y > 0) begin : gen_north
        assign n_in_valid  = gen_y[y-1].gen_x[x].s_out_valid;
        assign n_in_flit   = gen_y[y-1].gen_x[x].s_out_flit;
        assign n_out_ready = gen_y[y-1].gen_x[x].s_in_ready;
      end else begin : gen_north_edge
        logic unused;
        assign unused = ^{n_out_valid, n_out_flit, n_in_ready};
        assign {n_in_valid, n_in_flit, n_out_ready} = '0;
      end
      if (x < int'(MeshX) - 1) begin : gen_east
        assign e_in_valid  = gen_y[y].gen_x[x+1].w_out_valid;
        assign e_in_flit   = gen_y[y].gen_x[x+1].w_out_flit;
        assign e_out_ready = gen_y[y].gen_x[x+1].w_in_ready;
      end else begin : gen_east_edge
        logic unused;
        assign unused = ^{e_out_valid, e_out_flit, e_in_ready};
        assign {e_in_valid, e_in_flit, e_out_ready} = '0;
      end
      if (y < int'(MeshY) - 1) begin : gen_south
        assign s_in_valid  = gen_y[y+1].gen_x[x].n_out_valid;
        assign s_in_flit   = gen_y[y+1].gen_x[x].n_out_flit;
        assign s_out_ready = gen_y[y+1].gen_x[x].n_in_ready;
      end else begin : gen_south_edge
        logic unused;
        assign unused = ^{s_out_valid, s_out_flit, s_in_ready};
        assign {s_in_valid, s_in_flit, s_out_ready} = '0;
      end
      if (x > 0) begin : gen_west
        assign w_in_valid  = gen_y[y].gen_x[x-1].e_out_valid;
        assign w_in_flit   = gen_y[y].gen_x[x-1].e_out_flit;
        assign w_out_ready = gen_y[y].gen_x[x-1].e_in_ready;
      end else if (y == 0) begin : gen_host
        assign w_in_valid     = host_in_valid;
        assign w_in_flit      = host_in_flit;
        assign w_out_ready    = host_out_ready;
        assign host_in_ready  = w_in_ready;
        assign host_out_valid = w_out_valid;
        assign host_out_flit  = w_out_flit;
      end else begin : gen_west_edge
        logic unused;
        assign unused = ^{w_out_valid, w_out_flit, w_in_ready};
        assign {w_in_valid, w_in_flit, w_out_ready} = '0;
      end

      lhw_tile #(
        .MeshX(MeshX), .MeshY(MeshY), .Lanes(Lanes), .Word(Word), .StateLines(StateLines), .AccGroups(AccGroups),
        .DelaySlots(DelaySlots), .SynLines(SynLines), .UcodeWords(UcodeWords), .ConstWords(ConstWords),
        .Populations(Populations), .Connections(Connections), .Routes(Routes)
      ) u_tile (
        .clk_i, .rst_ni,
        .x_i       (3'(x)),
        .y_i       (3'(y)),
        .go_i      (go),
        .stage_i   (stage),
        .step_i    (step_o),
        .clear_i   (clear),
        .n_valid_i(n_in_valid),  .n_flit_i(n_in_flit),  .n_ready_o(n_in_ready),
        .n_valid_o(n_out_valid), .n_flit_o(n_out_flit), .n_ready_i(n_out_ready),
        .e_valid_i(e_in_valid),  .e_flit_i(e_in_flit),  .e_ready_o(e_in_ready),
        .e_valid_o(e_out_valid), .e_flit_o(e_out_flit), .e_ready_i(e_out_ready),
        .s_valid_i(s_in_valid),  .s_flit_i(s_in_flit),  .s_ready_o(s_in_ready),
        .s_valid_o(s_out_valid), .s_flit_o(s_out_flit), .s_ready_i(s_out_ready),
        .w_valid_i(w_in_valid),  .w_flit_i(w_in_flit),  .w_ready_o(w_in_ready),
        .w_valid_o(w_out_valid), .w_flit_o(w_out_flit), .w_ready_i(w_out_ready),
        .busy_o    (tile_busy[Tile]),
        .awake_o   (awake),
        .routing_o (routing),
        .faults_o  (tile_faults[4*Tile+:4]),
        .sends_o   (sends[Tile]),
        .receives_o(receives[Tile])
      );
    end
  end
endmodule
