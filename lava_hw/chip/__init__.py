"""The configuration of a chip: its shape and the depths of its memories."""

from lava_hw.chip.chip import Chip, list_chips
from lava_hw.chip.schema import ChipError, Key, load_schema

__all__ = ["Chip", "ChipError", "Key", "list_chips", "load_schema"]
