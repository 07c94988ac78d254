"""Delays of connections, and patterns of their Vars, as the manifest has them."""

from __future__ import annotations

from collections.abc import Sequence

from lava_hw.image.manifest import DelaysEntry, DelaysPiece, PatternEntry, VarEntry
from lava_hw.ir.connections import Pattern, WeightedConnection

__all__ = ["delay_entry", "pattern_entry"]


def delay_entry(conn: WeightedConnection, pieces: Sequence[DelaysPiece]) -> dict[str, VarEntry]:
    """Give what the manifest says of the Var of the delays, by its name; nothing without delays."""
    delays = conn.delays
    if delays is None:
        return {}
    store = DelaysEntry(delays.most, tuple(delays.values.reshape(-1).tolist()), tuple(pieces))
    return {"delays": VarEntry(delays.shape, "int32", store, pattern=pattern_entry(delays.pattern))}


def pattern_entry(pattern: Pattern | None) -> PatternEntry | None:
    """Give the entry of a pattern."""
    if pattern is None:
        return None
    return PatternEntry(tuple(pattern.first.tolist()), tuple(pattern.columns.tolist()))
