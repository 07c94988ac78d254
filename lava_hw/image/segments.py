"""Segments: runs of words of a core's address space. The device part of an image; loading it over flits."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.image.errors import ImageError
from lava_hw.regs import (
    CONFIG_FLIT,
    CONNECTION_WORDS,
    CONTROL_CORE,
    CORE_ADDR,
    IMAGE_BLOCK,
    IMAGE_VERSION,
    LAYOUT_HASH,
    POPULATION_WORDS,
    ROUTE_WORDS,
    ChipCsr,
    ConfigOp,
    CoreRegion,
    Magic,
)
from lava_hw.regs import MAX_STAGES as STAGES

_HEADER = 6  # words before the first segment
_SPACE = 1 << CONFIG_FLIT.fields["addr"].width


class Segment(NamedTuple):
    """Words for consecutive addresses of one core (or of core 63, the chip's own registers).

    `data` is a uint32 array of one dimension; image segments hold it read-only.
    """

    core: int
    address: int
    data: NDArray[np.uint32]


class DevicePart(NamedTuple):
    """What a loader learns from a device part: fingerprints to compare with the chip's, and the segments."""

    layout_hash: int
    config_id: int
    segments: tuple[Segment, ...]


def region_words(chip: Chip) -> dict[CoreRegion, int]:
    """Give the number of addressable 32-bit words of each region of a core that an image may write."""
    return {
        CoreRegion.STATE: chip.state_lines * chip.lanes,
        CoreRegion.ACC: chip.delay_slots * chip.acc_pitch * chip.lanes,
        CoreRegion.UCODE: chip.ucode_words,
        CoreRegion.CONSTANT: chip.const_words,
        CoreRegion.POPULATION: chip.populations * POPULATION_WORDS,
        CoreRegion.CONNECTION: chip.connections * CONNECTION_WORDS,
        CoreRegion.ROUTE: chip.routes * ROUTE_WORDS,
        CoreRegion.STAGE: STAGES,
    }


def address(region: CoreRegion, offset: int = 0) -> int:
    """Give the word address of `offset` in a region of a core."""
    return CORE_ADDR.pack(region=region, offset=offset)


def synapse_address(word: int = 0) -> int:
    """Give the word address of 32-bit word `word` of the synapse memory."""
    return CORE_ADDR.pack(synapse=1) + word


def config_flits(segments: Iterable[tuple[int, int, NDArray[np.uint32]]]) -> NDArray[np.uint64]:
    """Give the WRITE flits that load segments: one per word, segments in order, ascending addresses.

    Parameters
    ----------
    segments : iterable of (core, address, uint32 array)
        For example `Image.segments`.

    Returns
    -------
    uint64 array
        The flits, in the order in which they are sent.

    Raises
    ------
    ValueError
        If a core or an address does not fit a configuration flit.
    """
    out = [np.zeros(0, np.uint64)]
    for core, first, data in segments:
        addresses = np.arange(first, first + len(data), dtype=np.int64)
        out.append(
            CONFIG_FLIT.pack_array(cfg=1, op=ConfigOp.WRITE, core=core, addr=addresses, data=np.asarray(data))
        )
    return np.concatenate(out)


def check_segments(
    segments: Iterable[tuple[int, int, NDArray[np.uint32]]], chip: Chip
) -> tuple[Segment, ...]:
    """Give `segments` sorted by core and address, as read-only uint32 arrays.

    Raises
    ------
    ImageError
        If a segment is empty, does not fit the memories of `chip`, or overlaps another.
    """
    out = []
    for number, (core, first, data) in enumerate(segments):
        words = np.array(data, dtype=np.uint32)  # a copy: an image is not changed by who made it
        words.flags.writeable = False
        where = f"segment {number} (core {core}, address {first:#x})"
        if words.ndim != 1 or not words.size:
            raise ImageError(f"{where}: needs one or more words in one dimension, has shape {words.shape}")
        _check_range(int(core), int(first), len(words), chip, where)
        out.append(Segment(int(core), int(first), words))
    out.sort(key=lambda b: (b.core, b.address))
    for one, two in pairwise(out):
        if one.core == two.core and one.address + len(one.data) > two.address:
            raise ImageError(f"segments of core {one.core} overlap at address {two.address:#x}")
    return tuple(out)


def _check_range(core: int, first: int, count: int, chip: Chip, where: str) -> None:
    if core == CONTROL_CORE:
        low, high = ChipCsr.STAGES, ChipCsr.NEEDS_END
        if first < low or first + count - 1 > high:
            raise ImageError(
                f"{where}: an image writes only registers {low} to {high} of core {CONTROL_CORE}"
            )
        return
    if core not in chip.cores:
        raise ImageError(f"{where}: chip {chip.name} has the cores {', '.join(map(str, chip.cores))}")
    if not 0 <= first < _SPACE:
        raise ImageError(f"{where}: addresses are 0 to {_SPACE - 1:#x}")
    if first >= synapse_address():
        name, offset, limit = (
            "synapse memory",
            first - synapse_address(),
            chip.synapse_lines * chip.synapse_parts,
        )
    else:
        parts = CORE_ADDR.unpack(first)
        sizes = region_words(chip)
        if parts["region"] not in sizes:
            raise ImageError(f"{where}: region {parts['region']} is not one that an image may write")
        region = CoreRegion(parts["region"])
        name, offset, limit = region.name, parts["offset"], sizes[region]
    if offset + count > limit:
        raise ImageError(
            f"{where}: words {offset} to {offset + count - 1} of {name}; chip {chip.name} has {limit}"
        )


def encode_device_part(segments: Iterable[Segment], config_id: int) -> NDArray[np.uint32]:
    """Give the words of a device part, header and CRC included."""
    segments = tuple(segments)
    total = _HEADER + sum(2 + len(b.data) for b in segments) + 1
    out = np.empty(total, "<u4")
    out[:_HEADER] = (Magic.IMAGE, IMAGE_VERSION, LAYOUT_HASH, config_id, total, len(segments))
    at = _HEADER
    for segment in segments:
        out[at] = IMAGE_BLOCK.pack(core=segment.core, addr=segment.address)
        out[at + 1] = len(segment.data)
        out[at + 2 : at + 2 + len(segment.data)] = segment.data
        at += 2 + len(segment.data)
    out[-1] = zlib.crc32(out[:-1].tobytes())
    return out


def decode_device_part(words: NDArray[np.uint32]) -> DevicePart:
    """Check a device part and give what it holds, as a loader without manifest sees it.

    Raises
    ------
    ImageError
        If it is truncated, corrupted, foreign, too new, or its segments are not sorted or overlap.
    """
    words = np.ascontiguousarray(words, "<u4")
    if len(words) < _HEADER + 1:
        raise ImageError(f"device part: truncated, {len(words)} words; the header alone has {_HEADER + 1}")
    magic, version, layout, config, total, count = (int(w) for w in words[:_HEADER])
    if magic != Magic.IMAGE:
        raise ImageError(
            f"device part: foreign, it starts with {magic:#010x} and not {int(Magic.IMAGE):#010x}"
        )
    if version != IMAGE_VERSION:
        raise ImageError(other_version("device part", version, IMAGE_VERSION))
    if total != len(words):
        raise ImageError(
            f"device part: says that it has {total} words, and has {len(words)}: truncated or corrupted"
        )
    if zlib.crc32(words[:-1].tobytes()) != int(words[-1]):
        raise ImageError("device part: corrupted, its own CRC32 does not match")
    segments = []
    at, end, before = _HEADER, len(words) - 1, (-1, 0)
    for number in range(count):
        if at + 2 > end:
            raise ImageError(f"device part: segment {number} of {count} starts beyond the end")
        fields, size = IMAGE_BLOCK.unpack(int(words[at])), int(words[at + 1])
        core, first = fields["core"], fields["addr"]
        if not 0 < size <= end - at - 2:
            raise ImageError(f"device part: segment {number} has {size} words, and {end - at - 2} are left")
        if (core, first) < before:
            raise ImageError(f"device part: segment {number} is out of order or overlaps the one before")
        segments.append(Segment(core, first, words[at + 2 : at + 2 + size]))
        before = (core, first + size)
        at += 2 + size
    if at != end:
        raise ImageError(f"device part: {end - at} words after the last of {count} segments")
    return DevicePart(layout, config, tuple(segments))


def other_version(what: str, version: int, known: int) -> str:
    """Say why a version that is not the known one is refused, and what to do."""
    if version > known:
        return f"{what}: version {version} is too new, install a lava_hw that reads it"
    if version > 0:
        return (
            f"{what}: version {version} is of an older lava_hw, and this one reads {known}; "
            "compile the network again"
        )
    return f"{what}: version {version} does not exist; this lava_hw reads {known}"
