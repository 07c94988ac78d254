"""`FlitCase`: a chip and a stream of flits for it, as plain data with names, not bits.

An item of the stream is a list, so that a case can be kept in a file and read by a person:

- ``["write", core, region, offset, [words]]``, ``["read", core, region, offset, count]``; core 63 is the
  chip, and its region is "CSR",
- ``["code", core, pc, [lines]]`` with the assembler's text; ``["entry", core, table, number, {fields}]``,
- ``["event", kind, dest, conn, index, payload]``, ``["close", step, stage]``, ``["run", step]``,
  ``["sync"]``, ``["reset"]``,
- ``["raw", "0x..."]``: any flit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lava_hw import isa, regs
from lava_hw.chip import Chip
from lava_hw.device.flits import Flits, reads, token, writes
from lava_hw.regs import CORE_ADDR, EVENT_FLIT, CoreRegion, FlitType, TokenIn
from tests.tables import packed

Item = list[Any]


@dataclass(frozen=True)
class FlitCase:
    """A chip (`Chip.to_dict`), what it is sent, and the seed of the RTL's times (0: as fast as it takes)."""

    chip: dict[str, Any]
    items: tuple[Item, ...]
    jitter: int = 0

    def to_json(self) -> dict[str, Any]:
        """Give plain data for a corpus file."""
        return {"chip": self.chip, "jitter": self.jitter, "items": list(self.items)}

    @staticmethod
    def from_json(data: dict[str, Any]) -> FlitCase:
        """Read what `to_json` gave."""
        return FlitCase(data["chip"], tuple(data["items"]), data["jitter"])

    @property
    def programs(self) -> int:
        """How many programs are written."""
        return sum(item[0] == "code" for item in self.items)

    def flits(self) -> Flits:
        """Give the stream, uint64."""
        return np.concatenate([encode(item) for item in self.items])

    def of_chip(self) -> Chip:
        """Give the chip."""
        return Chip.from_dict(self.chip)


def address(region: str, offset: int) -> int:
    """Give the address of a word; region "SYNAPSE" is the memory of weights."""
    if region == "SYNAPSE":
        return CORE_ADDR.pack(synapse=1) | offset
    return CORE_ADDR.pack(region=CoreRegion[region], offset=offset)


def _write(core: int, region: str, offset: int, words: list[int]) -> Flits:
    return writes(core, address(region, offset) + np.arange(len(words)), words)


def _entry(core: int, table: str, number: int, fields: dict[str, int]) -> Flits:
    words = [regs.STAGE.pack(**fields)] if table == "STAGE" else packed(table, **fields)
    size = {
        "POPULATION": regs.POPULATION_WORDS,
        "CONNECTION": regs.CONNECTION_WORDS,
        "ROUTE": regs.ROUTE_WORDS,
    }
    return _write(core, table, size.get(table, 1) * number, words)


def _event(kind: str, dest: int, conn: int, index: int, payload: int) -> Flits:
    flit = EVENT_FLIT.pack(kind=FlitType[kind], dest=dest, conn=conn, index=index, payload=payload)
    return np.array([flit], np.uint64)


_ENCODE: dict[str, Callable[..., Flits]] = {
    "write": _write,
    "read": lambda core, region, offset, count: reads(core, address(region, offset), count),
    "code": lambda core, pc, lines: _write(core, "UCODE", pc, isa.assemble("\n".join(lines))),
    "entry": _entry,
    "event": _event,
    "close": lambda step, stage: token(TokenIn.CLOSE, step, stage),
    "run": lambda step: token(TokenIn.RUN, step),
    "sync": lambda: token(TokenIn.SYNC),
    "reset": lambda: token(TokenIn.RESET),
    "raw": lambda word: np.array([int(word, 16)], np.uint64),
}


def encode(item: Item) -> Flits:
    """Give the flits of an item."""
    return _ENCODE[item[0]](*item[1:])


def as_text(data: dict[str, Any]) -> str:
    """Give what `FlitCase.to_json` gave as JSON with a line for each item."""
    items = ",\n  ".join(json.dumps(item) for item in data["items"])
    rest = json.dumps({name: value for name, value in data.items() if name != "items"}, indent=1)
    return f'{rest[:-2]},\n "items": [\n  {items}\n ]\n}}\n'
