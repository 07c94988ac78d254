/// Stand-in for a chip in the tests of the harness: sends every flit back, xor a parameter, after a fifo.
///
/// Flits with bit 63 and a code in the low byte do more: 1 keeps it busy for ever, 2 fails an assertion, 3 answers
/// with the number of cycles in which it was clocked since the last reset, 4 makes it take nothing for 100 cycles,
/// 5 answers with 100 flits.
module lhw_test_echo #(
  parameter logic [31:0] Key = 32'd0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [63:0] s_axis_tdata,
  input  logic        s_axis_tvalid,
  output logic        s_axis_tready,
  output logic [63:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        idle_o
);
  logic [63:0] fifo [4];
  logic [2:0]  count;
  logic [1:0]  head, tail;
  logic [63:0] cycles;
  logic [6:0]  wait_cycles, burst;
  logic        hang;

  assign s_axis_tready = count < 3'd4 && wait_cycles == 7'd0;
  assign idle_o = count == 3'd0 && !hang && wait_cycles == 7'd0 && burst == 7'd0 && !m_axis_tvalid;

  logic take, pop;
  assign take = s_axis_tvalid && s_axis_tready;
  assign pop  = count != 3'd0 && burst == 7'd0 && (!m_axis_tvalid || m_axis_tready);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count         <= '0;
      head          <= '0;
      tail          <= '0;
      cycles        <= '0;
      wait_cycles   <= '0;
      burst         <= '0;
      hang          <= 1'b0;
      m_axis_tvalid <= 1'b0;
      m_axis_tdata  <= '0;
    end else begin
      cycles <= cycles + 64'd1;
      count  <= count + {2'd0, take} - {2'd0, pop};
      if (wait_cycles != 7'd0) wait_cycles <= wait_cycles - 7'd1;
      if (m_axis_tready) m_axis_tvalid <= 1'b0;
      if (take) begin
        fifo[tail] <= s_axis_tdata;
        tail       <= tail + 2'd1;
        if (s_axis_tdata[63] && s_axis_tdata[7:0] == 8'd4) wait_cycles <= 7'd100;
      end
      if (burst != 7'd0) begin
        if (!m_axis_tvalid || m_axis_tready) begin
          m_axis_tvalid <= 1'b1;
          m_axis_tdata  <= {57'd0, burst};
          burst         <= burst - 7'd1;
        end
      end else if (pop) begin
        head          <= head + 2'd1;
        m_axis_tvalid <= 1'b1;
        m_axis_tdata  <= fifo[head] ^ {32'd0, Key};
        if (fifo[head][63]) begin
          m_axis_tvalid <= fifo[head][7:0] == 8'd3;
          m_axis_tdata  <= cycles;
          if (fifo[head][7:0] == 8'd1) hang <= 1'b1;
          if (fifo[head][7:0] == 8'd5) burst <= 7'd100;
          assert (fifo[head][7:0] != 8'd2)
          else $error("A flit asked for a failure.");
        end
      end
    end
  end
endmodule
