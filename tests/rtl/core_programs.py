"""Random and known programs, populations, connections and events for the tests of lhw_core."""

from __future__ import annotations

import random
from dataclasses import dataclass

from core_driver import Core

from lava_hw import regs
from lava_hw.regs import CoreRegion, Opcode, Operand
from tests.tables import packed

EXTREMES = [0, 1, 2, 31, 32, 33, 2**23 - 1, 2**23, 2**23 + 1, 2**24, 2**31 - 1, 2**31, 2**31 + 1]
EXTREMES += [(-value) % 2**32 for value in EXTREMES]


def word(rng: random.Random) -> int:
    """A 32-bit number: extreme, small or of any size, with either sign."""
    kind = rng.randrange(3)
    if kind == 0:
        return rng.choice(EXTREMES)
    value = rng.getrandbits(rng.randrange(1, 32) if kind == 1 else 32)
    return (-value if rng.random() < 0.5 else value) % 2**32


def instruction(op: Opcode, slot: int = 0, last: int = 0, **fields: int) -> int:
    """The word of an instruction; `slot` and `last` are those of ACC and ACCADD."""
    return regs.INSTRUCTION.pack(op=op, **fields) | regs.INSTRUCTION_ACC.pack(slot=slot, last=last)


def start_program(rng: random.Random) -> list[int]:
    """Instructions that write every register and mask once."""
    code = []
    for register in range(regs.REGISTERS):
        source = rng.choice([Operand.STATE, Operand.CONST, Operand.IMM])
        code.append(instruction(Opcode.MOV, rd=register, bsel=source, b=rng.randrange(8)))
    for mask in range(regs.MASKS):
        aux = rng.choice(list(regs.Compare))
        fields = {"ra": rng.randrange(8), "bsel": Operand.REG, "b": rng.randrange(8)}
        code.append(instruction(Opcode.CMP, rd=mask, aux=aux, **fields))
    return code


ARITHMETIC = [
    Opcode.MOV, Opcode.ADD, Opcode.SUB, Opcode.MUL, Opcode.MULTZ, Opcode.SHV, Opcode.MIN, Opcode.MAX,
    Opcode.CLIP, Opcode.ABS, Opcode.WRAP, Opcode.CMP, Opcode.PLOG, Opcode.TIME, Opcode.IDX, Opcode.NOP,
    Opcode.ST,
]  # fmt: skip


def random_instruction(rng: random.Random, op: Opcode, variables: int, constants: int) -> int:
    """An instruction of that opcode with random operands."""
    source = rng.choice(list(Operand))
    if op == Opcode.ST:
        source = Operand.STATE
    b = {Operand.REG: 8, Operand.STATE: variables, Operand.CONST: constants, Operand.IMM: 64}[source]
    fields = {"rd": rng.randrange(8), "ra": rng.randrange(8), "bsel": source, "b": rng.randrange(b)}
    fields["sh"] = rng.randrange(64)
    if op == Opcode.PLOG:
        fields["b"] = rng.randrange(4)
    fields["aux"] = rng.choice(list(regs.Compare)) if op == Opcode.CMP else rng.randrange(8)
    if rng.random() < 0.4:
        fields |= {"pen": 1, "pneg": rng.randrange(2), "p": rng.randrange(4)}
    return instruction(op, **fields)


@dataclass
class Room:
    """Next free place of each memory."""

    pc: int = 0
    state: int = 0
    constant: int = 0
    population: int = 0
    route: int = 0
    group: int = 0


def put_population(
    core: Core, room: Room, code: list[int], *, groups: int, variables: int, constants: list[int], tail: int,
    routes: list[tuple[int, int]], index_base: int = 0, state: list[int] | None = None,
) -> None:  # fmt: skip
    """Write a program and its population at the next free places; state is random unless given."""
    lanes = core.shape.Lanes
    core.put(CoreRegion.UCODE, room.pc, code)
    core.put(CoreRegion.CONSTANT, room.constant, constants)
    amount = groups * variables * lanes
    state = state or [word(core.random) for _ in range(amount)]
    core.put(CoreRegion.STATE, room.state * lanes, state)
    for i, pair in enumerate(routes):
        core.put(CoreRegion.ROUTE, 2 * (room.route + i), pair)
    entry = packed(
        "POPULATION", pc=room.pc, count=len(code), nvars=variables, state_base=room.state,
        const_base=room.constant, groups=groups, tail=tail, route_base=room.route, route_count=len(routes),
        index_base=index_base,
    )  # fmt: skip
    core.put(CoreRegion.POPULATION, 8 * room.population, entry)
    room.pc += len(code)
    room.constant += len(constants)
    room.state += groups * variables
    room.route += len(routes)
    room.population += 1


def random_route(rng: random.Random, groups: int) -> tuple[int, int]:
    first = rng.randrange(groups)
    taken = rng.randrange(1, groups - first + 2)
    egress = rng.randrange(2)
    return (
        regs.ROUTE0.pack(first=first, groups=taken, channel=rng.randrange(8)),
        regs.ROUTE1.pack(
            index_base=rng.choice([0, rng.getrandbits(12)]),
            conn=rng.randrange(256),
            dest=rng.randrange(56) if not egress else 0,
            egress=egress,
        ),
    )


def put_connection(core: Core, number: int, **fields: int) -> None:
    """Write a descriptor; the fields of all its words by name."""
    core.put(CoreRegion.CONNECTION, 8 * number, packed("CONNECTION", **fields))


def mask_event(conn: int, block: int, bits: int, negative: bool = False, dest: int = 5) -> int:
    kind = regs.FlitType.MASK_NEG if negative else regs.FlitType.MASK_POS
    return regs.EVENT_FLIT.pack(kind=kind, dest=dest, conn=conn, index=block, payload=bits)


def graded_event(conn: int, index: int, value: int, dest: int = 5) -> int:
    return regs.EVENT_FLIT.pack(
        kind=regs.FlitType.GRADED, dest=dest, conn=conn, index=index, payload=value % 2**32
    )


def lif_program() -> list[int]:
    """Leaky integrate and fire: u, v, bias in state 0, 1, 2; du, dv, threshold, group in constants 0 to 3."""
    state, const, reg = Operand.STATE, Operand.CONST, Operand.REG
    return [
        instruction(Opcode.MOV, rd=0, bsel=state, b=0),
        instruction(Opcode.MULTZ, rd=0, ra=0, bsel=const, b=0, sh=12),
        instruction(Opcode.ACC, rd=1, b=3, sh=6, last=1),
        instruction(Opcode.ADD, rd=0, ra=0, bsel=reg, b=1),
        instruction(Opcode.ST, ra=0, bsel=state, b=0),
        instruction(Opcode.MOV, rd=2, bsel=state, b=1),
        instruction(Opcode.MULTZ, rd=2, ra=2, bsel=const, b=1, sh=12),
        instruction(Opcode.ADD, rd=2, ra=2, bsel=reg, b=0),
        instruction(Opcode.ADD, rd=2, ra=2, bsel=state, b=2),
        instruction(Opcode.CMP, rd=0, ra=2, bsel=const, b=2, aux=regs.Compare.GE),
        instruction(Opcode.MOV, rd=2, bsel=Operand.IMM, b=0, pen=1, p=0),
        instruction(Opcode.ST, ra=2, bsel=state, b=1),
        instruction(Opcode.EMITM, rd=0, pen=1, p=0),
    ]
