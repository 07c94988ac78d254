/// The chip's side of the host port: input, output, step control and registers; wiring only.
///
/// It sees of each tile whether it is busy and which faults it met, and drives GO and clear for all of them; flits go to
/// and come from the west side of tile (0, 0).
///
/// While a stage is in progress and nothing comes in, nothing changes here, and awake_o says so: a simulator may leave
/// such cycles out. What counts them is outside (lhw_cycles).
module lhw_host #(
  parameter int unsigned MeshX    = 1,
  parameter int unsigned MeshY    = 1,
  parameter int unsigned Lanes    = 8,
  parameter int unsigned Word     = 64,
  parameter int unsigned QuietLatency = 1,  // cycles until it is known here that a tile rests
  parameter logic [31:0] ConfigId = '0,
  localparam int unsigned Tiles   = MeshX * MeshY
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
  // Link to the router of tile (0, 0), and back.
  output logic        mesh_valid_o,
  output logic [63:0] mesh_flit_o,
  input  logic        mesh_ready_i,
  input  logic        mesh_valid_i,
  input  logic [63:0] mesh_flit_i,
  output logic        mesh_ready_o,
  // From the tiles; tile (x, y) is number y * MeshX + x.
  input  logic [Tiles-1:0]   tile_busy_i,
  input  logic [4*Tiles-1:0] tile_faults_i,  // of each: {bad_address, input_event, stage_event, bad_opcode}
  // To all tiles.
  output logic        go_o,            // pulse: run stage stage_o of step step_o
  output logic [3:0]  stage_o,
  output logic [31:0] step_o,          // T
  output logic        clear_o,         // pulse: RESET takes effect
  // The counter of cycles.
  output logic        counts_o,        // a stage is in progress
  input  logic [63:0] cycles_i,
  // For the harness, and for lhw_flit_check.
  output logic        idle_o,          // nothing more happens without new input; the clock may stop
  output logic        awake_o,         // 0: an edge changes nothing unless a flit comes or a tile says something new
  output logic        quiet_o          // nothing is held or under way but to the host
);
  logic        ingress_busy, csr_busy, paused, faulted, hands_over, input_pending, quiet_awake;
  logic [7:0]  ingress_fault, csr_fault, stage_fault, input_fault, fault_code;
  logic [5:0]  stage_fault_core, input_fault_core;
  logic [31:0] limit, cycles_wait, flits_in, flits_out;
  logic        request_valid, response_valid, token_out_valid, local_ready;
  logic [63:0] request_flit, response_flit, token_out_flit;
  logic        token_valid, token_take, config_waits;
  logic [7:0]  token_code;
  logic [11:0] token_stage;
  logic [31:0] token_step;
  logic        ingress_empty, egress_empty;
  logic [4:0]  stages;
  logic [15:0] needs_close, needs_end;

  // Registers of those who hand something over, set in each cycle in which they do.
  assign hands_over    = ingress_busy || csr_busy || go_o || clear_o;
  // It rests only in a stage: step control waits for quiet, the ingress for a flit or until its token is taken, and the
  // registers have neither a request nor an answer, nor both halves of a write.
  assign awake_o       = !counts_o || quiet_o || quiet_awake || !(token_valid || ingress_empty) || !egress_empty ||
                         s_axil_rvalid || !(s_axil_awready || s_axil_wready);
  assign input_pending = ingress_fault != '0 || csr_fault != '0 || input_fault != '0;

  lhw_quiet #(.MeshX(MeshX), .MeshY(MeshY), .Latency(QuietLatency)) u_quiet (
    .clk_i, .rst_ni, .tile_busy_i, .tile_faults_i,
    .hands_over_i      (hands_over),
    .quiet_o,
    .awake_o           (quiet_awake),
    .stage_fault_o     (stage_fault),
    .stage_fault_core_o(stage_fault_core),
    .input_fault_o     (input_fault),
    .input_fault_core_o(input_fault_core)
  );

  lhw_ingress #(.MeshX(MeshX), .MeshY(MeshY)) u_ingress (
    .clk_i, .rst_ni,
    .clear_i       (clear_o),
    .s_axis_tdata, .s_axis_tvalid, .s_axis_tready,
    .mesh_valid_o,
    .mesh_flit_o,
    .mesh_ready_i,
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
    .pending_i     (input_pending),
    .quiet_i       (quiet_o),
    .busy_o        (ingress_busy),
    .empty_o       (ingress_empty),
    .flits_in_o    (flits_in),
    .fault_o       (ingress_fault)
  );

  lhw_egress u_egress (
    .clk_i, .rst_ni,
    .clear_i      (clear_o),
    .mesh_valid_i,
    .mesh_flit_i,
    .mesh_ready_o,
    .token_valid_i(token_out_valid),
    .token_flit_i (token_out_flit),
    .csr_valid_i  (response_valid),
    .csr_flit_i   (response_flit),
    .local_ready_o(local_ready),
    .m_axis_tdata, .m_axis_tvalid, .m_axis_tready,
    .empty_o      (egress_empty),
    .flits_out_o  (flits_out)
  );

  lhw_step_ctrl u_step_ctrl (
    .clk_i, .rst_ni,
    .quiet_i        (quiet_o),
    .token_valid_i  (token_valid),
    .token_code_i   (token_code),
    .token_stage_i  (token_stage),
    .token_step_i   (token_step),
    .token_take_o   (token_take),
    .config_waits_i (config_waits),
    .stages_i       (stages),
    .needs_close_i  (needs_close),
    .needs_end_i    (needs_end),
    .stage_fault_i     (stage_fault),
    .stage_fault_core_i(stage_fault_core),
    .input_fault_i     (input_fault),
    .input_fault_core_i(input_fault_core),
    .ingress_fault_i(ingress_fault),
    .csr_fault_i    (csr_fault),
    .go_o,
    .stage_o,
    .step_o,
    .clear_o,
    .out_valid_o    (token_out_valid),
    .out_flit_o     (token_out_flit),
    .out_ready_i    (local_ready),
    .paused_o       (paused),
    .faulted_o      (faulted),
    .fault_code_o   (fault_code),
    .limit_o        (limit),
    .counts_o,
    .cycles_wait_o  (cycles_wait),
    .host_valid_i   (s_axis_tvalid),
    .ingress_empty_i(ingress_empty),
    .egress_empty_i (egress_empty),
    .idle_o
  );

  lhw_chip_csr #(.MeshX(MeshX), .MeshY(MeshY), .Lanes(Lanes), .Word(Word), .ConfigId(ConfigId)) u_csr (
    .clk_i, .rst_ni,
    .clear_i      (clear_o),
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
    .cycles_i,
    .cycles_wait_i(cycles_wait),
    .flits_in_i   (flits_in),
    .flits_out_i  (flits_out)
  );
endmodule
