"""Microcode of a traced text: registers and masks are allotted while instructions are written.

Values are computed when somebody needs them. A register is free when the last one who needs its value has
read it. Where none is free, a value moves to a state variable of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lava_hw.equations.errors import EquationsError
from lava_hw.equations.graph import Node, TextTrace, plain

__all__ = ["Program", "write"]

_REGISTERS, _MASKS = 8, 4
_SMALL = range(-32, 32)
_BINARY = {"add": "add", "sub": "sub", "min": "min", "max": "max", "clip": "clip", "shv": "shv"}
_UNARY = {"abs": "abs", "wrap24": "wrap"}
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


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
    """

    body: tuple[str, ...]
    constants: dict[str, int]
    spills: tuple[str, ...]


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


class _Writer:
    def __init__(self, trace: TextTrace, inputs: list[str], channels: dict[str, int]) -> None:
        if len(inputs) > _REGISTERS - 3:
            raise EquationsError(f"{len(inputs)} in ports; there are registers for {_REGISTERS - 3}")
        self.trace, self.channels = trace, channels
        self.lines: list[str] = []
        self.constants: dict[str, int] = {}
        self.registers: list[Node | None] = [None] * _REGISTERS
        self.masks: list[Node | None] = [None] * _MASKS
        self.spilled: dict[Node, str] = {}
        self.spills: list[str] = []
        self.uses = self._count()
        self.stored: set[str] = set()
        self.locked: set[Node] = set()
        self.held: set[str] = set()
        self.depths: dict[Node, int] = {}
        for number, name in enumerate(inputs):
            for node in self.uses:
                if node.op == "input" and node.data[0] == name:
                    self.registers[number] = node

    def run(self) -> Program:
        for effect in self.trace.effects:
            if effect[0] == "store":
                self._store(effect[1], plain(effect[2]))
            else:
                self._send(*effect[1:])
        return Program(tuple(self.lines), self.constants, tuple(self.spills))

    def _count(self) -> Counter[Node]:
        """How often each node that matters is read."""
        uses: Counter[Node] = Counter()
        seen: set[Node] = set()
        waiting = [plain(node) for effect in self.trace.effects for node in effect[2:] if node is not None]
        uses.update(waiting)
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                args = [plain(arg) for arg in node.args]
                uses.update(args)
                waiting += args
        return uses

    # ------------------------------------------------------------------------------------- effects
    def _store(self, name: str, node: Node) -> None:
        old = next((n for n in self.uses if n.op == "state" and n.data[0] == name), None)
        if node is not old:
            self._compute(node)
            register = self._register(node)
            if old is not None and self.uses[old]:
                self.locked.add(node)
                self._register(old)
                self.locked.clear()
                register = self._register(node)
            self.lines.append(f"st [{name}], {register}")
            self.stored.add(name)
        self._read(node)

    def _send(self, port: str, node: Node, other: Node | None) -> None:
        channel = f"ch{self.channels[port]}"
        node, other = plain(node), None if other is None else plain(other)
        self._compute(node)
        if node.is_mask:
            self.lines.append(f"emitm {channel} if {self._mask(node)}")
            self._read(node)
            if other is not None:
                self._compute(other)
                self.lines.append(f"emitm {channel}, neg if {self._mask(other)}")
                self._read(other)
            return
        where = ""
        if other is not None:
            self._compute(other)
            where = f" if {self._mask(other)}"
        self.lines.append(f"emitg {channel}, {self._register(node)}{where}")
        self._read(node)
        if other is not None:
            self._read(other)

    # -------------------------------------------------------------------------------------- values
    def _read(self, node: Node) -> None:
        """Count one who needed a node; free its place if it was the last."""
        self.uses[node] -= 1
        if not self.uses[node]:
            self._free(node)

    def _free(self, node: Node) -> None:
        for places in (self.registers, self.masks):
            for k, held in enumerate(places):
                if held is node:
                    places[k] = None
        self.spilled.pop(node, None)

    def _has(self, node: Node) -> bool:
        leaf = node.op in ("parameter", "number") or (node.op == "state" and node.data[0] not in self.stored)
        return leaf or node in self.registers or node in self.masks or node in self.spilled

    def _compute(self, node: Node) -> None:
        """Make sure that a node is somewhere."""
        if self._has(node):
            return
        if node.op in ("input", "state"):
            raise AssertionError(f"{node.op} {node.data[0]} was overwritten")
        args = [plain(arg) for arg in node.args]
        # The one that needs more is computed first, so that less is held meanwhile.
        for arg in sorted(args, key=self._depth, reverse=True):
            self._compute(arg)
        self.locked |= set(args)
        # An instruction may read a spill whose place is free after it.
        self.held = {self.spilled[arg] for arg in args if arg in self.spilled}
        if node.is_mask:
            self._condition(node, args)
        elif node.op == "select":
            self._select(node, args)
        else:
            self._operation(node, args)
        self.locked.clear()
        self.held.clear()

    def _operation(self, node: Node, args: list[Node]) -> None:
        if node.op in ("time", "index"):
            rd = self._new()
            self.lines.append(f"{'time' if node.op == 'time' else 'idx'} r{rd}")
            self.registers[rd] = node
            return
        ra = self._register(args[0])
        b = self._operand(args[1]) if len(args) > 1 else ""
        for arg in args:
            self._read(arg)
        rd = self._new()
        if node.op == "mul":
            shift, rounding = node.data
            name = "mul" if rounding == "floor" else "multz"
            self.lines.append(f"{name} r{rd}, {ra}, {b}, >>{shift}")
        elif node.op == "shift":
            self.lines.append(f"shv r{rd}, {ra}, #{node.data[0]}")
        elif node.op in _UNARY:
            self.lines.append(f"{_UNARY[node.op]} r{rd}, {ra}")
        else:
            self.lines.append(f"{_BINARY[node.op]} r{rd}, {ra}, {b}")
        self.registers[rd] = node

    def _select(self, node: Node, args: list[Node]) -> None:
        mask, yes, no = args
        p = self._mask(mask)
        for mine, other, word in ((no, yes, ""), (yes, no, "!")):
            if mine in self.registers and self.uses[mine] == 1 and mine is not other:
                rd = self.registers.index(mine)
                self.lines.append(f"mov r{rd}, {self._operand(other)} if {word}{p}")
                break
        else:
            b = self._operand(no)
            rd = self._new()
            self.lines.append(f"mov r{rd}, {b}")
            self.registers[rd] = node
            self.locked.add(node)
            self.lines.append(f"mov r{rd}, {self._operand(yes)} if {p}")
        for arg in args:
            self._read(arg)
        self.registers[rd] = node

    def _condition(self, node: Node, args: list[Node]) -> None:
        if node.op == "compare":
            (op,) = node.data
            a, b = args
            if a.op == "number":
                a, b, op = b, a, _FLIPPED[op]
            text = f"{self._register(a)} {op} {self._operand(b)}"
            p = self._new_mask()
            self.lines.append(f"cmp p{p}, {text}")
        else:
            first, last = self._mask(args[0]), self._mask(args[-1])
            p = self._new_mask()
            self.lines.append(f"plog p{p}, {first}, {last}, {node.op}")
        self.masks[p] = node
        for arg in args:
            self._read(arg)

    # ------------------------------------------------------------------------------------- places
    def _operand(self, node: Node) -> str:
        """A node as operand B."""
        if node in self.registers:
            return f"r{self.registers.index(node)}"
        if node in self.spilled:
            return f"[{self.spilled[node]}]"
        if node.op == "state":
            return f"[{node.data[0]}]"
        if node.op == "parameter":
            return "{" + node.data[0] + "}"
        (number,) = node.data
        if number in _SMALL:
            return f"#{number}"
        name = f"_{'m' if number < 0 else 'c'}{abs(number)}"
        self.constants[name] = number
        return name

    def _register(self, node: Node) -> str:
        """A node in a register."""
        if node not in self.registers:
            b = self._operand(node)
            rd = self._new()
            self.lines.append(f"mov r{rd}, {b}")
            self.registers[rd] = node
        return f"r{self.registers.index(node)}"

    def _new(self) -> int:
        """A register that is free, or was made free."""
        if None in self.registers:
            return self.registers.index(None)
        held = [(k, node) for k, node in enumerate(self.registers) if node not in self.locked]
        # Whoever lies in memory as well costs nothing; else the one that is read least.
        k, node = min(held, key=lambda pair: (not self._kept(pair[1]), self.uses[pair[1]]))  # type: ignore[index]
        assert node is not None
        if not self._kept(node):
            taken = {*self.spilled.values(), *self.held}
            free = [name for name in self.spills if name not in taken]
            if not free:
                free = [f"_spill{len(self.spills)}"]
                self.spills += free
            self.lines.append(f"st [{free[0]}], r{k}")
            self.spilled[node] = free[0]
        self.registers[k] = None
        return k

    def _kept(self, node: Node | None) -> bool:
        """Whether the value of a register is somewhere else, too."""
        assert node is not None
        in_memory = node.op == "state" and node.data[0] not in self.stored
        return in_memory or node.op in ("parameter", "number") or node in self.spilled

    def _mask(self, node: Node) -> str:
        """A condition in a mask."""
        if node not in self.masks:
            register = self._register(node)
            p = self._new_mask()
            self.lines.append(f"cmp p{p}, {register} != #0")
            self.masks[p] = node
        return f"p{self.masks.index(node)}"

    def _new_mask(self) -> int:
        """A mask that is free, or was made free: its condition moves to a register, as 0 and 1."""
        if None in self.masks:
            return self.masks.index(None)
        k, node = next((k, node) for k, node in enumerate(self.masks) if node not in self.locked)
        if node not in self.registers and node not in self.spilled:
            rd = self._new()
            self.lines += [f"mov r{rd}, #0", f"mov r{rd}, #1 if p{k}"]
            self.registers[rd] = node
        self.masks[k] = None
        return k

    def _depth(self, node: Node) -> int:
        """How much must be held to compute a node, roughly."""
        if node not in self.depths:
            self.depths[node] = 1 + max((self._depth(plain(arg)) for arg in node.args), default=-1)
        return self.depths[node]
