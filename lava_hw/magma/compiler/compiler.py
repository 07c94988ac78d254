"""Lava's path to the compilation of a network."""

from lava_hw.graph.flat import Flat, flatten

__all__ = ["Flat", "flatten"]
