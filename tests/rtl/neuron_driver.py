"""Drives lhw_neuron as the sequencer and the accumulators do, and holds it against neuron_model.py.

What an instruction presents comes one edge (ACC) or four edges (the others)
after the instruction, without exception.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from core_model import address
from core_programs import instruction, word
from module_bench import reset
from neuron_model import GROUPS, LANES, LINES, Effect, Issue, Lanes

from lava_hw import regs
from lava_hw.regs import Compare, CoreRegion, Opcode, Operand

# Edges from the one that takes an instruction until an ACCADD is announced, and until all is done.
ANNOUNCE, EXECUTE = 2, 3
NAMES = (
    "acc_valid_o", "acc_add_o", "acc_clear_o", "acc_line_o", "acc_next_o", "emit_valid_o", "emit_graded_o",
    "emit_negative_o", "emit_channel_o", "emit_group_o", "emit_lanes_o", "busy_o", "cfg_rdata_o",
)  # fmt: skip
INPUTS = (
    "step_i", "op_valid_i", "op_ctx_i", "op_instr_i", "op_const_i", "op_line_i", "op_group_i", "op_last_i",
    "op_index_i", "cfg_valid_i", "cfg_write_i", "cfg_addr_i", "cfg_data_i",
)  # fmt: skip


class Bench:
    """Issues instructions as the sequencer does and answers for the accumulators, with pauses."""

    def __init__(self, dut, seed: int) -> None:
        self.dut = dut
        self.random = random.Random(seed)
        self.model = Lanes()
        self.pins = {name: getattr(dut, name) for name in NAMES}
        self.now = 0
        self.pause = 0.0  # probability that a cycle passes before an instruction
        self.want: dict[int, dict[str, int]] = {}
        self.data: dict[int, tuple[str, list[int | None]]] = {}
        self.answers: dict[int, Sequence[int]] = {}
        self.stores: list[tuple[int, int, list[int]]] = []  # when, line, what was there
        self.forget()

    def forget(self) -> None:
        self.issued_last = [self.now - 10] * 2
        self.add_last = self.now - 10
        self.want.clear()
        self.data.clear()
        self.answers.clear()
        self.stores.clear()

    async def start(self) -> None:
        for name in INPUTS:
            getattr(self.dut, name).value = 0
        self.dut.tail_i.value = LANES
        for lane in range(LANES):
            self.dut.acc_rdata_i[lane].value = 0
        self.edge = await reset(self.dut)

    # ------------------------------------------------------------------ cycles
    def drive(self, op: Issue | None) -> None:
        """Inputs for the next edge; they mean something only in their own cycle."""
        dut, rng = self.dut, self.random
        dut.op_valid_i.value = int(op is not None)
        if op is None and rng.random() < 0.3:
            op = Issue(rng.randrange(2), rng.getrandbits(32), rng.getrandbits(32), rng.getrandbits(16),
                       rng.getrandbits(12), rng.randrange(2), rng.getrandbits(32))  # fmt: skip
        if op is not None:
            dut.op_ctx_i.value, dut.op_instr_i.value, dut.op_const_i.value = op.ctx, op.instr, op.const
            dut.op_line_i.value, dut.op_group_i.value = op.line, op.group
            dut.op_last_i.value, dut.op_index_i.value = op.last, op.index
        if self.now in self.answers:  # the answer before is gone
            answer = self.answers.pop(self.now)
            if self.now + 1 not in self.answers:
                for lane in range(len(answer)):
                    dut.acc_rdata_i[lane].value = rng.getrandbits(32)
        for lane, value in enumerate(self.answers.get(self.now + 1, ())):
            dut.acc_rdata_i[lane].value = value

    async def tick(self, op: Issue | None = None, access: bool = False) -> None:
        self.drive(op)
        self.dut.cfg_valid_i.value = int(access)
        await self.edge
        self.now += 1
        if op is not None:
            self.expect(op)
        working = any(last <= self.now < last + EXECUTE for last in self.issued_last)
        want = {"acc_valid_o": 0, "acc_next_o": 0, "emit_valid_o": 0, **self.want.pop(self.now, {})}
        want["busy_o"] = int(working or want["acc_valid_o"] or want["emit_valid_o"])
        for name, value in want.items():
            got = int(self.pins[name].value)
            assert got == value, f"edge {self.now}: {name} is {got:#x}, the model says {value:#x}"
        name, values = self.data.pop(self.now, ("", []))
        for lane, value in enumerate(values):
            got = int(getattr(self.dut, name)[lane].value) if value is not None else None
            assert got == value, f"edge {self.now}: {name}[{lane}] is {got:#x}, the model says {value:#x}"

    def expect(self, op: Issue) -> None:
        """The instruction was taken at this edge."""
        assert self.now >= self.issued_last[op.ctx] + 2, "the bench issues too early"
        self.issued_last[op.ctx] = self.now
        if op.get("op") == Opcode.ST:
            self.stores.append((self.now + EXECUTE, op.line, self.model.state.get(op.line, [0] * LANES)))
        effect: Effect = self.model.run(op)
        done = self.now + EXECUTE
        if op.get("op") == Opcode.ACC:
            self.answers[done] = op.sums
            self.want.setdefault(self.now, {}).update(effect.asks)
        if op.get("op") == Opcode.ACCADD:
            self.add_last = self.now
            self.want.setdefault(self.now + ANNOUNCE, {})["acc_next_o"] = 1
        if effect.sends:
            self.want.setdefault(done, {}).update(effect.sends)
        if effect.data is not None:
            self.data[done] = effect.data

    async def issue(self, op: Issue) -> None:
        """At once, but two cycles behind its context, and an ACC four behind an ACCADD."""
        while self.random.random() < self.pause:
            await self.tick()
        earliest = self.issued_last[op.ctx] + 2
        if op.get("op") == Opcode.ACC:
            earliest = max(earliest, self.add_last + EXECUTE + 1)
        while self.now + 1 < earliest:
            await self.tick()
        await self.tick(op)

    async def run(self, *programs: Iterable[Issue]) -> None:
        """Programs of the two contexts in turn."""
        for pair in zip_longest(*programs):
            for op in pair:
                if op is not None:
                    await self.issue(op)

    async def settle(self, step: int | None = None, tail: int | None = None) -> None:
        """Let everything end; from then on another step or tail may hold."""
        while self.now < max(self.issued_last) + EXECUTE + 1:
            await self.tick()
        self.stores.clear()
        if step is not None:
            self.model.step = self.dut.step_i.value = step
        if tail is not None:
            self.model.tail = self.dut.tail_i.value = tail

    async def break_off(self, cycles: int) -> None:
        """Reset in any state: what had not executed never does, and written state stays."""
        self.dut.rst_ni.value = 0
        self.dut.op_valid_i.value = 0
        for when, line, before in reversed(self.stores):
            if when > self.now:
                self.model.state[line] = before
        for _ in range(cycles):
            await self.edge
            self.now += 1
            for name in ("acc_valid_o", "acc_next_o", "emit_valid_o", "busy_o"):
                assert not self.pins[name].value, f"{name} in reset"
        self.dut.rst_ni.value = 1
        self.forget()

    # ------------------------------------------------------------------ configuration
    async def access(self, line: int, lane: int, data: int | None = None) -> int:
        """Write a word of the state memory, or read it; three cycles."""
        self.dut.cfg_addr_i.value = address(CoreRegion.STATE, line * LANES + lane)
        self.dut.cfg_write_i.value = int(data is not None)
        self.dut.cfg_data_i.value = self.random.getrandbits(32) if data is None else data
        await self.tick(access=True)
        await self.tick()
        got = int(self.pins["cfg_rdata_o"].value)
        await self.tick()
        if data is not None:
            self.model.state[line][lane] = data
        return got

    async def check_state(self) -> None:
        await self.settle()
        for line, values in self.model.state.items():
            for lane, value in enumerate(values):
                got = await self.access(line, lane)
                assert got == value, f"state line {line}, lane {lane} is {got:#x}, the model says {value:#x}"

    # ------------------------------------------------------------------ instructions
    def op(self, ctx: int, code: Opcode, sums: Sequence[int] | None = None, **fields: int) -> Issue:
        """An instruction, without predicate unless given; all that is not named is random."""
        rng = self.random
        given = {
            "rd": rng.randrange(8), "ra": rng.randrange(8), "bsel": rng.randrange(4), "b": rng.getrandbits(6),
            "sh": rng.getrandbits(6), "p": rng.randrange(4), "pneg": rng.randrange(2),
            "aux": rng.choice(list(Compare)) if code == Opcode.CMP else rng.randrange(8),
        }  # fmt: skip
        adds = code in (Opcode.ACC, Opcode.ACCADD)
        if adds:
            del given["ra"], given["bsel"]
            given |= {"slot": rng.getrandbits(6), "last": rng.randrange(2), "aux": rng.choice([0, 2])}
        group = rng.randrange(GROUPS) if adds else rng.getrandbits(12)
        beside = {
            "group": group, "const": rng.randrange(GROUPS - group) if adds else word(rng),
            "last": rng.randrange(2), "index": word(rng),
            # Each context has lines of its own, as each group of a population has.
            "line": 2 * rng.randrange(LINES // 2) + ctx,
        }  # fmt: skip
        for key, value in fields.items():
            (beside if key in beside else given)[key] = value
        sums = sums or [word(rng) for _ in range(LANES)]
        return Issue(ctx, instruction(code, **given), sums=tuple(sums), **beside)

    def lines(self, ctx: int) -> Iterator[Issue]:
        """Writes every state line of this context."""
        for line in range(ctx, LINES, 2):
            yield self.op(ctx, Opcode.ACC, rd=0)
            yield self.op(ctx, Opcode.ST, ra=0, line=line)

    def fill(self, ctx: int) -> Iterator[Issue]:
        """Writes every register and mask of this context."""
        for register in range(regs.REGISTERS):
            yield self.op(ctx, Opcode.ACC, rd=register)
        yield from self.masks(ctx)

    def masks(self, ctx: int) -> Iterator[Issue]:
        """Masks in which about half of the lanes are set."""
        for register in (0, 1, 2):
            sums = [self.random.getrandbits(32) for _ in range(LANES)]
            yield self.op(ctx, Opcode.ACC, rd=register, sh=0, sums=sums)
        for mask, (a, b) in enumerate([(0, 1), (1, 2), (2, 0), (0, 2)]):
            kind = (Compare.LT, Compare.GE)[mask & 1]
            yield self.op(ctx, Opcode.CMP, rd=mask, ra=a, bsel=Operand.REG, b=b, aux=kind)

    def show(self, ctx: int, register: int) -> Issue:
        """Presents a register with all its lanes."""
        return self.op(ctx, Opcode.ACCADD, rd=register)

    def show_mask(self, ctx: int, mask: int) -> Issue:
        return self.op(ctx, Opcode.EMITM, pen=1, p=mask, pneg=0, last=0)

    def show_all(self, ctx: int) -> Iterator[Issue]:
        for register in range(regs.REGISTERS):
            yield self.show(ctx, register)
        for mask in range(regs.MASKS):
            yield self.show_mask(ctx, mask)
