/// Sums of one lane: a block memory with one read and one write port, as synthesis infers it.
///
/// An operation reads its line in its first cycle and may write it in its second one. A line that is read while the
/// operation before it writes that line takes the new value from there, because the memory still gives the old one.
module lhw_bank #(
  parameter int unsigned Lines  = 128,
  localparam int unsigned LineW = $clog2(Lines)
) (
  input  logic             clk_i,
  input  logic             read_i,         // first cycle
  input  logic [LineW-1:0] line_i,
  output logic [31:0]      sum_o,          // what the line held; in the second cycle
  input  logic             write_i,        // second cycle
  input  logic [LineW-1:0] store_line_i,
  input  logic [31:0]      store_i
);
  logic [31:0] acc_mem [Lines];
  logic [31:0] read_q, stored_q;
  logic        forward_q;

  assign sum_o = forward_q ? stored_q : read_q;

  always_ff @(posedge clk_i) begin
    if (read_i) begin
      read_q    <= acc_mem[line_i];
      forward_q <= write_i && store_line_i == line_i;
      stored_q  <= store_i;
    end
    if (write_i) acc_mem[store_line_i] <= store_i;
  end
endmodule
