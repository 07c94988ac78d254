"""Lava's path to the runtime."""

from lava_hw.runtime.runtime import Runtime

__all__ = ["Runtime"]
