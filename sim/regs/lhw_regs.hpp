// Generated from rtl/regs/lava_hw.rdl by `make regs`; do not edit.
#pragma once
#include <cstdint>

namespace lhw::regs {

constexpr std::uint32_t IMAGE_VERSION = 1;
constexpr std::uint32_t RING_VERSION = 1;
constexpr std::uint32_t CONTROL_CORE = 63;
constexpr std::uint32_t HOST_PORT = 0;
constexpr std::uint32_t MAX_STAGES = 16;
constexpr std::uint32_t BLOCK = 32;
constexpr std::uint32_t REGISTERS = 8;
constexpr std::uint32_t MASKS = 4;
constexpr std::uint32_t POPULATION_WORDS = 8;
constexpr std::uint32_t CONNECTION_WORDS = 8;
constexpr std::uint32_t ROUTE_WORDS = 2;
constexpr std::uint32_t LAYOUT_HASH = 0xf9128896;

namespace flit_type {
constexpr std::uint32_t MASK_POS = 0U;
constexpr std::uint32_t MASK_NEG = 1U;
constexpr std::uint32_t GRADED = 2U;
constexpr std::uint32_t TOKEN = 3U;
constexpr std::uint32_t MULTI_POS = 4U;
constexpr std::uint32_t MULTI_NEG = 5U;
constexpr std::uint32_t MULTI_GRADED = 6U;
}  // namespace flit_type

namespace token_in {
constexpr std::uint32_t CLOSE = 1U;
constexpr std::uint32_t RUN = 2U;
constexpr std::uint32_t SYNC = 3U;
constexpr std::uint32_t RESET = 4U;
}  // namespace token_in

namespace token_out {
constexpr std::uint32_t END = 1U;
constexpr std::uint32_t PAUSED = 2U;
constexpr std::uint32_t RESET_DONE = 4U;
constexpr std::uint32_t FAULT = 5U;
}  // namespace token_out

namespace fault_code {
constexpr std::uint32_t NONE = 0U;
constexpr std::uint32_t BAD_CLOSE = 1U;
constexpr std::uint32_t BAD_RUN = 2U;
constexpr std::uint32_t BAD_TOKEN = 3U;
constexpr std::uint32_t BAD_OPCODE = 4U;
constexpr std::uint32_t BAD_EVENT = 5U;
constexpr std::uint32_t BAD_ADDRESS = 6U;
}  // namespace fault_code

namespace config_op {
constexpr std::uint32_t WRITE = 0U;
constexpr std::uint32_t READ = 1U;
constexpr std::uint32_t RESPONSE = 2U;
constexpr std::uint32_t RESPONSE_CPU = 3U;
}  // namespace config_op

namespace core_region {
constexpr std::uint32_t CSR = 0U;
constexpr std::uint32_t STATE = 1U;
constexpr std::uint32_t ACC = 2U;
constexpr std::uint32_t UCODE = 3U;
constexpr std::uint32_t CONSTANT = 4U;
constexpr std::uint32_t POPULATION = 5U;
constexpr std::uint32_t CONNECTION = 6U;
constexpr std::uint32_t ROUTE = 7U;
constexpr std::uint32_t STAGE = 8U;
}  // namespace core_region

namespace core_csr {
constexpr std::uint32_t ID = 0U;
constexpr std::uint32_t CYC_UPDATE = 1U;
constexpr std::uint32_t CYC_SYNAPSE = 2U;
constexpr std::uint32_t CYC_STALL = 3U;
constexpr std::uint32_t SPIKES_IN = 4U;
constexpr std::uint32_t SPIKES_OUT = 5U;
constexpr std::uint32_t SYNOPS_LO = 6U;
constexpr std::uint32_t SYNOPS_HI = 7U;
constexpr std::uint32_t FAULT = 8U;
}  // namespace core_csr

namespace chip_csr {
constexpr std::uint32_t MAGIC = 0U;
constexpr std::uint32_t LAYOUT = 1U;
constexpr std::uint32_t CONFIG_ID = 2U;
constexpr std::uint32_t SHAPE = 3U;
constexpr std::uint32_t STAGES = 4U;
constexpr std::uint32_t NEEDS_CLOSE = 5U;
constexpr std::uint32_t NEEDS_END = 6U;
constexpr std::uint32_t STATUS = 7U;
constexpr std::uint32_t STEP = 8U;
constexpr std::uint32_t LIMIT = 9U;
constexpr std::uint32_t CYCLES_LO = 10U;
constexpr std::uint32_t CYCLES_HI = 11U;
constexpr std::uint32_t FLITS_IN = 12U;
constexpr std::uint32_t FLITS_OUT = 13U;
constexpr std::uint32_t CYC_WAIT = 14U;
}  // namespace chip_csr

namespace opcode {
constexpr std::uint32_t NOP = 0U;
constexpr std::uint32_t MOV = 1U;
constexpr std::uint32_t ST = 2U;
constexpr std::uint32_t ACC = 3U;
constexpr std::uint32_t ACCADD = 4U;
constexpr std::uint32_t ADD = 5U;
constexpr std::uint32_t SUB = 6U;
constexpr std::uint32_t ADDS = 7U;
constexpr std::uint32_t MUL = 8U;
constexpr std::uint32_t MULTZ = 9U;
constexpr std::uint32_t MADTZ = 10U;
constexpr std::uint32_t SHV = 11U;
constexpr std::uint32_t MIN = 12U;
constexpr std::uint32_t MAX = 13U;
constexpr std::uint32_t CLIP = 14U;
constexpr std::uint32_t ABS = 15U;
constexpr std::uint32_t WRAP = 16U;
constexpr std::uint32_t CMP = 17U;
constexpr std::uint32_t PLOG = 18U;
constexpr std::uint32_t TIME = 19U;
constexpr std::uint32_t IDX = 20U;
constexpr std::uint32_t BCAST = 21U;
constexpr std::uint32_t EMITM = 22U;
constexpr std::uint32_t EMITG = 23U;
}  // namespace opcode

namespace operand {
constexpr std::uint32_t REG = 0U;
constexpr std::uint32_t STATE = 1U;
constexpr std::uint32_t CONST = 2U;
constexpr std::uint32_t IMM = 3U;
}  // namespace operand

namespace compare {
constexpr std::uint32_t GT = 0U;
constexpr std::uint32_t LT = 1U;
constexpr std::uint32_t GE = 2U;
constexpr std::uint32_t LE = 3U;
constexpr std::uint32_t EQ = 4U;
constexpr std::uint32_t NE = 5U;
}  // namespace compare

namespace weight_format {
constexpr std::uint32_t BITS8 = 0U;
constexpr std::uint32_t BITS4 = 1U;
constexpr std::uint32_t BITS16 = 2U;
}  // namespace weight_format

namespace conn_kind {
constexpr std::uint32_t NONE = 0U;
constexpr std::uint32_t PORT = 1U;
constexpr std::uint32_t DENSE = 2U;
constexpr std::uint32_t SPARSE = 3U;
constexpr std::uint32_t CONV = 4U;
constexpr std::uint32_t ONE_TO_ONE = 5U;
}  // namespace conn_kind

namespace magic {
constexpr std::uint32_t CHIP = 1279809347U;
constexpr std::uint32_t IMAGE = 1146570828U;
constexpr std::uint32_t FILE = 1230456908U;
constexpr std::uint32_t RING = 1381451852U;
}  // namespace magic

// Event or token flit
namespace event_flit {
constexpr unsigned cfg_lsb = 63;
constexpr std::uint64_t cfg_mask = 0x1U;
constexpr unsigned kind_lsb = 60;
constexpr std::uint64_t kind_mask = 0x7U;
constexpr unsigned egress_lsb = 59;
constexpr std::uint64_t egress_mask = 0x1U;
constexpr unsigned dest_lsb = 52;
constexpr std::uint64_t dest_mask = 0x7fU;
constexpr unsigned conn_lsb = 44;
constexpr std::uint64_t conn_mask = 0xffU;
constexpr unsigned index_lsb = 32;
constexpr std::uint64_t index_mask = 0xfffU;
constexpr unsigned payload_lsb = 0;
constexpr std::uint64_t payload_mask = 0xffffffffU;
}  // namespace event_flit

// Token to the chip (a view of the event flit)
namespace token_to_chip {
constexpr unsigned kind_lsb = 60;
constexpr std::uint64_t kind_mask = 0x7U;
constexpr unsigned dest_lsb = 52;
constexpr std::uint64_t dest_mask = 0x7fU;
constexpr unsigned code_lsb = 44;
constexpr std::uint64_t code_mask = 0xffU;
constexpr unsigned stage_lsb = 32;
constexpr std::uint64_t stage_mask = 0xfffU;
constexpr unsigned step_lsb = 0;
constexpr std::uint64_t step_mask = 0xffffffffU;
}  // namespace token_to_chip

// Token from the chip (a view of the event flit; egress is 1, dest is 0)
namespace token_from_chip {
constexpr unsigned kind_lsb = 60;
constexpr std::uint64_t kind_mask = 0x7U;
constexpr unsigned dest_lsb = 52;
constexpr std::uint64_t dest_mask = 0x7fU;
constexpr unsigned code_lsb = 44;
constexpr std::uint64_t code_mask = 0xffU;
constexpr unsigned stage_lsb = 32;
constexpr std::uint64_t stage_mask = 0xfffU;
constexpr unsigned step_lsb = 0;
constexpr std::uint64_t step_mask = 0xffffffffU;
}  // namespace token_from_chip

// Configuration flit
namespace config_flit {
constexpr unsigned cfg_lsb = 63;
constexpr std::uint64_t cfg_mask = 0x1U;
constexpr unsigned op_lsb = 61;
constexpr std::uint64_t op_mask = 0x3U;
constexpr unsigned core_lsb = 55;
constexpr std::uint64_t core_mask = 0x3fU;
constexpr unsigned addr_lsb = 32;
constexpr std::uint64_t addr_mask = 0x7fffffU;
constexpr unsigned data_lsb = 0;
constexpr std::uint64_t data_mask = 0xffffffffU;
}  // namespace config_flit

// Data of a READ
namespace read_data {
constexpr unsigned requester_lsb = 31;
constexpr std::uint64_t requester_mask = 0x1U;
constexpr unsigned words_lsb = 0;
constexpr std::uint64_t words_mask = 0x7fffffU;
}  // namespace read_data

// Address of a word within a core
namespace core_addr {
constexpr unsigned synapse_lsb = 22;
constexpr std::uint64_t synapse_mask = 0x1U;
constexpr unsigned region_lsb = 18;
constexpr std::uint64_t region_mask = 0xfU;
constexpr unsigned offset_lsb = 0;
constexpr std::uint64_t offset_mask = 0x3ffffU;
}  // namespace core_addr

// Address of a core's own register (a view of the word address)
namespace core_csr_addr {
constexpr unsigned region_lsb = 18;
constexpr std::uint64_t region_mask = 0xfU;
constexpr unsigned register_lsb = 0;
constexpr std::uint64_t register_mask = 0xffU;
}  // namespace core_csr_addr

// Address of a register of the chip (core 63); the AXI4-Lite byte address is 4 times it
namespace chip_csr_addr {
constexpr unsigned register_lsb = 0;
constexpr std::uint64_t register_mask = 0xffU;
}  // namespace chip_csr_addr

// Instruction
namespace instruction {
constexpr unsigned op_lsb = 27;
constexpr std::uint64_t op_mask = 0x1fU;
constexpr unsigned rd_lsb = 24;
constexpr std::uint64_t rd_mask = 0x7U;
constexpr unsigned ra_lsb = 21;
constexpr std::uint64_t ra_mask = 0x7U;
constexpr unsigned bsel_lsb = 19;
constexpr std::uint64_t bsel_mask = 0x3U;
constexpr unsigned aux_lsb = 16;
constexpr std::uint64_t aux_mask = 0x7U;
constexpr unsigned b_lsb = 10;
constexpr std::uint64_t b_mask = 0x3fU;
constexpr unsigned sh_lsb = 4;
constexpr std::uint64_t sh_mask = 0x3fU;
constexpr unsigned pen_lsb = 3;
constexpr std::uint64_t pen_mask = 0x1U;
constexpr unsigned pneg_lsb = 2;
constexpr std::uint64_t pneg_mask = 0x1U;
constexpr unsigned p_lsb = 0;
constexpr std::uint64_t p_mask = 0x3U;
}  // namespace instruction

// ACC and ACCADD (a view of the instruction)
namespace instruction_acc {
constexpr unsigned op_lsb = 27;
constexpr std::uint64_t op_mask = 0x1fU;
constexpr unsigned rd_lsb = 24;
constexpr std::uint64_t rd_mask = 0x7U;
constexpr unsigned slot_lsb = 18;
constexpr std::uint64_t slot_mask = 0x3fU;
constexpr unsigned last_lsb = 16;
constexpr std::uint64_t last_mask = 0x1U;
constexpr unsigned b_lsb = 10;
constexpr std::uint64_t b_mask = 0x3fU;
constexpr unsigned sh_lsb = 4;
constexpr std::uint64_t sh_mask = 0x3fU;
}  // namespace instruction_acc

// CMP (a view of the instruction)
namespace instruction_cmp {
constexpr unsigned op_lsb = 27;
constexpr std::uint64_t op_mask = 0x1fU;
constexpr unsigned aux_lsb = 16;
constexpr std::uint64_t aux_mask = 0x7U;
}  // namespace instruction_cmp

// Population, word 0
namespace population0 {
constexpr unsigned nvars_lsb = 24;
constexpr std::uint64_t nvars_mask = 0xffU;
constexpr unsigned count_lsb = 12;
constexpr std::uint64_t count_mask = 0xfffU;
constexpr unsigned pc_lsb = 0;
constexpr std::uint64_t pc_mask = 0xfffU;
}  // namespace population0

// Population, word 1
namespace population1 {
constexpr unsigned const_base_lsb = 16;
constexpr std::uint64_t const_base_mask = 0xffffU;
constexpr unsigned state_base_lsb = 0;
constexpr std::uint64_t state_base_mask = 0xffffU;
}  // namespace population1

// Population, word 2
namespace population2 {
constexpr unsigned tail_lsb = 12;
constexpr std::uint64_t tail_mask = 0x3fU;
constexpr unsigned groups_lsb = 0;
constexpr std::uint64_t groups_mask = 0xfffU;
}  // namespace population2

// Population, word 3
namespace population3 {
constexpr unsigned route_count_lsb = 16;
constexpr std::uint64_t route_count_mask = 0xfffU;
constexpr unsigned route_base_lsb = 0;
constexpr std::uint64_t route_base_mask = 0xffffU;
}  // namespace population3

// Population, word 4
namespace population4 {
constexpr unsigned index_base_lsb = 0;
constexpr std::uint64_t index_base_mask = 0xffffffffU;
}  // namespace population4

// Connection, word 0
namespace connection0 {
constexpr unsigned rule_lsb = 24;
constexpr std::uint64_t rule_mask = 0xffU;
constexpr unsigned learns_lsb = 22;
constexpr std::uint64_t learns_mask = 0x1U;
constexpr unsigned wide_lsb = 21;
constexpr std::uint64_t wide_mask = 0x1U;
constexpr unsigned delays_lsb = 20;
constexpr std::uint64_t delays_mask = 0x1U;
constexpr unsigned slot_lsb = 14;
constexpr std::uint64_t slot_mask = 0x3fU;
constexpr unsigned payload_lsb = 13;
constexpr std::uint64_t payload_mask = 0x1U;
constexpr unsigned shift_lsb = 8;
constexpr std::uint64_t shift_mask = 0x1fU;
constexpr unsigned negate_lsb = 7;
constexpr std::uint64_t negate_mask = 0x1U;
constexpr unsigned is_signed_lsb = 6;
constexpr std::uint64_t is_signed_mask = 0x1U;
constexpr unsigned format_lsb = 4;
constexpr std::uint64_t format_mask = 0x3U;
constexpr unsigned kind_lsb = 0;
constexpr std::uint64_t kind_mask = 0xfU;
}  // namespace connection0

// Connection, word 1
namespace connection1 {
constexpr unsigned groups_lsb = 16;
constexpr std::uint64_t groups_mask = 0xfffU;
constexpr unsigned acc_base_lsb = 0;
constexpr std::uint64_t acc_base_mask = 0xffffU;
}  // namespace connection1

// Connection, word 2
namespace connection2 {
constexpr unsigned syn_base_lsb = 0;
constexpr std::uint64_t syn_base_mask = 0xffffffU;
}  // namespace connection2

// Connection, word 3
namespace connection3 {
constexpr unsigned stride_lsb = 0;
constexpr std::uint64_t stride_mask = 0xffffU;
}  // namespace connection3

// Connection, word 4
namespace connection4 {
constexpr unsigned sources_lsb = 0;
constexpr std::uint64_t sources_mask = 0xfffffU;
}  // namespace connection4

// Connection, word 5
namespace connection5 {
constexpr unsigned targets_lsb = 0;
constexpr std::uint64_t targets_mask = 0xfffffU;
}  // namespace connection5

// Connection, word 6
namespace connection6 {
constexpr unsigned table_base_lsb = 0;
constexpr std::uint64_t table_base_mask = 0xffffffU;
}  // namespace connection6

// Connection, word 7
namespace connection7 {
constexpr unsigned taps_base_lsb = 8;
constexpr std::uint64_t taps_base_mask = 0xffffffU;
constexpr unsigned channel_bits_lsb = 0;
constexpr std::uint64_t channel_bits_mask = 0xfU;
}  // namespace connection7

// Row of a source, in the table of a SPARSE connection
namespace sparse_row {
constexpr unsigned words_lsb = 21;
constexpr std::uint64_t words_mask = 0x7ffU;
constexpr unsigned line_lsb = 0;
constexpr std::uint64_t line_mask = 0x1fffffU;
}  // namespace sparse_row

// Input position, in the table of a CONV connection
namespace conv_position {
constexpr unsigned taps_lsb = 21;
constexpr std::uint64_t taps_mask = 0x7ffU;
constexpr unsigned first_lsb = 0;
constexpr std::uint64_t first_mask = 0x1fffffU;
}  // namespace conv_position

// Tap of a CONV connection
namespace conv_tap {
constexpr unsigned line_lsb = 16;
constexpr std::uint64_t line_mask = 0xffffU;
constexpr unsigned group_lsb = 0;
constexpr std::uint64_t group_mask = 0xffffU;
}  // namespace conv_tap

// Route, word 0
namespace route0 {
constexpr unsigned multicast_lsb = 27;
constexpr std::uint64_t multicast_mask = 0x1U;
constexpr unsigned channel_lsb = 24;
constexpr std::uint64_t channel_mask = 0x7U;
constexpr unsigned groups_lsb = 12;
constexpr std::uint64_t groups_mask = 0xfffU;
constexpr unsigned first_lsb = 0;
constexpr std::uint64_t first_mask = 0xfffU;
}  // namespace route0

// Route, word 1
namespace route1 {
constexpr unsigned egress_lsb = 31;
constexpr std::uint64_t egress_mask = 0x1U;
constexpr unsigned dest_lsb = 24;
constexpr std::uint64_t dest_mask = 0x7fU;
constexpr unsigned conn_lsb = 16;
constexpr std::uint64_t conn_mask = 0xffU;
constexpr unsigned index_base_lsb = 0;
constexpr std::uint64_t index_base_mask = 0xfffU;
}  // namespace route1

// Stage
namespace stage {
constexpr unsigned count_lsb = 8;
constexpr std::uint64_t count_mask = 0xffU;
constexpr unsigned first_lsb = 0;
constexpr std::uint64_t first_mask = 0xffU;
}  // namespace stage

// Device part, word 0 (then: version, layout hash, configuration id, words in all, blocks)
namespace image_magic {
constexpr unsigned magic_lsb = 0;
constexpr std::uint64_t magic_mask = 0xffffffffU;
}  // namespace image_magic

// Block of the device part, word 0; word 1 is the number of data words that follow
namespace image_block {
constexpr unsigned core_lsb = 23;
constexpr std::uint64_t core_mask = 0x3fU;
constexpr unsigned addr_lsb = 0;
constexpr std::uint64_t addr_mask = 0x7fffffU;
}  // namespace image_block

constexpr std::uint64_t get(std::uint64_t word, unsigned lsb, std::uint64_t mask) {
  return (word >> lsb) & mask;
}

}  // namespace lhw::regs
