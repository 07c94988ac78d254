"""Write what is made from the keys of `Chip`: configs/schema.json, and the table of docs/chip.md.

Run as ``python -m lava_hw.chip.generate [ROOT]``; `make docs` does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lava_hw._pages import with_part
from lava_hw.chip.chip import KEYS
from lava_hw.chip.key import Key

_SOURCE = "lava_hw/chip/chip.py"


def schema() -> str:
    """Give the JSON Schema of a chip's file, for editors and other programs."""
    return (
        json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$comment": f"Generated from {_SOURCE} by `make docs`; do not edit.",
                "title": "The sizes of a chip of lava_hw",
                "type": "object",
                "additionalProperties": False,
                "required": list(KEYS),
                "properties": {name: _entry(key) for name, key in KEYS.items()},
            },
            indent=2,
        )
        + "\n"
    )


def _entry(key: Key) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": "integer", "description": f"{key.about} Unit: {key.unit}."}
    if key.few:
        return {**entry, "enum": list(key.few)}
    return {**entry, "minimum": key.minimum, "maximum": key.maximum}


def table() -> str:
    """Give the table of docs/chip.md: each key with its values, its unit, its parameter and its meaning."""
    rows = ["| key | values | unit | parameter | meaning |", "|---|---|---|---|---|"]
    for name, key in KEYS.items():
        values = ", ".join(map(str, key.few)) or f"{key.minimum} to {key.maximum}"
        rows.append(f"| `{name}` | {values} | {key.unit} | `{key.sv}` | {key.about} |")
    return "\n".join(rows)


def written(name: str, text: str) -> str:
    """Give the new text of one of `OUTPUTS`; `text` is the old one."""
    return schema() if name.endswith(".json") else with_part(text, f"`{_SOURCE}`", table())


OUTPUTS = ("configs/schema.json", "docs/chip.md")


def main(argv: list[str] | None = None) -> int:
    """Write all outputs below ROOT (default: the checkout that holds this file)."""
    args = sys.argv[1:] if argv is None else argv
    root = Path(args[0]) if args else Path(__file__).resolve().parents[2]
    for name in OUTPUTS:
        path = root / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(written(name, old), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
