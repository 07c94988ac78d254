"""One neuro core in plain Python integers, written from docs/chip.md, to hold lhw_core against."""

from __future__ import annotations

import json
import operator
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field

from connection_model import M32, Connection, Fields, signed

from lava_hw import regs
from lava_hw.regs import Compare, FaultCode, Opcode
from tests.tables import unpacked


def fields_of(word: int) -> Fields:
    """All fields of an instruction; ACC and ACCADD have slot and last where others have ra, bsel and aux."""
    return regs.INSTRUCTION.unpack(word) | regs.INSTRUCTION_ACC.unpack(word)


BAD_OPCODE, STAGE_EVENT, INPUT_EVENT, BAD_ADDRESS = 1, 2, 4, 8
"""Bits of faults_o."""
OUTSIDE = 64
"""In `dest` of an event that the host sent."""


def fault_code(faults: int) -> FaultCode:
    """What the register FAULT shows: the worst of all faults, whichever was first."""
    if faults & BAD_OPCODE:
        return FaultCode.BAD_OPCODE
    if faults & (STAGE_EVENT | INPUT_EVENT):
        return FaultCode.BAD_EVENT
    return FaultCode.BAD_ADDRESS if faults else FaultCode.NONE


@dataclass(frozen=True)
class Shape:
    """Parameters of lhw_core, by their SystemVerilog names, and its number, which is no parameter."""

    core: int = 5
    Lanes: int = 8
    Word: int = 64
    StateLines: int = 256
    AccGroups: int = 32
    DelaySlots: int = 4
    SynLines: int = 1024
    UcodeWords: int = 256
    ConstWords: int = 256
    Populations: int = 16
    Connections: int = 16
    Routes: int = 32

    def parameters(self) -> dict[str, int]:
        """What the module is built with."""
        return {name: value for name, value in asdict(self).items() if name != "core"}

    def environment(self) -> dict[str, str]:
        """What the tests in the simulation take the shape from."""
        return {"LHW_SHAPE": json.dumps(asdict(self))}

    @staticmethod
    def of_environment() -> Shape:
        """The shape of the module that is tested."""
        return Shape(**json.loads(os.environ["LHW_SHAPE"]))

    @property
    def pitch(self) -> int:
        """Accumulator groups from one slot to the next."""
        return 1 << (self.AccGroups - 1).bit_length()

    def depths(self) -> dict[object, int]:
        """Words of each region; the key None is the synapse memory."""
        region = regs.CoreRegion
        return {
            None: self.SynLines * self.Word // 32,
            region.CSR: len(regs.CoreCsr),
            region.STATE: self.StateLines * self.Lanes,
            region.ACC: self.DelaySlots * self.pitch * self.Lanes,
            region.UCODE: self.UcodeWords,
            region.CONSTANT: self.ConstWords,
            region.POPULATION: self.Populations * regs.POPULATION_WORDS,
            region.CONNECTION: self.Connections * regs.CONNECTION_WORDS,
            region.ROUTE: self.Routes * regs.ROUTE_WORDS,
            region.STAGE: regs.MAX_STAGES,
        }


def address(region: regs.CoreRegion | None, offset: int) -> int:
    if region is None:
        return regs.CORE_ADDR.pack(synapse=1) | offset
    return regs.CORE_ADDR.pack(region=region, offset=offset)


@dataclass
class Model:
    """Memories, counters and the behaviour of one core."""

    shape: Shape
    words: dict[int, int] = field(default_factory=dict)
    acc: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    step: int = 0
    faults: int = 0
    spikes_in: int = 0
    spikes_out: int = 0
    synops: int = 0

    # ------------------------------------------------------------------ configuration
    def split(self, addr: int) -> tuple[regs.CoreRegion | None, int] | None:
        """Region and offset of a word, None if there is no such word."""
        parts = regs.CORE_ADDR.unpack(addr)
        if parts["synapse"]:
            region, offset = None, addr & 0x3FFFFF
        else:
            region, offset = parts["region"], parts["offset"]
            if region not in list(regs.CoreRegion):
                return None
            region = regs.CoreRegion(region)
        return (region, offset) if offset < self.shape.depths()[region] else None

    def write(self, addr: int, data: int) -> None:
        place = self.split(addr)
        if place is None:
            self.fail(BAD_ADDRESS)
            return
        region, offset = place
        if region == regs.CoreRegion.ACC:
            group, lane = divmod(offset, self.shape.Lanes)
            key = divmod(group, self.shape.pitch)
            self.acc.setdefault(key, [0] * self.shape.Lanes)[lane] = data
        elif region != regs.CoreRegion.CSR:
            self.words[addr] = data

    def read(self, addr: int) -> int:
        place = self.split(addr)
        if place is None:
            self.fail(BAD_ADDRESS)
            return 0
        region, offset = place
        if region == regs.CoreRegion.ACC:
            group, lane = divmod(offset, self.shape.Lanes)
            return self.group(*divmod(group, self.shape.pitch))[lane]
        if region == regs.CoreRegion.CSR:
            csr = regs.CoreCsr
            return {
                csr.ID: self.shape.core,
                csr.SPIKES_IN: self.spikes_in & M32,
                csr.SPIKES_OUT: self.spikes_out & M32,
                csr.SYNOPS_LO: self.synops & M32,
                csr.SYNOPS_HI: self.synops >> 32,
                csr.FAULT: int(fault_code(self.faults)),
            }[csr(offset)]
        return self.words[addr]

    def fail(self, fault: int) -> None:
        self.faults |= fault

    def clear(self) -> None:
        self.acc.clear()
        self.step = self.faults = self.spikes_in = self.spikes_out = self.synops = 0

    def word(self, region: regs.CoreRegion | None, offset: int) -> int:
        return self.words[address(region, offset)]

    # ------------------------------------------------------------------ accumulators and events
    def group(self, slot: int, group: int) -> list[int]:
        return self.acc.get((slot, group), [0] * self.shape.Lanes)

    def line(self, number: int) -> list[int]:
        """Bytes of a line of the synapse memory."""
        parts = self.shape.Word // 32
        return [
            byte for i in range(parts) for byte in self.word(None, number * parts + i).to_bytes(4, "little")
        ]

    def entry(self, base: int, number: int) -> int:
        """A word of a table that begins with line `base`."""
        return self.word(None, base * (self.shape.Word // 32) + number)

    def add_to(self, slot: int, group: int, lane: int, value: int) -> None:
        """Add to one accumulator; it counts modulo their number."""
        slot, group = divmod(
            (slot * self.shape.pitch + group) % (self.shape.DelaySlots * self.shape.pitch), self.shape.pitch
        )
        values = [value if at == lane else 0 for at in range(self.shape.Lanes)]
        self.add(slot, group, values)

    def add(self, slot: int, group: int, values: list[int]) -> None:
        old = self.group(slot, group)
        self.acc[slot, group] = [(a + b) & M32 for a, b in zip(old, values, strict=True)]

    def event(self, flit: int) -> None:
        """Take one event flit."""
        event = regs.EVENT_FLIT.unpack(flit)
        bad = INPUT_EVENT if event["dest"] & OUTSIDE else STAGE_EVENT
        found = self.sources(event)
        if found is None or event["conn"] >= self.shape.Connections:
            self.fail(bad)
            return
        start = address(regs.CoreRegion.CONNECTION, 8 * event["conn"])
        c = unpacked("CONNECTION", [self.words.get(start + i, 0) for i in range(8)])
        if not Connection.known(c):
            self.fail(bad)
            return
        value, sources = found
        connection = Connection(self, c, value)
        for source in sources:
            if source < connection.sources:
                connection.add(source)
            else:
                self.fail(bad)

    def sources(self, event: Fields) -> tuple[int, list[int]] | None:
        """Value and sources of an event, None if it is none; counts its spikes."""
        if event["kind"] == regs.FlitType.GRADED:
            self.spikes_in += 1
            return event["payload"], [event["index"]] if event["payload"] else []
        if event["kind"] not in (regs.FlitType.MASK_POS, regs.FlitType.MASK_NEG):
            return None
        sources = [32 * event["index"] + bit for bit in range(32) if event["payload"] >> bit & 1]
        self.spikes_in += len(sources)
        return 1 if event["kind"] == regs.FlitType.MASK_POS else M32, sources

    # ------------------------------------------------------------------ neuron engine
    def run(self, stage: int, step: int) -> list[int]:
        """Run a stage; give the flits that it sends, in no particular order."""
        if stage == 0:
            self.step = step
        populations = regs.STAGE.unpack(self.word(regs.CoreRegion.STAGE, stage))
        flits: list[int] = []
        for population in range(populations["first"], populations["first"] + populations["count"]):
            first = 8 * population
            pop = unpacked("POPULATION", [self.word(regs.CoreRegion.POPULATION, first + i) for i in range(5)])
            for group in range(pop["groups"]):
                Group(self, pop, group, flits).run()
        return flits


# What a lane of ra and one of B become, by opcode; the third is the field sh.
ARITHMETIC: dict[int, Callable[[int, int, int], int]] = {
    Opcode.ADD: lambda x, y, sh: x + y,
    Opcode.SUB: lambda x, y, sh: x - y,
    Opcode.MUL: lambda x, y, sh: (x * y) >> sh,
    Opcode.MULTZ: lambda x, y, sh: (1 if x * y >= 0 else -1) * (abs(x * y) >> sh),
    Opcode.SHV: lambda x, y, sh: x << min(y, 32) if y >= 0 else x >> min(-y, 32),
    Opcode.MIN: lambda x, y, sh: min(x, y),
    Opcode.MAX: lambda x, y, sh: max(x, y),
    Opcode.CLIP: lambda x, y, sh: max(min(x, y), signed(-y)),
}
# What a lane of ra becomes; these have no operand B.
OF_ONE: dict[int, Callable[[int], int]] = {
    Opcode.ABS: abs,
    Opcode.WRAP: lambda x: x - 2**24 if x > 2**23 else x + 2**24 if x <= -(2**23) else x,
}
COMPARE: dict[int, Callable[[int, int], bool]] = {
    Compare.GT: operator.gt,
    Compare.LT: operator.lt,
    Compare.GE: operator.ge,
    Compare.LE: operator.le,
    Compare.EQ: operator.eq,
    Compare.NE: operator.ne,
}


def shifted(values: Iterable[int], sh: int) -> list[int]:
    """Sums as ACC reads them: `sh` is a two's complement, left if it is not negative."""
    amount = signed(sh, 6)
    return [signed(v) << amount if amount >= 0 else signed(v) >> -amount for v in values]


class Group:
    """One group of a population while its program runs; what it sends is appended to `flits`."""

    def __init__(self, model: Model, pop: Fields, group: int, flits: list[int]) -> None:
        self.model, self.pop, self.group, self.flits = model, pop, group, flits
        self.lanes = model.shape.Lanes
        # Undefined before they are written: a program that reads them unwritten breaks this model.
        self.register: list[list[int] | None] = [None] * regs.REGISTERS
        self.mask: list[list[bool] | None] = [None] * regs.MASKS

    def run(self) -> None:
        for pc in range(self.pop["pc"], self.pop["pc"] + self.pop["count"]):
            self.execute(fields_of(self.model.word(regs.CoreRegion.UCODE, pc)))

    def line(self, variable: int) -> int:
        return self.pop["state_base"] + self.group * self.pop["nvars"] + variable

    def load(self, variable: int) -> list[int]:
        start = self.line(variable) * self.lanes
        return [self.model.word(regs.CoreRegion.STATE, start + lane) for lane in range(self.lanes)]

    def constant(self, index: int) -> int:
        return self.model.word(regs.CoreRegion.CONSTANT, self.pop["const_base"] + index)

    def operand(self, i: Fields) -> list[int]:
        kind = i["bsel"]
        if kind == regs.Operand.REG:
            return [signed(v) for v in self.register[i["b"] & 7]]
        if kind == regs.Operand.STATE:
            return [signed(v) for v in self.load(i["b"])]
        return [
            signed(self.constant(i["b"])) if kind == regs.Operand.CONST else signed(i["b"], 6)
        ] * self.lanes

    def pairs(self, i: Fields) -> list[tuple[int, int]]:
        return list(zip([signed(v) for v in self.register[i["ra"]]], self.operand(i), strict=True))

    def accumulators(self, ahead: int, i: Fields) -> tuple[int, int]:
        """Slot and group of an instruction for the accumulators."""
        slot = (self.model.step + ahead) % self.model.shape.DelaySlots
        return slot, self.constant(i["b"]) + self.group

    # ------------------------------------------------------------------ instructions
    def execute(self, i: Fields) -> None:
        op = i["op"]
        if op not in VALUES and op not in ACTIONS:
            self.model.fail(BAD_OPCODE)
            return
        active = [True] * self.lanes
        if i["pen"]:
            active = [bit != bool(i["pneg"]) for bit in self.mask[i["p"]]]
        if op in ACTIONS:
            ACTIONS[op](self, i, active)
        else:
            new = VALUES[op](self, i)
            old = self.register[i["rd"]] if not all(active) else new
            self.register[i["rd"]] = [
                (x if on else y) & M32 for x, y, on in zip(new, old, active, strict=True)
            ]

    def acc(self, i: Fields) -> list[int]:
        key = self.accumulators(i["slot"], i)
        result = shifted(self.model.group(*key), i["sh"])
        if i["last"]:
            self.model.acc.pop(key, None)
        return result

    def time(self, i: Fields) -> list[int]:
        return [self.model.step] * self.lanes

    def idx(self, i: Fields) -> list[int]:
        return [self.pop["index_base"] + self.group * self.lanes + lane for lane in range(self.lanes)]

    def of_one(self, i: Fields) -> list[int]:
        return [OF_ONE[i["op"]](signed(v)) for v in self.register[i["ra"]]]

    def arithmetic(self, i: Fields) -> list[int]:
        return [ARITHMETIC[i["op"]](x, y, i["sh"]) for x, y in self.pairs(i)]

    def nop(self, i: Fields, active: list[bool]) -> None:
        pass

    def st(self, i: Fields, active: list[bool]) -> None:
        start = self.line(i["b"]) * self.lanes
        for lane, value in enumerate(self.register[i["ra"]]):
            if active[lane]:
                self.model.words[address(regs.CoreRegion.STATE, start + lane)] = value

    def accadd(self, i: Fields, active: list[bool]) -> None:
        values = [v if on else 0 for v, on in zip(self.register[i["rd"]], active, strict=True)]
        self.model.add(*self.accumulators(i["slot"], i), values)

    def plog(self, i: Fields, active: list[bool]) -> None:
        pairs = zip(self.mask[i["ra"] & 3], self.mask[i["b"] & 3], strict=True)
        self.set_mask(i, [bool(i["sh"] >> (2 * first + second) & 1) for first, second in pairs], active)

    def cmp(self, i: Fields, active: list[bool]) -> None:
        self.set_mask(i, [COMPARE[i["aux"]](x, y) for x, y in self.pairs(i)], active)

    def set_mask(self, i: Fields, new: list[bool], active: list[bool]) -> None:
        old = self.mask[i["rd"] & 3] if not all(active) else new
        self.mask[i["rd"] & 3] = [x if on else y for x, y, on in zip(new, old, active, strict=True)]

    # ------------------------------------------------------------------ emissions
    def sent(self, active: list[bool]) -> list[bool]:
        """Which lanes may send: none beyond the tail of the last group."""
        last = self.group == self.pop["groups"] - 1
        return [on and (lane < self.pop["tail"] or not last) for lane, on in enumerate(active)]

    def emitm(self, i: Fields, active: list[bool]) -> None:
        sent, first = self.sent(active), self.group * self.lanes
        self.model.spikes_out += sum(sent)
        if any(sent):
            kind = regs.FlitType.MASK_NEG if i["aux"] & 1 else regs.FlitType.MASK_POS
            bits = sum(1 << lane for lane, on in enumerate(sent) if on) << first % 32
            for route in self.routes(i["rd"]):
                self.send(kind, route, first // 32 + route["index_base"], bits)

    def emitg(self, i: Fields, active: list[bool]) -> None:
        values = self.register[i["ra"]]
        sent = [on and value != 0 for value, on in zip(values, self.sent(active), strict=True)]
        self.model.spikes_out += sum(sent)
        for route in self.routes(i["rd"]):
            first = self.group * self.lanes + 32 * route["index_base"]
            for lane, on in enumerate(sent):
                if on:
                    self.send(regs.FlitType.GRADED, route, first + lane, values[lane])

    def routes(self, channel: int) -> Iterator[Fields]:
        """Routes of the population that take an emission of this group."""
        start, count = self.pop["route_base"], self.pop["route_count"]
        for route in range(start, start + count):
            takes = regs.ROUTE0.unpack(self.model.word(regs.CoreRegion.ROUTE, 2 * route))
            in_range = takes["first"] <= self.group < takes["first"] + takes["groups"]
            if takes["channel"] == channel and in_range:
                yield regs.ROUTE1.unpack(self.model.word(regs.CoreRegion.ROUTE, 2 * route + 1))

    def send(self, kind: int, route: Fields, index: int, payload: int) -> None:
        to = {key: route[key] for key in ("egress", "dest", "conn")}
        self.flits.append(regs.EVENT_FLIT.pack(kind=kind, **to, index=index % 4096, payload=payload))


# Instructions that write a register, and what they write; and the others.
VALUES: dict[int, Callable[[Group, Fields], list[int]]] = {
    Opcode.MOV: Group.operand,
    Opcode.ACC: Group.acc,
    Opcode.TIME: Group.time,
    Opcode.IDX: Group.idx,
    **dict.fromkeys(OF_ONE, Group.of_one),
    **dict.fromkeys(ARITHMETIC, Group.arithmetic),
}
ACTIONS: dict[int, Callable[[Group, Fields, list[bool]], None]] = {
    Opcode.NOP: Group.nop,
    Opcode.ST: Group.st,
    Opcode.ACCADD: Group.accadd,
    Opcode.CMP: Group.cmp,
    Opcode.PLOG: Group.plog,
    Opcode.EMITM: Group.emitm,
    Opcode.EMITG: Group.emitg,
}
