`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Gathers the lines of a word: groups, weights and delays of its lanes become one contribution to the accumulators.
///
/// The row says what each line is; it stands at the output of the memory meanwhile. The contribution is presented when
/// the last line of a word is there. With weights of 4 bits that line may be the last one of two words; the second one
/// is presented in the cycle behind the first one. A word that is only a line of bytes never comes here. Style C.
module lhw_gather #(
  parameter int unsigned Lanes     = 8,
  parameter int unsigned AccGroups = 32,
  parameter int unsigned AccW      = 7
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            line_valid_i,     // of the row: a line is there, unless the accumulators are reserved
  input  lhw_row_pkg::line_e line_i,
  input  logic            second_i,         // a second word is complete with it, too
  input  lhw_row_pkg::plan_t plan_i,        // of the word
  input  logic [AccW-1:0] acc_i,
  input  logic [Lanes-1:0] lanes_i,
  input  logic [31:0]     factor_i,
  input  logic [7:0]      bytes_i [Lanes],  // the line
  input  logic            acc_next_i,       // the next cycle of the accumulators is reserved
  output logic            acc_valid_o,      // the contribution
  output logic            acc_apart_o,      // each lane has an address of its own
  output logic [AccW-1:0] acc_line_o,
  output logic [AccW-1:0] acc_lines_o [Lanes],
  output logic [Lanes-1:0] acc_lanes_o,
  output logic [15:0]     acc_weights_o [Lanes],
  output logic [15:0]     acc_sign_o,       // half of the range of signed weights, else 0
  output logic [31:0]     acc_factor_o
);
  import lhw_regs_pkg::*;
  import lhw_row_pkg::*;

  localparam int unsigned GroupW = $clog2(AccGroups);

  typedef logic [7:0] bytes_t [Lanes];
  typedef logic [15:0] weights_t [Lanes];
  typedef logic [AccW-1:0] lines_t [Lanes];

  // Lines of the word; of a pair of words, those that wait for the weights of both.
  bytes_t groups_q, high_groups_q, second_groups_q, second_high_groups_q, low_q, high_q;
  plan_t  plan_q;
  logic [AccW-1:0] acc_q;
  logic   second_q;       // the second word of a pair is still to be presented

  logic     presents, upper;
  logic [7:0] of_groups, of_high, of_delays;
  weights_t weights;
  lines_t   lines;

  function automatic void copy(`LHW_OUT bytes_t z, `LHW_IN bytes_t p);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = p[l];
  endfunction

  function automatic void join_bytes(`LHW_OUT weights_t z, `LHW_IN bytes_t p, `LHW_IN bytes_t high);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = {high[l], p[l]};
  endfunction

  function automatic void widen(`LHW_OUT weights_t z, `LHW_IN bytes_t p, input logic [2:0] from,
                                input logic [7:0] mask);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = {8'd0, (p[l] >> from) & mask};
  endfunction

  // Slots are the upper bits of an address, so a delay goes round by itself.
  function automatic void address(`LHW_OUT lines_t z, `LHW_IN bytes_t p, `LHW_IN bytes_t high, `LHW_IN bytes_t delays,
                                  input logic [7:0] of_p, input logic [7:0] of_high_p, input logic [7:0] of_delays_p,
                                  input logic [AccW-1:0] base);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) begin
      z[l] = base + AccW'({high[l] & of_high_p, p[l] & of_p}) + (AccW'(delays[l] & of_delays_p) << GroupW);
    end
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      second_q     = 1'b0;
      acc_valid_o <= 1'b0;
    end else if (line_valid_i || second_q || acc_valid_o) begin
      presents = second_q && !acc_next_i;
      upper    = second_q;
      if (second_q && !acc_next_i) begin
        // The rest of a pair: all but weights and addresses is as for the first word.
        second_q    = 1'b0;
        acc_line_o <= acc_line_o + 1'b1;
      end

      if (line_valid_i && !acc_next_i) begin
        case (line_i)
          Groups:           copy(groups_q, bytes_i);
          HighGroups:       copy(high_groups_q, bytes_i);
          SecondGroups:     copy(second_groups_q, bytes_i);
          SecondHighGroups: copy(second_high_groups_q, bytes_i);
          HighWeights:      copy(high_q, bytes_i);
          Delays, SecondDelays: ;
          default:          copy(low_q, bytes_i);
        endcase
        if (completes(plan_i, line_i)) begin
          `LHW_ASSERT(OneWord, !presents, "Two words are complete in the same cycle.")
          presents = 1'b1;
          upper    = plan_i.upper || line_i == SecondDelays;
          plan_q   = plan_i;
          acc_q    = acc_i;
          second_q = second_i;
          acc_apart_o  <= plan_i.apart;
          acc_line_o   <= acc_i;
          acc_lanes_o  <= lanes_i;
          acc_factor_o <= factor_i;
          case (plan_i.format)
            WEIGHT_FORMAT_BITS4:  acc_sign_o <= {12'd0, plan_i.is_signed, 3'd0};
            WEIGHT_FORMAT_BITS16: acc_sign_o <= {plan_i.is_signed, 15'd0};
            default:              acc_sign_o <= {8'd0, plan_i.is_signed, 7'd0};
          endcase
        end
      end

      `LHW_ASSERT(Reserved, !presents || !acc_next_i,
                  "A gathered word takes a cycle that the neuron engine has reserved.")
      if (presents) begin
        case (plan_q.format)
          WEIGHT_FORMAT_BITS4:  widen(weights, low_q, {upper, 2'd0}, 8'h0f);
          WEIGHT_FORMAT_BITS16: join_bytes(weights, low_q, high_q);
          default:              widen(weights, low_q, 3'd0, 8'hff);
        endcase
        of_groups = {8{plan_q.sparse}};
        of_high   = {8{plan_q.wide}};
        of_delays = {8{plan_q.delays}};
        if (!plan_q.apart) ;
        else if (upper) address(lines, second_groups_q, second_high_groups_q, bytes_i, of_groups, of_high, of_delays, acc_q);
        else address(lines, groups_q, high_groups_q, bytes_i, of_groups, of_high, of_delays, acc_q);
        // Lane by lane: Verilator copies a vector that goes into another process whole in every cycle, this not.
        for (int l = 0; l < Lanes; l++) acc_weights_o[l] <= weights[l];
        for (int l = 0; l < Lanes; l++) if (plan_q.apart) acc_lines_o[l] <= lines[l];
      end
      acc_valid_o <= presents;
    end
  end
endmodule
