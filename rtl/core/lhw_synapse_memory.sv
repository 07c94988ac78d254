`include "lhw_assert.svh"
`include "lhw_style.svh"

/// The synapse memory: a line a cycle for the row or for the walk, whose tables go first, and words for configuration.
///
/// One read port and one write port. Whoever writes gives a whole line: today configuration alone, which reads a line,
/// replaces a word, and writes it in its second cycle. Style C.
module lhw_synapse_memory #(
  parameter int unsigned Lanes    = 8,
  parameter int unsigned SynLines = 1024,
  localparam int unsigned SynW    = SynLines > 1 ? $clog2(SynLines) : 1
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            row_valid_i,       // the row reads its next line, unless the walk reads one
  input  logic            row_reads_i,
  input  logic [SynW-1:0] row_line_i,
  input  logic            table_valid_i,     // the walk reads a line of a table
  input  logic [SynW-1:0] table_line_i,
  input  logic            acc_next_i,        // nobody reads, because the accumulators are reserved
  output logic [7:0]      bytes_o [Lanes],   // in the cycle after it was asked for
  input  logic            cfg_valid_i,
  input  logic            cfg_write_i,
  input  logic [22:0]     cfg_addr_i,
  input  logic [31:0]     cfg_data_i,
  output logic [31:0]     cfg_rdata_o        // two cycles after the access; 0 if it is for others
);
  localparam int unsigned LaneW = $clog2(Lanes);
  localparam int unsigned PartW = $clog2(Lanes / 4);

  typedef logic [7:0] line_t [Lanes];        // a byte for each lane

  line_t syn_mem [SynLines];

  logic             cfg_pending_q;

  logic             read, store;
  logic [SynW-1:0]  read_line, cfg_line;
  logic [LaneW-1:0] first;                   // lane of the lowest byte of a word
  line_t            merged, line;

  function automatic void copy(`LHW_OUT line_t z, `LHW_IN line_t p);
    /* verilator no_inline_task */
    /* verilator unroll_disable */
    for (int l = 0; l < Lanes; l++) z[l] = p[l];
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cfg_pending_q = 1'b0;
    end else if ((((row_valid_i && row_reads_i) || table_valid_i) && !acc_next_i) || cfg_valid_i || cfg_pending_q) begin
      `LHW_ASSERT(ConfigAlone, !(cfg_valid_i || cfg_pending_q) || !((row_valid_i && row_reads_i) || table_valid_i),
                  "Configuration takes the memory while events use it.")
      read      = !cfg_pending_q;
      read_line = table_valid_i ? table_line_i : row_line_i;
      cfg_line  = cfg_addr_i[SynW+PartW-1:PartW];
      store     = 1'b0;

      // Configuration, second cycle, then first cycle.
      if (cfg_pending_q) begin
        merged = bytes_o;
        first  = LaneW'({cfg_addr_i[PartW-1:0], 2'd0});
        for (int i = 0; i < 4; i++) begin
          cfg_rdata_o[8*i+:8]     <= cfg_addr_i[22] ? bytes_o[first+LaneW'(i)] : '0;
          merged[first+LaneW'(i)] = cfg_data_i[8*i+:8];
        end
        store = cfg_addr_i[22] && cfg_write_i;
      end
      cfg_pending_q = cfg_valid_i;
      if (cfg_valid_i) begin
        read      = cfg_addr_i[22];
        read_line = cfg_line;
      end

      // By a loop: Verilator copies a line of a memory with an instruction for each lane.
      if (read) begin
        copy(line, syn_mem[read_line]);
        bytes_o <= line;
      end
      if (store) syn_mem[cfg_line] `LHW_STORE merged;
    end
  end
endmodule
