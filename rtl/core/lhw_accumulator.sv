`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Accumulators of all delay slots: one group of LANES sums is read and written back a cycle.
///
/// First cycle: read the group, expand what is added. Second cycle: add and write, or give the group to the neuron
/// engine. A group that is read while the operation before it writes it takes the sum from there. A dirty bit per group
/// and slot: a clean group reads 0 and is overwritten by the first addition, so clearing costs no write. The neuron
/// engine goes first; it reserves its cycle beforehand, so the synapse engine never meets it here. Style C.
module lhw_accumulator #(
  parameter int unsigned Lanes      = 8,
  parameter int unsigned AccGroups  = 32,
  parameter int unsigned DelaySlots = 4,
  localparam int unsigned Lines     = AccGroups * DelaySlots,
  localparam int unsigned AccW      = $clog2(Lines)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,          // all groups clean
  input  logic            neu_valid_i,      // from the neuron engine: ACC or ACCADD
  input  logic            neu_add_i,
  input  logic            neu_clear_i,
  input  logic [AccW-1:0] neu_line_i,
  input  logic [31:0]     neu_data_i [Lanes],
  output logic [31:0]     neu_rdata_o [Lanes],   // two cycles after an ACC
  input  logic            syn_valid_i,      // from the synapse engine: a word of weights, or one value in some lanes
  input  logic            syn_dense_i,
  input  logic [AccW-1:0] syn_line_i,
  input  logic [7:0]      syn_word_i [Lanes],   // dense: a weight a lane
  input  logic            syn_signed_i,
  input  logic            syn_negate_i,
  input  logic [4:0]      syn_shift_i,
  input  logic [Lanes-1:0] syn_lanes_i,     // not dense
  input  logic [31:0]     syn_value_i,
  input  logic            cfg_valid_i,
  input  logic            cfg_write_i,
  input  logic [21:0]     cfg_addr_i,
  input  logic [31:0]     cfg_data_i,
  output logic [31:0]     cfg_rdata_o,      // two cycles after the access
  output logic            busy_o,
  output logic            awake_o          // an edge without inputs may change something here
);
  localparam int unsigned LaneW = $clog2(Lanes);

  typedef logic [31:0] vector_t [Lanes];
  typedef logic [7:0] weights_t [Lanes];
  typedef enum logic [1:0] {Read, Add, Access} kind_e;

  vector_t acc_mem [Lines];
  vector_t acc_q;
  logic [Lines-1:0] dirty;

  // Operation in its second cycle.
  logic            valid, clear, forward;
  kind_e           kind;
  logic [AccW-1:0] line;
  vector_t         addend;

  vector_t base, sum, plain;
  logic    write, active;
  logic [AccW-1:0] write_line;
  weights_t        weights;

  // Lane loops, each a function, for the reason given in lhw_style.svh.
  function automatic void add(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = p[l] + q[l];
  endfunction

  function automatic void expand(`LHW_OUT vector_t z, `LHW_IN weights_t w, input logic [31:0] sign);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = (32'(w[l]) ^ sign) - sign;
  endfunction

  function automatic void scale(`LHW_OUT vector_t z, `LHW_IN vector_t p, input logic minus, input logic [4:0] sh);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = (minus ? -p[l] : p[l]) << sh;
  endfunction

  function automatic void place(`LHW_OUT vector_t z, input logic [Lanes-1:0] lanes, input logic [31:0] value);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = lanes[l] ? value : 32'd0;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid  = 1'b0;
      active = 1'b0;
      dirty  = '0;
      busy_o  <= 1'b0;
      awake_o <= 1'b0;
    end else if (active || neu_valid_i || syn_valid_i || cfg_valid_i || clear_i) begin
      // Second cycle.
      write      = 1'b0;
      write_line = line;
      if (valid) begin
        if (!dirty[line]) base = '{default: '0};
        else if (forward) base = sum;
        else base = acc_q;
        case (kind)
          Read: begin
            neu_rdata_o <= base;
            if (clear) dirty[line] = 1'b0;
          end
          Add: begin
            add(sum, base, addend);
            write = 1'b1;
          end
          default: begin
            cfg_rdata_o <= base[cfg_addr_i[LaneW-1:0]];
            if (cfg_write_i) begin
              sum   = base;
              sum[cfg_addr_i[LaneW-1:0]] = cfg_data_i;
              write = 1'b1;
            end
          end
        endcase
        if (write) dirty[line] = 1'b1;
      end
      if (clear_i) dirty = '0;

      // First cycle.
      valid = neu_valid_i || syn_valid_i || cfg_valid_i;
      `LHW_ASSERT(OneClient, $countones({neu_valid_i, syn_valid_i, cfg_valid_i}) <= 1,
                  "Two clients use the accumulators in the same cycle.")
      if (neu_valid_i) begin
        line  = neu_line_i;
        clear = neu_clear_i;
        kind  = neu_add_i ? Add : Read;
        if (neu_add_i) addend = neu_data_i;
      end else if (syn_valid_i) begin
        line = syn_line_i;
        kind = Add;
        if (syn_dense_i) begin
          weights = syn_word_i;
          expand(addend, weights, {24'd0, syn_signed_i, 7'd0});
          if (syn_negate_i || syn_shift_i != 0) begin
            plain = addend;
            scale(addend, plain, syn_negate_i, syn_shift_i);
          end
        end else begin
          place(addend, syn_lanes_i, syn_value_i);
        end
      end else if (cfg_valid_i) begin
        line = AccW'(cfg_addr_i[17:LaneW]);
        kind = Access;
      end
      if (valid) begin
        acc_q   = acc_mem[line];
        forward = write && write_line == line;
      end

      if (write) acc_mem[write_line] `LHW_STORE sum;

      busy_o  <= valid;
      active   = valid;
      awake_o <= active;
    end
  end
endmodule
