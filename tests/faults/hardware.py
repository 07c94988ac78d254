"""Faults in the RTL, in the harness and in the ring.

Each of them passes the lint, so that it is a test of what the hardware does that catches it. Tests of a
single module come first: they build in a fraction of the time that a chip takes.
"""

from __future__ import annotations

from tests.faults.fault import Fault

_ROUTER = "tests/rtl/test_lhw_router.py::test_router[0-0-3-2]"
_INGRESS = "tests/rtl/test_lhw_host_port.py::test_lhw_ingress"
_EGRESS = "tests/rtl/test_lhw_host_port.py::test_lhw_egress"
_QUIET = "tests/rtl/test_lhw_host_port.py::test_lhw_quiet[3-2-1]"
_CSR = "tests/rtl/test_lhw_host_port.py::test_lhw_chip_csr"
_STEP_CTRL = "tests/rtl/test_lhw_host_port.py::test_lhw_step_ctrl"
_STUB = "tests/rtl/test_lhw_chip.py::test_mesh_and_steps_with_a_stub[3-2-1-0.5]"
_CORE = "tests/rtl/test_lhw_core.py::test_core[8]"
_BANKS = "tests/rtl/test_lhw_accumulator.py::test_accumulator[8-synthesis]"
_SEQUENCER = "tests/rtl/test_lhw_sequencer.py::test_sequencer[8]"
_LANES = "tests/rtl/test_lhw_neuron.py::test_neuron[8]"
_SYNAPSE = "tests/rtl/test_lhw_synapse.py::test_lhw_synapse[8]"
_EMITTER = "tests/rtl/test_lhw_emitter.py::test_lhw_emitter[8]"
_CONFIG = "tests/rtl/test_lhw_config.py::test_lhw_config[8]"

_TILES = "tests/rtl/test_lhw_mesh.py::test_all_cores_of_the_largest_mesh"

_MESH = (
    Fault(
        "router-loses-a-flit",
        "A flit that comes to a router while the one before it leaves the queue is lost.",
        "rtl/noc/lhw_router.sv",
        "if (arrives[i] && !(moves[i] && count[i] == '0)) begin",
        "if (arrives[i] && !moves[i]) begin",
        (_ROUTER,),
    ),
    Fault(
        "router-stops-too-late",
        "A router says that it is full when only one place is left, and two flits are still on their way.",
        "rtl/noc/lhw_router.sv",
        "w_ready_o <= count[4] <= 3'(Depth - 2);",
        "w_ready_o <= count[4] <= 3'(Depth - 1);",
        (_ROUTER,),
    ),
    Fault(
        "router-serves-one-only",
        "Whoever was served last is served again as long as it asks.",
        "rtl/noc/lhw_noc_pkg.sv",
        "later = requests & (5'b11110 << last);",
        "later = requests & (5'b11111 << last);",
        (_ROUTER,),
    ),
    Fault(
        "router-lets-any-egress-port-pass",
        "A flit for an egress port that is not there leaves the chip through that of the host.",
        "rtl/noc/lhw_noc_pkg.sv",
        "return egress ? dest != 7'(lhw_regs_pkg::HOST_PORT) :",
        "return egress ? 1'b0 :",
        (_ROUTER,),
    ),
)

_CHIP = (
    Fault(
        "step-ctrl-close-of-a-later-step",
        "A CLOSE for a later step starts the present one.",
        "rtl/chip/lhw_step_ctrl.sv",
        "token_step_i == next_step) begin",
        "token_step_i >= next_step) begin",
        (_STEP_CTRL,),
    ),
    Fault(
        "step-ctrl-one-stage-too-many",
        "A step has one stage more than the register says.",
        "rtl/chip/lhw_step_ctrl.sv",
        "5'(stage_o) + 5'd1 >= stages_i;",
        "5'(stage_o) + 5'd1 > stages_i;",
        (_STEP_CTRL,),
    ),
    Fault(
        "step-ctrl-counts-the-host",
        "The cycle counter also counts while the chip waits for the host.",
        "rtl/chip/lhw_step_ctrl.sv",
        "counts_o    <= state == Started || state == Running;",
        "counts_o    <= state == Started || state == Running || state == Waiting;",
        (_STEP_CTRL,),
    ),
    Fault(
        "step-ctrl-tile-number-as-core",
        "A fault names the number of the tile instead of that of the core.",
        "rtl/chip/lhw_quiet.sv",
        "tile.stage_core = 6'(8 * y + x);",
        "tile.stage_core = 6'(MeshX * y + x);",
        (_QUIET,),
    ),
    Fault(
        "step-ctrl-looks-without-a-flit",
        "A fault of the input is reported as soon as the chip is paused, though nothing is at the head.",
        "rtl/chip/lhw_step_ctrl.sv",
        "end else if (state == Paused && quiet_i) begin\n        if (looks && look_fault",
        "end else if (state == Paused && quiet_i) begin\n        if (look_fault",
        (_STEP_CTRL,),
    ),
    Fault(
        "step-ctrl-end-of-a-stage-with-a-bad-event",
        "A stage in which a core sent a bad event ends as if all were well.",
        "rtl/chip/lhw_step_ctrl.sv",
        "if (stage_fault_i != '0) begin",
        "if (stage_fault_i == 8'(FAULT_CODE_BAD_OPCODE)) begin",
        (_STEP_CTRL,),
    ),
    Fault(
        "quiet-forgets-what-was-handed-over",
        "The chip is called quiescent while a flit is too young for its tile to be known as busy.",
        "rtl/chip/lhw_quiet.sv",
        "handed = Latency'({handed, hands_over_i});",
        "handed = '0;",
        (_QUIET,),
    ),
    Fault(
        "chip-ends-before-the-last-event",
        "A stage ends when the cores or the routers are quiet, not both: END may pass an event.",
        "rtl/chip/lhw_tile.sv",
        "assign busy_o     = core_busy | router_busy;",
        "assign busy_o     = core_busy & router_busy;",
        (_STUB,),
    ),
    Fault(
        "ingress-does-not-wait-for-configuration",
        "What follows a configuration flit enters the mesh before that flit has arrived.",
        "rtl/chip/lhw_ingress.sv",
        "end else if (!in_run || quiet_i) begin",
        "end else begin",
        (_INGRESS,),
    ),
    Fault(
        "ingress-write-passes-a-pending-fault",
        "A WRITE behind a bad event is carried out.",
        "rtl/chip/lhw_ingress.sv",
        "(faulted_i || !pending_i)",
        "(faulted_i || !(pending_i && reads))",
        (_INGRESS,),
    ),
    Fault(
        "ingress-events-pass-a-bad-token",
        "Events behind a token that is a fault itself still enter the mesh.",
        "rtl/chip/lhw_ingress.sv",
        "dropping = dropping || faulted_i;",
        "dropping = dropping || (faulted_i && clear_i);",
        (_INGRESS,),
    ),
    Fault(
        "egress-counts-responses",
        "FLITS_OUT counts responses as events.",
        "rtl/chip/lhw_egress.sv",
        "else if (mesh_valid_i && !mesh_flit_i[63])",
        "else if (mesh_valid_i)",
        (_EGRESS,),
    ),
    Fault(
        "egress-stops-too-late",
        "The output says that it is full when only one place is left, and two flits are still on their way.",
        "rtl/chip/lhw_egress.sv",
        "mesh_ready_o  <= count <= 4'(Depth - 4);",
        "mesh_ready_o  <= count <= 4'(Depth - 1);",
        (_EGRESS,),
    ),
    Fault(
        "csr-read-ends-early",
        "The last word of a read of several chip registers is not answered.",
        "rtl/chip/lhw_chip_csr.sv",
        "request.data != '0;",
        "request.data > 32'd1;",
        (_CSR,),
    ),
    Fault(
        "csr-ignores-strobes",
        "A write of one byte over AXI4-Lite writes both.",
        "rtl/chip/lhw_chip_csr.sv",
        "{16'd0, {8{write_strobe[1]}}, {8{write_strobe[0]}}}",
        "{16'd0, {16{|write_strobe}}}",
        (_CSR,),
    ),
)

_NEURO_CORE = (
    Fault(
        "alu-floor-near-zero",
        "Small negative products are rounded to -1 where they are to be rounded toward zero.",
        "rtl/core/lhw_alu_pkg.sv",
        "if (product < 0)",
        "if (product < -bias)",
        (_CORE,),
    ),
    Fault(
        "alu-wrap-misses-the-edge",
        "-2^23 is not wrapped to +2^23.",
        "rtl/core/lhw_alu_pkg.sv",
        "<= -32'sh0080_0000",
        "< -32'sh0080_0000",
        (_CORE,),
    ),
    Fault(
        "accumulator-stays-dirty",
        "The last reader does not clear the sums.",
        "rtl/core/lhw_accumulator.sv",
        "if (clears_q) zero(acc_mem[line_q]);",
        "if (clears_q && walking_q) zero(acc_mem[line_q]);",
        (_CORE,),
    ),
    Fault(
        "accumulator-does-not-forward",
        "Of two additions to one group in successive cycles the first is lost.",
        "rtl/core/lhw_bank.sv",
        "forward_q <= write_i && store_line_i == line_i;",
        "forward_q <= write_i && store_line_i > line_i;",
        (_BANKS,),
    ),
    Fault(
        "accumulator-walk-ends-early",
        "After reset and clear the last line keeps its sums.",
        "rtl/core/lhw_accumulator.sv",
        "LastLine = LineW'(Lines - 1);",
        "LastLine = LineW'(Lines - 2);",
        (_BANKS,),
    ),
    Fault(
        "accumulator-one-address-for-all-lanes",
        "Lanes with addresses of their own all take that of the first.",
        "rtl/core/lhw_accumulator.sv",
        "gat_apart_i ? gat_lines_i[l] : gat_line_i;",
        "gat_apart_i ? gat_lines_i[0] : gat_line_i;",
        (_BANKS,),
    ),
    Fault(
        "synapse-slot-off-by-one",
        "Events go into the slot after the one that their connection names.",
        "rtl/core/lhw_source_walk.sv",
        "SlotW'(step_i) + SlotW'(c0_q.slot);",
        "SlotW'(step_i) + SlotW'(c0_q.slot) + 1'b1;",
        (_CORE,),
    ),
    Fault(
        "synapse-queue-stops-too-late",
        "A core says that it is full when only one place is left, and two flits are still on their way.",
        "rtl/core/lhw_event_queue.sv",
        "in_ready_o <= used_q <= (DepthW + 1)'(Depth - 2);",
        "in_ready_o <= used_q <= (DepthW + 1)'(Depth - 1);",
        (_CORE,),
    ),
    Fault(
        "synapse-skips-the-last-group",
        "The last word of a row of several is not added.",
        "rtl/core/lhw_row.sv",
        "held   = left_q != 0;\n          row_last_o",
        "held   = left_q > 12'd1;\n          row_last_o",
        (_CORE,),
    ),
    Fault(
        "synapse-counts-flits-as-spikes",
        "SPIKES_IN counts a mask as one spike.",
        "rtl/core/lhw_source_walk.sv",
        "(graded_q ? 32'd1 : 32'($countones(head_flit_i.payload)))",
        "32'd1",
        (_CORE,),
    ),
    Fault(
        "sequencer-tail-for-odd-groups-only",
        "The mask of the last group is not used if the number of groups is even: padding lanes spike.",
        "rtl/core/lhw_sequencer.sv",
        "d_last_q  = groups_left_q == (ctx_q ? 12'd2 : 12'd1);",
        "d_last_q  = groups_left_q == 12'd1;",
        (_CORE,),
    ),
    Fault(
        "sequencer-reads-sums-too-early",
        "An ACC meets the ACCADD before it in the accumulators: both are presented in the same cycle.",
        "rtl/core/lhw_sequencer.sv",
        "localparam logic [2:0] AddLatency = 3'd4;",
        "localparam logic [2:0] AddLatency = 3'd3;",
        (_SEQUENCER,),
    ),
    Fault(
        "sequencer-next-population-too-early",
        "Tail and routes of the next population are there while the last emission is still on its way.",
        "rtl/core/lhw_sequencer.sv",
        "localparam logic [2:0] DrainCycles = 3'd5;",
        "localparam logic [2:0] DrainCycles = 3'd4;",
        (_SEQUENCER,),
    ),
    Fault(
        "lanes-rest-while-they-present",
        "The lanes say that they rest in the cycle in which they present an emission or a sum.",
        "rtl/core/lhw_neuron.sv",
        "busy_o  <= w_valid || r_valid || x_valid || presents;",
        "busy_o  <= w_valid || r_valid || x_valid;",
        (_LANES,),
    ),
    Fault(
        "lanes-write-the-mask-of-the-other-group",
        "Of two interleaved groups the second writes its masks over those of the first.",
        "rtl/core/lhw_neuron.sv",
        "mask[{x_ctx, x.rd[1:0]}] = (compared",
        "mask[{1'b0, x.rd[1:0]}] = (compared",
        (_LANES,),
    ),
    Fault(
        "emitter-index-base-or",
        "The index base of a route is not added to the number of a block but or-ed into it.",
        "rtl/core/lhw_emitter.sv",
        "(group >> ShareW) + r1.index_base;",
        "(group >> ShareW) | r1.index_base;",
        (_CORE,),
    ),
    Fault(
        "emitter-range-of-a-route-too-long",
        "A route also takes the group behind its range.",
        "rtl/core/lhw_emitter.sv",
        "13'(group) < 13'(r0.first) + 13'(r0.groups);",
        "13'(group) <= 13'(r0.first) + 13'(r0.groups);",
        (_CORE,),
    ),
    Fault(
        "synapse-connection-number-cut",
        "An event for a connection that is not there is taken by one whose number has the same low bits.",
        "rtl/core/lhw_source_walk.sv",
        "9'(head_flit_i.conn) >= 9'(Connections)",
        "32'(head_flit_i.conn[ConnW-1:0]) >= Connections",
        (_SYNAPSE,),
    ),
    Fault(
        "synapse-mistakes-who-sent-an-event",
        "A bad event of the host counts as one of a core, or the other way round.",
        "rtl/core/lhw_source_walk.sv",
        "outside_q = head_flit_i.dest[6];",
        "outside_q = head_flit_i.dest[5];",
        (_SYNAPSE,),
    ),
    Fault(
        "synapse-operations-without-carry",
        "SYNOPS_HI stays 0 when SYNOPS_LO overflows.",
        "rtl/core/lhw_source_walk.sv",
        "synops_q = synops_q + 64'(c5_q.targets);",
        "synops_q = {synops_q[63:32], synops_q[31:0] + 32'(c5_q.targets)};",
        (_SYNAPSE,),
    ),
    Fault(
        "synapse-moves-before-the-row-has-ended",
        "The head is taken while the row behind the last job still waits for the accumulators.",
        "rtl/core/lhw_synapse.sv",
        "(row_last & ~row_holds);",
        "row_last;",
        (_SYNAPSE,),
    ),
    Fault(
        "synapse-row-keeps-the-sign-of-the-one-before",
        "Rows of several words are added with the sign and the factor of an earlier one.",
        "rtl/core/lhw_row.sv",
        "          if (first_q) begin  // what all words of the row have in common",
        "          if (first_q && row_last_o) begin",
        (_SYNAPSE,),
    ),
    Fault(
        "emitter-end-of-a-route-wraps",
        "A route whose range goes beyond group 4095 takes nothing.",
        "rtl/core/lhw_emitter.sv",
        "13'(group) < 13'(r0.first) + 13'(r0.groups);",
        "group < r0.first + r0.groups;",
        (_EMITTER,),
    ),
    Fault(
        "emitter-response-into-a-closed-output",
        "A response is sent although the output is not ready, and is lost.",
        "rtl/core/lhw_emitter.sv",
        "if (rsp_held_q && !sends && !t_valid_q && out_ready_i) begin",
        "if (rsp_held_q && !sends && !t_valid_q) begin",
        (_EMITTER,),
    ),
    Fault(
        "config-register-number-cut",
        "An address far behind the registers of a core reads one of them instead of being a fault.",
        "rtl/core/lhw_config.sv",
        "case (32'(word.offset))",
        "case (32'(word.offset[7:0]))",
        (_CONFIG,),
    ),
    Fault(
        "config-event-before-opcode",
        "Of a bad opcode and a bad event the core shows the event.",
        "rtl/core/lhw_config.sv",
        "if (bits[0]) return",
        "if (bits[0] && bits[2:1] == '0) return",
        (_CONFIG,),
    ),
)

_HARNESS = (
    Fault(
        "tile-sleeps-beside-its-router",
        "A tile says that it may sleep although its router holds a flit.",
        "rtl/chip/lhw_tile.sv",
        "assign awake_o    = core_awake | router_busy;",
        "assign awake_o    = core_awake;",
        (_TILES,),
    ),
    Fault(
        "tiles-are-woken-by-the-host-only",
        "A flit from a neighbour does not wake a tile that sleeps.",
        "sim/mesh_model.hpp",
        "        flit = new_flit;\n        woken |= bit(to);",
        "        flit = new_flit;\n        if (to == 0) woken |= bit(to);",
        (_TILES,),
    ),
    Fault(
        "tile-busy-is-forgotten",
        "The host part hears of the tile that was clocked last only.",
        "sim/mesh_model.hpp",
        "busy = (busy & ~bit(t)) | std::uint64_t{a.busy_o} << t;",
        "busy = std::uint64_t{a.busy_o} << t;",
        (_TILES,),
    ),
    Fault(
        "harness-takes-a-flit-twice",
        "A flit that waits, by random times, is written in every cycle in which it waits.",
        "sim/model.hpp",
        "ready_ && top::out_valid(*top_)",
        "top::out_valid(*top_)",
        ("tests/device/test_simulator.py::test_random_times_change_cycles_only",),
    ),
    Fault(
        "harness-starts-anew-after-a-full-ring",
        "After it had to wait for room in the ring, the harness sends what it has sent before.",
        "sim/host.cpp",
        "moved += link_.try_push(flits + moved, count - moved);",
        "moved += link_.try_push(flits, count - moved);",
        ("tests/device/test_simulator.py::test_small_rings_and_bursts_do_not_lock",),
    ),
    Fault(
        "ring-repeats-at-the-wrap",
        "What continues at the start of the ring is a copy of what was pushed first.",
        "sim/bridge/ring.hpp",
        "std::memcpy(slots_, data + first,",
        "std::memcpy(slots_, data,",
        ("tests/bridge/test_cpp.py::test_clean[unit-address]",),
    ),
)

# Each of them has the compiled module built anew.
_STEPS = (
    Fault(
        "steps-current-does-not-wrap",
        "In C++ the current of a neuron leaves its 24 bits.",
        "sim/bridge/steps.hpp",
        "current += down + up;",
        "current += 0 * (down + up);",
        ("tests/bridge/test_steps.py::test_where_currents_wrap_and_voltages_stop",),
    ),
    Fault(
        "steps-sum-is-shifted-without-sign",
        "In C++ a negative exponent makes negative sums of graded messages positive.",
        "sim/bridge/steps.hpp",
        "return static_cast<std::int32_t>(sum) >> -exponent;",
        "return static_cast<std::int32_t>(sum >> -exponent);",
        ("tests/bridge/test_steps.py::test_dense_and_sparse_sums",),
    ),
    Fault(
        "steps-every-message-is-a-spike",
        "In C++ the value of a graded message does not count.",
        "sim/bridge/steps.hpp",
        "const auto times = graded ?",
        "const auto times = graded && i == inputs ?",
        ("tests/bridge/test_steps.py::test_dense_and_sparse_sums",),
    ),
    Fault(
        "steps-floats-are-added-in-another-order",
        "In C++ the bias is added to the current first, which rounds differently.",
        "sim/bridge/steps.hpp",
        "v[i] * p.v_kept + u[i] + bias[i];",
        "v[i] * p.v_kept + (u[i] + bias[i]);",
        ("tests/bridge/test_steps.py::test_float_steps",),
    ),
)

HARDWARE: tuple[Fault, ...] = (*_MESH, *_CHIP, *_NEURO_CORE, *_HARNESS, *_STEPS)
