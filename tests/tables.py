"""Entries of a core's tables: their fields lie in several words, and tests name the fields only."""

from __future__ import annotations

from collections.abc import Iterable

from lava_hw import regs

LAYOUTS = {
    "POPULATION": regs.POPULATION_ENTRY,
    "CONNECTION": regs.CONNECTION_ENTRY,
    "ROUTE": regs.ROUTE_ENTRY,
}


def packed(table: str, **fields: int) -> list[int]:
    """Give the words of an entry; fields that are not named are 0."""
    words = []
    for layout in LAYOUTS[table]:
        words.append(layout.pack(**{name: fields.pop(name) for name in layout.fields if name in fields}))
    assert not fields, f"a {table} has no fields {', '.join(fields)}"
    return words


def unpacked(table: str, words: Iterable[int]) -> dict[str, int]:
    """Give all fields of an entry."""
    fields: dict[str, int] = {}
    for layout, word in zip(LAYOUTS[table], words, strict=True):
        fields |= layout.unpack(word)
    return fields
