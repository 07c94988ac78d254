// Generated from rtl/regs/lava_hw.rdl by `make regs`; do not edit.
package lhw_regs_pkg;

  localparam int unsigned IMAGE_VERSION = 1;
  localparam int unsigned RING_VERSION = 1;
  localparam int unsigned CONTROL_CORE = 63;
  localparam int unsigned HOST_PORT = 0;
  localparam int unsigned MAX_STAGES = 16;
  localparam int unsigned BLOCK = 32;
  localparam int unsigned REGISTERS = 8;
  localparam int unsigned MASKS = 4;
  localparam int unsigned POPULATION_WORDS = 8;
  localparam int unsigned CONNECTION_WORDS = 8;
  localparam int unsigned ROUTE_WORDS = 2;
  localparam logic [31:0] LAYOUT_HASH = 32'hf9128896;

  typedef enum logic [2:0] {
    FLIT_TYPE_MASK_POS = 3'd0,
    FLIT_TYPE_MASK_NEG = 3'd1,
    FLIT_TYPE_GRADED = 3'd2,
    FLIT_TYPE_TOKEN = 3'd3,
    FLIT_TYPE_MULTI_POS = 3'd4,
    FLIT_TYPE_MULTI_NEG = 3'd5,
    FLIT_TYPE_MULTI_GRADED = 3'd6
  } flit_type_e;

  typedef enum logic [7:0] {
    TOKEN_IN_CLOSE = 8'd1,
    TOKEN_IN_RUN = 8'd2,
    TOKEN_IN_SYNC = 8'd3,
    TOKEN_IN_RESET = 8'd4
  } token_in_e;

  typedef enum logic [7:0] {
    TOKEN_OUT_END = 8'd1,
    TOKEN_OUT_PAUSED = 8'd2,
    TOKEN_OUT_RESET_DONE = 8'd4,
    TOKEN_OUT_FAULT = 8'd5
  } token_out_e;

  typedef enum logic [31:0] {
    FAULT_CODE_NONE = 32'd0,
    FAULT_CODE_BAD_CLOSE = 32'd1,
    FAULT_CODE_BAD_RUN = 32'd2,
    FAULT_CODE_BAD_TOKEN = 32'd3,
    FAULT_CODE_BAD_OPCODE = 32'd4,
    FAULT_CODE_BAD_EVENT = 32'd5,
    FAULT_CODE_BAD_ADDRESS = 32'd6
  } fault_code_e;

  typedef enum logic [1:0] {
    CONFIG_OP_WRITE = 2'd0,
    CONFIG_OP_READ = 2'd1,
    CONFIG_OP_RESPONSE = 2'd2,
    CONFIG_OP_RESPONSE_CPU = 2'd3
  } config_op_e;

  typedef enum logic [3:0] {
    CORE_REGION_CSR = 4'd0,
    CORE_REGION_STATE = 4'd1,
    CORE_REGION_ACC = 4'd2,
    CORE_REGION_UCODE = 4'd3,
    CORE_REGION_CONSTANT = 4'd4,
    CORE_REGION_POPULATION = 4'd5,
    CORE_REGION_CONNECTION = 4'd6,
    CORE_REGION_ROUTE = 4'd7,
    CORE_REGION_STAGE = 4'd8
  } core_region_e;

  typedef enum logic [7:0] {
    CORE_CSR_ID = 8'd0,
    CORE_CSR_CYC_UPDATE = 8'd1,
    CORE_CSR_CYC_SYNAPSE = 8'd2,
    CORE_CSR_CYC_STALL = 8'd3,
    CORE_CSR_SPIKES_IN = 8'd4,
    CORE_CSR_SPIKES_OUT = 8'd5,
    CORE_CSR_SYNOPS_LO = 8'd6,
    CORE_CSR_SYNOPS_HI = 8'd7,
    CORE_CSR_FAULT = 8'd8
  } core_csr_e;

  typedef enum logic [7:0] {
    CHIP_CSR_MAGIC = 8'd0,
    CHIP_CSR_LAYOUT = 8'd1,
    CHIP_CSR_CONFIG_ID = 8'd2,
    CHIP_CSR_SHAPE = 8'd3,
    CHIP_CSR_STAGES = 8'd4,
    CHIP_CSR_NEEDS_CLOSE = 8'd5,
    CHIP_CSR_NEEDS_END = 8'd6,
    CHIP_CSR_STATUS = 8'd7,
    CHIP_CSR_STEP = 8'd8,
    CHIP_CSR_LIMIT = 8'd9,
    CHIP_CSR_CYCLES_LO = 8'd10,
    CHIP_CSR_CYCLES_HI = 8'd11,
    CHIP_CSR_FLITS_IN = 8'd12,
    CHIP_CSR_FLITS_OUT = 8'd13,
    CHIP_CSR_CYC_WAIT = 8'd14
  } chip_csr_e;

  typedef enum logic [4:0] {
    OPCODE_NOP = 5'd0,
    OPCODE_MOV = 5'd1,
    OPCODE_ST = 5'd2,
    OPCODE_ACC = 5'd3,
    OPCODE_ACCADD = 5'd4,
    OPCODE_ADD = 5'd5,
    OPCODE_SUB = 5'd6,
    OPCODE_ADDS = 5'd7,
    OPCODE_MUL = 5'd8,
    OPCODE_MULTZ = 5'd9,
    OPCODE_MADTZ = 5'd10,
    OPCODE_SHV = 5'd11,
    OPCODE_MIN = 5'd12,
    OPCODE_MAX = 5'd13,
    OPCODE_CLIP = 5'd14,
    OPCODE_ABS = 5'd15,
    OPCODE_WRAP = 5'd16,
    OPCODE_CMP = 5'd17,
    OPCODE_PLOG = 5'd18,
    OPCODE_TIME = 5'd19,
    OPCODE_IDX = 5'd20,
    OPCODE_BCAST = 5'd21,
    OPCODE_EMITM = 5'd22,
    OPCODE_EMITG = 5'd23
  } opcode_e;

  typedef enum logic [1:0] {
    OPERAND_REG = 2'd0,
    OPERAND_STATE = 2'd1,
    OPERAND_CONST = 2'd2,
    OPERAND_IMM = 2'd3
  } operand_e;

  typedef enum logic [2:0] {
    COMPARE_GT = 3'd0,
    COMPARE_LT = 3'd1,
    COMPARE_GE = 3'd2,
    COMPARE_LE = 3'd3,
    COMPARE_EQ = 3'd4,
    COMPARE_NE = 3'd5
  } compare_e;

  typedef enum logic [1:0] {
    WEIGHT_FORMAT_BITS8 = 2'd0,
    WEIGHT_FORMAT_BITS4 = 2'd1,
    WEIGHT_FORMAT_BITS16 = 2'd2
  } weight_format_e;

  typedef enum logic [3:0] {
    CONN_KIND_NONE = 4'd0,
    CONN_KIND_PORT = 4'd1,
    CONN_KIND_DENSE = 4'd2,
    CONN_KIND_SPARSE = 4'd3,
    CONN_KIND_CONV = 4'd4,
    CONN_KIND_ONE_TO_ONE = 4'd5
  } conn_kind_e;

  typedef enum logic [31:0] {
    MAGIC_CHIP = 32'd1279809347,
    MAGIC_IMAGE = 32'd1146570828,
    MAGIC_FILE = 32'd1230456908,
    MAGIC_RING = 32'd1381451852
  } magic_e;

  // Event or token flit
  typedef struct packed {
    logic [0:0] cfg;
    logic [2:0] kind;
    logic [0:0] egress;
    logic [6:0] dest;
    logic [7:0] conn;
    logic [11:0] index;
    logic [31:0] payload;
  } event_flit_t;

  // Token to the chip (a view of the event flit)
  typedef struct packed {
    logic [0:0] reserved63;
    logic [2:0] kind;
    logic [0:0] reserved59;
    logic [6:0] dest;
    logic [7:0] code;
    logic [11:0] stage;
    logic [31:0] step;
  } token_to_chip_t;

  // Token from the chip (a view of the event flit; egress is 1, dest is 0)
  typedef struct packed {
    logic [0:0] reserved63;
    logic [2:0] kind;
    logic [0:0] reserved59;
    logic [6:0] dest;
    logic [7:0] code;
    logic [11:0] stage;
    logic [31:0] step;
  } token_from_chip_t;

  // Configuration flit
  typedef struct packed {
    logic [0:0] cfg;
    logic [1:0] op;
    logic [5:0] core;
    logic [22:0] addr;
    logic [31:0] data;
  } config_flit_t;

  // Data of a READ
  typedef struct packed {
    logic [0:0] requester;
    logic [7:0] reserved30;
    logic [22:0] words;
  } read_data_t;

  // Address of a word within a core
  typedef struct packed {
    logic [8:0] reserved31;
    logic [0:0] synapse;
    logic [3:0] region;
    logic [17:0] offset;
  } core_addr_t;

  // Address of a core's own register (a view of the word address)
  typedef struct packed {
    logic [9:0] reserved31;
    logic [3:0] region;
    logic [9:0] reserved17;
    logic [7:0] csr;
  } core_csr_addr_t;

  // Address of a register of the chip (core 63); the AXI4-Lite byte address is 4 times it
  typedef struct packed {
    logic [23:0] reserved31;
    logic [7:0] csr;
  } chip_csr_addr_t;

  // Instruction
  typedef struct packed {
    logic [4:0] op;
    logic [2:0] rd;
    logic [2:0] ra;
    logic [1:0] bsel;
    logic [2:0] aux;
    logic [5:0] b;
    logic [5:0] sh;
    logic [0:0] pen;
    logic [0:0] pneg;
    logic [1:0] p;
  } instruction_t;

  // ACC and ACCADD (a view of the instruction)
  typedef struct packed {
    logic [4:0] op;
    logic [2:0] rd;
    logic [5:0] slot;
    logic [0:0] reserved17;
    logic [0:0] last;
    logic [5:0] b;
    logic [5:0] sh;
    logic [3:0] reserved3;
  } instruction_acc_t;

  // CMP (a view of the instruction)
  typedef struct packed {
    logic [4:0] op;
    logic [7:0] reserved26;
    logic [2:0] aux;
    logic [15:0] reserved15;
  } instruction_cmp_t;

  // Population, word 0
  typedef struct packed {
    logic [7:0] nvars;
    logic [11:0] count;
    logic [11:0] pc;
  } population0_t;

  // Population, word 1
  typedef struct packed {
    logic [15:0] const_base;
    logic [15:0] state_base;
  } population1_t;

  // Population, word 2
  typedef struct packed {
    logic [13:0] reserved31;
    logic [5:0] tail;
    logic [11:0] groups;
  } population2_t;

  // Population, word 3
  typedef struct packed {
    logic [3:0] reserved31;
    logic [11:0] route_count;
    logic [15:0] route_base;
  } population3_t;

  // Population, word 4
  typedef struct packed {
    logic [31:0] index_base;
  } population4_t;

  // Connection, word 0
  typedef struct packed {
    logic [7:0] rule;
    logic [0:0] reserved23;
    logic [0:0] learns;
    logic [0:0] wide;
    logic [0:0] delays;
    logic [5:0] slot;
    logic [0:0] payload;
    logic [4:0] shift;
    logic [0:0] negate;
    logic [0:0] is_signed;
    logic [1:0] format;
    logic [3:0] kind;
  } connection0_t;

  // Connection, word 1
  typedef struct packed {
    logic [3:0] reserved31;
    logic [11:0] groups;
    logic [15:0] acc_base;
  } connection1_t;

  // Connection, word 2
  typedef struct packed {
    logic [7:0] reserved31;
    logic [23:0] syn_base;
  } connection2_t;

  // Connection, word 3
  typedef struct packed {
    logic [15:0] reserved31;
    logic [15:0] stride;
  } connection3_t;

  // Connection, word 4
  typedef struct packed {
    logic [11:0] reserved31;
    logic [19:0] sources;
  } connection4_t;

  // Connection, word 5
  typedef struct packed {
    logic [11:0] reserved31;
    logic [19:0] targets;
  } connection5_t;

  // Connection, word 6
  typedef struct packed {
    logic [7:0] reserved31;
    logic [23:0] table_base;
  } connection6_t;

  // Connection, word 7
  typedef struct packed {
    logic [23:0] taps_base;
    logic [3:0] reserved7;
    logic [3:0] channel_bits;
  } connection7_t;

  // Row of a source, in the table of a SPARSE connection
  typedef struct packed {
    logic [10:0] words;
    logic [20:0] line;
  } sparse_row_t;

  // Input position, in the table of a CONV connection
  typedef struct packed {
    logic [10:0] taps;
    logic [20:0] first;
  } conv_position_t;

  // Tap of a CONV connection
  typedef struct packed {
    logic [15:0] line;
    logic [15:0] group;
  } conv_tap_t;

  // Route, word 0
  typedef struct packed {
    logic [3:0] reserved31;
    logic [0:0] multicast;
    logic [2:0] channel;
    logic [11:0] groups;
    logic [11:0] first;
  } route0_t;

  // Route, word 1
  typedef struct packed {
    logic [0:0] egress;
    logic [6:0] dest;
    logic [7:0] conn;
    logic [3:0] reserved15;
    logic [11:0] index_base;
  } route1_t;

  // Stage
  typedef struct packed {
    logic [15:0] reserved31;
    logic [7:0] count;
    logic [7:0] first;
  } stage_t;

  // Device part, word 0 (then: version, layout hash, configuration id, words in all, blocks)
  typedef struct packed {
    logic [31:0] magic;
  } image_magic_t;

  // Block of the device part, word 0; word 1 is the number of data words that follow
  typedef struct packed {
    logic [2:0] reserved31;
    logic [5:0] core;
    logic [22:0] addr;
  } image_block_t;

endpackage
