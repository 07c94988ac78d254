"""`Chip`: the configuration of one chip, checked, with what follows from it."""

from __future__ import annotations

import difflib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from lava_hw._resources import resource_dir
from lava_hw.chip.schema import SCHEMA_FILE, ChipError, check_keys, read_yaml
from lava_hw.regs import CORE_ADDR, POPULATION2

_SV_NAMES = {
    "mesh_x": "MeshX",
    "mesh_y": "MeshY",
    "lanes": "Lanes",
    "word": "Word",
    "neurons": "Neurons",
    "state_lines": "StateLines",
    "acc_groups": "AccGroups",
    "delay_slots": "DelaySlots",
    "synapse_lines": "SynLines",
    "ucode_words": "UcodeWords",
    "const_words": "ConstWords",
    "populations": "Populations",
    "connections": "Connections",
    "routes": "Routes",
}


@dataclass(frozen=True)
class Chip:
    """The configuration of a chip. All depths are per core; configs/schema.yaml explains every key.

    Raises
    ------
    ChipError
        If a value is out of its range, or two of them contradict each other.
    """

    name: str
    mesh_x: int
    mesh_y: int
    lanes: int
    word: int
    neurons: int
    state_lines: int
    acc_groups: int
    delay_slots: int
    synapse_lines: int
    ucode_words: int
    const_words: int
    populations: int
    connections: int
    routes: int

    def __post_init__(self) -> None:
        """Check every value by the schema, then what they say together."""
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
        most = POPULATION2.fields["groups"].mask
        if self.groups > most:
            raise ChipError(
                f"{where}: neurons is {self.neurons}; {most} groups of {self.lanes} lanes at most"
            )
        if self.state_lines < self.groups:
            raise ChipError(
                f"{where}: state_lines is {self.state_lines}; it must be at least {self.groups}, "
                "one line for each group of neurons"
            )
        offsets = CORE_ADDR.fields["offset"].mask + 1
        words = CORE_ADDR.fields["synapse"].lsb
        for what, need, limit in (
            ("state_lines * lanes", self.state_lines * self.lanes, offsets),
            ("delay_slots * acc_groups * lanes", self.delay_slots * self.acc_groups * self.lanes, offsets),
            ("synapse_lines * word / 32", self.synapse_lines * self.synapse_parts, 1 << words),
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
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "name"}

    def to_dict(self) -> dict[str, Any]:
        """Give the name and all parameters, for the manifest of an image."""
        return {"name": self.name, **self.parameters()}

    def to_sv_parameters(self) -> dict[str, int]:
        """Give the parameters of the module lhw_chip, ConfigId included."""
        return {_SV_NAMES[key]: value for key, value in self.parameters().items()} | {
            "ConfigId": self.config_id
        }

    @property
    def config_id(self) -> int:
        """Fingerprint of the parameters (not of the name): CRC32 of their canonical JSON."""
        return zlib.crc32(json.dumps(self.parameters(), sort_keys=True, separators=(",", ":")).encode())

    @property
    def cores(self) -> tuple[int, ...]:
        """Core numbers, y * 8 + x, row by row."""
        return tuple(y * 8 + x for y in range(self.mesh_y) for x in range(self.mesh_x))

    @property
    def groups(self) -> int:
        """Groups of neurons of a core: neurons / lanes."""
        return self.neurons // self.lanes

    @property
    def synapse_parts(self) -> int:
        """32-bit words of a synapse line: word / 32."""
        return self.word // 32


def list_chips() -> tuple[str, ...]:
    """Give the names of all chips of configs/, sorted."""
    return tuple(sorted(p.stem for p in resource_dir("configs").glob("*.yaml") if p.name != SCHEMA_FILE))
