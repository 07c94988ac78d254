"""Small chips drawn from the schema, with odd depths and many at an end of their range, for `make fuzz`."""

from __future__ import annotations

import random

from lava_hw.chip import KEYS, Chip, ChipError

_MOST = {
    "mesh_x": 3,
    "mesh_y": 2,
    "neurons": 40,
    "state_lines": 90,
    "acc_groups": 40,
    "synapse_lines": 300,
    "ucode_words": 90,
    "const_words": 70,
    "populations": 6,
    "connections": 20,
    "routes": 20,
}
"""Largest values that are drawn; a larger chip needs minutes to build and shows nothing else."""


def draw_chip(number: int) -> Chip:
    """Give chip `number`, the same on every machine."""
    rng = random.Random(number)
    while True:
        try:
            return Chip(name=f"drawn{number}", **_values(rng))
        except ChipError:
            continue


def _values(rng: random.Random) -> dict[str, int]:
    values: dict[str, int] = {}
    for name, key in KEYS.items():
        if key.few:
            values[name] = rng.choice(key.few)
        elif name == "delay_slots":
            values[name] = 1 << rng.randrange(1, 7)
        else:
            most = min(_MOST[name], key.maximum)
            values[name] = rng.choice(
                (key.minimum, min(key.minimum + 1, most), most, rng.randint(key.minimum, most))
            )
    values["word"] = 8 * values["lanes"]
    values["neurons"] = values["lanes"] * rng.randint(1, 5)
    values["state_lines"] = max(values["state_lines"], values["neurons"] // values["lanes"])
    return values
