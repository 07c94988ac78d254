`include "lhw_style.svh"

/// The lanes of the neuron engine: registers, masks, state memory, arithmetic; one instruction a cycle.
///
/// Stages: an issued instruction asks the accumulators at once (ACC), waits a cycle, reads its operands, executes.
/// Executing writes the register, the mask, the state line, or sends an emission or an ACCADD. Style C.
module lhw_neuron #(
  parameter int unsigned Lanes      = 8,
  parameter int unsigned StateLines = 256,
  parameter int unsigned AccGroups  = 32,
  parameter int unsigned DelaySlots = 4,
  localparam int unsigned AccW      = $clog2(DelaySlots) + $clog2(AccGroups)
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] step_i,
  input  logic        op_valid_i,
  input  logic        op_ctx_i,
  input  logic [31:0] op_instr_i,
  input  logic [31:0] op_const_i,
  input  logic [15:0] op_line_i,
  input  logic [11:0] op_group_i,
  input  logic        op_last_i,
  input  logic [31:0] op_index_i,
  input  logic [5:0]  tail_i,
  input  logic        cfg_valid_i,                // access to the state memory
  input  logic        cfg_write_i,
  input  logic [21:0] cfg_addr_i,
  input  logic [31:0] cfg_data_i,
  output logic [31:0] cfg_rdata_o,                // two cycles after the access
  output logic        acc_valid_o,
  output logic        acc_add_o,                  // 1: ACCADD, 0: ACC
  output logic        acc_clear_o,                // ACC: last reader
  output logic [AccW-1:0] acc_line_o,             // {slot, group}
  output logic [31:0] acc_data_o [Lanes],          // what ACCADD adds
  input  logic [31:0] acc_rdata_i [Lanes],         // what ACC read, two cycles after acc_valid_o
  output logic        acc_next_o,                 // the cycle after next belongs to an ACCADD in the accumulators
  output logic        emit_valid_o,
  output logic        emit_graded_o,
  output logic        emit_negative_o,
  output logic [2:0]  emit_channel_o,
  output logic [11:0] emit_group_o,
  output logic [Lanes-1:0] emit_lanes_o,
  output logic [31:0] emit_data_o [Lanes],
  output logic        busy_o,
  output logic        awake_o          // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  localparam int unsigned StateW = StateLines > 1 ? $clog2(StateLines) : 1;
  localparam int unsigned LaneW  = $clog2(Lanes);
  localparam int unsigned SlotW  = $clog2(DelaySlots);

  typedef logic [31:0] vector_t [Lanes];
  typedef logic [Lanes-1:0] lanes_t;

  vector_t state_mem [StateLines];
  vector_t reg_mem   [2 * REGISTERS];   // two interleaved groups
  vector_t state_q;
  logic [Lanes-1:0] mask [2 * MASKS];

  // Wait (w), read (r), execute (x).
  logic         w_valid, r_valid, x_valid, w_ctx, r_ctx, x_ctx, w_last, r_last, x_last;
  instruction_t w, r, x, op;
  instruction_acc_t acc_op;
  logic [31:0]  w_const, r_const, w_index, r_index, x_index;
  logic [15:0]  w_line, r_line, x_line;
  logic [11:0]  w_group, r_group, x_group;
  logic [AccW-1:0] w_acc, r_acc, x_acc;
  logic [SlotW-1:0] slot;

  vector_t x_a, x_b;   // operands

  // Temporaries of a cycle.
  vector_t old, whole, result;
  logic [Lanes-1:0] predicate, compared, selected, first, second;
  logic        write_reg, write_mask, write_state, read_state, active, cfg_pending, adds_next, presents;
  logic [15:0] state_addr, store_addr;
  logic [3:0]  store_register;

  `include "lhw_lanes.svh"

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      w_valid     = 1'b0;
      r_valid     = 1'b0;
      x_valid     = 1'b0;
      active      = 1'b0;
      cfg_pending = 1'b0;
      acc_valid_o  <= 1'b0;
      acc_next_o   <= 1'b0;
      emit_valid_o <= 1'b0;
      busy_o       <= 1'b0;
      awake_o      <= 1'b0;
    end else if (active || op_valid_i || cfg_valid_i) begin
      acc_valid_o  <= 1'b0;
      emit_valid_o <= 1'b0;
      presents     = 1'b0;
      write_reg    = 1'b0;
      write_mask   = 1'b0;
      write_state  = 1'b0;
      store_addr   = x_line;

      // Execute.
      if (x_valid) begin
        predicate = '1;
        if (x.pen) predicate = x.pneg ? ~mask[{x_ctx, x.p}] : mask[{x_ctx, x.p}];
        if (x.bsel == OPERAND_STATE) x_b = state_q;
        write_reg = 1'b1;
        case (x.op)
          OPCODE_MOV:   result = x_b;
          OPCODE_ADD:   add(result, x_a, x_b);
          OPCODE_SUB:   subtract(result, x_a, x_b);
          OPCODE_MUL:   multiply(result, x_a, x_b, x.sh, 64'd0);
          OPCODE_MULTZ: multiply(result, x_a, x_b, x.sh, (64'd1 << x.sh) - 64'd1);
          OPCODE_SHV:   shift(result, x_a, x_b);
          OPCODE_MIN:   minimum(result, x_a, x_b);
          OPCODE_MAX:   maximum(result, x_a, x_b);
          OPCODE_CLIP:  clip(result, x_a, x_b);
          OPCODE_ABS:   absolute(result, x_a);
          OPCODE_WRAP:  wrap(result, x_a);
          OPCODE_ACC:   shift_all(result, acc_rdata_i, x.sh);
          OPCODE_TIME: count_from(result, step_i, 32'd0);
          OPCODE_IDX:  count_from(result, x_index, 32'd1);
          OPCODE_CMP: begin
            write_reg  = 1'b0;
            write_mask = 1'b1;
            case (x.aux)
              COMPARE_GT: compared = less(x_b, x_a);
              COMPARE_LT: compared = less(x_a, x_b);
              COMPARE_GE: compared = ~less(x_a, x_b);
              COMPARE_LE: compared = ~less(x_b, x_a);
              COMPARE_EQ: compared = equal(x_a, x_b);
              default:    compared = ~equal(x_a, x_b);
            endcase
          end
          OPCODE_PLOG: begin
            write_reg  = 1'b0;
            write_mask = 1'b1;
            first      = mask[{x_ctx, x.ra[1:0]}];
            second     = mask[{x_ctx, x.b[1:0]}];
            compared   = ({Lanes{x.sh[0]}} & ~first & ~second) | ({Lanes{x.sh[1]}} & ~first & second) |
                         ({Lanes{x.sh[2]}} & first & ~second) | ({Lanes{x.sh[3]}} & first & second);
          end
          OPCODE_ST: begin
            write_reg   = 1'b0;
            write_state = 1'b1;
            if (x.pen) choose(result, x_a, state_q, predicate);
            else result = x_a;
          end
          OPCODE_ACCADD: begin
            write_reg = 1'b0;
            if (x.pen) begin
              count_from(x_b, 32'd0, 32'd0);
              choose(result, x_a, x_b, predicate);
            end else begin
              result = x_a;
            end
            presents    = 1'b1;
            acc_valid_o <= 1'b1;
            acc_add_o   <= 1'b1;
            acc_clear_o <= 1'b0;
            acc_line_o  <= x_acc;
            // Lane by lane: Verilator copies a vector that goes into another process whole in every cycle, this not.
            for (int l = 0; l < Lanes; l++) acc_data_o[l] <= result[l];
          end
          OPCODE_EMITM, OPCODE_EMITG: begin
            write_reg = 1'b0;
            selected  = predicate;
            if (x_last) selected = selected & ~({Lanes{1'b1}} << tail_i);
            if (x.op == OPCODE_EMITG) begin
              count_from(x_b, 32'd0, 32'd0);
              selected = selected & ~equal(x_a, x_b);
              emit_data_o <= x_a;
            end
            presents        = 1'b1;
            emit_valid_o    <= 1'b1;
            emit_graded_o   <= x.op == OPCODE_EMITG;
            emit_negative_o <= x.aux[0];
            emit_channel_o  <= x.rd;
            emit_group_o    <= x_group;
            emit_lanes_o    <= selected;
          end
          default: write_reg = 1'b0;
        endcase
        store_register = {x_ctx, x.rd};
        if (write_reg && x.pen) begin
          copy(old, reg_mem[store_register]);
          whole = result;
          choose(result, whole, old, predicate);
        end
        if (write_mask) begin
          mask[{x_ctx, x.rd[1:0]}] = (compared & predicate) | (mask[{x_ctx, x.rd[1:0]}] & ~predicate);
        end
      end

      // Configuration, second cycle: the line is there; give or replace a lane of it.
      if (cfg_pending) begin
        cfg_rdata_o <= state_q[cfg_addr_i[LaneW-1:0]];
        result      = state_q;
        result[cfg_addr_i[LaneW-1:0]] = cfg_data_i;
        write_state = cfg_write_i;
        store_addr  = 16'(cfg_addr_i[17:LaneW]);
      end

      // Read operands. Where an operand B is a state variable it comes from the memory's read register.
      read_state = cfg_valid_i;
      state_addr = cfg_valid_i ? 16'(cfg_addr_i[17:LaneW]) : r_line;
      x_valid    = r_valid;
      adds_next  = 1'b0;
      if (r_valid) begin
        x       = r;
        x_ctx   = r_ctx;
        x_last  = r_last;
        x_index = r_index;
        x_group = r_group;
        x_line  = r_line;
        x_acc   = r_acc;
        copy(x_a, reg_mem[{r_ctx, r.op == OPCODE_ACCADD ? r.rd : r.ra}]);
        case (r.bsel)
          OPERAND_REG:   copy(x_b, reg_mem[{r_ctx, r.b[2:0]}]);
          OPERAND_CONST: count_from(x_b, r_const, 32'd0);
          OPERAND_IMM:   count_from(x_b, 32'($signed(r.b)), 32'd0);
          default:       read_state = 1'b1;
        endcase
        if (r.op == OPCODE_ST) read_state = 1'b1;
        adds_next = r.op == OPCODE_ACCADD;
      end
      acc_next_o <= adds_next;
      if (read_state) copy(state_q, state_mem[state_addr[StateW-1:0]]);

      // Wait for the accumulators.
      r_valid = w_valid;
      if (w_valid) begin
        r       = w;
        r_ctx   = w_ctx;
        r_last  = w_last;
        r_index = w_index;
        r_group = w_group;
        r_line  = w_line;
        r_const = w_const;
        r_acc   = w_acc;
      end

      // Take the issued instruction; an ACC asks for its group now.
      w_valid = op_valid_i;
      if (op_valid_i) begin
        op      = op_instr_i;
        acc_op  = op_instr_i;
        slot    = SlotW'(step_i) + SlotW'(acc_op.slot);
        w       = op;
        w_ctx   = op_ctx_i;
        w_last  = op_last_i;
        w_index = op_index_i;
        w_group = op_group_i;
        w_line  = op_line_i;
        w_const = op_const_i;
        w_acc   = (AccW'(slot) << $clog2(AccGroups)) + AccW'(op_const_i) + AccW'(op_group_i);
        if (op.op == OPCODE_ACC) begin
          presents    = 1'b1;
          acc_valid_o <= 1'b1;
          acc_add_o   <= 1'b0;
          acc_clear_o <= acc_op.last;
          acc_line_o  <= w_acc;
        end
      end

      // Memories are written last (lhw_style.svh).
      if (write_reg) `LHW_STORE_LINE(reg_mem[store_register], result)
      if (write_state) `LHW_STORE_LINE(state_mem[store_addr[StateW-1:0]], result)

      cfg_pending = cfg_valid_i;
      busy_o  <= w_valid || r_valid || x_valid || presents;
      active   = w_valid || r_valid || x_valid || presents || cfg_pending;
      awake_o <= active;
    end
  end
endmodule
