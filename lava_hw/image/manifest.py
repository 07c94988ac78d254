"""`Manifest`: what the host needs to know about an image. docs/image.md section 3 describes every key.

It is read, checked and written here and in `entries`, and nowhere else; everybody else has its attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any

from lava_hw.chip import Chip, ChipError
from lava_hw.image.entries.elements import NONE, Elements
from lava_hw.image.entries.encoding import decode_json, encode_json
from lava_hw.image.entries.forms import Form, Json, OneOf, fail
from lava_hw.image.entries.pattern import PatternEntry
from lava_hw.image.entries.ports import (
    CONNECTION,
    GRADED,
    MASK,
    PORT,
    InputEntry,
    OutputEntry,
    StreamEntry,
    TargetEntry,
)
from lava_hw.image.entries.processes import PortOnChannel, ProcessEntry, ProgramEntry, ResourceUse, Stages
from lava_hw.image.entries.records import Entry, Record, members_of
from lava_hw.image.entries.store import StoreEntry
from lava_hw.image.entries.stores import (
    AccEntry,
    AccPiece,
    ComputedEntry,
    ComputedPlace,
    ConstEntry,
    ConstPlace,
    HostEntry,
    LatchedEntry,
    StateEntry,
    StatePiece,
    VarEntry,
)
from lava_hw.image.entries.synapses import DelaysEntry, DelaysPiece, WeightsEntry, WeightsPiece
from lava_hw.image.errors import ImageError
from lava_hw.regs import LAYOUT_HASH

__all__ = [
    "CONNECTION",
    "GRADED",
    "MASK",
    "NONE",
    "PORT",
    "AccEntry",
    "AccPiece",
    "ComputedEntry",
    "ComputedPlace",
    "ConstEntry",
    "ConstPlace",
    "DelaysEntry",
    "DelaysPiece",
    "Elements",
    "HostEntry",
    "InputEntry",
    "LatchedEntry",
    "Manifest",
    "OutputEntry",
    "PatternEntry",
    "PortOnChannel",
    "ProcessEntry",
    "ProgramEntry",
    "ResourceUse",
    "Stages",
    "StateEntry",
    "StatePiece",
    "StoreEntry",
    "StreamEntry",
    "TargetEntry",
    "VarEntry",
    "WeightsEntry",
    "WeightsPiece",
]

FORMAT, VERSION = "lava_hw manifest", 3


class _ChipForm(Form):
    def write(self, value: Chip) -> Json:
        """See `Form`."""
        return value.to_dict()


@dataclass(frozen=True)
class Manifest(Entry):
    """Ports, Vars, processes, programs and the report of an image.

    Attributes
    ----------
    chip : Chip
        The chip for which the network was compiled.
    inputs, outputs : mapping of str to InputEntry, OutputEntry
        By ``process.port``.
    groups : mapping of str to tuple of str
        Out ports outside whose messages go to several inputs.
    aliases : mapping of str to str
        Other names of inputs.
    vars : mapping of str to VarEntry
        By ``process.var``.
    programs : mapping of int to tuple of ProgramEntry
        The populations of each core, in the order of its table.
    report : mapping of int to mapping of str to ResourceUse
        The resources of each core.
    further : mapping of str to JSON
        Other keys, for whoever wrote them.

    Raises
    ------
    ImageError
        For the first value that is out of range, or contradicts another.
    """

    chip: Annotated[Chip, _ChipForm()]
    stages: Stages
    processes: Mapping[str, ProcessEntry]
    inputs: Mapping[str, InputEntry]
    outputs: Mapping[str, OutputEntry]
    vars: Mapping[str, VarEntry]
    groups: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]
    programs: Mapping[int, tuple[ProgramEntry, ...]]
    report: Mapping[int, Mapping[str, ResourceUse]]
    further: Mapping[str, Any] = field(default_factory=dict, metadata={"key": ""})

    def __post_init__(self) -> None:
        """Keep own copies of the mappings, and check everything."""
        _FORM.check(self, "", self.chip)
        for name in ("processes", "inputs", "outputs", "vars", "groups", "aliases", "programs"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        report = {core: MappingProxyType(dict(uses)) for core, uses in self.report.items()}
        object.__setattr__(self, "report", MappingProxyType(report))
        further = decode_json(encode_json(dict(self.further)))
        object.__setattr__(self, "further", MappingProxyType(further))

    def __reduce__(self) -> tuple[Callable[[bytes], Manifest], tuple[bytes]]:
        """Copy and pickle it as its JSON."""
        return Manifest.from_bytes, (self.to_bytes(),)

    def check(self, where: str, chip: Chip) -> None:
        """See `Entry`."""
        for port, members in self.groups.items():
            if not self.inputs.keys() >= set(members):
                fail(f"groups.{port[:60]}", "names an input that is not there")
        for port, key in self.aliases.items():
            if key not in self.inputs:
                fail(f"aliases.{port[:60]}", "names an input that is not there")
        for name, entry in self.inputs.items():
            # A message into a connection is taken before the next step begins, so before its stage 0.
            for stage in {0, entry.stage or 0} - set(self.stages.needs_close):
                fail(f"inputs.{name[:60]}.stage", f"needs a CLOSE of stage {stage}, which needs_close lacks")
        for name, output in self.outputs.items():
            if output.stage not in self.stages.needs_end:
                fail(f"outputs.{name[:60]}.stage", f"needs an END of stage {output.stage}, not in needs_end")

    # ------------------------------------------------------------------ JSON
    def to_json(self) -> dict[str, Json]:
        """Give it as JSON values."""
        return {**self.further, **_constants(self.chip), **_FORM.write(self)}

    def to_bytes(self) -> bytes:
        """Give the canonical JSON: the same manifest gives the same bytes."""
        return encode_json(self.to_json())

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest:
        """Read JSON of unknown origin.

        Raises
        ------
        ImageError
            If it is not a manifest of this version; the message has the path of the value.
        """
        return cls.from_json(decode_json(data))

    @classmethod
    def from_json(cls, content: dict[str, Json]) -> Manifest:
        """Read JSON values; see `from_bytes`."""
        chip = chip_of(content)
        _check_version(content)
        constants = _constants(chip)
        for key, value in constants.items():
            if key not in content:
                fail(key, "is missing")
            OneOf(value).check(content[key], key, chip)
        keys = {key for key, _, _ in members_of(cls)}
        further = {k: value for k, value in content.items() if k not in keys and k not in constants}
        own = {k: value for k, value in content.items() if k in keys}
        found: Manifest = _FORM.read(own | {"chip": chip}, "")
        return replace(found, further=further) if further else found


_FORM = Record(Manifest)


def _constants(chip: Chip) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "config_id": chip.config_id,
        "layout_hash": LAYOUT_HASH,
    }


def chip_of(content: dict[str, Json]) -> Chip:
    """Give the chip of a manifest that was not read yet.

    Raises
    ------
    ImageError
        If there is no such chip.
    """
    if not isinstance(content.get("chip"), dict):
        raise ImageError("manifest: chip: is missing or not an object")
    try:
        return Chip.from_dict(content["chip"], "manifest: chip")
    except ChipError as err:
        raise ImageError(str(err)) from None


def _check_version(content: dict[str, Json]) -> None:
    version = content.get("version", VERSION)
    if type(version) is int and version > VERSION:
        fail("version", f"{version} is too new, this lava_hw reads {VERSION}; install a newer one")
    if type(version) is int and 0 < version < VERSION:
        fail(
            "version",
            f"{version} is of an older lava_hw, and this one reads {VERSION}; compile the network again",
        )
