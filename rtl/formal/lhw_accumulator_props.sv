/// The accumulators equal a plain memory that is read, added to and written in one step, whatever follows what: a group
/// that is read while the operation before writes it, groups that a reader leaves clean, lanes with addresses of their
/// own, the walk after reset and clear.
///
/// Proved by induction (rtl/formal/accumulator.sby) for any one group, in the form that synthesis takes. (The tests of
/// tests/rtl hold the form of the simulator equal to it.)
module lhw_accumulator_props (
  input logic        clk_i,
  input logic        clear,       // free
  input logic        neu_valid, neu_add, neu_clear,
  input logic [1:0]  neu_line,
  input logic [63:0] neu_data,
  input logic        syn_valid, syn_weighs, syn_signed,
  input logic [1:0]  syn_lanes,
  input logic [1:0]  syn_line,
  input logic [15:0] syn_bytes,
  input logic [31:0] syn_factor,
  input logic        gat_valid, gat_apart,
  input logic [1:0]  gat_lanes,
  input logic [1:0]  gat_line,
  input logic [3:0]  gat_lines,
  input logic [31:0] gat_weights,
  input logic [15:0] gat_sign,
  input logic [31:0] gat_factor,
  input logic        cfg_valid, cfg_write,
  input logic [21:0] cfg_addr,
  input logic [31:0] cfg_data
);
  localparam int unsigned Lanes = 2;

  logic        started = 1'b0;
  logic [31:0] data [Lanes], rdata [Lanes];
  logic [1:0]  lines [Lanes];
  logic [7:0]  bytes [Lanes];
  logic [15:0] weights [Lanes];
  logic [31:0] cfg_rdata;
  logic        walking, busy, awake;

  // The plain memory: the one group that is watched. Any one: this is never written.
  logic [1:0]  watched;
  logic [31:0] value [Lanes];
  // What was read from it, one and two cycles ago, and which lane configuration asked for.
  logic        read1, read2, access1, access2, lane1, lane2;
  logic [31:0] wanted1 [Lanes], wanted2 [Lanes];
  logic        neu_hits, cfg_hits;
  logic [1:0]  syn_hits, gat_hits;
  logic [31:0] numbers [Lanes], adds [Lanes];
  // At the last edge.
  logic        cfg_before, write_before;
  logic [21:0] addr_before;
  logic [31:0] data_before;
  logic        first_before = 1'b0;

  lhw_accumulator #(.Lanes(Lanes), .AccGroups(2), .DelaySlots(2)) u_accumulator (
    .clk_i, .rst_ni(started), .clear_i(clear), .neu_valid_i(neu_valid), .neu_add_i(neu_add), .neu_clear_i(neu_clear),
    .neu_line_i(neu_line), .neu_data_i(data), .neu_rdata_o(rdata), .syn_valid_i(syn_valid), .syn_weighs_i(syn_weighs),
    .syn_line_i(syn_line), .syn_lanes_i(syn_lanes), .syn_bytes_i(bytes), .syn_signed_i(syn_signed),
    .syn_factor_i(syn_factor), .gat_valid_i(gat_valid), .gat_apart_i(gat_apart), .gat_line_i(gat_line),
    .gat_lines_i(lines), .gat_lanes_i(gat_lanes), .gat_weights_i(weights), .gat_sign_i(gat_sign),
    .gat_factor_i(gat_factor), .cfg_valid_i(cfg_valid), .cfg_write_i(cfg_write), .cfg_addr_i(cfg_addr),
    .cfg_data_i(cfg_data), .cfg_rdata_o(cfg_rdata), .walking_o(walking), .busy_o(busy),
    .awake_o(awake)
  );

  always_comb begin
    for (int l = 0; l < Lanes; l++) begin
      data[l]    = neu_data[32*l+:32];
      lines[l]   = gat_lines[2*l+:2];
      bytes[l]   = syn_bytes[8*l+:8];
      weights[l] = gat_weights[16*l+:16];
      // docs/chip.md section 6: a stored weight of 4, 8 or 16 bits as signed or unsigned number, times the factor. (What
      // a product is nobody has to know here: product.v.)
      case (gat_sign)
        16'h0008: numbers[l] = {{28{weights[l][3]}}, weights[l][3:0]};
        16'h0080: numbers[l] = {{24{weights[l][7]}}, weights[l][7:0]};
        16'h8000: numbers[l] = {{16{weights[l][15]}}, weights[l]};
        default:  numbers[l] = {16'd0, weights[l]};
      endcase
      if (syn_valid) numbers[l] = !syn_weighs ? 32'd1 : {{24{syn_signed && bytes[l][7]}}, bytes[l]};
      adds[l]     = numbers[l] * (syn_valid ? syn_factor : gat_factor);
      syn_hits[l] = syn_valid && syn_lanes[l] && watched == syn_line;
      gat_hits[l] = gat_valid && gat_lanes[l] && watched == (gat_apart ? lines[l] : gat_line);
    end
  end
  assign neu_hits = neu_valid && neu_line == watched;
  assign cfg_hits = cfg_valid && cfg_addr[2:1] == watched;

  always_ff @(posedge clk_i) begin
    started      <= 1'b1;
    watched      <= watched;
    cfg_before   <= started && cfg_valid;
    write_before <= cfg_write;
    addr_before  <= cfg_addr;
    data_before  <= cfg_data;
    first_before <= started && (neu_valid || syn_valid || gat_valid || cfg_valid);
    read1        <= started && neu_hits && !neu_add;
    read2        <= started && read1;
    access1      <= started && cfg_hits;
    access2      <= started && access1;
    lane1        <= cfg_addr[0];
    lane2        <= lane1;
    wanted1      <= value;
    wanted2      <= wanted1;

    if (!started) begin
      for (int l = 0; l < Lanes; l++) value[l] <= '0;
    end else begin
      // One client at a time, none while the walk has the banks; clear comes when all rests; what configuration asks
      // for stays for the next cycle.
      assume ($countones({neu_valid, syn_valid, gat_valid, cfg_valid, walking}) <= 1);
      assume (!clear || !(neu_valid || syn_valid || gat_valid || cfg_valid || first_before));
      // A weight has no more bits than its format.
      assume (gat_sign == 16'd0 || gat_sign == 16'h0008 || gat_sign == 16'h0080 || gat_sign == 16'h8000);
      for (int l = 0; l < Lanes; l++) begin
        assume (gat_sign != 16'h0008 || weights[l] < 16'd16);
        assume (gat_sign != 16'h0080 || weights[l] < 16'd256);
      end
      assume (!cfg_before || (cfg_write == write_before && cfg_addr == addr_before && cfg_data == data_before));

      for (int l = 0; l < Lanes; l++) begin
        if (clear)                                                             value[l] <= '0;
        else if (neu_hits && neu_add)                                          value[l] <= value[l] + data[l];
        else if (neu_hits && neu_clear)                                        value[l] <= '0;
        else if (syn_hits[l] || gat_hits[l])                                   value[l] <= value[l] + adds[l];
        else if (cfg_hits && cfg_write && cfg_addr[0] == 1'(l))                value[l] <= cfg_data;
        // Two cycles after a group was asked for, what the plain memory held then is given.
        assert (!read2 || rdata[l] == wanted2[l]);
      end
      assert (!access2 || cfg_rdata == wanted2[lane2]);
      // Busy while an operation is in its second cycle, and as long as the walk lasts.
      assert (busy == (first_before || walking));
      assert (awake == busy);
      assert (u_accumulator.valid_q == first_before);

      // Why: an operation on the group in its second cycle has the group's sum, else the memory has it.
      assert (!(walking && first_before));
      assert (!first_before || u_accumulator.kind_q != 2'd3);
      assert (!walking || (value[0] == '0 && value[1] == '0));
      assert (!read1 || (first_before && u_accumulator.kind_q == 2'd0));
      assert (!access1 || (cfg_before && first_before));
      assert (!cfg_before || u_accumulator.kind_q == 2'd2);
      assert (!first_before || u_accumulator.kind_q != 2'd2 || cfg_before);
      assert (!access1 || lane1 == addr_before[0]);
      for (int l = 0; l < Lanes; l++) if (cfg_before) assert (line(1'(l)) == addr_before[2:1]);
      for (int l = 0; l < Lanes; l++) begin
        if (first_before && line(1'(l)) == watched) begin
          assert (u_accumulator.sum[l] == held(1'(l)));
          case (u_accumulator.kind_q)
            2'd0:    assert (value[l] == (u_accumulator.clears_q ? 32'd0 : u_accumulator.sum[l]));
            2'd1:    assert (value[l] == u_accumulator.sum[l] + u_accumulator.addend_q[l]);
            default: assert (value[l] == (write_before && addr_before[0] == 1'(l) ? data_before :
                                          u_accumulator.sum[l]));
          endcase
          if (read1 || access1) assert (u_accumulator.sum[l] == wanted1[l]);
        end else if (!(walking && u_accumulator.walk_q <= watched)) begin
          assert (value[l] == held(1'(l)));
        end
        if (read1 || access1) assert (line(1'(l)) == watched);
      end

      cover (u_accumulator.gen_banks[0].u_bank.forward_q && read1);             // what is just being written is read
      cover (u_accumulator.clears_q && read1 && syn_hits[1]);                   // added to while it is left clean
      cover (gat_valid && gat_apart && gat_hits == 2'b10 && gat_lanes == 2'b11); // lanes at different groups
      cover (access2 && !walking && !cfg_before);                               // configuration has read
      cover (clear && started);
    end
  end

  /// The memory's word of the watched group.
  function automatic logic [31:0] held(logic lane);
    return lane ? u_accumulator.gen_banks[1].u_bank.acc_mem[watched] :
                  u_accumulator.gen_banks[0].u_bank.acc_mem[watched];
  endfunction

  /// The group of the operation that is in its second cycle.
  function automatic logic [1:0] line(logic lane);
    return lane ? u_accumulator.gen_banks[1].line_q : u_accumulator.gen_banks[0].line_q;
  endfunction
endmodule
