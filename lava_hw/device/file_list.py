"""`read_file_list`: ``lhw.f``, the list of the SystemVerilog files of a chip. Nothing else parses it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lava_hw.device.errors import BuildError

LISTING = "lhw.f"
_FOLDER = "rtl/"
"""What the paths in the list begin with, whatever the directory is called."""


@dataclass(frozen=True)
class FileList:
    """The files of a chip.

    Attributes
    ----------
    sources : tuple of Path
        SystemVerilog files, packages first.
    include : tuple of Path
        Directories of headers.
    """

    sources: tuple[Path, ...]
    include: tuple[Path, ...]


def read_file_list(rtl: Path, below: Path | None = None) -> FileList:
    """Give the files of a chip.

    Parameters
    ----------
    rtl : Path
        The directory ``rtl/``, or an edited copy.
    below : Path, optional
        Where the files are to be found instead, as a link to `rtl`.

    Raises
    ------
    BuildError
        If it has no list, or a file of the list is missing.
    """
    listing = rtl / LISTING
    if not listing.is_file():
        raise BuildError(f"{listing} does not exist; rtl_dir must be a copy of the whole directory rtl/")
    shown = rtl if below is None else below
    sources, include = [], [shown / "prim"]
    for line in listing.read_text().splitlines():
        text = line.split("//")[0].split("#")[0].strip()
        if text.startswith("+incdir+"):
            include.append(shown / text.removeprefix("+incdir+").removeprefix(_FOLDER))
        elif text:
            name = text.removeprefix(_FOLDER)
            if not (rtl / name).is_file():
                raise BuildError(f"{rtl / name} does not exist, and {listing} lists it")
            sources.append(shown / name)
    return FileList(tuple(sources), tuple(include))
