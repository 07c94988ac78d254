"""Registers and masks of microcode: who has which, and what moves where none is free.

A register is free when the last one who needs its value has read it. Where none is free, a value moves to a
state variable of its own, and a condition to a register, as 0 and 1.
"""

from __future__ import annotations

from collections import Counter

from lava_hw.equations.graph import Node, TextTrace, bare

__all__ = ["REGISTERS", "Allocation"]

REGISTERS, _MASKS = 8, 4
_SMALL = range(-32, 32)


class Allocation:
    """Where values and conditions lie while instructions are written.

    Attributes
    ----------
    lines, origins : list of str
        Instructions, and the line of the text of each.
    where : str
        The line of the text for what is written next.
    constants : dict of str to int
        Numbers that instructions do not hold.
    spills : list of str
        States for values without a register.
    uses : Counter
        How often each node is still read.
    stored : set of str
        States that have their new value.
    """

    def __init__(self, trace: TextTrace, inputs: list[str]) -> None:
        self.lines: list[str] = []
        self.origins: list[str] = []
        self.where = "?"
        self.constants: dict[str, int] = {}
        self.registers: list[Node | None] = [None] * REGISTERS
        self.masks: list[Node | None] = [None] * _MASKS
        self.spilled: dict[Node, str] = {}
        self.spills: list[str] = []
        self.uses = _count(trace)
        self.stored: set[str] = set()
        self.locked: set[Node] = set()
        self.held: set[str] = set()
        for number, name in enumerate(inputs):
            for node in self.uses:
                if node.op == "input" and node.data[0] == name:
                    self.registers[number] = node

    def write(self, text: str) -> None:
        """Add an instruction."""
        self.lines.append(text)
        self.origins.append(self.where)

    def read(self, node: Node) -> None:
        """Count one who needed a node; free its place if it was the last."""
        node, _ = bare(node)
        self.uses[node] -= 1
        if not self.uses[node]:
            self._free(node)

    def _free(self, node: Node) -> None:
        for places in (self.registers, self.masks):
            for k, held in enumerate(places):
                if held is node:
                    places[k] = None
        self.spilled.pop(node, None)

    def has(self, node: Node) -> bool:
        """Whether a node is somewhere, or can be read as it is."""
        leaf = node.op in ("parameter", "number") or (node.op == "state" and node.data[0] not in self.stored)
        return leaf or node in self.registers or node in self.masks or node in self.spilled

    def lock(self, args: list[Node]) -> None:
        """Keep operands where they are while an instruction is written."""
        self.locked |= {bare(arg)[0] for arg in args}
        # An instruction may read a spill whose place is free after it.
        self.held |= {self.spilled[arg] for arg in args if arg in self.spilled}

    def unlock(self) -> None:
        """Let operands move again."""
        self.locked.clear()
        self.held.clear()

    def operand(self, node: Node) -> str:
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

    def register(self, node: Node) -> str:
        """A node in a register."""
        if node not in self.registers:
            b = self.operand(node)
            rd = self.new_register()
            self.write(f"mov r{rd}, {b}")
            self.registers[rd] = node
        return f"r{self.registers.index(node)}"

    def new_register(self) -> int:
        """A register that is free, or was made free."""
        if None in self.registers:
            return self.registers.index(None)
        held = [(k, node) for k, node in enumerate(self.registers) if node and node not in self.locked]
        # Whoever lies in memory as well costs nothing; else the one that is read least.
        k, node = min(held, key=lambda pair: (not self._kept(pair[1]), self.uses[pair[1]]))
        if not self._kept(node):
            taken = {*self.spilled.values(), *self.held}
            free = [name for name in self.spills if name not in taken]
            if not free:
                free = [f"_spill{len(self.spills)}"]
                self.spills += free
            self.write(f"st [{free[0]}], r{k}")
            self.spilled[node] = free[0]
        self.registers[k] = None
        return k

    def _kept(self, node: Node) -> bool:
        """Whether the value of a register is somewhere else, too."""
        in_memory = node.op == "state" and node.data[0] not in self.stored
        return in_memory or node.op in ("parameter", "number") or node in self.spilled

    def predicate(self, node: Node, negated: bool = False) -> str:
        """The end of an instruction that acts where a condition holds, or where it does not."""
        node, reverse = bare(node)
        return f" if {'!' if negated != reverse else ''}{self.mask(node)}"

    def mask(self, node: Node) -> str:
        """A condition in a mask."""
        if node not in self.masks:
            register = self.register(node)
            p = self.new_mask()
            self.write(f"cmp p{p}, {register} != #0")
            self.masks[p] = node
        return f"p{self.masks.index(node)}"

    def new_mask(self) -> int:
        """A mask that is free, or was made free: its condition moves to a register, as 0 and 1."""
        if None in self.masks:
            return self.masks.index(None)
        k, node = next((k, node) for k, node in enumerate(self.masks) if node not in self.locked)
        if node not in self.registers and node not in self.spilled:
            rd = self.new_register()
            self.write(f"mov r{rd}, #0")
            self.write(f"mov r{rd}, #1 if p{k}")
            self.registers[rd] = node
        self.masks[k] = None
        return k


def _count(trace: TextTrace) -> Counter[Node]:
    """How often each node that matters is read."""
    uses: Counter[Node] = Counter()
    seen: set[Node] = set()
    waiting = [bare(node)[0] for effect in trace.effects for node in effect[2:] if node is not None]
    uses.update(waiting)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            args = [bare(arg)[0] for arg in node.args]
            uses.update(args)
            waiting += args
    return uses
