"""Layout: what a set of parts takes on one core, with addresses. Used by partition and place (does it
fit?) and by route.

On a core there are, in order of its populations: programs (shared by content), constants and state lines
of each population, and for each table of weights its lines, its accumulators and one connection for each
edge that drives it. Populations that read the same rows of the same synapses share a table; the last of
them clears the accumulators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from lava_hw.chip import RESOURCES, Chip
from lava_hw.compiler.check import has_port
from lava_hw.compiler.placed_types import Connection, Core, Load, Part, Population, Table
from lava_hw.compiler.types import Axon, Constant, Feed, Ints, Merged, Neurons, Synapses
from lava_hw.isa import Names, assemble
from lava_hw.regs import ConnKind

_Key = tuple[str, bytes]


def layout(
    number: int,
    parts: Sequence[Part],
    merged: Merged,
    chip: Chip,
    stages: Mapping[str, int] | None = None,
) -> Core:
    """Lay out the core `number` with these parts; nothing is checked against the limits of the chip.

    Parameters
    ----------
    parts : sequence of Part
        In the order of the network.
    stages : mapping, optional
        Stage of each set of neurons; without it all are in stage 0, which changes no need but the number
        of programs.
    """
    stages = stages or {}
    ordered = sorted(parts, key=lambda part: stages.get(part.neurons, 0))
    return _Layout(number, ordered, merged, chip, stages).run()


@dataclass
class _Layout:
    number: int
    parts: Sequence[Part]
    merged: Merged
    chip: Chip
    stages: Mapping[str, int]
    tables: dict[_Key, int] = field(default_factory=dict)
    made: list[Table] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    programs: dict[tuple[int, ...], int] = field(default_factory=dict)
    lines: int = 0
    acc: int = 0
    state: int = 0
    const: int = 0
    neurons: int = 0

    def run(self) -> Core:
        keys = [[self._key(feed, part) for feed in self._feeds(part)] for part in self.parts]
        last = {key: k for k, of_part in enumerate(keys) for key in of_part}
        populations = [
            self._population(part, of_part, [last[key] == k for key in of_part])
            for k, (part, of_part) in enumerate(zip(self.parts, keys, strict=True))
        ]
        ucode = sum(len(words) for words in self.programs)
        used = (
            self.neurons,
            self.state,
            self.acc,
            self.lines,
            ucode,
            self.const,
            len(populations),
            len(self.connections),
            0,
        )
        return Core(
            self.number,
            tuple(populations),
            tuple(self.made),
            tuple(self.connections),
            tuple(self.programs),
            dict(zip(RESOURCES, used, strict=True)),
        )

    def _feeds(self, part: Part) -> list[Feed]:
        return [feed for feed in self.merged.feeds if feed.neurons == part.neurons]

    def _key(self, feed: Feed, part: Part) -> _Key:
        order = feed.order[part.first : part.first + part.count]
        return feed.synapses, np.ascontiguousarray(order).tobytes()

    def _population(self, part: Part, keys: Sequence[_Key], last: Sequence[bool]) -> Population:
        cell, lanes = self.merged.neurons[part.neurons], self.chip.lanes
        groups = -(-part.count // lanes)
        tables = [self._table(key, groups) for key in keys]
        loads = []
        for table, clears in zip(tables, last, strict=True):
            syn = self.merged.synapses[self.made[table].synapses]
            loads.append(Load(self.made[table].acc, syn.right, clears))
        port_acc = port_conn = None
        if has_port(self.merged, part.neurons):
            port_acc, port_conn = self.acc, len(self.connections)
            loads.append(Load(port_acc, 0, True))
            self.connections.append(
                Connection(ConnKind.PORT, port_acc, groups, self._port_slot(part.neurons), targets=part.count)
            )
            self.acc += groups
        constants = tuple(Constant(f"acc{k}", load.acc) for k, load in enumerate(loads)) + cell.constants
        words = program(cell, loads)
        pc = self.programs.setdefault(words, sum(len(w) for w in self.programs))
        population = Population(
            part=part,
            stage=self.stages.get(part.neurons, 0),
            groups=groups,
            tail=part.count - (groups - 1) * lanes,
            nvars=len(cell.states),
            words=words,
            pc=pc,
            state_base=self.state,
            const_base=self.const,
            constants=constants,
            port_acc=port_acc,
            port_conn=port_conn,
            tables=tuple(tables),
        )
        self.neurons += groups * lanes
        self.state += groups * len(cell.states)
        self.const += len(constants)
        return population

    def _port_slot(self, neurons: str) -> int:
        """A port that is read in stage 0 is filled before the step starts, any other within it."""
        return 1 if self.stages.get(neurons, 0) == 0 else 0

    def _table(self, key: _Key, groups: int) -> int:
        if key in self.tables:
            return self.tables[key]
        syn = self.merged.synapses[key[0]]
        order: Ints = np.frombuffer(key[1], np.int64)
        rows = self.merged.rows[syn.name]
        conns = []
        for edge, start in zip(rows.edges, rows.starts, strict=True):
            count = len(edge.columns if isinstance(edge, Axon) else edge.index)
            conns.append(len(self.connections))
            self.connections.append(self._dense(syn, order, groups, start, count))
        self.made.append(Table(syn.name, order, groups, self.lines, self.acc, tuple(conns)))
        self.lines += len(rows.columns) * groups
        self.acc += groups
        return self.tables.setdefault(key, len(self.made) - 1)

    def _dense(self, syn: Synapses, order: Ints, groups: int, start: int, count: int) -> Connection:
        return Connection(
            ConnKind.DENSE,
            self.acc,
            groups,
            syn.slot,
            syn.signed,
            syn.negate,
            syn.shift,
            line=self.lines + start * groups,
            stride=groups,
            sources=count,
            targets=int(np.count_nonzero(order >= 0)),
        )


def program(cell: Neurons, loads: Sequence[Load]) -> tuple[int, ...]:
    """Give the words of a program: the sum of the accumulators of `loads` in r0, shifted left, then the body.

    A right shift belongs to one accumulator and floors, so it comes before the left shift of the sum.
    """
    states = tuple(state.name for state in cell.states)
    constants = tuple(constant.name for constant in cell.constants)
    return _program(cell.body, cell.input_shift, states, constants, tuple((x.right, x.last) for x in loads))


@lru_cache(maxsize=256)
def _program(
    body: tuple[str, ...],
    left: int,
    states: tuple[str, ...],
    constants: tuple[str, ...],
    loads: tuple[tuple[int, bool], ...],
) -> tuple[int, ...]:
    lines = [] if loads or not body else ["mov r0, #0"]
    for k, (right, last) in enumerate(loads):
        register = f"r{min(k, 1)}"
        shift = f", >>{right}" if right else f", <<{left}" if left else ""
        lines.append(f"acc {register}, acc{k}, slot 0{shift}{', last' if last else ''}")
        if right and left:
            lines.append(f"shv {register}, {register}, #{left}")
        if k:
            lines.append("add r0, r0, r1")
    names = Names(states, (*(f"acc{k}" for k in range(len(loads))), *constants))
    operands = {name: name for name in constants} | {name: f"[{name}]" for name in states}
    return tuple(assemble([*lines, *(line.format_map(operands) for line in body)], names))
