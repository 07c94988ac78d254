`include "lhw_assert.svh"

/// Configuration endpoint: turns configuration flits into accesses to the core's memories, answers reads, and keeps
/// the faults. An access takes three cycles, one after the other; its address stays stable for all of them.
module lhw_config #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned Word        = 64,
  parameter int unsigned StateLines  = 256,
  parameter int unsigned AccGroups   = 32,
  parameter int unsigned DelaySlots  = 4,
  parameter int unsigned SynLines    = 1024,
  parameter int unsigned UcodeWords  = 256,
  parameter int unsigned ConstWords  = 256,
  parameter int unsigned Populations = 16,
  parameter int unsigned Connections = 16,
  parameter int unsigned Routes      = 32
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [5:0]  core_id_i,
  input  logic        clear_i,
  input  logic        flit_valid_i,
  input  logic [63:0] flit_i,
  output logic        done_o,          // pulse: the flit was carried out
  output logic        seq_valid_o,     // pulses: access to a memory of that module
  output logic        neu_valid_o,
  output logic        acc_valid_o,
  output logic        syn_valid_o,
  output logic        emit_valid_o,
  output logic        write_o,
  output logic [22:0] addr_o,
  output logic [31:0] data_o,
  input  logic [31:0] seq_rdata_i,
  input  logic [31:0] neu_rdata_i,
  input  logic [31:0] acc_rdata_i,
  input  logic [31:0] syn_rdata_i,
  input  logic [31:0] emit_rdata_i,
  output logic        rsp_valid_o,
  output logic [63:0] rsp_flit_o,
  input  logic        rsp_ready_i,
  input  logic        bad_opcode_i,
  input  logic        bad_stage_event_i,  // an event that a core sent
  input  logic        bad_input_event_i,  // one of the host
  output logic [3:0]  faults_o,        // {bad_address, input_event, stage_event, bad_opcode}, until clear_i
  output logic        busy_o,
  output logic        awake_o          // an edge without inputs may change something here
);
  import lhw_regs_pkg::*;

  typedef enum logic [2:0] {Idle, Access, Read, Sample, Respond, Done} state_e;
  typedef enum logic [2:0] {None, Own, Sequencer, Neuron, Accumulator, Synapse, Emitter} owner_e;

  read_data_t   asked;

  // The access that is under way, and the faults.
  state_e       state_q;
  owner_e       owner_q;
  core_addr_t   addr_q;
  logic [31:0]  rdata_q;
  logic [$bits(asked.words)-1:0] left_q;
  logic [3:0]   faults_q;
  logic         active_q, writes_q;

  config_flit_t flit, response;
  logic         bad_address, pulse, presents;

  /// The module that owns a word, None if there is no such word.
  function automatic owner_e find_owner(core_addr_t word);
    if (word.synapse) return 32'({word.region, word.offset}) < SynLines * (Word / 32) ? Synapse : None;
    case (word.region)
      CORE_REGION_STATE:      return 32'(word.offset) < StateLines * Lanes ? Neuron : None;
      CORE_REGION_ACC:        return 32'(word.offset) < (DelaySlots << $clog2(AccGroups)) * Lanes ? Accumulator : None;
      CORE_REGION_UCODE:      return 32'(word.offset) < UcodeWords ? Sequencer : None;
      CORE_REGION_CONSTANT:   return 32'(word.offset) < ConstWords ? Sequencer : None;
      CORE_REGION_POPULATION: return 32'(word.offset) < Populations * POPULATION_WORDS ? Sequencer : None;
      CORE_REGION_CONNECTION: return 32'(word.offset) < Connections * CONNECTION_WORDS ? Synapse : None;
      CORE_REGION_ROUTE:      return 32'(word.offset) < Routes * ROUTE_WORDS ? Emitter : None;
      CORE_REGION_STAGE:      return 32'(word.offset) < MAX_STAGES ? Sequencer : None;
      CORE_REGION_CSR: begin
        case (32'(word.offset))
          32'(CORE_CSR_ID), 32'(CORE_CSR_FAULT): return Own;
          32'(CORE_CSR_CYC_UPDATE):              return Sequencer;
          32'(CORE_CSR_SPIKES_OUT):              return Emitter;
          32'(CORE_CSR_CYC_SYNAPSE), 32'(CORE_CSR_CYC_STALL), 32'(CORE_CSR_SPIKES_IN), 32'(CORE_CSR_SYNOPS_LO),
          32'(CORE_CSR_SYNOPS_HI):               return Synapse;
          default:                               return None;
        endcase
      end
      default: return None;
    endcase
  endfunction

  /// What the register FAULT shows: the first in this order, whichever came first.
  function automatic logic [31:0] fault_code(logic [3:0] bits);
    if (bits[0]) return FAULT_CODE_BAD_OPCODE;
    if (bits[2:1] != '0) return FAULT_CODE_BAD_EVENT;
    return bits[3] ? FAULT_CODE_BAD_ADDRESS : FAULT_CODE_NONE;
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q  = Idle;
      active_q = 1'b0;
      faults_q = '0;
      done_o       <= 1'b0;
      seq_valid_o  <= 1'b0;
      neu_valid_o  <= 1'b0;
      acc_valid_o  <= 1'b0;
      syn_valid_o  <= 1'b0;
      emit_valid_o <= 1'b0;
      rsp_valid_o  <= 1'b0;
      faults_o     <= '0;
      busy_o       <= 1'b0;
      awake_o      <= 1'b0;
    end else if (active_q || flit_valid_i || bad_opcode_i || bad_stage_event_i || bad_input_event_i ||
                 clear_i) begin
      bad_address = 1'b0;
      pulse       = 1'b0;
      presents    = 1'b0;
      rsp_valid_o <= 1'b0;
      done_o      <= 1'b0;
      `LHW_ASSERT(AccessStays, (state_q != Access && state_q != Read && state_q != Sample) ||
                  (addr_o == addr_q[22:0] && write_o == writes_q),
                  "The address of an access changes before its owner has done it.")
      `LHW_ASSERT(DoneAtRest, !done_o || state_q == Idle, "A flit was called done, and its access goes on.")
      case (state_q)
        Access: state_q = Read;      // the owner reads its memory
        Read:   state_q = Sample;    // the owner gives the word, or writes
        Sample: begin
          case (owner_q)
            Own:         rdata_q = 8'(addr_q.offset) == CORE_CSR_ID ? 32'(core_id_i) : fault_code(faults_q);
            Sequencer:   rdata_q = seq_rdata_i;
            Neuron:      rdata_q = neu_rdata_i;
            Accumulator: rdata_q = acc_rdata_i;
            Synapse:     rdata_q = syn_rdata_i;
            Emitter:     rdata_q = emit_rdata_i;
            default:     rdata_q = '0;
          endcase
          state_q = writes_q ? Done : Respond;
        end
        default: ;
      endcase
      if (state_q == Done) begin
        done_o  <= 1'b1;
        presents = 1'b1;
        state_q  = Idle;
      end
      if (state_q == Respond && rsp_ready_i) begin
        `LHW_ASSERT(SendsWithRoom, rsp_ready_i, "A response is given although the emitter holds one.")
        response.cfg  = 1'b1;
        response.op   = CONFIG_OP_RESPONSE;
        response.core = core_id_i;
        response.addr = addr_q[22:0];
        response.data = rdata_q;
        presents      = 1'b1;
        rsp_valid_o  <= 1'b1;
        rsp_flit_o   <= response;
        addr_q = addr_q + 1;
        if (left_q == 0) begin
          done_o  <= 1'b1;
          state_q  = Idle;
        end else begin
          left_q = left_q - 1;
          pulse  = 1'b1;
        end
      end
      if (flit_valid_i) begin
        `LHW_ASSERT(OneAtATime, state_q == Idle, "A configuration flit came before the one ahead of it was done.")
        flit   = flit_i;
        `LHW_ASSERT(OwnFlit, flit.core == core_id_i, "A configuration flit came to the wrong core.")
        addr_q   = 32'(flit.addr);
        asked    = flit.data;
        left_q   = asked.words;
        writes_q = flit.op == CONFIG_OP_WRITE;
        data_o <= flit.data;
        pulse  = 1'b1;
        if (flit.op != CONFIG_OP_WRITE && flit.op != CONFIG_OP_READ) begin
          bad_address = 1'b1;
          pulse       = 1'b0;
          presents    = 1'b1;
          done_o <= 1'b1;
        end
      end
      if (pulse) begin
        owner_q     = find_owner(addr_q);
        bad_address = owner_q == None;
        state_q     = Access;
        write_o <= writes_q;
        addr_o  <= addr_q[22:0];
      end
      seq_valid_o  <= pulse && owner_q == Sequencer;
      neu_valid_o  <= pulse && owner_q == Neuron;
      acc_valid_o  <= pulse && owner_q == Accumulator;
      syn_valid_o  <= pulse && owner_q == Synapse;
      emit_valid_o <= pulse && owner_q == Emitter;

      faults_q = faults_q | {bad_address, bad_input_event_i, bad_stage_event_i, bad_opcode_i};
      if (clear_i) faults_q = '0;
      faults_o <= faults_q;
      busy_o   <= state_q != Idle;
      active_q  = state_q != Idle || presents;
      awake_o  <= active_q;
    end
  end
endmodule
