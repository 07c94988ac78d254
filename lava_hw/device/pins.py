"""The pins of a module, from the header that Verilator writes for it."""

from __future__ import annotations

import re

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


def zero_text(pins: Pins, type_: str) -> str:
    """Give the C++ of ``zero_inputs``, for a class that is called `type_`."""
    zero = []
    for name, (direction, _, words) in sorted(pins.items()):
        if direction == "IN":
            zero += [f"  t.{name}[{i}] = 0;" for i in range(words)] if words else [f"  t.{name} = 0;"]
    return f"inline void zero_inputs({type_}& t) {{\n" + "\n".join(zero) + "\n}"
