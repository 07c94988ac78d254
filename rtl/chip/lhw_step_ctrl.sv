`include "lhw_assert.svh"

/// The chip's clock of steps: starts stages, notices that they are complete, answers the host.
///
/// Knows nothing of flits on their way: it sees one signal that says the chip is quiescent. Rules 3 to 10 of
/// docs/chip.md section 2 are decided here. A stage whose CLOSE is waiting starts in the cycle in which the one before
/// is seen to be complete. Faults of others are looked at in two places only, so that what is reported does not depend
/// on when they were met: stage faults when a stage is complete, faults of the input when a token or a configuration
/// flit stands at its head and no stage is in progress.
module lhw_step_ctrl (
  input  logic                clk_i,
  input  logic                rst_ni,           // synchronous
  input  logic                quiet_i,          // nothing is held or under way; not in the cycle of GO or clear
  // The token at the head of the input.
  input  logic                token_valid_i,
  input  logic [7:0]          token_code_i,
  input  logic [11:0]         token_stage_i,
  input  logic [31:0]         token_step_i,
  output logic                token_take_o,     // pulse
  input  logic                config_waits_i,   // a configuration flit at the head waits for a pause
  // Chip registers.
  input  logic [4:0]          stages_i,
  input  logic [15:0]         needs_close_i,
  input  logic [15:0]         needs_end_i,
  // Faults of cores and routers: code and core of the one that is reported first; and of the chip's own parts.
  input  logic [7:0]          stage_fault_i,
  input  logic [5:0]          stage_fault_core_i,
  input  logic [7:0]          input_fault_i,
  input  logic [5:0]          input_fault_core_i,
  input  logic [7:0]          ingress_fault_i,
  input  logic [7:0]          csr_fault_i,
  // To all cores.
  output logic                go_o,             // pulse: run stage_o of step_o
  output logic [3:0]          stage_o,
  output logic [31:0]         step_o,           // T
  output logic                clear_o,          // pulse: RESET takes effect
  // Tokens to the host.
  output logic                out_valid_o,
  output logic [63:0]         out_flit_o,
  input  logic                out_ready_i,
  // State.
  output logic                paused_o,
  output logic                faulted_o,
  output logic [7:0]          fault_code_o,
  output logic [31:0]         limit_o,
  output logic                counts_o,         // a stage is in progress: a cycle of CYCLES
  output logic [31:0]         cycles_wait_o,    // a started step waited for a CLOSE
  // Whether the clock may stop.
  input  logic                host_valid_i,     // the host offers a flit
  input  logic                ingress_empty_i,
  input  logic                egress_empty_i,
  output logic                idle_o
);
  import lhw_regs_pkg::*;

  typedef enum logic [3:0] {
    Paused,     // nothing happens before RUN
    Waiting,    // the next stage needs a CLOSE that is not there
    Started,    // GO is presented; what it starts shows as busy from the next cycle on
    Running,    // a stage is in progress
    Ending,     // the limit is reached; PAUSED is to be sent
    Clearing,   // clear is presented
    Cleared,    // RESET_DONE is to be sent
    Failing,    // a fault is known; FAULT is to be sent
    Faulted     // nothing happens before RESET
  } state_e;

  // State that only the process below reads (style C).
  state_e      state;
  logic        failed;      // copy of faulted_o
  logic [5:0]  fault_core;
  logic [3:0]  next_stage;  // the stage that is due in state Waiting
  logic [31:0] next_step;

  function automatic logic [63:0] token(token_out_e code, logic [11:0] stage, logic [31:0] step);
    event_flit_t flit;
    flit         = '0;
    flit.kind    = FLIT_TYPE_TOKEN;
    flit.egress  = 1'b1;
    flit.conn    = code;
    flit.index   = stage;
    flit.payload = step;
    return flit;
  endfunction

  always_ff @(posedge clk_i) begin : step_ctrl
    logic        offered, looks, known, last_stage, sends;
    fault_code_e own_fault;
    logic [7:0]  look_fault;
    logic [5:0]  look_core;

    if (rst_ni && state == Running && !quiet_i) begin
      // A stage in progress: nothing is to be decided. Most cycles are such ones, so they must cost nothing.
      `LHW_ASSERT(NoPulse, !go_o && !clear_o && !token_take_o && !out_valid_o && !idle_o && !paused_o,
                  "A pulse is longer than a cycle, or the chip is called paused or idle in a stage.")
    end else if (!rst_ni) begin
      go_o         <= 1'b0;
      clear_o      <= 1'b0;
      token_take_o <= 1'b0;
      state         = Paused;
      failed        = 1'b0;
      fault_core    = '0;
      next_stage    = '0;
      next_step     = '0;
      stage_o       <= '0;
      step_o        <= '0;
      limit_o       <= '0;
      out_valid_o   <= 1'b0;
      idle_o        <= 1'b0;
      paused_o      <= 1'b1;
      faulted_o     <= 1'b0;
      fault_code_o  <= '0;
      counts_o      <= 1'b0;
      cycles_wait_o <= '0;
    end else begin
      `LHW_ASSERT(QuietKnowsPulses, !quiet_i || (!go_o && !clear_o),
                  "The chip is called quiescent in the cycle of GO or clear.")
      go_o         <= 1'b0;
      clear_o      <= 1'b0;
      token_take_o <= 1'b0;
      // A token that was taken stays in sight for a cycle.
      offered    = token_valid_i && !token_take_o;
      looks      = offered || config_waits_i;
      last_stage = stage_o == 4'(MAX_STAGES - 1) || 5'(stage_o) + 5'd1 >= stages_i;
      known      = token_code_i == TOKEN_IN_CLOSE || token_code_i == TOKEN_IN_RUN || token_code_i == TOKEN_IN_RESET;
      own_fault  = FAULT_CODE_NONE;
      sends      = 1'b0;

      if (state == Waiting && next_stage != '0) cycles_wait_o <= cycles_wait_o + 32'd1;

      // The fault of the input that is reported at a look: the chip's own first.
      look_fault = ingress_fault_i != '0 ? ingress_fault_i : csr_fault_i;
      look_core  = 6'(CONTROL_CORE);
      if (look_fault == '0) begin
        look_fault = input_fault_i;
        look_core  = input_fault_core_i;
      end

      // What a complete stage leads to is decided in the same cycle: Running may pass through Waiting to Started.
      if (state == Started) begin
        state = Running;
      end else if (state == Running && quiet_i) begin
        if (stage_fault_i != '0) begin
          failed       = 1'b1;
          fault_core   = stage_fault_core_i;
          fault_code_o <= stage_fault_i;
          state        = Failing;
        end else if (!needs_end_i[stage_o] || out_ready_i) begin
          if (needs_end_i[stage_o]) begin
            sends      = 1'b1;
            out_flit_o <= token(TOKEN_OUT_END, 12'(stage_o), step_o);
          end
          if (last_stage && step_o == limit_o) begin
            state = Ending;
          end else begin
            state      = Waiting;
            next_stage = last_stage ? 4'd0 : stage_o + 4'd1;
            next_step  = last_stage ? step_o + 32'd1 : step_o;
          end
        end
      end else if (state == Ending && out_ready_i) begin
        sends      = 1'b1;
        out_flit_o <= token(TOKEN_OUT_PAUSED, '0, limit_o);
        state      = Paused;
      end else if (state == Clearing) begin
        failed        = 1'b0;
        fault_code_o  <= '0;
        stage_o       <= '0;
        step_o        <= '0;
        limit_o       <= '0;
        cycles_wait_o <= '0;
        state         = Cleared;
      end else if (state == Cleared && quiet_i && out_ready_i) begin
        sends        = 1'b1;
        out_flit_o   <= token(TOKEN_OUT_RESET_DONE, '0, '0);
        token_take_o <= 1'b1;  // only now: what follows RESET must not meet a core that is being cleared
        state        = Paused;
      end else if (state == Failing && quiet_i && out_ready_i) begin
        sends      = 1'b1;
        out_flit_o <= token(TOKEN_OUT_FAULT, 12'(fault_core), 32'(fault_code_o));
        state      = Faulted;
      end else if (state == Faulted && offered) begin
        if (token_code_i != TOKEN_IN_RESET) begin
          token_take_o <= 1'b1;
        end else if (quiet_i) begin
          clear_o <= 1'b1;
          state   = Clearing;
        end
      end else if (state == Paused && quiet_i) begin
        if (looks && look_fault != '0) begin
          failed       = 1'b1;
          fault_core   = look_core;
          fault_code_o <= look_fault;
          state        = Failing;
        end else if (offered) begin
          case (token_code_i)
            TOKEN_IN_RUN: begin
              token_take_o <= 1'b1;
              if (token_step_i > step_o) begin
                limit_o    <= token_step_i;
                next_stage = '0;
                next_step  = step_o + 32'd1;
                state      = Waiting;
                offered    = 1'b0;
              end else begin
                own_fault = FAULT_CODE_BAD_RUN;
              end
            end
            TOKEN_IN_RESET: begin
              clear_o <= 1'b1;
              state   = Clearing;
            end
            TOKEN_IN_CLOSE: begin
              token_take_o <= 1'b1;
              own_fault    = FAULT_CODE_BAD_CLOSE;
            end
            default: begin
              token_take_o <= 1'b1;
              own_fault    = FAULT_CODE_BAD_TOKEN;
            end
          endcase
        end
      end

      if (state == Waiting && quiet_i) begin
        if (!needs_close_i[next_stage]) begin
          state = Started;
        end else if (looks && look_fault != '0) begin
          failed       = 1'b1;
          fault_core   = look_core;
          fault_code_o <= look_fault;
          state        = Failing;
        end else if (offered && token_code_i == TOKEN_IN_CLOSE && token_stage_i == 12'(next_stage) &&
                     token_step_i == next_step) begin
          token_take_o <= 1'b1;
          state        = Started;
        end else if (offered) begin
          token_take_o <= token_code_i != TOKEN_IN_RESET;  // RESET stays and takes effect after FAULT
          own_fault    = known ? FAULT_CODE_BAD_CLOSE : FAULT_CODE_BAD_TOKEN;
        end else if (config_waits_i) begin
          own_fault = FAULT_CODE_BAD_CLOSE;  // it waits for a pause that cannot come
        end
        if (state == Started) begin
          go_o    <= 1'b1;
          stage_o <= next_stage;
          step_o  <= next_step;
        end
      end

      if (own_fault != FAULT_CODE_NONE) begin
        failed       = 1'b1;
        fault_core   = 6'(CONTROL_CORE);
        fault_code_o <= 8'(own_fault);
        state        = Failing;
      end

      `LHW_ASSERT(StartsAtRest, (state != Started && state != Clearing) || quiet_i,
                  "A stage was started, or RESET took effect, while something was under way.")
      `LHW_ASSERT(SpeaksWithRoom, !sends || out_ready_i, "A token was sent without room for it.")
      out_valid_o <= sends;
      counts_o    <= state == Started || state == Running;
      paused_o    <= state == Paused || state == Faulted;
      faulted_o   <= failed;
      idle_o      <= (state == Paused || state == Waiting || state == Faulted) && quiet_i && ingress_empty_i &&
                     egress_empty_i && !host_valid_i && !out_valid_o && !sends;
    end
  end
endmodule
