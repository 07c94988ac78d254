"""What lhw_sequencer does in every cycle, from docs/chip.md, section 4, and from rtl/core/README.md.

It knows populations, groups, instructions, the order of two groups in turn, and the two cases in which issue
holds.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable

from core_model import M32

from lava_hw import regs
from lava_hw.regs import CoreRegion, Opcode
from tests.tables import unpacked

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, UCODE, CONSTANTS, POPULATIONS, PLACES = (
    PARAMETERS[key] for key in ("Lanes", "UcodeWords", "ConstWords", "Populations", "Emissions")
)
DEPTHS = {
    CoreRegion.UCODE: UCODE,
    CoreRegion.CONSTANT: CONSTANTS,
    CoreRegion.POPULATION: POPULATIONS * regs.POPULATION_WORDS,
    CoreRegion.STAGE: regs.MAX_STAGES,
}
RESERVED = {Opcode.ADDS, Opcode.MADTZ, Opcode.BCAST, *range(Opcode.EMITG + 1, 32)}
EMISSIONS = (Opcode.EMITM, Opcode.EMITG)

# Edges from the one that takes GO, or from the last instruction, to the one that looks at the next
# population; from there to its first instruction; from an ACCADD to the first ACC behind it.
AFTER_GO, AFTER_ISSUE, TO_ISSUE, ADD_TO_ACC = 2, 5, 2, 4


class Walk:
    """The model: one call of `edge` a cycle gives what the outputs are behind that edge."""

    def __init__(self) -> None:
        self.memory: dict[tuple[CoreRegion, int], int] = {}
        self.now = 0
        self.issued: list[tuple[int, dict[str, int]]] = []
        self.holds = {"credit": 0, "hazard": 0}
        self.forget()

    def forget(self) -> None:
        """As after reset."""
        self.credits = PLACES
        self.populations: deque[dict[str, int]] = deque()
        self.slots: deque[dict[str, int] | None] = deque()
        self.next_slot = 0
        self.rest: int | None = self.now  # the edge from which on nothing is left; None while that is open
        self.last_add = self.last_issue = self.now - 100
        self.shown: dict[str, int] = {}
        self.step = self.cycles = 0

    @property
    def busy(self) -> bool:
        return self.rest is None or self.now < self.rest

    def edge(self, go: tuple[int, int] | None, credit: bool, clear: bool) -> dict[str, int]:
        self.cycles += self.busy
        self.now += 1
        self.credits += credit
        want = {"op_valid_o": 0, "acc_next_o": 0, "bad_opcode_o": 0}
        if self.slots and self.now >= self.next_slot:
            want |= self.issue()
            if not self.slots:
                self.look(self.last_issue + AFTER_ISSUE)
        if go is not None:
            stage, step = go
            self.step = self.step if stage else step
            entry = regs.STAGE.unpack(self.memory[CoreRegion.STAGE, stage])
            self.populations.extend(self.population(entry["first"] + i) for i in range(entry["count"]))
            if entry["count"]:
                self.look(self.now + AFTER_GO)
            else:
                self.rest = self.now + 1
        if clear:
            self.step = self.cycles = 0
        if self.now < self.last_issue + AFTER_ISSUE:  # lanes and emitter still look at them
            want |= self.shown
        return want | {"busy_o": int(self.busy), "step_o": self.step}

    def population(self, number: int) -> dict[str, int]:
        first = regs.POPULATION_WORDS * number
        return unpacked("POPULATION", [self.memory[CoreRegion.POPULATION, first + i] for i in range(5)])

    def look(self, when: int) -> None:
        """Go on with the next population that has work; one without takes a cycle."""
        while self.populations:
            self.running = self.populations.popleft()
            if self.running["groups"] and self.running["count"]:
                self.slots.extend(self.walk(self.running))
                self.next_slot, self.rest = when + TO_ISSUE, None
                return
            when += 1
        self.rest = when

    def walk(self, pop: dict[str, int]) -> Iterable[dict[str, int] | None]:
        """Two groups in turn; None is the empty place of a group that is not there."""
        for pair in range(0, pop["groups"], 2):
            for pc in range(pop["pc"], pop["pc"] + pop["count"]):
                for group in (pair, pair + 1):
                    yield self.instruction(pop, group, pc) if group < pop["groups"] else None

    def instruction(self, pop: dict[str, int], group: int, pc: int) -> dict[str, int]:
        instr = self.memory[CoreRegion.UCODE, pc]
        b = regs.INSTRUCTION.get(instr, "b")
        want = {
            "op_instr_o": instr,
            "op_ctx_o": group % 2,
            "op_line_o": (pop["state_base"] + group * pop["nvars"] + b) % 2**16,
            "op_group_o": group,
            "op_last_o": int(group == pop["groups"] - 1),
            "op_index_o": (pop["index_base"] + group * LANES) & M32,
        }
        if pop["const_base"] + b < CONSTANTS:
            want["op_const_o"] = self.memory[CoreRegion.CONSTANT, pop["const_base"] + b]
        return want

    def issue(self) -> dict[str, int]:
        slot = self.slots[0]
        if slot is None:
            self.slots.popleft()
            return {}
        op = regs.INSTRUCTION.get(slot["op_instr_o"], "op")
        if op in EMISSIONS and not self.credits:
            self.holds["credit"] += 1
            return {}
        if op == Opcode.ACC and self.now < self.last_add + ADD_TO_ACC:
            self.holds["hazard"] += 1
            return {}
        self.slots.popleft()
        self.last_issue = self.now
        names = {"pop_tail_o": "tail", "pop_route_base_o": "route_base", "pop_route_count_o": "route_count"}
        self.shown = {output: self.running[field] for output, field in names.items()}
        if op in RESERVED:
            return {"bad_opcode_o": 1}
        if op in EMISSIONS:
            self.credits -= 1
        if op == Opcode.ACCADD:
            self.last_add = self.now
        self.issued.append((self.now, slot))
        return {"op_valid_o": 1, "acc_next_o": int(op == Opcode.ACC), **slot}
