`include "lhw_assert.svh"

/// The chip's own registers: read and written by configuration flits to core 63, and over AXI4-Lite.
///
/// Configuration flits for cores that do not exist come here, too: they are refused with BAD_ADDRESS, and a read still
/// gets its responses, with data 0. One request at a time on either side.
module lhw_chip_csr #(
  parameter int unsigned MeshX    = 1,
  parameter int unsigned MeshY    = 1,
  parameter int unsigned Lanes    = 8,
  parameter int unsigned Word     = 64,
  parameter logic [31:0] ConfigId = '0
) (
  input  logic        clk_i,
  input  logic        rst_ni,        // synchronous
  input  logic        clear_i,       // pulse: forget the fault
  // Configuration flits; the sender waits while busy_o.
  input  logic        in_valid_i,
  input  logic [63:0] in_flit_i,
  output logic        out_valid_o,   // link to the host: responses
  output logic [63:0] out_flit_o,
  input  logic        out_ready_i,
  output logic        busy_o,
  output logic [7:0]  fault_o,       // BAD_ADDRESS, until clear_i
  // AXI4-Lite slave; byte address 4 * register.
  input  logic [7:0]  s_axil_awaddr,
  input  logic [2:0]  s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [3:0]  s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [1:0]  s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [7:0]  s_axil_araddr,
  input  logic [2:0]  s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [1:0]  s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,
  // What can be written.
  output logic [4:0]  stages_o,
  output logic [15:0] needs_close_o,
  output logic [15:0] needs_end_o,
  // What can be read.
  input  logic        paused_i,
  input  logic        idle_i,
  input  logic [7:0]  fault_code_i,
  input  logic [31:0] step_i,
  input  logic [31:0] limit_i,
  input  logic [63:0] cycles_i,
  input  logic [31:0] cycles_wait_i,
  input  logic [31:0] flits_in_i,
  input  logic [31:0] flits_out_i
);
  import lhw_regs_pkg::*;

  localparam logic [1:0] Okay   = 2'b00;
  localparam logic [1:0] SlvErr = 2'b10;
  localparam logic [31:0] Shape = {8'(Word / 8), 8'(Lanes), 8'(MeshY), 8'(MeshX)};

  // State that only the process below reads (style C).
  config_flit_t request;  // the read in progress
  logic         reading;
  logic         has_address, has_data;  // of an AXI4-Lite write that waits for the other half
  logic [7:0]   write_index;
  logic [15:0]  write_data;    // no writable register is wider
  logic [1:0]   write_strobe;

  logic unused;
  assign unused = ^{s_axil_awprot, s_axil_arprot, s_axil_awaddr[1:0], s_axil_araddr[1:0], s_axil_wdata[31:16],
                    s_axil_wstrb[3:2]};

  /// True if there is a register at this address of this core.
  function automatic logic is_there(logic [5:0] core, logic [22:0] addr);
    return core == 6'(CONTROL_CORE) && addr <= 23'(CHIP_CSR_CYC_WAIT);
  endfunction

  /// Value of a register; 0 where there is none.
  function automatic logic [31:0] value_of(logic [7:0] index);
    case (index)
      CHIP_CSR_MAGIC:       return MAGIC_CHIP;
      CHIP_CSR_LAYOUT:      return LAYOUT_HASH;
      CHIP_CSR_CONFIG_ID:   return ConfigId;
      CHIP_CSR_SHAPE:       return Shape;
      CHIP_CSR_STAGES:      return 32'(stages_o);
      CHIP_CSR_NEEDS_CLOSE: return 32'(needs_close_o);
      CHIP_CSR_NEEDS_END:   return 32'(needs_end_o);
      CHIP_CSR_STATUS:      return {16'd0, fault_code_i, 6'd0, idle_i, paused_i};
      CHIP_CSR_STEP:        return step_i;
      CHIP_CSR_LIMIT:       return limit_i;
      CHIP_CSR_CYCLES_LO:   return cycles_i[31:0];
      CHIP_CSR_CYCLES_HI:   return cycles_i[63:32];
      CHIP_CSR_FLITS_IN:    return flits_in_i;
      CHIP_CSR_FLITS_OUT:   return flits_out_i;
      CHIP_CSR_CYC_WAIT:    return cycles_wait_i;
      default:              return '0;
    endcase
  endfunction

  /// True if the host may write this register.
  function automatic logic is_writable(logic [7:0] index);
    return index == CHIP_CSR_STAGES || index == CHIP_CSR_NEEDS_CLOSE || index == CHIP_CSR_NEEDS_END;
  endfunction

  always_ff @(posedge clk_i) begin : chip_csr
    logic         writes, sends;
    logic [7:0]   index;
    logic [31:0]  data, strobe;
    config_flit_t flit;
    read_data_t   asked;

    if (!rst_ni) begin
      reading        = 1'b0;
      has_address    = 1'b0;
      has_data       = 1'b0;
      out_valid_o    <= 1'b0;
      busy_o         <= 1'b0;
      fault_o        <= '0;
      s_axil_awready <= 1'b1;
      s_axil_wready  <= 1'b1;
      s_axil_arready <= 1'b1;
      s_axil_bvalid  <= 1'b0;
      s_axil_rvalid  <= 1'b0;
      stages_o       <= 5'd1;
      needs_close_o  <= '0;
      needs_end_o    <= '0;
    end else if (in_valid_i || busy_o || clear_i || s_axil_awvalid || s_axil_wvalid || s_axil_arvalid ||
                 s_axil_bvalid || s_axil_rvalid || (has_address && has_data)) begin
      writes = 1'b0;
      sends  = 1'b0;
      index  = '0;
      data   = '0;
      strobe = '1;
      if (clear_i) fault_o <= '0;

      // Configuration flits.
      if (reading && out_ready_i) begin
        sends      = 1'b1;
        flit       = request;
        flit.op    = CONFIG_OP_RESPONSE;
        flit.data  = is_there(request.core, request.addr) ? value_of(request.addr[7:0]) : '0;
        out_flit_o <= flit;
        if (!is_there(request.core, request.addr)) fault_o <= 8'(FAULT_CODE_BAD_ADDRESS);
        reading      = request.data != '0;
        request.addr = request.addr + 23'd1;
        request.data = request.data - 32'd1;
      end
      if (in_valid_i) begin
        `LHW_ASSERT(OneRequest, !reading, "A request came while the one before was in progress.")
        flit = in_flit_i;
        if (flit.op == CONFIG_OP_READ) begin
          asked            = flit.data;
          asked.requester  = 1'b0;
          asked.reserved30 = '0;
          request          = flit;
          request.data     = asked;
          reading          = 1'b1;
        end else if (!is_there(flit.core, flit.addr)) begin
          fault_o <= 8'(FAULT_CODE_BAD_ADDRESS);
        end else begin
          writes = is_writable(flit.addr[7:0]);
          index  = flit.addr[7:0];
          data   = flit.data;
        end
      end
      `LHW_ASSERT(SendsWithRoom, !sends || out_ready_i, "A response is presented although the link was not ready.")
      out_valid_o <= sends;
      busy_o      <= reading || sends;

      // AXI4-Lite reads.
      if (s_axil_arvalid && s_axil_arready) begin
        `LHW_ASSERT(ReadStays, !s_axil_rvalid, "What a read gives is replaced before it was taken.")
        s_axil_rdata   <= value_of({2'd0, s_axil_araddr[7:2]});
        s_axil_rresp   <= s_axil_araddr[7:2] <= 6'(CHIP_CSR_CYC_WAIT) ? Okay : SlvErr;
        s_axil_rvalid  <= 1'b1;
        s_axil_arready <= 1'b0;
      end else if (s_axil_rvalid && s_axil_rready) begin
        s_axil_rvalid  <= 1'b0;
        s_axil_arready <= 1'b1;
      end

      // AXI4-Lite writes: address and data come in any order; flits go first.
      if (s_axil_awvalid && s_axil_awready) begin
        has_address    = 1'b1;
        write_index    = {2'd0, s_axil_awaddr[7:2]};
        s_axil_awready <= 1'b0;
      end
      if (s_axil_wvalid && s_axil_wready) begin
        has_data      = 1'b1;
        write_data    = s_axil_wdata[15:0];
        write_strobe  = s_axil_wstrb[1:0];
        s_axil_wready <= 1'b0;
      end
      if (s_axil_bvalid && s_axil_bready) begin
        s_axil_bvalid  <= 1'b0;
        s_axil_awready <= 1'b1;
        s_axil_wready  <= 1'b1;
      end
      if (has_address && has_data && !in_valid_i) begin
        `LHW_ASSERT(ResponseStays, !s_axil_bvalid, "The response to a write is replaced before it was taken.")
        has_address   = 1'b0;
        has_data      = 1'b0;
        s_axil_bvalid <= 1'b1;
        if (paused_i && is_writable(write_index)) begin
          writes       = 1'b1;
          index        = write_index;
          strobe       = {16'd0, {8{write_strobe[1]}}, {8{write_strobe[0]}}};
          data         = 32'(write_data);
          s_axil_bresp <= Okay;
        end else begin
          s_axil_bresp <= SlvErr;
        end
      end

      if (writes) begin
        data = (data & strobe) | (value_of(index) & ~strobe);
        case (index)
          CHIP_CSR_STAGES:      stages_o      <= data[4:0];
          CHIP_CSR_NEEDS_CLOSE: needs_close_o <= data[15:0];
          default:              needs_end_o   <= data[15:0];
        endcase
      end
    end
  end
endmodule
