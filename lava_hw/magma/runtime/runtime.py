"""Lava's path to the runtime; for programs, nothing of the package imports it."""

from lava_hw.runtime.runtime import Runtime

__all__ = ["Runtime"]
