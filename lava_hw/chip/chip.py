"""`Chip`: the configuration of one chip, checked, with what follows from it.

The fields of `Chip` are the keys of a chip's YAML file. Ranges, units, texts and the parameters of the RTL
stand there and nowhere else; `lava_hw.chip.generate` writes configs/schema.json and the table of
docs/chip.md from them.
"""

from __future__ import annotations

import difflib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from lava_hw._resources import resource_dir
from lava_hw.chip.file import read_yaml
from lava_hw.chip.key import ChipError, Key, short
from lava_hw.regs import (
    CORE_ADDR,
    EVENT_FLIT,
    POPULATION0,
    POPULATION1,
    POPULATION2,
    POPULATION3,
    STAGE,
    Word,
)


def _count(word: Word, field: str) -> int:
    """Give how many values a field has."""
    return word.fields[field].mask + 1


# Words of a region and of the synapse memory; groups of a population. Cores of 8 lanes have the most lines.
_OFFSETS = _count(CORE_ADDR, "offset")
_SYNAPSE_WORDS = 1 << CORE_ADDR.fields["synapse"].lsb
_GROUPS = POPULATION2.fields["groups"].mask


@dataclass(frozen=True)
class Chip:
    """The configuration of a chip: its name, and the keys of its file.

    Raises
    ------
    ChipError
        If a value is out of its range, or two of them contradict each other.
    """

    name: str
    mesh_x: Annotated[
        int, Key(1, 8, "tiles", "Tiles from west to east; the host port is west of tile (0, 0).")
    ]
    mesh_y: Annotated[
        int, Key(1, 7, "tiles", "Tiles from north to south; y = 7 is left to core 63, the chip itself.")
    ]
    lanes: Annotated[
        int, Key(8, 32, "neurons", "Neurons that a core updates in one cycle.", one_of=(8, 16, 32))
    ]
    word: Annotated[
        int, Key(64, 256, "bits", "Synapse memory read in one cycle: 8 * lanes.", one_of=(64, 128, 256))
    ]
    neurons: Annotated[
        int, Key(8, _GROUPS * 32, "neurons a core", "Neurons placed on a core at most: a multiple of lanes.")
    ]
    state_lines: Annotated[
        int, Key(1, _OFFSETS // 8, "lines a core", "Depth of the state memory: variables of groups.")
    ]
    acc_groups: Annotated[
        int, Key(1, _OFFSETS // 16, "groups a core", "Groups of accumulators in a delay slot.")
    ]
    delay_slots: Annotated[
        int, Key(2, 64, "slots", "Slots of accumulators; the longest delay is two less.", power_of_two=True)
    ]
    synapse_lines: Annotated[
        int, Key(1, _SYNAPSE_WORDS // 2, "lines a core", "Depth of the synapse memory.", sv="SynLines")
    ]
    ucode_words: Annotated[
        int, Key(16, _count(POPULATION0, "pc"), "instructions a core", "Depth of the microcode memory.")
    ]
    const_words: Annotated[
        int, Key(8, _count(POPULATION1, "const_base"), "words a core", "Depth of the memory of constants.")
    ]
    populations: Annotated[
        int, Key(1, STAGE.fields["count"].mask, "populations a core", "Entries of the population table.")
    ]
    connections: Annotated[
        int, Key(1, _count(EVENT_FLIT, "conn"), "connections a core", "Entries of the connection table.")
    ]
    routes: Annotated[
        int, Key(1, _count(POPULATION3, "route_base"), "routes a core", "Entries of the route table.")
    ]

    def __post_init__(self) -> None:
        """Check every value by its key, then what they say together."""
        where = f"chip {self.name}"
        check_keys(self.parameters(), where)
        if self.word != 8 * self.lanes:
            raise ChipError(
                f"{where}: word is {self.word}; with lanes {self.lanes} it must be {8 * self.lanes}"
            )
        if self.neurons % self.lanes:
            raise ChipError(
                f"{where}: neurons is {self.neurons}; it must be a multiple of lanes ({self.lanes})"
            )
        if self.groups > _GROUPS:
            raise ChipError(
                f"{where}: neurons is {self.neurons}; {_GROUPS} groups of {self.lanes} lanes at most"
            )
        if self.state_lines < self.groups:
            raise ChipError(
                f"{where}: state_lines is {self.state_lines}; it must be at least {self.groups}, "
                "one line for each group of neurons"
            )
        for what, need, limit in (
            ("state_lines * lanes", self.state_lines * self.lanes, _OFFSETS),
            (
                "delay_slots * acc_groups (to a power of two) * lanes",
                self.delay_slots * self.acc_pitch * self.lanes,
                _OFFSETS,
            ),
            ("synapse_lines * word / 32", self.synapse_lines * self.synapse_parts, _SYNAPSE_WORDS),
        ):
            if need > limit:
                raise ChipError(f"{where}: {what} is {need}; the address field allows {limit} words")

    @classmethod
    def load(cls, name_or_path: str | Path) -> Chip:
        """Read a chip from ``configs/<name>.yaml``, or from a file given by its path.

        Parameters
        ----------
        name_or_path : str or Path
            A name of `list_chips`, or a path: a `Path`, or a text that ends with ``.yaml`` or has a slash.

        Raises
        ------
        ChipError
            If there is no such chip, or its file is not acceptable.
        """
        text = str(name_or_path)
        if isinstance(name_or_path, Path) or text.endswith((".yaml", ".yml")) or "/" in text or "\\" in text:
            path = Path(name_or_path)
            if not path.is_file():
                raise ChipError(
                    f"{path}: there is no such file; give a YAML file or one of {', '.join(list_chips())}"
                )
        else:
            if text not in list_chips():
                near = difflib.get_close_matches(text, list_chips(), n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}? " if near else ""
                raise ChipError(f"there is no chip {text!r}; {hint}the chips are {', '.join(list_chips())}")
            path = resource_dir("configs") / f"{text}.yaml"
        return cls(name=path.stem, **check_keys(read_yaml(path), str(path)))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str = "chip") -> Chip:
        """Make a chip of what `to_dict` gave.

        Raises
        ------
        ChipError
            If a key is unknown or missing, or a value is not allowed.
        """
        rest = dict(values)
        name = rest.pop("name", None)
        if not isinstance(name, str) or not 0 < len(name) <= 200:
            raise ChipError(f"{where}: name must be a text of 1 to 200 characters")
        return cls(name=name, **check_keys(rest, where))

    def parameters(self) -> dict[str, int]:
        """Give the keys of the chip's file with their values, without the name."""
        return {name: getattr(self, name) for name in KEYS}

    def to_dict(self) -> dict[str, Any]:
        """Give the name and all parameters, for the manifest of an image."""
        return {"name": self.name, **self.parameters()}

    def to_sv_parameters(self) -> dict[str, int]:
        """Give the parameters of the module lhw_chip, ConfigId included."""
        values = {KEYS[name].sv: value for name, value in self.parameters().items()}
        return values | {"ConfigId": self.config_id}

    def resources(self) -> dict[str, int]:
        """Give how much of each of `RESOURCES` a core has."""
        return dict(zip(RESOURCES, _resources(self), strict=True))

    @property
    def config_id(self) -> int:
        """Fingerprint of the parameters (not of the name): CRC32 of their canonical JSON."""
        return zlib.crc32(json.dumps(self.parameters(), sort_keys=True, separators=(",", ":")).encode())

    @property
    def cores(self) -> tuple[int, ...]:
        """Core numbers, y * 8 + x, in ascending order."""
        return tuple(y * 8 + x for y in range(self.mesh_y) for x in range(self.mesh_x))

    @property
    def groups(self) -> int:
        """Groups of neurons of a core: neurons / lanes."""
        return self.neurons // self.lanes

    @property
    def acc_pitch(self) -> int:
        """Accumulator groups from one delay slot to the next: acc_groups, rounded up to a power of two."""
        return 1 << (self.acc_groups - 1).bit_length()

    @property
    def synapse_parts(self) -> int:
        """32-bit words of a synapse line: word / 32."""
        return self.word // 32


def _keys() -> dict[str, Key]:
    """Give the keys of `Chip` by name, in its order, with their names and parameters filled in."""
    found = {}
    for name, hint in get_type_hints(Chip, include_extras=True).items():
        for key in getattr(hint, "__metadata__", ()):
            camel = "".join(part.capitalize() for part in name.split("_"))
            found[name] = replace(key, name=name, sv=key.sv or camel)
    return found


KEYS = _keys()
"""All keys of a chip's file by name, in the order of `Chip`."""

RESOURCES = tuple(name for name, key in KEYS.items() if key.of_a_core)
"""Keys that say how much of something each core has."""

_resources = attrgetter(*RESOURCES)


def check_keys(values: Mapping[Any, Any], where: str) -> dict[str, int]:
    """Check `values` both ways against the keys: no unknown one, no missing one, every value allowed.

    Parameters
    ----------
    values : mapping
        What a chip's file holds.
    where : str
        Name of the source, for messages.

    Raises
    ------
    ChipError
        For the first problem found; unknown keys first, because a misspelt key is also a missing one.
    """
    for key in values:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(KEYS)}"
            raise ChipError(f"{where}: unknown key {short(key)}; {hint}")
    for name, key in KEYS.items():
        if name not in values:
            raise ChipError(
                f"{where}: key {name} is missing; it must be {key.allowed} ({key.unit}). {key.about}"
            )
    return {name: key.check(values[name], where) for name, key in KEYS.items()}


def list_chips() -> tuple[str, ...]:
    """Give the names of all chips of configs/, sorted."""
    return tuple(sorted(path.stem for path in resource_dir("configs").glob("*.yaml")))
