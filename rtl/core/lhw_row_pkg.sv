/// Row formats: what differs between the kinds of connections. A source of an event becomes jobs; a job is a number of
/// words, each of which is added to a group of accumulators, or, if it says so, to one in each lane. The lines of a word
/// stand one behind the other in the synapse memory. A new kind is a new case in these functions.
///
/// Pure functions, small enough that none returns more than 32 bits. `lane_bits` is log2 of the lanes of a word.
package lhw_row_pkg;
  import lhw_regs_pkg::*;

  /// How the words of a job lie in memory.
  typedef struct packed {
    logic       gathers;    // a word is more than a line of bytes: lhw_gather makes the contribution
    logic       reads;      // it has lines, else the factor alone is added
    logic       apart;      // each lane has an address of its own
    logic       sparse;     // target groups come first
    logic       wide;       // in two lines
    logic [1:0] format;
    logic       is_signed;
    logic       delays;     // and come last
    logic       upper;      // one to one, 4 bits: the word may be, and of a job is, the second one of a pair
  } plan_t;

  /// A line of a word, in the order in which they stand; of two words, with weights of 4 bits.
  typedef enum logic [3:0] {
    Groups, HighGroups, SecondGroups, SecondHighGroups, Weights, HighWeights, Delays, SecondDelays, Wait
  } line_e;

  /// Kinds and formats that this core carries out; the others are reserved.
  function automatic logic known(connection0_t c);
    case (c.kind)
      CONN_KIND_PORT:                        return c.format == WEIGHT_FORMAT_BITS8 && !c.delays && !c.wide;
      CONN_KIND_DENSE, CONN_KIND_ONE_TO_ONE: return c.format <= WEIGHT_FORMAT_BITS16 && !c.wide;
      CONN_KIND_SPARSE:                      return c.format <= WEIGHT_FORMAT_BITS16;
      CONN_KIND_CONV:                        return c.format <= WEIGHT_FORMAT_BITS16 && !c.delays && !c.wide;
      default:                               return 1'b0;
    endcase
  endfunction

  /// A table says where the rows of a source are.
  function automatic logic has_table(logic [3:0] kind);
    return kind == CONN_KIND_SPARSE || kind == CONN_KIND_CONV;
  endfunction

  /// Each source has a lane of its own; the job of the lowest one takes those of its group with it.
  function automatic logic by_lanes(logic [3:0] kind);
    return kind == CONN_KIND_PORT || kind == CONN_KIND_ONE_TO_ONE;
  endfunction

  function automatic plan_t plan(connection0_t c);
    plan.reads     = c.kind != CONN_KIND_PORT;
    plan.sparse    = c.kind == CONN_KIND_SPARSE;
    plan.apart     = plan.sparse || c.delays;
    plan.gathers   = plan.apart || c.format != WEIGHT_FORMAT_BITS8;
    plan.wide      = c.wide;
    plan.format    = c.format;
    plan.is_signed = c.is_signed;
    plan.delays    = c.delays;
    plan.upper     = c.kind == CONN_KIND_ONE_TO_ONE && c.format == WEIGHT_FORMAT_BITS4;
  endfunction

  /// What the weights of an event are multiplied with; what a port adds.
  function automatic logic [31:0] factor(connection0_t c, logic [31:0] value);
    logic [31:0] product;
    product = c.payload || c.kind == CONN_KIND_PORT ? value : 32'd1;
    if (c.negate && c.kind != CONN_KIND_PORT) product = -product;
    return product << c.shift;
  endfunction

  /// A source at or beyond this is bad.
  function automatic logic [31:0] limit(logic [3:0] kind, connection1_t c1, connection4_t c4, int unsigned lane_bits);
    return kind == CONN_KIND_PORT ? 32'(c1.groups) << lane_bits : 32'(c4.sources);
  endfunction

  /// Which of the mask bits the job of the lowest one takes with it: that one, or its whole group.
  function automatic logic [31:0] taken(logic [3:0] kind, logic [31:0] bits, logic [4:0] lowest,
                                        int unsigned lane_bits);
    logic [4:0]  first;
    logic [31:0] group;
    if (!by_lanes(kind)) return bits & (~bits + 1);
    first = lowest >> lane_bits << lane_bits;
    group = 32'hffffffff >> (32 - (1 << lane_bits));
    return bits & (group << first);
  endfunction

  /// Lanes that the job adds to.
  function automatic logic [31:0] lanes(logic [3:0] kind, logic [31:0] bits, logic [4:0] lowest,
                                        int unsigned lane_bits);
    if (!by_lanes(kind)) return 32'hffffffff;
    return bits >> (lowest >> lane_bits << lane_bits);
  endfunction

  /// First line of the job in the synapse memory.
  function automatic logic [31:0] line(connection0_t c0, connection2_t c2, connection3_t c3, logic [31:0] source,
                                       int unsigned lane_bits);
    logic [31:0] word;
    if (c0.kind == CONN_KIND_DENSE) return 32'(c2.syn_base) + source * 32'(c3.stride);
    // One to one: behind the words of the groups before, or the pairs of words.
    word = source >> lane_bits;
    case (c0.format)
      WEIGHT_FORMAT_BITS4:  word = c0.delays ? (word >> 1) * 3 : word >> 1;
      WEIGHT_FORMAT_BITS16: word = c0.delays ? word * 3 : word << 1;
      default:              word = c0.delays ? word << 1 : word;
    endcase
    return 32'(c2.syn_base) + word;
  endfunction

  /// First group of accumulators, counted from that of the connection.
  function automatic logic [31:0] group(logic [3:0] kind, logic [31:0] source, int unsigned lane_bits);
    return by_lanes(kind) ? source >> lane_bits : 32'd0;
  endfunction

  /// Words of the job; none if there is nothing to add.
  function automatic logic [11:0] words(logic [3:0] kind, connection1_t c1);
    return by_lanes(kind) ? 12'd1 : c1.groups;
  endfunction

  /// Number of the lowest mask bit that is set.
  function automatic logic [4:0] lowest(logic [31:0] bits);
    logic [31:0] one;
    one = bits & (~bits + 1);
    return {|(one & 32'hffff0000), |(one & 32'hff00ff00), |(one & 32'hf0f0f0f0), |(one & 32'hcccccccc),
            |(one & 32'haaaaaaaa)};
  endfunction

  /// The first line of a word, or of two.
  function automatic line_e first_line(plan_t p);
    return p.sparse ? Groups : Weights;
  endfunction

  /// The line behind this one; Wait if it was the last one of the word, or of a pair of words.
  function automatic line_e next_line(plan_t p, line_e now, logic pair);
    case (now)
      Groups:           return p.wide ? HighGroups : p.format == WEIGHT_FORMAT_BITS4 ? SecondGroups : Weights;
      HighGroups:       return p.format == WEIGHT_FORMAT_BITS4 ? SecondGroups : Weights;
      SecondGroups:     return p.wide ? SecondHighGroups : Weights;
      SecondHighGroups: return Weights;
      Weights:          return p.format == WEIGHT_FORMAT_BITS16 ? HighWeights : p.delays ? Delays : Wait;
      HighWeights:      return p.delays ? Delays : Wait;
      Delays:           return pair ? SecondDelays : Wait;
      default:          return Wait;
    endcase
  endfunction

  /// A contribution is complete with this line.
  function automatic logic completes(plan_t p, line_e now);
    return p.delays ? now == Delays || now == SecondDelays :
           now == (p.format == WEIGHT_FORMAT_BITS16 ? HighWeights : Weights);
  endfunction

endpackage
