/// One tile: a core and its router.
///
/// Its place comes by ports, not by parameters, so that all tiles are one module: the simulator compiles it once.
/// Inputs go to registers only, and outputs come from registers; whoever joins two tiles therefore may exchange what
/// they drive and clock them one after the other.
module lhw_tile #(
  parameter int unsigned MeshX       = 1,
  parameter int unsigned MeshY       = 1,
  parameter int unsigned Lanes       = 8,
  parameter int unsigned Word        = 64,
  parameter int unsigned StateLines  = 64,
  parameter int unsigned AccGroups   = 16,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 512,
  parameter int unsigned UcodeWords  = 128,
  parameter int unsigned ConstWords  = 64,
  parameter int unsigned Populations = 8,
  parameter int unsigned Connections = 16,
  parameter int unsigned Routes      = 16
) (
  input  logic        clk_i,
  input  logic        rst_ni,       // synchronous
  input  logic [2:0]  x_i,          // its place in the mesh: constant
  input  logic [2:0]  y_i,
  // From the step controller, the same for all tiles.
  input  logic        go_i,         // pulse: run stage stage_i of step step_i
  input  logic [3:0]  stage_i,
  input  logic [31:0] step_i,
  input  logic        clear_i,      // pulse: the RESET token takes effect
  // Links to the neighbours.
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
  // State. awake_o and routing_o are for simulators, the last two for lhw_flit_check.
  output logic        busy_o,       // anything is held, under way, or presented
  output logic        awake_o,      // 0: an edge without inputs changes nothing inside; only a flit, GO or clear wakes it
  output logic        routing_o,    // 0: its links present no flit, and all of them are ready
  output logic [3:0]  faults_o,     // {bad_address, input_event, stage_event, bad_opcode}, kept until clear_i
  output logic        sends_o,      // the core presents a flit to the router
  output logic        receives_o    // the router presents a flit to the core
);
  logic        to_core_valid, to_core_ready, from_core_valid, from_core_ready;
  logic [63:0] to_core_flit, from_core_flit;
  logic        core_busy, core_awake, router_busy, stage_event;
  logic [3:0]  core_faults;

  // Latched, because what is derived from inputs outside of registers costs a simulator an evaluation of its own.
  logic [5:0] core_id;
  always_ff @(posedge clk_i) begin : place
    if (!rst_ni) core_id <= {y_i, x_i};
  end

  assign busy_o     = core_busy | router_busy;
  assign awake_o    = core_awake | router_busy;
  assign routing_o  = router_busy;
  assign faults_o   = core_faults | {2'b00, stage_event, 1'b0};
  assign sends_o    = from_core_valid;
  assign receives_o = to_core_valid;

  lhw_router #(.MeshX(MeshX), .MeshY(MeshY)) u_router (
    .clk_i, .rst_ni, .x_i, .y_i, .clear_i,
    .l_valid_i(from_core_valid), .l_flit_i(from_core_flit), .l_ready_o(from_core_ready),
    .l_valid_o(to_core_valid),   .l_flit_o(to_core_flit),   .l_ready_i(to_core_ready),
    .n_valid_i, .n_flit_i, .n_ready_o, .n_valid_o, .n_flit_o, .n_ready_i,
    .e_valid_i, .e_flit_i, .e_ready_o, .e_valid_o, .e_flit_o, .e_ready_i,
    .s_valid_i, .s_flit_i, .s_ready_o, .s_valid_o, .s_flit_o, .s_ready_i,
    .w_valid_i, .w_flit_i, .w_ready_o, .w_valid_o, .w_flit_o, .w_ready_i,
    .busy_o       (router_busy),
    .stage_event_o(stage_event)
  );

  lhw_core #(
    .Lanes(Lanes), .Word(Word), .StateLines(StateLines), .AccGroups(AccGroups), .DelaySlots(DelaySlots),
    .SynLines(SynLines), .UcodeWords(UcodeWords), .ConstWords(ConstWords), .Populations(Populations),
    .Connections(Connections), .Routes(Routes)
  ) u_core (
    .clk_i, .rst_ni,
    .core_id_i  (core_id),
    .in_valid_i (to_core_valid),
    .in_flit_i  (to_core_flit),
    .in_ready_o (to_core_ready),
    .out_valid_o(from_core_valid),
    .out_flit_o (from_core_flit),
    .out_ready_i(from_core_ready),
    .go_i, .stage_i, .step_i, .clear_i,
    .busy_o     (core_busy),
    .awake_o    (core_awake),
    .faults_o   (core_faults)
  );
endmodule
