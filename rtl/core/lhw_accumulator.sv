`include "lhw_assert.svh"
`include "lhw_style.svh"

/// Accumulators of all delay slots: a bank of sums for each lane, each with its own address {slot, group}.
///
/// First cycle: read the banks, and make the addends (the multiply stage of what the synapse engine contributes).
/// Second cycle: add and write, or give the sums to the neuron engine. A clean group is zero: the last reader writes
/// zeros in its second cycle, in which the write port is free, and after reset and clear a walk writes zeros into all
/// lines. So reading and adding know no other case. The neuron engine goes first; it reserves its cycle beforehand, so
/// the synapse engine never meets it here. Two forms that do the same in every cycle: fused and in place for the
/// simulator, a memory a bank for synthesis.
module lhw_accumulator #(
  parameter int unsigned Lanes      = 8,
  parameter int unsigned AccGroups  = 32,
  parameter int unsigned DelaySlots = 4,
  localparam int unsigned Lines     = DelaySlots << $clog2(AccGroups),
  localparam int unsigned LineW     = $clog2(Lines)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,          // all groups clean, from the end of the walk on
  input  logic             neu_valid_i,      // from the neuron engine: ACC or ACCADD
  input  logic             neu_add_i,
  input  logic             neu_clear_i,
  input  logic [LineW-1:0] neu_line_i,
  input  logic [31:0]      neu_data_i [Lanes],
  output logic [31:0]      neu_rdata_o [Lanes],   // two cycles after an ACC
  input  logic             syn_valid_i,      // contribution of the synapse engine: a line of bytes, before the multiply
  input  logic             syn_weighs_i,     // stage; without it the factor alone is added
  input  logic [LineW-1:0] syn_line_i,
  input  logic [Lanes-1:0] syn_lanes_i,      // lanes that it adds to
  input  logic [7:0]       syn_bytes_i [Lanes],
  input  logic             syn_signed_i,
  input  logic [31:0]      syn_factor_i,
  input  logic             gat_valid_i,      // contribution of a word of several lines
  input  logic             gat_apart_i,      // each lane has an address of its own, else all have gat_line_i
  input  logic [LineW-1:0] gat_line_i,
  input  logic [LineW-1:0] gat_lines_i [Lanes],
  input  logic [Lanes-1:0] gat_lanes_i,
  input  logic [15:0]      gat_weights_i [Lanes],
  input  logic [15:0]      gat_sign_i,       // half of the range of signed weights, else 0
  input  logic [31:0]      gat_factor_i,
  input  logic             cfg_valid_i,
  input  logic             cfg_write_i,
  input  logic [21:0]      cfg_addr_i,
  input  logic [31:0]      cfg_data_i,
  output logic [31:0]      cfg_rdata_o,      // two cycles after the access
  output logic             walking_o,        // the walk has the banks
  output logic             busy_o,
  output logic             awake_o           // an edge without inputs may change something here
);
  localparam int unsigned LaneW = $clog2(Lanes);
  localparam logic [LineW-1:0] LastLine = LineW'(Lines - 1);

  typedef logic [31:0] vector_t [Lanes];
  typedef logic [7:0] bytes_t [Lanes];
  typedef logic [15:0] weights_t [Lanes];
  typedef logic [Lanes-1:0] lanes_t;

  logic [LineW-1:0] cfg_line;
  logic [LaneW-1:0] cfg_lane;
  assign cfg_line = cfg_addr_i[LaneW+:LineW];
  assign cfg_lane = cfg_addr_i[LaneW-1:0];

`ifdef LHW_FOR_SIMULATOR
  // An addition is done whole in its first cycle, a read in its second one before the first cycle of what follows: the
  // sums that anybody can see are the same in every cycle. Style C.
  vector_t acc_mem [Lines];

  logic             walking_q, reads_q, clears_q, accesses_q, active_q;
  logic [LineW-1:0] walk_q, line_q;

  // Lane loops, each a function, for the reason given in lhw_style.svh. `ref`: the line is changed in its place.
  function automatic void zero(ref vector_t z);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = '0;
  endfunction

  function automatic void add(ref vector_t z, const ref vector_t p);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = z[l] + p[l];
  endfunction

  // What lhw_alu_pkg::weigh says, in 32 bits: the compiler makes one product for several lanes of it.
  function automatic void add_bytes(ref vector_t z, const ref bytes_t w, input logic [31:0] sign,
                                    input logic [31:0] factor);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = z[l] + ((32'(w[l]) ^ sign) - sign) * factor;
  endfunction

  function automatic void add_some_bytes(ref vector_t z, const ref bytes_t w, input logic [31:0] sign,
                                         input logic [31:0] factor, input lanes_t lanes);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = z[l] + (lanes[l] ? ((32'(w[l]) ^ sign) - sign) * factor : 32'd0);
  endfunction

  function automatic void add_weights(ref vector_t z, const ref weights_t w, input logic [31:0] sign,
                                      input logic [31:0] factor);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = z[l] + ((32'(w[l]) ^ sign) - sign) * factor;
  endfunction

  function automatic void add_some_weights(ref vector_t z, const ref weights_t w, input logic [31:0] sign,
                                           input logic [31:0] factor, input lanes_t lanes);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = z[l] + (lanes[l] ? ((32'(w[l]) ^ sign) - sign) * factor : 32'd0);
  endfunction

  function automatic void add_value(ref vector_t z, input lanes_t lanes, input logic [31:0] value);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = z[l] + (lanes[l] ? value : 32'd0);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      walking_q  = 1'b1;
      walk_q     = '0;
      reads_q    = 1'b0;
      accesses_q = 1'b0;
      active_q   = 1'b1;
      walking_o <= 1'b1;
      busy_o    <= 1'b1;
      awake_o   <= 1'b1;
    end else if (active_q || neu_valid_i || syn_valid_i || gat_valid_i || cfg_valid_i || clear_i) begin
      `LHW_ASSERT(OneClient, $countones({neu_valid_i, syn_valid_i, gat_valid_i, cfg_valid_i, walking_q}) <= 1,
                  "Two clients use the accumulators in the same cycle.")
      // Second cycle.
      if (reads_q) begin
        neu_rdata_o <= acc_mem[line_q];
        if (clears_q) zero(acc_mem[line_q]);
      end
      if (accesses_q) begin
        cfg_rdata_o <= acc_mem[line_q][cfg_lane];
        if (cfg_write_i) acc_mem[line_q][cfg_lane] = cfg_data_i;
      end
      if (walking_q) begin
        zero(acc_mem[walk_q]);
        walking_q = walk_q != LastLine;
        walk_q    = walk_q + 1'b1;
      end

      // First cycle.
      reads_q    = neu_valid_i && !neu_add_i;
      accesses_q = cfg_valid_i;
      if (reads_q) begin
        line_q   = neu_line_i;
        clears_q = neu_clear_i;
      end else if (neu_valid_i) begin
        add(acc_mem[neu_line_i], neu_data_i);
      end else if (cfg_valid_i) begin
        line_q = cfg_line;
      end else if (syn_valid_i) begin
        if (!syn_weighs_i) begin
          add_value(acc_mem[syn_line_i], syn_lanes_i, syn_factor_i);
        end else if (syn_lanes_i == '1) begin
          add_bytes(acc_mem[syn_line_i], syn_bytes_i, {24'd0, syn_signed_i, 7'd0}, syn_factor_i);
        end else begin
          add_some_bytes(acc_mem[syn_line_i], syn_bytes_i, {24'd0, syn_signed_i, 7'd0}, syn_factor_i, syn_lanes_i);
        end
      end else if (gat_valid_i) begin
        if (gat_apart_i) begin
          for (int l = 0; l < Lanes; l++) begin
            if (gat_lanes_i[l]) begin
              acc_mem[gat_lines_i[l]][l] = acc_mem[gat_lines_i[l]][l] +
                                           lhw_alu_pkg::weigh(gat_weights_i[l], gat_sign_i, gat_factor_i);
            end
          end
        end else if (gat_lanes_i == '1) begin
          add_weights(acc_mem[gat_line_i], gat_weights_i, {16'd0, gat_sign_i}, gat_factor_i);
        end else begin
          add_some_weights(acc_mem[gat_line_i], gat_weights_i, {16'd0, gat_sign_i}, gat_factor_i, gat_lanes_i);
        end
      end

      if (clear_i) begin
        walking_q = 1'b1;
        walk_q    = '0;
      end
      walking_o <= walking_q;
      active_q  = neu_valid_i || syn_valid_i || gat_valid_i || cfg_valid_i || walking_q;
      busy_o    <= active_q;
      awake_o   <= active_q;
    end
  end
`else
  typedef enum logic [1:0] {Read, Add, Access} kind_e;

  logic             first, valid_q, clears_q, walking_q;
  kind_e            kind_q;
  logic [LineW-1:0] walk_q;
  vector_t          sum, addend_q;

  assign first     = neu_valid_i || syn_valid_i || gat_valid_i || cfg_valid_i;
  assign walking_o = walking_q;

  for (genvar l = 0; l < Lanes; l++) begin : gen_banks
    logic [LineW-1:0] line, line_q;
    logic             write;
    logic [31:0]      store;

    assign line = neu_valid_i ? neu_line_i : syn_valid_i ? syn_line_i : !gat_valid_i ? cfg_line :
                  gat_apart_i ? gat_lines_i[l] : gat_line_i;

    always_comb begin
      write = walking_q;
      store = '0;
      if (valid_q) begin
        case (kind_q)
          Read: write = write || clears_q;
          Add: begin
            write = 1'b1;
            store = walking_q ? '0 : sum[l] + addend_q[l];
          end
          default: begin
            write = write || (cfg_write_i && cfg_lane == LaneW'(l));
            store = walking_q ? '0 : cfg_data_i;
          end
        endcase
      end
    end

    lhw_bank #(.Lines(Lines)) u_bank (
      .clk_i, .read_i(first), .line_i(line), .sum_o(sum[l]), .write_i(write),
      .store_line_i(walking_q ? walk_q : line_q), .store_i(store)
    );

    // The multiply stage: one product for both sorts of contributions.
    logic [15:0] weight, sign;

    always_comb begin
      weight = gat_weights_i[l];
      sign   = gat_sign_i;
      if (syn_valid_i) begin
        weight = syn_weighs_i ? {8'd0, syn_bytes_i[l]} : 16'd1;
        sign   = {8'd0, syn_weighs_i && syn_signed_i, 7'd0};
      end
    end

    always_ff @(posedge clk_i) begin
      if (first) begin
        line_q <= line;
        if (neu_valid_i) addend_q[l] <= neu_data_i[l];
        else if (!(syn_valid_i ? syn_lanes_i[l] : gat_lanes_i[l])) addend_q[l] <= '0;
        else addend_q[l] <= lhw_alu_pkg::weigh(weight, sign, syn_valid_i ? syn_factor_i : gat_factor_i);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      walking_q <= 1'b1;
      walk_q    <= '0;
      valid_q   <= 1'b0;
      busy_o    <= 1'b1;
      awake_o   <= 1'b1;
    end else begin
      `LHW_ASSERT(OneClient, $countones({neu_valid_i, syn_valid_i, gat_valid_i, cfg_valid_i, walking_q}) <= 1,
                  "Two clients use the accumulators in the same cycle.")
      valid_q <= first;
      if (first) begin
        kind_q   <= neu_valid_i ? (neu_add_i ? Add : Read) : cfg_valid_i ? Access : Add;
        clears_q <= neu_clear_i;
      end
      if (valid_q && kind_q == Read) neu_rdata_o <= sum;
      if (valid_q && kind_q == Access) cfg_rdata_o <= sum[cfg_lane];
      walk_q    <= clear_i ? '0 : walk_q + 1'b1;
      walking_q <= clear_i || (walking_q && walk_q != LastLine);
      busy_o    <= first || clear_i || (walking_q && walk_q != LastLine);
      awake_o   <= first || clear_i || (walking_q && walk_q != LastLine);
    end
  end
`endif
endmodule
