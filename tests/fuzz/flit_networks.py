"""Random configurations of a chip, by WRITE flits: programs, populations, connections, routes, stage tables.

What no part of docs/chip.md defines is not drawn. In particular no accumulator group is read in a stage in
which what that stage sends is added to it: whether it counts then depends on who is faster.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lava_hw import regs
from lava_hw.chip import Chip
from lava_hw.isa.instruction import CHANNELS
from lava_hw.regs import BLOCK, CONTROL_CORE, ChipCsr, ConnKind, WeightFormat
from tests.fuzz.flit_case import Item
from tests.fuzz.flit_programs import EDGES, Choices, Program, Writer

_INDICES = 4096  # of blocks and of graded values


class Space:
    """Places in a memory; taken from its lower or its upper end."""

    def __init__(self, choices: Choices, depth: int) -> None:
        self.choices, self.low, self.high = choices, 0, depth

    @property
    def left(self) -> int:
        """How many places are left."""
        return self.high - self.low

    def take(self, size: int) -> int:
        """Give the first of `size` places; there must be as many."""
        if self.choices.chance(2):
            self.high -= size
            return self.high
        self.low += size
        return self.low - size


@dataclass
class Connection:
    """A descriptor, its number, and who may send to it."""

    number: int
    fields: dict[str, int]
    limit: int
    every_slot: bool = False
    """Its delays lead to any slot."""
    further: int = 0
    """Groups behind its own that taps lead to."""
    tables: dict[int, list[int]] = field(default_factory=dict)
    """32-bit words of its tables, by the line in which they begin."""
    weights: range = range(0)
    """Lines of its weights."""

    def reaches(self, chip: Chip) -> set[tuple[int, int]]:
        """Slots, modulo the slots of the chip, and groups that it adds to."""
        slot, base = self.fields["slot"] % chip.delay_slots, self.fields["acc_base"]
        slots = range(chip.delay_slots) if self.every_slot else (slot,)
        return {(s, base + g) for s in slots for g in range(self.fields["groups"] + self.further)}


@dataclass
class Core:
    """What is on a core."""

    number: int
    programs: list[Program] = field(default_factory=list)
    populations: list[dict[str, int]] = field(default_factory=list)
    first_population: int = 0
    stages: list[tuple[int, int]] = field(default_factory=list)  # first and count, below `populations`
    connections: list[Connection] = field(default_factory=list)
    table_line: int = 0  # lines of tables that are taken
    items: list[Item] = field(default_factory=list)
    reads: list[Item] = field(default_factory=list)  # READs of what was written
    fixed: list[Item] = field(default_factory=list)  # WRITEs of tables: other values lead out of the memory

    def put(self, region: str, offset: int, words: list[int]) -> None:
        """Write words."""
        if words:
            self.items.append(["write", self.number, region, offset, words])
            self.reads.append(["read", self.number, region, offset, len(words)])

    def entry(self, table: str, number: int, fields: dict[str, int], words: int) -> None:
        """Write an entry of a table."""
        self.items.append(["entry", self.number, table, number, fields])
        self.reads.append(["read", self.number, table, words * number, words])

    def read_in(self, stage: int) -> set[tuple[int, int]]:
        """Slots and groups that the populations of a stage read."""
        first, count = self.stages[stage]
        found: set[tuple[int, int]] = set()
        return found.union(*(program.reads for program in self.programs[first : first + count]))

    def stages_of(self, population: int) -> list[int]:
        """Stages in which a population runs."""
        return [s for s, (first, count) in enumerate(self.stages) if first <= population < first + count]


class Network:
    """A configuration of all cores, and what a stream of flits for it must know.

    With `bad`, cores meet unknown opcodes and send events that are bad; nothing is undefined nevertheless.
    """

    def __init__(self, choices: Choices, chip: Chip, bad: bool = False) -> None:
        self.choices, self.chip, self.bad = choices, chip, bad
        self.stages = choices.one((1, 1, 2, 2, 3, 4, 16))
        closes = choices.up_to((1 << self.stages) - 1)
        self.needs_close = closes | 1 if not choices.chance(4) else closes
        self.needs_end = choices.up_to((1 << self.stages) - 1)
        self._random = np.random.default_rng(choices.up_to(2**20))
        self.cores = {number: Core(number) for number in chip.cores}
        for core in self.cores.values():
            self._populate(core)
        self._spaces = {number: Space(choices, chip.connections) for number in self.cores}
        for core in self.cores.values():
            self._add_routes(core)
        for core in self.cores.values():
            for _ in range(choices.up_to(3)):
                self._connect(core, choices.one((1, 5, 32, 33, choices.up_to(80, 1))), None)
            self._write_tables(core)

    def words(self, count: int) -> list[int]:
        """Random words, many of them at an edge."""
        edges = self._random.choice(np.array(EDGES, np.uint64), count)
        whole = self._random.integers(0, 2**32, count, dtype=np.uint64)
        small = self._random.integers(-20, 20, count).astype(np.uint32).astype(np.uint64)
        which = self._random.integers(0, 3, count)
        return np.choose(which, [edges, whole, small]).tolist()

    def configuration(self) -> list[Item]:
        """The WRITEs, core by core, those of the chip somewhere between them."""
        parts = [core.items for core in self.cores.values()]
        high = self.choices.up_to(0xFFFF) >> self.stages << self.stages  # stages that are not there
        values = [self.stages, self.needs_close | high, self.needs_end | high]
        of_chip: list[Item] = [["write", CONTROL_CORE, "CSR", int(ChipCsr.STAGES), values]]
        parts.insert(self.choices.up_to(len(parts)), of_chip)
        return [item for part in parts for item in part]

    def everything(self) -> list[Item]:
        """READs of all that was written and of all that a run changes."""
        chip, found = self.chip, []
        for number, core in self.cores.items():
            found += core.reads
            found.append(["read", number, "CSR", 0, max(regs.CoreCsr) + 1])
            whole = chip.delay_slots * chip.acc_pitch
            if whole <= 64:
                found.append(["read", number, "ACC", 0, whole * chip.lanes])
                continue
            groups = sorted({g for _, g in self._touched(core)})
            for slot in range(chip.delay_slots):
                for g in groups:
                    found.append(
                        ["read", number, "ACC", (slot * chip.acc_pitch + g) * chip.lanes, chip.lanes]
                    )
        found.append(["read", CONTROL_CORE, "CSR", 0, max(ChipCsr) + 1])
        return found

    def _touched(self, core: Core) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for program in core.programs:
            found |= {(s, b + g) for s, b, *_ in program.accesses for g in range(program.groups)}
        return found.union(*(connection.reaches(self.chip) for connection in core.connections))

    # ---------------------------------------------------------------- populations

    def _populate(self, core: Core) -> None:
        choices, chip = self.choices, self.chip
        depths = (chip.ucode_words, chip.const_words, chip.state_lines, chip.populations)
        code, constants, state, entries = (Space(choices, depth) for depth in depths)
        count = min(choices.up_to(3), chip.populations)
        core.first_population = entries.take(count)
        for number in range(count):
            groups = choices.up_to(min(chip.groups, choices.one((3, 8, 20))), 1)
            nvars = choices.up_to(min(state.left // groups, choices.one((3, 8, 64))))
            program = Program(groups, nvars)
            share = constants.left // (count - number)
            length = min(choices.up_to(choices.one((4, 12, 24))), code.left, 255)
            Writer(choices, chip, program, min(share, 64), self._fails(2)).write(length)
            pc = code.take(len(program.lines))
            if program.lines:
                core.items.append(["code", core.number, pc, program.lines])
                core.reads.append(["read", core.number, "UCODE", pc, len(program.lines)])
            const_base = constants.take(len(program.constants))
            core.put("CONSTANT", const_base, program.constants)
            again = core.populations and choices.chance(6)
            before = core.populations[-1] if core.populations else {}
            if again and before["groups"] * before["nvars"] >= groups * nvars:
                state_base = before["state_base"]
            else:
                state_base = state.take(groups * nvars)
                core.put("STATE", state_base * chip.lanes, self.words(groups * nvars * chip.lanes))
            core.programs.append(program)
            core.populations.append(
                {
                    "pc": pc,
                    "count": len(program.lines),
                    "nvars": nvars,
                    "state_base": state_base,
                    "const_base": const_base,
                    "groups": groups,
                    "tail": choices.one((chip.lanes, choices.up_to(chip.lanes, 1))),
                    "index_base": choices.one((0, 32 * choices.up_to(40), choices.word())),
                }
            )
        for _ in range(self.stages):
            first = choices.one((0, choices.up_to(count)))
            core.stages.append((first, choices.one((count - first, choices.up_to(count - first)))))

    # ---------------------------------------------------------------- routes and connections

    def _add_routes(self, core: Core) -> None:
        choices, chip = self.choices, self.chip
        routes = Space(choices, chip.routes)
        for number, (program, population) in enumerate(zip(core.programs, core.populations, strict=True)):
            found = []
            for _ in range(min(choices.up_to(4), routes.left)):
                route = self._route(core, number, program, population)
                if route is not None:
                    found.append(route)
            base = routes.take(len(found))
            population |= {"route_base": base, "route_count": len(found)}
            for place, route in enumerate(found, base):
                core.entry("ROUTE", place, route, regs.ROUTE_WORDS)

    def _route(
        self, core: Core, number: int, program: Program, population: dict[str, int]
    ) -> dict[str, int] | None:
        choices = self.choices
        channels = sorted({channel for _, channel in program.emits})
        channel = choices.one(channels) if channels and not choices.chance(6) else choices.up_to(CHANNELS - 1)
        first = choices.up_to(program.groups - 1)
        groups = choices.up_to(program.groups - first + (1 if choices.chance(4) else 0), 1)
        route = {"channel": channel, "first": first, "groups": groups}
        route["index_base"] = choices.one((0, choices.up_to(2), choices.up_to(_INDICES - 1)))
        if choices.chance(3):
            return {**route, "egress": 1, "conn": choices.up_to(255)}
        if self._fails(8):
            nowhere = choices.one(
                (63, 64, 127, choices.up_to(127), *(8 * y + self.chip.mesh_x for y in range(7)))
            )
            egress = choices.up_to(1) if nowhere else 0
            if egress or nowhere not in self.cores:
                return {**route, "egress": egress, "dest": nowhere, "conn": choices.up_to(255)}
        kinds = {kind for kind, on in program.emits if on == channel}
        last = self._last_source(route, population, kinds)
        if self._fails(6):
            last = choices.up_to(last)
        target = self.cores[choices.one(sorted(self.cores))]
        connection = self._connect(target, last + 1, core.stages_of(number))
        return None if connection is None else {**route, "dest": target.number, "conn": connection.number}

    def _last_source(self, route: dict[str, int], population: dict[str, int], kinds: set[str]) -> int:
        """The largest source that a route can name."""
        lanes, last = self.chip.lanes, 0
        end = min(route["first"] + route["groups"], population["groups"])
        for g in range(route["first"], end):
            there = population["tail"] if g == population["groups"] - 1 else lanes
            if "mask" in kinds:
                block = (g * lanes // BLOCK + route["index_base"]) % _INDICES
                last = max(last, block * BLOCK + g * lanes % BLOCK + there - 1)
            if "graded" in kinds:
                first = g * lanes + BLOCK * route["index_base"]
                last = max(last, *((first + lane) % _INDICES for lane in range(there)))
        return last

    def _connect(self, core: Core, need: int, writers: list[int] | None) -> Connection | None:
        """A connection with at least `need` sources to which stages (None: the host) send, or None."""
        choices, chip, space = self.choices, self.chip, self._spaces[core.number]
        fitting = [c for c in core.connections if c.limit >= need and not self._clash(core, c, writers or [])]
        if fitting and (choices.chance(3) or not space.left):
            return choices.one(fitting)
        if not space.left:
            return None
        connection = None
        if choices.chance(2):
            connection = choices.one((self._conv, self._sparse, self._one_to_one))(core, need)
        if connection is None and -(-need // chip.lanes) <= chip.acc_groups and choices.chance(2):
            connection = self._port(need)
        if connection is None:
            connection = self._dense(need)
        fields = connection.fields
        fields |= {"shift": choices.one((0, 0, 1, 6, 31)), "slot": 0, "payload": choices.up_to(1)}
        first = choices.up_to(63)
        for slot in range(first, first + chip.delay_slots):
            fields["slot"] = slot % 64
            if not self._clash(core, connection, writers or []):
                connection.number = space.take(1)
                core.connections.append(connection)
                return connection
        return None

    def _clash(self, core: Core, connection: Connection, writers: list[int]) -> bool:
        reached = connection.reaches(self.chip)
        return any(reached & core.read_in(stage) for stage in writers)

    def _base(self, groups: int) -> int:
        """First accumulator group, near an end."""
        last = self.chip.acc_groups - groups
        near = self.choices.up_to(min(last, 5))
        return self.choices.one((near, last - near))

    def _port(self, need: int) -> Connection:
        least = -(-need // self.chip.lanes)
        groups = min(self.choices.one((least, least, least + 2)), self.chip.acc_groups)
        fields = {"kind": ConnKind.PORT, "groups": groups, "acc_base": self._base(groups)}
        return Connection(0, fields, groups * self.chip.lanes)

    def _weights(self, groups: int) -> dict[str, int]:
        """How weights are stored, and what is told of them."""
        choices = self.choices
        return {
            "groups": groups,
            "format": choices.one((WeightFormat.BITS8, WeightFormat.BITS8, *WeightFormat)),
            "targets": choices.one((groups * self.chip.lanes, choices.up_to(2**20 - 1))),
            "is_signed": choices.up_to(1),
            "negate": choices.up_to(1),
        }

    def _dense(self, need: int) -> Connection:
        choices, chip = self.choices, self.chip
        fields = self._weights(choices.up_to(min(4, chip.acc_groups, chip.synapse_lines // 4)))
        fields["delays"] = int(choices.chance(4))
        row = _lines(fields)
        sources = min(choices.one((need, need, need + choices.up_to(40))), 1 << 19)
        most = min(chip.synapse_lines, 96) - row
        stride = (
            choices.up_to(min(most // (sources - 1), row + 1)) if sources > 1 else choices.up_to(2**16 - 1)
        )
        lines = (sources - 1) * stride + row if sources > 1 else row
        low = choices.up_to(min(chip.synapse_lines - lines, 40))
        base = choices.one((low, chip.synapse_lines - lines - low))
        fields |= {
            "kind": ConnKind.DENSE,
            "acc_base": self._base(fields["groups"]),
            "sources": sources,
            "stride": stride,
            "syn_base": base,
        }
        delays = bool(fields["delays"])
        return Connection(0, fields, sources, every_slot=delays, weights=range(base, base + lines))

    def _one_to_one(self, core: Core, need: int) -> Connection | None:
        """A row of weights; None if the accumulators or the memory are too small."""
        choices, chip = self.choices, self.chip
        fields = self._weights(-(-need // chip.lanes))
        fields |= {"kind": ConnKind.ONE_TO_ONE, "delays": int(choices.chance(4)), "sources": need}
        lines = _lines(fields) + 1
        if fields["groups"] > chip.acc_groups or lines > chip.synapse_lines:
            return None
        low = choices.up_to(min(chip.synapse_lines - lines, 40))
        fields |= {"syn_base": low, "acc_base": self._base(fields["groups"])}
        return Connection(0, fields, need, every_slot=bool(fields["delays"]), weights=range(low, low + lines))

    def _sparse(self, core: Core, need: int) -> Connection | None:
        """Rows in the middle of the memory, behind their table, if they fit there; sources share them."""
        choices, chip, draw = self.choices, self.chip, self._random.integers
        parts, middle = chip.synapse_parts, chip.synapse_lines // 2
        fields = self._weights(1 + choices.up_to(min(3, chip.acc_groups - 1)))
        fields |= {"delays": int(choices.chance(4)), "wide": int(choices.chance(3))}
        pair = 2 if fields["format"] == WeightFormat.BITS4 else 1
        weight_lines = 2 if fields["format"] == WeightFormat.BITS16 else 1
        groups = [*[1] * pair, *[0] * pair * fields["wide"]]  # of a word: the low line, the high one
        if fields["wide"]:
            groups = [1, 0] * pair
        unit = len(groups) + weight_lines + pair * fields["delays"]
        rows, table = 1 + choices.up_to(5), -(-need // parts)
        lengths = [int(draw(0, 3)) for _ in range(rows)]
        lines = sum(lengths) * unit
        if middle < 160 or need > 2048 or core.table_line + table + lines > middle - 150:
            return None
        table_base = middle + core.table_line
        base = table_base + table
        core.table_line += table + lines
        starts = np.cumsum([0, *lengths])[:-1] * unit
        chosen = draw(0, rows, need).tolist()
        entries = [regs.SPARSE_ROW.pack(words=lengths[row] * pair, line=int(starts[row])) for row in chosen]
        content = draw(0, 256, (sum(lengths), unit, chip.lanes), dtype=np.uint8)
        for line, low in enumerate(groups):
            content[:, line] = draw(0, fields["groups"], content[:, line].shape) if low else 0
        words = content.reshape(-1).view("<u4").tolist()
        fields |= {
            "kind": ConnKind.SPARSE,
            "acc_base": self._base(fields["groups"]),
            "sources": need,
            "syn_base": base,
            "table_base": table_base,
        }
        tables = {table_base: entries, base: words}
        return Connection(0, fields, need, every_slot=bool(fields["delays"]), tables=tables)

    def _conv(self, core: Core, need: int) -> Connection | None:
        """A convolution whose tables lie in the middle of the memory, where no weights are, if they fit."""
        choices, chip = self.choices, self.chip
        parts, middle = chip.synapse_parts, chip.synapse_lines // 2
        fields = self._weights(choices.up_to(min(3, chip.acc_groups)))
        further = choices.up_to(min(3, chip.acc_groups - fields["groups"]))
        bits = choices.up_to(3)
        positions = max(1, -(-need >> bits)) + choices.up_to(2)
        taps = 1 + choices.up_to(30)
        lines = [-(-positions // parts), -(-taps // parts)]
        if middle < 160 or need > 2048 or core.table_line + sum(lines) > middle - 150:
            return None
        bases = [middle + core.table_line, middle + core.table_line + lines[0]]
        core.table_line += sum(lines)
        draw = self._random.integers
        firsts = draw(0, taps, positions).tolist()
        entries = [
            regs.CONV_POSITION.pack(taps=int(draw(0, min(6, taps - first + 1))), first=first)
            for first in firsts
        ]
        kernel = draw(0, 8, taps).tolist(), draw(0, further + 1, taps).tolist()
        words = [regs.CONV_TAP.pack(line=line, group=group) for line, group in zip(*kernel, strict=True)]
        stride, base = choices.up_to(3), choices.up_to(40)
        fields |= {
            "kind": ConnKind.CONV,
            "acc_base": self._base(fields["groups"] + further),
            "sources": max(need, (positions << bits) - choices.up_to((1 << bits) - 1)),
            "stride": stride,
            "syn_base": base,
            "table_base": bases[0],
            "taps_base": bases[1],
            "channel_bits": bits,
        }
        weights = range(base, base + 8 + ((1 << bits) - 1) * stride + _lines(fields))
        tables = {bases[0]: entries, bases[1]: words}
        return Connection(0, fields, fields["sources"], further=further, tables=tables, weights=weights)

    # ---------------------------------------------------------------- tables

    def _fails(self, times: int) -> bool:
        return self.bad and self.choices.chance(times)

    def unused(self, core: Core) -> list[int]:
        """Numbers of the connections of a core without a descriptor."""
        return sorted({*range(self.chip.connections)} - {c.number for c in core.connections})

    def _write_no_connections(self, core: Core) -> None:
        """Descriptors of kind NONE, of a kind that there is not, or of a format that there is not."""
        for number in self.unused(core):
            kind = int(self._random.choice([0, 0, max(ConnKind) + 1, 15, *range(1, max(ConnKind) + 1)]))
            fields = {"kind": kind, "groups": 1}
            wrong = [{"format": max(WeightFormat) + 1}]
            wrong += [{"delays": 1}] if kind in (ConnKind.PORT, ConnKind.CONV) else []
            wrong += [{"wide": 1}] if kind not in (ConnKind.NONE, ConnKind.SPARSE) else []
            if kind in set(ConnKind) - {ConnKind.NONE}:
                fields |= self._random.choice(wrong)
            core.entry("CONNECTION", number, fields, regs.CONNECTION_WORDS)

    def _write_tables(self, core: Core) -> None:
        parts = self.chip.synapse_parts
        lines: set[int] = set()
        if self.bad:
            self._write_no_connections(core)
        for connection in core.connections:
            fields = connection.fields
            core.entry("CONNECTION", connection.number, fields, regs.CONNECTION_WORDS)
            lines |= set(connection.weights)
            for line, words in connection.tables.items():
                core.put("SYNAPSE", line * parts, words)
                core.fixed.append(core.items[-1])
        for first, count in _runs(sorted(lines)):
            weights = self._random.integers(0, 2**32, count * parts, dtype=np.uint32).tolist()
            core.put("SYNAPSE", first * parts, weights)
        for number, population in enumerate(core.populations, core.first_population):
            core.entry("POPULATION", number, population, regs.POPULATION_WORDS)
        for stage, (first, count) in enumerate(core.stages):
            core.entry("STAGE", stage, {"first": core.first_population + first, "count": count}, 1)


def _lines(fields: dict[str, int]) -> int:
    """Lines of a row of weights."""
    words = fields["groups"]
    weights = {WeightFormat.BITS4: (words + 1) // 2, WeightFormat.BITS16: 2 * words}
    return weights.get(fields["format"], words) + words * fields.get("delays", 0)


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Give the first number and the length of each run of consecutive numbers."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == sum(found[-1]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
