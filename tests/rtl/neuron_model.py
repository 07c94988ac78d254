"""What an instruction does, asks and sends: docs/chip.md, section 4, in Python's integers."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

from core_model import ARITHMETIC, COMPARE, M32, OF_ONE, fields_of, shifted, signed

from lava_hw import regs
from lava_hw.regs import Opcode, Operand

PARAMETERS = json.loads(os.environ["LHW_PARAMETERS"])
LANES, LINES, GROUPS, SLOTS = (PARAMETERS[key] for key in ("Lanes", "StateLines", "AccGroups", "DelaySlots"))
PITCH = 1 << (GROUPS - 1).bit_length()  # groups from one slot to the next

Vector = list[int]


@dataclass(frozen=True)
class Issue:
    """An instruction and what the sequencer gives with it; `sums` is what its ACC reads."""

    ctx: int
    instr: int
    const: int = 0
    line: int = 0
    group: int = 0
    last: int = 0
    index: int = 0
    sums: tuple[int, ...] = ()

    def get(self, name: str) -> int:
        return regs.INSTRUCTION.get(self.instr, name)


@dataclass
class Effect:
    """What the lanes present for an instruction, by output; data by lane, None where it means nothing."""

    asks: dict[str, int] = field(default_factory=dict)
    sends: dict[str, int] = field(default_factory=dict)
    data: tuple[str, list[int | None]] | None = None


class Lanes:
    """Registers and masks of two contexts, the state memory, and the step and tail that hold."""

    def __init__(self) -> None:
        self.registers: list[list[Vector | None]] = [[None] * regs.REGISTERS for _ in range(2)]
        self.masks: list[list[list[bool] | None]] = [[None] * regs.MASKS for _ in range(2)]
        self.state: dict[int, Vector] = {}
        self.step = 0
        self.tail = LANES

    def operand(self, op: Issue) -> Vector:
        kind, b = op.get("bsel"), op.get("b")
        if kind == Operand.REG:
            return self.registers[op.ctx][b & 7]
        if kind == Operand.STATE:
            return self.state[op.line]
        return [op.const if kind == Operand.CONST else signed(b, 6) & M32] * LANES

    def run(self, op: Issue) -> Effect:
        i = fields_of(op.instr)
        code, registers, masks = i["op"], self.registers[op.ctx], self.masks[op.ctx]
        active = [True] * LANES
        if i["pen"]:
            active = [bit != bool(i["pneg"]) for bit in masks[i["p"]]]
        a = registers[i["ra"]]
        if code == Opcode.NOP:
            return Effect()
        if code == Opcode.ST:
            old = self.state.get(op.line, [0] * LANES)
            self.state[op.line] = [x if on else y for x, y, on in zip(a, old, active, strict=True)]
            return Effect()
        if code in (Opcode.CMP, Opcode.PLOG):
            self.set_mask(op, i, a, active)
            return Effect()
        if code in (Opcode.EMITM, Opcode.EMITG):
            return self.emit(op, i, a, active)
        if code == Opcode.ACCADD:
            sends = {"acc_valid_o": 1, "acc_add_o": 1, "acc_line_o": self.place(i["slot"], op)}
            added = [x if on else 0 for x, on in zip(registers[i["rd"]], active, strict=True)]
            return Effect(sends=sends, data=("acc_data_o", added))
        effect = Effect()
        if code == Opcode.ACC:
            result = shifted(op.sums, i["sh"])
            effect.asks = {"acc_valid_o": 1, "acc_add_o": 0, "acc_clear_o": i["last"]}
            effect.asks["acc_line_o"] = self.place(i["slot"], op)
        elif code == Opcode.MOV:
            result = self.operand(op)
        elif code == Opcode.TIME:
            result = [self.step] * LANES
        elif code == Opcode.IDX:
            result = [op.index + lane for lane in range(LANES)]
        elif code in OF_ONE:
            result = [OF_ONE[code](signed(x)) for x in a]
        else:
            pairs = zip(a, self.operand(op), strict=True)
            result = [ARITHMETIC[code](signed(x), signed(y), i["sh"]) for x, y in pairs]
        old = registers[i["rd"]] if not all(active) else result
        registers[i["rd"]] = [(x if on else y) & M32 for x, y, on in zip(result, old, active, strict=True)]
        return effect

    def place(self, ahead: int, op: Issue) -> int:
        return (self.step + ahead) % SLOTS * PITCH + op.const + op.group

    def set_mask(self, op: Issue, i: dict[str, int], a: Vector | None, active: list[bool]) -> None:
        masks, target = self.masks[op.ctx], i["rd"] & 3
        if i["op"] == Opcode.CMP:
            pairs = zip(a, self.operand(op), strict=True)
            new = [COMPARE[i["aux"]](signed(x), signed(y)) for x, y in pairs]
        else:
            pairs = zip(masks[i["ra"] & 3], masks[i["b"] & 3], strict=True)
            new = [bool(i["sh"] >> (2 * first + second) & 1) for first, second in pairs]
        old = masks[target] if not all(active) else new
        masks[target] = [x if on else y for x, y, on in zip(new, old, active, strict=True)]

    def emit(self, op: Issue, i: dict[str, int], a: Vector | None, active: list[bool]) -> Effect:
        graded = i["op"] == Opcode.EMITG
        sent = [on and (lane < self.tail or not op.last) for lane, on in enumerate(active)]
        effect = Effect()
        if graded:
            sent = [on and x != 0 for x, on in zip(a, sent, strict=True)]
            effect.data = "emit_data_o", [x if on else None for x, on in zip(a, sent, strict=True)]
        effect.sends = {
            "emit_valid_o": 1, "emit_graded_o": int(graded), "emit_channel_o": i["rd"],
            "emit_group_o": op.group, "emit_lanes_o": sum(on << lane for lane, on in enumerate(sent)),
        }  # fmt: skip
        if not graded:
            effect.sends["emit_negative_o"] = i["aux"] & 1
        return effect
