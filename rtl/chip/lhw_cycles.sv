/// The chip's counter of cycles in which a stage is in progress.
///
/// It stands outside of lhw_host, because it is all that moves there while a stage is in progress and nothing comes in:
/// a simulator that leaves out the host part in such cycles counts them itself.
module lhw_cycles (
  input  logic        clk_i,
  input  logic        rst_ni,    // synchronous
  input  logic        clear_i,   // pulse: RESET takes effect
  input  logic        counts_i,  // a stage is in progress
  output logic [63:0] cycles_o
);
  always_ff @(posedge clk_i) begin : cycles
    if (!rst_ni || clear_i) cycles_o <= '0;
    else if (counts_i)      cycles_o <= cycles_o + 64'd1;
  end
endmodule
