"""Microcode of a traced text: registers and masks are allotted while instructions are written.

Values are computed when somebody needs them; where they lie is the affair of `allocation`. A mask that is
negated costs nothing: whoever reads it negates it. What is selected is computed in place, under a predicate,
where that saves an instruction. A state that keeps its value in some neurons is stored in the others only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lava_hw.equations.allocation import REGISTERS, Allocation
from lava_hw.equations.errors import EquationsError
from lava_hw.equations.graph import Node, TextTrace, bare, plain

__all__ = ["Program", "write"]

_BINARY = {"add": "add", "sub": "sub", "min": "min", "max": "max", "clip": "clip", "shv": "shv"}
_UNARY = {"abs": "abs", "wrap24": "wrap"}
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_EITHER_WAY = frozenset(("add", "mul", "min", "max"))
"""Operations whose operands may change places."""
_PREDICATED = frozenset((*_BINARY, *_UNARY, "mul", "shift"))
_LOGIC: dict[str, Callable[[bool, bool], bool]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
}
_TABLES = {0b1000: "and", 0b1110: "or", 0b0110: "xor", 0b0100: "andnot"}


@dataclass(frozen=True)
class Program:
    """A body, as `lava_hw.ir.Neurons` has it.

    Attributes
    ----------
    body : tuple of str
        Instructions after the inputs were loaded.
    constants : dict of str to int
        Numbers that instructions do not hold.
    spills : tuple of str
        States that hold values for which there was no register.
    lines : tuple of str
        For each instruction, the line of the text that it comes from, as file:number.
    """

    body: tuple[str, ...]
    constants: dict[str, int]
    spills: tuple[str, ...]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """The instructions with their numbers and lines, and the constants that they need."""
        width = max((len(text) for text in self.body), default=0)
        shown = [
            f"{number:4}  {text:{width}}  ; {where.rpartition('/')[2]}"
            for number, (text, where) in enumerate(zip(self.body, self.lines, strict=True))
        ]
        shown += [f"; {name} = {number}" for name, number in self.constants.items()]
        shown += [f"; [{name}] holds values for which there was no register" for name in self.spills]
        return "\n".join(shown)


def write(trace: TextTrace, inputs: Iterable[str], channels: dict[str, int]) -> Program:
    """Give the microcode of a text.

    Parameters
    ----------
    trace : TextTrace
        What it computes.
    inputs : iterable of str
        In ports; the sum of the first is in r0, and so on.
    channels : dict of str to int
        Channel of each out port.

    Raises
    ------
    EquationsError
        If it has more inputs than there are registers.
    """
    return _Writer(trace, list(inputs), channels).run()


class _Writer(Allocation):
    def __init__(self, trace: TextTrace, inputs: list[str], channels: dict[str, int]) -> None:
        if len(inputs) > REGISTERS - 3:
            raise EquationsError(f"{len(inputs)} in ports; there are registers for {REGISTERS - 3}")
        super().__init__(trace, inputs)
        self.trace, self.channels = trace, channels
        self.depths: dict[Node, int] = {}

    def run(self) -> Program:
        for effect in self.trace.effects:
            if effect[0] == "store":
                self._store(effect[1], plain(effect[2]))
            else:
                self._send(*effect[1:])
        return Program(tuple(self.lines), self.constants, tuple(self.spills), tuple(self.origins))

    # ------------------------------------------------------------------------------------- effects
    def _store(self, name: str, node: Node) -> None:
        old = next((n for n in self.uses if n.op == "state" and n.data[0] == name), None)
        if node is old:
            self.read(node)
            return
        value, predicate = node, ""
        if old is not None and name not in self.stored:
            value, predicate = self._where_it_changes(node, old)
        self._compute(value)
        self.where = node.where
        register = self.register(value)
        if old is not None and self.uses[old]:
            # Somebody needs what it was before.
            self.locked.add(value)
            self.register(old)
            self.locked.clear()
            register = self.register(value)
        self.write(f"st [{name}], {register}{predicate}")
        self.stored.add(name)
        self.read(value)

    def _where_it_changes(self, node: Node, old: Node) -> tuple[Node, str]:
        """What is stored into a state, and where, if a select keeps the old value elsewhere."""
        if node.op == "select" and self.uses[node] == 1 and not self.has(node):
            mask, yes, no = (plain(arg) for arg in node.args)
            for value, kept, negated in ((yes, no, False), (no, yes, True)):
                if kept is old:
                    self._compute(value)
                    self._compute(mask)
                    self.where = node.where
                    self.locked |= {value, bare(mask)[0]}
                    self.register(value)
                    predicate = self.predicate(mask, negated)
                    self.locked.clear()
                    for each in (node, mask, old):
                        self.read(each)
                    return value, predicate
        return node, ""

    def _send(self, port: str, node: Node, other: Node | None) -> None:
        channel = f"ch{self.channels[port]}"
        node, other = plain(node), None if other is None else plain(other)
        self._compute(node)
        self.where = node.where
        if node.is_mask:
            self.write(f"emitm {channel}{self.predicate(node)}")
            self.read(node)
            if other is not None:
                self._compute(other)
                self.write(f"emitm {channel}, neg{self.predicate(other)}")
                self.read(other)
            return
        where = ""
        if other is not None:
            self._compute(other)
            where = self.predicate(other)
        self.write(f"emitg {channel}, {self.register(node)}{where}")
        self.read(node)
        if other is not None:
            self.read(other)

    # -------------------------------------------------------------------------------------- values
    def _compute(self, node: Node) -> None:
        """Make sure that a node is somewhere."""
        node, _ = bare(node)
        if self.has(node):
            return
        if node.op in ("input", "state"):
            raise AssertionError(f"{node.op} {node.data[0]} was overwritten")
        args = [plain(arg) for arg in node.args]
        if node.op == "select" and self._computed_in_place(node, args):
            return
        # The one that needs more is computed first, so that less is held meanwhile.
        for arg in sorted(args, key=self._depth, reverse=True):
            self._compute(arg)
        self.lock(args)
        self.where = node.where
        if node.is_mask:
            self._condition(node, args)
        elif node.op == "select":
            self._select(node, args)
        elif node.op in ("time", "index"):
            rd = self.new_register()
            self.write(f"{'time' if node.op == 'time' else 'idx'} r{rd}")
            self.registers[rd] = node
        else:
            name, operands = self._operation(node, args)
            for arg in args:
                self.read(arg)
            rd = self.new_register()
            self.write(f"{name} r{rd}, {operands}")
            self.registers[rd] = node
        self.unlock()

    def _operation(self, node: Node, args: list[Node]) -> tuple[str, str]:
        """Mnemonic and operands of an operation."""
        a, b = args[0], args[-1]
        if node.op in _EITHER_WAY and a not in self.registers and b in self.registers:
            a, b = b, a
        ra = self.register(a)
        if node.op == "mul":
            shift, rounding = node.data
            return "mul" if rounding == "floor" else "multz", f"{ra}, {self.operand(b)}, >>{shift}"
        if node.op == "shift":
            return "shv", f"{ra}, #{node.data[0]}"
        if node.op in _UNARY:
            return _UNARY[node.op], ra
        return _BINARY[node.op], f"{ra}, {self.operand(b)}"

    def _computed_in_place(self, node: Node, args: list[Node]) -> bool:
        """Compute one side of a select where it holds, in the register of the other one, if that ends here.

        Returns
        -------
        bool
            Whether this was possible.
        """
        mask, yes, no = args
        for mine, other, negated in ((no, yes, False), (yes, no, True)):
            if mine is other or self.has(other) or self.uses[other] != 1 or other.op not in _PREDICATED:
                continue
            operands = [plain(arg) for arg in other.args]
            for each in sorted((mask, mine, *operands), key=self._depth, reverse=True):
                self._compute(each)
            if mine not in self.registers or self.uses[mine] != 1 + operands.count(mine):
                continue
            self.lock([mask, mine, *operands])
            self.where = other.where
            predicate = self.predicate(mask, negated)
            name, text = self._operation(other, operands)
            rd = self.registers.index(mine)
            self.write(f"{name} r{rd}, {text}{predicate}")
            for each in (mask, mine, other, *operands):
                self.read(each)
            self.registers[rd] = node
            self.unlock()
            return True
        return False

    def _select(self, node: Node, args: list[Node]) -> None:
        mask, yes, no = args
        for mine, other, negated in ((no, yes, False), (yes, no, True)):
            if mine in self.registers and self.uses[mine] == 1 and mine is not other:
                predicate = self.predicate(mask, negated)
                rd = self.registers.index(mine)
                self.write(f"mov r{rd}, {self.operand(other)}{predicate}")
                break
        else:
            predicate = self.predicate(mask)
            b = self.operand(no)
            rd = self.new_register()
            self.write(f"mov r{rd}, {b}")
            self.registers[rd] = node
            self.locked.add(node)
            self.write(f"mov r{rd}, {self.operand(yes)}{predicate}")
        for arg in args:
            self.read(arg)
        self.registers[rd] = node

    def _condition(self, node: Node, args: list[Node]) -> None:
        if node.op == "compare":
            (op,) = node.data
            a, b = args
            if a.op == "number" or (a not in self.registers and b in self.registers):
                a, b, op = b, a, _FLIPPED[op]
            text = f"{self.register(a)} {op} {self.operand(b)}"
            p = self.new_mask()
            self.write(f"cmp p{p}, {text}")
        else:
            (a, not_a), (b, not_b) = bare(args[0]), bare(args[1])
            if not_a and not not_b:
                a, b, not_a, not_b = b, a, not_b, not_a
            first, last = self.mask(a), self.mask(b)
            table = sum(_LOGIC[node.op](bool(k >> 1) != not_a, bool(k & 1) != not_b) << k for k in range(4))
            p = self.new_mask()
            self.write(f"plog p{p}, {first}, {last}, {_TABLES.get(table, f'0b{table:04b}')}")
        self.masks[p] = node
        for arg in args:
            self.read(arg)

    def _depth(self, node: Node) -> int:
        """How much must be held to compute a node, roughly."""
        node, _ = bare(node)
        if node not in self.depths:
            self.depths[node] = 1 + max((self._depth(arg) for arg in node.args), default=-1)
        return self.depths[node]
