"""For people who change the RTL: drive the chip from cocotb tests in terms of images, steps and memories."""

from lava_hw.cocotb.bench import BenchTimeout, ChipBench
from lava_hw.cocotb.streams import FlitSink, FlitSource, never, pauses

__all__ = ["BenchTimeout", "ChipBench", "FlitSink", "FlitSource", "never", "pauses"]
