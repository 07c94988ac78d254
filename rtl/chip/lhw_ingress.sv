`include "lhw_assert.svh"

/// The chip's input: takes flits from the host in order and decides at the head of the stream.
///
/// Rules of docs/chip.md section 2: events enter the mesh at once, marked as coming from outside; configuration waits
/// until the chip is paused and quiescent, and what follows it until the mesh is quiescent again; SYNC is dropped; every
/// other token is offered to the step controller, and nothing passes it until it is taken. Whether a token is right is
/// not decided here. A configuration flit that does not continue a run of its kind waits, if a fault of the input is
/// pending, until the step controller has reported it.
module lhw_ingress #(
  parameter int unsigned MeshX = 1,
  parameter int unsigned MeshY = 1
) (
  input  logic        clk_i,
  input  logic        rst_ni,          // synchronous
  input  logic        clear_i,         // pulse: RESET takes effect
  input  logic [63:0] s_axis_tdata,
  input  logic        s_axis_tvalid,
  output logic        s_axis_tready,
  output logic        mesh_valid_o,    // link to the router of tile (0, 0)
  output logic [63:0] mesh_flit_o,
  input  logic        mesh_ready_i,
  output logic        csr_valid_o,     // request to the chip's registers, one at a time
  output logic [63:0] csr_flit_o,
  input  logic        csr_busy_i,
  output logic        token_valid_o,   // a token is at the head
  output logic [7:0]  token_code_o,    // 0: a flit that has no meaning
  output logic [11:0] token_stage_o,
  output logic [31:0] token_step_o,
  input  logic        token_take_i,    // pulse: the token was used
  output logic        config_waits_o,  // a configuration flit is at the head and must wait
  input  logic        paused_i,
  input  logic        faulted_i,       // a fault is known; until paused_i it is not reported yet
  input  logic        pending_i,       // a fault of the input will be reported at the next look
  input  logic        quiet_i,         // the chip is quiescent
  output logic        busy_o,          // a flit is presented to the mesh or to the registers
  output logic        empty_o,         // no flit is held here
  output logic [31:0] flits_in_o,      // events that entered the mesh
  output logic [7:0]  fault_o          // BAD_EVENT after an event for no core, until clear_i
);
  import lhw_regs_pkg::*;

  // State that only the process below reads (style C).
  logic [63:0] held [2];
  logic [1:0]  count;
  logic        in_run;       // the flit before, SYNC left out, was one of configuration
  logic        run_reads;    // and it was a READ; answers come from one place at a time
  logic [5:0]  run_core;     // of this core
  logic        dropping;     // a flit that was no event came to the head behind a fault
  logic        offered;      // copy of token_valid_o

  always_ff @(posedge clk_i) begin : ingress
    logic        arrives, present, use_it, waits;
    logic [63:0] head;
    logic        is_config, is_event, is_token, reads, same_run, exists;
    logic        sends_mesh, sends_csr;

    if (!rst_ni) begin
      count          = '0;
      in_run         = 1'b0;
      dropping       = 1'b0;
      offered        = 1'b0;
      s_axis_tready  <= 1'b0;
      mesh_valid_o   <= 1'b0;
      csr_valid_o    <= 1'b0;
      token_valid_o  <= 1'b0;
      config_waits_o <= 1'b0;
      busy_o         <= 1'b0;
      empty_o        <= 1'b1;
      flits_in_o     <= '0;
      fault_o        <= '0;
    end else if (offered && !token_take_i && !busy_o && !clear_i && !(s_axis_tvalid && s_axis_tready)) begin
      // A token waits and nothing comes: nothing moves. This is most cycles of a stage, so it must cost nothing.
    end else if (s_axis_tvalid || !empty_o || busy_o || clear_i || !s_axis_tready) begin
      `LHW_ASSERT(TakenIsOffered, !token_take_i || offered, "A token was taken that is not at the head.")
      arrives    = s_axis_tvalid && s_axis_tready;
      present    = arrives || count != '0;
      head       = count != '0 ? held[0] : s_axis_tdata;
      use_it     = 1'b0;
      waits      = 1'b0;
      sends_mesh = 1'b0;
      sends_csr  = 1'b0;
      if (token_take_i) begin
        offered  = 1'b0;
        dropping = dropping || faulted_i;
      end
      if (clear_i) begin
        dropping   = 1'b0;
        flits_in_o <= '0;
        fault_o    <= '0;
      end

      is_config = head[63] && (head[62:61] == CONFIG_OP_WRITE || head[62:61] == CONFIG_OP_READ);
      is_token  = !head[63] && head[62:60] == FLIT_TYPE_TOKEN;
      is_event  = !head[63] && head[62:60] < FLIT_TYPE_TOKEN;

      if (present && !offered) begin
        if (is_config) begin
          reads    = head[62:61] == CONFIG_OP_READ;
          exists   = lhw_noc_pkg::core_exists({1'b0, head[60:55]}, MeshX, MeshY);
          same_run = in_run && run_reads == reads && (!reads || run_core == head[60:55]);
          if (faulted_i && !reads) begin
            use_it   = 1'b1;
            dropping = 1'b1;
            in_run   = 1'b0;  // a READ behind it waits until FAULT was sent
          end else if (same_run || (paused_i && quiet_i && (faulted_i || !pending_i))) begin
            `LHW_ASSERT(ConfigPaused, paused_i, "A configuration flit passes although the chip is not paused.")
            if (exists) sends_mesh = mesh_ready_i;
            else        sends_csr  = !csr_busy_i && !csr_valid_o;
            use_it = sends_mesh || sends_csr;
            if (use_it) begin
              in_run    = 1'b1;
              run_reads = reads;
              run_core  = head[60:55];
              dropping  = faulted_i;
            end
          end else begin
            waits = 1'b1;
          end
        end else if (is_token && head[51:44] == TOKEN_IN_SYNC) begin
          use_it = 1'b1;
        end else if (is_event && dropping) begin
          use_it = 1'b1;
        end else if (!is_event && faulted_i && !(is_token && head[51:44] == TOKEN_IN_RESET)) begin
          use_it   = 1'b1;
          dropping = 1'b1;
        end else if (!in_run || quiet_i) begin
          in_run = 1'b0;
          if (is_event) begin
            exists = !head[59] && lhw_noc_pkg::core_exists(head[58:52], MeshX, MeshY);
            if (!exists) begin
              use_it  = 1'b1;
              fault_o <= 8'(FAULT_CODE_BAD_EVENT);
            end else if (mesh_ready_i) begin
              use_it     = 1'b1;
              sends_mesh = 1'b1;
              flits_in_o <= flits_in_o + 32'd1;
            end
          end else begin
            `LHW_ASSERT(TokenStays, !token_valid_o || token_take_i, "A token is replaced before it was taken.")
            use_it        = 1'b1;
            offered       = 1'b1;
            token_code_o  <= is_token ? head[51:44] : 8'd0;
            token_stage_o <= head[43:32];
            token_step_o  <= head[31:0];
          end
        end
      end

      `LHW_ASSERT(SendsWithRoom, (!sends_mesh || mesh_ready_i) && (!sends_csr || !csr_busy_i),
                  "A flit is passed on although its receiver was not ready.")
      mesh_valid_o <= sends_mesh;
      csr_valid_o  <= sends_csr;
      if (sends_mesh) mesh_flit_o <= is_event ? lhw_noc_pkg::from_outside(head) : head;
      if (sends_csr)  csr_flit_o  <= head;

      if (use_it) begin
        if (count != '0) begin
          held[0] = held[1];
          count   = count - 2'd1;
        end else begin
          arrives = 1'b0;  // it was used as it came
        end
      end
      if (arrives) begin
        `LHW_ASSERT(NoOverflow, count < 2'd2, "A flit was accepted without a place for it.")
        held[count[0]] = s_axis_tdata;
        count          = count + 2'd1;
      end

      token_valid_o  <= offered;
      config_waits_o <= waits;
      s_axis_tready  <= count <= 2'd1;
      busy_o         <= sends_mesh || sends_csr;
      empty_o        <= count == '0 && !offered;
    end
  end
endmodule
