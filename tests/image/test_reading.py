"""What a person sees: show, diff, check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from image_samples import sample, sample_manifest, sample_segments

from lava_hw import isa
from lava_hw.chip import Chip
from lava_hw.image import Image, Segment, address, diff
from lava_hw.image.manifest import ProcessEntry
from lava_hw.regs import (
    CONNECTION0,
    CONNECTION1,
    CONTROL_CORE,
    POPULATION0,
    POPULATION1,
    POPULATION2,
    POPULATION3,
    ROUTE0,
    ROUTE1,
    STAGE,
    ConnKind,
    CoreRegion,
)

CHIP = Chip.load("small")


def changed(region: CoreRegion, offset: int, *values: int, core: int = 0) -> Image:
    """The sample with words of a table replaced."""
    segments = []
    for segment in sample_segments(CHIP):
        data = segment.data.copy()
        if segment.core == core and segment.address == (address(region) if core != CONTROL_CORE else 4):
            data = np.concatenate([data, np.zeros(max(0, offset + len(values) - len(data)), np.uint32)])
            data[offset : offset + len(values)] = values
        segments.append(Segment(segment.core, segment.address, data))
    return Image(CHIP, tuple(segments), sample_manifest(CHIP))


def test_show_has_names_programs_and_tables() -> None:
    text = sample().show()
    for part in (
        "chip small: 2 x 2 cores, 8 lanes",
        "if: somewhere.If on cores 0",
        "dense.s_in: (3,) mask, connection, to core 0 connection 0 (3)",
        "if.s_out: (10,) int32 mask, stage 0, channel 0, streams 5 (10)",
        "dense.weights: (10, 3) int32, weights core 0 line 0",
        "if.lat: (1,) int32, constant 1 of core 0, latched as constant 1 of core 0",
        "neurons                10 of      128   7.8 %",
        "population 0 of if: 10 neurons in 2 groups, index from 0",
        "    from a_in; to s_out on channel 0",
        "cmp    p0, r1 > vth",
        "mov    r1, [v]",
        "route 0: channel 0, groups 0 to 1 to port 0 stream 5, index base 0",
        "connection 0: DENSE, slot 1, shift 0, accumulators 0 + 2 groups, 3 sources to 10 targets, ",
        ", lines 0 step 2, 8 bits signed",
    ):
        assert part in text, part


def test_show_without_or_with_useless_names() -> None:
    manifest = sample_manifest(CHIP)
    (program,) = manifest.programs[0]
    for programs in ({}, {0: ()}, {0: (replace(program, state=("r1",), const=()),)}):
        image = Image(CHIP, tuple(sample_segments(CHIP)), replace(manifest, programs=programs))
        assert "cmp    p0, r1 > c1" in image.show()


def test_diff_is_empty_for_equal_images_only() -> None:
    assert diff(sample(), sample()) == []
    assert "chip.name: small and tiny" in diff(sample(), sample("tiny"))
    other = changed(CoreRegion.CONSTANT, 1, 200)
    assert diff(sample(), other) == ["core 0 CONSTANT 1: 00000064 and 000000c8"]
    assert diff(sample(), changed(CoreRegion.CONSTANT, 2, 7)) == ["core 0 CONSTANT 2: nothing and 00000007"]
    manifest = sample_manifest(CHIP)
    processes = {**manifest.processes, "if": ProcessEntry("other.If", (0,))}
    manifest = replace(manifest, processes=processes, further={"more": 1})
    assert diff(sample(), Image(CHIP, tuple(sample_segments(CHIP)), manifest)) == [
        "manifest: more: only in the second",
        "manifest: processes.if.class: 'somewhere.If' and 'other.If'",
    ]
    segments = sample_segments(CHIP)
    ucode = segments[2]
    split = [Segment(0, ucode.address, ucode.data[:3]), Segment(0, ucode.address + 3, ucode.data[3:])]
    cut = Image(CHIP, (*segments[:2], *split, *segments[3:]), sample_manifest(CHIP))
    assert diff(sample(), cut) == ["the same words in other segments"]


def test_diff_of_many_words_is_short() -> None:
    segments = sample_segments(CHIP)
    segments[1] = Segment(0, segments[1].address, segments[1].data ^ np.uint32(1))
    segments.append(Segment(1, address(CoreRegion.STATE), np.ones(60, np.uint32)))
    lines = diff(sample(), Image(CHIP, tuple(segments), sample_manifest(CHIP)))
    assert "core 0 SYNAPSE 0: 00000000 and 00000001" in lines
    assert "core 1 STATE: 40 more words" in lines
    assert len(lines) < 60


def test_check_accepts_the_sample() -> None:
    for name in ("small", "tiny", "test32", "default"):
        assert sample(name).check() == []


@pytest.mark.parametrize(
    ("region", "offset", "value", "message"),
    [
        ("CSR", 0, 2,
         "register STAGES is set to 2, and the manifest says 1"),
        ("CSR", 2, 0,
         "register NEEDS_END is set to 0"),
        ("STAGE", 0, STAGE.pack(first=0, count=2),
         "stage 0 runs population 1, which is not there"),
        ("STAGE", 3, STAGE.pack(first=0, count=1),
         "stage 3 has populations and is never run"),
        ("POPULATION", 2, POPULATION2.pack(groups=0, tail=1),
         "0 groups with 1 neurons"),
        ("POPULATION", 2, POPULATION2.pack(groups=1, tail=9),
         "1 groups with 9 neurons"),
        ("STAGE", 0, STAGE.pack(first=0, count=17),
         "core 0: stage 0 runs populations 0 to 16, and a core of the chip has 16 (0 to 15); "
         "move them to lower numbers, or use a chip with more populations"),
        ("POPULATION", 1, POPULATION1.pack(state_base=255),
         "core 0 population 0 (if): needs state lines 255 to 256, and a core of the chip has 256 (0 to 255); "
         "move them to lower numbers, or use a chip with more state_lines"),
        ("POPULATION", 3, POPULATION3.pack(route_base=31, route_count=2),
         "core 0 population 0 (if): needs routes 31 to 32, and a core of the chip has 32 (0 to 31); move"),
        ("POPULATION", 0, POPULATION0.pack(pc=250, count=7, nvars=1),
         "core 0 population 0 (if): has instructions 250 to 256, and a core of the chip has 256 (0 to 255)"),
        ("CONSTANT", 0, 63,
         "core 0 population 0 (if): instruction 0 (acc    r0, c0, slot 0, last): its accumulators are groups "
         "63 to 64, and the chip has 64 (0 to 63); give constant 0 a smaller value, or use a chip with more "
         "acc_groups"),
        ("CONSTANT", 0, 0x10000,
         "its accumulators are groups 65536 to 65537, and the chip has 64"),
        ("UCODE", 1, isa.acc(isa.r1, isa.const(1)).encode(),
         "population 0 (if): instruction 1 (acc    r1, c1, slot 0): its accumulators are groups 100 to 101"),
        ("UCODE", 1, isa.mov(isa.r1, isa.state(1)).encode(),
         "instruction 1 (mov    r1, [1]): state variable 1 is beyond the 1 of the population; declare more"),
        ("POPULATION", 3, POPULATION3.pack(route_base=1, route_count=1),
         "route 1: is not there"),
        ("POPULATION", 0, POPULATION0.pack(pc=1, count=7, nvars=1),
         "program 1 to 7 is not in the image"),
        ("POPULATION", 0, POPULATION0.pack(pc=1, count=6, nvars=1),
         "r0 was never written"),
        ("POPULATION", 0, POPULATION0.pack(pc=0, count=7, nvars=0),
         "state variable 0 is beyond the 0"),
        ("POPULATION", 1, POPULATION1.pack(const_base=1),
         "constant 1 is beyond the 1"),
        ("UCODE", 0, 7 << 27,
         "opcode ADDS is reserved"),
        ("UCODE", 0, 31 << 27,
         "opcode 31 is unknown"),
        ("ROUTE", 0, ROUTE0.pack(first=1, groups=2),
         "sends groups 1 + 2 of 2"),
        ("ROUTE", 1, ROUTE1.pack(egress=1, dest=1),
         "leaves through port 1"),
        ("ROUTE", 1, ROUTE1.pack(dest=0, conn=1),
         "goes to connection 1 of core 0, which is not there"),
        ("ROUTE", 1, ROUTE1.pack(dest=9, conn=0),
         "goes to connection 0 of core 9"),
        ("CONNECTION", 0, CONNECTION0.pack(kind=6),
         "kind 6 with format 0 is not one"),
        ("CONNECTION", 0, CONNECTION0.pack(kind=ConnKind.PORT, slot=4),
         "slot 4 of 4"),
        ("CONNECTION", 1, CONNECTION1.pack(acc_base=63, groups=2),
         "core 0 connection 0: adds to accumulator groups 63 to 64, and a core of the chip has 64 (0 to 63)"),
        ("CONNECTION", 2, 2043,
         "core 0 connection 0: needs synapse lines 2043 to 2048 for its rows, and a core of the chip has "
         "2048 (0 to 2047); move them to lower lines, or use a chip with more synapse_lines"),
        ("CONNECTION", 5, 17,
         "17 targets in 2 groups of 8; 16 at most"),
    ],
)  # fmt: skip
def test_check_finds(region: str, offset: int, value: int, message: str) -> None:
    """Words of CSR are those of the chip's own registers from STAGES on."""
    core = CONTROL_CORE if region == "CSR" else 0
    found = changed(CoreRegion[region], offset, value, core=core).check()
    assert any(message in line for line in found), found


@pytest.mark.parametrize(
    ("second", "first", "meets"),
    [
        (isa.acc(isa.r1, isa.const(1)), 1, True),
        (isa.acc(isa.r1, isa.const(1)), 0, False),
        (isa.acc(isa.r1, isa.const(1)), 2, False),
        (isa.acc(isa.r1, isa.const(1), slot=1, last=True), 1, False),
        (isa.acc(isa.r1, isa.const(1), slot=4), 1, True),
        (isa.accadd(isa.const(1), isa.r0), 1, True),
        (isa.accadd(isa.const(1), isa.r0, slot=4), 1, True),
        (isa.accadd(isa.const(1), isa.r0, slot=3), 1, False),
    ],
)
def test_check_finds_groups_that_meet(second: isa.Instruction, first: int, meets: bool) -> None:
    """The sample clears groups 0 and 1 of slot 0, of four; an instruction has another first group."""
    segments = [
        replace_words(segment, {1: second.encode()})
        if segment.address == address(CoreRegion.UCODE)
        else replace_words(segment, {1: first})
        if segment.address == address(CoreRegion.CONSTANT)
        else segment
        for segment in sample_segments(CHIP)
    ]
    found = Image(CHIP, tuple(segments), sample_manifest(CHIP)).check()
    text = f"its accumulators, groups {first} to {first + 1}, overlap those of instruction 0 (acc    r0, c0,"
    assert any(text in line for line in found) == meets, found


def replace_words(segment: Segment, words: dict[int, int]) -> Segment:
    data = segment.data.copy()
    data[list(words)] = list(words.values())
    return Segment(segment.core, segment.address, data)
