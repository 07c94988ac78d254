`include "lhw_assert.svh"

/// The chip: a mesh of cores and routers, and the host port at the west side of tile (0, 0).
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

  logic [Tiles-1:0]   core_busy, router_busy;
  logic [8*Tiles-1:0] tile_faults;
  logic [Tiles:0]     sends, receives;  // into the mesh and out of it; the last is the host port
  logic               quiet, ingress_busy, csr_busy;

  logic        go, clear, paused, faulted;
  logic [3:0]  stage;
  logic [7:0]  ingress_fault, csr_fault, fault_code;
  logic [31:0] limit, cycles_wait, flits_in, flits_out;
  logic [63:0] cycles;

  logic        host_in_valid, host_in_ready, host_out_valid, host_out_ready;
  logic [63:0] host_in_flit, host_out_flit;
  logic        request_valid, response_valid, token_out_valid, local_ready;
  logic [63:0] request_flit, response_flit, token_out_flit;
  logic        token_valid, token_take, config_waits;
  logic [7:0]  token_code;
  logic [11:0] token_stage;
  logic [31:0] token_step;
  logic        ingress_empty, egress_empty;
  logic [4:0]  stages;
  logic [15:0] needs_close, needs_end;

  // Every term is a register that is set from the cycle on in which its owner holds or presents anything; whatever is
  // handed over is busy at one end or the other in every cycle.
  assign quiet = core_busy == '0 && router_busy == '0 && !ingress_busy && !csr_busy;

  lhw_ingress #(.MeshX(MeshX), .MeshY(MeshY)) u_ingress (
    .clk_i, .rst_ni,
    .clear_i       (clear),
    .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
    .mesh_valid_o  (host_in_valid),
    .mesh_flit_o   (host_in_flit),
    .mesh_ready_i  (host_in_ready),
    .csr_valid_o   (request_valid),
    .csr_flit_o    (request_flit),
    .csr_busy_i    (csr_busy),
    .token_valid_o (token_valid),
    .token_code_o  (token_code),
    .token_stage_o (token_stage),
    .token_step_o  (token_step),
    .token_take_i  (token_take),
    .config_waits_o(config_waits),
    .paused_i      (paused),
    .faulted_i     (faulted),
    .quiet_i       (quiet),
    .busy_o        (ingress_busy),
    .empty_o       (ingress_empty),
    .flits_in_o    (flits_in),
    .fault_o       (ingress_fault)
  );

  lhw_egress u_egress (
    .clk_i, .rst_ni,
    .clear_i      (clear),
    .mesh_valid_i (host_out_valid),
    .mesh_flit_i  (host_out_flit),
    .mesh_ready_o (host_out_ready),
    .token_valid_i(token_out_valid),
    .token_flit_i (token_out_flit),
    .csr_valid_i  (response_valid),
    .csr_flit_i   (response_flit),
    .local_ready_o(local_ready),
    .m_axis_tdata, .m_axis_tvalid, .m_axis_tready,
    .empty_o      (egress_empty),
    .flits_out_o  (flits_out)
  );

  lhw_step_ctrl #(.MeshX(MeshX), .MeshY(MeshY)) u_step_ctrl (
    .clk_i, .rst_ni,
    .quiet_i        (quiet),
    .token_valid_i  (token_valid),
    .token_code_i   (token_code),
    .token_stage_i  (token_stage),
    .token_step_i   (token_step),
    .token_take_o   (token_take),
    .config_waits_i (config_waits),
    .stages_i       (stages),
    .needs_close_i  (needs_close),
    .needs_end_i    (needs_end),
    .tile_faults_i  (tile_faults),
    .ingress_fault_i(ingress_fault),
    .csr_fault_i    (csr_fault),
    .go_o           (go),
    .stage_o        (stage),
    .step_o,
    .clear_o        (clear),
    .out_valid_o    (token_out_valid),
    .out_flit_o     (token_out_flit),
    .out_ready_i    (local_ready),
    .paused_o       (paused),
    .faulted_o      (faulted),
    .fault_code_o   (fault_code),
    .limit_o        (limit),
    .cycles_o       (cycles),
    .cycles_wait_o  (cycles_wait),
    .host_valid_i   (s_axis_tvalid),
    .ingress_empty_i(ingress_empty),
    .egress_empty_i (egress_empty),
    .idle_o
  );

  lhw_chip_csr #(.MeshX(MeshX), .MeshY(MeshY), .Lanes(Lanes), .Word(Word), .ConfigId(ConfigId)) u_csr (
    .clk_i, .rst_ni,
    .clear_i      (clear),
    .in_valid_i   (request_valid),
    .in_flit_i    (request_flit),
    .out_valid_o  (response_valid),
    .out_flit_o   (response_flit),
    .out_ready_i  (local_ready),
    .busy_o       (csr_busy),
    .fault_o      (csr_fault),
    .s_axil_awaddr, .s_axil_awprot, .s_axil_awvalid, .s_axil_awready,
    .s_axil_wdata, .s_axil_wstrb, .s_axil_wvalid, .s_axil_wready,
    .s_axil_bresp, .s_axil_bvalid, .s_axil_bready,
    .s_axil_araddr, .s_axil_arprot, .s_axil_arvalid, .s_axil_arready,
    .s_axil_rdata, .s_axil_rresp, .s_axil_rvalid, .s_axil_rready,
    .stages_o     (stages),
    .needs_close_o(needs_close),
    .needs_end_o  (needs_end),
    .paused_i     (paused),
    .idle_i       (idle_o),
    .fault_code_i (fault_code),
    .step_i       (step_o),
    .limit_i      (limit),
    .cycles_i     (cycles),
    .cycles_wait_i(cycles_wait),
    .flits_in_i   (flits_in),
    .flits_out_i  (flits_out)
  );

  assign sends[Tiles]    = host_in_valid;
  assign receives[Tiles] = host_out_valid;

  lhw_flit_check #(.Ends(Tiles + 1)) u_flit_check (
    .clk_i, .rst_ni,
    .sends_i   (sends),
    .receives_i(receives),
    .quiet_i   (quiet),
    .dropped_i (faulted || tile_faults != '0)
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
      // Between router and core.
      logic        to_core_valid, to_core_ready, from_core_valid, from_core_ready;
      logic [63:0] to_core_flit, from_core_flit;
      logic [7:0]  core_fault, router_fault;

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

      lhw_router #(.X(x), .Y(y), .MeshX(MeshX), .MeshY(MeshY)) u_router (
        .clk_i, .rst_ni,
        .clear_i  (clear),
        .l_valid_i(from_core_valid), .l_flit_i(from_core_flit), .l_ready_o(from_core_ready),
        .l_valid_o(to_core_valid),   .l_flit_o(to_core_flit),   .l_ready_i(to_core_ready),
        .n_valid_i(n_in_valid),  .n_flit_i(n_in_flit),  .n_ready_o(n_in_ready),
        .n_valid_o(n_out_valid), .n_flit_o(n_out_flit), .n_ready_i(n_out_ready),
        .e_valid_i(e_in_valid),  .e_flit_i(e_in_flit),  .e_ready_o(e_in_ready),
        .e_valid_o(e_out_valid), .e_flit_o(e_out_flit), .e_ready_i(e_out_ready),
        .s_valid_i(s_in_valid),  .s_flit_i(s_in_flit),  .s_ready_o(s_in_ready),
        .s_valid_o(s_out_valid), .s_flit_o(s_out_flit), .s_ready_i(s_out_ready),
        .w_valid_i(w_in_valid),  .w_flit_i(w_in_flit),  .w_ready_o(w_in_ready),
        .w_valid_o(w_out_valid), .w_flit_o(w_out_flit), .w_ready_i(w_out_ready),
        .busy_o   (router_busy[Tile]),
        .fault_o  (router_fault)
      );

      lhw_core #(
        .CoreId(8 * y + x), .Lanes(Lanes), .Word(Word), .StateLines(StateLines), .AccGroups(AccGroups),
        .DelaySlots(DelaySlots), .SynLines(SynLines), .UcodeWords(UcodeWords), .ConstWords(ConstWords),
        .Populations(Populations), .Connections(Connections), .Routes(Routes)
      ) u_core (
        .clk_i, .rst_ni,
        .in_valid_i (to_core_valid),
        .in_flit_i  (to_core_flit),
        .in_ready_o (to_core_ready),
        .out_valid_o(from_core_valid),
        .out_flit_o (from_core_flit),
        .out_ready_i(from_core_ready),
        .go_i       (go),
        .stage_i    (stage),
        .step_i     (step_o),
        .clear_i    (clear),
        .busy_o     (core_busy[Tile]),
        .fault_o    (core_fault)
      );

      assign sends[Tile]         = from_core_valid;
      assign receives[Tile]      = to_core_valid;
      assign tile_faults[8*Tile+:8] = core_fault != '0 ? core_fault : router_fault;
    end
  end
endmodule
