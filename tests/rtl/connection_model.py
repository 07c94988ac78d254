"""What an event adds through a connection of a core, in plain Python integers (docs/chip.md, section 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from lava_hw import regs

if TYPE_CHECKING:
    from core_model import Model

M32 = 0xFFFFFFFF
Fields = dict[str, int]


def signed(value: int, bits: int = 32) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class Connection:
    """A descriptor, and what an event of this value says to it."""

    BITS: ClassVar = {regs.WeightFormat.BITS8: 8, regs.WeightFormat.BITS4: 4, regs.WeightFormat.BITS16: 16}

    def __init__(self, model: Model, c: Fields, value: int) -> None:
        self.model, self.c, self.lanes, self.bits = model, c, model.shape.Lanes, self.BITS[c["format"]]
        self.slot = (model.step + c["slot"]) % model.shape.DelaySlots
        self.value = value
        self.sources = c["groups"] * self.lanes if c["kind"] == regs.ConnKind.PORT else c["sources"]

    @staticmethod
    def known(c: Fields) -> bool:
        """Kind and format are built, and may stand together."""
        kinds = regs.ConnKind
        plain = not c["delays"]
        allowed = {
            kinds.PORT: plain and c["format"] == regs.WeightFormat.BITS8,
            kinds.DENSE: True, kinds.SPARSE: True, kinds.ONE_TO_ONE: True, kinds.CONV: plain,
        }  # fmt: skip
        wide = not c["wide"] or c["kind"] == kinds.SPARSE
        return c["format"] in Connection.BITS and wide and allowed.get(c["kind"], False)

    def add(self, source: int) -> None:
        """Add what one good source says, and count its synaptic operations."""
        kinds = regs.ConnKind
        {
            kinds.PORT: self.port, kinds.DENSE: self.dense, kinds.SPARSE: self.sparse, kinds.CONV: self.conv,
            kinds.ONE_TO_ONE: self.one_to_one,
        }[self.c["kind"]](source)  # fmt: skip

    def port(self, source: int) -> None:
        group, lane = divmod(source, self.lanes)
        self.model.add_to(self.slot, self.c["acc_base"] + group, lane, (self.value << self.c["shift"]) & M32)

    def dense(self, source: int) -> None:
        self.model.synops += self.c["targets"]
        self.row(self.c["syn_base"] + source * self.c["stride"], self.c["groups"], 0)

    def sparse(self, source: int) -> None:
        row = regs.SPARSE_ROW.unpack(self.model.entry(self.c["table_base"], source))
        self.model.synops += row["words"] * self.lanes
        self.row(self.c["syn_base"] + row["line"], row["words"], 0)

    def conv(self, source: int) -> None:
        c, model = self.c, self.model
        channel = source % (1 << c["channel_bits"])
        position = regs.CONV_POSITION.unpack(model.entry(c["table_base"], source >> c["channel_bits"]))
        for number in range(position["taps"]):
            tap = regs.CONV_TAP.unpack(model.entry(c["taps_base"], position["first"] + number))
            model.synops += c["groups"] * self.lanes
            self.row(c["syn_base"] + tap["line"] + channel * c["stride"], c["groups"], tap["group"])

    def one_to_one(self, source: int) -> None:
        self.model.synops += 1
        group, lane = divmod(source, self.lanes)
        pair = 2 if self.bits == 4 else 1
        first = group // pair * (self.lines_of_weights + self.c["delays"] * pair)
        _, weights, delays = self.take(self.c["syn_base"] + first, group % pair + 1)
        self.add_lane(lane, group, weights[-1][lane], delays[-1][lane])

    @property
    def lines_of_weights(self) -> int:
        return 2 if self.bits == 16 else 1

    def row(self, line: int, words: int, group: int) -> None:
        """A row of words; those of 4 bits stand in pairs."""
        pair = 2 if self.bits == 4 else 1
        for first in range(0, words, pair):
            count = min(pair, words - first)
            targets, weights, delays = self.take(line, count)
            for i in range(count):
                for lane in range(self.lanes):
                    at = targets[i][lane] if targets else group + first + i
                    self.add_lane(lane, at, weights[i][lane], delays[i][lane])
            line += self.length(count)

    def length(self, words: int) -> int:
        """Lines of a word, or of a pair of them."""
        groups = (1 + self.c["wide"]) if self.c["kind"] == regs.ConnKind.SPARSE else 0
        return words * (groups + self.c["delays"]) + self.lines_of_weights

    def take(self, line: int, words: int) -> tuple[list[list[int]], list[list[int]], list[list[int]]]:
        """Target groups (of a sparse row), weights as they are stored, and delays of a word or of a pair."""
        lines = [self.model.line(line + i) for i in range(self.length(words))]

        def joined(count: int) -> list[int]:
            taken, lines[:count] = lines[:count], []
            return [int.from_bytes(bytes(column), "little") for column in zip(*taken, strict=True)]

        targets = []
        if self.c["kind"] == regs.ConnKind.SPARSE:
            targets = [joined(1 + self.c["wide"]) for _ in range(words)]
        stored = joined(self.lines_of_weights)
        weights = [
            [byte >> 4 * i & 15 for byte in stored] if self.bits == 4 else stored for i in range(words)
        ]
        delays = [joined(1) if self.c["delays"] else [0] * self.lanes for _ in range(words)]
        return targets, weights, delays

    def add_lane(self, lane: int, group: int, stored: int, delay: int) -> None:
        weight = signed(stored, self.bits) if self.c["is_signed"] else stored
        weight = -weight if self.c["negate"] else weight
        weight *= signed(self.value) if self.c["payload"] else 1
        slot = (self.slot + delay) % self.model.shape.DelaySlots
        self.model.add_to(slot, self.c["acc_base"] + group, lane, (weight << self.c["shift"]) & M32)
