"""One neuro core in plain Python integers, written from docs/chip.md, to hold lhw_core against."""

from __future__ import annotations

from dataclasses import dataclass, field

from lava_hw import regs

M32 = 0xFFFFFFFF


def signed(value: int, bits: int = 32) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


@dataclass(frozen=True)
class Shape:
    """Parameters of lhw_core, by their SystemVerilog names."""

    CoreId: int = 5
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

    def depths(self) -> dict[object, int]:
        """Words of each region; the key None is the synapse memory."""
        region = regs.CoreRegion
        return {
            None: self.SynLines * self.Word // 32,
            region.CSR: len(regs.CoreCsr),
            region.STATE: self.StateLines * self.Lanes,
            region.ACC: self.DelaySlots * self.AccGroups * self.Lanes,
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
    fault: int = 0
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
            self.fail(regs.FaultCode.BAD_ADDRESS)
            return
        region, offset = place
        if region == regs.CoreRegion.ACC:
            group, lane = divmod(offset, self.shape.Lanes)
            key = divmod(group, self.shape.AccGroups)
            self.acc.setdefault(key, [0] * self.shape.Lanes)[lane] = data
        elif region != regs.CoreRegion.CSR:
            self.words[addr] = data

    def read(self, addr: int) -> int:
        place = self.split(addr)
        if place is None:
            self.fail(regs.FaultCode.BAD_ADDRESS)
            return 0
        region, offset = place
        if region == regs.CoreRegion.ACC:
            group, lane = divmod(offset, self.shape.Lanes)
            return self.group(*divmod(group, self.shape.AccGroups))[lane]
        if region == regs.CoreRegion.CSR:
            csr = regs.CoreCsr
            return {
                csr.ID: self.shape.CoreId,
                csr.SPIKES_IN: self.spikes_in & M32,
                csr.SPIKES_OUT: self.spikes_out & M32,
                csr.SYNOPS_LO: self.synops & M32,
                csr.SYNOPS_HI: self.synops >> 32,
                csr.FAULT: self.fault,
            }[csr(offset)]
        return self.words[addr]

    def fail(self, code: int) -> None:
        self.fault = self.fault or int(code)

    def clear(self) -> None:
        self.acc.clear()
        self.step = self.fault = self.spikes_in = self.spikes_out = self.synops = 0

    def word(self, region: regs.CoreRegion | None, offset: int) -> int:
        return self.words[address(region, offset)]

    # ------------------------------------------------------------------ accumulators and events
    def group(self, slot: int, group: int) -> list[int]:
        return self.acc.get((slot, group), [0] * self.shape.Lanes)

    def add(self, slot: int, group: int, values: list[int]) -> None:
        old = self.group(slot, group)
        self.acc[slot, group] = [(a + b) & M32 for a, b in zip(old, values, strict=True)]

    def event(self, flit: int) -> None:
        """Take one event flit."""
        event = regs.EVENT_FLIT.unpack(flit)
        lanes = self.shape.Lanes
        if event["kind"] == regs.FlitType.GRADED:
            self.spikes_in += 1
            value, sources = event["payload"], [event["index"]] if event["payload"] else []
        elif event["kind"] in (regs.FlitType.MASK_POS, regs.FlitType.MASK_NEG):
            value = 1 if event["kind"] == regs.FlitType.MASK_POS else M32
            sources = [32 * event["index"] + bit for bit in range(32) if event["payload"] >> bit & 1]
            self.spikes_in += len(sources)
        else:
            self.fail(regs.FaultCode.BAD_EVENT)
            return
        if event["conn"] >= self.shape.Connections:
            self.fail(regs.FaultCode.BAD_EVENT)
            return
        w = [self.words.get(address(regs.CoreRegion.CONNECTION, 8 * event["conn"] + i), 0) for i in range(6)]
        head = regs.CONNECTION0.unpack(w[0])
        groups, base = regs.CONNECTION1.get(w[1], "groups"), regs.CONNECTION1.get(w[1], "acc_base")
        slot = (self.step + head["slot"]) % self.shape.DelaySlots
        if head["format"] != regs.WeightFormat.BITS8:
            self.fail(regs.FaultCode.BAD_EVENT)
        elif head["kind"] == regs.ConnKind.PORT:
            for n in sources:
                if n >= groups * lanes:
                    self.fail(regs.FaultCode.BAD_EVENT)
                    continue
                row = [0] * lanes
                row[n % lanes] = (value << head["shift"]) & M32
                self.add(slot, base + n // lanes, row)
        elif head["kind"] == regs.ConnKind.DENSE:
            for n in sources:
                if n >= regs.CONNECTION4.get(w[4], "sources"):
                    self.fail(regs.FaultCode.BAD_EVENT)
                    continue
                self.synops += regs.CONNECTION5.get(w[5], "targets")
                for j in range(groups):
                    line = (
                        regs.CONNECTION2.get(w[2], "syn_base") + n * regs.CONNECTION3.get(w[3], "stride") + j
                    )
                    parts = self.shape.Word // 32
                    raw = b"".join(
                        self.word(None, line * parts + i).to_bytes(4, "little") for i in range(parts)
                    )
                    row = [signed(byte, 8) if head["is_signed"] else byte for byte in raw]
                    row = [-weight if head["negate"] else weight for weight in row]
                    self.add(slot, base + j, [(weight << head["shift"]) & M32 for weight in row])
        else:
            self.fail(regs.FaultCode.BAD_EVENT)

    # ------------------------------------------------------------------ neuron engine
    def run(self, stage: int, step: int) -> list[int]:
        """Run a stage; give the flits that it sends, in no particular order."""
        if stage == 0:
            self.step = step
        entry = regs.STAGE.unpack(self.word(regs.CoreRegion.STAGE, stage))
        flits: list[int] = []
        for population in range(entry["first"], entry["first"] + entry["count"]):
            words = [self.word(regs.CoreRegion.POPULATION, 8 * population + i) for i in range(5)]
            pop: dict[str, int] = {}
            names = ("POPULATION0", "POPULATION1", "POPULATION2", "POPULATION3", "POPULATION4")
            for layout, word in zip(names, words, strict=True):
                pop |= getattr(regs, layout).unpack(word)
            for group in range(pop["groups"]):
                Group(self, pop, group).run(flits)
        return flits


class Group:
    """One group of a population while its program runs."""

    def __init__(self, model: Model, pop: dict[str, int], group: int) -> None:
        self.model, self.pop, self.group = model, pop, group
        self.lanes = model.shape.Lanes
        # Undefined before they are written: a program that reads them unwritten breaks this model.
        self.register: list[list[int] | None] = [None] * regs.REGISTERS
        self.mask: list[list[bool] | None] = [None] * regs.MASKS

    def run(self, flits: list[int]) -> None:
        for pc in range(self.pop["pc"], self.pop["pc"] + self.pop["count"]):
            self.execute(regs.INSTRUCTION.unpack(self.model.word(regs.CoreRegion.UCODE, pc)), flits)

    def line(self, variable: int) -> int:
        return self.pop["state_base"] + self.group * self.pop["nvars"] + variable

    def load(self, variable: int) -> list[int]:
        start = self.line(variable) * self.lanes
        return [self.model.word(regs.CoreRegion.STATE, start + lane) for lane in range(self.lanes)]

    def constant(self, index: int) -> int:
        return self.model.word(regs.CoreRegion.CONSTANT, self.pop["const_base"] + index)

    def operand(self, i: dict[str, int]) -> list[int]:
        kind = i["bsel"]
        if kind == regs.Operand.REG:
            return [signed(v) for v in self.register[i["b"] & 7]]
        if kind == regs.Operand.STATE:
            return [signed(v) for v in self.load(i["b"])]
        return [
            signed(self.constant(i["b"])) if kind == regs.Operand.CONST else signed(i["b"], 6)
        ] * self.lanes

    def execute(self, i: dict[str, int], flits: list[int]) -> None:
        op, model, lanes = i["op"], self.model, range(self.lanes)
        code = regs.Opcode
        if op > code.EMITG or op in (code.ADDS, code.MADTZ, code.BCAST):
            model.fail(regs.FaultCode.BAD_OPCODE)
            return
        active = [True] * self.lanes
        if i["pen"]:
            active = [bit != bool(i["pneg"]) for bit in self.mask[i["p"]]]
        if op == code.NOP:
            return
        if op in (code.ST, code.ACCADD, code.EMITG):
            a = self.register[i["ra"]]
        if op == code.ST:
            start = self.line(i["b"]) * self.lanes
            for lane in lanes:
                if active[lane]:
                    model.words[address(regs.CoreRegion.STATE, start + lane)] = a[lane]
        elif op == code.ACCADD:
            slot = (model.step + i["rd"]) % model.shape.DelaySlots
            model.add(slot, self.constant(i["b"]) + self.group, [a[n] if active[n] else 0 for n in lanes])
        elif op == code.PLOG:
            first, second = self.mask[i["ra"] & 3], self.mask[i["b"] & 3]
            self.set_mask(i, [bool(i["sh"] >> (2 * first[n] + second[n]) & 1) for n in lanes], active)
        elif op == code.CMP:
            self.set_mask(i, [self.compare(i["aux"], x, y) for x, y in self.pairs(i)], active)
        elif op in (code.EMITM, code.EMITG):
            if self.group == self.pop["groups"] - 1:
                active = [bit and lane < self.pop["tail"] for lane, bit in enumerate(active)]
            if op == code.EMITG:
                active = [bit and a[lane] != 0 for lane, bit in enumerate(active)]
            self.emit(i, active, None if op == code.EMITM else a, flits)
        else:
            if op == code.ACC:
                key = ((model.step + i["ra"]) % model.shape.DelaySlots, self.constant(i["b"]) + self.group)
                amount = signed(i["sh"], 6)
                values = [signed(v) for v in model.group(*key)]
                result = [v << amount if amount >= 0 else v >> -amount for v in values]
                if i["aux"] & 1:
                    model.acc.pop(key, None)
            elif op == code.MOV:
                result = self.operand(i)
            elif op == code.TIME:
                result = [model.step] * self.lanes
            elif op == code.IDX:
                result = [self.pop["index_base"] + self.group * self.lanes + lane for lane in lanes]
            elif op in (code.ABS, code.WRAP):
                result = [self.arithmetic(op, signed(v), 0, 0) for v in self.register[i["ra"]]]
            else:
                result = [self.arithmetic(op, x, y, i["sh"]) for x, y in self.pairs(i)]
            old = self.register[i["rd"]] if not all(active) else None
            self.register[i["rd"]] = [result[n] & M32 if active[n] else old[n] for n in lanes]

    def pairs(self, i: dict[str, int]) -> list[tuple[int, int]]:
        return list(zip([signed(v) for v in self.register[i["ra"]]], self.operand(i), strict=True))

    def set_mask(self, i: dict[str, int], new: list[bool], active: list[bool]) -> None:
        old = self.mask[i["rd"] & 3] if not all(active) else None
        self.mask[i["rd"] & 3] = [new[n] if active[n] else old[n] for n in range(self.lanes)]

    @staticmethod
    def compare(code: int, x: int, y: int) -> bool:
        name = regs.Compare(code).name
        return {"GT": x > y, "LT": x < y, "GE": x >= y, "LE": x <= y, "EQ": x == y, "NE": x != y}[name]

    @staticmethod
    def arithmetic(op: int, x: int, y: int, sh: int) -> int:
        code = regs.Opcode
        if op == code.ADD:
            return x + y
        if op == code.SUB:
            return x - y
        if op == code.MUL:
            return (x * y) >> sh
        if op == code.MULTZ:
            return (1 if x * y >= 0 else -1) * (abs(x * y) >> sh)
        if op == code.SHV:
            return x << min(y, 32) if y >= 0 else x >> min(-y, 32)
        if op == code.MIN:
            return min(x, y)
        if op == code.MAX:
            return max(x, y)
        if op == code.CLIP:
            return max(min(x, y), signed(-y))
        if op == code.ABS:
            return abs(x)
        if op == code.WRAP:
            return x - 2**24 if x > 2**23 else x + 2**24 if x <= -(2**23) else x
        raise AssertionError(f"the model has no opcode {op}")

    def emit(self, i: dict[str, int], sent: list[bool], values: list[int] | None, flits: list[int]) -> None:
        self.model.spikes_out += sum(sent)
        if not any(sent):
            return
        first = self.group * self.lanes
        for route in range(self.pop["route_base"], self.pop["route_base"] + self.pop["route_count"]):
            r = regs.ROUTE0.unpack(self.model.word(regs.CoreRegion.ROUTE, 2 * route))
            takes = regs.ROUTE1.unpack(self.model.word(regs.CoreRegion.ROUTE, 2 * route + 1))
            if r["channel"] != i["rd"] & 3 or not r["first"] <= self.group < r["first"] + r["groups"]:
                continue
            common = {key: takes[key] for key in ("egress", "dest", "conn")}
            if values is None:
                bits = sum(1 << lane for lane, bit in enumerate(sent) if bit)
                common["kind"] = regs.FlitType.MASK_NEG if i["aux"] & 1 else regs.FlitType.MASK_POS
                index = (first // 32 + takes["index_base"]) % 4096
                flits.append(regs.EVENT_FLIT.pack(**common, index=index, payload=bits << first % 32))
                continue
            for lane, bit in enumerate(sent):
                if bit:
                    common["kind"] = regs.FlitType.GRADED
                    index = (first + lane + 32 * takes["index_base"]) % 4096
                    flits.append(regs.EVENT_FLIT.pack(**common, index=index, payload=values[lane]))
