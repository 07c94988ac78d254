// In place of the products of the accumulators' multiply stage, for the proof: it says where an addend goes, whatever
// function of weight and factor the addend is, and no solver sees through two products of 32 bits. What the product is
// tests compare with plain integers.
(* techmap_celltype = "$mul" *)
module product #(
  parameter A_SIGNED = 0,
  parameter B_SIGNED = 0,
  parameter A_WIDTH  = 1,
  parameter B_WIDTH  = 1,
  parameter Y_WIDTH  = 1
) (
  input  [A_WIDTH-1:0] A,
  input  [B_WIDTH-1:0] B,
  output [Y_WIDTH-1:0] Y
);
  wire [Y_WIDTH-1:0] a, b;
  generate
    if (A_SIGNED) assign a = $signed(A); else assign a = A;
    if (B_SIGNED) assign b = $signed(B); else assign b = B;
  endgenerate
  assign Y = a + (b << 3);
endmodule
