"""What an image writes into tables, rows and delays: whatever the chip would trip over is named."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from image_samples import sample

from lava_hw.chip import Chip
from lava_hw.image import Image, Segment, address, synapse_address
from lava_hw.regs import CONV_POSITION, CONV_TAP, SPARSE_ROW, ConnKind, CoreRegion, WeightFormat
from tests.tables import packed

CHIP = Chip.load("small")
LAST = CHIP.synapse_lines - 1


@dataclass
class Case:
    """A connection of core 1 and lines of its memory: 8 bytes, or 2 words of 32 bits."""

    fields: dict[str, int]
    lines: dict[int, list[int]] = field(default_factory=dict)

    def but(self, lines: dict[int, list[int]] | None = None, leave: int = -1, **fields: int) -> Case:
        kept = {line: content for line, content in {**self.lines, **(lines or {})}.items() if line != leave}
        return Case({**self.fields, **fields}, kept)

    def problems(self) -> list[str]:
        segments = [
            Segment(
                1, address(CoreRegion.CONNECTION), np.array(packed("CONNECTION", **self.fields), np.uint32)
            )
        ]
        for line, content in self.lines.items():
            data = content if len(content) == 2 else np.array(content, np.uint8).view("<u4")
            at = synapse_address(line * CHIP.synapse_parts)
            segments.append(Segment(1, at, np.array(data, np.uint32)))
        start = "core 1 connection 0: "
        found = Image(CHIP, tuple(segments), sample().manifest).check()
        return [line.removeprefix(start) for line in found if line.startswith(start)]


def ones(value: int = 1) -> list[int]:
    return [value] * 8


DENSE = Case(
    {"kind": ConnKind.DENSE, "groups": 1, "sources": 2, "stride": 3, "syn_base": 20, "slot": 1, "delays": 1},
    {21: ones(2), 24: ones(1)},
)
ONE = Case(
    {"kind": ConnKind.ONE_TO_ONE, "format": WeightFormat.BITS4, "groups": 2, "sources": 9, "slot": 1,
     "delays": 1, "syn_base": 4},
    {5: ones(0), 6: ones(2)},
)  # fmt: skip
SPARSE = Case(
    {"kind": ConnKind.SPARSE, "groups": 3, "sources": 3, "syn_base": 10, "table_base": 2, "delays": 1,
     "slot": 1},
    {
        2: [SPARSE_ROW.pack(words=2, line=0), SPARSE_ROW.pack(words=0, line=2**21 - 1)],
        3: [SPARSE_ROW.pack(words=1, line=6), 0xFFFFFFFF],
        10: ones(0), 12: ones(2), 13: ones(2), 15: ones(0),
        16: ones(1), 18: ones(1),
    },
)  # fmt: skip
CONV = Case(
    {"kind": ConnKind.CONV, "groups": 2, "sources": 5, "channel_bits": 1, "stride": 2, "syn_base": 30,
     "table_base": 2, "taps_base": 6, "acc_base": 1},
    {
        2: [CONV_POSITION.pack(taps=1, first=0), CONV_POSITION.pack(taps=0, first=2**21 - 1)],
        3: [CONV_POSITION.pack(taps=2, first=1), 0xFFFFFFFF],
        6: [CONV_TAP.pack(line=0, group=0), CONV_TAP.pack(line=4, group=61)],
        7: [CONV_TAP.pack(line=8, group=2), 0xFFFFFFFF],
    },
)  # fmt: skip


@pytest.mark.parametrize("case", [DENSE, ONE, SPARSE, CONV], ids=["dense", "one", "sparse", "conv"])
def test_what_is_right_has_no_problems(case: Case) -> None:
    assert case.problems() == []


LATE = (
    "has a delay of 3 with slot 1, and the 4 slots of the chip hold delays up to 2; use shorter delays, or a"
)
NOT_MEANT = "is set, which connections of this kind do not have"
BEYOND = "and a core of the chip has 2048 (0 to 2047)"


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (DENSE.but({24: [0, 0, 0, 3, 0, 0, 0, 0]}), LATE),
        (DENSE.but(slot=2), "has a delay of 2 with slot 2, and the 4 slots of the chip hold delays up to 1"),
        (DENSE.but(leave=24), "a part of its delays is not in the image; the image must write all of it"),
        (DENSE.but(syn_base=LAST - 3), f"needs synapse lines 2044 to 2048 for its rows, {BEYOND}"),
        (DENSE.but(wide=1), f"wide {NOT_MEANT}"),
        (DENSE.but(learns=1), "learns is set, and connections of the chip do not learn; clear it"),
        (ONE.but({6: [0, 0, 0, 0, 0, 0, 0, 3]}), LATE),
        (ONE.but(groups=1), "9 sources in 1 groups of 8; 8 at most"),
        (ONE.but(sources=8, syn_base=LAST), f"needs synapse lines 2047 to 2048 for its row, {BEYOND}"),
        (ONE.but(wide=1), f"wide {NOT_MEANT}"),
        (SPARSE.but({15: ones(3)}), LATE),
        (SPARSE.but({18: ones(3)}), LATE),
        (SPARSE.but({13: [0, 0, 0, 0, 0, 0, 3, 0]}), "the row of source 0 adds to target group 3, and the "
         "descriptor has 3 (0 to 2)"),
        (SPARSE.but({16: ones(200)}), "the row of source 2 adds to target group 200, and the"),
        (SPARSE.but(sources=4), "needs synapse lines 2097161 to"),
        (SPARSE.but(sources=5), "a part of its table is not in the image"),
        (SPARSE.but(table_base=LAST), f"needs synapse lines 2047 to 2048 for its table, {BEYOND}"),
        (SPARSE.but({3: [SPARSE_ROW.pack(words=1, line=LAST - 11), 0]}),
         f"needs synapse lines 2046 to 2048 for the row of source 2, {BEYOND}"),
        (SPARSE.but(leave=13), "a part of its rows of 2 words is not in the image"),
        (SPARSE.but(format=WeightFormat.BITS4), "the row of source 2 has 1 words; with weights of 4 bits it "
         "must be an even number"),
        (CONV.but({7: [CONV_TAP.pack(line=8, group=62), 0]}), "tap 2 adds to accumulator groups 63 to 64, "
         "and a core of the chip has 64 (0 to 63)"),
        (CONV.but({6: [CONV_TAP.pack(line=LAST - 32, group=0), 0]}),
         f"needs synapse lines 2045 to 2048 for the kernel of tap 0, {BEYOND}"),
        (CONV.but({3: [CONV_POSITION.pack(taps=2, first=3), 0]}), "a part of its table of taps is not in"),
        (CONV.but({3: [CONV_POSITION.pack(taps=1, first=5000), 0]}),
         f"needs synapse lines 6 to 2506 for its table of taps, {BEYOND}"),
        (CONV.but(leave=3), "a part of its table of positions is not in the image"),
        (CONV.but(table_base=LAST), f"needs synapse lines 2047 to 2048 for its table of positions, {BEYOND}"),
        (CONV.but(delays=1), f"delays {NOT_MEANT}"),
        (CONV.but(wide=1), f"wide {NOT_MEANT}"),
        (Case({"kind": ConnKind.PORT, "groups": 1, "delays": 1}), f"delays {NOT_MEANT}"),
        (Case({"kind": ConnKind.PORT, "groups": 1, "wide": 1}), f"wide {NOT_MEANT}"),
        (Case({"kind": ConnKind.PORT, "groups": 1, "format": 1}), "kind 1 with format 1 is not one that"),
        (DENSE.but(format=3), "kind 2 with format 3 is not one that the chip has"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(case: Case, message: str) -> None:
    found = case.problems()
    assert len(found) == 1
    assert found[0].startswith(message)


def test_wide_groups_are_looked_at_in_both_lines() -> None:
    fields = {"kind": ConnKind.SPARSE, "wide": 1, "groups": 60, "sources": 1, "syn_base": 10, "table_base": 2}
    low, high = ones(59), ones(0)
    case = Case(fields, {2: [SPARSE_ROW.pack(words=1, line=0), 0], 10: low, 11: high, 12: ones()})
    assert case.problems() == []
    assert (
        case.but({11: [0, 0, 1, 0, 0, 0, 0, 0]})
        .problems()[0]
        .startswith("the row of source 0 adds to target group 315, and the descriptor has 60 (0 to 59)")
    )


def test_they_are_shown() -> None:
    def shown(case: Case) -> str:
        entry = np.array(packed("CONNECTION", **case.fields), np.uint32)
        image = Image(CHIP, (Segment(1, address(CoreRegion.CONNECTION), entry),), sample().manifest)
        (line,) = [line for line in image.show().splitlines() if "connection 0: " in line]
        return line.split("groups, ")[1]

    assert shown(DENSE) == "2 sources to 0 targets, lines 20 step 3, 8 bits unsigned, delays"
    assert shown(ONE) == "9 sources, line 4, 4 bits unsigned, delays"
    assert shown(SPARSE.but(wide=1, payload=1, is_signed=1)) == (
        "3 sources to 0 targets, rows from line 10, table 2, 8 bits signed times the value, delays, target "
        "groups of 16 bits"
    )
    assert shown(CONV.but(negate=1, format=WeightFormat.BITS16)) == (
        "5 sources of 2 channels to 0 targets, kernels from line 30, positions 2, taps 6, 16 bits unsigned "
        "negated"
    )
