`include "lhw_assert.svh"

/// The chip's output: flits of the mesh, tokens and responses of the chip itself, in the order in which they come.
///
/// A flit that was taken in here counts as delivered: it is not part of "in flight", because whatever follows it
/// (END after the events of a stage) queues behind it. A host that does not read therefore delays a stage only
/// once this queue and the mesh behind it are full.
module lhw_egress (
  input  logic        clk_i,
  input  logic        rst_ni,          // synchronous
  input  logic        clear_i,         // pulse: counter to 0
  input  logic        mesh_valid_i,    // link from the router of tile (0, 0)
  input  logic [63:0] mesh_flit_i,
  output logic        mesh_ready_o,
  input  logic        token_valid_i,   // link from the step controller
  input  logic [63:0] token_flit_i,
  input  logic        csr_valid_i,     // link from the chip's registers
  input  logic [63:0] csr_flit_i,
  output logic        local_ready_o,   // for both of them
  output logic [63:0] m_axis_tdata,
  output logic        m_axis_tvalid,
  input  logic        m_axis_tready,
  output logic        empty_o,         // the host has taken everything
  output logic [31:0] flits_out_o      // events that came out of the mesh
);
  localparam int unsigned Depth = 8;  // four places are the slack of the links

  // State that only the process below reads (style C).
  logic [63:0] queue [Depth];
  logic [2:0]  first;
  logic [3:0]  count;

  always_ff @(posedge clk_i) begin : egress
    logic        comes, goes, bypass;
    logic [63:0] flit;

    if (!rst_ni) begin
      first         = '0;
      count         = '0;
      m_axis_tvalid <= 1'b0;
      mesh_ready_o  <= 1'b1;
      local_ready_o <= 1'b1;
      empty_o       <= 1'b1;
      flits_out_o   <= '0;
    end else if (!empty_o || clear_i || mesh_valid_i || token_valid_i || csr_valid_i) begin
      `LHW_ASSERT(OneSource, $countones({mesh_valid_i, token_valid_i, csr_valid_i}) <= 1,
                  "Tokens and chip registers speak only while the mesh is silent.")
      comes  = mesh_valid_i || token_valid_i || csr_valid_i;
      flit   = mesh_valid_i ? mesh_flit_i : token_valid_i ? token_flit_i : csr_flit_i;
      goes   = !m_axis_tvalid || m_axis_tready;  // the output register is free
      bypass = goes && count == '0;

      if (clear_i) flits_out_o <= '0;
      else if (mesh_valid_i && !mesh_flit_i[63]) flits_out_o <= flits_out_o + 32'd1;

      if (goes) begin
        `LHW_ASSERT(OfferStays, !m_axis_tvalid || m_axis_tready, "What is offered is replaced before the host took it.")
        m_axis_tvalid <= comes || count != '0;
        if (count != '0)  m_axis_tdata <= queue[first];
        else if (comes)   m_axis_tdata <= flit;
      end
      if (comes && !bypass) queue[first + count[2:0]] <= flit;

      empty_o <= goes && count == '0 && !comes;
      if (goes && count != '0) begin
        first = first + 3'd1;
        count = count - 4'd1;
      end
      if (comes && !bypass) begin
        `LHW_ASSERT(NoOverflow, count < 4'(Depth), "A flit came to a full queue: a link rule was broken.")
        count = count + 4'd1;
      end
      mesh_ready_o  <= count <= 4'(Depth - 4);
      local_ready_o <= count <= 4'(Depth - 4);
    end
  end
endmodule
