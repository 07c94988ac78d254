"""The file: round trip, determinism, atomic saving, and the error for every kind of damage."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_samples import manifest_json, sample, sample_manifest, sample_segments, words

from lava_hw.chip import Chip
from lava_hw.golden import GoldenChip
from lava_hw.image import (
    Image,
    ImageError,
    Manifest,
    Segment,
    address,
    config_flits,
    decode_device_part,
    encode_device_part,
    synapse_address,
)
from lava_hw.image.segments import check_segments
from lava_hw.regs import CONFIG_FLIT, CONTROL_CORE, LAYOUT_HASH, ConfigOp, CoreRegion

DATA = sample().to_bytes()


def with_header(data: bytes = DATA, **changes: int) -> bytes:
    """Change words of the header, by their number, and give it a right CRC."""
    header = list(struct.unpack("<16I", data[:64]))
    for key, value in changes.items():
        header[int(key[1:])] = value
    head = struct.pack("<15I", *header[:15])
    return head + struct.pack("<I", zlib.crc32(head)) + data[64:]


def with_device(parts: np.ndarray) -> bytes:
    """The sample with another device part, its CRCs right."""
    device = np.asarray(parts, "<u4").tobytes()
    old = struct.unpack("<16I", DATA[:64])
    data = DATA[:64] + device + DATA[old[5] :]
    return with_header(data, w3=len(device), w4=zlib.crc32(device), w5=64 + len(device))


def device_words(**changes: int) -> np.ndarray:
    """Device part of the sample with words changed, its own CRC right."""
    out = sample().device_part().copy()
    for key, value in changes.items():
        out[int(key[1:])] = value
    out[-1] = zlib.crc32(out[:-1].tobytes())
    return out


@pytest.mark.parametrize("name", ["small", "test32", "tiny"])
def test_round_trip(tmp_path: Path, name: str) -> None:
    image = sample(name)
    path = tmp_path / "x.lhwi"
    image.save(path)
    again = Image.load(path)
    assert again == image
    assert hash(again) == hash(image)
    assert again.chip == Chip.load(name)
    assert again.manifest == image.manifest
    assert path.read_bytes() == image.to_bytes() == Image.from_bytes(image.to_bytes()).to_bytes()
    assert os.listdir(tmp_path) == ["x.lhwi"]
    assert image != sample("demo")
    assert image != "image"


def test_layout_is_the_documented_one() -> None:
    header = struct.unpack("<16I", DATA[:64])
    magic, version, device, length, crc, manifest, size, manifest_crc = header[:8]
    assert DATA[:4] == b"LHWI"
    assert struct.pack("<I", magic) == b"LHWI"
    assert (version, device, manifest, len(DATA)) == (3, 64, 64 + length, 64 + length + size)
    assert header[8:15] == (0,) * 7
    assert header[15] == zlib.crc32(DATA[:60])
    part, text = DATA[64:manifest], DATA[manifest:]
    assert (crc, manifest_crc) == (zlib.crc32(part), zlib.crc32(text))
    assert part[:4] == b"LHWD"
    parts = struct.unpack(f"<{length // 4}I", part)
    assert parts[1:6] == (
        1,
        LAYOUT_HASH,
        Chip.load("small").config_id,
        length // 4,
        len(sample_segments(Chip.load("small"))),
    )
    assert parts[-1] == zlib.crc32(part[:-4])
    assert text.startswith(b'{"aliases":{},"chip":{"acc_groups":64,')


def test_order_of_segments_and_keys_does_not_change_the_bytes() -> None:
    chip = Chip.load("small")
    manifest = Manifest.from_json(dict(reversed(manifest_json(chip).items())))
    assert Image(chip, tuple(reversed(sample_segments(chip))), manifest).to_bytes() == DATA


def test_an_image_keeps_its_own_copy() -> None:
    chip = Chip.load("small")
    segments, entries = sample_segments(chip), dict(sample_manifest(chip).vars)
    image = Image(chip, tuple(segments), replace(sample_manifest(chip), vars=entries))
    segments[2].data[...] = 0
    entries.clear()
    assert image.to_bytes() == DATA
    with pytest.raises(ValueError, match="read-only"):
        image.segments[0].data[0] = 1


def test_every_truncation_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cut"
    for size in range(len(DATA)):
        with pytest.raises(ImageError, match="truncated"):
            Image.from_bytes(DATA[:size])
    for size in {*range(0, len(DATA), 50), 63, 64, len(DATA) - 1}:
        path.write_bytes(DATA[:size])
        with pytest.raises(ImageError, match="truncated") as err:
            Image.load(path)
        assert str(path) in str(err.value)


def test_every_flipped_bit_is_found() -> None:
    manifest = struct.unpack("<16I", DATA[:64])[5]
    for place in range(len(DATA)):
        damaged = bytearray(DATA)
        damaged[place] ^= 1 << place % 8
        part = (
            "foreign"
            if place < 4
            else "header"
            if place < 64
            else "device part"
            if place < manifest
            else "manifest"
        )
        with pytest.raises(ImageError, match=part):
            Image.from_bytes(bytes(damaged))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "truncated, 0 bytes"),
        (b"\x7fELF" + bytes(100), "foreign"),
        (b"\x7f", "foreign"),
        (b"LHW", "truncated"),
        (DATA + b"x", "1 bytes too many"),
        (with_header(w1=4), "image: version 4 is too new, install a lava_hw that reads it"),
        (
            with_header(w1=1),
            "version 1 is of an older lava_hw, and this one reads 3; compile the network",
        ),
        (with_header(w1=0), "version 0 does not exist"),
        (with_header(w2=60), "do not follow each other"),
        (with_header(w3=0xFFFFFFFC), "do not follow each other"),
        (with_header(w3=0xFFFFFFFC, w5=60), "do not follow each other"),
        (with_header(w3=1 << 30, w5=64 + (1 << 30)), "truncated"),
        (with_header(w3=(1 << 30) + 4, w5=68 + (1 << 30)), "impossible lengths"),
        (with_header(w6=0xFFFFFFFF), "impossible lengths"),
        (with_header(w6=1 << 28), "truncated"),
        (with_header(w8=1), "bytes 32 to 59 of the header must be 0"),
        (with_device(np.zeros(0)), "device part: truncated, 0 words"),
        (with_device(device_words(w0=7)), "device part: foreign"),
        (with_device(device_words(w1=2)), "device part: version 2 is too new"),
        (with_device(device_words(w2=7)), "register layout 0x00000007"),
        (with_device(device_words(w3=7)), "configuration id 0x00000007"),
        (with_device(device_words(w4=7)), "truncated or corrupted"),
        (with_device(device_words(w5=3)), "words after the last of 3 segments"),
        (with_device(device_words(w5=0xFFFFFFFF)), "starts beyond the end"),
        (with_device(device_words(w7=0xFFFFFFFF)), "segment 0 has 4294967295 words"),
        (with_device(device_words(w7=0)), "segment 0 has 0 words"),
        (with_device(np.append(sample().device_part()[:-1], 7)), "its own CRC32"),
    ],
)
def test_damage_with_right_checksums(data: bytes, message: str) -> None:
    with pytest.raises(ImageError) as err:
        Image.from_bytes(data, "there")
    assert message in str(err.value)
    assert str(err.value).startswith("there: ")


def test_a_file_of_version_1_is_refused() -> None:
    """The file was written when the format had version 1; only its header can be understood."""
    path = Path(__file__).parent / "data/version_1.lhw"
    assert path.read_bytes()[:8] == b"LHWI" + struct.pack("<I", 1)
    with pytest.raises(ImageError) as err:
        Image.load(path)
    assert str(err.value) == (
        f"{path}: image: version 1 is of an older lava_hw, and this one reads 3; compile the network again"
    )


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(ImageError):
        Image.from_bytes(data)
    if not DATA[64:].startswith(data):
        with pytest.raises(ImageError):
            Image.from_bytes(with_header(DATA[:64] + data + DATA[64 + len(data) :]))


@settings(max_examples=300)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=40), st.integers(0, 40))
def test_any_device_part(values: list[int], count: int) -> None:
    """Segments of random words behind a right header and CRC: an error, or segments in order and apart."""
    part = np.array(
        [0x4457484C, 1, LAYOUT_HASH, 5, len(values) + 7, count, *(v % 64 for v in values), 0], np.uint32
    )
    part[-1] = zlib.crc32(part[:-1].tobytes())
    try:
        loaded = decode_device_part(part)
    except ImageError:
        return
    assert len(loaded.segments) == count
    assert np.array_equal(encode_device_part(loaded.segments, 5), part)
    places = [(b.core, b.address + i) for b in loaded.segments for i in range(len(b.data))]
    assert places == sorted(set(places))


def test_hostile_lengths_allocate_nothing(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    tracemalloc.start()
    try:
        for changes in ({"w3": 1 << 30, "w5": 64 + (1 << 30)}, {"w6": 1 << 28}, {"w6": 0xFFFFFFFF}):
            path.write_bytes(with_header(**changes))
            with pytest.raises(ImageError):
                Image.load(path)
        with pytest.raises(ImageError):
            Image.from_bytes(with_device(device_words(w7=0xFFFFFFFF)))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "nothing", tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ImageError, match="cannot be read"):
            Image.load(path)
    with pytest.raises(ImageError, match="null"):
        Image.load("a\0b")
    with pytest.raises(ImageError, match="cannot be written"):
        sample().save(tmp_path / "no" / "where")


FULL = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from image_samples import sample
from lava_hw.image import ImageError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    sample().save(sys.argv[2])
except ImageError as err:
    print(err)
"""


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_full_disk_leaves_nothing_or_the_old_file(tmp_path: Path, before: bytes | None) -> None:
    """The limit on the size of files stands for the full disk: the write fails in its midst."""
    path = tmp_path / "x.lhwi"
    if before:
        path.write_bytes(before)
    here = str(Path(__file__).parent)
    out = subprocess.run(
        [sys.executable, "-c", FULL, here, str(path)], capture_output=True, text=True, check=True
    )
    assert f"the image ({len(DATA)} bytes) cannot be written: File too large" in out.stdout
    assert [p.read_bytes() for p in tmp_path.iterdir()] == ([before] if before else [])


@pytest.mark.parametrize(
    ("segment", "message"),
    [
        (Segment(2, 0, words(1)), "chip small has the cores 0, 1, 8, 9"),
        (Segment(CONTROL_CORE, 3, words(1)), "only registers 4 to 6"),
        (Segment(CONTROL_CORE, 6, words(1, 1)), "only registers 4 to 6"),
        (Segment(0, 0, words(1)), "region 0 is not one"),
        (Segment(0, 15 << 18, words(1)), "region 15 is not one"),
        (Segment(0, -1, words(1)), "addresses are 0 to"),
        (Segment(0, 1 << 23, words(1)), "addresses are 0 to"),
        (
            Segment(0, synapse_address(4095), words(1, 2)),
            "words 4095 to 4096 of synapse memory; chip small has 4096",
        ),
        (
            Segment(0, address(CoreRegion.STAGE, 15), words(1, 2)),
            "words 15 to 16 of STAGE; chip small has 16",
        ),
        (Segment(1, address(CoreRegion.UCODE), words()), "needs one or more words"),
        (Segment(1, address(CoreRegion.UCODE), np.zeros((2, 2), np.uint32)), "needs one or more words"),
        (Segment(0, address(CoreRegion.UCODE, 3), words(1)), "segments of core 0 overlap"),
    ],
)
def test_segments_that_do_not_fit(segment: Segment, message: str) -> None:
    chip = Chip.load("small")
    with pytest.raises(ImageError) as err:
        Image(chip, (*sample_segments(chip), segment), sample_manifest(chip))
    assert message in str(err.value)


@pytest.mark.parametrize("first", [2, 3, 4])
def test_segments_may_meet_but_not_share_a_word(first: int) -> None:
    chip = Chip.load("small")
    segments = (
        Segment(0, address(CoreRegion.UCODE, first), words(9)),
        Segment(0, address(CoreRegion.UCODE, 3), words(7, 8)),
        Segment(1, address(CoreRegion.UCODE, 4), words(6)),
    )
    if first == 2:
        assert len(check_segments(segments, chip)) == 3
        return
    with pytest.raises(ImageError, match=rf"segments of core 0 overlap at address {segments[0].address:#x}"):
        check_segments(segments, chip)


@pytest.mark.parametrize("name", ["small", "test32"])
def test_config_flits_load_the_segments(name: str) -> None:
    image = sample(name)
    flits = config_flits(image.segments)
    assert len(flits) == sum(len(b.data) for b in image.segments)
    assert set(CONFIG_FLIT.get_array(flits, "op").tolist()) == {ConfigOp.WRITE}
    golden = GoldenChip(image.chip)
    golden.push(flits)
    assert golden.fault is None
    for core, first, data in image.segments:
        if core != CONTROL_CORE:
            assert golden.peek(core, first, len(data)).tolist() == data.tolist()
    assert not len(config_flits([]))


def test_loaders_view_is_the_images_segments() -> None:
    image = sample()
    part = Image.from_device_part(image.device_part())
    assert (part.layout_hash, part.config_id) == (LAYOUT_HASH, image.chip.config_id)
    assert [(b.core, b.address, b.data.tolist()) for b in part.segments] == [
        (b.core, b.address, b.data.tolist()) for b in image.segments
    ]
