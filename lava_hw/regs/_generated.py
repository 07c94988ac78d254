"""Layouts shared with the hardware. Generated from rtl/regs/lava_hw.rdl by `make regs`; do not edit."""

from enum import IntEnum

from lava_hw.regs.word import Field, Word

IMAGE_VERSION = 1
RING_VERSION = 1
CONTROL_CORE = 63
HOST_PORT = 0
MAX_STAGES = 16
BLOCK = 32
REGISTERS = 8
MASKS = 4
POPULATION_WORDS = 8
CONNECTION_WORDS = 8
ROUTE_WORDS = 2
LAYOUT_HASH = 0xF9128896


class FlitType(IntEnum):
    """Values of flit_type."""

    MASK_POS = 0
    MASK_NEG = 1
    GRADED = 2
    TOKEN = 3
    MULTI_POS = 4
    MULTI_NEG = 5
    MULTI_GRADED = 6


class TokenIn(IntEnum):
    """Values of token_in."""

    CLOSE = 1
    RUN = 2
    SYNC = 3
    RESET = 4


class TokenOut(IntEnum):
    """Values of token_out."""

    END = 1
    PAUSED = 2
    RESET_DONE = 4
    FAULT = 5


class FaultCode(IntEnum):
    """Values of fault_code."""

    NONE = 0
    BAD_CLOSE = 1
    BAD_RUN = 2
    BAD_TOKEN = 3
    BAD_OPCODE = 4
    BAD_EVENT = 5
    BAD_ADDRESS = 6


class ConfigOp(IntEnum):
    """Values of config_op."""

    WRITE = 0
    READ = 1
    RESPONSE = 2
    RESPONSE_CPU = 3


class CoreRegion(IntEnum):
    """Values of core_region."""

    CSR = 0
    STATE = 1
    ACC = 2
    UCODE = 3
    CONSTANT = 4
    POPULATION = 5
    CONNECTION = 6
    ROUTE = 7
    STAGE = 8


class CoreCsr(IntEnum):
    """Values of core_csr."""

    ID = 0
    CYC_UPDATE = 1
    CYC_SYNAPSE = 2
    CYC_STALL = 3
    SPIKES_IN = 4
    SPIKES_OUT = 5
    SYNOPS_LO = 6
    SYNOPS_HI = 7
    FAULT = 8


class ChipCsr(IntEnum):
    """Values of chip_csr."""

    MAGIC = 0
    LAYOUT = 1
    CONFIG_ID = 2
    SHAPE = 3
    STAGES = 4
    NEEDS_CLOSE = 5
    NEEDS_END = 6
    STATUS = 7
    STEP = 8
    LIMIT = 9
    CYCLES_LO = 10
    CYCLES_HI = 11
    FLITS_IN = 12
    FLITS_OUT = 13
    CYC_WAIT = 14


class Opcode(IntEnum):
    """Values of opcode."""

    NOP = 0
    MOV = 1
    ST = 2
    ACC = 3
    ACCADD = 4
    ADD = 5
    SUB = 6
    ADDS = 7
    MUL = 8
    MULTZ = 9
    MADTZ = 10
    SHV = 11
    MIN = 12
    MAX = 13
    CLIP = 14
    ABS = 15
    WRAP = 16
    CMP = 17
    PLOG = 18
    TIME = 19
    IDX = 20
    BCAST = 21
    EMITM = 22
    EMITG = 23


class Operand(IntEnum):
    """Values of operand."""

    REG = 0
    STATE = 1
    CONST = 2
    IMM = 3


class Compare(IntEnum):
    """Values of compare."""

    GT = 0
    LT = 1
    GE = 2
    LE = 3
    EQ = 4
    NE = 5


class WeightFormat(IntEnum):
    """Values of weight_format."""

    BITS8 = 0
    BITS4 = 1
    BITS16 = 2


class ConnKind(IntEnum):
    """Values of conn_kind."""

    NONE = 0
    PORT = 1
    DENSE = 2
    SPARSE = 3
    CONV = 4
    ONE_TO_ONE = 5


class Magic(IntEnum):
    """Values of magic."""

    CHIP = 1279809347
    IMAGE = 1146570828
    FILE = 1230456908
    RING = 1381451852


EVENT_FLIT = Word(
    "event_flit",
    64,
    {
        "cfg": Field(63, 63),
        "kind": Field(62, 60),
        "egress": Field(59, 59),
        "dest": Field(58, 52),
        "conn": Field(51, 44),
        "index": Field(43, 32),
        "payload": Field(31, 0),
    },
)

TOKEN_TO_CHIP = Word(
    "token_to_chip",
    64,
    {
        "kind": Field(62, 60),
        "dest": Field(58, 52),
        "code": Field(51, 44),
        "stage": Field(43, 32),
        "step": Field(31, 0),
    },
)

TOKEN_FROM_CHIP = Word(
    "token_from_chip",
    64,
    {
        "kind": Field(62, 60),
        "dest": Field(58, 52),
        "code": Field(51, 44),
        "stage": Field(43, 32),
        "step": Field(31, 0),
    },
)

CONFIG_FLIT = Word(
    "config_flit",
    64,
    {
        "cfg": Field(63, 63),
        "op": Field(62, 61),
        "core": Field(60, 55),
        "addr": Field(54, 32),
        "data": Field(31, 0),
    },
)

READ_DATA = Word(
    "read_data",
    32,
    {
        "requester": Field(31, 31),
        "words": Field(22, 0),
    },
)

CORE_ADDR = Word(
    "core_addr",
    32,
    {
        "synapse": Field(22, 22),
        "region": Field(21, 18),
        "offset": Field(17, 0),
    },
)

CORE_CSR_ADDR = Word(
    "core_csr_addr",
    32,
    {
        "region": Field(21, 18),
        "register": Field(7, 0),
    },
)

CHIP_CSR_ADDR = Word(
    "chip_csr_addr",
    32,
    {
        "register": Field(7, 0),
    },
)

INSTRUCTION = Word(
    "instruction",
    32,
    {
        "op": Field(31, 27),
        "rd": Field(26, 24),
        "ra": Field(23, 21),
        "bsel": Field(20, 19),
        "aux": Field(18, 16),
        "b": Field(15, 10),
        "sh": Field(9, 4),
        "pen": Field(3, 3),
        "pneg": Field(2, 2),
        "p": Field(1, 0),
    },
)

INSTRUCTION_ACC = Word(
    "instruction_acc",
    32,
    {
        "op": Field(31, 27),
        "rd": Field(26, 24),
        "slot": Field(23, 18),
        "last": Field(16, 16),
        "b": Field(15, 10),
        "sh": Field(9, 4),
    },
)

INSTRUCTION_CMP = Word(
    "instruction_cmp",
    32,
    {
        "op": Field(31, 27),
        "aux": Field(18, 16),
    },
)

POPULATION0 = Word(
    "population0",
    32,
    {
        "nvars": Field(31, 24),
        "count": Field(23, 12),
        "pc": Field(11, 0),
    },
)

POPULATION1 = Word(
    "population1",
    32,
    {
        "const_base": Field(31, 16),
        "state_base": Field(15, 0),
    },
)

POPULATION2 = Word(
    "population2",
    32,
    {
        "tail": Field(17, 12),
        "groups": Field(11, 0),
    },
)

POPULATION3 = Word(
    "population3",
    32,
    {
        "route_count": Field(27, 16),
        "route_base": Field(15, 0),
    },
)

POPULATION4 = Word(
    "population4",
    32,
    {
        "index_base": Field(31, 0),
    },
)

CONNECTION0 = Word(
    "connection0",
    32,
    {
        "rule": Field(31, 24),
        "learns": Field(22, 22),
        "wide": Field(21, 21),
        "delays": Field(20, 20),
        "slot": Field(19, 14),
        "payload": Field(13, 13),
        "shift": Field(12, 8),
        "negate": Field(7, 7),
        "is_signed": Field(6, 6),
        "format": Field(5, 4),
        "kind": Field(3, 0),
    },
)

CONNECTION1 = Word(
    "connection1",
    32,
    {
        "groups": Field(27, 16),
        "acc_base": Field(15, 0),
    },
)

CONNECTION2 = Word(
    "connection2",
    32,
    {
        "syn_base": Field(23, 0),
    },
)

CONNECTION3 = Word(
    "connection3",
    32,
    {
        "stride": Field(15, 0),
    },
)

CONNECTION4 = Word(
    "connection4",
    32,
    {
        "sources": Field(19, 0),
    },
)

CONNECTION5 = Word(
    "connection5",
    32,
    {
        "targets": Field(19, 0),
    },
)

CONNECTION6 = Word(
    "connection6",
    32,
    {
        "table_base": Field(23, 0),
    },
)

CONNECTION7 = Word(
    "connection7",
    32,
    {
        "taps_base": Field(31, 8),
        "channel_bits": Field(3, 0),
    },
)

SPARSE_ROW = Word(
    "sparse_row",
    32,
    {
        "words": Field(31, 21),
        "line": Field(20, 0),
    },
)

CONV_POSITION = Word(
    "conv_position",
    32,
    {
        "taps": Field(31, 21),
        "first": Field(20, 0),
    },
)

CONV_TAP = Word(
    "conv_tap",
    32,
    {
        "line": Field(31, 16),
        "group": Field(15, 0),
    },
)

ROUTE0 = Word(
    "route0",
    32,
    {
        "multicast": Field(27, 27),
        "channel": Field(26, 24),
        "groups": Field(23, 12),
        "first": Field(11, 0),
    },
)

ROUTE1 = Word(
    "route1",
    32,
    {
        "egress": Field(31, 31),
        "dest": Field(30, 24),
        "conn": Field(23, 16),
        "index_base": Field(11, 0),
    },
)

STAGE = Word(
    "stage",
    32,
    {
        "count": Field(15, 8),
        "first": Field(7, 0),
    },
)

IMAGE_MAGIC = Word(
    "image_magic",
    32,
    {
        "magic": Field(31, 0),
    },
)

IMAGE_BLOCK = Word(
    "image_block",
    32,
    {
        "core": Field(28, 23),
        "addr": Field(22, 0),
    },
)
