"""Sources and sinks of data."""

from lava_hw.proc.io import sink, source

__all__ = ["sink", "source"]
