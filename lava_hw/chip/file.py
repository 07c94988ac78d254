"""Reading a chip's YAML file: one mapping, each key once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lava_hw.chip.key import ChipError, short


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
        raise ChipError(f"{path}: must be a mapping of keys to numbers, and is {short(data)}")
    return data


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, except that a key that is there twice is an error and not the last one's victory."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = []
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {short(key)} is there twice", key_node.start_mark
                )
            seen.append(key)
        return super().construct_mapping(node, deep)
