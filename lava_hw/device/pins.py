"""The pins of a module, from the header that Verilator writes for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lava_hw.device.errors import BuildError

_PIN = re.compile(r"VL_(IN|OUT)(?:8|16|64|W)?\(\(?&\(?(\w+)\)?,(\d+),(\d+)(?:,(\d+))?\)")

Pins = dict[str, tuple[str, int, int]]
"""Direction (IN or OUT), width in bits and number of 32-bit words beyond 64 bits, by name."""


def read_pins(header: str) -> Pins:
    """Give the pins.

    Parameters
    ----------
    header : str
        Text of the header.
    """
    pins = {}
    for direction, name, msb, lsb, words in _PIN.findall(header):
        pins[name] = (direction, int(msb) - int(lsb) + 1, int(words or 0))
    return pins


def check_pins(module: str, pins: Pins, wanted: Mapping[str, tuple[str, int]]) -> None:
    """Look whether a module has the pins that the harness needs.

    Parameters
    ----------
    module : str
        What it is and what it is called.
    pins : Pins
        Its pins.
    wanted : mapping
        Direction and width of each pin, by name.

    Raises
    ------
    BuildError
        If it lacks a pin, or one has another width or direction.
    """
    for name, (direction, width) in wanted.items():
        if name not in pins:
            raise BuildError(f"{module} has no pin {name}; it has {', '.join(sorted(pins))}")
        if pins[name][:2] != (direction, width):
            raise BuildError(
                f"{module}: pin {name} is {pins[name][0]} of {pins[name][1]} bits; the harness needs "
                f"{direction} of {width}"
            )


def zero_text(pins: Pins, type_: str) -> str:
    """Give the C++ of ``zero_inputs``, for a class that is called `type_`."""
    zero = []
    for name, (direction, _, words) in sorted(pins.items()):
        if direction == "IN":
            zero += [f"  t.{name}[{i}] = 0;" for i in range(words)] if words else [f"  t.{name} = 0;"]
    return f"inline void zero_inputs({type_}& t) {{\n" + "\n".join(zero) + "\n}"
