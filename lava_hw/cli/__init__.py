"""The command `lava-hw`."""

from lava_hw.cli.main import main

__all__ = ["main"]
