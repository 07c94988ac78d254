"""`Image`: a compiled network as one file. docs/image.md has the layout byte by byte."""

from __future__ import annotations

import os
import secrets
import stat
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from lava_hw.chip import Chip
from lava_hw.image.check import check
from lava_hw.image.entries.encoding import decode_json
from lava_hw.image.errors import ImageError
from lava_hw.image.manifest import Manifest, chip_of
from lava_hw.image.segments import (
    DevicePart,
    Segment,
    check_segments,
    decode_device_part,
    encode_device_part,
    other_version,
)
from lava_hw.image.show import show
from lava_hw.regs import LAYOUT_HASH, Magic

FILE_VERSION = 3
"""Of the file with its manifest; the device part has a version of its own, `regs.IMAGE_VERSION`."""

_HEADER = struct.Struct(
    "<8I28xI"
)  # magic, version, device offset, length, CRC, manifest offset, length, CRC; CRC
_MANIFEST_LIMIT = 1 << 28  # bytes; JSON grows by a factor of ten when it is read
_DEVICE_LIMIT = 1 << 30


@dataclass(frozen=True, eq=False)
class Image:
    """A compiled network for one chip.

    Parameters
    ----------
    chip : Chip
        The chip for which it was compiled.
    segments : tuple of (core, address, uint32 array)
        What a loader writes; kept sorted, read-only.
    manifest : Manifest
        What the host needs: ports, Vars, processes, report. See docs/image.md section 3.

    Raises
    ------
    ImageError
        If segments do not fit the chip or overlap, or the manifest is that of another chip.
    """

    chip: Chip
    segments: tuple[Segment, ...] = field(repr=False)
    manifest: Manifest = field(repr=False)

    def __post_init__(self) -> None:
        """Check the segments, and keep own copies; a manifest has checked itself."""
        object.__setattr__(self, "segments", check_segments(self.segments, self.chip))
        if self.manifest.chip != self.chip:
            raise ImageError("manifest: chip: is another chip than the image's")

    def __eq__(self, other: object) -> bool:
        """Two images are equal if their files are."""
        return isinstance(other, Image) and self.to_bytes() == other.to_bytes()

    def __hash__(self) -> int:
        """Hash of the file's content."""
        return hash(self.to_bytes())

    def device_part(self) -> NDArray[np.uint32]:
        """Give the words that a loader on the chip's side checks and writes, as a uint32 array."""
        return encode_device_part(self.segments, self.chip.config_id)

    @staticmethod
    def from_device_part(words: NDArray[np.uint32]) -> DevicePart:
        """Give the loader's view of a device part: layout hash, configuration id, segments.

        Raises
        ------
        ImageError
            If it is truncated, corrupted, foreign or too new.
        """
        return decode_device_part(words)

    def to_bytes(self) -> bytes:
        """Give the content of the file; the same network, chip and options give the same bytes."""
        device = self.device_part().tobytes()
        manifest = self.manifest.to_bytes()
        start = _HEADER.size
        head = _HEADER.pack(
            Magic.FILE,
            FILE_VERSION,
            start,
            len(device),
            zlib.crc32(device),
            start + len(device),
            len(manifest),
            zlib.crc32(manifest),
            0,
        )[:-4]
        return head + struct.pack("<I", zlib.crc32(head)) + device + manifest

    @classmethod
    def from_bytes(cls, data: bytes, where: str = "image") -> Image:
        """Give the image of a file's content.

        Raises
        ------
        ImageError
            For anything that is not a complete, sound image of this version.
        """
        parts = _check_header(data[: _HEADER.size], len(data), where)
        device, manifest = (data[first : first + size] for first, size, _ in parts)
        return cls._from_parts(device, manifest, parts, where)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file in one piece: it appears complete under its name, or not at all.

        Raises
        ------
        ImageError
            If it cannot be written, for example because the disk is full; an older file stays as it was.
        """
        target = Path(path)
        data = self.to_bytes()
        part = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
        try:
            try:
                with open(part, "xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, target)
            finally:
                part.unlink(missing_ok=True)
        except OSError as err:
            raise ImageError(
                f"{target}: the image ({len(data)} bytes) cannot be written: {err.strerror or err}; "
                "nothing was left there"
            ) from err

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Image:
        """Read a file.

        Raises
        ------
        ImageError
            If it cannot be read, or is not a complete, sound image of this version: truncated, corrupted
            (which part), foreign, too new, for a chip that cannot exist, or with a manifest that is not as
            documented.
        """
        where = str(path)
        try:
            # Looked at first: to open a pipe would wait for somebody who writes to it.
            if not stat.S_ISREG(os.stat(path).st_mode):
                raise ImageError(f"{where}: cannot be read: not a regular file")
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                parts = _check_header(file.read(_HEADER.size), size, where)
                device, manifest = (_read(file, length, where) for _, length, _ in parts)
        except ImageError:
            raise
        except (OSError, ValueError) as err:  # ValueError: a path with a character 0
            raise ImageError(f"{where}: cannot be read: {getattr(err, 'strerror', None) or err}") from None
        return cls._from_parts(device, manifest, parts, where)

    @classmethod
    def _from_parts(
        cls, device: bytes, manifest: bytes, parts: list[tuple[int, int, int]], where: str
    ) -> Image:
        for name, data, (_, _, crc) in zip(
            ("device part", "manifest"), (device, manifest), parts, strict=True
        ):
            if zlib.crc32(data) != crc:
                raise ImageError(
                    f"{where}: corrupted, the CRC32 of the {name} does not match; get the file again"
                )
        try:
            loaded = decode_device_part(np.frombuffer(device, "<u4"))
            if loaded.layout_hash != LAYOUT_HASH:
                raise ImageError(
                    f"device part: made for register layout {loaded.layout_hash:#010x}, and this lava_hw has "
                    f"{LAYOUT_HASH:#010x}; compile the network again"
                )
            content = decode_json(manifest)
            chip = chip_of(content)
            if chip.config_id != loaded.config_id:
                raise ImageError(
                    f"device part: configuration id {loaded.config_id:#010x}, but the manifest's chip "
                    f"{chip.name} has {chip.config_id:#010x}"
                )
            return cls(chip, loaded.segments, Manifest.from_json(content))
        except ImageError as err:
            raise ImageError(f"{where}: {err}") from None

    def show(self) -> str:
        """Give a description for a person: processes, ports, Vars, the report, every core with programs."""
        return show(self.chip, self.segments, self.manifest)

    def check(self) -> list[str]:
        """Give a sentence per thing that the chip would trip over; empty if all is well.

        Every image that exists is well-formed; this looks at what its words mean: opcodes, reads before
        writes, tables that point beyond the ends, routes to connections that are not there, groups of a
        population that meet.
        """
        return check(self.chip, self.segments, self.manifest)


def _check_header(head: bytes, size: int, where: str) -> list[tuple[int, int, int]]:
    """Give (offset, length, CRC) of the two parts."""
    if len(head) < _HEADER.size:
        if head[:4] and not struct.pack("<I", Magic.FILE).startswith(head[:4]):
            raise ImageError(f"{where}: foreign, it is not an image of lava_hw")
        raise ImageError(f"{where}: truncated, {size} bytes; the header alone has {_HEADER.size}")
    magic, version, *rest, crc = _HEADER.unpack(head)
    if magic != Magic.FILE:
        raise ImageError(f"{where}: foreign, it starts with {head[:4]!r} and not with b'LHWI'")
    if zlib.crc32(head[:-4]) != crc:
        raise ImageError(f"{where}: corrupted, the CRC32 of the header does not match; get the file again")
    if version != FILE_VERSION:
        raise ImageError(f"{where}: {other_version('image', version, FILE_VERSION)}")
    if any(head[32:60]):
        raise ImageError(f"{where}: bytes 32 to 59 of the header must be 0")
    device, length, device_crc, manifest, manifest_length, manifest_crc = rest
    if device != _HEADER.size or manifest != device + length:
        raise ImageError(f"{where}: the parts do not follow each other: offsets {device} and {manifest}")
    if length % 4 or length > _DEVICE_LIMIT or manifest_length > _MANIFEST_LIMIT:
        raise ImageError(f"{where}: impossible lengths of the parts: {length} and {manifest_length} bytes")
    end = manifest + manifest_length
    if end > size:
        raise ImageError(f"{where}: truncated, {size} bytes of {end}")
    if end < size:
        raise ImageError(f"{where}: {size - end} bytes too many after the manifest")
    return [(device, length, device_crc), (manifest, manifest_length, manifest_crc)]


def _read(file: BinaryIO, length: int, where: str) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise ImageError(f"{where}: truncated while it was read")
    return data
