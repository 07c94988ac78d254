"""Lava's path to the compilation of a network."""

from lava_hw.graph import Flat, flatten

__all__ = ["Flat", "flatten"]
