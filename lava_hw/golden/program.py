"""The neuron engine: a population's program over its groups (docs/chip.md section 4).

A program is straight-line, and groups do not meet, so each instruction is carried out for all groups at once.
Where they do (a program that reaches beyond its own state variables, or that adds to accumulators which
another group reads) they run one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.golden import alu
from lava_hw.golden.memory import Memory, unpacked
from lava_hw.golden.routes import Emitter, Outbox
from lava_hw.regs import (
    INSTRUCTION,
    INSTRUCTION_ACC,
    MASKS,
    POPULATION_ENTRY,
    REGISTERS,
    ROUTE0,
    Opcode,
    Operand,
)

_RESERVED = (Opcode.ADDS, Opcode.MADTZ, Opcode.BCAST)
_USES_RA = {*alu.BINARY, *alu.PRODUCTS, Opcode.ST, Opcode.CMP, Opcode.EMITG}
_USES_B = {*alu.BINARY, *alu.PRODUCTS, Opcode.MOV, Opcode.CMP} - {Opcode.ABS, Opcode.WRAP}
_WRITES_RD = {*alu.BINARY, *alu.PRODUCTS, Opcode.MOV, Opcode.ACC, Opcode.TIME, Opcode.IDX}
Step = Callable[[int, Outbox], None]


class Population:
    """A population, decoded: `run` carries out one step of it."""

    def __init__(self, memory: Memory, chip: Chip, number: int) -> None:
        fields = unpacked(POPULATION_ENTRY, memory.populations[number])
        at = (fields["pc"] + np.arange(fields["count"])) % chip.ucode_words
        # A word of ACC or ACCADD has fields of its own where others have ra, bsel and aux.
        code = [INSTRUCTION.unpack(w) | INSTRUCTION_ACC.unpack(w) for w in memory.ucode[at].tolist()]
        groups = fields["groups"]
        self._parts: list[_Part] = []
        if groups and code:
            if _groups_meet(code, fields, memory, chip):
                self._parts = [_Part(memory, chip, fields, code, g, 1) for g in range(groups)]
            else:
                self._parts = [_Part(memory, chip, fields, code, 0, groups)]

    def run(self, step: int, out: Outbox) -> None:
        """Carry out the program for all groups while T is `step`."""
        for part in self._parts:
            part.run(step, out)


def _groups_meet(code: list[dict[str, int]], f: dict[str, int], memory: Memory, chip: Chip) -> bool:
    """Tell whether what one group writes can be what another one reads or writes."""
    groups = f["groups"]
    uses: list[tuple[int, int, bool]] = []  # slot, first accumulator group, changes it
    for ins in code:
        op = ins["op"]
        if op == Opcode.ST or (op in _USES_B and ins["bsel"] == Operand.STATE):
            last = f["state_base"] + (groups - 1) * f["nvars"] + ins["b"]
            if ins["b"] >= f["nvars"] or last >= chip.state_lines:
                return True
        if op in (Opcode.ACC, Opcode.ACCADD):
            first = _constant(memory, f, ins["b"], chip) & 0xFFFF
            if first + groups > chip.acc_groups:
                return True
            uses.append((ins["slot"] % chip.delay_slots, first, op == Opcode.ACCADD or bool(ins["last"])))
    return any(
        changes and slot == other and first != base and abs(first - base) < groups
        for slot, first, changes in uses
        for other, base, _ in uses
    )


def _constant(memory: Memory, f: dict[str, int], number: int, chip: Chip) -> int:
    return int(memory.constants[(f["const_base"] + number) % chip.const_words])


class _Part:
    """The program for `groups` groups from `first` on."""

    def __init__(
        self,
        memory: Memory,
        chip: Chip,
        fields: dict[str, int],
        code: list[dict[str, int]],
        first: int,
        groups: int,
    ) -> None:
        self._memory, self._chip, self._f = memory, chip, fields
        self._first, self._groups = first, groups
        shape = (groups, chip.lanes)
        self._registers = np.zeros((REGISTERS, *shape), np.int32)
        self._masks = np.zeros((MASKS, *shape), np.bool_)
        self._all = np.ones(shape, np.bool_)
        self._result = np.zeros(shape, np.int32)
        self._bits = np.zeros(shape, np.bool_)
        self._tail = self._find_tail()
        self._fresh = _reads_before_writes(code)
        self._emitters: dict[int, Emitter] = {}
        self._steps: list[Step] = [s for s in map(self._decode, code) if s is not None]

    def run(self, step: int, out: Outbox) -> None:
        """Carry out one step."""
        if self._fresh:  # undefined on the chip; here the same whatever ran before
            self._registers[...] = 0
            self._masks[...] = False
        for apply in self._steps:
            apply(step, out)

    def _find_tail(self) -> NDArray[np.bool_] | None:
        """Lanes that exist, or None if all do."""
        lanes = self._chip.lanes
        if self._first + self._groups < self._f["groups"] or self._f["tail"] >= lanes:
            return None
        tail = self._all.copy()
        tail[-1, self._f["tail"] :] = False
        return tail

    def _decode(self, ins: dict[str, int]) -> Step | None:
        """Give what carries out an instruction; None for one that does nothing."""
        op = ins["op"]
        if op == Opcode.NOP:
            return None
        if op in _RESERVED or op > max(Opcode):
            return self._bad
        if op == Opcode.CMP:
            return self._mask_writer(ins, self._compare(ins))
        if op == Opcode.PLOG:
            return self._mask_writer(ins, self._logic(ins))
        if op in (Opcode.EMITM, Opcode.EMITG):
            return self._emit(ins)
        if op == Opcode.ST:
            return self._store(ins)
        if op == Opcode.ACCADD:
            return self._acc_add(ins)
        if op == Opcode.ACC:
            return self._acc(ins)
        return self._register_writer(ins, self._value(ins))

    def _bad(self, step: int, out: Outbox) -> None:
        """Carry out an instruction that there is not: nothing but a fault."""
        self._memory.bad_opcode = True

    def _predicate(self, ins: dict[str, int]) -> Callable[[], Any]:
        mask = self._masks[ins["p"]]
        if not ins["pen"]:
            return lambda: True
        return (lambda: np.logical_not(mask)) if ins["pneg"] else (lambda: mask)

    def _register_writer(self, ins: dict[str, int], compute: Callable[[int, alu.Vector], None]) -> Step:
        register, result = self._registers[ins["rd"]], self._result
        if not ins["pen"]:
            return lambda step, out: compute(step, register)
        predicate = self._predicate(ins)

        def apply(step: int, out: Outbox) -> None:
            compute(step, result)
            np.copyto(register, result, where=predicate())

        return apply

    def _mask_writer(self, ins: dict[str, int], compute: Callable[[NDArray[np.bool_]], None]) -> Step:
        mask, result, predicate = self._masks[ins["rd"] & 3], self._bits, self._predicate(ins)

        def apply(step: int, out: Outbox) -> None:
            where = predicate()
            compute(result)
            np.copyto(mask, result, where=where)

        return apply

    def _operand(self, ins: dict[str, int]) -> Any:
        """Give operand B: an array that shows the present value, or a number."""
        if ins["bsel"] == Operand.REG:
            return self._registers[ins["b"] & 7]
        if ins["bsel"] == Operand.STATE:
            return self._variable(ins["b"])
        if ins["bsel"] == Operand.CONST:
            return alu.wrapped(_constant(self._memory, self._f, ins["b"], self._chip))
        return np.int32(ins["b"] - 64 if ins["b"] & 32 else ins["b"])

    def _variable(self, number: int) -> alu.Vector:
        """Give the lines of a state variable as one view (groups, LANES)."""
        nvars, depth = self._f["nvars"], self._chip.state_lines
        line = (self._f["state_base"] + self._first * nvars + number) % depth
        if self._groups == 1:
            return self._memory.state[line : line + 1]
        return self._memory.state[line : line + (self._groups - 1) * nvars + 1 : nvars]

    def _value(self, ins: dict[str, int]) -> Callable[[int, alu.Vector], None]:
        """Give what computes the new value of rd into an array."""
        op, a = ins["op"], self._registers[ins["ra"]]
        if op == Opcode.TIME:
            return lambda step, out: out.fill(alu.wrapped(step))
        if op == Opcode.IDX:
            neurons = np.arange(self._groups * self._chip.lanes, dtype=np.int64)
            neurons += self._f["index_base"] + self._first * self._chip.lanes
            index = neurons.astype(np.uint32).view(np.int32).reshape(self._groups, -1)
            return lambda step, out: np.copyto(out, index)
        b = self._operand(ins)
        if op == Opcode.MOV:
            return lambda step, out: np.copyto(out, b)
        if op in alu.PRODUCTS:
            product, shift = alu.PRODUCTS[Opcode(op)], ins["sh"]
            return lambda step, out: product(a, b, shift, out)
        function = alu.BINARY[op]
        return lambda step, out: function(a, b, out)

    def _compare(self, ins: dict[str, int]) -> Callable[[NDArray[np.bool_]], None]:
        a, b = self._registers[ins["ra"]], self._operand(ins)
        function = alu.COMPARE.get(ins["aux"], np.not_equal)
        return lambda out: function(a, b, out=out)

    def _logic(self, ins: dict[str, int]) -> Callable[[NDArray[np.bool_]], None]:
        a, b = self._masks[ins["ra"] & 3], self._masks[ins["b"] & 3]
        table = np.array([ins["sh"] >> i & 1 for i in range(4)], np.bool_)
        return lambda out: np.copyto(out, table[2 * a.view(np.uint8) + b.view(np.uint8)])

    def _store(self, ins: dict[str, int]) -> Step:
        line, a, predicate = self._variable(ins["b"]), self._registers[ins["ra"]], self._predicate(ins)
        return lambda step, out: np.copyto(line, a, where=predicate())

    def _lines(self, ins: dict[str, int], slot: int) -> list[alu.Vector]:
        """Give the accumulators of an instruction as views, by T mod slots."""
        chip, acc = self._chip, self._memory.acc
        first = (_constant(self._memory, self._f, ins["b"], chip) & 0xFFFF) + self._first
        lines = [(t + slot) % chip.delay_slots * chip.acc_pitch + first for t in range(chip.delay_slots)]
        if self._groups == 1:
            lines = [line % len(acc) for line in lines]
        return [acc[line : line + self._groups] for line in lines]

    def _acc(self, ins: dict[str, int]) -> Step:
        views, ring = self._lines(ins, ins["slot"]), self._chip.delay_slots - 1
        shift = ins["sh"] - 64 if ins["sh"] & 32 else ins["sh"]
        last = ins["last"]
        register, predicate = self._registers[ins["rd"]], self._predicate(ins)
        function: Any = np.left_shift if shift >= 0 else np.right_shift
        amount = shift if shift >= 0 else min(-shift, 31)

        def apply(step: int, out: Outbox) -> None:
            group = views[step & ring]
            np.copyto(register, function(group, amount), where=predicate())
            if last:
                group.fill(0)

        return apply

    def _acc_add(self, ins: dict[str, int]) -> Step:
        views, ring = self._lines(ins, ins["slot"]), self._chip.delay_slots - 1
        a, predicate = self._registers[ins["rd"]], self._predicate(ins)

        def apply(step: int, out: Outbox) -> None:
            group = views[step & ring]
            np.add(group, a, out=group, where=predicate())

        return apply

    def _emit(self, ins: dict[str, int]) -> Step:
        emitter = self._emitter(ins["rd"])
        predicate, tail, whole = self._predicate(ins), self._tail, self._all
        negative, a = bool(ins["aux"] & 1), self._registers[ins["ra"]]
        graded = ins["op"] == Opcode.EMITG

        def apply(step: int, out: Outbox) -> None:
            lanes = predicate()
            if graded:
                lanes = np.not_equal(a, 0) & lanes
            elif lanes is True:
                lanes = whole
            if tail is not None:
                lanes = lanes & tail
            if graded:
                emitter.graded(lanes, a, out)
            else:
                emitter.mask(lanes, negative, out)

        return apply

    def _emitter(self, channel: int) -> Emitter:
        if channel not in self._emitters:
            f, chip = self._f, self._chip
            at = (f["route_base"] + np.arange(f["route_count"])) % chip.routes
            routes = [r for r in self._memory.routes[at].tolist() if ROUTE0.get(r[0], "channel") == channel]
            self._emitters[channel] = Emitter(self._memory, chip, routes, self._first, self._groups)
        return self._emitters[channel]


def _reads_before_writes(code: list[dict[str, int]]) -> bool:
    """Tell whether a program may see what an earlier step left in a register or mask."""
    registers: set[int] = set()
    masks: set[int] = set()
    for ins in code:
        op = ins["op"]
        read = {ins["ra"]} if op in _USES_RA else {ins["rd"]} if op == Opcode.ACCADD else set()
        if op in _USES_B and ins["bsel"] == Operand.REG:
            read.add(ins["b"] & 7)
        tested = {ins["p"]} if ins["pen"] else set()
        if op == Opcode.PLOG:
            tested |= {ins["ra"] & 3, ins["b"] & 3}
        if not read <= registers or not tested <= masks:
            return True
        # Where a predicate leaves lanes out, the old value stays.
        if op in _WRITES_RD:
            if ins["pen"] and ins["rd"] not in registers:
                return True
            registers.add(ins["rd"])
        elif op in (Opcode.CMP, Opcode.PLOG):
            if ins["pen"] and ins["rd"] & 3 not in masks:
                return True
            masks.add(ins["rd"] & 3)
    return False
