"""The configuration of a chip: its shape and the depths of its memories."""

from lava_hw.chip.chip import KEYS, RESOURCES, Chip, list_chips
from lava_hw.chip.key import ChipError, Key

__all__ = ["KEYS", "RESOURCES", "Chip", "ChipError", "Key", "list_chips"]
