/// Arithmetic of one lane of the neuron engine (docs/chip.md, section 4). Pure functions, no state.
package lhw_alu_pkg;

  /// a << b for b >= 0, else a >>> -b; amounts of 32 and more give 0, or the sign to the right, as numpy does.
  function automatic logic [31:0] shift_vector(logic [31:0] a, logic [31:0] b);
    logic [31:0] amount;
    amount = b[31] ? -b : b;
    if (!b[31]) return |amount[31:5] ? 32'd0 : a << amount[4:0];
    return |amount[31:5] ? {32{a[31]}} : $unsigned($signed(a) >>> amount[4:0]);
  endfunction

  /// Low half of the 64-bit signed product shifted right: floor with bias 0, toward zero with bias 2^sh - 1. A product
  /// is at least -2^62 and at most 2^62, so adding the bias to a negative one cannot overflow.
  function automatic logic [31:0] multiply(logic [31:0] a, logic [31:0] b, logic [5:0] sh, longint bias);
    longint product;
    product = longint'($signed(a)) * longint'($signed(b));
    if (product < 0) product = product + bias;
    return 32'(product >>> sh);
  endfunction

  function automatic logic [31:0] minimum(logic [31:0] a, logic [31:0] b);
    return $signed(a) < $signed(b) ? a : b;
  endfunction

  function automatic logic [31:0] maximum(logic [31:0] a, logic [31:0] b);
    return $signed(a) > $signed(b) ? a : b;
  endfunction

  /// Once back into (-2^23, 2^23].
  function automatic logic [31:0] wrap24(logic [31:0] a);
    if ($signed(a) > 32'sh0080_0000) return a - 32'h0100_0000;
    if ($signed(a) <= -32'sh0080_0000) return a + 32'h0100_0000;
    return a;
  endfunction

  /// Accumulator value shifted by a two's complement amount: left, or arithmetic right.
  function automatic logic [31:0] shift_signed(logic [31:0] a, logic [5:0] sh);
    logic [5:0] right;
    right = -sh;
    if (!sh[5]) return a << sh[4:0];
    return right[5] ? {32{a[31]}} : $unsigned($signed(a) >>> right[4:0]);
  endfunction

  /// What a stored weight adds: the number that it stands for, times the factor of its contribution. `sign` is half of
  /// the range of signed weights (8, 128 or 2^15), else 0. In 17 bits, so that synthesis makes a product no wider.
  function automatic logic [31:0] weigh(logic [15:0] weight, logic [15:0] sign, logic [31:0] factor);
    logic signed [16:0] number;
    number = $signed({1'b0, weight ^ sign}) - $signed({1'b0, sign});
    return 32'(number) * factor;
  endfunction

  /// The opcodes that this core executes; the others are reserved.
  function automatic logic known_opcode(logic [4:0] op);
    return op <= lhw_regs_pkg::OPCODE_EMITG && op != lhw_regs_pkg::OPCODE_ADDS &&
           op != lhw_regs_pkg::OPCODE_MADTZ && op != lhw_regs_pkg::OPCODE_BCAST;
  endfunction

endpackage
