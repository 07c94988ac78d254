`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Walks the populations of a stage and issues one instruction a cycle, two groups in turn.
///
/// Fetch (microcode), then issue (decode, constant, hazards). An instruction of a group is issued at least two cycles
/// after the one before it, which is all the latency that the lanes have; so two interleaved groups keep them busy.
/// Issue holds an emission while the emitter has no free place, and an ACC behind an ACCADD that is still under way.
/// Style C: one process; state that only it reads is written by `=`.
module lhw_sequencer #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned UcodeWords  = 256,
  parameter int unsigned ConstWords  = 256,
  parameter int unsigned Populations = 16,
  parameter int unsigned Emissions   = 4     // places of the emitter's queue
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        go_i,
  input  logic [3:0]  stage_i,
  input  logic [31:0] step_i,
  input  logic        credit_i,          // the emitter freed a place
  input  logic        cfg_valid_i,       // access to microcode, constants, populations, stages or CYC_UPDATE
  input  logic        cfg_write_i,
  input  logic [21:0] cfg_addr_i,
  input  logic [31:0] cfg_data_i,
  output logic [31:0] cfg_rdata_o,       // two cycles after the access
  output logic [31:0] step_o,            // T
  output logic        op_valid_o,
  output logic        op_ctx_o,          // which of the two interleaved groups
  output logic [31:0] op_instr_o,
  output logic [31:0] op_const_o,        // constant b of the population
  output logic [15:0] op_line_o,         // state line of variable b
  output logic [11:0] op_group_o,
  output logic        op_last_o,         // last group: the tail holds
  output logic [31:0] op_index_o,        // lane 0's index within its process
  output logic [5:0]  pop_tail_o,
  output logic [15:0] pop_route_base_o,
  output logic [11:0] pop_route_count_o,
  output logic        acc_next_o,        // the cycle after next belongs to an ACC in the accumulators
  output logic        bad_opcode_o,
  output logic        busy_o,
  output logic        awake_o            // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  localparam int unsigned PcW    = $clog2(UcodeWords);
  localparam int unsigned ConstW = $clog2(ConstWords);
  localparam int unsigned PopW   = Populations > 1 ? $clog2(Populations) : 1;
  localparam int unsigned CreditW = $clog2(Emissions + 1);
  // Cycles from issue until the accumulators have the operands of an ACCADD in order before a later ACC.
  localparam logic [2:0] AddLatency = 3'd4;
  // Cycles after the last issue in which lanes and emitter still look at the population's values.
  localparam logic [2:0] DrainCycles = 3'd5;

  typedef enum logic [1:0] {Idle, Stage, Load, Run} state_e;

  logic [31:0]      ucode_mem [UcodeWords];
  logic [31:0]      const_mem [ConstWords];
  logic [4:0][31:0] pop_mem   [Populations];
  logic [31:0]      stage_mem [MAX_STAGES];

  // Read registers of the memories.
  instruction_t     instr_q;
  logic [31:0]      stage_q;
  logic [4:0][31:0] pop_q;

  // Entries of the tables, as they are taken; counters below have the widths of their fields.
  population0_t p0;
  population1_t p1;
  population2_t p2;
  population3_t p3;
  stage_t       stage;

  // Population that runs, and the place of fetch in it.
  state_e      state_q;
  logic        active_q;
  logic [$bits(stage.count)-1:0] pops_left_q, pop_next_q;
  logic [$bits(p0.count)-1:0]    count_q, done_count_q;
  logic [PcW-1:0] pc_first_q, pc_q;
  logic [15:0] line_q, nvars_q, const_base_q;
  logic [11:0] group_q, groups_left_q;
  logic [31:0] index_q;
  logic        ctx_q;

  // Issue.
  logic        d_valid_q, d_ctx_q, d_last_q;
  logic [11:0] d_group_q;
  logic [15:0] d_line_q;
  logic [31:0] d_index_q;
  logic [2:0]  add_age_q, drain_q;
  logic [CreditW-1:0] credits_q;
  logic [31:0] cyc_update_q;

  // Configuration.
  logic         cfg_pending_q;
  logic [2:0]   cfg_word_q;

  core_region_e cfg_region;
  logic         hold, emits, takes, bad, fetch, read_pop, read_const;
  logic [PcW-1:0]    ucode_addr;
  logic [ConstW-1:0] const_addr;
  logic [PopW-1:0]   pop_addr;

  assign cfg_region = core_region_e'(cfg_addr_i[21:18]);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q       = Idle;
      active_q      = 1'b0;
      d_valid_q     = 1'b0;
      add_age_q     = '0;
      drain_q       = '0;
      credits_q     = CreditW'(Emissions);
      cyc_update_q  = '0;
      cfg_pending_q = 1'b0;
      op_valid_o   <= 1'b0;
      acc_next_o   <= 1'b0;
      bad_opcode_o <= 1'b0;
      busy_o       <= 1'b0;
      awake_o      <= 1'b0;
      step_o       <= '0;
    end else if (active_q || go_i || credit_i || cfg_valid_i || clear_i) begin
      if (state_q != Idle) cyc_update_q = cyc_update_q + 1;
      if (credit_i) credits_q = credits_q + 1'b1;
      `LHW_ASSERT(CreditsKept, credits_q <= CreditW'(Emissions), "More places were given back than the emitter has.")
      if (add_age_q != 0) add_age_q = add_age_q - 1'b1;
      if (drain_q != 0) drain_q = drain_q - 1'b1;

      // Configuration, second cycle: the word that was read.
      if (cfg_pending_q) begin
        case (cfg_region)
          CORE_REGION_UCODE:      cfg_rdata_o <= instr_q;
          CORE_REGION_CONSTANT:   cfg_rdata_o <= op_const_o;
          CORE_REGION_POPULATION: cfg_rdata_o <= cfg_word_q < 3'd5 ? pop_q[cfg_word_q] : '0;
          CORE_REGION_STAGE:      cfg_rdata_o <= stage_q;
          default:                cfg_rdata_o <= cyc_update_q;
        endcase
      end
      cfg_pending_q = 1'b0;

      // Issue.
      hold       = 1'b0;
      bad        = 1'b0;
      takes      = 1'b0;
      read_const = 1'b0;
      const_addr = ConstW'(const_base_q) + ConstW'(instr_q.b);
      if (d_valid_q) begin
        emits = instr_q.op == OPCODE_EMITM || instr_q.op == OPCODE_EMITG;
        takes = instr_q.op == OPCODE_ACC;
        hold  = (emits && credits_q == 0) || (takes && add_age_q != 0);
        takes = takes && !hold;
        if (!hold) begin
          bad     = !lhw_alu_pkg::known_opcode(instr_q.op);
          drain_q = DrainCycles;
          `LHW_ASSERT(PlaceTaken, !emits || credits_q != 0, "An emission is issued without a place for it.")
          if (emits) credits_q = credits_q - 1'b1;
          if (instr_q.op == OPCODE_ACCADD) add_age_q = AddLatency;
          read_const = 1'b1;
          op_ctx_o   <= d_ctx_q;
          op_instr_o <= instr_q;
          op_line_o  <= d_line_q + 16'(instr_q.b);
          op_group_o <= d_group_q;
          op_last_o  <= d_last_q;
          op_index_o <= d_index_q;
        end
      end
      op_valid_o   <= d_valid_q && !hold && !bad;
      acc_next_o   <= takes;
      bad_opcode_o <= bad;

      // Fetch.
      fetch      = 1'b0;
      read_pop   = 1'b0;
      ucode_addr = pc_q;
      pop_addr   = PopW'(pop_next_q);
      if (!hold) begin
        d_valid_q = 1'b0;
        if (state_q == Run) begin
          fetch     = 1'b1;
          d_valid_q = !ctx_q || groups_left_q != 12'd1;
          d_ctx_q   = ctx_q;
          d_group_q = group_q;
          d_line_q  = line_q;
          d_index_q = index_q;
          d_last_q  = groups_left_q == (ctx_q ? 12'd2 : 12'd1);
          if (ctx_q) d_group_q[0] = 1'b1;
          if (ctx_q) d_line_q  = d_line_q + nvars_q;
          if (ctx_q) d_index_q = d_index_q + Lanes;
          if (ctx_q) begin
            pc_q         = pc_q + 1'b1;
            done_count_q = done_count_q + 1'b1;
            if (done_count_q == count_q) begin
              pc_q         = pc_first_q;
              done_count_q = '0;
              if (groups_left_q <= 12'd2) begin
                state_q  = Load;
                read_pop = 1'b1;
              end
              group_q       = group_q + 12'd2;
              groups_left_q = groups_left_q - 12'd2;
              line_q        = line_q + (nvars_q << 1);
              index_q       = index_q + 2 * Lanes;
            end
          end
          ctx_q = !ctx_q;
        end
      end

      // Next population, once nobody looks at the values of the one before.
      if (state_q == Load && !read_pop && !d_valid_q && drain_q == 0) begin
        if (pops_left_q == 0) begin
          state_q = Idle;
        end else begin
          p0            = pop_q[0];
          p1            = pop_q[1];
          p2            = pop_q[2];
          p3            = pop_q[3];
          pc_first_q    = PcW'(p0.pc);
          pc_q          = pc_first_q;
          count_q       = p0.count;
          done_count_q  = '0;
          nvars_q       = 16'(p0.nvars);
          line_q        = p1.state_base;
          const_base_q  = p1.const_base;
          group_q       = '0;
          groups_left_q = p2.groups;
          index_q       = pop_q[4];
          ctx_q         = 1'b0;
          pop_tail_o        <= p2.tail;
          pop_route_base_o  <= p3.route_base;
          pop_route_count_o <= p3.route_count;
          pops_left_q = pops_left_q - 1'b1;
          pop_next_q  = pop_next_q + 1'b1;
          pop_addr    = PopW'(pop_next_q);
          if (count_q != 0 && groups_left_q != 0) state_q = Run;
          else read_pop = 1'b1;
        end
      end
      if (state_q == Stage) begin
        stage       = stage_q;
        pop_next_q  = stage.first;
        pops_left_q = stage.count;
        pop_addr    = PopW'(pop_next_q);
        read_pop    = 1'b1;
        state_q     = stage.count == 0 ? Idle : Load;
      end
      if (go_i) begin
        `LHW_ASSERT(GoWhenIdle, state_q == Idle, "A stage was started before the one before it was complete.")
        state_q = Stage;
        if (stage_i == 0) step_o <= step_i;
      end
      if (clear_i) begin
        step_o     <= '0;
        cyc_update_q = '0;
      end

      // Memories: one read and one write port each; configuration comes only while the engine rests.
      `LHW_ASSERT(WaitsWhole, !hold || !fetch, "An instruction that waits is replaced by the next one.")
      if (cfg_valid_i) begin
        `LHW_ASSERT(ConfigAtRest, state_q == Idle, "Configuration came while a stage is in progress.")
        cfg_pending_q = 1'b1;
        cfg_word_q    = cfg_addr_i[2:0];
        fetch         = 1'b1;
        read_pop      = 1'b1;
        read_const    = 1'b1;
        ucode_addr    = cfg_addr_i[PcW-1:0];
        const_addr    = cfg_addr_i[ConstW-1:0];
        pop_addr      = cfg_addr_i[PopW+2:3];
      end
      if (fetch) instr_q = ucode_mem[ucode_addr];
      if (read_const) op_const_o <= const_mem[const_addr];
      if (read_pop) pop_q = pop_mem[pop_addr];
      stage_q = stage_mem[cfg_valid_i ? cfg_addr_i[3:0] : stage_i];
      if (cfg_valid_i && cfg_write_i) begin
        if (cfg_region == CORE_REGION_UCODE) ucode_mem[ucode_addr] `LHW_STORE cfg_data_i;
        if (cfg_region == CORE_REGION_CONSTANT) const_mem[const_addr] `LHW_STORE cfg_data_i;
        if (cfg_region == CORE_REGION_STAGE) stage_mem[cfg_addr_i[3:0]] `LHW_STORE cfg_data_i;
        if (cfg_region == CORE_REGION_POPULATION && cfg_word_q < 3'd5)
          pop_mem[pop_addr][cfg_word_q] `LHW_STORE cfg_data_i;
      end

      `LHW_ASSERT(NoneIsLeft, state_q != Idle || !d_valid_q, "A stage is complete, and an instruction still waits.")
      busy_o   <= state_q != Idle || bad;
      active_q  = state_q != Idle || d_valid_q || add_age_q != 0 || drain_q != 0 || cfg_pending_q || go_i || takes ||
                  bad;
      awake_o  <= active_q;
    end
  end
endmodule
