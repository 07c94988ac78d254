"""Keys of a chip's YAML file, as configs/schema.yaml lists them, and the check of one file against them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from lava_hw._resources import resource_dir

SCHEMA_FILE = "schema.yaml"


class ChipError(ValueError):
    """A chip's description is not acceptable; the message names file, key, value and what is allowed."""


@dataclass(frozen=True)
class Key:
    """One key of a chip's file: an integer with a range, a unit and a sentence that says what it is."""

    name: str
    minimum: int
    maximum: int
    unit: str
    about: str
    one_of: tuple[int, ...] = ()
    power_of_two: bool = False

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if self.one_of:
            return "one of " + ", ".join(map(str, self.one_of))
        kind = "a power of two" if self.power_of_two else "an integer"
        return f"{kind} from {self.minimum} to {self.maximum}"

    def check(self, value: Any, where: str) -> int:
        """Give `value` as int if it is allowed.

        Raises
        ------
        ChipError
            If it is not an integer (true and false are none), or out of range.
        """
        if isinstance(value, bool) or not isinstance(value, int):
            raise ChipError(
                f"{where}: {self.name} is {_short(value)}; it must be {self.allowed} ({self.unit})"
            )
        bad = not self.minimum <= value <= self.maximum
        bad = bad or bool(self.one_of and value not in self.one_of)
        bad = bad or bool(self.power_of_two and value & (value - 1))
        if bad:
            raise ChipError(
                f"{where}: {self.name} is {_short(value)}; it must be {self.allowed} ({self.unit})"
            )
        return value


@lru_cache(maxsize=1)
def load_schema() -> dict[str, Key]:
    """Give all keys in the order of configs/schema.yaml.

    Raises
    ------
    ChipError
        If the schema itself is damaged: an entry with other attributes than those of `Key`.
    """
    path = resource_dir("configs") / SCHEMA_FILE
    keys = {}
    for name, entry in read_yaml(path).items():
        where = f"{path.name}: {name}"
        if not isinstance(entry, dict) or entry.get("type") != "int":
            raise ChipError(f"{where}: an entry is a mapping with type: int")
        wanted, extra = {"type", "min", "max", "unit", "about"}, {"one_of", "power_of_two"}
        if not wanted <= set(entry) <= wanted | extra:
            raise ChipError(f"{where}: needs {sorted(wanted)}, may have {sorted(extra)}, has {sorted(entry)}")
        keys[name] = Key(
            name,
            entry["min"],
            entry["max"],
            entry["unit"],
            entry["about"],
            tuple(entry.get("one_of", ())),
            entry.get("power_of_two", False),
        )
    return keys


def check_keys(values: Mapping[Any, Any], where: str) -> dict[str, int]:
    """Check `values` both ways against the schema: no unknown key, no missing one, every value allowed.

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
    schema = load_schema()
    for key in values:
        if key not in schema:
            near = difflib.get_close_matches(str(key), schema, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(schema)}"
            raise ChipError(f"{where}: unknown key {_short(key)}; {hint}")
    for name, key in schema.items():
        if name not in values:
            raise ChipError(
                f"{where}: key {name} is missing; it must be {key.allowed} ({key.unit}). {key.about}"
            )
    return {name: key.check(values[name], where) for name, key in schema.items()}


def read_yaml(path: Path) -> dict[Any, Any]:
    """Read a YAML file that is one mapping, and refuse keys that are there twice.

    Raises
    ------
    ChipError
        If the file cannot be read, is not YAML, is not a mapping, or repeats a key.
    """
    try:
        data = yaml.load(path.read_bytes(), Loader=_StrictLoader)
    except OSError as err:
        raise ChipError(f"{path}: cannot be read: {err.strerror or err}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        raise ChipError(f"{path}: not valid YAML: {' '.join(str(err).split())[:300]}") from None
    if not isinstance(data, dict):
        raise ChipError(f"{path}: must be a mapping of keys to numbers, and is {_short(data)}")
    return data


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, except that a key that is there twice is an error and not the last one's victory."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {_short(key)} is there twice", key_node.start_mark
                )
            seen.append(key)
        return super().construct_mapping(node, deep)


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python converts
        text = "a huge number"
    return text if len(text) <= 60 else text[:57] + "..."
