/// Row formats: what differs between the kinds of connections. A source of an event becomes jobs; a job is a number of
/// words that are added to consecutive groups of accumulators. A new kind is a new case in each of these functions.
///
/// Pure functions, small enough that none returns more than 32 bits. `lane_bits` is log2 of the lanes of a word.
package lhw_row_pkg;
  import lhw_regs_pkg::*;

  /// How the weights of a contribution stand in their bytes.
  typedef enum logic [1:0] {Bits8, LowHalf, HighHalf, Bits16} form_e;

  /// Kinds and formats that this core carries out; the others are reserved.
  function automatic logic known(connection0_t c);
    if (c.delays || c.wide) return 1'b0;
    case (c.kind)
      CONN_KIND_PORT:                  return c.format == WEIGHT_FORMAT_BITS8;
      CONN_KIND_DENSE, CONN_KIND_CONV: return c.format <= WEIGHT_FORMAT_BITS16;
      default:                         return 1'b0;
    endcase
  endfunction

  /// Its jobs are found in tables of the synapse memory.
  function automatic logic tabled(logic [3:0] kind);
    return kind == CONN_KIND_CONV;
  endfunction

  /// A source at or beyond this is bad.
  function automatic logic [31:0] limit(logic [3:0] kind, connection1_t c1, connection4_t c4, int unsigned lane_bits);
    return kind == CONN_KIND_PORT ? 32'(c1.groups) << lane_bits : 32'(c4.sources);
  endfunction

  /// Which of the mask bits the job of the lowest one takes with it: PORT its whole group, others that one.
  function automatic logic [31:0] taken(logic [3:0] kind, logic [31:0] bits, logic [4:0] lowest,
                                        int unsigned lane_bits);
    logic [4:0]  first;
    logic [31:0] group;
    if (kind != CONN_KIND_PORT) return bits & (~bits + 1);
    first = lowest >> lane_bits << lane_bits;
    group = 32'hffffffff >> (32 - (1 << lane_bits));
    return bits & (group << first);
  endfunction

  /// Lanes that the job adds to.
  function automatic logic [31:0] lanes(logic [3:0] kind, logic [31:0] bits, logic [4:0] lowest,
                                        int unsigned lane_bits);
    if (kind != CONN_KIND_PORT) return 32'hffffffff;
    return bits >> (lowest >> lane_bits << lane_bits);
  endfunction

  /// What is added: the weights of the word, else the value of the event.
  function automatic logic weighs(logic [3:0] kind);
    return kind != CONN_KIND_PORT;
  endfunction

  /// First line of the job in the synapse memory.
  function automatic logic [31:0] line(connection2_t c2, connection3_t c3, logic [31:0] source);
    return 32'(c2.syn_base) + source * 32'(c3.stride);
  endfunction

  /// First line of a tap: the kernel of its channel.
  function automatic logic [31:0] tap_line(connection2_t c2, connection3_t c3, conv_tap_t tap, logic [31:0] channel);
    return 32'(c2.syn_base) + 32'(tap.line) + channel * 32'(c3.stride);
  endfunction

  /// First group of accumulators, counted from that of the connection.
  function automatic logic [31:0] group(logic [3:0] kind, logic [31:0] source, int unsigned lane_bits);
    return kind == CONN_KIND_PORT ? source >> lane_bits : 32'd0;
  endfunction

  /// Words of the job; none if there is nothing to add.
  function automatic logic [11:0] words(logic [3:0] kind, connection1_t c1);
    return kind == CONN_KIND_PORT ? 12'd1 : c1.groups;
  endfunction

  /// Cycles of the job: weights of 16 bits take two lines a word.
  function automatic logic [12:0] cycles(logic [1:0] format, logic [11:0] count);
    return format == WEIGHT_FORMAT_BITS16 ? {count, 1'b0} : {1'b0, count};
  endfunction

  /// In a word's second cycle, or for the second word of a line: how its weights stand.
  function automatic form_e form(logic [1:0] format, logic second);
    case (format)
      WEIGHT_FORMAT_BITS4:  return second ? HighHalf : LowHalf;
      WEIGHT_FORMAT_BITS16: return Bits16;
      default:              return Bits8;
    endcase
  endfunction

  /// Number of the lowest mask bit that is set.
  function automatic logic [4:0] lowest(logic [31:0] bits);
    logic [31:0] one;
    one = bits & (~bits + 1);
    return {|(one & 32'hffff0000), |(one & 32'hff00ff00), |(one & 32'hf0f0f0f0), |(one & 32'hcccccccc),
            |(one & 32'haaaaaaaa)};
  endfunction

endpackage
