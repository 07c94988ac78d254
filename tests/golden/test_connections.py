"""Every kind of connection on golden against plain loops; small examples with all numbers written out."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
from golden_build import (
    RESET,
    connection,
    core_registers,
    event,
    faults,
    load,
    read,
    run,
    stages,
    told,
    write,
)
from plain_synapses import BITS, Event, Fields, PlainSynapses

from lava_hw.chip import Chip
from lava_hw.golden import GoldenChip
from lava_hw.image import Segment, config_flits, synapse_address
from lava_hw.regs import (
    CONNECTION_ENTRY,
    CONV_POSITION,
    CONV_TAP,
    SPARSE_ROW,
    ConnKind,
    CoreCsr,
    CoreRegion,
    FaultCode,
    FlitType,
    TokenOut,
    WeightFormat,
)

LINES, TABLES = 400, 300  # lines that are written; those from TABLES on are tables
EXTREME = [1, -1, 0, 2**31 - 1, -(2**31), 2**23, -(2**23), 2**30, 127, -128]
GROUPS = 12  # groups of accumulators that connections reach


class Case:
    """A random descriptor with a memory, in which everything that it may reach is there."""

    def __init__(self, chip: Chip, kind: ConnKind, form: WeightFormat, draw: random.Random) -> None:
        self.chip, self.draw = chip, draw
        self.memory = bytearray(draw.randbytes(LINES * chip.lanes))
        names = [name for word in CONNECTION_ENTRY for name in word.fields]
        self.fields: Fields = dict.fromkeys(names, 0) | {
            "kind": kind,
            "format": form,
            "is_signed": draw.randrange(2),
            "negate": draw.randrange(2),
            "shift": draw.choice([0, 0, 1, 6, 20, 31]),
            "payload": draw.randrange(2),
            "slot": draw.randrange(64),
            "acc_base": draw.choice([0, chip.acc_groups - GROUPS, draw.randrange(9)]),
            "targets": draw.randrange(1 << 20),
            # What the chip does not look at.
            "learns": draw.randrange(2),
            "rule": draw.randrange(256),
        }
        getattr(self, f"_{kind.name.lower()}")()

    def _port(self) -> None:
        self.fields |= {"groups": self.draw.randint(1, GROUPS), "sources": self.draw.randrange(99)}

    def _dense(self) -> None:
        draw = self.draw
        groups, sources = draw.randint(1, 7), draw.choice([1, 31, 33, 40])
        self.fields |= {
            "groups": groups,
            "sources": sources,
            "stride": draw.randint(0, 5),
            "syn_base": draw.randrange(60),
            "delays": draw.randrange(2),
        }

    def _one_to_one(self) -> None:
        draw = self.draw
        sources = draw.randint(1, GROUPS * self.chip.lanes)
        self.fields |= {
            "groups": -(-sources // self.chip.lanes),
            "sources": sources,
            "syn_base": draw.randrange(99),
            "delays": draw.randrange(2),
        }

    def _sparse(self) -> None:
        draw, lanes = self.draw, self.chip.lanes
        wide, delays = draw.randrange(2), draw.randrange(2)
        bits = BITS[WeightFormat(self.fields["format"])]
        base, sources = draw.randrange(5), draw.choice([1, 33, 70])
        self.fields |= {
            "groups": GROUPS,
            "sources": sources,
            "wide": wide,
            "delays": delays,
            "syn_base": base,
            "table_base": TABLES,
        }
        pair = 2 if bits == 4 else 1
        line, rows = 0, []
        for _ in range(8):
            words = pair * draw.randint(0, 3)
            rows.append(SPARSE_ROW.pack(words=words, line=line))
            for _ in range(words // pair):
                for _ in range(pair):
                    self._bytes(base + line, [draw.randrange(GROUPS) for _ in range(lanes)])
                    if wide:
                        self._bytes(base + line + 1, [0] * lanes)
                    line += 1 + wide
                line += (2 if bits == 16 else 1) + pair * delays
        self._words(TABLES, [draw.choice(rows) for _ in range(sources)])

    def _conv(self) -> None:
        draw = self.draw
        groups = draw.randint(1, 5)
        channel_bits = draw.randint(0, 4)
        positions, taps = draw.randint(1, 20), 30
        self.fields |= {
            "groups": groups,
            "sources": max(1, (positions << channel_bits) - draw.randrange(1 << channel_bits)),
            "stride": draw.randint(0, 4),
            "syn_base": draw.randrange(40),
            "table_base": TABLES,
            "taps_base": TABLES + 50,
            "channel_bits": channel_bits,
        }
        entries = []
        for _ in range(positions):
            count = draw.randint(0, 4)
            entries.append(CONV_POSITION.pack(taps=count, first=draw.randint(0, taps - count)))
        self._words(TABLES, entries)
        some = [(draw.randrange(50), draw.randint(0, GROUPS - groups)) for _ in range(taps)]
        self._words(TABLES + 50, [CONV_TAP.pack(line=line, group=group) for line, group in some])

    def _bytes(self, line: int, content: list[int]) -> None:
        at = line * self.chip.lanes
        self.memory[at : at + len(content)] = bytes(content)

    def _words(self, line: int, content: list[int]) -> None:
        self._bytes(line, [byte for word in content for byte in word.to_bytes(4, "little")])

    @property
    def limit(self) -> int:
        """Sources below this are good."""
        port = self.fields["kind"] == ConnKind.PORT
        return self.fields["groups"] * self.chip.lanes if port else self.fields["sources"]

    def event(self) -> Event:
        """An event of good sources, often the last one."""
        draw = self.draw
        last = draw.choice([self.limit - 1, draw.randrange(self.limit)])
        kind = draw.choice(["MASK_POS", "MASK_NEG", "GRADED"])
        if kind == "GRADED":
            value = draw.choice([*EXTREME, draw.getrandbits(32)])
            return kind, last, value % 2**32
        block = last // 32
        whole = (1 << min(32, self.limit - 32 * block)) - 1
        return kind, block, whole & draw.choice([2**32 - 1, 1 << last % 32, draw.getrandbits(32), 0])

    def written(self) -> np.ndarray:
        return config_flits([Segment(0, synapse_address(), np.frombuffer(bytes(self.memory), "<u4"))])

    def golden(self) -> GoldenChip:
        return load(
            self.chip,
            stages(1, 0, 0),
            self.written(),
            *(connection(0, number, **self.fields) for number in (3, 7)),
        )

    def plain(self) -> PlainSynapses:
        return PlainSynapses(self.chip.lanes, self.chip.delay_slots, self.memory)


def accumulators(golden: GoldenChip, chip: Chip) -> Counter[tuple[int, int, int]]:
    """All sums that are not 0, by slot, group and lane."""
    count = chip.delay_slots * chip.acc_pitch * chip.lanes
    found = np.array(read(golden, 0, CoreRegion.ACC, 0, count)).reshape(chip.delay_slots, -1, chip.lanes)
    return Counter({tuple(map(int, at)): int(found[tuple(at)]) for at in np.argwhere(found)})


def wrapped(sums: Counter[tuple[int, int, int]]) -> Counter[tuple[int, int, int]]:
    """Sums as signed numbers of 32 bits, without those that are 0."""
    found = {at: (number + 2**31) % 2**32 - 2**31 for at, number in sums.items()}
    return Counter({at: number for at, number in found.items() if number})


def synops(registers: dict[CoreCsr, int]) -> int:
    return registers[CoreCsr.SYNOPS_HI] % 2**32 << 32 | registers[CoreCsr.SYNOPS_LO] % 2**32


def compare(case: Case, events: int) -> PlainSynapses:
    """Send events in several steps, to two numbers of one connection in turns; compare all of it."""
    golden, plain, draw = case.golden(), case.plain(), case.draw
    step = 0
    for _ in range(events):
        if draw.randrange(3) == 0:
            step += draw.randint(1, 9)
            golden.push(run(step))
            golden.pop()
        kind, index, payload = case.event()
        golden.push(event(0, draw.choice([3, 7]), FlitType[kind], index, payload))
        plain.take(case.fields, (kind, index, payload), step)
    registers = core_registers(golden, 0)
    assert not plain.bad
    assert faults(golden) == []
    assert accumulators(golden, case.chip) == wrapped(plain.sums)
    assert synops(registers) == plain.synops
    assert registers[CoreCsr.SPIKES_IN] == plain.spikes
    return plain


KINDS = [(ConnKind.PORT, WeightFormat.BITS8)]
KINDS += [(kind, form) for kind in ConnKind if kind not in (ConnKind.NONE, ConnKind.PORT) for form in BITS]


@pytest.mark.parametrize(("kind", "form"), KINDS, ids=lambda value: value.name)
def test_kinds_and_formats(chip: Chip, kind: ConnKind, form: WeightFormat) -> None:
    draw = random.Random(f"{kind.name} {form.name}")
    added, slots = 0, set()
    for _ in range(7):
        case = Case(chip, kind, form, draw)
        sums = wrapped(compare(case, 20).sums)
        added += len(sums)
        slots |= {slot for slot, _, _ in sums}
    assert added > 100
    assert slots == set(range(chip.delay_slots))


def test_all_formats_and_kinds_are_drawn() -> None:
    assert set(BITS) == set(WeightFormat)
    assert {kind for kind, _ in KINDS} == set(ConnKind) - {ConnKind.NONE}


def hold(golden: GoldenChip, chip: Chip, *events: np.ndarray) -> Counter[tuple[int, int, int]]:
    golden.push(np.concatenate(events))
    return accumulators(golden, chip)


@pytest.mark.parametrize("what", ["source", "first beyond"])
@pytest.mark.parametrize(("kind", "form"), KINDS, ids=lambda value: value.name)
def test_sources_out_of_range(chip: Chip, kind: ConnKind, form: WeightFormat, what: str) -> None:
    """A source at the limit is bad; the good ones beside it count."""
    draw = random.Random(f"bad {kind.name} {form.name}")
    for _ in range(3):
        case = Case(chip, kind, form, draw)
        golden, plain = case.golden(), case.plain()
        limit = case.limit
        if what == "source":
            sent = [("GRADED", limit, 5), ("GRADED", 4095, 1), ("GRADED", limit - 1, 9)]
        else:
            sent = [("MASK_POS", limit // 32, 2**32 - 1), ("MASK_NEG", (limit - 1) // 32, 2**32 - 1)]
        for of, index, payload in sent:
            golden.push(event(0, 3, FlitType[of], index, payload))
            plain.take(case.fields, (of, index, payload), 0)
        assert plain.bad
        assert faults(golden) == [told(TokenOut.FAULT, 0, FaultCode.BAD_EVENT)]
        assert accumulators(golden, chip) == wrapped(plain.sums)
        assert synops(core_registers(golden, 0)) == plain.synops
        assert core_registers(golden, 0)[CoreCsr.SPIKES_IN] == plain.spikes


ILLEGAL = [(kind, {"format": 3}) for kind in ConnKind]
ILLEGAL += [(kind, {}) for kind in [ConnKind.NONE, *range(max(ConnKind) + 1, 16)]]
ILLEGAL += [(ConnKind.PORT, {"format": form}) for form in (WeightFormat.BITS4, WeightFormat.BITS16)]
ILLEGAL += [(kind, {"delays": 1}) for kind in (ConnKind.PORT, ConnKind.CONV)]
ILLEGAL += [
    (kind, {"wide": 1}) for kind in (ConnKind.PORT, ConnKind.DENSE, ConnKind.CONV, ConnKind.ONE_TO_ONE)
]


@pytest.mark.parametrize(("kind", "wrong"), ILLEGAL)
def test_descriptors_that_are_not_known(chip: Chip, kind: int, wrong: Fields) -> None:
    """Every event of one is bad, adds nothing, and counts as spikes; RESET makes the chip well again."""
    fields = {"kind": kind, "groups": 2, "sources": 64, "stride": 2, "slot": 1, "targets": 9, **wrong}
    entry = {name: 0 for word in CONNECTION_ENTRY for name in word.fields} | fields
    for of, payload, spikes in (("MASK_POS", 5, 2), ("GRADED", 7, 1), ("GRADED", 0, 1), ("MASK_NEG", 0, 0)):
        golden = load(chip, stages(1, 0, 0), connection(0, 3, **entry))
        golden.push(event(0, 3, FlitType[of], 0, payload))
        assert faults(golden) == [told(TokenOut.FAULT, 0, FaultCode.BAD_EVENT)]
        assert not accumulators(golden, chip)
        registers = core_registers(golden, 0)
        assert (synops(registers), registers[CoreCsr.SPIKES_IN]) == (0, spikes)
        golden.push(RESET)
        golden.pop()
        assert faults(golden) == []


# -------------------------------------------------------------------- examples, with all numbers written out


def by_hand(lines: dict[int, list[int]], **fields: int) -> tuple[GoldenChip, Chip]:
    """Connection 0 of a chip with 8 lanes, and these lines; all others are full of 0x77."""
    chip = Chip.load("test8")
    memory = bytearray(b"\x77" * 8 * 64)
    for line, content in lines.items():
        memory[8 * line : 8 * line + 8] = bytes(byte & 255 for byte in content)
    parts = [
        stages(1, 0, 0),
        config_flits([Segment(0, synapse_address(), np.frombuffer(bytes(memory), "<u4"))]),
        connection(0, 0, **{"sources": 2, **fields, "kind": ConnKind(fields["kind"])}),
    ]
    return load(chip, *parts), chip


def test_4_bits_with_an_odd_number_of_groups() -> None:
    """Three words: a pair with two lines of delays, and one alone; 2 lines of weights, 3 of delays."""
    golden, chip = by_hand(
        {
            10: [0x21, 0x8F, 0x70, 0, 0, 0, 0, 0],  # low: 1, -1, 0; high: 2, -8, 7
            11: [0, 1, 2, 0, 0, 0, 0, 0],  # delays of word 0
            12: [1, 0, 2, 0, 0, 0, 0, 0],  # of word 1
            13: [0xF3, 0xFE, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0, 0xF0],  # word 2: 3, -2
            14: [0, 3, 0, 0, 0, 0, 0, 0],
        },
        kind=ConnKind.DENSE, format=WeightFormat.BITS4, is_signed=1, delays=1, groups=3, stride=5,
        syn_base=5, slot=0,
    )  # fmt: skip
    assert hold(golden, chip, event(0, 0, FlitType.GRADED, 1, -9)) == {
        (0, 0, 0): 1, (1, 0, 1): -1,
        (1, 1, 0): 2, (0, 1, 1): -8, (2, 1, 2): 7,
        (0, 2, 0): 3, (3, 2, 1): -2,
    }  # fmt: skip


def test_16_bits_times_a_value() -> None:
    golden, chip = by_hand(
        {4: [0x34, 0, 0xFF, 0, 0, 0, 0, 1], 5: [0x12, 0x80, 0xFF, 0, 0, 0, 0, 0]},
        kind=ConnKind.DENSE, format=WeightFormat.BITS16, is_signed=1, payload=1, negate=1, groups=1,
        syn_base=4, stride=0, shift=2, slot=1,
    )  # fmt: skip
    assert hold(golden, chip, event(0, 0, FlitType.GRADED, 0, -3)) == {
        (1, 0, 0): 0x1234 * 12, (1, 0, 1): -(2**15) * 12, (1, 0, 2): -12, (1, 0, 7): 12,
    }  # fmt: skip
    # 32 bits overflow: 2^15 * 2^30 * 4 is 0 modulo 2^32, and so on.
    golden.push(RESET)
    golden.pop()
    assert hold(golden, chip, event(0, 0, FlitType.GRADED, 1, 2**30 + 1)) == {
        (1, 0, 0): -0x1234 * 4, (1, 0, 1): 2**17, (1, 0, 2): 4, (1, 0, 7): -4,
    }  # fmt: skip


def test_sparse_row_with_wide_groups() -> None:
    """Lanes of one word add to groups 1 and 258; a lane without a synapse has weight 0."""
    golden, chip = by_hand(
        {
            3: [0, 0, 0, 0, 1, 0, 0x20, 0],  # row of source 0: no words; of source 1: one word, line 1
            9: [1, 2, 0, 0, 0, 0, 0, 0],
            10: [0, 1, 0, 0, 0, 0, 0, 0],
            11: [200, 100, 0, 0, 0, 0, 0, 0],
        },
        kind=ConnKind.SPARSE, wide=1, groups=300, acc_base=4, syn_base=8, table_base=3, slot=2,
    )  # fmt: skip
    assert SPARSE_ROW.pack(words=1, line=1) == 0x00200001
    found = hold(golden, chip, event(0, 0, FlitType.MASK_NEG, 0, 3))
    assert found == {(2, 5, 0): 200, (2, 262, 1): 100}
    assert synops(core_registers(golden, 0)) == 8


def test_convolution_of_two_channels() -> None:
    """Position 1 has two taps; channel 1 of a kernel is a stride behind channel 0."""
    golden, chip = by_hand(
        {
            0: [*CONV_POSITION.pack(taps=1, first=0).to_bytes(4, "little"),
                *CONV_POSITION.pack(taps=2, first=1).to_bytes(4, "little")],
            1: [0] * 8,
            2: [*CONV_TAP.pack(line=0, group=0).to_bytes(4, "little"),
                *CONV_TAP.pack(line=0, group=3).to_bytes(4, "little")],
            3: [*CONV_TAP.pack(line=6, group=0).to_bytes(4, "little"), 0, 0, 0, 0],
            20: [1, 0, 0, 0, 0, 0, 0, 0],
            23: [0, 2, 0, 0, 0, 0, 0, 0],
            29: [0, 0, 3, 0, 0, 0, 0, 0],
        },
        kind=ConnKind.CONV, channel_bits=1, sources=4, groups=1, stride=3, syn_base=20, table_base=0,
        taps_base=2, slot=1, acc_base=7, payload=1,
    )  # fmt: skip
    found = hold(golden, chip, event(0, 0, FlitType.GRADED, 3, 10))
    assert found == {(1, 10, 1): 20, (1, 7, 2): 30}
    assert synops(core_registers(golden, 0)) == 16


def test_weights_that_are_written_later_count(chip: Chip) -> None:
    """Golden keeps rows and tables in forms of its own; a WRITE of the memory makes them anew."""
    draw = random.Random(7)
    for kind, form in KINDS[1:]:
        case = Case(chip, kind, form, draw)
        golden = case.golden()
        for _ in range(2):
            plain = case.plain()
            sent = [case.event() for _ in range(6)]
            for of, index, payload in sent:
                golden.push(event(0, 3, FlitType[of], index, payload))
                plain.take(case.fields, (of, index, payload), 0)
            assert accumulators(golden, chip) == wrapped(plain.sums)
            golden.push(RESET)
            golden.pop()
            other = Case(chip, kind, form, draw)
            case.memory, case.fields = other.memory, other.fields
            golden.push(case.written())
            golden.push(connection(0, 3, **case.fields))


def test_a_row_of_many_words(chip: Chip) -> None:
    """The longest row of a table: 2,047 words, with a line in the upper half of the memory."""
    words = SPARSE_ROW.fields["words"].mask
    line = chip.synapse_lines - 2 * words
    golden = load(
        chip,
        stages(1, 0, 0),
        write(0, CoreRegion.ACC, 0, [0]),
        config_flits(
            [
                Segment(0, synapse_address(), np.array([SPARSE_ROW.pack(words=words, line=line)], np.uint32)),
                Segment(
                    0,
                    synapse_address(line * chip.synapse_parts),
                    np.tile(np.array([0, 0x01010101], np.uint32).repeat(chip.synapse_parts), words),
                ),
            ]
        ),
        connection(0, 0, ConnKind.SPARSE, 1, sources=1, slot=1),
    )
    found = hold(golden, chip, event(0, 0, FlitType.MASK_POS, 0, 1))
    assert found == {(1, 0, lane): words for lane in range(chip.lanes)}
    assert synops(core_registers(golden, 0)) == words * chip.lanes
