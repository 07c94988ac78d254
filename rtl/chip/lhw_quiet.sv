`include "lhw_assert.svh"

/// Whether the chip is quiescent, and what went wrong in the tiles: a tree of registers over all tiles.
///
/// What a tile says is known here `Latency` cycles later. Whatever is handed to a tile holds quiet_o down for as long,
/// so it is accounted for in every cycle: by its sender, then by the time for which it is held here, then by the tile.
/// Faults take the same way as busy: when quiet_o says that all tiles rest, everything that they met is known.
module lhw_quiet #(
  parameter int unsigned MeshX   = 1,
  parameter int unsigned MeshY   = 1,
  parameter int unsigned Latency = 1,  // from 2 on the first level of the tree is a row of tiles
  localparam int unsigned Tiles  = MeshX * MeshY
) (
  input  logic               clk_i,
  input  logic               rst_ni,              // synchronous
  input  logic [Tiles-1:0]   tile_busy_i,         // tile (x, y) is number y * MeshX + x
  input  logic [4*Tiles-1:0] tile_faults_i,       // of each: {bad_address, input_event, stage_event, bad_opcode}
  input  logic               hands_over_i,        // a flit, GO or clear is presented, or the registers are at work
  output logic               quiet_o,
  output logic               awake_o,             // an edge at which nothing new comes in may change something here
  output logic [7:0]         stage_fault_o,       // code, NONE if there is none
  output logic [5:0]         stage_fault_core_o,
  output logic [7:0]         input_fault_o,
  output logic [5:0]         input_fault_core_o
);
  import lhw_regs_pkg::*;

  localparam int unsigned Delays = Latency > 2 ? Latency - 2 : 1;  // registers behind the tree

  if (Latency < 1) begin : gen_bad_latency
    $error("Latency must be at least 1.");
  end

  // What some tiles say; of several faults the one that is reported first. The codes of tiles fit into three bits.
  typedef struct packed {
    logic       busy;
    logic [2:0] stage_fault;
    logic [5:0] stage_core;
    logic [2:0] input_fault;
    logic [5:0] input_core;
  } report_t;

  localparam report_t Unknown = '{busy: 1'b1, default: '0};

  // State that only the process below reads (style C).
  report_t            rows   [MeshY];
  report_t            delays [Delays];
  logic [Latency-1:0] handed;  // what was handed over in the cycles before
  logic               worked;  // a tile was busy in the cycle before

  logic busy, recent;

`ifdef SYNTHESIS
  logic unused;
  assign unused = worked;  // for an assertion only
`endif

  // All of these are registers.
  assign quiet_o = !busy && !recent && !hands_over_i;
  assign awake_o = Latency > 1 || recent || hands_over_i;

  /// What both say; `low` has the smaller core numbers.
  function automatic report_t both(report_t low, report_t high);
    both      = low;
    both.busy = low.busy || high.busy;
    if (low.stage_fault == '0) begin
      both.stage_fault = high.stage_fault;
      both.stage_core  = high.stage_core;
    end
    if (low.input_fault == '0) begin
      both.input_fault = high.input_fault;
      both.input_core  = high.input_core;
    end
  endfunction

  /// What the tiles of row y say.
  function automatic report_t row(int unsigned y, logic [MeshX-1:0] is_busy, logic [4*MeshX-1:0] faults);
    report_t tile;
    row      = Unknown;
    row.busy = is_busy != '0;
    if (faults != '0) begin  // else there is nothing to look for
      for (int unsigned x = 0; x < MeshX; x++) begin
        tile            = Unknown;
        tile.busy       = 1'b0;
        tile.stage_core = 6'(8 * y + x);
        tile.input_core = 6'(8 * y + x);
        if (faults[4*x])        tile.stage_fault = 3'(FAULT_CODE_BAD_OPCODE);
        else if (faults[4*x+1]) tile.stage_fault = 3'(FAULT_CODE_BAD_EVENT);
        if (faults[4*x+2])      tile.input_fault = 3'(FAULT_CODE_BAD_EVENT);
        else if (faults[4*x+3]) tile.input_fault = 3'(FAULT_CODE_BAD_ADDRESS);
        row = both(row, tile);
      end
    end
  endfunction

  always_ff @(posedge clk_i) begin : quiet
    report_t whole, result;

    if (!rst_ni) begin
      for (int y = 0; y < MeshY; y++) rows[y] = Unknown;
      for (int i = 0; i < Delays; i++) delays[i] = Unknown;
      handed = '1;
      worked = 1'b1;
      busy               <= 1'b1;
      recent             <= 1'b1;
      stage_fault_o      <= '0;
      stage_fault_core_o <= '0;
      input_fault_o      <= '0;
      input_fault_core_o <= '0;
    end else begin
      // Of a tree with rows, the rows of the cycle before; else those of this cycle.
      if (Latency == 1 && tile_faults_i == '0) begin
        whole      = Unknown;  // as the branch below would say, for less
        whole.busy = tile_busy_i != '0;
      end else begin
        if (Latency == 1) begin
          for (int unsigned y = 0; y < MeshY; y++) begin
            rows[y] = row(y, tile_busy_i[MeshX*y+:MeshX], tile_faults_i[4*MeshX*y+:4*MeshX]);
          end
        end
        whole = rows[0];
        for (int y = 1; y < MeshY; y++) whole = both(whole, rows[y]);
      end
      if (Latency > 1) begin
        for (int unsigned y = 0; y < MeshY; y++) begin
          rows[y] = row(y, tile_busy_i[MeshX*y+:MeshX], tile_faults_i[4*MeshX*y+:4*MeshX]);
        end
      end
      result = whole;
      if (Latency > 2) begin
        result = delays[Delays-1];
        for (int i = Delays - 1; i > 0; i--) delays[i] = delays[i-1];
        delays[0] = whole;
      end

      `LHW_ASSERT(NothingFromNothing, tile_busy_i == '0 || worked || handed[0],
                  "A tile is busy although all were at rest and nothing was handed over.")
      worked = tile_busy_i != '0;
      handed = Latency'({handed, hands_over_i});
      busy               <= result.busy;
      recent             <= handed != '0;
      stage_fault_o      <= 8'(result.stage_fault);
      stage_fault_core_o <= result.stage_core;
      input_fault_o      <= 8'(result.input_fault);
      input_fault_core_o <= result.input_core;
    end
  end
endmodule
