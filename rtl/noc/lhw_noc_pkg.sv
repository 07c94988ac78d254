/// Where a flit goes, and which of several goes first: the two decisions of a router.
package lhw_noc_pkg;

  // Ports of a router. North is towards y = 0, west towards x = 0; the host is west of tile (0, 0).
  localparam logic [2:0] PortLocal   = 3'd0;
  localparam logic [2:0] PortNorth   = 3'd1;
  localparam logic [2:0] PortEast    = 3'd2;
  localparam logic [2:0] PortSouth   = 3'd3;
  localparam logic [2:0] PortWest    = 3'd4;

  /// True if a mesh of mesh_x by mesh_y tiles has the core that a 7-bit destination names.
  function automatic logic core_exists(logic [6:0] dest, int unsigned mesh_x, int unsigned mesh_y);
    return !dest[6] && 32'(dest[2:0]) < mesh_x && 32'(dest[5:3]) < mesh_y;
  endfunction

  /// The event `flit` of the host, marked: so a core tells it from an event of a core, in whose `dest` bit 6 is 0.
  function automatic logic [63:0] from_outside(logic [63:0] flit);
    lhw_regs_pkg::event_flit_t event_flit;
    event_flit         = flit;
    event_flit.dest[6] = 1'b1;
    return event_flit;
  endfunction

  /// True if an event of a core is for a core or an egress port that is not there.
  function automatic logic goes_nowhere(logic egress, logic [6:0] dest, int unsigned mesh_x, int unsigned mesh_y);
    return egress ? dest != 7'(lhw_regs_pkg::HOST_PORT) : !core_exists(dest, mesh_x, mesh_y);
  endfunction

  /// Output port, in tile (x, y), of the flit whose bits 63:52 are `header`: first along x, then along y, then to
  /// the core or to the host. What it names is there; bit 6 of `dest`, the mark of the host's events, leads nowhere.
  function automatic logic [2:0] route(logic [11:0] header, logic [2:0] x, logic [2:0] y);
    logic leaves;
    logic [5:0] dest;
    if (header[11]) begin  // configuration
      leaves = header[10:9] == lhw_regs_pkg::CONFIG_OP_RESPONSE ||
               header[10:9] == lhw_regs_pkg::CONFIG_OP_RESPONSE_CPU;
      dest   = header[8:3];
    end else begin  // event
      leaves = header[7];
      dest   = header[5:0];
    end
    if (leaves) begin
      if (x != 0) return PortWest;
      return y != 0 ? PortNorth : PortWest;
    end
    if (dest[2:0] > x) return PortEast;
    if (dest[2:0] < x) return PortWest;
    if (dest[5:3] > y) return PortSouth;
    if (dest[5:3] < y) return PortNorth;
    return PortLocal;
  endfunction

  /// The requester that follows `last` in circular order; every requester is served after at most four others.
  function automatic logic [2:0] pick(logic [4:0] requests, logic [2:0] last);
    logic [4:0] later;
    later = requests & (5'b11110 << last);
    if (later == '0) later = requests;
    if (later[0]) return 3'd0;
    if (later[1]) return 3'd1;
    if (later[2]) return 3'd2;
    if (later[3]) return 3'd3;
    return 3'd4;
  endfunction

endpackage
