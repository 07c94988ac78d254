`include "lhw_assert.svh"

/// Checks that what goes into the mesh comes out of it: whenever the chip is called quiescent, as many flits were
/// received as were sent, both counted in the same cycle. Has no outputs, and no contents for synthesis.
module lhw_flit_check #(
  parameter int unsigned Ends = 2
) (
  input logic            clk_i,
  input logic            rst_ni,      // synchronous
  input logic [Ends-1:0] sends_i,     // a flit goes into the mesh here
  input logic [Ends-1:0] receives_i,  // a flit comes out of it here
  input logic            quiet_i,
  input logic            dropped_i    // a router may have dropped a flit
);
`ifdef SYNTHESIS
  logic unused;
  assign unused = ^{clk_i, rst_ni, sends_i, receives_i, quiet_i, dropped_i};
`else
  logic [31:0] in_flight;

  always_ff @(posedge clk_i) begin : flit_check
    if (!rst_ni || dropped_i) begin
      in_flight = '0;
    end else begin
      `LHW_ASSERT(NoneInFlight, !quiet_i || in_flight == '0,
                  "The chip is called quiescent while a flit is in flight, or a flit was lost or made.")
      if (sends_i != '0 || receives_i != '0) begin
        in_flight = in_flight + 32'($countones(sends_i)) - 32'($countones(receives_i));
      end
    end
  end
`endif
endmodule
