"""Convolutions: kernels are stored once; tables say where each input position uses them.

For each input position and each target group that it reaches there is a *block*: the kernel elements of
all channels of the position for all lanes of the group. Equal blocks are stored once. Blocks are compared by
kernel elements and not by weights, so a weight that is set later is found in all of them. A *tap* names a
target group and a block; the entry of a position names its taps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from lava_hw.compiler.connections.kind import ConnectionKind, TablePlan
from lava_hw.compiler.connections.weighted import fields, piece
from lava_hw.compiler.connections.words import lines_of, packed, table_lines, table_of
from lava_hw.compiler.errors import NotOnChip
from lava_hw.compiler.placed_types import Descriptor, WeightTable
from lava_hw.compiler.types import SourceOrder
from lava_hw.image.connections.rows import RowsLayout
from lava_hw.image.manifest import Elements, VarEntry, WeightsEntry
from lava_hw.ir import ConvConnection, Ints
from lava_hw.regs import CONV_POSITION, CONV_TAP, ConnKind

__all__ = ["KIND"]

_NONE = -1
_MIXED = 1
"""`lava_hw.weights.SignMode.MIXED`: weights of any sign."""
_AT_ONCE = 1 << 22
"""Kernel elements of blocks that are made at once; a bound for memory, not for networks."""


@dataclass(frozen=True, eq=False)
class _Pattern:
    """Where a table uses its kernel.

    Attributes
    ----------
    channel_bits : int
        Source rows of an input position, as a power of two.
    groups : int
        Target groups of a tap.
    blocks : int32 array, (blocks, channels, groups * lanes)
        Kernel elements; -1 for none.
    taps : int64 array, (taps, 2)
        Block and target group.
    entries : tuple of int64 arrays, (positions, 2)
        For each edge: number of taps, and the first one, of its positions.
    """

    channel_bits: int
    groups: int
    blocks: npt.NDArray[np.int32]
    taps: Ints
    entries: tuple[Ints, ...]


class _Conv(ConnectionKind):
    ir = ConvConnection

    def cut(self, connection: Any) -> int:
        """Whole input positions, where their channels are looked up together."""
        channels: int = connection.in_channels
        return 1 if channels & (channels - 1) else channels

    def lines(self, plan: TablePlan) -> int:
        return sum(self._parts(plan))

    def in_order(self, connection: Any, sources: SourceOrder, order: Ints) -> bool:
        return True  # kernels repeat from position to position, channels side by side

    def _parts(self, plan: TablePlan) -> list[int]:
        """Lines of the kernels, of the taps, and of the table of each edge."""
        pattern = _pattern(plan)
        of_block = lines_of(pattern.groups, plan.connection.stored_bits) << pattern.channel_bits
        words = [len(pattern.taps), *(len(entry) for entry in pattern.entries)]
        return [len(pattern.blocks) * of_block, *(table_lines(n, plan.lanes) for n in words)]

    def descriptors(self, plan: TablePlan, line: int, acc: int) -> Sequence[Descriptor]:
        conn: ConvConnection = plan.connection
        pattern = _pattern(plan)
        kernels, taps, *tables = self._parts(plan)
        common = fields(plan, ConnKind.CONV, acc) | {
            "groups": pattern.groups,
            "syn_base": line,
            "stride": lines_of(pattern.groups, conn.stored_bits),
            "taps_base": line + kernels,
            "channel_bits": pattern.channel_bits,
        }
        bases = line + kernels + taps + np.cumsum([0, *tables])[:-1]
        return [
            Descriptor(common | {"table_base": int(base), "sources": len(edge.sources)})
            for edge, base in zip(plan.sources.edges, bases, strict=True)
        ]

    def contents(self, plan: TablePlan) -> npt.NDArray[np.uint8]:
        conn: ConvConnection = plan.connection
        pattern = _pattern(plan)
        weights = np.append(conn.stored, np.int32(0))[pattern.blocks]
        rows = weights.reshape(-1, pattern.groups, plan.lanes)
        kernels = packed(rows, conn.stored_bits).reshape(-1, plan.lanes)
        of_block = lines_of(pattern.groups, conn.stored_bits) << pattern.channel_bits
        block, group = pattern.taps.T
        taps = table_of(CONV_TAP.pack_array(line=block * of_block, group=group), plan.lanes)
        tables = [
            table_of(CONV_POSITION.pack_array(taps=entry[:, 0], first=entry[:, 1]), plan.lanes)
            for entry in pattern.entries
        ]
        return np.concatenate([kernels, taps, *tables])

    def variables(
        self, connection: Any, sources: SourceOrder, tables: Sequence[tuple[int, WeightTable]]
    ) -> Mapping[str, VarEntry]:
        conn: ConvConnection = connection
        pieces = []
        for core, table in tables:
            pattern = _found(conn, sources, table.order.tobytes(), table.groups, table.lanes)
            layout = RowsLayout(
                table.line,
                pattern.groups,
                Elements.of(pattern.blocks.reshape(-1).astype(np.int64)),
                conn.stored_bits,
            )
            pieces.append(piece(core, table, conn, layout))
        store = WeightsEntry(
            sign_mode=_MIXED,
            sign_given=True,
            num_weight_bits=8,
            exp=0,
            pieces=tuple(pieces),
            converts=False,
        )
        return {conn.var: VarEntry(conn.kernel_shape, "int32", store)}


KIND = _Conv()


def _pattern(plan: TablePlan) -> _Pattern:
    return _found(plan.connection, plan.sources, plan.order.tobytes(), plan.groups, plan.lanes)


@lru_cache(maxsize=128)
def _found(conn: ConvConnection, rows: SourceOrder, order: bytes, groups: int, lanes: int) -> _Pattern:
    """Find the blocks of a table; layout asks for them again and again."""
    bits = _channel_bits(conn, rows)
    tap_groups = conn.out_channels // lanes if conn.out_channels % lanes == 0 else 1
    tap_groups = tap_groups if groups % tap_groups == 0 else 1
    driven = sum(len(edge.sources) for edge in rows.edges)

    # Rows and lane positions of all synapses of this table.
    row_of = np.full(conn.size_in, _NONE, np.int64)
    here = rows.sources[:driven]
    row_of[here[here >= 0]] = np.flatnonzero(here >= 0)
    lane_of = np.full(conn.size_out, _NONE, np.int64)
    targets = np.frombuffer(order, np.int64)
    lane_of[targets[targets >= 0]] = np.flatnonzero(targets >= 0)
    row, lane = row_of[conn.source], lane_of[conn.target]
    used = (row >= 0) & (lane >= 0)
    row, lane, element = row[used], lane[used], conn.element[used]

    width = tap_groups * lanes
    block_key = (row >> bits) * (-(-groups // tap_groups)) + lane // width
    by_block = np.argsort(block_key, kind="stable")
    row, lane, element, block_key = row[by_block], lane[by_block], element[by_block], block_key[by_block]
    keys, begins = np.unique(block_key, return_index=True)
    place = ((row & ((1 << bits) - 1)) * width + lane % width).astype(np.int64)
    unique, number = _stored_once(place, element, begins, width << bits)

    blocks_of = -(-groups // tap_groups)
    taps = np.stack([number, keys % blocks_of * tap_groups], axis=1)
    count = np.bincount(keys // blocks_of, minlength=driven >> bits)
    first = np.cumsum(count) - count
    entries = np.stack([count, first], axis=1)
    starts = [start >> bits for start in rows.starts]
    ends = [start + (len(edge.sources) >> bits) for start, edge in zip(starts, rows.edges, strict=True)]
    _check(conn, unique, tap_groups, bits, count, len(taps))
    return _Pattern(
        bits,
        tap_groups,
        unique.reshape(-1, 1 << bits, width),
        taps,
        tuple(entries[start:end] for start, end in zip(starts, ends, strict=True)),
    )


def _channel_bits(conn: ConvConnection, rows: SourceOrder) -> int:
    """Channels of an input position as a power of two; 0 where rows are not whole positions in order."""
    channels = conn.in_channels
    if channels & (channels - 1):
        return 0
    for edge, start in zip(rows.edges, rows.starts, strict=True):
        mine = rows.sources[start : start + len(edge.sources)]
        if start % channels or len(mine) % channels:
            return 0
        position = mine.reshape(-1, channels)
        if np.any(position[:, 0] % channels) or np.any(position != position[:, :1] + np.arange(channels)):
            return 0
    return channels.bit_length() - 1


def _stored_once(
    place: Ints, element: npt.NDArray[np.int32], begins: Ints, size: int
) -> tuple[npt.NDArray[np.int32], Ints]:
    """Give blocks that differ, (blocks, size), and for each block its number among them."""
    numbers: dict[bytes, int] = {}
    number = np.zeros(len(begins), np.int64)
    ends = np.append(begins[1:], len(place))
    step = max(1, _AT_ONCE // size)
    for low in range(0, len(begins), step):
        high = min(low + step, len(begins))
        blocks = np.full((high - low, size), _NONE, np.int32)
        part = slice(int(begins[low]), int(ends[high - 1]))
        which = np.repeat(np.arange(high - low), ends[low:high] - begins[low:high])
        blocks[which, place[part]] = element[part]
        for k, block in enumerate(blocks):
            number[low + k] = numbers.setdefault(block.tobytes(), len(numbers))
    unique = np.frombuffer(b"".join(numbers), np.int32).reshape(len(numbers), size)
    return unique, number


def _check(
    conn: ConvConnection, blocks: npt.NDArray[np.int32], groups: int, bits: int, count: Ints, taps: int
) -> None:
    """Refuse what the words of the tables cannot name."""
    lines = len(blocks) * lines_of(groups, conn.stored_bits) << bits
    for what, need, limit in (
        ("lines of kernels", lines, CONV_TAP.fields["line"].mask + 1),
        ("targets groups of an input position", int(count.max(initial=0)), CONV_POSITION.fields["taps"].mask),
        ("taps", taps, CONV_POSITION.fields["first"].mask + 1),
    ):
        if need > limit:
            raise NotOnChip(
                f"{conn.name} needs {need} {what} on one core, and a table can name {limit}; split the layer "
                "over more cores (placement), or run it in Python",
                conn.process,
            )
