// Arithmetic of all lanes of a vector at once. To be included in a module that has a parameter Lanes and the types
// vector_t (a 32-bit number a lane) and lanes_t (a bit a lane). What a lane computes is in rtl/core/lhw_alu_pkg.sv; here
// are the loops, each a function of its own, for the reason given in lhw_style.svh.

function automatic void copy(`LHW_OUT vector_t z, `LHW_IN vector_t p);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = p[l];
endfunction

function automatic void add(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = p[l] + q[l];
endfunction

function automatic void subtract(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = p[l] - q[l];
endfunction

function automatic void multiply(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q,
                                 input logic [5:0] sh, input longint bias);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::multiply(p[l], q[l], sh, bias);
endfunction

function automatic void shift(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::shift_vector(p[l], q[l]);
endfunction

function automatic void shift_all(`LHW_OUT vector_t z, `LHW_IN vector_t p, input logic [5:0] sh);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::shift_signed(p[l], sh);
endfunction

function automatic void minimum(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::minimum(p[l], q[l]);
endfunction

function automatic void maximum(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::maximum(p[l], q[l]);
endfunction

function automatic void clip(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::maximum(lhw_alu_pkg::minimum(p[l], q[l]), -q[l]);
endfunction

function automatic void absolute(`LHW_OUT vector_t z, `LHW_IN vector_t p);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = p[l][31] ? -p[l] : p[l];
endfunction

function automatic void wrap(`LHW_OUT vector_t z, `LHW_IN vector_t p);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = lhw_alu_pkg::wrap24(p[l]);
endfunction

function automatic void count_from(`LHW_OUT vector_t z, input logic [31:0] start, input logic [31:0] step);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = start + step * 32'(l);
endfunction

function automatic void choose(`LHW_OUT vector_t z, `LHW_IN vector_t p, `LHW_IN vector_t q, input lanes_t from_p);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) z[l] = from_p[l] ? p[l] : q[l];
endfunction

function automatic lanes_t less(`LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) less[l] = $signed(p[l]) < $signed(q[l]);
endfunction

function automatic lanes_t equal(`LHW_IN vector_t p, `LHW_IN vector_t q);
  /* verilator no_inline_task */
  /* verilator unroll_disable */
  for (int l = 0; l < Lanes; l++) equal[l] = p[l] == q[l];
endfunction
