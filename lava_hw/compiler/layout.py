"""Layout: what a set of shards takes on one core, with addresses. Used by partition and place (does it
fit?) and by route.

On a core there are, in order of its populations: programs (shared by content), constants and state lines
of each population, and for each table of weights its lines, its accumulators and one descriptor for each
edge that drives it, and one for partial sums of other cores. Populations that read the same targets of the
same connection share a table; the last of them clears the accumulators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lava_hw.chip import Chip
from lava_hw.compiler.connections import TablePlan, kind_of
from lava_hw.compiler.placed_types import (
    CoreLayout,
    CorePopulation,
    Descriptor,
    Load,
    PortPlace,
    Shard,
    WeightTable,
)
from lava_hw.compiler.program import program
from lava_hw.compiler.types import Feed, Legal
from lava_hw.ir import Constant, Ints
from lava_hw.regs import ConnKind, WeightFormat

_Key = tuple[str, bytes]


def layout(
    number: int,
    shards: Sequence[Shard],
    legal: Legal,
    chip: Chip,
    stages: Mapping[str, int] | None = None,
) -> CoreLayout:
    """Lay out the core `number` with these shards; nothing is checked against the limits of the chip.

    Parameters
    ----------
    shards : sequence of Shard
        In the order of the network.
    stages : mapping, optional
        Stage of each set of neurons; without it all are in stage 0, which changes no need but the number
        of programs.
    """
    stages = stages or {}
    ordered = sorted(shards, key=lambda shard: stages.get(shard.neurons, 0))
    return _Layout(number, ordered, legal, chip, stages).run()


@dataclass
class _Layout:
    number: int
    shards: Sequence[Shard]
    legal: Legal
    chip: Chip
    stages: Mapping[str, int]
    tables: dict[_Key, int] = field(default_factory=dict)
    made: list[WeightTable] = field(default_factory=list)
    descriptors: list[Descriptor] = field(default_factory=list)
    programs: dict[tuple[int, ...], int] = field(default_factory=dict)
    lines: int = 0
    acc: int = 0
    state: int = 0
    const: int = 0
    neurons: int = 0

    def run(self) -> CoreLayout:
        reads = [self._reads(shard) for shard in self.shards]
        last = {key: (k, n) for k, of_shard in enumerate(reads) for n, (_, key) in enumerate(of_shard)}
        populations = [
            self._population(shard, of_shard, [last[key] == (k, n) for n, (_, key) in enumerate(of_shard)])
            for k, (shard, of_shard) in enumerate(zip(self.shards, reads, strict=True))
        ]
        ucode = sum(len(words) for words in self.programs)
        used = {
            "neurons": self.neurons,
            "state_lines": self.state,
            "acc_groups": self.acc,
            "synapse_lines": self.lines,
            "ucode_words": ucode,
            "const_words": self.const,
            "populations": len(populations),
            "connections": len(self.descriptors),
            "routes": 0,  # counted by `route`
        }
        return CoreLayout(
            self.number,
            tuple(populations),
            tuple(self.made),
            tuple(self.descriptors),
            tuple(self.programs),
            used,
        )

    def _reads(self, shard: Shard) -> list[tuple[int, _Key]]:
        """What a shard reads, in the order of its program: number of the input, key of the table."""
        feeds = self.legal.feeds_of.get(shard.neurons, ())
        ports = self.legal.neurons[shard.neurons].in_ports
        return [(k, _key(feed, shard)) for k, port in enumerate(ports) for feed in feeds if feed.port == port]

    def _population(
        self, shard: Shard, reads: Sequence[tuple[int, _Key]], last: Sequence[bool]
    ) -> CorePopulation:
        cell, lanes = self.legal.neurons[shard.neurons], self.chip.lanes
        groups = -(-shard.count // lanes)
        tables = [self._table(key, groups) for _, key in reads]
        ports: dict[str, PortPlace] = {}
        loads: list[Load] = []
        for k, port in enumerate(cell.in_ports):
            for (of, _), number, clears in zip(reads, tables, last, strict=True):
                if of == k:
                    table = self.made[number]
                    conn = self.legal.connections[table.connection]
                    loads += [
                        Load(table.acc + area * table.groups, conn.right, clears, k, conn.sum_bits)
                        for area in range(conn.areas)
                    ]
            if (shard.neurons, port) in self.legal.open_ports:
                ports[port] = self._port(shard, groups)
                loads.append(Load(ports[port].acc, 0, True, k))
        constants = tuple(Constant(f"acc{k}", load.acc) for k, load in enumerate(loads)) + cell.constants
        words = program(cell, loads)
        pc = self.programs.setdefault(words, sum(len(w) for w in self.programs))
        population = CorePopulation(
            shard=shard,
            stage=self.stages.get(shard.neurons, 0),
            groups=groups,
            tail=shard.count - (groups - 1) * lanes,
            nvars=len(cell.states),
            words=words,
            pc=pc,
            state_base=self.state,
            const_base=self.const,
            constants=constants,
            ports=ports,
            tables=tuple(tables),
        )
        self.neurons += groups * lanes
        self.state += groups * len(cell.states)
        self.const += len(constants)
        return population

    def _port(self, shard: Shard, groups: int) -> PortPlace:
        """Make the accumulator of a port, and its descriptor."""
        # A port that is read in stage 0 is filled before the step starts, any other within it.
        slot = 1 if self.stages.get(shard.neurons, 0) == 0 else 0
        place = PortPlace(self.acc, self._adder(slot, self.acc, groups, shard.count))
        self.acc += groups
        return place

    def _adder(self, slot: int, acc: int, groups: int, targets: int) -> int:
        """Make the descriptor of what adds values to accumulators; give its number."""
        fields = {"kind": int(ConnKind.PORT), "format": int(WeightFormat.BITS8), "slot": slot}
        fields |= {"acc_base": acc, "groups": groups, "targets": targets}
        self.descriptors.append(Descriptor(fields))
        return len(self.descriptors) - 1

    def _table(self, key: _Key, groups: int) -> int:
        if key in self.tables:
            return self.tables[key]
        connection = self.legal.connections[key[0]]
        order: Ints = np.frombuffer(key[1], np.int64)
        plan = TablePlan(connection, self.legal.orders[connection.name], order, groups, self.chip.lanes)
        kind = kind_of(connection)
        first = len(self.descriptors)
        self.descriptors += kind.descriptors(plan, self.lines, self.acc)
        conns, lines = tuple(range(first, len(self.descriptors))), kind.lines(plan)
        # Partial sums are sent in the step in which the table is read.
        partial = (
            self._adder(0, self.acc, groups, len(order)) if connection.name in self.legal.gathered else None
        )
        self.made.append(
            WeightTable(
                connection.name, order, groups, self.lines, lines, self.acc, conns, self.chip.lanes, partial
            )
        )
        self.lines += lines
        self.acc += groups * connection.areas
        return self.tables.setdefault(key, len(self.made) - 1)


def _key(feed: Feed, shard: Shard) -> _Key:
    order = feed.order[shard.first : shard.first + shard.count]
    return feed.connection, np.ascontiguousarray(order).tobytes()
