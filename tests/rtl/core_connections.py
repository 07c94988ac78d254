"""Random connections of all kinds for the tests of lhw_core, and events for them."""

from __future__ import annotations

from core_driver import Core
from core_programs import graded_event, mask_event, put_connection, word

from lava_hw import regs
from lava_hw.regs import ConnKind, CoreRegion, WeightFormat

KINDS = [ConnKind.PORT, ConnKind.DENSE, ConnKind.SPARSE, ConnKind.CONV, ConnKind.ONE_TO_ONE]
FORMATS = list(WeightFormat)


class Connections:
    """Connections in the first numbers of a core, with rows one behind the other in the synapse memory.

    None of them adds to the slot of the step in progress: that one belongs to the stage that runs.
    """

    def __init__(self, core: Core) -> None:
        self.core, self.shape, self.random = core, core.shape, core.random
        self.parts = core.shape.Word // 32
        self.line = 0
        self.sources: list[int] = []
        self.kinds: set[ConnKind] = set()

    def put_line(self, line: int, values: list[int]) -> None:
        for part in range(self.parts):
            word = int.from_bytes(bytes(values[4 * part : 4 * part + 4]), "little")
            self.core.put(None, line * self.parts + part, [word])

    def put_table(self, entries: list[int]) -> int:
        """Write words into lines of their own; gives the first one."""
        first = self.line
        lines = -(-len(entries) // self.parts)
        self.core.put(None, first * self.parts, entries + [0] * (lines * self.parts - len(entries)))
        self.line += lines
        return first

    def put_words(self, count: int, groups: int = 0) -> int:
        """Write words, with target groups below `groups` if there are any; gives the lines."""
        start, rng, lanes = self.line, self.random, self.shape.Lanes
        pair = 2 if self.form == WeightFormat.BITS4 else 1
        for first in range(0, count, pair):
            here = min(pair, count - first)
            for _ in range(here if groups else 0):
                self.put_line(self.line, [rng.randrange(groups) for _ in range(lanes)])
                if self.wide:
                    self.put_line(self.line + 1, [0] * lanes)
                self.line += 1 + self.wide
            for _ in range(2 if self.form == WeightFormat.BITS16 else 1):
                self.put_line(
                    self.line,
                    [rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.getrandbits(8)]) for _ in range(lanes)],
                )
                self.line += 1
            for _ in range(here if self.delays else 0):
                self.put_line(self.line, [rng.randrange(self.shape.DelaySlots - 1) for _ in range(lanes)])
                self.line += 1
        return self.line - start

    def put(self, kind: ConnKind) -> None:
        """Write the next connection; a port where there is no room for rows any more."""
        rng, shape = self.random, self.shape
        self.form, self.delays, self.wide = rng.choice(FORMATS), rng.randrange(2), 0
        groups = rng.choice([1, 1, 2, 3, 5])
        if self.line + 200 > shape.SynLines:
            kind = ConnKind.PORT
        if kind in (ConnKind.PORT, ConnKind.CONV):
            self.delays = 0
        slot = rng.randrange(1, 64)
        if self.delays:
            slot = slot // shape.DelaySlots * shape.DelaySlots + 1
        elif slot % shape.DelaySlots == 0:
            slot += 1
        fields = {
            "kind": kind, "groups": groups, "acc_base": rng.randrange(shape.AccGroups - groups + 1),
            "slot": slot % 64,
            "shift": rng.choice([0, 0, 3, 31]), "is_signed": rng.randrange(2), "negate": rng.randrange(2),
            "payload": rng.randrange(2), "delays": self.delays, "targets": rng.randrange(1, 2**20),
            "format": WeightFormat.BITS8 if kind == ConnKind.PORT else self.form,
        }  # fmt: skip
        fields |= getattr(self, f"{kind.name.lower()}_rows")(fields)
        put_connection(self.core, len(self.sources), **fields)
        self.kinds.add(kind)
        self.sources.append(fields.get("sources", groups * shape.Lanes))

    def port_rows(self, fields: dict[str, int]) -> dict[str, int]:
        return {}

    def dense_rows(self, fields: dict[str, int]) -> dict[str, int]:
        sources, first = self.random.choice([3, 32, 33]), self.line
        length = self.put_words(fields["groups"])
        if first + sources * length + 100 > self.shape.SynLines:
            sources = 3
        stride = length + self.random.randrange(2)
        for source in range(1, sources):
            self.line = first + source * stride
            self.put_words(fields["groups"])
        return {"syn_base": first, "stride": stride, "sources": sources}

    def one_to_one_rows(self, fields: dict[str, int]) -> dict[str, int]:
        sources, first = self.random.randrange(1, fields["groups"] * self.shape.Lanes + 1), self.line
        self.put_words(fields["groups"] + 1)  # the last one may be one of a pair
        return {"syn_base": first, "sources": sources}

    def sparse_rows(self, fields: dict[str, int]) -> dict[str, int]:
        self.wide = self.random.randrange(2)
        base = self.random.randrange(self.line + 1)
        rows = []
        for _ in range(self.random.choice([3, 9, 17])):
            count = self.random.randrange(3)
            count = 2 * (count > 1) if self.form == WeightFormat.BITS4 else count
            rows.append(regs.SPARSE_ROW.pack(line=self.line - base, words=count))
            if self.line + 60 < self.shape.SynLines:
                self.put_words(count, self.shape.AccGroups - fields["acc_base"])
            else:
                rows[-1] = rows[0]
        return {"syn_base": base, "wide": self.wide, "sources": len(rows), "table_base": self.put_table(rows)}

    def conv_rows(self, fields: dict[str, int]) -> dict[str, int]:
        rng, base = self.random, self.line
        bits = rng.randrange(3)
        stride = self.put_words(fields["groups"])
        for _ in range(2**bits + 3):
            self.put_words(fields["groups"])
        room = self.shape.AccGroups - fields["acc_base"] - fields["groups"]
        taps = [
            regs.CONV_TAP.pack(line=rng.randrange(4) * stride, group=rng.randrange(room + 1))
            for _ in range(11)
        ]
        positions = [regs.CONV_POSITION.pack(first=rng.randrange(8), taps=rng.randrange(4)) for _ in range(9)]
        tables = {"table_base": self.put_table(positions), "taps_base": self.put_table(taps)}
        return {
            "syn_base": base, "stride": stride, "channel_bits": bits,
            "sources": 9 * 2**bits - rng.randrange(2**bits),
        } | tables  # fmt: skip


def random_connections(core: Core) -> list[int]:
    """Connections of all kinds and formats; gives the sources of each."""
    connections = Connections(core)
    kinds = core.random.sample(KINDS, 5) + core.random.choices(KINDS, k=7)
    for kind in kinds:
        connections.put(kind)
    assert len(connections.kinds) >= 4, f"the synapse memory has room for {connections.kinds} only"
    return connections.sources


def random_event(core: Core, number: int) -> int:
    """An event within the sources of the connection."""
    rng, shape = core.random, core.shape
    words = [core.model.word(CoreRegion.CONNECTION, 8 * number + i) for i in range(6)]
    kind = regs.CONNECTION0.get(words[0], "kind")
    groups = regs.CONNECTION1.get(words[1], "groups")
    sources = groups * shape.Lanes if kind == ConnKind.PORT else regs.CONNECTION4.get(words[4], "sources")
    if rng.random() < 0.3:
        return graded_event(number, rng.randrange(sources), word(rng))
    block = rng.randrange((sources + 31) // 32)
    room = min(32, sources - 32 * block)
    bits = rng.getrandbits(room)
    for _ in range(rng.randrange(4)):
        bits &= rng.getrandbits(32)
    return mask_event(number, block, bits, rng.random() < 0.4)
