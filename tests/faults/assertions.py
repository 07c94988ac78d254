"""Faults that show that each assertion of the RTL can fail, by its sentence.

Some are faults of the module itself. Where an assertion is about what a neighbour does, and that neighbour is
played by a bench, the bench has the fault. That a bench sees it, too, does not count.
"""

from __future__ import annotations

from tests.faults.fault import Fault

_CORE = "tests/rtl/test_lhw_core.py::test_core[8]"
_STUB = "tests/rtl/test_lhw_chip.py::test_mesh_and_steps_with_a_stub[3-2-1-0.5]"
TESTS = {
    "noc/lhw_router": "tests/rtl/test_lhw_router.py::test_router[0-0-3-2]",
    "core/lhw_sequencer": "tests/rtl/test_lhw_sequencer.py::test_sequencer[8]",
    "core/lhw_emitter": "tests/rtl/test_lhw_emitter.py::test_lhw_emitter[8]",
    "core/lhw_config": "tests/rtl/test_lhw_config.py::test_lhw_config[8]",
    "core/lhw_event_queue": "tests/rtl/test_lhw_event_queue.py::test_lhw_event_queue",
    "core/lhw_source_walk": "tests/rtl/test_lhw_source_walk.py::test_lhw_source_walk[smallest]",
    "core/lhw_row": "tests/rtl/test_lhw_row.py::test_lhw_row[8-1-1]",
    "core/lhw_synapse_memory": "tests/rtl/test_lhw_synapse_memory.py::test_lhw_synapse_memory[8-1]",
    "core/lhw_gather": "tests/rtl/test_lhw_gather.py::test_lhw_gather[8-1-1]",
    "chip/lhw_ingress": "tests/rtl/test_lhw_host_port.py::test_lhw_ingress",
    "chip/lhw_egress": "tests/rtl/test_lhw_host_port.py::test_lhw_egress",
    "chip/lhw_chip_csr": "tests/rtl/test_lhw_host_port.py::test_lhw_chip_csr",
    "chip/lhw_step_ctrl": "tests/rtl/test_lhw_host_port.py::test_lhw_step_ctrl",
}


def fails(name: str, sentence: str, module: str, old: str, new: str, says: str, test: str = "") -> Fault:
    """A fault of a module."""
    return Fault(name, sentence, f"rtl/{module}.sv", old, new, (test or TESTS[module],), says=says)


def played(name: str, sentence: str, bench: str, old: str, new: str, says: str, test: str) -> Fault:
    """A fault of a neighbour that a bench plays."""
    return Fault(name, sentence, f"tests/rtl/{bench}.py", old, new, (test,), says=says)


_LINKS = (
    fails(
        "assert-router-queue-overflows",
        "A router is ready although its queue is full.",
        "noc/lhw_router",
        "n_ready_o <= count[1] <= 3'(Depth - 2);",
        "n_ready_o <= 1'b1;",
        "A flit came to a full queue: a link rule was broken.",
    ),
    fails(
        "assert-router-sends-without-room",
        "A router does not look whether its receiver is ready.",
        "noc/lhw_router",
        "if (requested[o] && ready[o]) begin",
        "if (requested[o]) begin",
        "A flit is presented although its receiver was not ready.",
    ),
    fails(
        "assert-router-two-ways",
        "Each input asks for the output that one of them asks for.",
        "noc/lhw_router",
        "requests[port][i] = 1'b1;",
        "requests[port] = '1;",
        "A flit leaves through two outputs, or is taken out of its queue and goes nowhere.",
    ),
    fails(
        "assert-ingress-sends-without-room",
        "Events enter the mesh although its router is not ready.",
        "chip/lhw_ingress",
        "end else if (mesh_ready_i) begin",
        "end else begin",
        "A flit is passed on although its receiver was not ready.",
    ),
    fails(
        "assert-ingress-token-replaced",
        "What is behind a token does not wait until it is taken.",
        "chip/lhw_ingress",
        "if (present && !offered) begin",
        "if (present) begin",
        "A token is replaced before it was taken.",
    ),
    played(
        "assert-ingress-token-from-nowhere",
        "The step controller takes tokens that are not there.",
        "cocotb_ingress",
        "take = bool(dut.token_valid_o.value) and self.take",
        "take = self.take",
        "A token was taken that is not at the head.",
        TESTS["chip/lhw_ingress"],
    ),
    fails(
        "assert-ingress-configuration-in-a-stage",
        "Configuration does not wait for a pause.",
        "chip/lhw_ingress",
        "(paused_i && quiet_i &&",
        "(quiet_i &&",
        "A configuration flit passes although the chip is not paused.",
    ),
    fails(
        "assert-ingress-takes-too-much",
        "The input is ready although both its places are taken.",
        "chip/lhw_ingress",
        "s_axis_tready  <= count <= 2'd1;",
        "s_axis_tready  <= 1'b1;",
        "A flit was accepted without a place for it.",
    ),
    fails(
        "assert-egress-offer-replaced",
        "The output does not wait until the host takes what it offers.",
        "chip/lhw_egress",
        "goes   = !m_axis_tvalid || m_axis_tready;",
        "goes   = 1'b1;",
        "What is offered is replaced before the host took it.",
    ),
    played(
        "assert-egress-two-sources",
        "Mesh, step controller and registers speak at the same time.",
        "cocotb_egress",
        "silent=sender is not speaker",
        "silent=False",
        "Tokens and chip registers speak only while the mesh is silent.",
        TESTS["chip/lhw_egress"],
    ),
    fails(
        "assert-csr-sends-without-room",
        "The registers do not look whether the output is ready.",
        "chip/lhw_chip_csr",
        "if (reading && out_ready_i) begin",
        "if (reading) begin",
        "A response is presented although the link was not ready.",
    ),
    fails(
        "assert-csr-read-replaced",
        "A read over AXI4-Lite is accepted before the one ahead of it was answered.",
        "chip/lhw_chip_csr",
        "s_axil_arready <= 1'b0;",
        "s_axil_arready <= 1'b1;",
        "What a read gives is replaced before it was taken.",
    ),
    fails(
        "assert-csr-response-replaced",
        "A write is accepted before the one ahead of it was answered.",
        "chip/lhw_chip_csr",
        "if (s_axil_bvalid && s_axil_bready) begin\n        s_axil_bvalid  <= 1'b0;",
        "if (s_axil_bvalid) begin\n        s_axil_bvalid  <= !s_axil_bready;",
        "The response to a write is replaced before it was taken.",
    ),
    played(
        "assert-csr-two-requests",
        "A request is presented for two cycles.",
        "cocotb_chip_csr",
        "data=data)\n        await self.tick()\n",
        "data=data)\n        await self.tick()\n        await self.tick()\n",
        "A request came while the one before was in progress.",
        TESTS["chip/lhw_chip_csr"],
    ),
)

_STEPS = (
    played(
        "assert-quiet-tile-wakes-itself",
        "A tile becomes busy out of nothing.",
        "cocotb_quiet",
        " and (before.busy or before.hands_over)",
        "",
        "A tile is busy although all were at rest and nothing was handed over.",
        "tests/rtl/test_lhw_host_port.py::test_lhw_quiet[3-2-1]",
    ),
    fails(
        "assert-step-ctrl-long-pulse",
        "GO lasts until the stage is complete.",
        "chip/lhw_step_ctrl",
        "token_take_o <= 1'b0;\n      // A token",
        "token_take_o <= 1'b0;\n      if (state == Started) go_o <= 1'b1;\n      // A token",
        "A pulse is longer than a cycle, or the chip is called paused or idle in a stage.",
        _STUB,
    ),
    fails(
        "assert-host-go-is-not-handed-over",
        "The chip counts as quiescent in the cycle of GO.",
        "chip/lhw_host",
        "ingress_busy || csr_busy || go_o || clear_o;",
        "ingress_busy || csr_busy || clear_o;",
        "The chip is called quiescent in the cycle of GO or clear.",
        _STUB,
    ),
    fails(
        "assert-step-ctrl-starts-too-early",
        "A stage starts before the chip is quiescent.",
        "chip/lhw_step_ctrl",
        "if (state == Waiting && quiet_i) begin",
        "if (state == Waiting) begin",
        "A stage was started, or RESET took effect, while something was under way.",
    ),
    fails(
        "assert-step-ctrl-speaks-without-room",
        "PAUSED is sent although the output is not ready.",
        "chip/lhw_step_ctrl",
        "state == Ending && out_ready_i",
        "state == Ending",
        "A token was sent without room for it.",
    ),
    fails(
        "assert-flits-in-flight",
        "The chip is called quiescent while routers hold flits.",
        "chip/lhw_tile",
        "assign busy_o     = core_busy | routing_o;",
        "assign busy_o     = core_busy;",
        "The chip is called quiescent while a flit is in flight, or a flit was lost or made.",
        _STUB,
    ),
)

_ENGINE = (
    fails(
        "assert-sequencer-place-not-taken",
        "An emission does not wait for a place.",
        "core/lhw_sequencer",
        "(emits && credits_q == 0)",
        "(emits && credits_q == '1)",
        "An emission is issued without a place for it.",
    ),
    fails(
        "assert-sequencer-too-many-places",
        "A place that comes back counts twice.",
        "core/lhw_sequencer",
        "if (credit_i) credits_q = credits_q + 1'b1;",
        "if (credit_i) credits_q = credits_q + CreditW'(2);",
        "More places were given back than the emitter has.",
    ),
    fails(
        "assert-sequencer-overtakes-itself",
        "Fetch goes on while an emission waits for a place.",
        "core/lhw_sequencer",
        "if (!hold) begin\n        d_valid_q = 1'b0;",
        "if (!hold || emits) begin\n        d_valid_q = 1'b0;",
        "An instruction that waits is replaced by the next one.",
    ),
    fails(
        "assert-sequencer-leaves-an-instruction",
        "A stage ends while its last emission waits for a place.",
        "core/lhw_sequencer",
        "!read_pop && !d_valid_q && drain_q == 0",
        "!read_pop && drain_q == 0",
        "A stage is complete, and an instruction still waits.",
    ),
    played(
        "assert-sequencer-configured-in-a-stage",
        "A word is read in the cycle behind GO.",
        "sequencer_driver",
        "await self.tick(go=(stage, step))\n        while",
        "await self.tick(go=(stage, step))\n        await self.access(CoreRegion.CSR, 1)\n        while",
        "Configuration came while a stage is in progress.",
        TESTS["core/lhw_sequencer"],
    ),
    played(
        "assert-sequencer-go-in-a-stage",
        "GO comes again while a stage is in progress.",
        "sequencer_driver",
        "int(go is not None),",
        "int(go is not None or self.walk.busy),",
        "A stage was started before the one before it was complete.",
        TESTS["core/lhw_sequencer"],
    ),
    fails(
        "assert-emitter-tries-nothing",
        "The last route is tried again although its emission, the only one, has left.",
        "core/lhw_emitter",
        "t_valid_q = 1'b0;\n          frees",
        "t_valid_q = t_last_q && sends && used_q == 1;\n          frees",
        "A route is tried for an emission that is not there.",
    ),
    fails(
        "assert-emitter-leaves-values",
        "Of a graded emission only the first value is sent.",
        "core/lhw_emitter",
        "done         = t_lanes_q == 0;",
        "done         = 1'b1;",
        "A route is left although values of the emission were not sent.",
    ),
    fails(
        "assert-emitter-sends-without-room",
        "A response leaves although the link is not ready.",
        "core/lhw_emitter",
        "!sends && !t_valid_q && out_ready_i) begin",
        "!sends && !t_valid_q) begin",
        "A flit is presented although the link was not ready.",
    ),
    played(
        "assert-emitter-queue-overflows",
        "The lanes take a place that they were not given.",
        "cocotb_emitter",
        "len(self.queue) < DEPTH",
        "len(self.queue) <= DEPTH",
        "An emission came although the queue is full.",
        TESTS["core/lhw_emitter"],
    ),
    fails(
        "assert-emitter-two-responses",
        "The emitter is ready for a response although it holds one.",
        "core/lhw_emitter",
        "rsp_ready_o <= !rsp_held_q;",
        "rsp_ready_o <= 1'b1;",
        "A response came before the one ahead of it was sent.",
        _CORE,
    ),
    played(
        "assert-emitter-configured-at-work",
        "Words are read while emissions wait for the link.",
        "cocotb_emitter",
        "while self.todo or self.queue:",
        "while self.todo:",
        "Configuration came while an emission is held.",
        TESTS["core/lhw_emitter"],
    ),
    fails(
        "assert-config-address-moves-on",
        "The address of an access goes on before the owner has read.",
        "core/lhw_config",
        "Access: state_q = Read; ",
        "Access: begin state_q = Read; addr_q = addr_q + 1; end ",
        "The address of an access changes before its owner has done it.",
    ),
    fails(
        "assert-config-done-again",
        "A write is called done in each cycle from then on.",
        "core/lhw_config",
        "presents = 1'b1;\n        state_q  = Idle;",
        "presents = 1'b1;",
        "A flit was called done, and its access goes on.",
        _CORE,
    ),
    fails(
        "assert-config-sends-without-room",
        "A response does not wait until the emitter is ready.",
        "core/lhw_config",
        "if (state_q == Respond && rsp_ready_i) begin",
        "if (state_q == Respond) begin",
        "A response is given although the emitter holds one.",
    ),
    played(
        "assert-config-two-flits",
        "A configuration flit does not wait for the one before.",
        "cocotb_config",
        "if self.flits and self.age is None and self.rests >= 1",
        "if self.flits and self.rests >= 1",
        "A configuration flit came before the one ahead of it was done.",
        TESTS["core/lhw_config"],
    ),
    played(
        "assert-config-other-core",
        "WRITEs of another core come to this one.",
        "cocotb_config",
        'fields = {"op": ConfigOp.WRITE, "core": SHAPE.core,',
        'fields = {"op": ConfigOp.WRITE, "core": SHAPE.core ^ 1,',
        "A configuration flit came to the wrong core.",
        TESTS["core/lhw_config"],
    ),
)

ASSERTIONS: tuple[Fault, ...] = (*_LINKS, *_STEPS, *_ENGINE)
