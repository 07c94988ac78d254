"""The synapse engine in plain Python: loops over bits, words and lanes, written from docs/chip.md section 6.

It knows golden's classes as little as the RTL's: integers, bytes, and the names of fields.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from lava_hw.regs import CONV_POSITION, CONV_TAP, SPARSE_ROW, ConnKind, WeightFormat

Fields = dict[str, int]
Event = tuple[str, int, int]
"""MASK_POS, MASK_NEG or GRADED; index; payload without sign."""

BITS = {WeightFormat.BITS4: 4, WeightFormat.BITS8: 8, WeightFormat.BITS16: 16}
WITH_WEIGHTS = (ConnKind.DENSE, ConnKind.SPARSE, ConnKind.CONV, ConnKind.ONE_TO_ONE)


def signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> (bits - 1) else number


@dataclass
class Word:
    """One contribution: for each lane a number, and what else its word has."""

    numbers: list[int]
    groups: list[int] | None
    delays: list[int]


@dataclass
class PlainSynapses:
    """A core's synapse memory, as bytes, and what its accumulators and counters hold."""

    lanes: int
    slots: int
    memory: bytearray
    sums: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    """By slot, group and lane; modulo 2^32 when it is looked at."""
    synops: int = 0
    spikes: int = 0
    bad: bool = False

    def take(self, of: Fields, event: Event, step: int) -> None:
        """Take an event for the connection with these fields while T = `step`."""
        known = self._known(of)
        for source, value in self._sources(event):
            self.spikes += 1
            if value == 0:
                continue
            limit = of["groups"] * self.lanes if of["kind"] == ConnKind.PORT else of["sources"]
            if not known or source >= limit:
                self.bad = True
                continue
            self._add(of, source, value, step)
        if not known:
            self.bad = True

    def _known(self, of: Fields) -> bool:
        if of["kind"] == ConnKind.PORT:
            return of["format"] == WeightFormat.BITS8 and not of["delays"] and not of["wide"]
        if of["kind"] not in WITH_WEIGHTS or of["format"] not in BITS:
            return False
        if of["kind"] == ConnKind.CONV and of["delays"]:
            return False
        return of["kind"] == ConnKind.SPARSE or not of["wide"]

    def _sources(self, event: Event) -> Iterator[tuple[int, int]]:
        """Sources with their values. A graded event of 0 counts as one, with value 0."""
        kind, index, payload = event
        if kind == "GRADED":
            yield index, signed(payload, 32)
            return
        for bit in range(32):
            if payload >> bit & 1:
                yield 32 * index + bit, 1 if kind == "MASK_POS" else -1

    def _add(self, of: Fields, source: int, value: int, step: int) -> None:
        kind = of["kind"]
        if kind == ConnKind.PORT:
            group, lane = divmod(source, self.lanes)
            self._count(of, step, 0, of["acc_base"] + group, lane, value)
        elif kind == ConnKind.DENSE:
            self.synops += of["targets"]
            words = self._row(of, of["syn_base"] + source * of["stride"], of["groups"])
            for j, word in enumerate(words):
                self._add_word(of, step, [of["acc_base"] + j] * self.lanes, word, value)
        elif kind == ConnKind.ONE_TO_ONE:
            self.synops += 1
            j, lane = divmod(source, self.lanes)
            # The row has as many words as its sources need.
            words = self._row(of, of["syn_base"], -(-of["sources"] // self.lanes))
            self._add_lane(of, step, of["acc_base"] + j, lane, words[j], value)
        elif kind == ConnKind.SPARSE:
            row = SPARSE_ROW.unpack(self._table(of["table_base"], source))
            self.synops += row["words"] * self.lanes
            for word in self._row(of, of["syn_base"] + row["line"], row["words"]):
                assert word.groups is not None
                self._add_word(of, step, [of["acc_base"] + g for g in word.groups], word, value)
        else:
            position, channel = source >> of["channel_bits"], source % (1 << of["channel_bits"])
            entry = CONV_POSITION.unpack(self._table(of["table_base"], position))
            for number in range(entry["first"], entry["first"] + entry["taps"]):
                tap = CONV_TAP.unpack(self._table(of["taps_base"], number))
                self.synops += of["groups"] * self.lanes
                line = of["syn_base"] + tap["line"] + channel * of["stride"]
                for j, word in enumerate(self._row(of, line, of["groups"])):
                    group = of["acc_base"] + tap["group"] + j
                    self._add_word(of, step, [group] * self.lanes, word, value)

    def _add_word(self, of: Fields, step: int, groups: Sequence[int], word: Word, value: int) -> None:
        for lane, group in enumerate(groups):
            self._add_lane(of, step, group, lane, word, value)

    def _add_lane(self, of: Fields, step: int, group: int, lane: int, word: Word, value: int) -> None:
        weight = word.numbers[lane]
        if of["negate"]:
            weight = -weight
        self._count(of, step, word.delays[lane], group, lane, weight * value if of["payload"] else weight)

    def _count(self, of: Fields, step: int, delay: int, group: int, lane: int, number: int) -> None:
        self.sums[(step + of["slot"] + delay) % self.slots, group, lane] += number << of["shift"]

    # ---------------------------------------------------------------- the memory

    def _table(self, line: int, number: int) -> int:
        at = line * self.lanes + 4 * number
        return int.from_bytes(self.memory[at : at + 4], "little")

    def _row(self, of: Fields, line: int, words: int) -> list[Word]:
        """Give the words that lie one behind the other from a line on."""

        def next_line() -> list[int]:
            nonlocal line
            line += 1
            return list(self.memory[(line - 1) * self.lanes : line * self.lanes])

        def groups() -> list[int] | None:
            if of["kind"] != ConnKind.SPARSE:
                return None
            low = next_line()
            return [b + 256 * h for b, h in zip(low, next_line(), strict=True)] if of["wide"] else low

        def delays() -> list[int]:
            return next_line() if of["delays"] else [0] * self.lanes

        bits = BITS[WeightFormat(of["format"])]
        sign: Callable[[int], int] = (lambda n: signed(n, bits)) if of["is_signed"] else (lambda n: n)
        found: list[Word] = []
        while len(found) < words:
            if bits == 4:
                together = min(2, words - len(found))
                of_groups = [groups() for _ in range(together)]
                shared = next_line()
                for n in range(together):
                    numbers = [sign(byte >> 4 * n & 15) for byte in shared]
                    found.append(Word(numbers, of_groups[n], delays()))
                continue
            mine, raw = groups(), next_line()
            if bits == 16:
                raw = [low + 256 * high for low, high in zip(raw, next_line(), strict=True)]
            found.append(Word([sign(n) for n in raw], mine, delays()))
        return found
