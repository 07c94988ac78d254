/// The arbiter of a router's output: it serves somebody who asks, and whoever asks is served in turn.
module lhw_pick_props (
  input logic       clk_i,
  input logic [4:0] requests,  // free
  input logic       grants     // free: the output can take a flit
);
  import lhw_noc_pkg::pick;

  logic       started = 1'b0;
  logic [2:0] last;
  logic [2:0] winner;
  logic [2:0] waits [5];  // grants that others got while input i asked

  assign winner = pick(requests, last);

  always_ff @(posedge clk_i) begin
    started <= 1'b1;
    if (!started) begin
      last <= '0;
      for (int unsigned i = 0; i < 5; i++) waits[3'(i)] <= '0;
    end else begin
      last_is_an_input : assert (last < 3'd5);
      if (requests != '0) begin
        winner_is_an_input : assert (winner < 3'd5);
        winner_asked : assert (requests[winner]);
      end
      for (int unsigned i = 0; i < 5; i++) begin
        if (!requests[3'(i)]) waits[3'(i)] <= '0;
        else if (grants && winner == 3'(i)) waits[3'(i)] <= '0;
        else if (grants) waits[3'(i)] <= waits[3'(i)] + 3'd1;
        // Nobody waits for more than four others: who has waited n times has at most 4 - n others before him.
        assert (waits[3'(i)] <= 3'd4);
        assert (4'((4'(i) + 4'd4 - 4'(last)) % 4'd5) + 4'(waits[3'(i)]) <= 4'd4);
      end
      if (grants && requests != '0) last <= winner;
    end
  end
endmodule
