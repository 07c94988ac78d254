"""Random networks of the whole chip as configuration flits, and random streams of events for them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
from core_programs import ARITHMETIC, instruction, random_instruction, start_program, word

from lava_hw import regs
from lava_hw.chip import Chip
from lava_hw.device.flits import token, writes
from lava_hw.regs import CoreRegion, Opcode, TokenIn
from tests.tables import packed

VARIABLES, CONSTANTS, STAGES = 8, 8, 2
CHANNEL_MASK, CHANNEL_GRADED = 0, 1


@dataclass
class Population:
    core: int
    number: int
    stage: int
    groups: int
    tail: int
    acc_base: int
    routes: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class Port:
    """A connection that the host sends to."""

    core: int
    conn: int
    sources: int
    window: int  # stage whose CLOSE follows its events


class Network:
    """A network of one to four populations a core in two stages, with random programs and weights.

    Events for slot 0 go only from stage 0 (or the window before stage 1) to stage 1, so that no accumulator
    is read and written in one stage: the answer is then defined.
    """

    def __init__(self, chip: Chip, seed: int) -> None:
        self.chip = chip
        self.random = random.Random(seed)
        self.blocks: list[tuple[int, int, list[int]]] = []
        self.ports: list[Port] = []
        self.used: dict[int, list[tuple[CoreRegion, int, int]]] = {core: [] for core in chip.cores}
        self._conns = dict.fromkeys(chip.cores, 0)
        self._lines = dict.fromkeys(chip.cores, 0)
        populations = [p for core in chip.cores for p in self._populations(core)]
        for target in populations:
            for _ in range(self.random.randrange(1, 4)):
                self._connect(target, self.random.choice([None, *populations]))
        for stream, population in enumerate(populations):  # names of streams may come again
            for channel in (CHANNEL_MASK, CHANNEL_GRADED):
                route = regs.ROUTE1.pack(egress=1, conn=(2 * stream + channel) % 256)
                population.routes.append((self._groups_of(population, channel), route))
        for core in chip.cores:
            self._write_core(core, [p for p in populations if p.core == core])

    def _put(self, core: int, region: CoreRegion, offset: int, words: list[int]) -> None:
        self.blocks.append((core, regs.CORE_ADDR.pack(region=region, offset=offset), words))

    def _populations(self, core: int) -> list[Population]:
        found, group, rng = [], 0, self.random
        for stage in (0, 0, 1, 1):
            if found and rng.random() < 0.4:
                continue
            groups, tail = rng.randrange(1, 4), rng.randrange(1, self.chip.lanes + 1)
            found.append(Population(core, len(found), stage, groups, tail, group))
            group += groups
        return found

    def _groups_of(self, population: Population, channel: int) -> int:
        return regs.ROUTE0.pack(first=0, groups=population.groups, channel=channel)

    def _connect(self, target: Population, source: Population | None) -> None:
        rng, lanes, core = self.random, self.chip.lanes, target.core
        window = rng.randrange(STAGES)
        sources = source.groups * lanes if source else rng.randrange(1, 3 * lanes)
        dense = rng.random() < 0.7 or sources > target.groups * lanes
        early = source.stage == 0 if source else window == 1
        slot = 0 if early and target.stage == 1 and rng.random() < 0.5 else rng.randrange(1, 3)
        number, first = self._conns[core], self._lines[core]
        self._conns[core] += 1
        kind = regs.ConnKind.DENSE if dense else regs.ConnKind.PORT
        flags = {
            "is_signed": rng.randrange(2),
            "negate": rng.randrange(2),
            "shift": rng.choice([0, 1, 6, 31]),
        }
        words = packed(
            "CONNECTION", kind=kind, slot=slot, **flags, acc_base=target.acc_base, groups=target.groups,
            syn_base=first, stride=target.groups, sources=sources,
            targets=(target.groups - 1) * lanes + target.tail,
        )  # fmt: skip
        self._put(core, CoreRegion.CONNECTION, 8 * number, words)
        if dense:
            parts = sources * target.groups * self.chip.synapse_parts
            weights = [rng.getrandbits(32) for _ in range(parts)]
            address = regs.CORE_ADDR.pack(synapse=1) | first * self.chip.synapse_parts
            self.blocks.append((core, address, weights))
            self._lines[core] += sources * target.groups
        if source:
            channel = rng.choice([CHANNEL_MASK, CHANNEL_GRADED])
            route = regs.ROUTE1.pack(dest=core, conn=number)
            source.routes.append((self._groups_of(source, channel), route))
        else:
            self.ports.append(Port(core, number, sources, window))

    def _program(self, population: Population) -> list[int]:
        rng = self.random
        code = start_program(rng)
        code.append(instruction(Opcode.ACC, rd=1, b=0, sh=rng.choice([0, 1, 6, 58, 63]), last=1))
        for _ in range(rng.randrange(4, 12)):
            op = rng.choice(ARITHMETIC)
            code.append(random_instruction(rng, op, VARIABLES, CONSTANTS))
        code.append(instruction(Opcode.ADD, rd=2, ra=1, bsel=regs.Operand.STATE, b=0))
        code.append(instruction(Opcode.ST, ra=2, bsel=regs.Operand.STATE, b=0))
        emit = {"pen": 1, "p": rng.randrange(4), "pneg": rng.randrange(2)}
        code.append(instruction(Opcode.EMITM, rd=CHANNEL_MASK, aux=rng.randrange(2), **emit))
        if rng.random() < 0.7:
            code.append(
                instruction(Opcode.EMITG, rd=CHANNEL_GRADED, ra=rng.randrange(8), pen=1, p=rng.randrange(4))
            )
        return code

    def _write_core(self, core: int, populations: list[Population]) -> None:
        rng, lanes = self.random, self.chip.lanes
        pc = state = route = 0
        for p in populations:
            code = self._program(p)
            constants = [p.acc_base, *(word(rng) for _ in range(CONSTANTS - 1))]
            size = p.groups * VARIABLES
            self._put(core, CoreRegion.UCODE, pc, code)
            self._put(core, CoreRegion.CONSTANT, CONSTANTS * p.number, constants)
            self._put(core, CoreRegion.STATE, state * lanes, [word(rng) for _ in range(size * lanes)])
            self._put(core, CoreRegion.ROUTE, 2 * route, [w for pair in p.routes for w in pair])
            entry = packed(
                "POPULATION", pc=pc, count=len(code), nvars=VARIABLES, state_base=state,
                const_base=CONSTANTS * p.number, groups=p.groups, tail=p.tail, route_base=route,
                route_count=len(p.routes), index_base=rng.randrange(1000),
            )  # fmt: skip
            self._put(core, CoreRegion.POPULATION, 8 * p.number, entry)
            self.used[core].append((CoreRegion.STATE, state * lanes, size * lanes))
            pc, state, route = pc + len(code), state + size, route + len(p.routes)
        early = sum(p.stage == 0 for p in populations)
        table = [regs.STAGE.pack(first=0, count=early)]
        table.append(regs.STAGE.pack(first=early, count=len(populations) - early))
        self._put(core, CoreRegion.STAGE, 0, table)
        groups = sum(p.groups for p in populations)
        for slot in range(self.chip.delay_slots):
            offset = slot * self.chip.acc_pitch * lanes
            self.used[core].append((CoreRegion.ACC, offset, groups * lanes))

    def configuration(self) -> np.ndarray:
        """WRITE flits that load the network (uint64)."""
        parts = [writes(core, first + np.arange(len(words)), words) for core, first, words in self.blocks]
        parts.append(writes(regs.CONTROL_CORE, regs.ChipCsr.STAGES + np.arange(3), [STAGES, 0b11, 0b11]))
        return np.concatenate(parts)

    def stream(self, steps: int) -> np.ndarray:
        """RUN, events and CLOSE tokens for `steps` steps (uint64)."""
        flits = [int(token(TokenIn.RUN, steps)[0])]
        for step in range(1, steps + 1):
            for stage in range(STAGES):
                ports = [port for port in self.ports if port.window == stage]
                events = [flit for port in ports for flit in self._events(port)]
                self.random.shuffle(events)
                flits += [*events, int(token(TokenIn.CLOSE, step, stage)[0])]
        return np.array(flits, np.uint64)

    def _events(self, port: Port) -> list[int]:
        rng, found = self.random, []
        where = {"dest": port.core, "conn": port.conn}
        for _ in range(rng.randrange(4)):
            if rng.random() < 0.5:
                index, value = rng.randrange(port.sources), word(rng)
                kind = regs.FlitType.GRADED
            else:
                index = rng.randrange((port.sources + 31) // 32)
                value = rng.getrandbits(min(32, port.sources - 32 * index)) & rng.getrandbits(32)
                kind = rng.choice([regs.FlitType.MASK_POS, regs.FlitType.MASK_NEG])
            found.append(regs.EVENT_FLIT.pack(kind=kind, index=index, payload=value, **where))
        return found
